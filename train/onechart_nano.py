"""onechart-nano's training on pools of charts.

Beside the answer the network learns, from what the renderers know, the role of the text in every cell of the picture,
where values are drawn, and what every line is for (of these heads only the second ships); and the values through the
auxiliary token (`--no-numbers` leaves that out, for the ablation).
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.compute.device import choose_dtype
from ocr2.decoder.generate import GenerationConfig
from ocr2.metrics.chart_overlap import Level
from ocr2.metrics.chart_records import ChartPair
from ocr2.metrics.charts import score_charts
from ocr2.models.protocols import TextBox
from ocr2.multimodal.pointing import answer_prompts
from ocr2.multimodal.position_features import SPLIT, split_cells
from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.answer import AnswerBuilder
from ocr2.onechart.nano.data_points import MAX_POINTS, Place, order_points
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.output_language import FIRST_ELEMENT, IDS, read_sketch, write_sketch
from ocr2.onechart.nano.reader import make_prompt, pixels_from_picture
from ocr2.onechart.nano.text_lines import CHARACTERS, LineBatch, batch_lines, order_lines
from ocr2.synth.charts.records import ChartRecord
from ocr2.synth.charts.targets import ROLES, Line, cell_targets, lines_of, link_values, points_of, sketch_of
from ocr2.synth.groups import decode
from ocr2.train.pointing import IGNORE, embed_rows, pointer_logits, to_device
from ocr2.train.pools import Drawn, PoolTask
from ocr2.train.recipes import Recipe, add_encoder_argument
from ocr2.train.trainer import autocast

POINT_WEIGHT = 3.0  # of cells where a value ends: few do
BATCH = 16
MOST_TOKENS = 800  # of prompt and answer; longer charts are left out
KIN_SIZE = 64  # of the vectors by which a value finds its label
DROPPED_LINES = ((0.0, 0.5), (0.04, 0.35), (0.2, 0.15))  # rate, and share of the charts
FALSE_LINES = 0.6  # of a chart, on average
WRONG_LETTERS = 0.015
DROPPED_POINTS, FALSE_POINTS = 0.04, 0.06
LONELY_POINTS = 0.3  # false data points of a chart, however few true ones
POINT_JITTER = 0.0025  # of the picture's side
EVALUATED = 25  # one frozen chart in so many, while training
SLOTS = 16

LEVELS: tuple[Level, ...] = ("strict", "slight", "high")


@dataclass(frozen=True, slots=True)
class Batch:
    """Charts with their targets."""

    pixels: Tensor  # (b, 3, side, side)
    lines: LineBatch
    marks: Tensor  # (b, m, 2): places, padded
    valid: Tensor  # (b, l + m), boolean: which elements are there; marks stand behind the padded lines
    roles: Tensor  # (b, l): of lines, ignored behind the last
    kin: Tensor  # (b, l + m, 2): of values, the lines of their label and of their entry in the legend; else ignored
    sources: Tensor  # (b, t): where each position's embedding is among image tokens, elements and answer
    answers: Tensor  # (b, a): the answer's ids, padded
    labels: Tensor  # (b, t): the id to write at a position, ignored where there is none
    numbers: Tensor  # (b, n): min-max normalised, NaN behind
    cell_roles: Tensor  # (b, cells, cells)
    cell_points: Tensor  # (b, cells, cells, 3)


class TrainedNano(nn.Module):
    """The network with the heads that only training needs."""

    def __init__(self) -> None:
        super().__init__()
        config = PRESETS["onechart-nano"]
        self.nano = ChartNano(config)
        self.cell_head = nn.Linear(config.skeleton.encoders[0].embed_dim, SPLIT * SPLIT * (1 + len(ROLES)))
        hidden = config.skeleton.decoder.hidden_size
        self.role_head = nn.Linear(hidden, len(ROLES))
        self.kin_heads = nn.Linear(hidden, 2 * KIN_SIZE)  # of values and of lines


class ChartTask(PoolTask[ChartRecord]):
    """What `Trainer` trains.

    Args:
        pools: Folders of groups; taken in turn.
        val: Folder of `frozen.npz`.
        use_numbers: Whether the auxiliary token is trained.
        seed: Of the order and the noise.
        device: To train on.
    """

    def __init__(
        self, pools: Sequence[Path], val: Path, *, use_numbers: bool = True, seed: int = 1, device: str = "cpu"
    ) -> None:
        super().__init__(TrainedNano(), pools, val, evaluated=EVALUATED, seed=seed, device=device)
        self.use_numbers = use_numbers

    def cut_batches(self, samples: Sequence[Drawn[ChartRecord]], rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Cut a group into batches of charts of similar length."""
        return batches_of(samples, rng)

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of the next batch."""
        charts, rng = self.next_share(step)
        assert isinstance(self.model, TrainedNano)
        losses = batch_losses(self.model, to_device(make_batch(charts, rng), self.device))
        if not self.use_numbers:
            losses.pop("numbers")
        return losses

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Score a fixed share of the frozen charts, given their true text."""
        assert isinstance(model, TrainedNano)
        return score_frozen(model.nano, self.frozen)


