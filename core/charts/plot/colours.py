"""Colours of a plot: its ground, its grid, and the colours of what is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]  # (height, width, 3)
Mask = NDArray[np.bool_]  # (height, width)
Colour = tuple[float, float, float]

CANDIDATES, WIDE = 8, 0.03  # most frequent colours that may be the ground; share of the plot that it covers evenly
SHADED = 48.0  # distance from the paper's colour of the ground of a shaded plot
FEW, FLAT_SHARE = 6, 0.55  # colours that cover so much of a drawn picture
AWAY = 26.0  # distance of a colour from the ground's, of 442, from which it is ink
ALIKE = 42.0  # distance at which two colours are one
GREY = 26.0  # most difference of a grey's channels
LINE = 0.4  # share of a row, or column, that is grey ink where a line of the grid or of an axis runs
FULL = 0.85  # of the strongest contrast with the ground, from which a pixel is no blend with it
BLEND = 0.13  # off the straight line from the ground to a colour, as a share of its length, that is still a blend
FLAT = 7  # most difference between neighbours in an area of one colour
MOST_COLOURS = 14
SMALLEST = 0.0003  # of the plot, that a colour covers
FEWEST = 12  # pixels of a colour


@dataclass(frozen=True, slots=True)
class Layer:
    """Everything of a plot that has one colour."""

    colour: Colour
    mask: Mask  # (height, width) of the picture: pixels of about this colour
    soft: Mask  # blends of it with the ground as well, at least half of it


def usual_colour(pixels: RGB) -> Colour:
    """Return the most frequent colour."""
    flat = pixels.reshape(-1, 3)
    codes = (flat >> 3).astype(np.int32) @ np.array([1024, 32, 1])
    values, counts = np.unique(codes, return_counts=True)
    chosen = flat[codes == values[counts.argmax()]]
    r, g, b = np.median(chosen, axis=0).tolist()
    return r, g, b


def strongest(pixels: NDArray[np.uint8], ground: NDArray[np.floating]) -> Colour:
    """Return the colour of the pixels (n, 3) that differ most from the ground: the others are blends with it."""
    away = np.linalg.norm(pixels.astype(np.float32) - ground, axis=1)
    full = away >= FULL * np.percentile(away, 97)
    r, g, b = np.median(pixels[full], axis=0).tolist()
    return r, g, b


def is_drawn(picture: RGB) -> bool:
    """Say whether few colours cover most of a picture, as in what a program draws and unlike in a photograph."""
    codes = (picture >> 4).astype(np.int32) @ np.array([256, 16, 1])
    counts = np.sort(np.bincount(codes.ravel(), minlength=4096))[::-1]
    return bool(counts[:FEW].sum() >= FLAT_SHARE * codes.size)


def ground_of(part: RGB, paper: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the colour of a plot's ground: of those that cover wide areas the one most like the paper's.

    Bars may cover more of the plot than its ground does; a grid in the paper's colour is thin.
    """
    codes = (part >> 3).astype(np.int32) @ np.array([1024, 32, 1])
    values, counts = np.unique(codes, return_counts=True)
    best: tuple[float, NDArray[np.float32]] | None = None
    for code in values[np.argsort(-counts)][:CANDIDATES].tolist():
        wide = cv2.erode((codes == code).astype(np.uint8), np.ones((5, 5), np.uint8))
        share = float(wide.mean())
        if share < WIDE:
            continue
        colour = np.asarray(np.median(part[wide > 0], axis=0), np.float32)
        off = float(np.linalg.norm(colour - paper))
        cost = -share if off < SHADED else off  # the ground is the paper, or a shade of it
        if best is None or cost < best[0]:
            best = cost, colour
    return best[1] if best is not None else np.array(usual_colour(part), np.float32)


def find_layers(
    picture: RGB, plot: tuple[int, int, int, int], text: Mask, legend: Mask, seeds: Sequence[Colour]
) -> tuple[list[Layer], Mask]:
    """Part what is drawn in a plot by colour, the colours of the legend first.

    Args:
        picture: (height, width, 3).
        plot: Left, top, right, bottom.
        text: (height, width): where text is; marks are to be seen around it.
        legend: (height, width): where the legend is, which is no mark.
        seeds: Colours that the legend shows.

    Returns:
        Those of `seeds`, in their order, empty ones too; then others, the most frequent first. And where lines of the
        grid and of axes are (height, width).
    """
    left, top, right, bottom = plot
    part = picture[top:bottom, left:right]
    if part.size == 0:
        return [], np.zeros(picture.shape[:2], np.bool_)
    paper = np.array(usual_colour(np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])[None]))
    ground = ground_of(part, paper)
    values = part.astype(np.float32)
    away = np.linalg.norm(values - ground, axis=2)
    hidden = text[top:bottom, left:right]
    drawn = (away > AWAY) & ~legend[top:bottom, left:right]
    grid = _grid(part, drawn & ~hidden)
    drawn &= ~grid
    if np.linalg.norm(paper - ground) > 12:  # the grid of a shaded plot has the paper's colour
        drawn &= np.linalg.norm(values - paper, axis=2) > 14
    ink = drawn & ~hidden
    least = max(FEWEST, SMALLEST * ink.size)
    colours = [np.array(seed, np.float32) for seed in seeds]
    colours += _further(values, ink, ground, colours, least)
    if not colours:
        return [], _whole(grid, picture, plot)
    table = np.stack(colours)
    pixels, covered, free = values[drawn], hidden[drawn], ink[drawn]  # the rest is ground
    distance = np.linalg.norm(pixels[:, None] - table, axis=2)
    nearest = distance.argmin(axis=1)
    soft_of = _blends(pixels, ground, table)
    layers = []
    for i, colour in enumerate(colours):
        reach = min(ALIKE, 0.45 * float(np.linalg.norm(colour - ground)) + 8)
        # Text on a mark hides some of it; around the text the mark's own colour is to be seen.
        hard = (nearest == i) & (distance[:, i] < np.where(covered, 0.6 * reach, reach))
        soft = hard | (free & (soft_of == i))
        r, g, b = colour.tolist()
        masks = [_whole(_spread(found, drawn), picture, plot) for found in (hard, soft)]
        layers.append(Layer((r, g, b), *masks))
    return layers, _whole(grid, picture, plot)


