"""got-nano-formulas' one path: picture -> ink -> signs -> structure -> LaTeX."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ocr2.decoder.generate import GenerationConfig
from ocr2.got.formulas.constraint import WellFormed
from ocr2.got.formulas.elements import CLASSES, NONE, TAKING, Box, read_cells
from ocr2.got.formulas.network import FormulaNano
from ocr2.got.formulas.output_language import ELEMENT_IDS, FIRST_ELEMENT, IDS, NAMES, Item, assemble
from ocr2.models.protocols import ReadFormula
from ocr2.multimodal.nano import PATCH
from ocr2.multimodal.pointing import PointerPrompt, answer_prompts, prompt_parts

Gray = NDArray[np.uint8]
Ink = NDArray[np.float32]  # (height, width), ground 0, ink 1
FAINTEST = 40.0  # grey levels: the strongest ink of a picture is at least so strong, else it is noise
SLOTS = 16
HEIGHT_OF_PARTS = 0.47  # em, of most parts of a formula
# Heights of letters and digits in em, in most type faces.
HEIGHTS = (
    dict.fromkeys("acemnorsuvwxz", 0.44)
    | dict.fromkeys("0123456789", 0.65)
    | dict.fromkeys("ABCDEFGHIKLMNOPRSTUVWXYZ", 0.68)
)
UPPER = 75  # per cent of the letters that are smaller than those of the line
LOOKS = 2  # at the scale
CLOSE = 0.12  # of its logarithm
MARGIN = 6  # pixels
CLOSE_BY = 3  # pixels around a sign's box that are its ink too
MOST_SIDE = 2400  # pixels
DOUBTFUL = 0.98  # probability of what was written, less the share of the signs left over, below which it is read again


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that was found and named."""

    name: str
    box: Box  # pixels of the ink
    sure: float  # probability of its class


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(PointerPrompt):
    """A formula as the decoder is given it."""

    signs: list[Sign]
    ink: Ink  # in which they were found


def ink_of(gray: Gray) -> Ink:
    """Turn a grey picture (height, width) into ink: whatever is as common as the ground is ground."""
    off = np.abs(gray.astype(np.float32) - np.float32(np.median(gray)))
    return np.asarray(np.minimum(off / max(FAINTEST, float(np.percentile(off, 99))), 1), np.float32)


def padded(ink: Ink) -> Ink:
    """Pad ink at the right and below to whole patches."""
    height, width = ink.shape
    return np.pad(ink, ((0, -height % PATCH), (0, -width % (2 * PATCH))))


def usual_height(ink: Ink) -> float:
    """Return the height of most signs in pixels, by the areas that are joined; 0 without ink."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((ink > 0.4).astype(np.uint8), connectivity=8)
    sizes = stats[1:count, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    whole = sizes[(sizes[:, 1] >= 3) & (sizes.max(axis=1) < 12 * np.maximum(1, sizes.min(axis=1)))]
    return float(np.median(whole[:, 1])) if len(whole) else 0.0


def em_of(signs: Sequence[Sign]) -> float | None:
    """Return the em of a formula in pixels by the heights of its letters and digits; None if it has too few.

    Those of scripts are smaller: the upper ones count.
    """
    found = [
        (sign.box[3] - sign.box[1]) / HEIGHTS[letter]
        for sign in signs
        if (letter := sign.name.rpartition(":")[2]) in HEIGHTS and sign.sure > 0.5
    ]
    return float(np.percentile(found, UPPER)) if len(found) >= 2 else None


@torch.inference_mode()
def make_prompt(nano: FormulaNano, ink: Ink, *, dtype: torch.dtype) -> Prompt:
    """Find and name the signs of a formula's ink."""
    pixels = torch.from_numpy(padded(ink))[None, None].to(nano.device)
    with torch.autocast(nano.device.type, dtype, enabled=dtype != torch.float32):
        seen = nano.look(pixels)
        cells = nano.predict_cells(seen)[0].float()
        found = read_cells(torch.cat([cells[..., :1].sigmoid(), cells[..., 1:]], dim=-1).cpu().numpy())
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
    constraint = WellFormed([sign.name for sign in named])
    return Prompt(embeds=embeds, pointers=pointers, constraint=constraint, signs=named, ink=ink)


