"""One page: image -> upright page -> lines -> strips -> model -> lines -> blocks."""

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ocr2.models.protocols import FormulaReader, LineReader, StripReading
from ocr2.options import Spreads
from ocr2.reading.lines.blocks import build_blocks
from ocr2.reading.lines.formulas import FoundFormula, find_formulas, is_strange
from ocr2.reading.lines.layout import Gray, Layout, analyse, crops_of
from ocr2.reading.lines.line import FOREIGN, ReadLine, assemble_line, certainty_of
from ocr2.reading.lines.lone_formula import LoneFormula, may_be_formula, read_lone_formula
from ocr2.reading.lines.second_look import look_again
from ocr2.reading.lines.selection import Place, lines_at, words_inside
from ocr2.reading.lines.spreads import block_in_source, find_fold, read_spread
from ocr2.reading.lines.verify import verify_formulas
from ocr2.reading.tables.find import FoundTable, find_tables
from ocr2.reading.tables.rules import find_rules
from ocr2.results.box import Box
from ocr2.results.document import Block, Page, mean_confidence, word_confidences
from ocr2.tiling.strips import StripBox

# Mean probability of a character below which a strip is taken for a picture or dirt, not writing.
NOT_WRITING = 0.45
NOT_A_MARK = 0.6  # the same for strips of one or two letters
SOLID, SOLID_LETTERS = 0.85, 4  # confidence and letters of a strip that is writing beyond doubt
# Of marks that are not read.
READINGS = {
    "leader": StripReading(".....", (1.0,) * 5, (0.1, 0.3, 0.5, 0.7, 0.9), 1.0, "end"),
    "empty box": StripReading("☐", (0.95,), (0.5,), 1.0, "end"),
    "marked box": StripReading("☒", (0.95,), (0.5,), 1.0, "end"),
}
# A line of dashes, dots or the like is drawn to separate, not to be read.
SEPARATOR = re.compile(r"^[-–—=_*~.·•:→\"'\s]{5,}$")
READ = 0.6  # certainty of a strip, and agreement with its draft, below which its script may be unknown
# Share of the letters that are in such strips, and number of these, on a page of another script.
FOREIGN_SHARE, FOREIGN_STRIPS = 0.4, 3
DOUBTFUL_LINE = 0.5  # confidence of a line that a user should look at
TOLD, SHOWN = 3, 24  # such lines that are told, and letters of each
DOUBTFUL = 0.75  # certainty of a page below which it is tried the other ways up
PROBE_STRIPS = 16  # strips read to decide that
MANY_STRIPS = 1200  # more than a full page of small print has; such a page is probed before it is read
CLEARLY_BETTER = 0.03  # certainty that another way up must gain
FORMULA_BETTER = 0.15  # certainty that a picture read as a formula must have more than read as text, whichever way up


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """How one page is read line by line."""

    batch_size: int | None = None
    max_new_tokens: int | None = None
    detect_rotation: bool = True
    use_draft: bool | None = None  # let a cheap part of the model draft the text; None is the model's own choice
    place: Place | None = None  # words elsewhere are not read
    verify: bool = False  # draw formulas again and compare
    spreads: Spreads = "never"  # read two pages side by side one after the other


def read_page(
    gray: Gray,
    reader: LineReader,
    *,
    number: int = 1,
    dpi: float | None = None,
    options: LineOptions | None = None,
    layout: Layout | None = None,
) -> Page:
    """Read one page.

    Args:
        gray: (height, width) uint8.
        reader: A loaded model.
        number: From 1, in its document.
        dpi: Of the image, if known.
        options: See `LineOptions`.
        layout: Of `analyse`, if it was made already, with the lines that are meant alone.

    Returns:
        The page with blocks in reading order, boxes in pixels of `gray`.
    """
    options = options or LineOptions()

    def read(gray: Gray, layout: Layout | None = None) -> Page:
        started = time.perf_counter()
        layout = layout or lines_at(analyse(gray, reader, detect_rotation=options.detect_rotation), options.place)
        analysing = time.perf_counter() - started
        fold = find_fold(layout, options.spreads) if options.place is None and gray.shape == whole else None
        if fold is not None:
            return read_spread(layout, fold, read, analysing)
        return _read_page(gray, reader, number=number, dpi=dpi, options=options, layout=layout, analysing=analysing)

    whole = gray.shape
    page = read(gray, layout)
    return verify_formulas(page, gray) if options.verify else page


