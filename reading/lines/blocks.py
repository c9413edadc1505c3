"""Lines into blocks: titles, headings, paragraphs, lists, code, tables, and what repeats in the margins.

Only looks and words are used: size, weight, even pitch, indentation, white space, how lines begin and end.
Thresholds were set by hand on generated pages, some of the frozen ones among them (benchmarks/RESULTS.md).
"""

import dataclasses
import itertools
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.formats.document.prose import join_lines
from ocr2.reading.lines.code import (
    CODE_GAP,
    is_monospaced,
    is_numbered_code,
    is_typescript,
    with_fragments,
    without_single_code,
)
from ocr2.reading.lines.formulas import FoundFormula
from ocr2.reading.lines.line import ReadLine, estimate_em, line_of_words
from ocr2.reading.lines.notes import find_notes, is_caption
from ocr2.reading.tables.find import FoundTable
from ocr2.results.box import Box, union
from ocr2.results.document import Block, BlockKind, Page, mean_confidence

BULLET = re.compile(r"^(?:[•●○◦▪■·‣*–—☐☒-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|\[\d{1,3}\])\s+\S")
PAGE_NUMBER = re.compile(r"^\W*(?:page\s+)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|of|–|-)\s*\d{1,4})?\W*$", re.IGNORECASE)
LEADERS = re.compile(r"(?:[.·…_]\s?){4,}\s*\w{0,6}$")  # an entry of a table of contents
SENTENCE_END = (".", ",", ";", ":")

LARGER = 1.16  # size of a heading over the body
MUCH_LARGER = 1.35  # size that makes a heading even without white above
TITLE = 1.55  # size of a title over the body
BOLDER = 1.22  # stroke of a bold line over the body
SAME_SIZE = 0.22  # difference of sizes inside a block
MARGIN = 0.09  # of the page height: where headers and footers stand
PARAGRAPH_GAP = 1.27  # line pitches: white from which a new block begins
SAME_LEVEL = 0.09  # difference of sizes of headings of one level
DEEPEST = 4  # levels of headings
SHARED_GAP = 0.7  # em: least white that two rows of a table have in common between two columns
APART = 1.25  # white between a header and the page, beside that between the page's rows
NESTED = 0.7  # em: how much further right a nested item begins
ENOUGH_TEXT = 200  # letters beside which headers and footers may hold as many
HEADING_LINES, HEADING_LETTERS = 3, 110  # lines and letters from which a run of them in larger print is text
INDENT = 0.9  # em: a deeper start begins a paragraph


def build_blocks(
    page_lines: Sequence[ReadLine], page_height: int | None, tables: Sequence[FoundTable | FoundFormula] = ()
) -> list[Block]:
    """Group lines, in reading order, into blocks.

    Args:
        page_lines: Lines of one upright page.
        page_height: Pixels; None for lines that are no page, which have no headers and footers.
        tables: And formulas, found among the lines; each stands where its first line does.
    """
    lines, before = _without_tables(page_lines, tables)
    if not lines:
        return [_table_block(table, page_lines) for table in tables]
    body = _Body(lines)
    furniture = _margin_lines(lines, page_height, body) if page_height is not None else {}
    found = find_notes(lines, furniture.keys(), body.em, page_height) if page_height is not None else []
    notes = [_block([lines[i] for i in note], "footnote", 0) for note in found]
    noted = {i for note in found for i in note}
    flow = [i for i in range(len(lines)) if i not in noted]
    standing: dict[int, list[Block]] = {}
    for i, here in before.items():
        standing.setdefault(bisect_left(flow, i), []).extend(_table_block(table, page_lines) for table in here)
    blocks = _flow_blocks(
        [lines[i] for i in flow],
        {place: furniture[i] for place, i in enumerate(flow) if i in furniture},
        body,
        standing,
    )
    return blocks + notes