class FormulaReader:
    """got-nano-formulas with weights.

    Args:
        nano: The network, in evaluation mode on its device.
        name: Name of the model.
        dtype: Compute type.
    """

    def __init__(self, nano: FormulaNano, *, name: str, dtype: torch.dtype) -> None:
        self.nano = nano
        self.name = name
        self.dtype = dtype
        self.runtime = nano.skeleton.runtime(dtype=dtype)
        self.runtime.use_graphs = False

    def read_pictures(self, pictures: Sequence[Gray]) -> list[ReadFormula]:
        """Read pictures (height, width) of one formula each, at any scale, in order.

        What is doubtful is read once more, a little moved and scaled; the surer reading is kept.
        """
        inks = [ink_of(picture) for picture in pictures]
        readings = self._answer(map(self._look, inks), len(inks))
        doubtful = [i for i, reading in enumerate(readings) if _trust(reading) < DOUBTFUL]
        moved = [np.pad(inks[i], max(MARGIN, round(usual_height(inks[i])))) for i in doubtful]
        for i, again in zip(doubtful, self._answer(map(self._look, moved), len(moved)), strict=True):
            readings[i] = max(readings[i], again, key=_trust)
        return readings

    def read_inks(self, inks: Sequence[Ink]) -> list[ReadFormula]:
        """Read formulas given as ink at the network's scale, several at a time, in order."""
        return self._answer((make_prompt(self.nano, ink, dtype=self.dtype) for ink in inks), len(inks))

    def _look(self, ink: Ink) -> Prompt:
        """Look at ink at the network's scale: first by the height of its parts, then by what its letters are."""
        height = usual_height(ink)
        scale = self.nano.config.em * HEIGHT_OF_PARTS / height if height else 1.0
        for _ in range(LOOKS):
            prompt = make_prompt(self.nano, _resized(ink, scale), dtype=self.dtype)
            em = em_of(prompt.signs)
            wrong = self.nano.config.em / em if em is not None else 1.0
            if abs(np.log(wrong)) < CLOSE:
                return prompt
            scale *= wrong
        return make_prompt(self.nano, _resized(ink, scale), dtype=self.dtype)

    def _answer(self, prompts: Iterator[Prompt], count: int) -> list[ReadFormula]:
        config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=self.nano.config.max_new_tokens)
        readings: dict[int, ReadFormula] = {}
        for i, seen, generated in answer_prompts(self.runtime, prompts, config, slots=min(SLOTS, max(1, count))):
            readings[i] = _reading(seen, generated.ids, generated.log_probs, generated.stop)
        return [readings[i] for i in range(count)]


def _trust(reading: ReadFormula) -> float:
    return reading.confidence - reading.unexplained / max(1, reading.found)


def _resized(ink: Ink, scale: float) -> Ink:
    """Scale ink, within what a picture may measure, and leave a margin around it."""
    height, width = ink.shape
    scale = min(max(scale, 4 / height), MOST_SIDE / max(height, width))
    size = max(4, round(width * scale)), max(4, round(height * scale))
    resized = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(np.pad(np.clip(resized, 0, 1), MARGIN), np.float32)


def covered_ink(ink: Ink, boxes: Iterable[Box]) -> float:
    """Return the share of ink that lies in or close around boxes, 0..1; 1 without ink."""
    rest = ink.copy()
    for left, top, right, bottom in boxes:
        rest[
            max(0, int(top) - CLOSE_BY) : int(bottom) + CLOSE_BY, max(0, int(left) - CLOSE_BY) : int(right) + CLOSE_BY
        ] = 0
    total = float(ink.sum())
    return 1 - float(rest.sum()) / total if total else 1.0


def _reading(seen: Prompt, ids: Sequence[int], log_probs: Sequence[float], stopped: str) -> ReadFormula:
    signs = seen.signs
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
    return ReadFormula(
        tree=assemble(items, accents=TAKING),
        found=sum(sign.name != NONE for sign in signs),
        confidence=float(np.exp(np.mean(log_probs))) if log_probs else 0.0,
        unexplained=sum(i not in written and sign.name != NONE for i, sign in enumerate(signs)),
        covered=covered_ink(seen.ink, (signs[i].box for i in written if signs[i].name != NONE)),
        stopped=stopped,
    )
