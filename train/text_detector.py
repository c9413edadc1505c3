"""The text detector: trained on crops of pools of pages (`ocr2.synth.text_lines`)."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.models.protocols import DetectedLine
from ocr2.synth.groups import decode_gray
from ocr2.synth.text_lines.canvas import PICTURE, RULE, Band, TextPage
from ocr2.synth.text_lines.pdf import UNKNOWN
from ocr2.synth.text_lines.pool import LinesRecord, page_of
from ocr2.train.pointing import device_of
from ocr2.train.pools import Drawn, PoolTask
from ocr2.train.recipes import Recipe
from ocr2.train.trainer import autocast
from ocr2.vision.text_detector import (
    ENDS,
    STRIDE,
    USUAL_X_HEIGHT,
    TextDetector,
    detector_input,
    lines_of_maps,
    scale_for,
)

SIDE = 480  # pixels of a training crop
PAGES = 4  # of a batch, over all processes
CROPS = 3  # of each page
EVALUATED = 6  # one frozen page in so many
X_HEIGHTS = 3.5, 16.0  # pixels: usual x-height of the crops
SHORT, SHORT_WEIGHT = 2.5, 7.0  # length in x-heights of lines of a letter or two, and how much more their cores weigh
PARTING = 6.0  # more weight of the white between lines that are near
MIN_OVERLAP = 0.5  # of found and true line, to count


class TextDetectorTask(PoolTask[LinesRecord]):
    """What `Trainer` trains."""

    def __init__(self, pools: Sequence[Path], val: Path, *, seed: int = 1, device: str = "cpu") -> None:
        model = TextDetector()
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        super().__init__(model, pools, val, evaluated=EVALUATED, seed=seed, device=device)

    def cut_batches(self, samples: Sequence[Drawn[LinesRecord]], rng: Generator) -> list[NDArray[np.int64]]:
        """Cut a group into batches of pages."""
        order = rng.permutation(len(samples))
        return [order[i : i + PAGES] for i in range(0, len(order) - PAGES + 1, PAGES)]

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of crops of the next pages."""
        samples, rng = self.next_share(step)
        crops = [crop for png, record in samples for crop in cut_crops(page_of(decode_gray(png), record), rng, CROPS)]
        pixels = torch.from_numpy(np.stack([pixels for pixels, _ in crops]))[:, None].to(self.device)
        target = torch.from_numpy(np.stack([target for _, target in crops])).to(self.device)
        with autocast(self.device):
            maps = self.model(pixels.contiguous(memory_format=torch.channels_last)).float()
        return detector_losses(maps, target)

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Score the detector on a fixed share of the frozen pages."""
        found = wanted = matched = 0
        for png, record in self.frozen:
            page = page_of(decode_gray(png), record)
            lines = detect(model, page.pixels, scale_of(page))
            found, wanted = found + len(lines), wanted + len(page.bands)
            matched += count_hits(lines, page.bands)
        precision, recall = 100 * matched / max(1, found), 100 * matched / max(1, wanted)
        return {"precision": precision, "recall": recall}


def scale_of(page: TextPage) -> float:
    """Return the scale at which the detector looks at a page whose usual x-height it knows."""
    heights = [x_height(band) for band in page.bands]
    return scale_for(float(np.median(heights)) if heights else USUAL_X_HEIGHT, page.pixels.shape)


@torch.inference_mode()
def detect(model: nn.Module, gray: NDArray[np.uint8], scale: float) -> list[DetectedLine]:
    """Find the lines of a page (height, width)."""
    device = device_of(model)
    with autocast(device):
        maps = model(detector_input(gray, scale).to(device))[0].float().cpu()
    return lines_of_maps(maps.numpy(), scale)


def x_height(band: Band) -> float:
    """Return the mean height of a band, pixels."""
    up: list[float] = (band[1] - band[0]).mean(axis=0).tolist()
    return math.dist((0.0, 0.0), up)


def count_hits(lines: Sequence[DetectedLine], bands: Sequence[Band]) -> int:
    """Count true lines that a found one overlaps by half of their union, band by band, grown to the line's height."""
    hits = 0
    polygons = [_polygon(line) for line in lines]
    middles = np.array([p.mean(axis=0) for p in polygons]) if polygons else np.zeros((0, 2))
    for band in bands:
        true = _grown(band)
        reach = np.linalg.norm(true.max(axis=0) - true.min(axis=0))
        near = np.flatnonzero(np.linalg.norm(middles - true.mean(axis=0), axis=1) < reach)
        hits += any(_overlap(true, polygons[int(i)]) >= MIN_OVERLAP for i in near)
    return hits


