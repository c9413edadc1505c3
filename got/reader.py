"""Published GOT's one path: page -> square views -> pixels -> prompt -> ids -> text.

Source: docs/models/got.md, "Image preprocessing", "Tiling", "Generation".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.drafts import Drafter, FirstOf, LookupDraft, TextDraft
from ocr2.decoder.generate import Generated, GenerationConfig, Request, Scheduler
from ocr2.decoder.teacher_forcing import forced_log_probs
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.errors import ModelError, OCR2Error
from ocr2.got.checkpoint import Published
from ocr2.got.config import MAX_TOKENS, MEAN, STD
from ocr2.got.network import GOTModel
from ocr2.got.prompts import PromptStyle, Query, chat_prompt, question_prompt
from ocr2.models.protocols import PageReading, PageRequest, ScoredAnswer
from ocr2.multimodal.families.qwen_chat import END_TOKENS
from ocr2.multimodal.published_reader import CheckpointReader, ReaderOptions
from ocr2.options import PageInstructions
from ocr2.places import box_in_pixels, box_in_thousandths
from ocr2.tiling.grids import choose_grid, tile_boxes
from ocr2.tiling.ink import Gray, find_ink
from ocr2.tiling.upright import has_lines

RGB = NDArray[np.uint8]  # (height, width, 3)

PAGES = Query(formatted=True, pages=True)  # of several pages as one text
MAX_TILES = 6  # of the released demonstration
VIEWS = 8  # views encoded at once, off the CPU
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


class ViewReader(CheckpointReader[GOTModel, Tokenizer]):
    """The published model with weights, reading views.

    Args:
        published: The checkpoint in memory.
        style: How queries are worded.
        options: As of `ReaderOptions`.
    """

    default_name = "got"

    def __init__(
        self, published: Published, *, style: PromptStyle = "original", **options: Unpack[ReaderOptions]
    ) -> None:
        super().__init__(published, **options)
        self.style = style
        self.side = published.model.config.image_height
        self.view_tokens = published.model.config.skeleton.encoders[0].num_tokens((self.side, self.side))
        self.device_type = self.device.type

    def read_pictures(
        self, tasks: Iterable[PageRequest], *, batch_size: int | None = None
    ) -> Iterator[tuple[PageRequest, PageReading]]:
        """Read pages, several at a time, and yield each when it is done.

        Args:
            tasks: Taken when there is room for one more.
            batch_size: Pages at a time; by default `slots` of the device.
        """
        jobs: dict[int, _Job] = {}
        failed: list[tuple[PageRequest, PageReading]] = []

        def requests() -> Iterator[Request]:
            for i, task in enumerate(tasks):
                try:
                    views, query = self.plan(task.picture, task.instructions)
                    jobs[i] = self._job(views, query, task)
                    request = self._request(jobs[i], i)
                except (OCR2Error, ValueError) as error:
                    failed.append((task, _failure(error)))
                    continue
                yield request

        scheduler = Scheduler(self.runtime, slots=batch_size or self.slots.get(self.device_type, 1))
        for request, generated in scheduler.run(requests()):
            job = jobs.pop(request.number)
            yield from failed
            failed.clear()
            yield job.task, self._reading(job, generated)
        yield from failed

    def read_pages(
        self,
        pictures: Sequence[RGB],
        instructions: PageInstructions,
        *,
        draft: str | None = None,
        lookup: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> PageReading:
        """Read pages (height, width, 3), one view each, as one text in the model's markup.

        Raises:
            ModelError: If prompt and answer do not fit the context.
        """
        views = [_resize(picture, self.side, self.side) for picture in pictures]
        return self.read_views(views, PAGES, instructions, draft=draft, lookup=lookup, on_progress=on_progress)

    @torch.inference_mode()
    def score_answer(
        self,
        pictures: Sequence[RGB],
        answer: str,
        selections: Sequence[Sequence[int]],
        *,
        question: str | None = None,
    ) -> ScoredAnswer:
        """Say how probable an answer is given each of several selections of pages, by one pass of the decoder each.

        Pages are shown and prompts are worded as `read_pages` does; each page is encoded once.

        Args:
            pictures: Pages (height, width, 3).
            answer: The text; its end is not scored.
            selections: Numbers, from 0, of the pages that are shown; none for a prompt without pictures.
            question: Asked in the words of reading if None.

        Raises:
            ModelError: If a prompt and the answer do not fit the context.
        """
        ids = self.tokenizer.encode(answer)
        prompts = [self._pages_prompt(len(shown), question) for shown in selections]
        longest = max(map(len, prompts))
        if longest + len(ids) > MAX_TOKENS:
            raise ModelError(
                f"{len(pictures)} pages make a prompt of {longest} tokens, the answer has {len(ids)}; "
                f"prompt and answer have {MAX_TOKENS}"
            )
        features = self._encode([_resize(picture, self.side, self.side) for picture in pictures])
        features = features.view(len(pictures), -1, features.shape[-1])
        rows = (
            forced_log_probs(self.runtime, self.embed(prompt, features[list(shown)]), ids)
            for prompt, shown in zip(prompts, selections, strict=True)
        )
        return ScoredAnswer(tuple(self.tokenizer.decode([i]) for i in ids), tuple(map(tuple, rows)))

    def _pages_prompt(self, count: int, question: str | None) -> list[int]:
        num_tokens = self.view_tokens * count
        if question is None:
            return chat_prompt(PAGES, self.tokenizer, num_tokens=num_tokens, style=self.style)
        return question_prompt(question, self.tokenizer, num_tokens=num_tokens)

    def read_views(
        self,
        views: Sequence[RGB],
        query: Query | None = None,
        instructions: PageInstructions | None = None,
        *,
        draft: str | None = None,
        lookup: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> PageReading:
        """Read views of one page, or pages of one text.

        Args:
            views: (side, side, 3) each; `cut_views` makes them.
            query: What is asked; plain text by default.
            instructions: Bound of the answer and n-gram size count, nothing else.
            draft: A text that the answer is expected to be like.
            lookup: Let the answer's own repeats serve as a draft.
            on_progress: Called with the number of tokens so far.

        Raises:
            ModelError: If the prompt, or it and `max_new_tokens`, do not fit the context.
        """
        task = PageRequest(
            number=1,
            picture=views[0],
            instructions=instructions or PageInstructions(),
            draft=draft,
            lookup=lookup,
            on_progress=on_progress,
        )
        job = self._job(views, query or Query(), task)
        ((_, generated),) = Scheduler(self.runtime, slots=1).run([self._request(job, 0)])
        if generated.error is not None:
            raise generated.error
        return self._reading(job, generated)

    def plan(self, picture: RGB, instructions: PageInstructions) -> tuple[list[RGB], Query]:
        """Decide how a page (height, width, 3) is shown and what is asked.

        It becomes one view, or tiles if that is asked for and the page is not square.

        Raises:
            ValueError: If the box does not lie inside the page.
        """
        named, color, unit = None, instructions.where.color, instructions.where.unit
        size = picture.shape[1], picture.shape[0]
        if instructions.box is not None and instructions.whole_page.crop:
            picture = crop(picture, box_in_pixels(instructions.box, size, unit))
        elif instructions.box is not None:
            named = box_in_thousandths(instructions.box, size, unit, rounding="down")
        max_tiles = instructions.whole_page.tiles
        if max_tiles == "auto":  # a place was only ever named in one view
            max_tiles = tiles_for(picture, side=self.side) if named is None and color is None else 1
        views = cut_views(picture, side=self.side, max_tiles=max_tiles)
        return views, Query(formatted=instructions.formatted, box=named, color=color, tiled=len(views) > 1)

    def _job(self, views: Sequence[RGB], query: Query, task: PageRequest) -> "_Job":
        prompt = chat_prompt(query, self.tokenizer, num_tokens=self.view_tokens * len(views), style=self.style)
        room, asked = MAX_TOKENS - len(prompt), task.instructions.max_new_tokens
        if room < (asked or 1):
            answer = f", {asked} are asked for" if room > 0 else ""
            raise ModelError(
                f"{len(views)} views make a prompt of {len(prompt)} tokens{answer}; prompt and answer have {MAX_TOKENS}"
            )
        ngram_size = task.instructions.whole_page.ngram_size
        if ngram_size is None:
            ngram_size = NGRAM_SIZE if len(views) == 1 else 0
        config = GenerationConfig(
            end_ids=tuple(self.tokenizer.special(name) for name in END_TOKENS),
            max_new_tokens=min(asked or self.model.config.max_new_tokens, room),
            ngram_size=ngram_size,
        )
        draft = self.tokenizer.encode(task.draft) if task.draft else None
        return _Job(task, views, prompt, config, draft)

    @torch.inference_mode()
    def _request(self, job: "_Job", number: int) -> Request:
        """Encode a job's views and put them into its prompt."""
        written = count(1)
        on_progress = job.task.on_progress
        features = self._encode(job.views, on_progress)

        def on_token(token: int) -> None:
            if on_progress is not None:
                on_progress(next(written))

        drafters: list[Drafter] = [TextDraft(job.draft)] if job.draft else []
        if job.task.lookup:
            drafters.append(LookupDraft())
        return Request(
            inputs_embeds=self.embed(job.prompt, features),
            config=job.config,
            prompt_ids=job.prompt,
            drafter=FirstOf(drafters) if drafters else None,
            number=number,
            on_token=on_token,
        )

    def _encode(self, views: Sequence[RGB], on_progress: Callable[[int], None] | None = None) -> Tensor:
        """Encode views into features (views * tokens, hidden_size).

        On a CPU it takes one at a time, as several at once cost memory and gain nothing there.
        """
        step = 1 if self.device_type == "cpu" else VIEWS
        encoded = []
        for i in range(0, len(views), step):
            pixels = pixels_from_views(views[i : i + step]).to(self.device, self.dtype)
            encoded.append(self.model.encode(pixels).image_features.flatten(0, 1))
            if on_progress is not None:
                on_progress(0)  # a time limit may end it here
        return torch.cat(encoded)

    def _reading(self, job: "_Job", row: Generated) -> PageReading:
        if row.error is not None:
            return _failure(row.error)
        agreement = Levenshtein.normalized_similarity(row.ids, job.draft) if job.draft is not None else None
        return PageReading(
            text=clean_reply(self.tokenizer.decode(row.ids), end=END_TOKENS[0]),
            probabilities=tuple(float(np.exp(p)) for p in row.log_probs),
            stopped=row.stop,
            views=len(job.views),
            agreement=agreement,
        )


@dataclass(frozen=True, slots=True)
class _Job:
    """A task with what follows from it."""

    task: PageRequest
    views: Sequence[RGB]
    prompt: list[int]
    config: GenerationConfig
    draft: list[int] | None


def _failure(error: OCR2Error | ValueError) -> PageReading:
    return PageReading("", (), "error", error=error if isinstance(error, OCR2Error) else OCR2Error(str(error)))