def _read_page(
    gray: Gray,
    reader: LineReader,
    *,
    number: int,
    dpi: float | None,
    options: LineOptions,
    layout: Layout,
    analysing: float = 0.0,
) -> Page:
    started = time.perf_counter()
    if len(layout.strips) > MANY_STRIPS:
        layout = _worth_reading(gray, layout, reader, options)
    readings = _read(layout, layout.strips, reader, options)
    formula = _lone_formula(gray, readings, reader) if options.place is None else None
    if formula is None or not formula.is_sure:
        if options.detect_rotation and layout.strips and certainty_of(readings) < DOUBTFUL:
            layout, readings = _best_way_up(gray, layout, readings, reader, options)
        lines, dropped = _assemble(layout, readings, options.place)
        if layout.otherwise is not None and options.place is None:
            lines = look_again(lines, layout.otherwise, partial(_read_and_assemble, reader=reader, options=options))
        formula = _likely(formula, lines, readings, layout, reader) if formula is not None else None
    read = time.perf_counter()
    seconds = {"layout": analysing, "model": read - started}
    if formula is not None:
        return _page_of([formula.to_block()], gray, number, dpi, seconds=seconds, warnings=formula.doubts)
    found = _blocks(lines, layout, reader, alone=options.place is not None)
    unread = 0
    for ways in layout.sideways if options.place is None else ():
        blocks_aside, count = _read_sideways(ways, reader, options)
        found += blocks_aside
        unread += count
    blocks = tuple(block_in_source(block, layout.frame) for block in found)
    doubts = _doubts(blocks) if not is_foreign(readings) else []
    return _page_of(
        blocks,
        gray,
        number,
        dpi,
        rotation=90 * layout.frame.quarter_turns,
        skew=round(layout.skew, 3),
        draft_agreement=_agreement(readings),
        seconds=seconds | {"structure": time.perf_counter() - read},
        warnings=(*_warnings(layout, blocks, readings, dropped), *_sideways_warning(unread), *doubts),
    )


def _page_of(
    blocks: Sequence[Block],
    gray: Gray,
    number: int,
    dpi: float | None,
    *,
    seconds: dict[str, float],
    rotation: int = 0,
    skew: float = 0.0,
    draft_agreement: float | None = None,
    warnings: tuple[str, ...] = (),
) -> Page:
    confidences = word_confidences(blocks)
    return Page(
        number=number,
        width=gray.shape[1],
        height=gray.shape[0],
        dpi=dpi,
        blocks=tuple(blocks),
        rotation=rotation,
        skew=skew,
        confidence=mean_confidence(confidences) if confidences else None,
        draft_agreement=draft_agreement,
        seconds=seconds,
        warnings=warnings,
    )


def _blocks(lines: list[ReadLine], layout: Layout, reader: LineReader, *, alone: bool) -> list[Block]:
    """Return the blocks of a page; where its lines are meant alone, neither tables nor formulas are looked for."""
    if alone:
        return build_blocks(lines, layout.gray.shape[0])
    rules = find_rules(layout.ink.rules, layout.ink.x_height)
    tables = find_tables(lines, rules)
    formulas = _formulas(lines, tables, layout, reader)
    taken = {number for formula in formulas for number in formula.words}
    if any(taken.intersection(table.words) for table in tables):  # what looked like a table's rows was a formula
        left = [number for number in range(len(lines)) if number not in taken]
        tables = [
            dataclasses.replace(table, words={left[i]: words for i, words in table.words.items()})
            for table in find_tables([lines[number] for number in left], rules)
        ]
    return build_blocks(lines, layout.gray.shape[0], [*tables, *formulas])


def _formulas(
    lines: Sequence[ReadLine], tables: Sequence[FoundTable], layout: Layout, reader: LineReader
) -> list[FoundFormula]:
    """Return the display formulas of a page, if its reader reads any; a table without rules may turn out to be one."""
    if not isinstance(reader, FormulaReader):
        return []
    ruled = frozenset(number for table in tables if table.is_ruled for number in table.words)
    rows = frozenset(number for table in tables for number in table.words) - ruled
    return find_formulas(lines, ruled, layout.gray, reader, in_tables=rows)


def _lone_formula(gray: Gray, readings: Sequence[StripReading], reader: LineReader) -> LoneFormula | None:
    """Read a picture as one formula if it may be one, as it is given: what turns a page is wrong about formulas."""
    return read_lone_formula(gray, reader) if isinstance(reader, FormulaReader) and may_be_formula(readings) else None