def _polygon(line: DetectedLine) -> NDArray[np.float32]:
    turn = math.radians(line.angle)
    axis = np.array([math.cos(turn), -math.sin(turn)], np.float32) * line.length / 2
    down = np.array([math.sin(turn), math.cos(turn)], np.float32) * line.x_height / 2
    middle = np.array([line.x, line.y], np.float32)
    return _grown(np.stack([np.stack([middle - axis + s * down, middle + axis + s * down]) for s in (-1, 1)]))


def _grown(band: Band) -> NDArray[np.float32]:
    """Return the outline of a line: its band and as much again for tall and deep letters."""
    up = 0.5 * (band[0] - band[1])
    return np.concatenate([band[0] + up, (band[1] - up)[::-1]]).astype(np.float32)


def _overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    low = np.floor(np.minimum(a.min(axis=0), b.min(axis=0)))
    size = np.ceil(np.maximum(a.max(axis=0), b.max(axis=0)) - low).astype(int) + 1
    fine = min(1.0, 300 / float(size.max()))
    shape = max(1, int(size[1] * fine)), max(1, int(size[0] * fine))
    first, second = (
        np.asarray(cv2.fillPoly(np.zeros(shape, np.uint8), [((p - low) * fine).astype(np.int32)], 1), np.bool_)
        for p in (a, b)
    )
    return float((first & second).sum() / max(1, (first | second).sum()))


def cut_crops(page: TextPage, rng: Generator, count: int) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Cut squares out of a page at random scales, with the maps they should give.

    Returns:
        Ink (SIDE, SIDE) and target (7, SIDE / 4, SIDE / 4), see `draw_target`.
    """
    heights = [x_height(band) for band in page.bands]
    usual = max(1.5, float(np.median(heights))) if heights else 10.0
    return [_crop(page, rng, usual) for _ in range(count)]


def _crop(page: TextPage, rng: Generator, usual: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    low, high = np.log(X_HEIGHTS)
    scale = float(np.clip(np.exp(rng.uniform(low, high)) / usual, 0.2, 2.5))
    height, width = page.pixels.shape
    side = SIDE / scale
    if page.bands and rng.random() < 0.85:
        band = page.bands[int(rng.integers(len(page.bands)))]
        middle = band.reshape(-1, 2)[int(rng.integers(band.shape[1] * 2))] + rng.normal(0, side / 4, 2)
    else:
        middle = rng.uniform(0, 1, 2) * (width, height)
    room = np.maximum(0, np.array([width, height]) - side)
    left, top = np.clip(middle - side / 2, 0, room) if rng.random() < 0.9 else middle - side / 2
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
    shrunk = page.pixels if scale > 0.7 else cv2.GaussianBlur(page.pixels, (0, 0), 0.35 / scale)
    edge = float(np.median(page.pixels[:2]))
    square = cv2.warpAffine(shrunk, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderValue=(edge,))
    other = cv2.warpAffine(page.other, matrix, (SIDE, SIDE), flags=cv2.INTER_NEAREST)
    bands = [band * scale - np.array([left, top], np.float32) * scale for band in page.bands]
    target = draw_target(bands, np.asarray(other, np.uint8))
    ink = (255.0 - np.asarray(square, np.float32)) / 255.0
    turns = int(rng.choice(4, p=[0.76, 0.09, 0.06, 0.09]))
    if turns:
        ink, target = np.rot90(ink, turns), np.rot90(target, turns, axes=(1, 2)).copy()
        turn = turns * math.pi / 2
        cos, sin = target[3].copy(), target[4].copy()
        target[3], target[4] = cos * math.cos(turn) - sin * math.sin(turn), sin * math.cos(turn) + cos * math.sin(turn)
    if rng.random() < 0.4:
        ink = np.clip(ink * rng.uniform(0.6, 1.1) + rng.uniform(-0.1, 0.2), 0, 1)
    if rng.random() < 0.06:
        ink = 1 - ink
    return np.ascontiguousarray(ink, np.float32), np.ascontiguousarray(target, np.float32)


def draw_target(bands: Sequence[Band], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Draw the maps of a crop.

    Args:
        bands: Lines in pixels of the crop.
        other: (SIDE, SIDE): what is no text.

    Returns:
        (7, cells, cells): text, rule and picture (NaN where not known), cosine, sine, log2 of the x-height in cells,
        and the weight of the text loss.
    """
    cells = SIDE // STRIDE
    target = np.zeros((7, cells, cells), np.float32)
    near = np.zeros((cells, cells), np.uint8)
    short = np.zeros((cells, cells), np.bool_)
    for band in bands:
        if band[..., 0].max() < 0 or band[..., 1].max() < 0 or band[..., 0].min() > SIDE or band[..., 1].min() > SIDE:
            continue
        scaled = np.asarray(band / STRIDE - 0.5, np.float32)
        is_short = float(np.linalg.norm(scaled[1, -1] - scaled[1, 0])) < SHORT * max(0.5, x_height(scaled))
        before = target[0].copy() if is_short else None
        _draw_band(target, near, scaled)
        if before is not None:
            short |= target[0] > before
    target[6] = 1 + PARTING * ((near > 1) & (target[0] == 0)) + SHORT_WEIGHT * short
    blocks = other.reshape(cells, STRIDE, cells, STRIDE)
    target[1], target[2] = (blocks == RULE).any(axis=(1, 3)), (blocks == PICTURE).mean(axis=(1, 3)) > 0.5
    target[1:3, (blocks == UNKNOWN).any(axis=(1, 3))] = np.nan
    return target


