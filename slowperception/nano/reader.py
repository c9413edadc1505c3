"""slowperception-nano's one path: figure -> bordered square -> ink, keypoints in it -> sketch -> published language."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.generate import GenerationConfig
from ocr2.models.protocols import FigureReading
from ocr2.multimodal.pointing import PointerPrompt, PointingReader, answer_prompts, prompt_parts
from ocr2.results.figure import Mark, Segment
from ocr2.slowperception.grammar import REACH
from ocr2.slowperception.nano.ink import ink_of
from ocr2.slowperception.nano.keypoints import END, Keypoint, Signs, read_keypoints, read_signs
from ocr2.slowperception.nano.network import FigureNano
from ocr2.slowperception.nano.output_language import (
    IDS,
    KEYPOINT_IDS,
    RULERS,
    Sketch,
    Written,
    read_sketch,
    ruler_id,
    to_writing,
)
from ocr2.slowperception.nano.texts import TextPlace
from ocr2.slowperception.square_view import Frame, fill_frame, frame_picture
from ocr2.slowperception.to_pixels import to_reading

RGB = NDArray[np.uint8]  # (height, width, 3)
BORDER = 20  # the square's side is so many times the border: nano was shown figures that fill it
JOINED = 0.5  # probability from which two ends that the decoder left out are a segment all the same
SLOTS = 16  # figures at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(PointerPrompt):
    """A figure as the decoder is given it."""

    keypoints: list[Keypoint]
    signs: Signs
    joined: NDArray[np.float32]  # (n, n): probability of a segment between two keypoints


@dataclass(frozen=True, slots=True)
class Sight:
    """What slowperception-nano saw in a figure."""

    sketch: Sketch
    keypoints: list[Keypoint]
    signs: Signs
    joined: NDArray[np.float32]  # of the prompt
    stopped: str  # "end", "length" or "loop"
    ruler: float

    def writing(self) -> Written:
        """Return it in the published language."""
        return to_writing(self.sketch, self.keypoints, self.ruler)

    def overlooked(self) -> list[tuple[Keypoint, Keypoint, float]]:
        """Return pairs of ends that are more likely joined than not and that the decoder did not name, and how sure."""
        named = {(min(s.start, s.end), max(s.start, s.end)) for s in self.sketch.strokes}
        ends = [i for i, keypoint in enumerate(self.keypoints) if keypoint.kind == END]
        return [
            (self.keypoints[a], self.keypoints[b], float(self.joined[a, b]))
            for a, b in itertools.combinations(ends, 2)
            if self.joined[a, b] >= JOINED and (a, b) not in named
        ]


@torch.inference_mode()
def make_prompt(
    nano: FigureNano, ink: Tensor, ruler: float, *, dtype: torch.dtype, keypoints: list[Keypoint] | None = None
) -> Prompt:
    """Encode a figure.

    Args:
        nano: The network.
        ink: (1, side, side), of `ocr2.slowperception.nano.ink.ink_of`.
        ruler: Of `ocr2.slowperception.nano.output_language.RULERS`.
        dtype: Compute type.
        keypoints: In order; predicted if None.
    """
    device = nano.device
    pixels = ink[None].to(device)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        patches, features = nano.encode_picture(pixels)
        if keypoints is None:
            cells = nano.predict_keypoints(patches)[0].float().sigmoid().cpu().numpy()
            keypoints = read_keypoints(cells, ink[0].numpy())
        places, radii = keypoint_tensors(keypoints, device)
        valid = torch.ones(1, len(keypoints), dtype=torch.bool, device=device)
        encoded = nano.encode_keypoints(places[None], radii[None], valid, patches, features, pixels)
        embeds, pointers = prompt_parts(
            nano, features[0], encoded.vectors[0], ids=KEYPOINT_IDS, asked=ruler_id(ruler), dtype=dtype
        )
        joined = encoded.joined[0].float().sigmoid().cpu().numpy()
        letters, marks = (
            told[0].float().softmax(dim=-1).cpu().numpy()
            for told in (nano.predict_letters(patches), nano.predict_marks(patches))
        )
        writing = nano.predict_writing(patches)[0].float().sigmoid().cpu().numpy()
        sides = nano.predict_texts(patches)[0].float().cpu().numpy()
    signs = read_signs(letters, marks, writing, sides)
    return Prompt(embeds=embeds, pointers=pointers, keypoints=keypoints, signs=signs, joined=joined)


def keypoint_tensors(keypoints: Sequence[Keypoint], device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Return positions (n, 2) and radii (n,), normalised."""
    places = torch.tensor([k.place for k in keypoints], device=device).reshape(len(keypoints), 2)
    shares = (places * torch.tensor([1.0, -1.0], device=device) + REACH) / (2 * REACH)
    return shares, torch.tensor([k.radius for k in keypoints], device=device) / (2 * REACH)


