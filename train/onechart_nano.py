"""Train onechart-nano on pools of charts.

    python -m ocr2.train.onechart_nano train runs/onechart-nano --pools runs/charts --val runs/charts-val --steps 20000
    python -m ocr2.train.onechart_nano decay runs/onechart-nano --pools runs/charts --val runs/charts-val --steps 4000

Both resume by themselves. Beside the answer the network learns, from what the renderers know, the role of the writing
in every cell of the picture, where values end, and what every line is for (of these heads only the second ships), and
the values through the auxiliary token (`--no-numbers` leaves that out, for the ablation).
"""

import argparse
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.compute.device import choose_dtype
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.metrics.chart_overlap import Level
from ocr2.metrics.chart_records import ChartPair
from ocr2.metrics.charts import score_charts
from ocr2.models.protocols import TextBox
from ocr2.multimodal.position_features import SPLIT, split_cells
from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.answer import Composer
from ocr2.onechart.nano.data_points import MOST_MARKS, Place, order_marks
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.output_language import FIRST_THING, IDS, read_sketch, write_sketch
from ocr2.onechart.nano.reader import Prompt, make_prompt, pixels_from_picture
from ocr2.onechart.nano.text_lines import CHARACTERS, LineBatch, batch_lines, order_lines
from ocr2.synth.charts.targets import ROLES, Line, cell_targets, kin_of, lines_of, marks_of, sketch_of
from ocr2.synth.groups import decode
from ocr2.train.pools import Drawn, PoolTask
from ocr2.train.trainer import TrainConfig, Trainer, autocast

IGNORE = -100
MARK_WEIGHT = 3.0  # of cells where a value ends: few do
BATCH = 16
MOST_TOKENS = 800  # of prompt and answer; longer charts are left out
KIN_SIZE = 64  # of the vectors by which a value finds its label
DROPPED_LINES = ((0.0, 0.5), (0.04, 0.35), (0.2, 0.15))  # rate, and share of the charts
FALSE_LINES = 0.6  # of a chart, on average
WRONG_LETTERS = 0.015
DROPPED_MARKS, FALSE_MARKS = 0.04, 0.06
LONELY_MARKS = 0.3  # false marks of a chart, however few true ones
MARK_JITTER = 0.0025  # of the picture's side
EVALUATED = 25  # one frozen chart in so many, while training
SLOTS = 16

LEVELS: tuple[Level, ...] = ("strict", "slight", "high")


@dataclass(frozen=True, slots=True)
class Batch:
    """Charts with their targets."""

    pixels: Tensor  # (b, 3, side, side)
    lines: LineBatch
    marks: Tensor  # (b, m, 2): places, padded
    there: Tensor  # (b, l + m), boolean: which things are there; marks stand behind the padded lines
    roles: Tensor  # (b, l): of lines, ignored behind the last
    kin: Tensor  # (b, l + m, 2): of values, the lines of their label and of their entry in the legend; else ignored
    sources: Tensor  # (b, t): where each position's embedding is among image tokens, things and answer
    answers: Tensor  # (b, a): the answer's ids, padded
    labels: Tensor  # (b, t): the id to write at a position, ignored where there is none
    numbers: Tensor  # (b, n): min-max normalised, NaN behind
    cell_roles: Tensor  # (b, cells, cells)
    cell_marks: Tensor  # (b, cells, cells, 3)


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


class ChartTask(PoolTask):
    """What `Trainer` trains.

    Args:
        pools: Folders of groups; taken in turn.
        val: Folder of `frozen.npz`.
        use_numbers: Whether the auxiliary token is trained.
        seed: Of the order and the noise.
    """

    def __init__(self, pools: Sequence[Path], val: Path, *, use_numbers: bool = True, seed: int = 1) -> None:
        super().__init__(TrainedNano(), pools, val, evaluated=EVALUATED, seed=seed)
        self.use_numbers = use_numbers

    def cut_batches(self, samples: Sequence[Drawn], rng: np.random.Generator) -> list[NDArray[np.int64]]:
        """Cut a group into batches of charts of similar length."""
        return batches_of(samples, rng)

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of the next batch."""
        charts, rng = self.next_share(step)
        assert isinstance(self.model, TrainedNano)
        losses = batch_losses(self.model, make_batch(charts, rng))
        if not self.use_numbers:
            losses.pop("numbers")
        return losses

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Score a fixed share of the frozen charts, given their true writing."""
        assert isinstance(model, TrainedNano)
        return score_frozen(model.nano, self.frozen)


