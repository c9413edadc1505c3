"""got-nano-formulas' training on pools of formulas.

Beside the answer the network learns, from what the renderer knows, where signs are and what each is.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.formulas.write import write_formula
from ocr2.got.formulas.config import PRESETS
from ocr2.got.formulas.elements import CELL, NONE, NUMBERS, TAKING, anchors_of, cells_of
from ocr2.got.formulas.network import FormulaNano
from ocr2.got.formulas.output_language import FIRST_ELEMENT, FRACTION, IDS, ROOT
from ocr2.got.formulas.reader import FormulaReader, ink_of
from ocr2.metrics.formulas import score_formulas
from ocr2.multimodal.nano import PATCH
from ocr2.synth.formulas.records import FormulaRecord
from ocr2.synth.groups import decode_gray
from ocr2.train.pointing import IGNORE, embed_rows, pointer_logits
from ocr2.train.pools import Drawn, Steps, StepsTask
from ocr2.train.recipes import Recipe, add_encoder_argument
from ocr2.train.trainer import autocast

BATCH = 24
JITTER, MOST_JITTER = 0.08, 8.0  # of a sign's side, that its box is off at most; pixels
DROPPED, FALSE = 0.01, 0.015  # signs that are not found, and found where none is
MOST_PIXELS = 24 * 128 * 1024  # of a batch
PRESENT_WEIGHT = 3.0
EVALUATED = 5  # one frozen formula in so many, while training


@dataclass(frozen=True, slots=True)
class Batch:
    """Formulas with their targets."""

    ink: Tensor  # (b, 1, height, width)
    boxes: Tensor  # (b, n, 4), padded
    valid: Tensor  # (b, n), boolean
    classes: Tensor  # (b, n); ignored where padded
    sources: Tensor  # (b, t): where each position's embedding is among signs and answer
    answers: Tensor  # (b, a): the start and the answer's ids, padded
    labels: Tensor  # (b, t): the id to write at a position, ignored where there is none
    cells: Tensor  # (b, h, w, CELL_OUTPUTS)


class TrainedNano(nn.Module):
    """The network under the name that the state has."""

    def __init__(self) -> None:
        super().__init__()
        self.nano = FormulaNano(PRESETS["got-nano-formulas"])


def batches_of(formulas: Sequence[Drawn[FormulaRecord]], rng: Generator) -> list[NDArray[np.int64]]:
    """Cut a group into batches of pictures of about one size, in a random order."""
    known = [
        i
        for i, (_, r) in enumerate(formulas)
        if all((x.startswith("<") and len(x) > 1 and x.endswith(">")) or x in NUMBERS for x in r["items"])
    ]
    sizes = np.array([[formulas[i][1]["height"] // 24, formulas[i][1]["width"] * rng.uniform(0.9, 1.1)] for i in known])
    order = np.array(known)[np.lexsort((sizes[:, 1], sizes[:, 0] // 2))]
    parts = [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]
    return [parts[int(i)] for i in rng.permutation(len(parts))]


@dataclass(frozen=True, slots=True)
class _Noisy:
    """A formula as it may be found."""

    boxes: NDArray[np.float32]  # (n, 4)
    classes: list[int]
    ids: list[int]  # of the answer


def noisy_formula(record: FormulaRecord, rng: Generator) -> _Noisy:
    """Return a formula's signs as they may be found: moved, some missing, some false; and what is to be written."""
    boxes = np.array(record["boxes"], np.float32).reshape(-1, 4)
    names = [name for name in record["items"] if not _is_token(name)]
    assert len(names) == len(boxes)
    leaves = np.array([name not in TAKING and name not in (FRACTION, ROOT) for name in names])
    kept = ~(leaves & (rng.random(len(names)) < DROPPED))
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 1)
    loose = JITTER * rng.random() * np.tile(size, 2) + 0.2
    moved = boxes + rng.normal(0, 1, boxes.shape) * np.minimum(loose, MOST_JITTER)
    found = [(moved[i], NUMBERS[names[i]], i) for i in range(len(names)) if kept[i]]
    for _ in range(rng.poisson(FALSE * len(names))):
        i = int(rng.integers(len(names)))
        shift = rng.normal(0, 1, 2) * size[i] + rng.normal(0, 2, 2)
        found.append((boxes[i] + np.tile(shift, 2), NUMBERS[NONE], -1))
    found.sort(key=lambda sign: float(sign[0][0] + sign[0][2]))
    numbers = {source: n for n, (_, _, source) in enumerate(found) if source >= 0}
    ids, seen = [], 0
    for name in record["items"]:
        if _is_token(name):
            ids.append(IDS[name[1:-1]])
            continue
        if seen in numbers:
            ids.append(FIRST_ELEMENT + numbers[seen])
        seen += 1
    ids.append(IDS["end"])
    return _Noisy(np.array([box for box, _, _ in found], np.float32).reshape(-1, 4), [c for _, c, _ in found], ids)


def _is_token(name: str) -> bool:
    return len(name) > 2 and name.startswith("<") and name.endswith(">")


