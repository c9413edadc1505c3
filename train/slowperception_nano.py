"""slowperception-nano's training on pools of figures.

Beside the answer the network learns where ends and middles are, which are joined, and where strokes pass and in which
direction (that last head does not ship).
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.metrics.traces import circle_counts, mean_f1, segment_counts
from ocr2.multimodal.position_features import SPLIT, split_cells
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.nano.ink import ink_of
from ocr2.slowperception.nano.keypoints import CIRCLE, END, MARKS, MAX_KEYPOINTS, Keypoint, order_keypoints
from ocr2.slowperception.nano.network import FigureNano
from ocr2.slowperception.nano.output_language import (
    DIRECTIONS,
    FIRST_DIRECTION,
    FIRST_KEYPOINT,
    IDS,
    RULERS,
    Sketch,
    SketchCircle,
    ruler_id,
    sketch_strokes,
    write_sketch,
)
from ocr2.slowperception.nano.reader import NanoTracer, keypoint_tensors
from ocr2.slowperception.nano.texts import STEP
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.targets import (
    STROKE_OUTPUTS,
    ends_of,
    false_circle,
    false_end,
    keypoint_cells,
    letter_cells,
    mark_cells,
    rounds_of,
    stroke_cells,
    text_cells,
    writing_cells,
)
from ocr2.synth.groups import decode
from ocr2.train.losses import letter_loss
from ocr2.train.pointing import IGNORE, embed_rows, pointer_logits
from ocr2.train.pools import Drawn, Steps, StepsTask
from ocr2.train.recipes import Recipe, add_encoder_argument
from ocr2.train.trainer import autocast

BATCH = 16
RULER_SHARES = (0.25, 0.15, 0.15, 0.2, 0.25)
JITTER = 0.035  # model units that a keypoint is off
DROPPED = 0.025
FALSE_KEYPOINTS, LONELY_KEYPOINTS = 0.06, 0.4  # for every true end, and of a figure
FALSE_CIRCLES = 0.25  # of a figure
END_WEIGHT = 3.0  # of cells with a keypoint: few have one
BELL = 1.0  # directions
LETTER_WEIGHT = 4.0
MARK_WEIGHT = 4.0
NO_LETTER_WEIGHT, NO_MARK_WEIGHT = 0.05, 0.2  # of cells without a letter, without a mark
EVALUATED = 20  # one frozen figure in so many, while training


@dataclass(frozen=True, slots=True)
class Batch:
    """Figures with their targets."""

    ink: Tensor  # (b, 1, side, side)
    places: Tensor  # (b, n, 2), padded
    radii: Tensor  # (b, n)
    valid: Tensor  # (b, n), boolean
    joined: Tensor  # (b, n, n): 1 where a segment joins two keypoints
    sources: Tensor  # (b, t): where each position's embedding is among image tokens, keypoints and answer
    answers: Tensor  # (b, a): the ruler and the answer's ids, padded
    labels: Tensor  # (b, t): the id to write at a position, ignored where there is none
    cell_keypoints: Tensor  # (b, cells, cells, 4)
    cell_strokes: Tensor  # (b, cells, cells, STROKE_OUTPUTS)
    cell_letters: Tensor  # (b, cells, cells)
    cell_marks: Tensor  # (b, cells, cells)
    cell_writing: Tensor  # (b, cells, cells, 2)
    cell_texts: Tensor  # (b, cells, cells, 4)


class TrainedNano(nn.Module):
    """The network with the head that only training needs."""

    def __init__(self) -> None:
        super().__init__()
        config = PRESETS["slowperception-nano"]
        self.nano = FigureNano(config)
        self.stroke_head = nn.Linear(config.skeleton.encoders[0].embed_dim, SPLIT * SPLIT * STROKE_OUTPUTS)


def batches_of(figures: Sequence[Drawn[FigureRecord]], rng: Generator) -> list[NDArray[np.int64]]:
    """Cut a group into batches of figures with about as many segments, in a random order."""
    order = np.argsort([len(record["segments"]) * rng.uniform(0.8, 1.2) for _, record in figures])
    parts = [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]
    return [parts[int(i)] for i in rng.permutation(len(parts))]


def noisy_keypoints(record: FigureRecord, rng: Generator) -> tuple[list[Keypoint], list[tuple[int, int]], list[int]]:
    """Return a figure's keypoints as they may be found: some missing, moved, or false.

    Returns:
        Keypoints in order; segments as pairs of them; those that are circles of the figure.
    """
    ends, pairs = ends_of(record)
    true: list[Keypoint] = []
    for end in ends:
        x, y = np.clip(np.array(end) + rng.normal(0, JITTER, 2), -10, 10).tolist()
        true.append(Keypoint((x, y), END))
    for *circle, _, _ in rounds_of(record):
        x, y, r = (np.array(circle) + rng.normal(0, JITTER, 3)).tolist()
        true.append(Keypoint((x, y), CIRCLE, max(0.1, r)))
    made = [(keypoint, i) for i, keypoint in enumerate(true) if rng.random() >= DROPPED]
    for _ in range(rng.poisson(LONELY_KEYPOINTS + FALSE_KEYPOINTS * len(ends))):
        made.append((Keypoint(false_end(record, rng), END), -1))
    for _ in range(rng.poisson(FALSE_CIRCLES)):
        x, y, r = false_circle(record, rng)
        made.append((Keypoint((x, y), CIRCLE, r), -1))
    made = made[:MAX_KEYPOINTS]
    keypoints = order_keypoints([keypoint for keypoint, _ in made])
    left = dict(enumerate(keypoints))  # two keypoints may be equal; each is taken once
    numbers: dict[int, int] = {}
    for keypoint, source in made:
        (wanted,) = order_keypoints([keypoint])
        number = next(i for i, other in left.items() if other == wanted)
        del left[number]
        if source >= 0:
            numbers[source] = number
    joined = [(numbers[a], numbers[b]) for a, b in pairs if a in numbers and b in numbers]
    return keypoints, joined, sorted(number for source, number in numbers.items() if source >= len(ends))


def make_batch(figures: Sequence[Drawn[FigureRecord]], rng: Generator) -> Batch:
    """Turn figures into tensors, their keypoints a little off."""
    config = PRESETS["slowperception-nano"]
    cells = config.skeleton.encoders[0].grid[0] * SPLIT
    image = config.num_image_tokens
    rulers = rng.choice(len(RULERS), len(figures), p=RULER_SHARES)
    noisy = [noisy_keypoints(record, rng) for _, record in figures]
    written = [_answer(*parts, RULERS[int(r)]) for parts, r in zip(noisy, rulers, strict=True)]
    most = max(1, *(len(keypoints) for keypoints, _, _ in noisy))
    starts = [image + len(keypoints) for keypoints, _, _ in noisy]
    longest = -(-max(s + len(ids) for s, ids in zip(starts, written, strict=True)) // 16) * 16
    rows = len(figures)
    places, radii = torch.zeros(rows, most, 2), torch.zeros(rows, most)
    valid, joined = torch.zeros(rows, most, dtype=torch.bool), torch.zeros(rows, most, most)
    answers = np.full((rows, max(map(len, written)) + 1), IDS["pad"])
    sources, labels = np.full((rows, longest), image + most), np.full((rows, longest), IGNORE)
    for i, (start, ids, (keypoints, pairs, _)) in enumerate(zip(starts, written, noisy, strict=True)):
        valid[i, : len(keypoints)] = True
        places[i, : len(keypoints)], radii[i, : len(keypoints)] = keypoint_tensors(keypoints)
        for a, b in pairs:
            joined[i, a, b] = joined[i, b, a] = 1
        answers[i, 0] = ruler_id(RULERS[int(rulers[i])])
        answers[i, 1 : 1 + len(ids)] = ids
        sources[i, :start] = np.arange(start)
        given = [answers[i, 0], *ids[:-1]]
        sources[i, start : start + len(ids)] = [
            image + token - FIRST_KEYPOINT if token >= FIRST_KEYPOINT else image + most + j
            for j, token in enumerate(given)
        ]
        labels[i, start : start + len(ids)] = ids
    return Batch(
        ink=torch.stack([noisy_ink(ink_of(decode(png), config.side), rng) for png, _ in figures]),
        places=places,
        radii=radii,
        valid=valid,
        joined=joined,
        sources=torch.from_numpy(sources),
        answers=torch.from_numpy(answers),
        labels=torch.from_numpy(labels),
        cell_keypoints=torch.from_numpy(np.stack([keypoint_cells(record, cells) for _, record in figures])),
        cell_strokes=torch.from_numpy(np.stack([stroke_cells(record, cells) for _, record in figures])),
        cell_letters=torch.from_numpy(np.stack([letter_cells(record, cells) for _, record in figures])),
        cell_marks=torch.from_numpy(np.stack([mark_cells(record, cells, MARKS) for _, record in figures])),
        cell_texts=torch.from_numpy(np.stack([text_cells(record, cells) for _, record in figures])),
        cell_writing=torch.from_numpy(np.stack([writing_cells(record, cells) for _, record in figures])),
    )


def _answer(
    keypoints: Sequence[Keypoint], joined: Sequence[tuple[int, int]], circles: Sequence[int], ruler: float
) -> list[int]:
    strokes = sketch_strokes(joined, [t.place for t in keypoints], ruler)
    return write_sketch(Sketch(tuple(strokes), tuple(SketchCircle(keypoint) for keypoint in circles)))


def noisy_ink(ink: Tensor, rng: Generator) -> Tensor:
    """Change how strong ink (1, side, side) is."""
    return (ink * float(rng.uniform(0.8, 1.2))).clamp(0, 1) if rng.random() < 0.5 else ink


def batch_losses(model: TrainedNano, batch: Batch) -> dict[str, Tensor]:
    """Return the loss terms of a batch."""
    nano = model.nano
    with autocast(batch.ink.device):
        patches, features = nano.encode_picture(batch.ink)
        seen = nano.encode_keypoints(batch.places, batch.radii, batch.valid, patches, features, batch.ink)
        pointers, heads = nano.pointers(seen.vectors)
        hidden = nano.multimodal.hidden_states(embed_rows(nano, features, pointers, batch.answers, batch.sources))
        logits = pointer_logits(nano, hidden, heads, batch.labels, batch.valid, first=FIRST_KEYPOINT)
        cells, strokes = nano.predict_keypoints(patches), split_cells(model.stroke_head(patches))
        letters, marks = nano.predict_letters(patches), nano.predict_marks(patches)
        writing, sides = nano.predict_writing(patches), nano.predict_texts(patches)
    both = batch.valid[:, :, None] & batch.valid[:, None, :]
    return {
        **answer_losses(logits, batch.labels[batch.labels != IGNORE]),
        "joined": F.binary_cross_entropy_with_logits(
            seen.joined.float()[both], batch.joined[both], pos_weight=batch.joined.new_tensor(2.0)
        ),
        **cell_losses(cells.float(), strokes.float(), batch),
        "letters": LETTER_WEIGHT * letter_loss(letters.float(), batch.cell_letters, none=NO_LETTER_WEIGHT),
        "marks": MARK_WEIGHT * letter_loss(marks.float(), batch.cell_marks, none=NO_MARK_WEIGHT),
        **writing_losses(writing.float(), sides.float(), batch),
    }


def answer_losses(logits: Tensor, wanted: Tensor) -> dict[str, Tensor]:
    """Return the cross-entropies of names and of directions, of logits (m, c) and ids (m,).

    A direction that is nearly right is nearly as good: its target is a little bell over its neighbours.
    """
    entropy = -F.log_softmax(logits, dim=-1)
    last = FIRST_DIRECTION + DIRECTIONS
    is_direction = (wanted >= FIRST_DIRECTION) & (wanted < last)
    numbers = torch.arange(DIRECTIONS, device=logits.device)
    bells = (-((numbers[:, None] - numbers) / BELL).square() / 2).softmax(dim=-1)
    shares = bells[wanted[is_direction] - FIRST_DIRECTION]
    near = (entropy[is_direction, FIRST_DIRECTION:last] * shares).sum(dim=-1)
    named = entropy[~is_direction].gather(1, wanted[~is_direction, None])
    return {"answer": named.mean(), "directions": 0.3 * (near.mean() if len(near) else named.sum() * 0)}


def cell_losses(cells: Tensor, strokes: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Return the losses of the dense heads."""
    valid, is_round = batch.cell_keypoints[..., 0], batch.cell_keypoints[..., 1]
    found = F.binary_cross_entropy_with_logits(cells[..., 0], valid, pos_weight=cells.new_tensor(END_WEIGHT))
    offsets = (cells[..., 2:].sigmoid() - batch.cell_keypoints[..., 2:]).square().sum(dim=-1)
    passed = batch.cell_strokes[..., 0]
    turns = (strokes[..., 1:] - batch.cell_strokes[..., 1:]).square().sum(dim=-1)
    return {
        "ends": 10 * found,
        "round": 2 * F.binary_cross_entropy_with_logits(cells[..., 1], is_round),
        "offsets": 2 * (offsets * valid).sum() / valid.sum().clamp(min=1),
        "strokes": 0.5 * F.binary_cross_entropy_with_logits(strokes[..., 0], passed),
        "turns": 0.2 * (turns * passed).sum() / passed.sum().clamp(min=1),
    }