def batches_of(charts: Sequence[Drawn], rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Cut a group into batches of charts of similar length, in a random order."""
    lengths = np.array([_rough_length(record) for _, record in charts]) * rng.uniform(0.9, 1.1, len(charts))
    order = np.argsort(lengths)
    order = order[lengths[order] < MOST_TOKENS]
    parts = [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]
    return [parts[int(i)] for i in rng.permutation(len(parts))]


def _rough_length(record: dict[str, Any]) -> int:
    return PRESETS["onechart-nano"].num_image_tokens + len(record["texts"]) + 5 * len(record["points"])


def make_batch(charts: Sequence[Drawn], rng: np.random.Generator) -> Batch:
    """Turn charts into tensors, with a little noise on picture and writing."""
    config = PRESETS["onechart-nano"]
    cells = config.image_side // 16 * SPLIT
    records = [record for _, record in charts]
    lines = [noisy_lines(record, rng) for record in records]
    marks = [noisy_marks(record, cells, rng) for record in records]
    given = batch_lines(
        [([x.text for x in part], r["width"], r["height"]) for part, r in zip(lines, records, strict=True)]
    )
    image, most_lines = config.num_image_tokens, given.there.shape[1]
    most = most_lines + max(len(places) for places, _ in marks)
    sketches = [
        sketch_of(record, part, owners, most_lines)
        for record, part, (_, owners) in zip(records, lines, marks, strict=True)
    ]
    written = [write_sketch(sketch) for sketch, _ in sketches]
    starts = [image + len(part) + len(places) for part, (places, _) in zip(lines, marks, strict=True)]
    longest = -(-max(s + len(ids) - 1 for s, ids in zip(starts, written, strict=True)) // 32) * 32
    rows, shape = len(charts), (len(charts), longest)
    there, spots = np.zeros((rows, most), np.bool_), np.zeros((rows, most - most_lines, 2), np.float32)
    answers, sources = np.full((rows, max(map(len, written))), IDS["pad"]), np.full(shape, image + most)
    labels, roles = np.full(shape, IGNORE), np.full((rows, most_lines), IGNORE)
    kin = np.full((rows, most, 2), IGNORE)
    numbers = np.full((rows, config.num_numbers), np.nan, np.float32)
    for i, (start, ids, (places, owners)) in enumerate(zip(starts, written, marks, strict=True)):
        there[i, : len(lines[i])] = True
        there[i, most_lines : most_lines + len(places)] = True
        spots[i, : len(places)] = np.array(places).reshape(-1, 2)
        answers[i, : len(ids)] = ids
        sources[i, :image] = np.arange(image)
        sources[i, image:start] = image + np.flatnonzero(there[i])
        sources[i, start : start + len(ids) - 1] = [
            image + token - FIRST_THING if token >= FIRST_THING else image + most + j
            for j, token in enumerate(ids[:-1])
        ]
        labels[i, start - 1 : start - 1 + len(ids)] = ids
        roles[i, : len(lines[i])] = [ROLES.index(line.role) for line in lines[i]]
        for thing, pair in kin_of(lines[i], owners, most_lines).items():
            kin[i, thing] = [line if line >= 0 else IGNORE for line in pair]
        values = normalised(sketches[i][1])
        numbers[i, : len(values)] = values[: config.num_numbers]
    dense = [cell_targets(record, cells) for _, record in charts]
    return Batch(
        pixels=torch.stack([picture_input(decode(png), config.image_side, rng) for png, _ in charts]),
        lines=given,
        marks=torch.from_numpy(spots),
        there=torch.from_numpy(there),
        roles=torch.from_numpy(roles),
        kin=torch.from_numpy(kin),
        sources=torch.from_numpy(sources),
        answers=torch.from_numpy(answers),
        labels=torch.from_numpy(labels),
        numbers=torch.from_numpy(numbers),
        cell_roles=torch.from_numpy(np.stack([roles for roles, _ in dense])),
        cell_marks=torch.from_numpy(np.stack([marks for _, marks in dense])),
    )


def noisy_lines(record: dict[str, Any], rng: np.random.Generator) -> list[Line]:
    """Return a chart's writing as it may be found and read: some of it missing, moved, misread, or none at all."""
    rates, shares = zip(*DROPPED_LINES, strict=True)
    dropped = float(rng.choice(rates, p=shares))
    lines = [_noisy(line, rng) for line in lines_of(record) if rng.random() >= dropped]
    lines += [_false_line(record, lines, rng) for _ in range(rng.poisson(FALSE_LINES))]
    order = {id(text): i for i, text in enumerate(order_lines([line.text for line in lines], record["height"]))}
    return sorted((line for line in lines if id(line.text) in order), key=lambda line: order[id(line.text)])


def _false_line(record: dict[str, Any], lines: Sequence[Line], rng: np.random.Generator) -> Line:
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


def noisy_marks(
    record: dict[str, Any], cells: int, rng: np.random.Generator
) -> tuple[list[Place], dict[tuple[int, int], int]]:
    """Return a chart's marks as they may be found: some missing, moved, or false; and whose they are."""
    places, owners = marks_of(record, cells)
    kept = rng.random(len(places)) > DROPPED_MARKS
    moved = [tuple(np.clip(np.array(p) + rng.normal(0, MARK_JITTER, 2), 0, 1)) for p in places]
    made: list[Any] = [(moved[i], i) for i in range(len(places)) if kept[i]]
    for _ in range(rng.poisson(LONELY_MARKS + FALSE_MARKS * len(places))):
        near = bool(made) and rng.random() < 0.6
        at = np.array(made[int(rng.integers(len(made)))][0]) + rng.normal(0, 0.05, 2) if near else rng.random(2)
        made.append((tuple(np.clip(at, 0, 0.999)), -1))
    made = made[:MOST_MARKS]
    ordered = order_marks([place for place, _ in made])
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
    """Squash a picture (height, width, 3) to the network's square: ground 0, ink 1."""
    ink = pixels_from_picture(pixels, side)
    if rng is None or rng.random() < 0.5:
        return ink
    noise = torch.from_numpy(rng.normal(0, rng.uniform(0, 0.02), ink.shape)).float()
    return ((ink - 0.5) * rng.uniform(0.8, 1.15) + 0.5 + rng.uniform(-0.05, 0.05) + noise).clamp(0, 1)


def batch_losses(model: TrainedNano, batch: Batch) -> dict[str, Tensor]:
    """Return the loss terms of a batch."""
    nano = model.nano
    with autocast(batch.pixels.device):
        patches, features = nano.encode(batch.pixels)
        own = nano.read_lines(batch.lines, batch.pixels), nano.read_marks(batch.marks, patches, batch.pixels)
        vectors, entries = nano.read_things(own, batch.there, features)
        words, heads = nano.words(vectors)
        hidden = nano.model.skeleton.hidden_states(embed_rows(nano, batch, features, words))
        taught = batch.labels != IGNORE
        static = nano.model.skeleton.head(hidden[taught])
        pointed = torch.bmm(hidden, heads.transpose(1, 2))[taught]
        roles = model.role_head(vectors[:, : batch.roles.shape[1]])
        labels = point_at_labels(model, vectors, batch.roles.shape[1])
        starts = batch.there.sum(dim=1) + nano.config.num_image_tokens  # where the auxiliary token is read
        numbers = nano.model.read_numbers(hidden[torch.arange(len(hidden)), starts])
        cells, marks = split_cells(model.cell_head(patches)), nano.find_marks(patches)
    absent = ~batch.there[taught.nonzero()[:, 0]]
    logits = torch.cat([static[:, :FIRST_THING].float(), pointed.float().masked_fill(absent, -torch.inf)], dim=1)
    lines_absent = ~batch.there[:, None, : batch.roles.shape[1]]
    entries = entries.float().masked_fill(~batch.there[:, None], -torch.inf)
    labelled = known_entropy(labels.float().masked_fill(lines_absent, -torch.inf), batch.kin[..., 0])
    known = ~batch.numbers.isnan()
    error = (numbers.float() - batch.numbers.nan_to_num())[known].abs()
    return {
        "answer": F.cross_entropy(logits, batch.labels[taught]),
        "roles": 0.3 * known_entropy(roles.float(), batch.roles),
        "kin": 0.3 * labelled,
        "entries": 0.3 * known_entropy(entries, batch.kin[..., 1]),
        "numbers": error.mean() if len(error) else error.sum(),
        **cell_losses(cells.float(), marks.float(), batch),
    }


def point_at_labels(model: TrainedNano, vectors: Tensor, lines: int) -> Tensor:
    """Return how well the first `lines` of things (b, n, hidden) fit each of them as its label."""
    values, written = model.kin_heads(vectors).split(KIN_SIZE, dim=-1)
    fits: Tensor = torch.bmm(values, written[:, :lines].transpose(1, 2)) * KIN_SIZE**-0.5
    return fits


def known_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the cross-entropy of logits (..., c) where something is wanted (...), 0 if that is nowhere."""
    known = wanted != IGNORE
    return F.cross_entropy(logits[known], wanted[known]) if known.any() else logits.nan_to_num(neginf=0.0).sum() * 0


def embed_rows(nano: ChartNano, batch: Batch, features: Tensor, words: Tensor) -> Tensor:
    """Put together image tokens (b, v, hidden), words (b, n, hidden) and answers: embeddings (b, t, hidden)."""
    written = nano.model.skeleton.embed_tokens(batch.answers)
    everything = torch.cat([features.to(written.dtype), words.to(written.dtype), written], dim=1)
    return everything.gather(1, batch.sources[..., None].expand(-1, -1, everything.shape[-1]))


def cell_losses(cells: Tensor, marks: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Return the losses of the dense heads."""
    there = batch.cell_marks[..., 0]
    weights = torch.ones(1 + len(ROLES))
    weights[0] = 0.2  # most cells have no writing
    roles = F.cross_entropy(cells.flatten(0, 2), batch.cell_roles.flatten(), weight=weights)
    ends = F.binary_cross_entropy_with_logits(marks[..., 0], there, pos_weight=torch.tensor(MARK_WEIGHT))
    offsets = (marks[..., 1:].sigmoid() - batch.cell_marks[..., 1:]).square().sum(dim=-1)
    return {"cells": 0.3 * roles, "marks": 4 * ends, "offsets": 2 * (offsets * there).sum() / there.sum().clamp(min=1)}


@torch.inference_mode()
def answer_charts(nano: ChartNano, charts: Sequence[Drawn]) -> list[dict[str, Any]]:
    """Let the network answer about charts whose writing it is given; it finds the marks."""
    dtype = choose_dtype("auto", next(nano.parameters()).device)
    runtime = nano.model.skeleton.runtime(dtype=dtype)
    config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=600)
    texts = [[line.text for line in lines_of(record)] for _, record in charts]
    prompts: dict[int, Prompt] = {}

    def requests() -> Any:
        for i, (png, _) in enumerate(charts):
            prompts[i] = prompt = make_prompt(nano, decode(png), texts[i], dtype=dtype)
            yield Request(inputs_embeds=prompt.embeds, config=config, words=prompt.words, number=i)

    written = {request.number: generated.ids for request, generated in Scheduler(runtime, slots=SLOTS).run(requests())}
    answers = []
    for i, (png, _) in enumerate(charts):
        marks, entries = prompts[i].marks, prompts[i].entries.numpy()
        answers.append(Composer(read_sketch(written[i]), texts[i], marks, decode(png), entries).answer())
    return answers


