"""slowperception-nano's one path: figure -> bordered square -> ink, things in it -> sketch -> the published language."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.generate import Generated, GenerationConfig, Request, Scheduler, Words
from ocr2.slowperception.frame import Frame, fill_frame, frame_picture
from ocr2.slowperception.grammar import REACH, Writing
from ocr2.slowperception.ink import ink_of
from ocr2.slowperception.nano_model import FigureNano
from ocr2.slowperception.sketch import FIRST_THING, IDS, VOCAB_SIZE, Sketch, read_sketch, ruler_id, to_writing
from ocr2.slowperception.things import Thing, read_things

RGB = NDArray[np.uint8]  # (height, width, 3)
BORDER = 20  # the square's side is so many times the border: nano was shown figures that fill it
SLOTS = 16  # figures at a time


@dataclass(frozen=True, slots=True)
class Prompt:
    """A figure as the decoder is given it."""

    embeds: Tensor  # (t, hidden)
    words: Words  # its things, to point at
    things: list[Thing]


@dataclass(frozen=True, slots=True)
class NanoReading:
    """What slowperception-nano saw in a figure."""

    writing: Writing
    sketch: Sketch  # whose strokes and circles carry their probabilities
    things: list[Thing]
    stopped: str  # "end", "length" or "loop"


@torch.inference_mode()
def make_prompt(
    nano: FigureNano, ink: Tensor, ruler: float, *, dtype: torch.dtype, things: list[Thing] | None = None
) -> Prompt:
    """Encode a figure.

    Args:
        nano: The network.
        ink: (1, side, side), of `ocr2.slowperception.ink.ink_of`.
        ruler: Of `ocr2.slowperception.sketch.RULERS`.
        dtype: Compute type.
        things: In order; found if None.
    """
    device = nano.place.weight.device
    pixels = ink[None].to(device)
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        patches, features = nano.encode(pixels)
        if things is None:
            things = read_things(nano.find_things(patches)[0].float().sigmoid().cpu().numpy())
        places, kinds = thing_tensors(things, device)
        there = torch.ones(1, len(things), dtype=torch.bool, device=device)
        seen = nano.read_things(places[None], kinds[None], there, patches, features, pixels)
        embeddings, heads = nano.words(seen.vectors[0])
    words = Words(FIRST_THING, VOCAB_SIZE, embeddings.to(dtype), heads.to(dtype))
    asked = nano.skeleton.embed_tokens(torch.tensor([ruler_id(ruler)], device=device))
    return Prompt(torch.cat([features[0].to(dtype), words.embeddings, asked.to(dtype)]), words, things)


def thing_tensors(things: Sequence[Thing], device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Return places (n, 2) as shares of the sides, and kinds (n,)."""
    places = torch.tensor([t.place for t in things], device=device).reshape(len(things), 2)
    shares = (places * torch.tensor([1.0, -1.0], device=device) + REACH) / (2 * REACH)
    return shares, torch.tensor([t.kind for t in things], dtype=torch.long, device=device)


class NanoTracer:
    """slowperception-nano with weights.

    Args:
        nano: The network, in evaluation mode on its device.
        name: Name of the model.
        weights_sha256: Hash of the weights.
        dtype: Compute type.
    """

    def __init__(self, nano: FigureNano, *, name: str, weights_sha256: str, dtype: torch.dtype) -> None:
        self.nano = nano
        self.name = name
        self.weights_sha256 = weights_sha256
        self.dtype = dtype
        self.runtime = nano.skeleton.runtime(dtype=dtype)
        self.runtime.use_graphs = False

    def trace_inks(self, inks: Sequence[Tensor], *, ruler: float = math.inf) -> list[NanoReading]:
        """Trace figures given as ink (1, side, side), several at a time, in order.

        Raises:
            ValueError: If the model has no such ruler.
        """
        config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=self.nano.config.max_new_tokens)
        prompts: dict[int, Prompt] = {}

        def requests() -> Iterator[Request]:
            for i, ink in enumerate(inks):
                prompts[i] = prompt = make_prompt(self.nano, ink, ruler, dtype=self.dtype)
                yield Request(inputs_embeds=prompt.embeds, config=config, words=prompt.words, number=i)

        readings: dict[int, NanoReading] = {}
        for request, generated in Scheduler(self.runtime, slots=max(1, min(SLOTS, len(inks)))).run(requests()):
            readings[request.number] = _reading(generated, prompts.pop(request.number).things)
        return [readings[i] for i in range(len(inks))]

    def ink_in(self, picture: RGB) -> tuple[Tensor, Frame]:
        """Return the ink of a figure (height, width, 3) in its frame."""
        frame = frame_picture(picture.shape[1], picture.shape[0], border=BORDER)
        view = fill_frame(picture, frame, self.nano.config.side, smooth=True)
        return ink_of(np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8), self.nano.config.side), frame


def _reading(generated: Generated, things: list[Thing]) -> NanoReading:
    sketch = read_sketch(generated.ids, [float(np.exp(p)) for p in generated.log_probs])
    return NanoReading(to_writing(sketch, [t.place for t in things]), sketch, things, generated.stop)
