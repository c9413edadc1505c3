"""Pages with pictures: regions found, text read without them, each picture read by the model for it and put in place.

Charts become values, plane figures geometry; photographs, diagrams, molecules and scores are cut out.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.documents.document import PageImage
from ocr2.formats.chart.table import table_of
from ocr2.models.protocols import ChartReader, FigureTracer, LineReader, RegionDetector
from ocr2.options import ChartOptions, FigureOptions
from ocr2.reading.charts.read import ChartJob
from ocr2.reading.figures.read import TraceJob
from ocr2.reading.lines.page import LineOptions, read_page
from ocr2.reading.pages.each_page import RGB, Taken
from ocr2.reading.tables.rules import find_rules
from ocr2.results.box import Box
from ocr2.results.chart import Chart
from ocr2.results.document import Block, BlockKind, Page
from ocr2.results.figure import Trace
from ocr2.results.page_picture import PagePicture
from ocr2.results.region import PICTURE_KINDS, Region
from ocr2.tiling.ink import find_ink

SURE = 0.5  # confidence from which a picture is taken out of the text
SMALLEST = 24  # pixels of the shorter side of a picture
BORDER = 0.01  # of the page's longer side, around a picture that is cut out
TABLE_RULES, SIDE_TO_SIDE = 3, 0.7  # level rules of a table, and share of a region's width that each takes
TABLE_SHARE = 0.5  # of a region, that is read as a table
COVERED = 0.5  # share of a block that lies in a region it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureModels:
    """The models that pages with pictures need; each is loaded when it is first called for.

    Attributes:
        detector: Finds the regions.
        charts: Reads charts.
        tracer: Traces plane figures.
        text_in_charts: Reads the text of charts.
        text_in_figures: Reads the writing of figures.
    """

    detector: Callable[[], RegionDetector]
    charts: Callable[[], ChartReader]
    tracer: Callable[[], FigureTracer]
    text_in_charts: Callable[[], LineReader]
    text_in_figures: Callable[[], LineReader]


class PicturePageReader:
    """Reads pages with pictures.

    Args:
        models: What reads them.
    """

    def __init__(self, models: PictureModels) -> None:
        self._models = models

    def read(self, image: PageImage, picture: RGB, *, reader: LineReader, name: str, options: LineOptions) -> Page:
        """Read one page.

        Args:
            image: The page in grey.
            picture: The page (height, width, 3), of the same size.
            reader: Of the text of this page.
            name: Of the document.
            options: Of the text.
        """
        started = time.perf_counter()
        (found_regions,) = self._models.detector().find_regions([image.gray])
        regions = found_regions.regions
        found = time.perf_counter()
        pictures = picture_regions(regions)
        ruled = [region for region in pictures if is_ruled(image.gray, region)]
        kept = [region for region in pictures if region not in ruled]
        page = self._read_text(image, kept, reader, options)
        if ruled and (drawn := [region for region in ruled if not is_table(region, page)]):
            pictures = kept + drawn
            page = self._read_text(image, pictures, reader, options)
        elif ruled:
            pictures = kept
        read = time.perf_counter()
        blocks = [
            (region, self._block(region, picture, name, image.number, number))
            for number, region in enumerate(pictures, start=1)
        ]
        seconds = {**page.seconds, "regions": found - started, "pictures": time.perf_counter() - read}
        own = [block for block in page.blocks if not is_remnant(block, pictures, picture.shape)]
        placed = tuple(in_place(own, blocks, regions))
        notes = [note for _, block in blocks for note in notes_of(block)]
        return replace(page, blocks=placed, seconds=seconds, warnings=(*page.warnings, *notes))

    def _read_text(
        self, image: PageImage, pictures: Sequence[Region], reader: LineReader, options: LineOptions
    ) -> Page:
        gray = without_pictures(image.gray, pictures)
        return read_page(gray, reader, number=image.number, dpi=image.dpi, options=options)

    def _block(self, region: Region, picture: RGB, name: str, page: int, number: int) -> Block:
        """Read one picture of a page; what goes wrong leaves it a picture."""
        box = widened(region.box, picture.shape)
        cut = np.ascontiguousarray(picture[box.top : box.bottom, box.left : box.right])
        ok, png = cv2.imencode(".png", cv2.cvtColor(cut, cv2.COLOR_RGB2BGR))
        assert ok
        part = PagePicture(f"page-{page}-{region.kind}-{number}", box, png.tobytes())
        taken = Taken(name, page, cut)
        text = f"[{region.kind}]"
        try:
            if region.kind == "chart":
                job = ChartJob(self._models.charts(), ChartOptions(), self._models.text_in_charts, known=True)
                chart = job.read(taken)
                part = replace(part, chart=chart if chart.error is None else None, error=chart.error)
                text = chart_text(chart) if chart.error is None else text
            elif region.kind == "geometry":
                trace = TraceJob(self._models.tracer(), FigureOptions(), self._models.text_in_figures).read(taken)
                part = replace(part, trace=trace if trace.error is None else None, error=trace.error)
                text = trace_text(trace) if trace.error is None else text
        except Exception as error:  # the boundary: a picture that cannot be read is still cut out
            part = replace(part, error=f"{type(error).__name__}: {error}")
        kind: BlockKind = region.kind  # type: ignore[assignment]  # the kinds of pictures are kinds of blocks
        return Block(kind, text, region.box, region.confidence or 0.0, (), part=part)


def notes_of(block: Block) -> list[str]:
    """Return what a user should know of a picture that was read, or could not be."""
    part = block.part
    if part is None:
        return []
    found = part.chart or part.trace
    notes = [*(found.warnings if found is not None else ()), *([part.error] if part.error else [])]
    return [f"{part.name}: {note}" for note in notes]


def picture_regions(regions: Sequence[Region]) -> list[Region]:
    """Return the regions to be taken out of a page, in their order."""
    return [
        region
        for region in regions
        if region.kind in PICTURE_KINDS
        and (region.confidence or 0.0) >= SURE
        and min(region.box.width, region.box.height) >= SMALLEST
    ]


def is_ruled(gray: NDArray[np.uint8], region: Region) -> bool:
    """Say whether a picture has several level rules from side to side, as tables have, and charts with a grid."""
    box = region.box
    ink = find_ink(np.ascontiguousarray(gray[box.top : box.bottom, box.left : box.right]))
    rules = find_rules(ink.rules, ink.x_height)
    return sum(rule.length > SIDE_TO_SIDE * box.width for rule in rules.level) >= TABLE_RULES


def is_table(region: Region, page: Page) -> bool:
    """Say whether a region is mostly one table that was read on its page."""
    area = region.box.width * region.box.height
    for block in page.blocks:
        if block.table is None or block.box is None:
            continue
        width = min(block.box.right, region.box.right) - max(block.box.left, region.box.left)
        height = min(block.box.bottom, region.box.bottom) - max(block.box.top, region.box.top)
        if width > 0 and height > 0 and width * height > TABLE_SHARE * area:
            return True
    return False


def without_pictures(gray: NDArray[np.uint8], pictures: Sequence[Region]) -> NDArray[np.uint8]:
    """Return a page (height, width) with ground in place of pictures."""
    if not pictures:
        return gray
    left = gray.copy()
    ground = int(np.median(gray))
    for region in pictures:
        box = region.box
        left[box.top : box.bottom, box.left : box.right] = ground
    return left


def widened(box: Box, shape: tuple[int, ...]) -> Box:
    """Return a box with a little around it, inside a page of a shape (height, width, ...)."""
    more = max(2, round(BORDER * max(shape[:2])))
    return Box(box.left - more, box.top - more, box.right + more, box.bottom + more).clipped(shape[1], shape[0])


def is_remnant(block: Block, pictures: Sequence[Region], shape: tuple[int, ...]) -> bool:
    """Say whether a block is what was left of a picture: marks without a letter or digit, at its edge.

    Args:
        block: Of the text.
        pictures: That were taken out.
        shape: Of the page: (height, width, ...).
    """
    if any(c.isalnum() for c in block.text):
        return False
    around = [replace(region, box=widened(region.box, shape)) for region in pictures]
    return _home(block, around) is not None


def in_place(
    blocks: Sequence[Block], pictures: Sequence[tuple[Region, Block]], regions: Sequence[Region]
) -> list[Block]:
    """Put the blocks of pictures among those of text, as the regions' order has them.

    A picture follows the last block of the nearest region before it that has any; without one it precedes the first
    block of the nearest region behind it.
    """
    placed: list[Block] = list(blocks)
    order = {id(region): i for i, region in enumerate(regions)}
    home = [_home(block, regions) for block in blocks]
    for region, made in pictures:
        here = order[id(region)]
        before = [i for i, at in enumerate(home) if at is not None and at < here]
        nearest = max((home[i] or 0 for i in before), default=None)
        if nearest is not None:
            at = 1 + max(i for i in before if home[i] == nearest)
            while at < len(placed) and home[at] is None and _above(placed[at], made):  # text that no region has
                at += 1
        else:
            behind = [i for i, at in enumerate(home) if at is not None and at > here]
            at = min(behind) if behind else _by_height(placed, made)
        placed.insert(at, made)
        home.insert(at, here)
    return placed


def _home(block: Block, regions: Sequence[Region]) -> int | None:
    """Return which region most of a block lies in; None for none."""
    if block.box is None:
        return None
    area = max(1, block.box.width * block.box.height)
    shares = []
    for region in regions:
        width = min(block.box.right, region.box.right) - max(block.box.left, region.box.left)
        height = min(block.box.bottom, region.box.bottom) - max(block.box.top, region.box.top)
        shares.append(max(0, width) * max(0, height) / area)
    best = int(np.argmax(shares)) if shares else -1
    return best if best >= 0 and shares[best] >= COVERED else None


def _above(block: Block, made: Block) -> bool:
    """Say whether a block begins above a picture, in the same column."""
    if block.box is None or made.box is None:
        return False
    beside = block.box.right <= made.box.left or made.box.right <= block.box.left
    return block.box.top < made.box.top and not beside


def _by_height(blocks: Sequence[Block], made: Block) -> int:
    assert made.box is not None
    return sum(block.box is not None and block.box.top < made.box.top for block in blocks)


def chart_text(chart: Chart) -> str:
    """Return a chart's values as lines of text."""
    table = table_of(chart)
    lines = [chart.title] if chart.title else []
    lines.append("\t".join([table.corner, *table.columns]))
    for label, values in table.rows:
        lines.append("\t".join([label, *(value.printed if value is not None else "" for value in values)]))
    return "\n".join(lines)


def trace_text(trace: Trace) -> str:
    """Return a figure in a line of text."""
    named = f" of {', '.join(trace.letters)}" if trace.letters else ""
    return f"[geometry: {len(trace.segments)} segments, {len(trace.circles)} circles{named}]"