def _flow_blocks(
    lines: Sequence[ReadLine], furniture: Mapping[int, BlockKind], body: "_Body", before: Mapping[int, list[Block]]
) -> list[Block]:
    """Group lines into blocks; `before` has the tables and formulas that stand before a line, by its number."""
    groups: list[list[ReadLine]] = []
    kinds: list[BlockKind] = []
    places: list[int] = []  # number of the first line of a group
    may_be_code = not is_typescript(lines)
    looks = [furniture.get(i) or _kind(lines, i, body, may_be_code=may_be_code) for i in range(len(lines))]
    looks = without_single_code(looks, lines)
    looks = _without_prose_headings(with_fragments(looks, lines, body.pitch), lines, body)
    rows = [_is_row(lines, i) for i in range(len(lines))]
    for i, (line, kind) in enumerate(zip(lines, looks, strict=True)):
        apart = not groups or i in before or (kind != "code" and (rows[i] or rows[i - 1]))
        goes_on = not apart and kinds[-1] == kind and _continues(groups[-1], line, kind, body)
        hangs = not apart and (kinds[-1], kind) == ("list_item", "paragraph") and _hangs(groups[-1], line, body)
        below = not apart and (kinds[-1], kind) == ("caption", "paragraph") and _is_next(groups[-1][-1], line, body)
        if goes_on or hangs or (below and not _starts_paragraph(groups[-1], line, body)):
            groups[-1].append(line)
        else:
            groups.append([line])
            kinds.append(kind)
            places.append(i)
    levels = _list_levels(groups, kinds, body)
    blocks: list[Block] = []
    for place, group, kind, level in zip(places, groups, kinds, levels, strict=True):
        blocks += before.get(place, [])
        blocks.append(_block(group, kind, level))
    return blocks + before.get(len(lines), [])


def _without_tables(
    lines: Sequence[ReadLine], tables: Sequence[FoundTable | FoundFormula]
) -> tuple[list[ReadLine], dict[int, list[FoundTable | FoundFormula]]]:
    """Return what tables leave of lines, and before which of these each table stands."""
    rest: list[ReadLine] = []
    before: dict[int, list[FoundTable | FoundFormula]] = {}
    for number, line in enumerate(lines):
        begun = [table for table in tables if min(table.words) == number]
        if begun:
            before.setdefault(len(rest), []).extend(begun)
        taken = frozenset[int]().union(*(table.words.get(number, frozenset()) for table in tables))
        words = [word for i, word in enumerate(line.line.words) if i not in taken]
        if words:
            rest.append(line_of_words(line, words))
    return rest, before


def _table_block(found: FoundTable | FoundFormula, lines: Sequence[ReadLine]) -> Block:
    if isinstance(found, FoundFormula):
        return found.block
    parts = [
        line_of_words(lines[number], [word for i, word in enumerate(lines[number].line.words) if i in numbers]).line
        for number, numbers in sorted(found.words.items())
    ]
    return Block(
        "table",
        "\n".join("\t".join(row) for row in found.table.rows()),
        union(line.box for line in parts),
        mean_confidence([word.confidence for line in parts for word in line.words]),
        tuple(sorted(parts, key=lambda line: (line.box.top + line.box.bottom, line.box.left))),
        table=found.table,
    )


class _Body:
    """Size, weight and line pitch of the running text of a page."""

    def __init__(self, lines: Sequence[ReadLine]) -> None:
        weights = np.array([len(line.line.text) for line in lines])
        self.em = _weighted_median(np.array([line.em for line in lines]), weights)
        near = [abs(line.em / self.em - 1) < SAME_SIZE for line in lines]
        self.stroke = _weighted_median(np.array([line.stroke for line in lines]), weights * near)
        steps = [
            b.line.box.bottom - a.line.box.bottom
            for a, b in itertools.pairwise(lines)
            if a.column == b.column and b.line.box.bottom > a.line.box.bottom
        ]
        steps = [step for step in steps if step < 3 * self.em]
        self.pitch = float(np.median(steps)) if steps else 1.3 * self.em
        self.left: dict[int, float] = {}
        self.right: dict[int, float] = {}
        for column in {line.column for line in lines}:
            boxes = [line.line.box for line in lines if line.column == column]
            self.left[column] = float(np.percentile([b.left for b in boxes], 20))
            self.right[column] = float(np.percentile([b.right for b in boxes], 90))


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.int64]) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(total, total[-1] / 2))])


def _margin_lines(lines: Sequence[ReadLine], page_height: int, body: _Body) -> dict[int, BlockKind]:
    """Find headers, footers and page numbers: single small lines at the edge, apart from the text."""
    found: dict[int, BlockKind] = {}
    order = sorted(range(len(lines)), key=lambda i: lines[i].line.box.top)
    for edge, rows in (("header", order), ("footer", order[::-1])):
        for position, i in enumerate(rows[:3]):
            box = lines[i].line.box
            inside = box.bottom < MARGIN * page_height if edge == "header" else box.top > (1 - MARGIN) * page_height
            if not inside or lines[i].em > LARGER * body.em:
                break
            rest = [lines[j].line.box for j in rows[position + 1 :]]
            apart = min(
                (b.top - box.bottom if edge == "header" else box.top - b.bottom for b in rest if not _beside(b, box)),
                default=page_height,
            )
            number = PAGE_NUMBER.match(lines[i].line.text) is not None
            if not number and (apart < body.pitch - 0.5 * body.em or apart < APART * _least_step(rest, body)):
                break
            found[i] = "page_number" if number else ("header" if edge == "header" else "footer")
    # A page whose text stands at its edges alone has no furniture: something must be left to read.
    letters = [sum(c.isalnum() for c in line.line.text) for line in lines]
    kept = sum(count for i, count in enumerate(letters) if i not in found)
    return found if kept > sum(letters[i] for i in found) or kept >= ENOUGH_TEXT else {}


