"""Dense training targets of pages: regions and characters on a grid of cells."""

import numpy as np
from numpy.typing import NDArray

from ocr2.results.region import REGION_KINDS
from ocr2.synth.layouts.records import PageRecord, WindowRecord

FIRST_LETTER, LAST_LETTER = 33, 126  # visible characters of ASCII
OTHER = LAST_LETTER - FIRST_LETTER + 2  # class of all other characters
CROWDED = -100  # target of a cell with several characters, which the loss ignores
LETTER_KINDS = OTHER + 1  # classes: none, those of ASCII, other


def region_boxes(record: PageRecord) -> NDArray[np.float32]:
    """Return the regions' boxes (n, 4) in normalised coordinates."""
    size = np.array([record["width"], record["height"]] * 2, np.float32)
    boxes = np.array([region[1:] for region in record["regions"]], np.float32).reshape(-1, 4)
    return np.asarray(np.clip(boxes / size, 0, 1), np.float32)


def region_kinds(record: PageRecord) -> NDArray[np.int64]:
    """Return the regions' kinds (n,), from 1."""
    return np.array([1 + REGION_KINDS.index(region[0]) for region in record["regions"]], np.int64)


def region_cells(record: PageRecord, cells: tuple[int, int]) -> NDArray[np.int64]:
    """Return (rows, columns): the number of the region that a cell belongs to, from 1; 0 for none.

    A cell belongs to the smallest region that contains its middle; a region too thin for that has the cells on its own
    middle line.
    """
    rows, columns = cells
    out = np.zeros(cells, np.int64)
    boxes = region_boxes(record) * np.array([columns, rows] * 2, np.float32)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    for i in np.argsort(-areas, kind="stable").tolist():
        left, top, right, bottom = boxes[i].tolist()
        out[_cells(top, bottom, rows), _cells(left, right, columns)] = i + 1
    return out


def text_cells(record: WindowRecord, cells: tuple[int, int]) -> NDArray[np.int64]:
    """Return (rows, columns): class of the character whose middle is in a cell; 0 for none, `CROWDED` for several."""
    rows, columns = cells
    out = np.zeros(cells, np.int64)
    across = (np.array(record["x"]) * columns / record["width"]).astype(int)
    down = (np.array(record["y"]) * rows / record["height"]).astype(int)
    codes = np.array([ord(c) for c in record["text"]], np.int64)
    known = (codes >= FIRST_LETTER) & (codes <= LAST_LETTER)
    inside = (across >= 0) & (across < columns) & (down >= 0) & (down < rows)
    out[down[inside], across[inside]] = np.where(known, codes - FIRST_LETTER + 1, OTHER)[inside]
    held = np.zeros(cells, np.int64)
    np.add.at(held, (down[inside], across[inside]), 1)
    out[held > 1] = CROWDED
    return out


def _cells(low: float, high: float, count: int) -> slice:
    first, end = int(np.ceil(low - 0.5)), int(np.ceil(high - 0.5))
    if end <= first:
        first = min(count - 1, int((low + high) / 2))
        end = first + 1
    return slice(max(0, first), min(count, end))