def batches_of(charts: Sequence[Drawn[ChartRecord]], rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Cut a group into batches of charts of similar length, in a random order."""
    lengths = np.array([_rough_length(record) for _, record in charts]) * rng.uniform(0.9, 1.1, len(charts))
    order = np.argsort(lengths)
    order = order[lengths[order] < MOST_TOKENS]
    parts = [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]
    return [parts[int(i)] for i in rng.permutation(len(parts))]


def _rough_length(record: ChartRecord) -> int:
    return PRESETS["onechart-nano"].num_image_tokens + len(record["texts"]) + 5 * len(record["points"])


def make_batch(charts: Sequence[Drawn[ChartRecord]], rng: np.random.Generator) -> Batch:
    """Turn charts into tensors, with a little noise on picture and text."""
    config = PRESETS["onechart-nano"]
    cells = config.image_side // 16 * SPLIT
    records = [record for _, record in charts]
    lines = [noisy_lines(record, rng) for record in records]
    marks = [noisy_points(record, cells, rng) for record in records]
    given = batch_lines(
        [([x.text for x in part], r["width"], r["height"]) for part, r in zip(lines, records, strict=True)]
    )
    image, most_lines = config.num_image_tokens, given.valid.shape[1]
    most = most_lines + max(len(places) for places, _ in marks)
    sketches = [
        sketch_of(record, part, owners, most_lines)
        for record, part, (_, owners) in zip(records, lines, marks, strict=True)
    ]
    written = [write_sketch(sketch) for sketch, _ in sketches]
    starts = [image + len(part) + len(places) for part, (places, _) in zip(lines, marks, strict=True)]
    longest = -(-max(s + len(ids) - 1 for s, ids in zip(starts, written, strict=True)) // 32) * 32
    rows, shape = len(charts), (len(charts), longest)
    valid, spots = np.zeros((rows, most), np.bool_), np.zeros((rows, most - most_lines, 2), np.float32)
    answers, sources = np.full((rows, max(map(len, written))), IDS["pad"]), np.full(shape, image + most)
    labels, roles = np.full(shape, IGNORE), np.full((rows, most_lines), IGNORE)
    kin = np.full((rows, most, 2), IGNORE)
    numbers = np.full((rows, config.num_numbers), np.nan, np.float32)
    for i, (start, ids, (places, owners)) in enumerate(zip(starts, written, marks, strict=True)):
        valid[i, : len(lines[i])] = True
        valid[i, most_lines : most_lines + len(places)] = True
        spots[i, : len(places)] = np.array(places).reshape(-1, 2)
        answers[i, : len(ids)] = ids
        sources[i, :image] = np.arange(image)
        sources[i, image:start] = image + np.flatnonzero(valid[i])
        sources[i, start : start + len(ids) - 1] = [
            image + token - FIRST_ELEMENT if token >= FIRST_ELEMENT else image + most + j
            for j, token in enumerate(ids[:-1])
        ]
        labels[i, start - 1 : start - 1 + len(ids)] = ids
        roles[i, : len(lines[i])] = [ROLES.index(line.role) for line in lines[i]]
        for element, pair in link_values(lines[i], owners, most_lines).items():
            kin[i, element] = [line if line >= 0 else IGNORE for line in pair]
        values = normalised(sketches[i][1])
        numbers[i, : len(values)] = values[: config.num_numbers]
    dense = [cell_targets(record, cells) for _, record in charts]
    return Batch(
        pixels=torch.stack([picture_input(decode(png), config.image_side, rng) for png, _ in charts]),
        lines=given,
        marks=torch.from_numpy(spots),
        valid=torch.from_numpy(valid),
        roles=torch.from_numpy(roles),
        kin=torch.from_numpy(kin),
        sources=torch.from_numpy(sources),
        answers=torch.from_numpy(answers),
        labels=torch.from_numpy(labels),
        numbers=torch.from_numpy(numbers),
        cell_roles=torch.from_numpy(np.stack([roles for roles, _ in dense])),
        cell_points=torch.from_numpy(np.stack([marks for _, marks in dense])),
    )


def noisy_lines(record: ChartRecord, rng: np.random.Generator) -> list[Line]:
    """Return a chart's text as it may be found and read: some of it missing, moved, misread, or none at all."""
    rates, shares = zip(*DROPPED_LINES, strict=True)
    dropped = float(rng.choice(rates, p=shares))
    lines = [_noisy(line, rng) for line in lines_of(record) if rng.random() >= dropped]
    lines += [_false_line(record, lines, rng) for _ in range(rng.poisson(FALSE_LINES))]
    order = {id(text): i for i, text in enumerate(order_lines([line.text for line in lines], record["height"]))}
    return sorted((line for line in lines if id(line.text) in order), key=lambda line: order[id(line.text)])


def _false_line(record: ChartRecord, lines: Sequence[Line], rng: np.random.Generator) -> Line:
    """Make up a line where there is none: a piece of a rule or a marker, read as some letters."""
    usual = float(np.median([line.text.height for line in lines])) if lines else 12.0
    height, letters = usual * rng.uniform(0.4, 1.5), int(rng.integers(1, 5))
    width = height * letters * rng.uniform(0.3, 1.5)
    x, y = rng.uniform(0, record["width"]), rng.uniform(0, record["height"])
    text = (
        "".join(CHARACTERS[int(rng.integers(95))] for _ in range(letters))
        if rng.random() < 0.5
        else "-.'|l1I:_~"[int(rng.integers(10))] * letters
    )
    box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return Line(TextBox(text, box, 90.0 * int(rng.random() < 0.2)), "other", -1, -1)


def noisy_points(
    record: ChartRecord, cells: int, rng: np.random.Generator
) -> tuple[list[Place], dict[tuple[int, int], int]]:
    """Return a chart's marks as they may be found: some missing, moved, or false; and whose they are."""
    places, owners = points_of(record, cells)
    kept = rng.random(len(places)) > DROPPED_POINTS
    moved = [tuple(np.clip(np.array(p) + rng.normal(0, POINT_JITTER, 2), 0, 1)) for p in places]
    made: list[tuple[Place, int]] = [(moved[i], i) for i in range(len(places)) if kept[i]]
    for _ in range(rng.poisson(LONELY_POINTS + FALSE_POINTS * len(places))):
        near = bool(made) and rng.random() < 0.6
        at = np.array(made[int(rng.integers(len(made)))][0]) + rng.normal(0, 0.05, 2) if near else rng.random(2)
        made.append((tuple(np.clip(at, 0, 0.999)), -1))
    made = made[:MAX_POINTS]
    ordered = order_points([place for place, _ in made])
    numbers = {number: ordered.index(place) for place, number in made if number >= 0}
    return ordered, {owner: numbers[i] for owner, i in owners.items() if i in numbers}


def normalised(values: Sequence[float]) -> NDArray[np.float32]:
    """Scale values to 0..1 by the smallest and largest of the chart; NaN where that says nothing."""
    row = np.array(values, np.float64)
    if len(row) < 2 or row.max() == row.min():
        return np.full(len(row), np.nan, np.float32)
    return np.asarray((row - row.min()) / (row.max() - row.min()), np.float32)


def _noisy(line: Line, rng: np.random.Generator) -> Line:
    text = line.text
    letters = [CHARACTERS[int(rng.integers(95))] if rng.random() < WRONG_LETTERS else c for c in text.text]
    left, top, right, bottom = text.box
    jitter = rng.normal(0, 0.06 * (bottom - top), 4)
    box = (left + jitter[0], top + jitter[1], right + jitter[2], bottom + jitter[3])
    angle = text.angle + (float(rng.normal(0, 1.0)) if text.angle % 90 else 0.0)
    return replace(line, text=TextBox("".join(letters), box, angle))


def picture_input(pixels: NDArray[np.uint8], side: int, rng: np.random.Generator | None) -> Tensor:
    """Squash a picture (height, width, 3) to the network's square: background 0, ink 1."""
    ink = pixels_from_picture(pixels, side)
    if rng is None or rng.random() < 0.5:
        return ink
    noise = torch.from_numpy(rng.normal(0, rng.uniform(0, 0.02), ink.shape)).float()
    return ((ink - 0.5) * rng.uniform(0.8, 1.15) + 0.5 + rng.uniform(-0.05, 0.05) + noise).clamp(0, 1)


def batch_losses(model: TrainedNano, batch: Batch) -> dict[str, Tensor]:
    """Return the loss terms of a batch."""
    nano = model.nano
    with autocast(batch.pixels.device):
        patches, features = nano.encode_picture(batch.pixels)
        own = nano.embed_lines(batch.lines, batch.pixels), nano.embed_points(batch.marks, patches, batch.pixels)
        vectors, entries = nano.encode_elements(own, batch.valid, features)
        pointers, heads = nano.pointers(vectors)
        hidden = nano.multimodal.hidden_states(embed_rows(nano, features, pointers, batch.answers, batch.sources))
        logits = pointer_logits(nano, hidden, heads, batch.labels, batch.valid, first=FIRST_ELEMENT)
        roles = model.role_head(vectors[:, : batch.roles.shape[1]])
        labels = point_at_labels(model, vectors, batch.roles.shape[1])
        starts = batch.valid.sum(dim=1) + nano.config.num_image_tokens  # where the auxiliary token is read
        numbers = nano.model.read_numbers(hidden[torch.arange(len(hidden), device=starts.device), starts])
        cells, marks = split_cells(model.cell_head(patches)), nano.predict_points(patches)
    lines_absent = ~batch.valid[:, None, : batch.roles.shape[1]]
    entries = entries.float().masked_fill(~batch.valid[:, None], -torch.inf)
    labelled = known_entropy(labels.float().masked_fill(lines_absent, -torch.inf), batch.kin[..., 0])
    known = ~batch.numbers.isnan()
    error = (numbers.float() - batch.numbers.nan_to_num())[known].abs()
    return {
        "answer": F.cross_entropy(logits, batch.labels[batch.labels != IGNORE]),
        "roles": 0.3 * known_entropy(roles.float(), batch.roles),
        "kin": 0.3 * labelled,
        "entries": 0.3 * known_entropy(entries, batch.kin[..., 1]),
        "numbers": error.mean() if len(error) else error.sum(),
        **cell_losses(cells.float(), marks.float(), batch),
    }


def point_at_labels(model: TrainedNano, vectors: Tensor, lines: int) -> Tensor:
    """Return how well the first `lines` of elements (b, n, hidden) fit each of them as its label."""
    values, written = model.kin_heads(vectors).split(KIN_SIZE, dim=-1)
    fits: Tensor = torch.bmm(values, written[:, :lines].transpose(1, 2)) * KIN_SIZE**-0.5
    return fits


def known_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the cross-entropy of logits (..., c) where something is wanted (...), 0 if that is nowhere."""
    known = wanted != IGNORE
    return F.cross_entropy(logits[known], wanted[known]) if known.any() else logits.nan_to_num(neginf=0.0).sum() * 0


def cell_losses(cells: Tensor, marks: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Return the losses of the dense heads."""
    valid = batch.cell_points[..., 0]
    weights = torch.ones(1 + len(ROLES), device=cells.device)
    weights[0] = 0.2  # most cells have no text
    roles = F.cross_entropy(cells.flatten(0, 2), batch.cell_roles.flatten(), weight=weights)
    ends = F.binary_cross_entropy_with_logits(marks[..., 0], valid, pos_weight=marks.new_tensor(POINT_WEIGHT))
    offsets = (marks[..., 1:].sigmoid() - batch.cell_points[..., 1:]).square().sum(dim=-1)
    return {"cells": 0.3 * roles, "marks": 4 * ends, "offsets": 2 * (offsets * valid).sum() / valid.sum().clamp(min=1)}


@torch.inference_mode()
def answer_charts(nano: ChartNano, charts: Sequence[Drawn[ChartRecord]]) -> list[Mapping[str, object]]:
    """Let the network answer about charts whose text it is given; it finds the marks."""
    dtype = choose_dtype("auto", nano.device)
    runtime = nano.multimodal.runtime(dtype=dtype)
    config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=600)
    texts = [[line.text for line in lines_of(record)] for _, record in charts]
    pictures = [decode(png) for png, _ in charts]
    prompts = (make_prompt(nano, p, lines, dtype=dtype) for p, lines in zip(pictures, texts, strict=True))
    answers: dict[int, Mapping[str, object]] = {}
    for i, prompt, generated in answer_prompts(runtime, prompts, config, slots=SLOTS):
        entries = prompt.entries.cpu().numpy()
        builder = AnswerBuilder(read_sketch(generated.ids), texts[i], prompt.points, pictures[i], entries)
        answers[i] = builder.answer()
    return [answers[i] for i in range(len(charts))]


def score_frozen(nano: ChartNano, charts: Sequence[Drawn[ChartRecord]]) -> dict[str, float]:
    """Return the average precision on charts with and without printed values."""
    pairs: dict[str, list[ChartPair]] = {"printed": [], "silent": []}
    for (_, record), answer in zip(charts, answer_charts(nano, charts), strict=True):
        pair = ChartPair("", record["answer"], answer if answer["values"] else None)
        pairs["printed" if record["printed"] else "silent"].append(pair)
    scores: dict[str, float] = {}
    for name, part in pairs.items():
        if part:
            found = score_charts(part)
            scores |= {f"{name}_{level}": 100 * found.average_precision(level) for level in LEVELS}
    return scores


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_encoder_argument(parser)
    parser.add_argument("--no-numbers", action="store_true", help="without the auxiliary token's head")


def _make_task(args: argparse.Namespace) -> ChartTask:
    cv2.setNumThreads(1)
    return ChartTask(args.pool, args.val, use_numbers=not args.no_numbers, device=args.device)


RECIPE = Recipe(make_task=_make_task, add_arguments=_add_arguments, network="nano")