def _spread(found: Mask, drawn: Mask) -> Mask:
    """Put what was found of the pixels drawn (n) where they are (height, width)."""
    mask = np.zeros(drawn.shape, np.bool_)
    mask[drawn] = found
    return mask


def _whole(mask: Mask, picture: RGB, plot: tuple[int, int, int, int]) -> Mask:
    left, top, right, bottom = plot
    whole = np.zeros(picture.shape[:2], np.bool_)
    whole[top:bottom, left:right] = mask
    return whole


def _grid(part: RGB, ink: Mask) -> Mask:
    """Return grey lines that run through most of the plot and are thin."""
    grey = ink & ((part.max(axis=2).astype(np.int16) - part.min(axis=2)) < GREY)
    found = np.zeros_like(grey)
    for turned in (False, True):
        mask = grey.T if turned else grey
        share = mask.mean(axis=1)
        thick = np.zeros_like(mask)
        thick[4:-4] = mask[:-8] & mask[8:]
        for i in np.flatnonzero(share > LINE).tolist():
            # A thick bar's rows are many; a line's neighbours are clear.
            above, below = share[max(0, i - 4) : max(0, i - 1)], share[i + 2 : i + 5]
            clear = max(_least(above), _least(below)) < 0.5 * share[i]
            thin = float((mask[i] & ~thick[i]).mean()) > 0.5 * LINE
            if clear or thin:
                rows = slice(max(0, i - 1), i + 2)
                (found.T if turned else found)[rows] |= mask[rows] & ~thick[rows]
    return np.asarray(found & grey, np.bool_)


def _least(shares: NDArray[np.floating]) -> float:
    return float(shares.min()) if len(shares) else 0.0


def _further(
    values: NDArray[np.float32],
    ink: Mask,
    ground: NDArray[np.float32],
    known: Sequence[NDArray[np.float32]],
    least: float,
) -> list[NDArray[np.float32]]:
    """Return colours beside those known, most frequent first, blends and edges left out."""
    small = values.astype(np.int16)
    flat = np.ones(ink.shape, np.bool_)
    flat[:, 1:] &= np.abs(small[:, 1:] - small[:, :-1]).max(axis=2) <= FLAT
    flat[1:] &= np.abs(small[1:] - small[:-1]).max(axis=2) <= FLAT
    pixels, even = values[ink], flat[ink]
    left = np.ones(len(pixels), np.bool_)
    for colour in known:
        left &= np.linalg.norm(pixels - colour, axis=1) > ALIKE
    codes = (pixels.astype(np.int32) >> 4) @ np.array([256, 16, 1])
    found: list[NDArray[np.float32]] = []
    for _ in range(3 * MOST_COLOURS):
        if len(found) >= MOST_COLOURS or int(left.sum()) < least:
            break
        counts = np.bincount(codes[left], weights=1 + 2 * even[left], minlength=4096)
        colour = np.median(pixels[left & (codes == int(counts.argmax()))], axis=0)
        near = left & (np.linalg.norm(pixels - colour, axis=1) <= ALIKE)
        left &= ~near
        if int(near.sum()) < least:
            continue
        evenly = float(even[near].mean())
        others = [*known, *found]
        if evenly < 0.5 and (_is_blend(colour, ground, others) or _is_edge(_spread(near, ink), others, values)):
            continue
        found.append(colour)
    return found


def _is_blend(colour: NDArray[np.float32], ground: NDArray[np.float32], others: Sequence[NDArray[np.float32]]) -> bool:
    """Say whether a colour lies between the ground and another."""
    for other in others:
        way = other - ground
        length = float(way @ way)
        if length < 1:
            continue
        t = float((colour - ground) @ way) / length
        off = float(np.linalg.norm(colour - ground - t * way)) / length**0.5
        if 0.05 < t < 0.95 and off < BLEND:
            return True
    return False


def _is_edge(near: Mask, others: Sequence[NDArray[np.float32]], values: NDArray[np.float32]) -> bool:
    """Say whether pixels lie along the edges of two other colours."""
    if len(others) < 2:
        return False
    beside = [
        cv2.dilate((np.linalg.norm(values - other, axis=2) <= ALIKE).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        for other in others
    ]
    touched = np.sum([b[near] for b in beside], axis=0)
    return bool((touched >= 2).mean() > 0.6)


def _blends(pixels: NDArray[np.float32], ground: NDArray[np.float32], table: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return for each pixel (n, 3) the colour of which it is a blend with the ground, at least half; -1 for none."""
    best = np.full(len(pixels), -1, np.int64)
    least = np.full(len(pixels), np.inf, np.float32)
    away = pixels - ground
    for i, colour in enumerate(table):
        way = colour - ground
        length = float(np.linalg.norm(way))
        if length < 1:
            continue
        t = away @ (way / length) / length
        off = np.linalg.norm(away - t[:, None] * way, axis=1) / length
        fits = (t > 0.5) & (t < 1.25) & (off < 0.3)
        cost = off + 0.3 * np.abs(1 - t)
        better = fits & (cost < least)
        best[better], least[better] = i, cost[better]
    return best