def _draw_band(target: NDArray[np.float32], near: NDArray[np.uint8], band: Band) -> None:
    """Draw one line, in cells: its core piece by piece, for lines bend."""
    high = max(0.5, x_height(band))
    cut = min(ENDS * high, 0.3 * float(np.linalg.norm(band[1, -1] - band[1, 0])))
    axis = band[1, -1] - band[1, 0]
    axis = axis / max(1e-6, float(np.linalg.norm(axis)))
    core = band.copy()
    core[:, 0] += axis * cut
    core[:, -1] -= axis * cut
    if high < 1.0:  # thinner than a cell: still one cell
        middle, up = core.mean(axis=0), (core[0] - core[1]) / high
        core = np.stack([middle + up / 2, middle - up / 2])
    for i in range(band.shape[1] - 1):
        piece = np.stack([core[0, i], core[0, i + 1], core[1, i + 1], core[1, i]])
        along = core[1, i + 1] - core[1, i]
        turn = math.atan2(-float(along[1]), float(along[0]))
        points = np.rint(piece * 16).astype(np.int32)
        for layer, value in ((0, 1.0), (3, math.cos(turn)), (4, math.sin(turn)), (5, math.log2(high))):
            cv2.fillPoly(target[layer], [points], value, cv2.LINE_8, 4)
    up = 0.9 * (band[0] - band[1])
    outline = np.concatenate([band[0] + up, (band[1] - up)[::-1]])
    outline[[0, -1]] -= axis * 0.9 * high
    outline[[band.shape[1] - 1, band.shape[1]]] += axis * 0.9 * high
    mask = np.zeros_like(near)
    cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    near += mask


def detector_losses(maps: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Return the losses of cores (cross-entropy and overlap), of rules and pictures, of direction and height."""
    core, weight = target[:, 0], target[:, 6]
    found = maps[:, 0].sigmoid()
    overlap = 1 - (2 * (found * core * weight).sum() + 1) / ((found * weight).sum() + (core * weight).sum() + 1)
    known = ~target[:, 1:3].isnan()
    other = F.binary_cross_entropy_with_logits(maps[:, 1:3], target[:, 1:3].nan_to_num(), reduction="none")
    cells = core.sum().clamp(min=1)
    direction = (maps[:, 3:5] - target[:, 3:5]).abs().sum(dim=1)
    size = (maps[:, 5] - target[:, 5]).abs()
    return {
        "text": F.binary_cross_entropy_with_logits(maps[:, 0], core, weight),
        "overlap": overlap,
        "other": 0.5 * (other * known).sum() / known.sum().clamp(min=1),
        "direction": 0.3 * (direction * core).sum() / cells,
        "size": 0.5 * (size * core).sum() / cells,
    }


def _make_task(args: argparse.Namespace) -> TextDetectorTask:
    cv2.setNumThreads(1)
    return TextDetectorTask(args.pool, args.val, device=args.device)


RECIPE = Recipe(make_task=_make_task)