def writing_losses(writing: Tensor, sides: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Return the losses of where writing, its boxes' sides and heads of arrows are."""
    texts, arrows = batch.cell_writing.unbind(-1)
    weight = writing.new_tensor(END_WEIGHT)
    off = F.smooth_l1_loss(sides, (batch.cell_texts / STEP).asinh(), reduction="none").sum(dim=-1)
    return {
        "sides": (off * texts).sum() / texts.sum().clamp(min=1),
        "writing": F.binary_cross_entropy_with_logits(writing[..., 0], texts),
        "arrows": 5 * F.binary_cross_entropy_with_logits(writing[..., 1], arrows, pos_weight=weight),
    }


def score_frozen(nano: FigureNano, figures: Sequence[Drawn[FigureRecord]]) -> dict[str, float]:
    """Return F1 of ends and circles, without a ruler and with one of 4 units."""
    dtype = torch.bfloat16 if next(nano.parameters()).device.type != "cpu" else torch.float32
    tracer = NanoTracer(nano, name="", weights_sha256="", dtype=dtype)
    inks = [ink_of(decode(png), nano.config.side) for png, _ in figures]
    scores: dict[str, float] = {}
    for ruler in (math.inf, 4.0):
        writings = [sight.writing().writing for sight in tracer.trace_inks(inks, ruler=ruler)]
        answers = [[(s[0], s[-1]) for s in w.strokes] for w in writings]
        truths = [[((a, b), (c, d)) for a, b, c, d in record["segments"]] for _, record in figures]
        for tolerance in (0.5, 0.25):
            counts = [segment_counts(a, t, tolerance=tolerance) for a, t in zip(answers, truths, strict=True)]
            scores[f"ends_{ruler:g}_{tolerance:g}"] = 100 * mean_f1(counts)
        circles = [
            circle_counts(w.circles, [r[:3] for r in rounds_of(record)])
            for w, (_, record) in zip(writings, figures, strict=True)
            if w.circles or rounds_of(record)
        ]
        scores[f"circles_{ruler:g}"] = 100 * mean_f1(circles)
    return scores


def _make_task(args: argparse.Namespace) -> StepsTask[FigureRecord, TrainedNano, Batch]:
    cv2.setNumThreads(1)
    steps = Steps(batches_of, make_batch, batch_losses, lambda model, frozen: score_frozen(model.nano, frozen))
    return StepsTask(TrainedNano(), steps, args.pool, args.val, evaluated=EVALUATED, device=args.device)


RECIPE = Recipe(make_task=_make_task, add_arguments=add_encoder_argument, network="nano")