def _least_step(boxes: Sequence[Box], body: _Body) -> float:
    """Return the least white between rows of the lines next to an edge: in a form it is as wide as that of a header."""
    rows = sorted({round((box.top + box.bottom) / 2): box for box in boxes[:4]}.items())
    white = [b.top - a.bottom for (_, a), (_, b) in itertools.pairwise(rows) if not _beside(a, b)]
    return max(0.0, min(white)) if white else 0.0


def _beside(a: Box, b: Box) -> bool:
    return min(a.bottom, b.bottom) - max(a.top, b.top) > 0.5 * min(a.height, b.height)


def _kind(lines: Sequence[ReadLine], i: int, body: _Body, *, may_be_code: bool) -> BlockKind:
    line = lines[i]
    text = line.line.text
    if is_numbered_code(lines, i):
        return "code"
    if is_caption(text) and _begins(lines, i, body):
        return "caption"
    if line.em > TITLE * body.em and i < 4 and len(text) > 2:
        return "title"
    if _is_heading(lines, i, body):
        return "heading"
    if BULLET.match(text):
        return "list_item"
    if may_be_code and is_monospaced(lines, i):
        return "code"
    return "paragraph"


def _begins(lines: Sequence[ReadLine], i: int, body: _Body) -> bool:
    """Say whether a line does not go on with the text above it."""
    above = lines[i - 1] if i else None
    return above is None or not _is_next(above, lines[i], body) or above.line.text.endswith((".", ":", "!", "?"))


def _is_row(lines: Sequence[ReadLine], i: int) -> bool:
    """Say whether the wide white of a line goes on above or below, as in contents and forms: it stands by itself."""
    neighbours = [lines[j] for j in (i - 1, i + 1) if 0 <= j < len(lines)]
    return any(
        min(b, d) - max(a, c) > SHARED_GAP * lines[i].em
        for n in neighbours
        if n.column == lines[i].column
        for a, b in n.gaps
        for c, d in lines[i].gaps
    )


def _is_heading(lines: Sequence[ReadLine], i: int, body: _Body) -> bool:
    line, text = lines[i], lines[i].line.text
    if len(text) > 90 or not any(c.isalpha() for c in text) or text.endswith((",", ";")) or is_caption(text):
        return False
    if line.gaps and PAGE_NUMBER.match(line.line.words[-1].text):  # an entry of a table of contents
        return False
    if line.em > MUCH_LARGER * body.em:
        return True
    larger = line.em > LARGER * body.em
    bold = line.stroke > BOLDER * body.stroke and line.em > 0.85 * body.em
    if not (larger or bold) or text.endswith(".") or len(text) > 70:
        return False
    before, box = lines[i - 1].line.box if i else None, line.line.box
    apart = (
        before is None
        or lines[i - 1].column != line.column
        or box.top - before.bottom > 0.75 * body.pitch - 0.4 * body.em
    )
    return apart and (text[0].isupper() or text[0].isdigit())


def _without_prose_headings(kinds: Sequence[BlockKind], lines: Sequence[ReadLine], body: _Body) -> list[BlockKind]:
    """Take runs of lines that are too long for a heading, or go on with a sentence, for text in larger print."""
    kept = list(kinds)
    start = 0
    while start < len(kept):
        end = start + 1
        while end < len(kept) and kept[end] == kept[start] and _is_next(lines[end - 1], lines[end], body):
            end += 1
        if kept[start] == "heading":
            texts = [line.line.text for line in lines[start:end]]
            goes_on = start > 0 and texts[0][0].islower() and _is_next(lines[start - 1], lines[start], body)
            if goes_on or (len(texts) >= HEADING_LINES and len("".join(texts)) > HEADING_LETTERS):
                kept[start] = "list_item" if BULLET.match(texts[0]) else "paragraph"
                kept[start + 1 : end] = ["paragraph"] * (end - start - 1)
        start = end
    return kept


def _is_next(above: ReadLine, line: ReadLine, body: _Body) -> bool:
    """Say whether a line stands close below another, in print as large."""
    step = line.line.box.bottom - above.line.box.bottom
    close = 0 < step < PARAGRAPH_GAP * max(body.pitch, 1.15 * (line.em + above.em) / 2)
    return above.column == line.column and close and abs(line.em / above.em - 1) < SAME_SIZE