class NanoTracer(PointingReader[FigureNano]):
    """slowperception-nano with weights."""

    rulers: tuple[float, ...] = RULERS

    def trace_figures(
        self, pictures: Sequence[RGB], *, ruler: float | None = None, max_new_tokens: int | None = None
    ) -> list[FigureReading]:
        """Trace figures (height, width, 3), several at a time, in order.

        Args:
            pictures: The figures.
            ruler: One of `rulers`, model units; None for the default.
            max_new_tokens: Of an answer.

        Raises:
            ValueError: If the model has no such ruler.
        """
        frames = [frame_picture(p.shape[1], p.shape[0], border=BORDER) for p in pictures]
        inks = [self._ink(p, frame) for p, frame in zip(pictures, frames, strict=True)]
        asked = self.rulers[0] if ruler is None else ruler
        sights = self.trace_inks(inks, ruler=asked, max_new_tokens=max_new_tokens)
        return [_reading(sight, frame) for sight, frame in zip(sights, frames, strict=True)]

    def trace_inks(
        self, inks: Sequence[Tensor], *, ruler: float = math.inf, max_new_tokens: int | None = None
    ) -> list[Sight]:
        """Trace figures given as ink (1, side, side), several at a time, in order.

        Raises:
            ValueError: If the model has no such ruler.
        """
        ruler_id(ruler)  # refuses what is none
        most = self.nano.config.max_new_tokens
        config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=min(max_new_tokens or most, most))
        prompts = (make_prompt(self.nano, ink, ruler, dtype=self.dtype) for ink in inks)
        sights: dict[int, Sight] = {}
        for i, seen, generated in answer_prompts(self.runtime, prompts, config, slots=min(SLOTS, len(inks))):
            sketch = read_sketch(generated.ids, [float(np.exp(p)) for p in generated.log_probs])
            sights[i] = Sight(sketch, seen.keypoints, seen.signs, seen.joined, generated.stop, ruler)
        return [sights[i] for i in range(len(inks))]

    def _ink(self, picture: RGB, frame: Frame) -> Tensor:
        background = np.median(picture.reshape(-1, 3), axis=0).astype(int).tolist()  # as if the paper went on
        view = fill_frame(picture, frame, self.nano.config.side, smooth=True, ground=background)
        return ink_of(view, self.nano.config.side)


def _reading(sight: Sight, frame: Frame) -> FigureReading:
    written = sight.writing()
    reading = to_reading(
        written.writing,
        frame,
        stopped=sight.stopped,
        strokes_sure=written.strokes_sure,
        circles_sure=written.circles_sure,
        letters=sight.signs.letters,
    )
    more = [Segment(frame.to_pixels(a.place), frame.to_pixels(b.place), confidence=p) for a, b, p in sight.overlooked()]
    marks = [Mark(m.kind, m.count, frame.to_pixels(m.place), (), m.sure) for m in sight.signs.marks]
    return replace(
        reading,
        segments=(*reading.segments, *more),
        arrows=tuple(frame.to_pixels(p) for p in sight.signs.arrows),
        marks=tuple(marks),
        texts=tuple(_box(place, frame) for place in sight.signs.texts),
    )


def _box(place: TextPlace, frame: Frame) -> tuple[float, float, float, float]:
    left, bottom, right, top = place
    return *frame.to_pixels((left, top)), *frame.to_pixels((right, bottom))
