"""onechart-nano's one path: chart and its text -> small picture, elements in it -> sketch and numbers -> answer.

The text is detected here and read by another model (`ocr2.reading.charts.read` brings them together).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.generate import GenerationConfig
from ocr2.models.protocols import ChartReading, TextBox
from ocr2.multimodal.pointing import PointerPrompt, PointingReader, answer_prompts, prompt_parts
from ocr2.onechart.nano.answer import AnswerBuilder
from ocr2.onechart.nano.chart_kinds import KindClassifier
from ocr2.onechart.nano.data_points import Place, read_points
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.output_language import ELEMENT_IDS, IDS, read_sketch
from ocr2.onechart.nano.reliability import Trust
from ocr2.onechart.nano.text_detector import TextFinder, find_lines, finder_input
from ocr2.onechart.nano.text_lines import batch_lines, order_lines

RGB = NDArray[np.uint8]  # (height, width, 3)
SLOTS = 8  # charts at a time


class NanoChartReader(PointingReader[ChartNano]):
    """onechart-nano with weights.

    Args:
        nano: The network, in evaluation mode on its device.
        finder: The text detector, likewise.
        name: Name of the model.
        weights_sha256: Hash of the weights.
        dtype: Compute type.
        trust: Estimates how likely the values are right; without one a chart's trust is the auxiliary token's.
        kinds: Knows charts of kinds that are not read; None to take every picture for one that is.
    """

    needs_text = True

    def __init__(
        self,
        nano: ChartNano,
        finder: TextFinder,
        *,
        name: str,
        weights_sha256: str,
        dtype: torch.dtype,
        trust: Trust | None = None,
        kinds: KindClassifier | None = None,
    ) -> None:
        super().__init__(nano, name=name, weights_sha256=weights_sha256, dtype=dtype)
        self.finder = finder
        self.trust = trust
        self.kinds = kinds
        self.device = next(nano.parameters()).device

    @torch.inference_mode()
    def find_text(self, picture: RGB) -> list[TextBox]:
        """Return where the text lines of a picture (height, width, 3) are, their texts empty."""
        given = finder_input(picture)
        with self._autocast():
            maps = self.finder(given.pixels.to(self.device))[0].float().cpu()
        maps[0].sigmoid_()
        return find_lines(maps.numpy(), given.scale)

    def read_charts(
        self, pictures: Sequence[RGB], texts: Sequence[Sequence[TextBox]], *, max_new_tokens: int | None = None
    ) -> list[ChartReading]:
        """Read charts (height, width, 3), each with its text lines, several at a time, in order."""
        ordered = [order_lines(t, p.shape[0]) for t, p in zip(texts, pictures, strict=True)]
        config = GenerationConfig(
            end_ids=(IDS["end"],), max_new_tokens=min(max_new_tokens or 10**9, self.nano.config.max_new_tokens)
        )
        prompts = (
            make_prompt(self.nano, p, lines, dtype=self.dtype) for p, lines in zip(pictures, ordered, strict=True)
        )
        readings: dict[int, ChartReading] = {}
        for i, prompt, generated in answer_prompts(
            self.runtime, prompts, config, slots=min(SLOTS, len(pictures)), watch_id=IDS["number"]
        ):
            probabilities = tuple(float(np.exp(p)) for p in generated.log_probs)
            sketch = read_sketch(generated.ids, probabilities)
            builder = AnswerBuilder(sketch, ordered[i], prompt.points, pictures[i], prompt.entries.cpu().numpy())
            numbers = self._numbers(generated.watched) if generated.watched is not None else None
            confidences = tuple(builder.confidences())
            trust = self.trust.estimate(confidences, probabilities) if self.trust is not None else None
            readings[i] = ChartReading(
                builder.to_json(),
                numbers,
                generated.stop,
                probabilities,
                confidences,
                trust if confidences else None,
                self.kinds.classify(prompt.patches) if self.kinds is not None else None,
            )
        return [readings[i] for i in range(len(pictures))]

    @torch.inference_mode()
    def _numbers(self, state: Tensor) -> tuple[float, ...]:
        numbers = self.nano.model.read_numbers(state.float())
        return tuple(float(v) for v in numbers)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(PointerPrompt):
    """A chart as the decoder is given it."""

    points: list[Place]  # its data points, which follow the text lines among its elements
    entries: Tensor  # (n, n): probability that an element belongs to the series that another names
    patches: Tensor  # (1, h, w, c): of the picture


@torch.inference_mode()
def make_prompt(
    nano: ChartNano, picture: RGB, lines: Sequence[TextBox], *, dtype: torch.dtype, points: list[Place] | None = None
) -> Prompt:
    """Encode a chart.

    Args:
        nano: The network.
        picture: (height, width, 3).
        lines: Its text lines, in order.
        dtype: Compute type.
        points: Its data points, in order; predicted if None.
    """
    device = nano.device
    height, width = picture.shape[:2]
    pixels = pixels_from_picture(picture, nano.config.image_side)[None].to(device)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        patches, features = nano.encode_picture(pixels)
        if points is None:
            points = read_points(nano.predict_points(patches)[0].float().sigmoid().cpu().numpy())
        places = torch.tensor(points, device=device).reshape(1, len(points), 2)
        written = batch_lines([(lines, width, height)]).to(device)
        own = nano.embed_lines(written, pixels), nano.embed_points(places, patches, pixels)
        valid = torch.ones(1, len(lines) + len(points), dtype=torch.bool, device=device)
        vectors, entries = nano.encode_elements(own, valid, features)
        embeds, pointers = prompt_parts(nano, features[0], vectors[0], ids=ELEMENT_IDS, dtype=dtype)
    shares = entries[0].float().softmax(dim=-1)
    return Prompt(embeds=embeds, pointers=pointers, points=points, entries=shares, patches=patches)


def pixels_from_picture(picture: RGB, side: int) -> Tensor:
    """Squash a picture (height, width, 3) to pixel values (3, side, side): background 0, ink 1."""
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return torch.from_numpy((255.0 - small).transpose(2, 0, 1) / 255.0)