def _continues(group: Sequence[ReadLine], line: ReadLine, kind: BlockKind, body: _Body) -> bool:
    """Say whether a line goes on with the block of the lines before it."""
    last = group[-1]
    if kind in ("page_number", "header", "footer") or LEADERS.search(last.line.text):
        return False
    if last.column != line.column:
        # Prose runs on into the next column when its last line is full and its sentence open.
        full = last.line.box.right > body.right[last.column] - 2 * body.em
        return kind == "paragraph" and full and not last.line.text.endswith((".", ":", "!", "?"))
    step = line.line.box.bottom - last.line.box.bottom
    size = (line.em + last.em) / 2
    if step > PARAGRAPH_GAP * max(body.pitch, 1.15 * size) or abs(line.em / last.em - 1) > SAME_SIZE:
        return kind == "code" and step < CODE_GAP * body.pitch
    if kind in ("code", "title", "heading"):
        return True
    if kind == "list_item":
        return False
    return not _starts_paragraph(group, line, body)


def _starts_paragraph(group: Sequence[ReadLine], line: ReadLine, body: _Body) -> bool:
    last = group[-1].line.box
    indent = line.line.box.left - body.left[line.column]
    last_indent = last.left - body.left[line.column]
    if indent > INDENT * body.em and last_indent < 0.5 * INDENT * body.em:
        return True
    # The next word would have fitted, so the line was ended on purpose.
    room = body.right[line.column] - last.right
    short = room > line.line.words[0].box.width + 0.9 * body.em
    return short and group[-1].line.text.endswith((".", ":", "!", "?", "”", '"'))


def _hangs(group: Sequence[ReadLine], line: ReadLine, body: _Body) -> bool:
    """Say whether a line is the second or later line of a list item: close below, and indented like its text."""
    first, last = group[0].line, group[-1].line
    if group[-1].column != line.column:
        return False
    step = line.line.box.bottom - last.box.bottom
    close = step < PARAGRAPH_GAP * body.pitch and abs(line.em / group[-1].em - 1) < SAME_SIZE
    return close and line.line.box.left > first.box.left + 0.4 * body.em


def _block(group: Sequence[ReadLine], kind: BlockKind, level: int) -> Block:
    lines = tuple(member.line for member in group)
    return Block(
        kind=kind,
        text=_join(group, kind),
        box=union(line.box for line in lines),
        confidence=mean_confidence([word.confidence for line in lines for word in line.words]),
        lines=lines,
        level=level,
    )


def _list_levels(groups: Sequence[Sequence[ReadLine]], kinds: Sequence[BlockKind], body: _Body) -> list[int]:
    """Return the level of every block: of headings 1, until the document is seen; of items how deep they are nested.

    An item is nested in the last one before it, in its list, that begins further left.
    """
    levels = []
    lefts: list[int] = []  # of the items that are open
    column = -1
    for group, kind in zip(groups, kinds, strict=True):
        left = group[0].line.box.left
        if kind != "list_item" or group[0].column != column:
            goes_on = kind == "paragraph" and bool(lefts) and left > lefts[0] + NESTED * body.em
            lefts = lefts if goes_on and group[0].column == column else []
        if kind == "list_item":
            while lefts and left < lefts[-1] - NESTED * body.em:
                lefts.pop()
            if not lefts or left > lefts[-1] + NESTED * body.em:
                lefts.append(left)
        levels.append(len(lefts) - 1 if kind == "list_item" else int(kind == "heading"))
        column = group[0].column
    return [min(level, DEEPEST) for level in levels]


def _join(group: Sequence[ReadLine], kind: BlockKind) -> str:
    if kind == "code":
        left = min(line.line.box.left for line in group)
        pitch = float(np.median([line.pitch for line in group if line.pitch] or [1.0]))
        return "\n".join(" " * round((x.line.box.left - left) / pitch) + x.line.text for x in group)
    return join_lines([line.line.text for line in group])


def level_headings(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Give the headings of a document levels by size: the largest are 1, others follow, at most 4 deep.

    Sizes within 9 % are one level.
    """
    sizes = sorted({_heading_size(b) for page in pages for b in page.blocks if b.kind == "heading"}, reverse=True)
    levels: dict[float, int] = {}
    level, largest = 0, float("inf")
    for size in sizes:
        if size < largest * (1 - SAME_LEVEL):
            level, largest = min(level + 1, DEEPEST), size
        levels[size] = level
    return tuple(
        dataclasses.replace(
            page,
            blocks=tuple(
                dataclasses.replace(b, level=levels[_heading_size(b)]) if b.kind == "heading" else b
                for b in page.blocks
            ),
        )
        for page in pages
    )


def _heading_size(block: Block) -> float:
    return float(np.median([estimate_em(line.text, line.box.height) for line in block.lines]))
