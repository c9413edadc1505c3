"""got-nano-formulas' one path: picture -> ink -> signs -> structure -> LaTeX."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ocr2.decoder.generate import GenerationConfig
from ocr2.formulas.tree import Row
from ocr2.formulas.write import write_formula
from ocr2.got.formulas.elements import CLASSES, NONE, TAKING, Box, read_cells
from ocr2.got.formulas.network import FormulaNano
from ocr2.got.formulas.output_language import ELEMENT_IDS, FIRST_ELEMENT, IDS, NAMES, Item, assemble
from ocr2.multimodal.nano import PATCH
from ocr2.multimodal.pointing import PointerPrompt, answer_prompts, prompt_parts

Gray = NDArray[np.uint8]
Ink = NDArray[np.float32]  # (height, width), ground 0, ink 1
FAINTEST = 40.0  # grey levels: the strongest ink of a picture is at least so strong, else it is noise
SLOTS = 16


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that was found and named."""

    name: str
    box: Box  # pixels of the ink
    sure: float  # probability of its class


@dataclass(frozen=True, slots=True)
class FormulaReading:
    """What was read in one picture."""

    latex: str
    tree: Row
    signs: tuple[Sign, ...]
    confidence: float  # mean probability of what was written
    unexplained: int  # signs that were found and not written
    stopped: str  # "end", "length" or "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(PointerPrompt):
    """A formula as the decoder is given it."""

    signs: list[Sign]


def ink_of(gray: Gray) -> Ink:
    """Turn a grey picture (height, width) into ink: whatever is as common as the ground is ground."""
    off = np.abs(gray.astype(np.float32) - np.float32(np.median(gray)))
    return np.asarray(np.minimum(off / max(FAINTEST, float(np.percentile(off, 99))), 1), np.float32)


def padded(ink: Ink) -> Ink:
    """Pad ink at the right and below to whole patches."""
    height, width = ink.shape
    return np.pad(ink, ((0, -height % PATCH), (0, -width % (2 * PATCH))))


@torch.inference_mode()
def make_prompt(nano: FormulaNano, ink: Ink, *, dtype: torch.dtype) -> Prompt:
    """Find and name the signs of a formula's ink."""
    pixels = torch.from_numpy(padded(ink))[None, None].to(nano.device)
    with torch.autocast(nano.device.type, dtype, enabled=dtype != torch.float32):
        seen = nano.look(pixels)
        cells = nano.predict_cells(seen)[0].float()
        found = read_cells(torch.cat([cells[..., :3].sigmoid(), cells[..., 3:]], dim=-1).cpu().numpy())
        boxes = torch.tensor([sign.box for sign in found], device=nano.device).reshape(1, len(found), 4)
        valid = torch.ones(1, len(found), dtype=torch.bool, device=nano.device)
        signs = nano.encode_signs(boxes, valid, seen)
        embeds, pointers = prompt_parts(
            nano, seen.features[0, :0], signs.vectors[0], ids=ELEMENT_IDS, asked=IDS["image"], dtype=dtype
        )
    chances, classes = signs.classes[0].float().softmax(dim=-1).max(dim=-1)
    named = [
        Sign(CLASSES[number], sign.box, chance)
        for sign, number, chance in zip(found, classes.tolist(), chances.tolist(), strict=True)
    ]
    return Prompt(embeds=embeds, pointers=pointers, signs=named)


class FormulaReader:
    """got-nano-formulas with weights.

    Args:
        nano: The network, in evaluation mode on its device.
        name: Name of the model.
        weights_sha256: Hash of the weights.
        dtype: Compute type.
    """

    def __init__(self, nano: FormulaNano, *, name: str, weights_sha256: str, dtype: torch.dtype) -> None:
        self.nano = nano
        self.name = name
        self.weights_sha256 = weights_sha256
        self.dtype = dtype
        self.runtime = nano.skeleton.runtime(dtype=dtype)
        self.runtime.use_graphs = False

    def read_inks(self, inks: Sequence[Ink]) -> list[FormulaReading]:
        """Read formulas given as ink at the network's scale, several at a time, in order."""
        config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=self.nano.config.max_new_tokens)
        prompts = (make_prompt(self.nano, ink, dtype=self.dtype) for ink in inks)
        readings: dict[int, FormulaReading] = {}
        for i, seen, generated in answer_prompts(self.runtime, prompts, config, slots=min(SLOTS, max(1, len(inks)))):
            readings[i] = _reading(seen.signs, generated.ids, generated.log_probs, generated.stop)
        return [readings[i] for i in range(len(inks))]


def _reading(signs: Sequence[Sign], ids: Sequence[int], log_probs: Sequence[float], stopped: str) -> FormulaReading:
    items: list[Item] = []
    written: set[int] = set()
    for token in ids:
        if token >= FIRST_ELEMENT:
            number = token - FIRST_ELEMENT
            written.add(number)
            if signs[number].name != NONE:
                items.append(("element", signs[number].name))
        elif token != IDS["end"]:
            items.append(("token", NAMES[token]))
    tree = assemble(items, accents=TAKING)
    return FormulaReading(
        latex=write_formula(tree),
        tree=tree,
        signs=tuple(signs),
        confidence=float(np.exp(np.mean(log_probs))) if log_probs else 0.0,
        unexplained=sum(i not in written and sign.name != NONE for i, sign in enumerate(signs)),
        stopped=stopped,
    )
