"""onechart-nano's one path: chart and its writing -> small picture, things in it -> sketch and numbers -> answer.

The writing is found here and read by another model (`ocr2.reading.charts.read` brings them together).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.generate import GenerationConfig, Request, Scheduler, Words
from ocr2.models.protocols import ChartReading, TextBox
from ocr2.onechart.nano.answer import Composer
from ocr2.onechart.nano.data_points import Place, read_marks
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.output_language import FIRST_THING, IDS, VOCAB_SIZE, read_sketch
from ocr2.onechart.nano.reliability import Trust
from ocr2.onechart.nano.text_detector import TextFinder, find_lines, finder_input
from ocr2.onechart.nano.text_lines import batch_lines, order_lines

RGB = NDArray[np.uint8]  # (height, width, 3)
SLOTS = 8  # charts at a time


class NanoChartReader:
    """onechart-nano with weights.

    Args:
        nano: The network, in evaluation mode on its device.
        finder: Of writing, likewise.
        name: Name of the model.
        weights_sha256: Hash of the weights.
        dtype: Compute type.
        trust: Estimates how likely the values are right; without one a chart's trust is the auxiliary token's.
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
    ) -> None:
        self.nano = nano
        self.finder = finder
        self.name = name
        self.weights_sha256 = weights_sha256
        self.dtype = dtype
        self.trust = trust
        self.runtime = nano.model.skeleton.runtime(dtype=dtype)
        self.runtime.use_graphs = False
        self.device = next(nano.parameters()).device

    @torch.inference_mode()
    def find_text(self, picture: RGB) -> list[TextBox]:
        """Return where the lines of writing of a picture (height, width, 3) are, their texts empty."""
        given = finder_input(picture)
        with self._autocast():
            maps = self.finder(given.pixels.to(self.device))[0].float().cpu()
        maps[0].sigmoid_()
        return find_lines(maps.numpy(), given.scale)

    def read_charts(
        self,
        pictures: Sequence[RGB],
        texts: Sequence[Sequence[TextBox]],
        *,
        max_new_tokens: int | None = None,
    ) -> list[ChartReading]:
        """Read charts (height, width, 3), each with its lines of writing, several at a time, in order."""
        ordered = [order_lines(t, p.shape[0]) for t, p in zip(texts, pictures, strict=True)]
        config = GenerationConfig(
            end_ids=(IDS["end"],), max_new_tokens=min(max_new_tokens or 10**9, self.nano.config.max_new_tokens)
        )
        readings: dict[int, ChartReading] = {}
        prompts: dict[int, Prompt] = {}
        scheduler = Scheduler(self.runtime, slots=max(1, min(SLOTS, len(pictures))))
        for request, generated in scheduler.run(self._requests(pictures, ordered, prompts, config)):
            i = request.number
            probabilities = tuple(float(np.exp(p)) for p in generated.log_probs)
            sketch, prompt = read_sketch(generated.ids, probabilities), prompts[i]
            composer = Composer(sketch, ordered[i], prompt.marks, pictures[i], prompt.entries.cpu().numpy())
            numbers = self._numbers(generated.watched) if generated.watched is not None else None
            confidences = tuple(composer.confidences())
            trust = self.trust.estimate(confidences, probabilities) if self.trust is not None else None
            readings[i] = ChartReading(
                composer.to_json(), numbers, generated.stop, probabilities, confidences, trust if confidences else None
            )
        return [readings[i] for i in range(len(pictures))]

    def _requests(
        self,
        pictures: Sequence[RGB],
        texts: Sequence[Sequence[TextBox]],
        prompts: dict[int, "Prompt"],
        config: GenerationConfig,
    ) -> Iterator[Request]:
        """Encode charts one by one, each when there is room for it; `prompts` gets theirs."""
        for i, (picture, lines) in enumerate(zip(pictures, texts, strict=True)):
            prompts[i] = prompt = make_prompt(self.nano, picture, lines, dtype=self.dtype)
            yield Request(
                inputs_embeds=prompt.embeds, config=config, words=prompt.words, watch_id=IDS["number"], number=i
            )

    @torch.inference_mode()
    def _numbers(self, state: Tensor) -> tuple[float, ...]:
        numbers = self.nano.model.read_numbers(state.float())
        return tuple(float(v) for v in numbers)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chart as the decoder is given it."""

    embeds: Tensor  # (t, hidden)
    words: Words  # its things, to point at
    marks: list[Place]  # those behind the lines among its things
    entries: Tensor  # (n, n): probability that a thing belongs to the series that another names


@torch.inference_mode()
def make_prompt(
    nano: ChartNano, picture: RGB, lines: Sequence[TextBox], *, dtype: torch.dtype, marks: list[Place] | None = None
) -> Prompt:
    """Encode a chart.

    Args:
        nano: The network.
        picture: (height, width, 3).
        lines: Its writing, in order.
        dtype: Compute type.
        marks: Its marks, in order; found if None.
    """
    device = nano.place.weight.device
    height, width = picture.shape[:2]
    pixels = pixels_from_picture(picture, nano.config.image_side)[None].to(device)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        patches, features = nano.encode(pixels)
        if marks is None:
            marks = read_marks(nano.find_marks(patches)[0].float().sigmoid().cpu().numpy())
        places = torch.tensor(marks, device=device).reshape(1, len(marks), 2)
        written = batch_lines([(lines, width, height)]).to(device)
        own = nano.read_lines(written, pixels), nano.read_marks(places, patches, pixels)
        there = torch.ones(1, len(lines) + len(marks), dtype=torch.bool, device=device)
        vectors, entries = nano.read_things(own, there, features)
        embeddings, heads = nano.words(vectors[0])
    words = Words(FIRST_THING, VOCAB_SIZE, embeddings.to(dtype), heads.to(dtype))
    return Prompt(
        torch.cat([features[0].to(dtype), words.embeddings]), words, marks, entries[0].float().softmax(dim=-1)
    )


def pixels_from_picture(picture: RGB, side: int) -> Tensor:
    """Squash a picture (height, width, 3) to pixel values (3, side, side): ground 0, ink 1."""
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return torch.from_numpy((255.0 - small).transpose(2, 0, 1) / 255.0)
