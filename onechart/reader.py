"""OneChart's one path: chart -> square -> pixels -> prompt -> ids and numbers -> answer.

Source: docs/models/onechart.md, "Image preprocessing", "Generation".
"""

from collections.abc import Iterator, Sequence
from typing import Literal, Unpack

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ocr2.decoder.bpe import clean_reply
from ocr2.decoder.generate import Generated, GenerationConfig, Request
from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.models.protocols import ChartReading, TextBox
from ocr2.multimodal.families.sam_opt import END
from ocr2.multimodal.published_reader import CheckpointReader, ReaderOptions
from ocr2.onechart.checkpoint import Published
from ocr2.onechart.network import OneChartModel
from ocr2.onechart.prompts import Frame, Spelling, chart_prompt

RGB = NDArray[np.uint8]  # (height, width, 3)
Resample = Literal["bicubic", "bilinear"]


class PublishedReader(CheckpointReader[OneChartModel, GPT2Tokenizer]):
    """The published model with weights, reading charts.

    Args:
        published: The checkpoint in memory.
        spelling: How the query's first word is written.
        frame: How the prompt begins.
        resample: How charts are resized: as the hub's code does, or as the demonstration and the training did.
        options: As of `ReaderOptions`.
    """

    default_name = "onechart"
    needs_text = False

    def __init__(
        self,
        published: Published,
        *,
        spelling: Spelling = "convert",
        frame: Frame = "original",
        resample: Resample = "bicubic",
        **options: Unpack[ReaderOptions],
    ) -> None:
        super().__init__(published, **options)
        self.resample = resample
        config = self.model.config
        self.prompt = chart_prompt(self.tokenizer, num_tokens=config.num_image_tokens, spelling=spelling, frame=frame)

    def find_text(self, picture: RGB) -> list[TextBox]:
        """Return nothing: the model reads the writing itself."""
        return []

    def read_charts(
        self, pictures: Sequence[RGB], texts: Sequence[Sequence[TextBox]] = (), *, max_new_tokens: int | None = None
    ) -> list[ChartReading]:
        """Read charts (height, width, 3), several at a time, in order.

        Args:
            pictures: The charts.
            texts: Of no use to this model.
            max_new_tokens: Of an answer; never more than the context leaves.
        """
        requests = self._requests(pictures, self._generation(max_new_tokens))
        return self.write(requests, lambda _, generated: self._reading(generated), count=len(pictures))

    def _generation(self, max_new_tokens: int | None) -> GenerationConfig:
        config = self.model.config
        room = config.skeleton.decoder.max_position_embeddings - len(self.prompt)
        asked = config.max_new_tokens if max_new_tokens is None else max_new_tokens
        return GenerationConfig(end_ids=(self.tokenizer.special(END),), max_new_tokens=min(asked, room))

    def _requests(self, pictures: Sequence[RGB], config: GenerationConfig) -> Iterator[Request]:
        """Encode charts one by one, each when there is room for it."""
        for i, picture in enumerate(pictures):
            yield Request(
                inputs_embeds=self._embed(picture),
                config=config,
                watch_id=self.model.config.number_token_id,
                number=i,
            )

    @torch.inference_mode()
    def _embed(self, picture: RGB) -> Tensor:
        """Return the prompt (t, hidden_size) of a chart."""
        pixels = pixels_from_chart(picture, side=self.model.config.image_side, resample=self.resample)
        return self.embed(self.prompt, self.model.encode(pixels[None].to(self.device, self.dtype)))

    @torch.inference_mode()
    def _reading(self, generated: Generated) -> ChartReading:
        state, numbers = generated.watched, None
        if state is not None:
            numbers = tuple(self.model.read_numbers(state.to(self.dtype)).float().tolist())
        return ChartReading(
            answer=clean_reply(self.tokenizer.decode(generated.ids), end=END),
            numbers=numbers,
            stopped=generated.stop,
            probabilities=tuple(float(np.exp(p)) for p in generated.log_probs),
        )


def pixels_from_chart(picture: RGB, *, side: int, resample: Resample = "bicubic") -> Tensor:
    """Turn a chart (height, width, 3) into pixel values (3, side, side), 0 to 1; its aspect ratio is given up.

    Args:
        picture: The chart.
        side: Pixels of the square.
        resample: Pillow's bicubic filter, which averages what it shrinks, or OpenCV's bilinear one, which does not.
    """
    if resample == "bicubic":
        square = np.array(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC), np.uint8)
    else:
        square = np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    return torch.from_numpy(square).permute(2, 0, 1).float() / 255