def make_batch(formulas: Sequence[Drawn[FormulaRecord]], rng: Generator) -> Batch:
    """Turn formulas into tensors."""
    noisy = [noisy_formula(record, rng) for _, record in formulas]
    inks = [ink_of(decode_gray(png)) for png, _ in formulas]
    height, width = (
        -(-max(ink.shape[axis] for ink in inks) // step) * step for axis, step in ((0, PATCH), (1, 2 * PATCH))
    )
    most = max(1, *(len(n.classes) for n in noisy))
    longest = -(-max(len(n.classes) + len(n.ids) for n in noisy) // 16) * 16
    rows = len(formulas)
    pixels = np.zeros((rows, 1, height, width), np.float32)
    cells = np.zeros((rows, height // CELL, width // CELL, 5), np.float32)
    boxes, valid = np.zeros((rows, most, 4), np.float32), np.zeros((rows, most), np.bool_)
    classes = np.full((rows, most), IGNORE)
    answers = np.full((rows, max(len(n.ids) for n in noisy)), IDS["pad"])
    sources, labels = np.full((rows, longest), most), np.full((rows, longest), IGNORE)
    for i, (ink, given, (_, record)) in enumerate(zip(inks, noisy, formulas, strict=True)):
        down, right = (
            int(rng.integers(0, space + 1)) for space in (min(12, height - ink.shape[0]), min(12, width - ink.shape[1]))
        )
        strength = rng.uniform(0.8, 1.1) if rng.random() < 0.5 else 1.0
        pixels[i, 0, down : down + ink.shape[0], right : right + ink.shape[1]] = np.minimum(ink * strength, 1)
        shift = np.array([right, down, right, down], np.float32)
        true = np.array(record["boxes"], np.float32).reshape(-1, 4) + shift
        names = [name for name in record["items"] if not _is_token(name)]
        cells[i] = cells_of(true, anchors_of(names, true), cells.shape[1:3])
        count, start = len(given.classes), len(given.classes) - 1
        valid[i, :count] = True
        boxes[i, :count] = given.boxes + shift
        classes[i, :count] = given.classes
        answers[i, : len(given.ids)] = [IDS["image"], *given.ids[:-1]]
        sources[i, :count] = np.arange(count)
        sources[i, count : count + len(given.ids)] = [
            token - FIRST_ELEMENT if token >= FIRST_ELEMENT else most + j
            for j, token in enumerate(answers[i, : len(given.ids)].tolist())
        ]
        labels[i, start + 1 : start + 1 + len(given.ids)] = given.ids
    return Batch(
        ink=torch.from_numpy(pixels),
        boxes=torch.from_numpy(boxes),
        valid=torch.from_numpy(valid),
        classes=torch.from_numpy(classes),
        sources=torch.from_numpy(sources),
        answers=torch.from_numpy(answers),
        labels=torch.from_numpy(labels),
        cells=torch.from_numpy(cells),
    )


def batch_losses(model: TrainedNano, batch: Batch) -> dict[str, Tensor]:
    """Return the loss terms of a batch."""
    nano = model.nano
    with autocast(batch.ink.device):
        seen = nano.look(batch.ink)
        signs = nano.encode_signs(batch.boxes, batch.valid, seen)
        pointers, heads = nano.pointers(signs.vectors)
        nothing = seen.features[:, :0]
        hidden = nano.multimodal.hidden_states(embed_rows(nano, nothing, pointers, batch.answers, batch.sources))
        logits = pointer_logits(nano, hidden, heads, batch.labels, batch.valid, first=FIRST_ELEMENT)
        cells = nano.predict_cells(seen)
    return {
        "answer": F.cross_entropy(logits, batch.labels[batch.labels != IGNORE]),
        "classes": 0.5
        * F.cross_entropy(signs.classes.float().flatten(0, 1), batch.classes.flatten(), ignore_index=IGNORE),
        **cell_losses(cells.float(), batch.cells),
    }


def cell_losses(cells: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    """Return the losses of where signs are (b, h, w, CELL_OUTPUTS)."""
    present = wanted[..., 0]
    count = present.sum().clamp(min=1)
    found = F.binary_cross_entropy_with_logits(
        cells[..., 0], present, pos_weight=cells.new_tensor(PRESENT_WEIGHT), reduction="sum"
    )
    sides = (cells[..., 1:] - wanted[..., 1:]).abs().sum(dim=-1)
    return {"found": 0.3 * found / count, "sides": (sides * present).sum() / count}


def score_frozen(nano: FormulaNano, formulas: Sequence[Drawn[FormulaRecord]]) -> dict[str, float]:
    """Return how many formulas are read exactly, and the error a token."""
    reader = FormulaReader(nano, name="", dtype=torch.float32)
    readings = reader.read_inks([ink_of(decode_gray(png)) for png, _ in formulas])
    return score_formulas([write_formula(r.tree) for r in readings], [record["latex"] for _, record in formulas])


def _make_task(args: argparse.Namespace) -> StepsTask[FormulaRecord, TrainedNano, Batch]:
    cv2.setNumThreads(1)
    steps = Steps(batches_of, make_batch, batch_losses, lambda model, frozen: score_frozen(model.nano, frozen))
    return StepsTask(TrainedNano(), steps, args.pool, args.val, evaluated=EVALUATED, device=args.device)


RECIPE = Recipe(make_task=_make_task, add_arguments=add_encoder_argument, network="nano")
