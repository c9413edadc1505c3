"""A PDF's own characters as lines, for `--text-layer use` and `auto`."""

import itertools
import unicodedata
from collections.abc import Sequence

from ocr2.boxes import Box, union
from ocr2.documents.pdf import POINTS, TextChar
from ocr2.reading.lines import ReadLine, estimate_em
from ocr2.results import Line, Word

MIN_CHARACTERS = 30  # fewer do not make a text layer
SOUND = 0.97  # share of characters that must be readable for `auto` to trust the layer


def is_sound(characters: Sequence[TextChar]) -> bool:
    """Say whether a text layer is complete and readable: enough characters, hardly any private or unknown."""
    visible = [c.text for c in characters if not c.text.isspace()]
    bad = sum(unicodedata.category(c) in ("Co", "Cn", "Cc") or c == "\ufffd" for c in visible)
    return len(visible) >= MIN_CHARACTERS and bad <= (1 - SOUND) * len(visible)


def layer_lines(characters: Sequence[TextChar], *, dpi: float) -> list[ReadLine]:
    """Group characters into lines in file order.

    Args:
        characters: As `PdfFile.text_layer` gives them.
        dpi: Of the page image; boxes come out in its pixels.
    """
    scale = dpi / POINTS
    lines = []
    for is_break, group in itertools.groupby(characters, key=lambda c: c.text == "\n"):
        words = [] if is_break else _words(list(group), scale)
        if words:
            box = union(word.box for word in words)
            text = " ".join(word.text for word in words)
            line = Line(text, box, 1.0, tuple(words))
            em = max(1.0, estimate_em(text, box.height))
            lines.append(ReadLine(line, column=0, em=em, stroke=0.0, pitch_error=1.0, pitch=0.0, gaps=()))
    return lines


def _words(characters: Sequence[TextChar], scale: float) -> list[Word]:
    words = []
    for is_space, group in itertools.groupby(characters, key=lambda c: c.text.isspace()):
        letters = list(group)
        if not is_space:
            box = Box(
                round(min(c.left for c in letters) * scale),
                round(min(c.top for c in letters) * scale),
                round(max(c.right for c in letters) * scale),
                round(max(c.bottom for c in letters) * scale),
            )
            text = unicodedata.normalize("NFKC", "".join(c.text for c in letters))
            words.append(Word(text, box, 1.0))
    return words