def score_frozen(nano: ChartNano, charts: Sequence[Drawn]) -> dict[str, float]:
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


def start_from_reader(model: TrainedNano, weights: Path) -> int:
    """Take over what fits of got-nano's encoder: convolutions of the stem, and blocks; returns how many tensors.

    The first convolution sees three colours where the reader sees grey: a third of its weight each.
    """
    from safetensors.torch import load_file

    own = dict(model.nano.model.skeleton.encoders[0].named_parameters())
    taken = 0
    for name, value in load_file(weights).items():
        short = name.removeprefix("skeleton.encoders.0.")
        if short == name or short not in own or not short.startswith(("patch_embed", "blocks")):
            continue
        value = value.float()
        if short == "patch_embed.0.weight":
            value = value.expand(-1, 3, -1, -1) / 3
        if value.shape == own[short].shape:
            own[short].data.copy_(value)
            taken += 1
    return taken


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("train", "decay"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pools", type=Path, nargs="+", required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True, help="last step of `train`; length of a `decay`")
    parser.add_argument("--from-reader", type=Path, help="got-nano's weights, to start the encoder from")
    parser.add_argument("--no-numbers", action="store_true", help="without the auxiliary token's head")
    parser.add_argument("--seconds", type=float, default=math.inf, help="save and stop after so long")
    parser.add_argument("--evaluate-steps", type=int, default=500)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(1)
    cv2.setNumThreads(1)
    task = ChartTask(args.pools, args.val, use_numbers=not args.no_numbers)
    trainer = Trainer(task, args.folder, TrainConfig(seconds=args.seconds, evaluate_steps=args.evaluate_steps))
    if not trainer.resume() and args.from_reader is not None:
        assert isinstance(task.model, TrainedNano)
        logging.info("%d tensors from %s", start_from_reader(task.model, args.from_reader), args.from_reader)
        trainer.restart_average()
    if args.command == "train":
        trainer.train(steps=args.steps)
    elif trainer.decay(steps=args.steps) and trainer.workers.is_first:
        torch.save(task.model.state_dict(), args.folder / f"decayed-{trainer.step}.pt")


if __name__ == "__main__":
    main()
