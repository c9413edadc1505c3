"""vary-nano's training on pools of pages.

The candidates that the decoder learns to put in order are those that the cells predict at that step, with true regions
that they miss. With `--texts`, windows of text at the size that is read are trained beside the pages: the vocabulary
predicts their letters cell by cell. That head is for training alone.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.metrics.regions import RegionCounts, count_regions
from ocr2.multimodal.position_features import SPLIT, split_cells
from ocr2.results.region import REGION_KINDS
from ocr2.synth.groups import decode_gray, read_group
from ocr2.synth.layouts.records import PageRecord, WindowRecord, regions_of
from ocr2.synth.layouts.targets import LETTER_KINDS, region_boxes, region_cells, region_kinds, text_cells
from ocr2.train.losses import letter_loss
from ocr2.train.optimizer import OptimizerConfig
from ocr2.train.pointing import IGNORE, embed_rows, pointer_logits, to_device
from ocr2.train.pools import Drawn, PoolTask, find_groups
from ocr2.train.recipes import Recipe, add_encoder_argument
from ocr2.train.trainer import autocast
from ocr2.vary.config import PRESETS, LayoutConfig
from ocr2.vary.nano.candidates import (
    FIRST_CANDIDATE,
    IDS,
    KINDS,
    MAX_CANDIDATES,
    STEP,
    Candidates,
    merge_cell_boxes,
    overlaps,
)
from ocr2.vary.nano.network import LayoutNano
from ocr2.vary.nano.reader import NanoDetector
from ocr2.vary.nano.view import page_ink, squash_gray

BATCH = 16
WINDOWS = 4  # of text, beside a batch of pages
LETTER_WEIGHT = 0.5
NO_LETTER_WEIGHT = 0.1  # of cells without a letter
EVALUATED = 10  # one frozen page in so many, while training
MATCHED = 0.5  # overlap from which a candidate is a region
FALSE_KIND_WEIGHT = 0.5  # of candidates that are none
LARGE = 200.0  # cells of a region from which its cells count no more than those that lie in none
MOST_WEIGHT = 4.0  # of a cell in a small region
MISSED = 0.7  # share of missed regions that become candidates all the same
TRAINING_THRESHOLD = 0.12  # of candidates while training: the decoder is to see doubtful ones
MOST_WHILE_TRAINING = 72


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of text with their letters."""

    ink: Tensor  # (w, 1, rows, columns)
    letters: Tensor  # (w, rows, columns) of cells: 0 for none


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages with their truth."""

    ink: Tensor  # (b, 1, rows, columns)
    cell_kinds: Tensor  # (b, rows, columns): 0 for none
    cell_boxes: Tensor  # (b, rows, columns, 4): of the cell's region, in cells
    boxes: list[NDArray[np.float32]]  # of each page (n, 4), shares, in reading order
    kinds: list[NDArray[np.int64]]  # (n,), from 1


class TextAndLayout(nn.Module):
    """What is trained: vary-nano, and a head by which its vocabulary tells letters."""

    def __init__(self, config: LayoutConfig) -> None:
        super().__init__()
        self.nano = LayoutNano(config)
        patch = config.skeleton.document.embed_dim
        self.window_head = nn.Sequential(nn.LayerNorm(patch), nn.Linear(patch, SPLIT * SPLIT * LETTER_KINDS))

    def predict_letters(self, patches: Tensor) -> Tensor:
        """Tell which letters are where: patches (b, h, w, c) to logits (b, 2h, 2w, LETTER_KINDS)."""
        return split_cells(self.window_head(patches))


@dataclass(frozen=True, slots=True)
class Named:
    """Candidates of a batch, and what the decoder is to write."""

    boxes: Tensor  # (b, n, 4), padded
    probabilities: Tensor  # (b, n, KINDS)
    valid: Tensor  # (b, n), boolean
    kinds: Tensor  # (b, n): true kind, 0 for none, ignored where there is no candidate
    order: Tensor  # (b, m): numbers of candidates in reading order, -1 behind the last
    counts: Tensor  # (b,)


class LayoutTask(PoolTask[PageRecord]):
    """What `Trainer` trains.

    Args:
        pools: Folders of groups; taken in turn.
        val: Folder of `frozen.npz`.
        texts: Pool of windows of text; without one, layout alone is learnt.
        seed: Of the order and the noise.
        device: To train on.
    """

    def __init__(
        self, pools: Sequence[Path], val: Path, *, texts: Path | None = None, seed: int = 1, device: str = "cpu"
    ) -> None:
        model = TextAndLayout(PRESETS["vary-nano"])
        super().__init__(model, pools, val, evaluated=EVALUATED, seed=seed, device=device)
        paths = find_groups([texts]) if texts else []
        self.windows: list[Drawn[WindowRecord]] = [window for path in paths for window in read_group(path)]

    def cut_batches(self, samples: Sequence[Drawn[PageRecord]], rng: Generator) -> list[NDArray[np.int64]]:
        """Cut a group into batches of pages, in a random order."""
        order = rng.permutation(len(samples))
        return [order[i : i + BATCH] for i in range(0, len(order) - BATCH + 1, BATCH)]

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of the next batch."""
        pages, rng = self.next_share(step)
        assert isinstance(self.model, TextAndLayout)
        batch = to_device(make_batch(self.model.nano, pages, rng), self.device)
        windows = None
        if self.windows:
            chosen = rng.choice(len(self.windows), max(1, WINDOWS // self.workers.count))
            windows = make_windows(self.model.nano, [self.windows[int(i)] for i in chosen], rng)
            windows = to_device(windows, self.device)
        return batch_losses(self.model, batch, rng, windows)

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Score a fixed share of the frozen pages."""
        assert isinstance(model, TextAndLayout)
        return score_frozen(model.nano, self.frozen)


def make_windows(model: LayoutNano, windows: Sequence[Drawn[WindowRecord]], rng: Generator) -> Windows:
    """Turn windows of text into tensors."""
    size, cells = model.config.size, model.cells
    inks = [noisy_ink(page_ink(squash_gray(decode_gray(png), size)), rng) for png, _ in windows]
    letters = [text_cells(record, cells) for _, record in windows]
    return Windows(torch.stack(inks), torch.from_numpy(np.stack(letters)))


def make_batch(model: LayoutNano, pages: Sequence[Drawn[PageRecord]], rng: Generator) -> Batch:
    """Turn pages into tensors."""
    size, cells = model.config.size, model.cells
    scale = np.array([cells[1], cells[0]] * 2, np.float32)
    inks, kinds, boxes = [], [], []
    true_boxes, true_kinds = [], []
    for png, record in pages:
        gray = decode_gray(png)
        inks.append(noisy_ink(page_ink(squash_gray(gray, size)), rng))
        own_boxes, own_kinds = region_boxes(record), region_kinds(record)
        numbers = region_cells(record, cells)
        kinds.append(np.concatenate([[0], own_kinds])[numbers])
        boxes.append(np.concatenate([np.zeros((1, 4), np.float32), own_boxes * scale])[numbers])
        true_boxes.append(own_boxes)
        true_kinds.append(own_kinds)
    return Batch(
        ink=torch.stack(inks),
        cell_kinds=torch.from_numpy(np.stack(kinds)),
        cell_boxes=torch.from_numpy(np.stack(boxes)).float(),
        boxes=true_boxes,
        kinds=true_kinds,
    )


def noisy_ink(ink: Tensor, rng: Generator) -> Tensor:
    """Change how strong ink (1, rows, columns) is."""
    return (ink * float(rng.uniform(0.7, 1.2))).clamp(0, 1) if rng.random() < 0.5 else ink


def batch_losses(
    both: TextAndLayout, batch: Batch, rng: Generator, windows: Windows | None = None
) -> dict[str, Tensor]:
    """Return the loss terms of a batch of pages, and of windows of text that are encoded with it."""
    model, count = both.nano, len(batch.ink)
    letters: dict[str, Tensor] = {}
    with autocast(batch.ink.device):
        patches, features = model.encode_picture(batch.ink if windows is None else torch.cat([batch.ink, windows.ink]))
        if windows is not None:
            told = both.predict_letters(patches[count:]).float()
            letters["letters"] = LETTER_WEIGHT * letter_loss(told, windows.letters, none=NO_LETTER_WEIGHT)
        patches, features = patches[:count], features[:count]
        kinds, sides, fits = model.predict_cells(patches)
    losses = letters | cell_losses(kinds.float(), sides.float(), fits.float(), batch)
    given = tuple(outputs.detach().float().cpu() for outputs in (kinds, sides, fits))
    named = to_device(name_candidates(given[0], given[1], given[2], batch, rng), batch.ink.device)
    with autocast(batch.ink.device):
        vectors, named_kinds = model.encode_candidates(named.boxes, named.probabilities, named.valid, patches, features)
        pointers, heads = model.pointers(vectors)
        losses |= order_losses(model, features, pointers, heads, named)
    weights = torch.ones(KINDS, device=batch.ink.device)
    weights[0] = FALSE_KIND_WEIGHT
    if named.valid.any():
        losses["kinds"] = F.cross_entropy(named_kinds.float()[named.valid], named.kinds[named.valid], weight=weights)
    return losses


def cell_losses(kinds: Tensor, sides: Tensor, fits: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Return the losses of the cells' kinds, boxes and fits."""
    b, rows, columns = kinds.shape[:3]
    inside = batch.cell_kinds > 0
    axes = (torch.arange(n, device=kinds.device) + 0.5 for n in (columns, rows))
    grid = torch.meshgrid(*axes, indexing="xy")
    middle = torch.stack(grid, dim=-1).expand(b, -1, -1, -1)[inside]
    boxes = batch.cell_boxes[inside]
    far = torch.cat([middle - boxes[:, :2], boxes[:, 2:] - middle], dim=1)
    told = sides[inside]
    # Every region counts the same up to a power: large ones have many cells.
    share = ((boxes[:, 2:] - boxes[:, :2]).clamp(min=1).prod(dim=1)) ** -0.5
    share = share / share.sum().clamp(min=1e-6)
    near = F.smooth_l1_loss(told, torch.asinh(far / STEP), reduction="none", beta=0.1).sum(dim=1)
    reach = torch.sinh(told.clamp(-7, 7)) * STEP
    guess = torch.cat([middle - reach[:, :2], middle + reach[:, 2:]], dim=1)
    iou, giou = overlap_of(guess, boxes)
    wanted = torch.zeros_like(fits)
    wanted[inside] = iou.detach()
    counts = torch.ones_like(fits)
    counts[inside] = (LARGE / (boxes[:, 2:] - boxes[:, :2]).clamp(min=1).prod(dim=1)).sqrt().clamp(1, MOST_WEIGHT)
    told_kinds = F.cross_entropy(kinds.flatten(0, 2), batch.cell_kinds.flatten(), reduction="none")
    return {
        "cells": 2 * (told_kinds * counts.flatten()).sum() / counts.sum(),
        "sides": 0.5 * (near * share).sum(),
        "giou": ((1 - giou) * share).sum(),
        "fits": F.binary_cross_entropy_with_logits(fits[inside], wanted[inside], reduction="sum")
        / max(1, int(inside.sum())),
    }


def overlap_of(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Return intersection over union, and its generalised form (Rezatofighi et al. 2019), of boxes (n, 4) in pairs."""
    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    shared = (high - low).clamp(min=0).prod(dim=1)
    area = (one[:, 2:] - one[:, :2]).clamp(min=0).prod(dim=1) + (other[:, 2:] - other[:, :2]).prod(dim=1) - shared
    iou = shared / area.clamp(min=1e-6)
    hull = (torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])).clamp(min=0).prod(dim=1)
    return iou, iou - (hull - area) / hull.clamp(min=1e-6)


def name_candidates(kinds: Tensor, sides: Tensor, fits: Tensor, batch: Batch, rng: Generator) -> Named:
    """Find the candidates of a batch, and which of them are the true regions."""
    found = [
        merge_cell_boxes(k, s, f, threshold=TRAINING_THRESHOLD, most=MOST_WHILE_TRAINING)
        for k, s, f in zip(kinds.softmax(dim=-1).numpy(), sides.numpy(), fits.sigmoid().numpy(), strict=True)
    ]
    rows = [complete(c, b, k, rng) for c, b, k in zip(found, batch.boxes, batch.kinds, strict=True)]
    most = max(1, *(len(c.scores) for c, _, _ in rows))
    count, longest = len(rows), max(1, *(len(order) for _, _, order in rows))
    named = Named(
        boxes=torch.zeros(count, most, 4),
        probabilities=torch.zeros(count, most, KINDS),
        valid=torch.zeros(count, most, dtype=torch.bool),
        kinds=torch.zeros(count, most, dtype=torch.long),
        order=torch.full((count, longest), -1),
        counts=torch.tensor([len(c.scores) for c, _, _ in rows]),
    )
    for i, (candidates, true, order) in enumerate(rows):
        n = len(candidates.scores)
        named.boxes[i, :n] = torch.from_numpy(candidates.boxes)
        named.probabilities[i, :n] = torch.from_numpy(candidates.kinds)
        named.valid[i, :n] = True
        named.kinds[i, :n] = torch.from_numpy(true)
        named.order[i, : len(order)] = torch.tensor(order, dtype=torch.long)
    return named


def complete(
    found: Candidates, boxes: NDArray[np.float32], kinds: NDArray[np.int64], rng: Generator
) -> tuple[Candidates, NDArray[np.int64], list[int]]:
    """Add regions that are missing, in a random order.

    Returns:
        Candidates; their true kinds, 0 for none; the numbers of those that are regions, in reading order.
    """
    shared = overlaps(boxes, found.boxes)
    taken: dict[int, int] = {}  # region -> candidate
    free = np.ones(len(found.scores), bool)
    for flat in np.argsort(-shared, axis=None, kind="stable").tolist() if shared.size else []:
        region, candidate = divmod(flat, shared.shape[1])
        if shared[region, candidate] < MATCHED:
            break
        if region not in taken and free[candidate]:
            taken[region] = candidate
            free[candidate] = False
    more_boxes: list[NDArray[np.floating]] = []
    more_kinds: list[NDArray[np.float32]] = []
    for region in range(len(boxes)):
        if region not in taken and rng.random() < MISSED and len(found.scores) + len(more_boxes) < MAX_CANDIDATES:
            taken[region] = len(found.scores) + len(more_boxes)
            left, top, right, bottom = boxes[region].tolist()
            shake = rng.normal(0, 0.04, 4) * np.array([right - left, bottom - top] * 2)
            more_boxes.append(np.clip(boxes[region] + shake, 0, 1))
            told = np.full(KINDS, 0.3 / KINDS, np.float32)
            told[int(kinds[region])] += 0.7
            more_kinds.append(told)
    all_boxes = np.concatenate([found.boxes, np.array(more_boxes, np.float32).reshape(-1, 4)])
    all_kinds = np.concatenate([found.kinds, np.array(more_kinds, np.float32).reshape(-1, KINDS)])
    true = np.zeros(len(all_boxes), np.int64)
    for region, candidate in taken.items():
        true[candidate] = kinds[region]
    order = [taken[region] for region in sorted(taken)]
    mixed = np.lexsort((all_boxes[:, 0], all_boxes[:, 1]))  # as `in_order` shows them
    place = np.argsort(mixed)
    return (
        Candidates(all_boxes[mixed].astype(np.float32), all_kinds[mixed], np.ones(len(mixed), np.float32)),
        true[mixed],
        [int(place[i]) for i in order],
    )


def order_losses(
    model: LayoutNano, features: Tensor, pointers: Tensor, heads: Tensor, named: Named
) -> dict[str, Tensor]:
    """Return the loss of naming candidates in reading order.

    A row is image tokens, all candidates, the task token, then candidates as they are named; rows are padded behind.
    """
    b, v, _ = features.shape
    n, device = pointers.shape[1], features.device
    longest = -(-int((named.counts + 1 + (named.order >= 0).sum(dim=1)).max() + v) // 16) * 16
    sources = torch.full((b, longest), v + n + 1)
    labels = torch.full((b, longest), IGNORE)
    for i, (count, numbers) in enumerate(zip(named.counts.tolist(), named.order.tolist(), strict=True)):
        order, start = [k for k in numbers if k >= 0], v + count
        sources[i, :start] = torch.arange(start)
        sources[i, start] = v + n
        sources[i, start + 1 : start + 1 + len(order)] = torch.tensor([v + k for k in order], dtype=torch.long)
        labels[i, start : start + 1 + len(order)] = torch.tensor(
            [*(FIRST_CANDIDATE + k for k in order), IDS["end"]], dtype=torch.long
        )
    sources, labels = sources.to(device), labels.to(device)
    ids = torch.tensor([[IDS["regions"], IDS["pad"]]], device=device).expand(b, -1)
    states = model.multimodal.hidden_states(embed_rows(model, features, pointers, ids, sources))
    logits = pointer_logits(model, states, heads, labels, named.valid, first=FIRST_CANDIDATE)
    return {"order": F.cross_entropy(logits, labels[labels != IGNORE])}


def score_frozen(model: LayoutNano, pages: Sequence[Drawn[PageRecord]]) -> dict[str, float]:
    """Return F1 at an overlap of one half, of cells alone and of the decoder, and how well regions are ordered."""
    detector = NanoDetector(model, name="", weights_sha256="", dtype=torch.float32)
    counts = RegionCounts()
    by_kind: dict[str, RegionCounts] = {kind: RegionCounts() for kind in REGION_KINDS}
    grays = [decode_gray(png) for png, _ in pages]
    for reading, (_, record) in zip(detector.find_regions(grays), pages, strict=True):
        told = [(r.kind, (r.box.left, r.box.top, r.box.right, r.box.bottom)) for r in reading.regions]
        one = count_regions(told, regions_of(record))
        counts += one.total
        for kind, part in one.by_kind.items():
            by_kind[kind] += part
    scores = {"f1": 100 * counts.f1, "precision": 100 * counts.precision, "recall": 100 * counts.recall}
    scores["order"] = 100 * counts.order
    return scores | {f"f1_{kind}": 100 * part.f1 for kind, part in by_kind.items()}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_encoder_argument(parser)
    parser.add_argument("--texts", type=Path, help="pool of windows of text, to learn letters beside layout")


def _make_task(args: argparse.Namespace) -> LayoutTask:
    cv2.setNumThreads(1)
    return LayoutTask(args.pool, args.val, texts=args.texts, device=args.device)


RECIPE = Recipe(
    make_task=_make_task,
    add_arguments=_add_arguments,
    network="nano",
    optimizer=OptimizerConfig(average=0.995),
    evaluate_steps=250,
)
