"""Footnotes and captions, known by where lines stand, how large they are, and how they begin."""

import re
from collections.abc import Collection, Sequence

import numpy as np

from ocr2.formats.document.note_marks import LEVEL, MARK, RAISED, references
from ocr2.reading.lines.line import ReadLine

MARKED = re.compile(rf"^({MARK})\s?(?=[^\W_]|[“‘\"'(\[])")  # the first line of a note
# "Figure 3 shows that" is text; "Figure 3. Sales", "Table 2" alone and "Fig. 4a: Sales" are captions.
CAPTION = re.compile(
    r"^(?i:figure|fig\.|table|tab\.|chart|exhibit|plate|scheme|map|box|listing|algorithm"
    r"|abbildung|abb\.|tabelle|figura|tabla|tableau|tabela|tabell|figuur|tabel)"
    r"\s*(?:\d+|[IVX]+\b)(?:[.–-]?\d+)*[a-z]?(?:\s*[.:–—|-](?:\s|$)|\s*$|\s+[A-ZÀ-Þ“])"
)
NUMBERED = re.compile(r"^(\d{1,3})\s?(?=[A-ZÀ-Þ“‘\"'(\[])")
FAR = 1.6  # em: white below which what stands lower is no note
SMALL = 0.95  # of the body's size: notes are not larger
LOWEST = 0.3  # of the page's height: notes stand below
MOST_NOTES = 20  # of a column


def is_caption(text: str) -> bool:
    """Say whether a line begins the caption of a figure or a table."""
    return CAPTION.match(text) is not None


def find_notes(
    lines: Sequence[ReadLine], furniture: Collection[int], body_em: float, page_height: int
) -> list[list[int]]:
    """Return the numbers of the lines of each footnote: what stands last in a column, marked, and small or referred to.

    A number is raised for few reasons, but lists begin with stars as well: such a note must be both.

    Args:
        lines: In reading order.
        furniture: Numbers of headers, footers and page numbers.
        body_em: Size of the running text, pixels.
        page_height: Pixels.
    """
    found: list[list[int]] = []
    for column in dict.fromkeys(line.column for line in lines):
        here = [i for i, line in enumerate(lines) if line.column == column and i not in furniture]
        here.sort(key=lambda i: lines[i].line.box.top)
        for start in _starts(lines, here, page_height):
            zone, above = here[start:], set(range(len(lines))) - set(here[start:]) - set(furniture)
            if not above:
                continue
            mark = _mark(lines[zone[0]].line.text)
            small = float(np.median([lines[i].em for i in zone])) < SMALL * body_em
            if not small and mark[0] not in RAISED:
                continue
            if (small and mark[0] in RAISED) or any(next(references(mark, lines[i].line.text), None) for i in above):
                found += _split(lines, zone)
                break
    return found


def _mark(note: str) -> str:
    found = MARKED.match(note)
    return found[1] if found is not None else ""


def _starts(lines: Sequence[ReadLine], here: Sequence[int], page_height: int) -> list[int]:
    """Return places in a column from which all lines may be notes, the highest first: marked, and none below larger."""
    sizes = [lines[i].em for i in here]
    marked = [
        place
        for place, i in enumerate(here)
        if lines[i].line.box.top > LOWEST * page_height and MARKED.match(lines[i].line.text)
    ]
    return [p for p in marked[-MOST_NOTES:] if max(sizes[p:]) < 1.25 * float(np.median(sizes[p:]))]


def _split(lines: Sequence[ReadLine], zone: Sequence[int]) -> list[list[int]]:
    """Return the lines of each note; what stands far below is none of them."""
    notes: list[list[int]] = []
    for place, i in enumerate(zone):
        if place and lines[i].line.box.top - lines[zone[place - 1]].line.box.bottom > FAR * lines[i].em:
            break
        text = lines[i].line.text
        if not notes or MARKED.match(text) or _follows(lines[notes[-1][0]].line.text, text):
            notes.append([i])
        else:
            notes[-1].append(i)
    return notes


def _follows(note: str, text: str) -> bool:
    """Say whether a line begins with the number after a note's, which was not seen to be raised."""
    last, number = MARKED.match(note) or NUMBERED.match(note), NUMBERED.match(text)
    if last is None or number is None:
        return False
    digits = last[1].translate(LEVEL)
    return digits.isdecimal() and int(digits) + 1 == int(number[1])
