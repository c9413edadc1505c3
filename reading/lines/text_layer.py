"""A PDF's own characters copied instead of read, for `--text-layer use` and `auto`."""

import itertools
import unicodedata
from collections.abc import Sequence

import cv2
import numpy as np

from ocr2.documents.document import OpenDocument, PageImage
from ocr2.documents.pdf import POINTS, TextChar
from ocr2.options import DEFAULT_DPI, TextLayer
from ocr2.reading.lines.blocks import BULLET, build_blocks
from ocr2.reading.lines.line import CELL_GAP, ReadLine, estimate_em, measure_grid, measure_stroke
from ocr2.reading.tables.find import find_tables
from ocr2.reading.tables.rules import find_rules
from ocr2.results.box import Box, union
from ocr2.results.document import Line, Page, Word
from ocr2.tiling.ink import Ink, Mask, find_ink

MIN_CHARACTERS = 30  # fewer do not make a text layer
SOUND = 0.97  # share of characters that must be readable for `auto` to trust the layer
COMPLETE = 0.6  # share of the letters on the page that must lie under characters of the layer
# In x-heights of the page; bounds are narrow as most of what a photograph leaves in the ink is smaller or taller.
LETTER_HEIGHTS, LETTER_WIDTH, SLACK, TALLEST = (0.8, 2.0), 6.0, 0.5, 9.0


def copy_page(document: OpenDocument, image: PageImage, text_layer: TextLayer) -> Page | None:
    """Return a page as its text layer has it, or None if it is to be read.

    Args:
        document: Where the page is from.
        image: The page as rendered.
        text_layer: "ignore" never copies, "use" copies any text, "auto" a layer that is readable and complete.
    """
    if text_layer == "ignore":
        return None
    scale = (image.dpi or DEFAULT_DPI) / POINTS
    characters = [_scaled(c, scale) for c in document.text_layer(image.number)]
    if all(c.text.isspace() for c in characters) or (text_layer == "auto" and not is_sound(characters)):
        return None
    ink = find_ink(image.gray)
    if text_layer == "auto" and not is_complete(characters, ink):
        return None
    height, width = image.gray.shape
    lines = layer_lines(characters, ink.mask)
    return Page(
        number=image.number,
        width=width,
        height=height,
        dpi=image.dpi,
        blocks=tuple(build_blocks(lines, height, find_tables(lines, find_rules(ink.rules, ink.x_height)))),
        confidence=1.0,
        warnings=("copied from the text layer of the PDF, not read",),
    )


def layer_text(characters: Sequence[TextChar], *, sound: bool) -> str:
    """Return the text of a PDF's text layer, or nothing.

    Args:
        characters: Of the page.
        sound: Give it only if it is readable.
    """
    if sound and not is_sound(characters):
        return ""
    return "".join(c.text for c in characters).strip()


def is_sound(characters: Sequence[TextChar]) -> bool:
    """Say whether a text layer is readable: enough characters, hardly any private or unknown."""
    visible = [c.text for c in characters if not c.text.isspace()]
    bad = sum(unicodedata.category(c) in ("Co", "Cn", "Cc") or c == "\ufffd" for c in visible)
    return len(visible) >= MIN_CHARACTERS and bad <= (1 - SOUND) * len(visible)


def is_complete(characters: Sequence[TextChar], ink: Ink) -> bool:
    """Say whether a text layer covers the writing on its page.

    Marks of the size of letters are counted, not ink, so that a picture or a drawing weighs little and a
    scanned page with a line of text stamped on it is seen for what it is.

    Args:
        characters: With boxes in pixels of the page.
        ink: Of the page.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    height, width = stats[:, cv2.CC_STAT_HEIGHT] / ink.x_height, stats[:, cv2.CC_STAT_WIDTH] / ink.x_height
    letters = (height >= LETTER_HEIGHTS[0]) & (height < LETTER_HEIGHTS[1]) & (width < LETTER_WIDTH)
    letters[0] = False  # the paper
    under = np.bincount(labels.ravel(), _cover(characters, ink).ravel(), minlength=count)
    covered = letters & (under > 0.5 * stats[:, cv2.CC_STAT_AREA])
    return int(covered.sum()) >= COMPLETE * int(letters.sum())


def layer_lines(characters: Sequence[TextChar], mask: Mask) -> list[ReadLine]:
    """Group characters into lines in file order.

    Args:
        characters: As `PdfFile.text_layer` gives them, with boxes in pixels of the page.
        mask: (height, width) writing on the page, 0 or 1.
    """
    lines = []
    for is_break, group in itertools.groupby(characters, key=lambda c: c.text == "\n"):
        words = [] if is_break else _split(list(group))
        if words:
            lines.append(_line(words, mask))
    return lines


def _line(groups: Sequence[Sequence[TextChar]], mask: Mask) -> ReadLine:
    words = [_word(group) for group in groups]
    box = union(word.box for word in words)
    text = " ".join(word.text for word in words)
    em = max(1.0, estimate_em(text, box.height))
    # The middle of a letter is the middle of its cell on a grid; its sides depend on its form.
    pitch, grid = measure_grid([[(c.left + c.right) / 2 for c in group] for group in groups])
    return ReadLine(
        line=Line(text, box, 1.0, tuple(words)),
        column=0,
        em=em,
        stroke=measure_stroke(mask, box.clipped(mask.shape[1], mask.shape[0])) / em,
        grid=grid,
        pitch=pitch,
        gaps=_gaps(words, text, box.height),
    )


def _gaps(words: Sequence[Word], text: str, height: int) -> tuple[tuple[int, int], ...]:
    """Return (left, right) of the white that may separate cells; what sets a bullet off does not."""
    rest = words[1:] if BULLET.match(text) else words
    pairs = [(a.box.right, b.box.left) for a, b in itertools.pairwise(rest)]
    return tuple((left, right) for left, right in pairs if right - left > CELL_GAP * height)


def _split(characters: Sequence[TextChar]) -> list[list[TextChar]]:
    groups = itertools.groupby(characters, key=lambda c: c.text.isspace())
    return [list(group) for is_space, group in groups if not is_space]


def _word(letters: Sequence[TextChar]) -> Word:
    box = Box(
        round(min(c.left for c in letters)),
        round(min(c.top for c in letters)),
        round(max(c.right for c in letters)),
        round(max(c.bottom for c in letters)),
    )
    return Word(unicodedata.normalize("NFKC", "".join(c.text for c in letters)), box, 1.0)


def _cover(characters: Sequence[TextChar], ink: Ink) -> Mask:
    """Draw the boxes of the characters with some slack; watermarks larger than any letter in `ink` do not count."""
    cover = np.zeros_like(ink.mask)
    slack = SLACK * ink.x_height
    for c in characters:
        if not c.text.isspace() and c.bottom - c.top < TALLEST * ink.x_height:
            top, left = max(0, round(c.top - slack)), max(0, round(c.left - slack))
            cover[top : max(0, round(c.bottom + slack)), left : max(0, round(c.right + slack))] = 1
    return cover


def _scaled(c: TextChar, scale: float) -> TextChar:
    return TextChar(c.text, c.left * scale, c.top * scale, c.right * scale, c.bottom * scale)