def _likely(
    formula: LoneFormula,
    lines: Sequence[ReadLine],
    readings: Sequence[StripReading],
    layout: Layout,
    reader: LineReader,
) -> LoneFormula | None:
    """Return a doubtful formula where text was read worse, or none: as the picture is given, or as it was turned."""
    is_better = formula.is_likely and formula.reading.confidence > certainty_of(readings) + FORMULA_BETTER
    if not is_better and not all(is_strange(line) for line in lines):
        return None
    if formula.is_likely or not layout.frame.quarter_turns:
        return formula if formula.is_likely else None
    turned = read_lone_formula(layout.gray, reader) if isinstance(reader, FormulaReader) else None
    if turned is None or not turned.is_likely:
        return None
    return dataclasses.replace(turned, box=layout.frame.to_source(turned.box))


def _read(layout: Layout, strips: Sequence[StripBox], reader: LineReader, options: LineOptions) -> list[StripReading]:
    seen = [strip for strip in strips if strip.mark not in READINGS]
    crops = crops_of(layout.ink, seen, reader)
    readings = iter(
        reader.read_strips(
            crops, batch_size=options.batch_size, max_new_tokens=options.max_new_tokens, use_draft=options.use_draft
        )
    )
    return [READINGS[strip.mark] if strip.mark in READINGS else next(readings) for strip in strips]


