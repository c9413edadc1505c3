"""onechart-nano's text detector: trained on crops of pools of charts, and shipped with it."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.models.protocols import TextBox
from ocr2.onechart.nano.text_detector import CORE_END, CORE_HEIGHT, STRIDE, TextFinder, find_lines, finder_input
from ocr2.synth.charts.records import ChartRecord
from ocr2.synth.groups import decode, read_group
from ocr2.train.pointing import device_of
from ocr2.train.pools import Drawn, find_groups
from ocr2.train.recipes import Recipe
from ocr2.train.trainer import autocast

SIDE = 384  # pixels of a training crop
BATCH = 8
EVALUATED = 25  # one frozen chart in so many
REACH = 1.2, 0.4  # of a line's height: how far beyond its ends and sides together the gap to its neighbours counts
PARTING = 8.0  # more weight of such gaps
LEAST_OVERLAP = 0.5  # of found and true line, to count


class FinderTask:
    """What `Trainer` trains."""

    def __init__(self, pools: Sequence[Path], val: Path, *, seed: int = 1, device: str = "cpu") -> None:
        self.device = torch.device(device)
        self.model: nn.Module = TextFinder().to(self.device)
        self.pools = pools
        self.seed = seed
        self.frozen = read_group(val / "frozen.npz")[::EVALUATED]
        self.seen = 0
        self._loaded: tuple[int, list[Drawn[ChartRecord]]] | None = None

    @property
    def samples_seen(self) -> int:
        """Crops consumed so far."""
        return self.seen

    def position(self) -> dict[str, int]:
        """Return where in the data it stands."""
        return {"seen": self.seen}

    def seek(self, position: dict[str, int]) -> None:
        """Go on from there."""
        self.seen = position["seen"]

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of the next crops."""
        rng = np.random.default_rng([self.seed, step])
        crops = [self._crop(rng) for _ in range(BATCH)]
        self.seen += BATCH
        pixels = torch.from_numpy(np.stack([p for p, _ in crops])).to(self.device)
        target = torch.from_numpy(np.stack([t for _, t in crops])).to(self.device)
        with autocast(self.device):
            maps = self.model(pixels).float()
        return finder_losses(maps, target)

    def _crop(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        number = self.seen // 1024
        if self._loaded is None or self._loaded[0] != number:
            groups = find_groups(self.pools)
            self._loaded = number, read_group(groups[number % len(groups)])
        png, record = self._loaded[1][int(rng.integers(len(self._loaded[1])))]
        return crop_with_target(decode(png), record, rng)

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Score the finder on a fixed share of the frozen charts."""
        found = wanted = matched = 0
        for png, record in self.frozen:
            lines = run_finder(model, decode(png))
            hits = count_hits([line.box for line in lines], record)
            found, wanted, matched = found + len(lines), wanted + len(record["texts"]), matched + hits
        return {"precision": 100 * matched / max(1, found), "recall": 100 * matched / max(1, wanted)}


@torch.inference_mode()
def run_finder(model: nn.Module, picture: NDArray[np.uint8]) -> list[TextBox]:
    """Find the lines of a picture (height, width, 3)."""
    given = finder_input(picture)
    device = device_of(model)
    with autocast(device):
        maps = model(given.pixels.to(device))[0].float().cpu()
    maps[0].sigmoid_()
    return find_lines(maps.numpy(), given.scale)


def count_hits(boxes: Sequence[tuple[float, float, float, float]], record: ChartRecord) -> int:
    """Count true lines that a found one overlaps by half of their union, both turned upright."""
    if not boxes:
        return 0
    found = np.array(boxes)
    hits = 0
    for row in record["texts"]:
        x, y, w, h = row["x"], row["y"], row["width"], row["height"]
        true = np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
        size = np.clip(np.minimum(found[:, 2:], true[2:]) - np.maximum(found[:, :2], true[:2]), 0, None).prod(axis=1)
        union = (found[:, 2:] - found[:, :2]).prod(axis=1) + w * h - size
        hits += bool((size / union).max() >= LEAST_OVERLAP)
    return hits


def crop_with_target(
    pixels: NDArray[np.uint8], record: ChartRecord, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cut a square out of a chart, at a random scale, with the maps it should give.

    Returns:
        Ink (3, SIDE, SIDE) and target (4, SIDE / 2, SIDE / 2), see `draw_target`.
    """
    height, width = pixels.shape[:2]
    longer = max(height, width)
    scale = float(np.clip(longer, 640, 1152) / longer * np.exp(rng.uniform(-0.35, 0.25)))
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, (wide, high), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left = int(rng.integers(-40, max(-39, wide - SIDE + 40)))
    top = int(rng.integers(-40, max(-39, high - SIDE + 40)))
    square = np.empty((SIDE, SIDE, 3), np.uint8)
    square[:] = small[0, 0]
    x0, y0, x1, y1 = max(0, left), max(0, top), min(wide, left + SIDE), min(high, top + SIDE)
    square[y0 - top : y1 - top, x0 - left : x1 - left] = small[y0:y1, x0:x1]
    ink = (255.0 - square.astype(np.float32)) / 255.0
    if rng.random() < 0.5:
        ink = np.clip(ink * rng.uniform(0.75, 1.1) + rng.normal(0, rng.uniform(0, 0.03), ink.shape), 0, 1)
    target = draw_target(record, scale, left, top)
    return np.ascontiguousarray(ink.transpose(2, 0, 1), np.float32), target


def draw_target(record: ChartRecord, scale: float, left: int, top: int) -> NDArray[np.float32]:
    """Draw the maps of a crop: cores of lines, the cosine and sine of their direction, what parts lines that touch."""
    cells = SIDE // STRIDE
    target = np.zeros((4, cells, cells), np.float32)
    around = np.zeros((cells, cells), np.float32)
    f = scale / STRIDE
    for row in record["texts"]:
        x, y = row["x"] * f - left / STRIDE, row["y"] * f - top / STRIDE
        w, h = row["width"] * f, row["height"] * f
        size = max(1.0, w - 2 * CORE_END * h), max(1.0, h * CORE_HEIGHT)
        corners = cv2.boxPoints(((x - 0.5, y - 0.5), size, -row["angle"]))
        fixed = np.rint(corners * 16).astype(np.int32)[None]
        turn = math.radians(row["angle"])
        for layer, value in ((0, 1.0), (1, math.cos(turn)), (2, math.sin(turn))):
            cv2.fillPoly(target[layer], [fixed[0]], value, cv2.LINE_8, 4)
        reach = cv2.boxPoints(((x - 0.5, y - 0.5), (w + REACH[0] * h, (1 + REACH[1]) * h), -row["angle"]))
        near = cv2.fillPoly(np.zeros_like(around), [np.rint(reach * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
        around += near
    target[3] = (around > 1) & (target[0] == 0)
    return target


def finder_losses(maps: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Return the losses of cores (cross-entropy and overlap) and directions."""
    core = target[:, 0]
    found = maps[:, 0].sigmoid()
    overlap = 1 - (2 * (found * core).sum() + 1) / (found.sum() + core.sum() + 1)
    direction = (maps[:, 1:] - target[:, 1:3]).abs().sum(dim=1)
    return {
        "core": F.binary_cross_entropy_with_logits(maps[:, 0], core, 1 + PARTING * target[:, 3]),
        "overlap": overlap,
        "direction": (direction * core).sum() / core.sum().clamp(min=1),
    }


def _make_task(args: argparse.Namespace) -> FinderTask:
    cv2.setNumThreads(1)
    return FinderTask(args.pool, args.val, device=args.device)


RECIPE = Recipe(make_task=_make_task)
