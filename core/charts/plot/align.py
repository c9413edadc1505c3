"""An axis aligned with its lines: texts are placed to a pixel or two, tick marks and the grid to a part of one."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.axes import NumberAxis
from ocr2.charts.plot.colours import Mask
from ocr2.charts.plot.scale import Scale

Profile = NDArray[np.float64]  # strength of lines across an axis, by pixel along it
MIN_OFFSET, MAX_OFFSET = 0.5, 4.0  # pixels between a tick's text and its line: lines are drawn to half a pixel
MIN_GRID = 0.3  # of the plot's width that a line of the grid covers
ZONE = -2, 9  # pixels beyond the texts where tick marks are
MIN_MARK = 12.0  # grey levels by which a tick mark differs from what is above and below it
MIN_TICKS, MIN_SHARE = 3, 0.6  # ticks with a line, at least and of all
SPREAD = 0.8  # pixels by which their offsets may differ from the usual one


def align_axis(axis: NumberAxis, gray: NDArray[np.uint8], grid: Mask, plot: tuple[int, int, int, int]) -> NumberAxis:
    """Move an axis by the distance that its ticks' texts have from their lines; as it is where none are seen.

    Args:
        axis: Row below the plot or column beside it.
        gray: Picture (height, width).
        grid: Pixels (height, width) of the grid and of axes.
        plot: Left, top, right, bottom in pixels.
    """
    if axis.scale.log:  # the lines between its ticks are too many to tell which is whose
        return axis
    left, top, right, bottom = plot
    part = grid[:, left:right] if axis.upright else grid[top:bottom].T
    lines: Profile = part.mean(axis=1) if part.size else np.zeros(0)
    lines = np.where(lines >= MIN_GRID, lines, 0.0)
    for profile in (lines, _tick_marks(axis, gray)):
        offset = _offset(axis.scale, profile)
        if offset is not None:
            return replace(axis, scale=_moved(axis.scale, offset)) if abs(offset) > MIN_OFFSET else axis
    return axis


def _tick_marks(axis: NumberAxis, gray: NDArray[np.uint8]) -> Profile:
    """Return how dark the strip beside the texts is, by pixel along the axis, with what runs all along it left out."""
    away = np.abs(gray.astype(np.float64) - float(np.median(gray)))
    if axis.upright:
        low = round(axis.edge)
        strip = away[:, max(0, low + ZONE[0]) : max(0, low + ZONE[1])]
    else:
        high = round(axis.edge)
        strip = away[max(0, high - ZONE[1]) : max(0, high - ZONE[0])].T
    if not strip.size:
        return np.zeros(0)
    profile = strip.mean(axis=1)
    ticks = [tick.place for tick in axis.scale.ticks]
    inner = profile[max(0, int(min(ticks))) : int(max(ticks)) + 1]
    strong = profile - float(np.median(inner)) if inner.size else profile
    return np.where(strong >= MIN_MARK, strong, 0.0)


def _offset(scale: Scale, profile: Profile) -> float | None:
    """Return the usual distance from ticks' texts to lines; None if too few have one, or they differ."""
    found = []
    for tick in scale.ticks:
        middle = _line_near(profile, tick.place)
        if middle is not None:
            found.append(middle - tick.place)
    if len(found) < max(MIN_TICKS, MIN_SHARE * len(scale.ticks)):
        return None
    usual = float(np.median(found))
    agreeing = sum(abs(offset - usual) <= SPREAD for offset in found)
    return usual if agreeing >= max(MIN_TICKS, MIN_SHARE * len(scale.ticks)) else None


def _line_near(profile: Profile, place: float) -> float | None:
    """Return the middle of the strongest line within reach of a place."""
    first, last = max(0, round(place - MAX_OFFSET)), min(len(profile), round(place + MAX_OFFSET) + 1)
    if first >= last or not profile[first:last].any():
        return None
    peak = first + int(profile[first:last].argmax())
    around = slice(max(0, peak - 1), min(len(profile), peak + 2))
    weights = profile[around]
    return float((np.arange(around.start, around.stop) + 0.5) @ weights / weights.sum())


def _moved(scale: Scale, offset: float) -> Scale:
    ticks = tuple(replace(tick, place=tick.place + offset) for tick in scale.ticks)
    return replace(scale, start=scale.start - scale.slope * offset, ticks=ticks)
