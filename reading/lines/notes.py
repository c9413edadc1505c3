"""Footnotes and captions, known by where lines stand, how large they are, and how they begin."""

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from ocr2.reading.lines.line import ReadLine

RAISED = "¹²³⁰⁴⁵⁶⁷⁸⁹"
# What a note begins with, and what the text that it belongs to has of it.
MARKER = re.compile(rf"^([{RAISED}]{{1,3}}|\*{{1,3}}|[†‡§¶]{{1,2}})\s?(?=[^\W_]|[“‘\"'(\[])")
# "Figure 3 shows that" is text; "Figure 3. Sales", "Table 2" alone and "Fig. 4a: Sales" are captions.
CAPTION = re.compile(
    r"^(?:figure|fig\.|table|tab\.|chart|exhibit|plate|scheme|map|box|listing|algorithm"
    r"|abbildung|abb\.|tabelle|figura|tabla|tableau|tabela|tabell|figuur|tabel)"
    r"\s*(?:\d+|[IVX]+)(?:[.–-]?\d+)*[a-z]?(?:\s*[.:–—|-](?:\s|$)|\s*$|\s+[A-ZÀ-Þ“(])",
    re.IGNORECASE,
)
NAMED = re.compile(r"\d\s+[a-zà-þ]")  # "Table 2 gives": small letters after the number alone
NUMBERED = re.compile(r"^(\d{1,3})\s?(?=[A-ZÀ-Þ“‘\"'(\[])")
LEVEL = str.maketrans(RAISED, "1230456789")
FAR = 1.6  # em: white below which what stands lower is no note
SMALL = 0.95  # of the body's size: notes are not larger
LOWEST = 0.3  # of the page's height: notes stand below


def is_caption(text: str) -> bool:
    """Say whether a line begins the caption of a figure or a table."""
    found = CAPTION.match(text)
    return found is not None and NAMED.search(text[: found.end() + 1]) is None


def find_notes(
    lines: Sequence[ReadLine], furniture: Collection[int], body_em: float, page_height: int
) -> list[list[int]]:
    """Return the numbers of the lines of each footnote: what stands last in a column, marked, small or referred to.

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
            small = float(np.median([lines[i].em for i in zone])) < SMALL * body_em
            text = " ".join(lines[i].line.text for i in sorted(above))
            if small or _is_referred_to(text, lines[zone[0]].line.text):
                found += _split(lines, zone)
                break
    return found


def _starts(lines: Sequence[ReadLine], here: Sequence[int], page_height: int) -> Iterator[int]:
    """Yield places in a column from which all lines may be notes, the highest first: marked, and none below larger."""
    sizes = [lines[i].em for i in here]
    for place, i in enumerate(here):
        is_low = lines[i].line.box.top > LOWEST * page_height
        if is_low and MARKER.match(lines[i].line.text) and max(sizes[place:]) < 1.25 * float(np.median(sizes[place:])):
            yield place


def _is_referred_to(text: str, note: str) -> bool:
    marker = MARKER.match(note)
    return marker is not None and reference(marker[1]).search(text) is not None


def reference(marker: str) -> re.Pattern[str]:
    """Return what finds a note's mark where text refers to it: behind a word, and not a part of a longer one."""
    return re.compile(rf"(?<=[^\s{RAISED}*]){re.escape(marker)}(?![{RAISED}*])")


def _split(lines: Sequence[ReadLine], zone: Sequence[int]) -> list[list[int]]:
    """Return the lines of each note; what stands far below is none of them."""
    notes: list[list[int]] = []
    for above, i in zip([None, *zone], zone, strict=False):
        if above is not None and lines[i].line.box.top - lines[above].line.box.bottom > FAR * lines[i].em:
            break
        text = lines[i].line.text
        if not notes or MARKER.match(text) or _follows(lines[notes[-1][0]].line.text, text):
            notes.append([i])
        else:
            notes[-1].append(i)
    return notes


def _follows(note: str, text: str) -> bool:
    """Say whether a line begins with the number after a note's, which was not seen to be raised."""
    marker, number = MARKER.match(note), NUMBERED.match(text)
    if marker is None or number is None or marker[1][0] not in RAISED:
        return False
    return int(marker[1].translate(LEVEL)) + 1 == int(number[1])
