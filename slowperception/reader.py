"""Slow Perception's one path: figure -> bordered square -> pixels -> prompt -> ids -> text.

Source: docs/models/slowperception.md, "Image preprocessing", "Generation".
"""

from collections.abc import Iterator, Sequence
from typing import Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import Generated, GenerationConfig, Request
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.models.protocols import FigureReading
from ocr2.multimodal.families.qwen_chat import END_TOKENS
from ocr2.multimodal.published_reader import CheckpointReader, ReaderOptions
from ocr2.slowperception.checkpoint import Published
from ocr2.slowperception.grammar import read_figure
from ocr2.slowperception.network import SlowModel
from ocr2.slowperception.prompts import END, figure_prompt
from ocr2.slowperception.square_view import Frame, fill_frame, frame_picture
from ocr2.slowperception.to_pixels import to_reading

RGB = NDArray[np.uint8]  # (height, width, 3)
MAX_TOKENS = 8192  # prompt and answer together
# ImageNet's channel means and deviations, of values in 0..1: not CLIP's, which GOT takes.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class PublishedTracer(CheckpointReader[SlowModel, Tokenizer]):
    """The published model with weights, tracing figures. Its ruler is that of its training: none can be asked for.

    Args:
        published: The checkpoint in memory.
        bare_squares: Show square pictures without a border, as the authors' script does with folders.
        options: As of `ReaderOptions`.
    """

    default_name = "slowperception"

    def __init__(self, published: Published, *, bare_squares: bool = False, **options: Unpack[ReaderOptions]) -> None:
        super().__init__(published, **options)
        self.bare_squares = bare_squares
        self.rulers: tuple[float, ...] = ()
        self.prompt = figure_prompt(self.tokenizer, num_tokens=self.model.config.num_image_tokens)

    def trace_figures(
        self, pictures: Sequence[RGB], *, ruler: float | None = None, max_new_tokens: int | None = None
    ) -> list[FigureReading]:
        """Trace figures (height, width, 3), several at a time, in order.

        No n-gram is banned, as in the authors' script: coordinates repeat.

        Args:
            pictures: The figures.
            ruler: None.
            max_new_tokens: Of an answer; never more than the context leaves.

        Raises:
            ValueError: If a ruler is asked for.
        """
        if ruler is not None:
            raise ValueError(f"a ruler can be asked of slowperception-nano alone: {self.name} has that of its weights")
        frames = [frame_picture(p.shape[1], p.shape[0], bare_squares=self.bare_squares) for p in pictures]
        asked = self.model.config.max_new_tokens if max_new_tokens is None else max_new_tokens
        config = GenerationConfig(
            end_ids=tuple(self.tokenizer.special(name) for name in END_TOKENS),
            max_new_tokens=min(asked, MAX_TOKENS - len(self.prompt)),
        )
        requests = self._requests(pictures, frames, config)
        return self.write(requests, lambda i, generated: self._reading(generated, frames[i]), count=len(pictures))

    def _requests(
        self, pictures: Sequence[RGB], frames: Sequence[Frame], config: GenerationConfig
    ) -> Iterator[Request]:
        """Encode figures one by one, each when there is room for it."""
        for i, (picture, frame) in enumerate(zip(pictures, frames, strict=True)):
            yield Request(inputs_embeds=self._embed(picture, frame), config=config, number=i)

    @torch.inference_mode()
    def _embed(self, picture: RGB, frame: Frame) -> Tensor:
        """Return the prompt (t, hidden_size) of a figure."""
        pixels = pixels_from_view(fill_frame(picture, frame, self.model.config.side))
        return self.embed(self.prompt, self.model.encode(pixels[None].to(self.device, self.dtype)))

    def _reading(self, generated: Generated, frame: Frame) -> FigureReading:
        text = clean_reply(self.tokenizer.decode(generated.ids), end=END)
        return to_reading(read_figure(text), frame, stopped=generated.stop, raw=text)


def pixels_from_view(view: RGB) -> Tensor:
    """Turn a view (side, side, 3) into pixel values (3, side, side)."""
    values = torch.from_numpy(view).permute(2, 0, 1).float() / 255
    return (values - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
