"""Classes of the visible signs of formulas, and signs found in a picture. Axis letters: h rows, w columns of cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.formulas.symbols import ACCENTS, GREEK, KNOWN
from ocr2.got.formulas.output_language import FRACTION, MAX_ELEMENTS, ROOT, UPRIGHT

CELL = 4  # pixels
CELL_OUTPUTS = 5  # of a cell: logit of a sign in it; how far its four sides are, as inverse hyperbolic sines
SIDE_UNIT = 8.0  # pixels
LONG, SLIM = 40.0, 4.0  # pixels, and times as wide as high: signs from which on their left ends tell where they are
INSIDE = 4.0  # pixels that such an end is inside
THRESHOLD = 0.4  # probability from which a middle is one
SAME = 0.55  # overlap from which two finds are one sign
LEAST_SIDE = 4.0  # pixels: thinner signs count as so thick when overlaps are measured
NONE = "none"

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CAPITALS = _LETTERS[26:]
_DIGITS = "0123456789"
TAKING = frozenset((*ACCENTS.values(), r"\not"))  # classes under which other signs stand


def _classes() -> tuple[str, ...]:
    names = [NONE, *_LETTERS, *_DIGITS, *'+-*/=<>()[]|,.;:!?`"@', *sorted(KNOWN), *sorted(TAKING), FRACTION, ROOT]
    names += [UPRIGHT + c for c in _LETTERS + "-"]
    names += [
        f"bf:{c}" for c in (*_LETTERS, *_DIGITS, *("\\" + name for name in GREEK), r"\nabla", r"\partial", r"\ell")
    ]
    names += [f"{style}:{c}" for style in ("cal", "bb") for c in _CAPITALS]
    names += [f"frak:{c}" for c in _LETTERS]
    return (*names, *(f"{style}:{c}" for style in ("sf", "tt") for c in _LETTERS + _DIGITS))


CLASSES = _classes()
NUMBERS = {name: i for i, name in enumerate(CLASSES)}

Box = tuple[float, float, float, float]  # left, top, right, bottom, pixels


@dataclass(frozen=True, slots=True)
class Found:
    """A sign in a picture, not yet named."""

    box: Box
    sure: float


def read_cells(cells: NDArray[np.float32]) -> list[Found]:
    """Read signs off the network's cells, from left to right.

    Args:
        cells: (h, w, CELL_OUTPUTS): the probability of a sign, and where its sides are.
    """
    rows, columns = np.nonzero(cells[..., 0] > THRESHOLD)
    found = cells[rows, columns]
    away = np.sinh(np.clip(found[:, 1:], -7, 7)) * SIDE_UNIT
    middles = (np.stack([columns, rows], axis=1) + 0.5) * CELL
    boxes = np.concatenate([middles - away[:, :2], middles + away[:, 2:]], axis=1)
    boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1)
    kept: list[int] = []
    thick = _thickened(boxes)
    for i in np.argsort(-found[:, 0], kind="stable").tolist():
        if len(kept) < MAX_ELEMENTS and (not kept or _overlaps(thick[i], thick[kept]).max() < SAME):
            kept.append(i)
    signs = [Found(tuple(map(float, boxes[i])), float(found[i, 0])) for i in kept]  # type: ignore[arg-type]
    return sorted(signs, key=lambda sign: sign.box[0] + sign.box[2])


def _thickened(boxes: NDArray[np.floating]) -> NDArray[np.floating]:
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = np.maximum(boxes[:, 2:] - boxes[:, :2], LEAST_SIDE) / 2
    return np.concatenate([middles - half, middles + half], axis=1)


def _overlaps(box: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the shares of their union that a box (4,) has in common with others (n, 4)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    return np.asarray(common / (areas - common))


def anchors_of(names: Sequence[str], boxes: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return where signs are found (n, 2): their middles, but the foot of a root, the left end of a bar."""
    anchors = (boxes[:, :2] + boxes[:, 2:]) / 2
    size = boxes[:, 2:] - boxes[:, :2]
    for i, name in enumerate(names):
        if name == ROOT:
            anchors[i] = boxes[i, 0] + INSIDE, boxes[i, 3] - INSIDE
        elif size[i, 0] > max(LONG, SLIM * size[i, 1]):
            anchors[i, 0] = boxes[i, 0] + INSIDE
    return np.asarray(anchors, np.float32)


def cells_of(boxes: NDArray[np.floating], anchors: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return what the cells (h, w) of a picture should say: (h, w, CELL_OUTPUTS), the first value 0 or 1.

    Of signs with their anchors in one cell the smallest keeps it, others move to a free neighbour.

    Args:
        boxes: Of signs (n, 4).
        anchors: Where they are found (n, 2).
        shape: h, w.
    """
    wanted = np.zeros((*shape, CELL_OUTPUTS), np.float32)
    areas = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0).prod(axis=1)
    for i in np.argsort(areas, kind="stable").tolist():
        x, y = (anchors[i] / CELL).tolist()
        for right, down in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            column, row = int(x) + right, int(y) + down
            if 0 <= row < shape[0] and 0 <= column < shape[1] and wanted[row, column, 0] == 0:
                middle = (np.array([column, row]) + 0.5) * CELL
                away = np.concatenate([middle - boxes[i, :2], boxes[i, 2:] - middle])
                wanted[row, column] = (1.0, *np.arcsinh(away / SIDE_UNIT))
                break
    return wanted
