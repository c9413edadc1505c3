"""Published GOT's one path: page -> square views -> pixels -> prompt -> ids -> text.

Source: docs/models/got.md, "Image preprocessing", "Tiling", "Generation".
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.errors import ModelError
from ocr2.got.prompts import END_TOKENS, PromptStyle, Query, box_in_pixels, box_in_thousandths, chat_prompt
from ocr2.got.published import Published
from ocr2.reader import Ask, PictureReading
from ocr2.tiling.grids import choose_grid, tile_boxes
from ocr2.tiling.ink import Gray, find_ink
from ocr2.tiling.upright import has_lines

RGB = NDArray[np.uint8]  # (height, width, 3)

# CLIP's channel means and deviations, of values in 0..1.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
MAX_TOKENS = 8192  # prompt and answer together, as trained
MAX_TILES = 6  # of the released demonstration
NGRAM_SIZE = 20  # banned n-grams of the released single view
# Pixels: print whose small letters would be lower than this in one view is lost there (benchmarks/RESULTS.md, "Small
# print in one view").
MIN_X_HEIGHT = 3.5


def cut_views(page: RGB, *, side: int, max_tiles: int = MAX_TILES) -> list[RGB]:
    """Cut a page into square views: tiles of the nearest grid row by row, then the whole page small.

    Args:
        page: (height, width, 3).
        side: Pixels of a view.
        max_tiles: 1 keeps the page in one view.

    Returns:
        Views (side, side, 3).
    """
    height, width = page.shape[:2]
    grid = choose_grid(width, height, max_tiles=max_tiles, side=side)
    whole = _resize(page, side, side)
    if grid.num_views == 1:
        return [whole]
    large = _resize(page, grid.columns * side, grid.rows * side)
    return [large[b.top : b.bottom, b.left : b.right] for b in tile_boxes(grid, side=side)] + [whole]


def tiles_for(page: RGB, *, side: int) -> int:
    """Return how many tiles a page needs: MAX_TILES where its print would be lost in one view, else 1."""
    gray: Gray = np.asarray(Image.fromarray(page).convert("L"), np.uint8)
    shrunk = side / max(gray.shape)
    if shrunk >= 1:
        return 1
    ink = find_ink(gray)
    small = ink.x_height * shrunk < MIN_X_HEIGHT and has_lines(ink.mask, ink.x_height)
    return MAX_TILES if small else 1


def _box_in_pixels(page: RGB, ask: Ask) -> tuple[float, float, float, float]:
    assert ask.box is not None
    height, width = page.shape[:2]
    if ask.box_unit == "thousandths":
        return box_in_pixels(ask.box, width=width, height=height)
    box_in_thousandths(ask.box, width=width, height=height)  # refuses what lies outside
    return ask.box


def _box_in_thousandths(page: RGB, ask: Ask) -> tuple[int, int, int, int]:
    assert ask.box is not None
    height, width = page.shape[:2]
    if ask.box_unit == "thousandths":
        box_in_pixels(ask.box, width=width, height=height)  # refuses what lies outside
        left, top, right, bottom = map(int, ask.box)
        return left, top, right, bottom
    return box_in_thousandths(ask.box, width=width, height=height)


def crop(page: RGB, box: tuple[float, float, float, float]) -> RGB:
    """Return what a page (height, width, 3) shows inside a box of pixels, at least one pixel."""
    left, top = int(box[0]), int(box[1])
    return page[top : max(top + 1, int(np.ceil(box[3]))), left : max(left + 1, int(np.ceil(box[2])))]


def _resize(page: RGB, width: int, height: int) -> RGB:
    if page.shape[:2] == (height, width):
        return page
    return np.asarray(Image.fromarray(page).resize((width, height), Image.Resampling.BICUBIC), np.uint8)


def pixels_from_views(views: Sequence[RGB]) -> Tensor:
    """Turn views (side, side, 3) into pixel values (views, 3, side, side)."""
    values = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 255
    return (values - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


class ViewReader:
    """The published model with weights, reading views.

    Args:
        published: The checkpoint in memory.
        name: Name of the model.
        style: How queries are worded.
    """

    def __init__(self, published: Published, *, name: str = "got", style: PromptStyle = "original") -> None:
        self.model = published.model
        self.runtime = published.model.skeleton.runtime(dtype=next(published.model.parameters()).dtype)
        self.tokenizer = published.tokenizer
        self.name = name
        self.weights_sha256 = published.sha256
        self.style = style
        self.side = published.model.config.image_height

    def read_picture(self, picture: RGB, ask: Ask, *, on_text: Callable[[str], None] | None = None) -> PictureReading:
        """Read a page (height, width, 3) as one view, or as tiles if that is asked for and the page is not square.

        Raises:
            ValueError: If the box does not lie inside the page.
            ModelError: If prompt and answer do not fit the context.
        """
        place = None
        if ask.box is not None and ask.focus == "crop":
            picture = crop(picture, _box_in_pixels(picture, ask))
        elif ask.box is not None:
            place = _box_in_thousandths(picture, ask)
        max_tiles = ask.tiles
        if max_tiles == "auto":  # a place was only ever named in one view
            max_tiles = tiles_for(picture, side=self.side) if place is None and ask.color is None else 1
        views = cut_views(picture, side=self.side, max_tiles=max_tiles)
        query = Query(formatted=ask.markup, box=place, color=ask.color, tiled=len(views) > 1)
        return self.read_views(
            views, query, max_new_tokens=ask.max_new_tokens, ngram_size=ask.ngram_size, on_text=on_text
        )

    def read_pages(
        self, pictures: Sequence[RGB], ask: Ask, *, on_text: Callable[[str], None] | None = None
    ) -> PictureReading:
        """Read pages (height, width, 3), one view each, as one text in the model's markup.

        Raises:
            ModelError: If prompt and answer do not fit the context.
        """
        return self.read_views(
            [_resize(picture, self.side, self.side) for picture in pictures],
            Query(formatted=True, pages=True),
            max_new_tokens=ask.max_new_tokens,
            ngram_size=ask.ngram_size,
            on_text=on_text,
        )

    @torch.inference_mode()
    def read_views(
        self,
        views: Sequence[RGB],
        query: Query | None = None,
        *,
        max_new_tokens: int | None = None,
        ngram_size: int | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> PictureReading:
        """Read views of one page, or pages of one text.

        Args:
            views: (side, side, 3) each; `cut_views` makes them.
            query: What is asked; plain text by default.
            max_new_tokens: Longest answer, tokens.
            ngram_size: n-grams of this size may not come twice; 0 allows all. By default 20 for a single
                view, as released, else 0.
            on_text: Called with the text so far, as it grows.

        Raises:
            ModelError: If the prompt, or it and `max_new_tokens`, do not fit the context.
        """
        query = query or Query()
        parameter = next(self.model.parameters())
        tokens = self.model.config.skeleton.encoders[0].num_tokens((self.side, self.side)) * len(views)
        prompt = chat_prompt(query, self.tokenizer, num_tokens=tokens, style=self.style)
        room = MAX_TOKENS - len(prompt)
        if room < (max_new_tokens or 1):
            answer = f", {max_new_tokens} are asked for" if room > 0 else ""
            raise ModelError(
                f"{len(views)} views make a prompt of {len(prompt)} tokens{answer}; prompt and answer have {MAX_TOKENS}"
            )
        encoded = []
        for view in views:
            encoded.append(self._encode(view, parameter))
            if on_text is not None:
                on_text("")  # a time limit may end it here
        features = torch.cat(encoded, dim=1)
        ids = torch.tensor([prompt], device=parameter.device)
        written: list[int] = []

        def on_token(row: int, token: int) -> None:
            written.append(token)
            if on_text is not None:
                on_text(self.tokenizer.decode(written))

        (row,) = generate(
            self.runtime,
            self.model.skeleton.embed(ids, features),
            GenerationConfig(
                end_ids=tuple(self.tokenizer.special(name) for name in END_TOKENS),
                max_new_tokens=min(max_new_tokens or self.model.config.max_new_tokens, room),
                ngram_size=(NGRAM_SIZE if len(views) == 1 else 0) if ngram_size is None else ngram_size,
            ),
            prompt_ids=[prompt],
            on_token=on_token,
        )
        text = clean_reply(self.tokenizer.decode(row.ids), end=END_TOKENS[0])
        return PictureReading(text, tuple(float(np.exp(p)) for p in row.log_probs), row.stop, len(views))

    def _encode(self, view: RGB, parameter: Tensor) -> Tensor:
        """Encode one view at a time: the attention of several at once costs memory and gains nothing on a CPU."""
        pixels = pixels_from_views([view]).to(parameter.device, parameter.dtype)
        return self.model.encode(pixels).image_features
