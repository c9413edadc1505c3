"""Formulas checked by drawing them again: those that do not look like the picture are told.

The agreement tells gross mistakes; single wrong signs it tells worse than the reader's own confidence does
(benchmarks/RESULTS.md, "Formulas drawn again"), so it does not change that.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ocr2.formulas.drawing import can_draw, draw_formulas
from ocr2.metrics.formula_pictures import agreement
from ocr2.results.document import Block, Page
from ocr2.tiling.lines import runs_of

Gray = NDArray[np.uint8]  # (height, width)
NUMBERED = r"\tag{"
DOUBTFUL = 0.75  # agreement below which a reading is told to be doubtful
CONTRAST = 60  # grey levels
NOTHING_DRAWS = "formulas were not checked: that needs LaTeX with dvipng, or Matplotlib (extra `charts`)"


def verify_formulas(page: Page, gray: Gray) -> Page:
    """Return a page with warnings for formulas that do not look like the picture (height, width), or were not drawn."""
    formulas = [block for block in page.blocks if block.kind == "formula" and block.box is not None]
    if not formulas:
        return page
    if can_draw() is None:
        return dataclasses.replace(page, warnings=(*page.warnings, NOTHING_DRAWS))
    warnings = []
    for count, (block, drawn) in enumerate(zip(formulas, draw_formulas([b.text for b in formulas]), strict=True), 1):
        if drawn is None:
            warnings.append(f"formula {count} was not checked: it could not be drawn")
        elif (agreed := agreement(picture_of(block, gray), drawn)) < DOUBTFUL:
            warnings.append(f"formula {count} is doubtful: drawn again it agrees with the picture by {agreed:.0%}")
    return dataclasses.replace(page, warnings=(*page.warnings, *warnings))


def picture_of(block: Block, gray: Gray) -> Gray:
    """Return the picture of a display formula without its number, which the widest white parts from it."""
    assert block.box is not None
    box = block.box.clipped(gray.shape[1], gray.shape[0])
    part = gray[box.top : box.bottom, box.left : box.right]
    if NUMBERED not in block.text:
        return part
    away = np.abs(part.astype(np.int16) - int(np.median(part)))
    inked = np.asarray((away > CONTRAST).any(axis=0), np.bool_)
    gaps = [gap for gap in runs_of(np.logical_not(inked)) if gap[0] > 0 and gap[1] < len(inked)]
    if not gaps:
        return part
    start, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    return part[:, :start] if start > len(inked) - end else part[:, end:]