def _probe(layout: Layout, reader: LineReader, options: LineOptions) -> list[StripReading]:
    """Read a few strips from all over a page."""
    step = max(1, len(layout.strips) // PROBE_STRIPS)
    return _read(layout, layout.strips[::step], reader, options)


def _agreement(readings: Sequence[StripReading]) -> float | None:
    """Return how far drafts and texts of strips agree, by their length; None without text."""
    weights = [len(r.text) for r in readings]
    return float(np.average([r.agreement for r in readings], weights=weights)) if any(weights) else None


def _best_way_up(
    gray: Gray, layout: Layout, readings: list[StripReading], reader: LineReader, options: LineOptions
) -> tuple[Layout, list[StripReading]]:
    """Try a page the other three ways up on a few strips; return the way that reads with most certainty."""
    best, most = layout, certainty_of(readings) + CLEARLY_BETTER
    for other in _other_ways_up(gray, layout, reader, options.place):
        found = certainty_of(_probe(other, reader, options))
        if found > most:
            best, most = other, found
    if best is layout:
        return layout, readings
    return best, _read(best, best.strips, reader, options)


def _other_ways_up(gray: Gray, layout: Layout, reader: LineReader, place: Place | None) -> Iterator[Layout]:
    for turns in range(4):
        if turns != layout.frame.quarter_turns:
            other = analyse(gray, reader, detect_rotation=False, quarter_turns=turns)
            yield lines_at(other, place)


def _worth_reading(gray: Gray, layout: Layout, reader: LineReader, options: LineOptions) -> Layout:
    """Return a crowded page as it is if a few strips hold writing, some way up; else without its strips.

    Dirt and pictures give thousands of strips, which would be read for minutes and thrown away.
    """
    if any(find_writing(_probe(layout, reader, options))):
        return layout
    for other in _other_ways_up(gray, layout, reader, options.place) if options.detect_rotation else ():
        if any(find_writing(_probe(other, reader, options))):
            return other
    return dataclasses.replace(layout, lines=[], strips=[], crowded=len(layout.strips))


def _assemble(layout: Layout, readings: Sequence[StripReading], place: Place | None) -> tuple[list[ReadLine], int]:
    by_line: dict[int, list[int]] = {}
    written = find_writing(readings)
    if is_foreign(readings):
        written = [is_writing and is_read(reading) for is_writing, reading in zip(written, readings, strict=True)]
    dropped = sum(bool(reading.text) and not is_writing for reading, is_writing in zip(readings, written, strict=True))
    for i, strip in enumerate(layout.strips):
        if not written[i]:
            continue
        by_line.setdefault(strip.line, []).append(i)
    lines = []
    for number, indices in by_line.items():
        line = assemble_line(
            number,
            layout.lines[number],
            [layout.strips[i] for i in indices],
            [readings[i] for i in indices],
            layout.ink.mask,
        )
        if line is not None and isinstance(place, Box):
            line = words_inside(line, layout.frame, place)
        if line is not None and not SEPARATOR.match(line.line.text):
            lines.append(line)
    return lines, dropped


def _read_and_assemble(layout: Layout, *, reader: LineReader, options: LineOptions) -> list[ReadLine]:
    return _assemble(layout, _read(layout, layout.strips, reader, options), None)[0]


def is_read(reading: StripReading) -> bool:
    """Say whether a strip was read much alike in two ways, as writing in a script that the model knows is."""
    return reading.certainty >= READ


def is_foreign(readings: Sequence[StripReading]) -> bool:
    """Say whether much of a page is in a script, or a hand, that the model does not read."""
    letters = [r for r in readings if len(r.text) >= SOLID_LETTERS and r.probability >= NOT_WRITING]
    unread = [len(r.text) for r in letters if not is_read(r)]
    return len(unread) >= FOREIGN_STRIPS and sum(unread) > FOREIGN_SHARE * sum(len(r.text) for r in letters)


def find_writing(readings: Sequence[StripReading]) -> list[bool]:
    """Say which strips hold writing; pictures and dirt also give strips, mostly read as nothing or with doubt.

    A page without one solid strip (a word or more, read with confidence) holds writing only if half of its
    strips were read with confidence: a page number alone does, a photograph does not.
    """
    sure = [r.probability for r in readings]
    solid = any(
        p >= SOLID and sum(c.isalnum() for c in r.text) >= SOLID_LETTERS for p, r in zip(sure, readings, strict=True)
    )
    if not solid and sum(p for p in sure if p >= SOLID) < 0.5 * len(readings):
        return [False] * len(readings)
    return [
        p >= (NOT_WRITING if sum(c.isalnum() for c in r.text) >= 3 else NOT_A_MARK)
        for p, r in zip(sure, readings, strict=True)
    ]


def _read_sideways(
    ways: Sequence[Callable[[], Layout]], reader: LineReader, options: LineOptions
) -> tuple[list[Block], int]:
    """Read lines that run up or down, the way up that reads best.

    Returns:
        Blocks in pixels of the upright page, and the number of lines that could not be read.
    """
    best, most, count = None, READ, 0
    for lay_out in ways:
        layout = lay_out()
        count = len(layout.lines)
        readings = _read(layout, layout.strips, reader, options)
        if (certainty := certainty_of(readings)) > most:
            best, most = (layout, readings), certainty
        if most >= DOUBTFUL:
            break
    if best is None:
        return [], count
    lines, _ = _assemble(*best, None)
    return [block_in_source(block, best[0].frame) for block in build_blocks(lines, None)], 0


def _sideways_warning(unread: int) -> list[str]:
    if not unread:
        return []
    return [f"{unread} {'line runs' if unread == 1 else 'lines run'} sideways and could not be read"]


def _warnings(layout: Layout, blocks: Sequence[Block], readings: Sequence[StripReading], dropped: int) -> list[str]:
    warnings = []
    if layout.crowded:
        warnings.append(f"{layout.crowded} marks were not read because a sample of them holds no writing")
    elif not layout.lines and layout.ink.mask.any():
        warnings.append("the page has marks, but none that stand in lines like writing")
    if layout.ink.figures:
        warnings.append(f"{len(layout.ink.figures)} drawings or letters too large for running text were not read")
    text = [line for block in blocks if block.kind != "formula" for line in block.lines]
    foreign = sum(word.text.count(FOREIGN) for line in text for word in line.words)
    if foreign:
        warnings.append(
            f"{foreign} passages in a script this model does not read are marked {FOREIGN}; it reads Latin script"
        )
    loops = sum(reading.stopped == "loop" and not reading.rescued for reading in readings)
    if loops:
        warnings.append(f"{loops} strips were cut short because the model repeated itself")
    cut = sum(reading.stopped == "length" and not reading.rescued for reading in readings)
    if cut:
        warnings.append(f"{cut} strips were cut short at the most characters allowed")
    if is_foreign(readings):
        unread = sum(not is_read(reading) for reading in readings)
        warnings.append(
            f"{unread} of {len(readings)} pieces of lines were left out: they seem to be in a script, or a hand, that "
            "this model does not read; it reads print in Latin script"
        )
        return warnings
    if dropped:
        warnings.append(f"{dropped} marks were left out because they do not look like writing")
    return warnings


def _doubts(blocks: Sequence[Block]) -> list[str]:
    """Say which lines a person should look at, by their numbers on the page."""
    lines = [line for block in blocks if block.kind != "formula" for line in block.lines]
    doubtful = [(n, line.text) for n, line in enumerate(lines, start=1) if line.confidence < DOUBTFUL_LINE]
    if not doubtful:
        return []
    told = [f"{n} ({text[:SHOWN]!r})" for n, text in doubtful[:TOLD]]
    more = f" and {len(doubtful) - TOLD} more" if len(doubtful) > TOLD else ""
    what = "line is" if len(doubtful) == 1 else "lines are"
    return [f"{len(doubtful)} {what} doubtful: line {', '.join(told)}{more}"]
