"""Tracing figures: open, decode page by page, trace, tidy, look at the ink again, read the letters.

Whatever goes wrong with a picture becomes its trace's `error`; the rest goes on.
"""

import itertools
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ocr2.documents.sources import Source
from ocr2.models.protocols import FigureReading, FigureTracer, LineReader, TextBox
from ocr2.options import FigureOptions
from ocr2.reading.figures.geometry import Geometry, find_relations, tidy_geometry
from ocr2.reading.figures.letters import lies_on, name_points, read_texts, settle_letters
from ocr2.reading.figures.strokes import (
    Paper,
    circle_path,
    covered,
    fit_circle,
    ink_along,
    ink_on_paper,
    is_dashed,
    segment_path,
)
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, collect, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.figure import Circle, Point, Segment, Trace

logger = logging.getLogger(__name__)

LEAST_INK = 0.6  # share of a stroke that must lie on ink, or nearly; of dashes it does
SURE, LEAST_OWN_INK = 0.7, 0.3  # a less sure stroke needs such a share of ink that nothing surer explains
LEAST_EXPLAINED = 0.25  # share of the ink that must lie under strokes, else the picture is no plane figure
MOST_CROSSINGS = 200
BLANK = 12  # grey levels between the darkest and the lightest pixel of a blank picture, at most
LONGEST_SHAPE = 20  # a picture this many times longer than wide holds no figure
STOPS = {
    "loop": "the model repeated itself and was stopped: strokes may be missing or made up",
    "length": "the answer was cut short at the most tokens allowed: strokes may be missing",
}


OnTrace = Callable[[Trace, RGB | None, int], None]


def read_traces(
    source: Readable | Source,
    tracer: FigureTracer,
    options: FigureOptions,
    *,
    text_reader: Callable[[], LineReader],
    on_trace: OnTrace | None = None,
) -> list[Trace]:
    """Trace every page or picture as one figure.

    Args:
        source: What `read_document` takes; of a path also a folder, or a pattern that is no file's name.
        tracer: A loaded model that traces figures.
        options: How.
        text_reader: Returns the model that reads letters.
        on_trace: Called with each trace as it is done, its picture (None if there is none) and the number of pictures
            of the document (0 if unknown).

    Raises:
        ValueError: If a selection of pages fits nothing, a folder or pattern holds no picture, or the model has no such
            ruler.
    """
    if options.ruler is not None and options.ruler not in tracer.rulers:
        known = f"one of {', '.join(f'{r:g}' for r in tracer.rulers)}" if tracer.rulers else "left out"
        raise ValueError(f"a ruler of {tracer.name} must be {known}, got {options.ruler:g}")
    job = TraceJob(tracer, options, text_reader)
    return collect(read_pictures(source, options, PictureWork(job.read, job.fail)), on_trace)


class TraceJob:
    """A tracer, and what reads letters once there are some."""

    def __init__(self, tracer: FigureTracer, options: FigureOptions, text_reader: Callable[[], LineReader]) -> None:
        self._tracer = tracer
        self._options = options
        self._text_reader = text_reader

    def read(self, taken: Taken) -> Trace:
        """Trace one picture."""
        assert taken.picture is not None
        picture, blank = taken.picture, self._blank(taken)
        where = f"page {taken.page} of {taken.file}"
        height, width = picture.shape[:2]
        is_strip = max(width, height) > LONGEST_SHAPE * min(width, height)
        paper = ink_on_paper(picture) if not is_strip else None
        if paper is None:
            reason = "the picture is blank" if np.ptp(picture) < BLANK else "no strokes stand out from the ground"
            reason = f"a picture of {width} x {height} pixels holds none" if is_strip else reason
            return replace(blank, error=f"{where}: no figure was found: {reason}", warnings=taken.warnings)
        started = time.perf_counter()
        (reading,) = self._tracer.trace_figures(
            [picture], ruler=self._options.ruler, max_new_tokens=self._options.max_new_tokens
        )
        traced = time.perf_counter()
        notes = [STOPS[reading.stopped]] if reading.stopped in STOPS else []
        blank = replace(blank, raw=reading.raw, stopped=reading.stopped, warnings=(*taken.warnings, *notes))
        geometry, dropped = geometry_of(reading, paper, tidy=self._options.tidy)
        if dropped:
            lost = f"{dropped} of the strokes that were traced lay on no ink of their own and were left out"
            blank = replace(blank, warnings=(*blank.warnings, lost))
        doubt = doubt_of(geometry, paper)
        if doubt is not None:
            trace = replace(blank, error=f"{where}: no figure was found: {doubt}")
        else:
            trace = self._name(blank, geometry, reading, picture, paper)
        seconds = {"decode": taken.seconds, "model": traced - started, "geometry": time.perf_counter() - traced}
        return replace(trace, seconds=seconds)

    def _name(self, blank: Trace, geometry: Geometry, reading: FigureReading, picture: RGB, paper: Paper) -> Trace:
        ends = list(dict.fromkeys(p for s in geometry.segments for p in (s.start, s.end)))
        spots = [*ends, *(c.center for c in geometry.circles), *crossings(geometry)]
        named, others = _nearest(reading.labels, spots, reading.unit), list[str]()
        if self._options.letters:
            texts, problem = self._texts(picture, paper, geometry)
            if problem is not None:
                blank = replace(blank, warnings=(*blank.warnings, problem))
            seen = texts if reading.letters is None else settle_letters(reading.letters, texts)
            named = named or name_points(seen, list(dict.fromkeys(spots)))
            letters = [letter for letter in seen if letter.text in named]
            others = [t.text for t in texts if not any(t is x or lies_on(t, x) for x in letters)]
        points = named | made_up(ends, named)
        labels = {point: name for name, point in reversed(points.items())}
        return replace(
            blank,
            segments=geometry.segments,
            circles=geometry.circles,
            points=points,
            letters=tuple(named),
            texts=tuple(others),
            relations=tuple(find_relations(geometry, labels)),
        )

    def _texts(self, picture: RGB, paper: Paper, geometry: Geometry) -> tuple[list[TextBox], str | None]:
        """Return the writing of a figure; a reader that fails costs the writing alone, and is told."""
        explained = covered(paper, geometry.segments, geometry.circles)
        try:
            return read_texts(picture, paper, explained, self._text_reader), None
        except Exception as error:  # the boundary: strokes that were traced must not be lost
            logger.debug("letters", exc_info=True)
            return [], f"writing was not read: {error}"

    def fail(self, taken: Taken, error: str) -> Trace:
        """Return a trace with an error."""
        return replace(self._blank(taken), error=error, warnings=taken.warnings)

    def _blank(self, taken: Taken) -> Trace:
        first = self._tracer.rulers[0] if self._tracer.rulers else None
        return Trace(
            **taken.origin(),
            model=self._tracer.name,
            weights_sha256=self._tracer.weights_sha256,
            ruler=self._options.ruler if self._options.ruler is not None else first,
        )


def geometry_of(reading: FigureReading, paper: Paper, *, tidy: bool) -> tuple[Geometry, int]:
    """Return what was traced, as far as ink is there, tidied and with its dashes; and how many strokes had no ink.

    Args:
        reading: What the model wrote.
        paper: The picture.
        tidy: Let ends meet, join pieces, fit circles to their ink.
    """
    segments = [s for s in reading.segments if ink_along(paper, segment_path(s)).mean() >= LEAST_INK]
    circles = [c for c in reading.circles if c.radius > 0]
    if tidy:
        circles = [fit_circle(paper, c, segments) for c in circles]
    circles = [c for c in circles if ink_along(paper, circle_path(c)).mean() >= LEAST_INK]
    segments = [s for s in segments if _has_own_ink(s, segments, circles, paper)]
    dropped = len(reading.segments) + len(reading.circles) - len(segments) - len(circles)
    segments = [
        replace(s, dashed=is_dashed(paper, s)) for s in segments
    ]  # dashed pieces of a line stay apart from solid
    found = tidy_geometry(segments, circles) if tidy else Geometry(tuple(segments), tuple(circles))
    return found, dropped


def _has_own_ink(segment: Segment, segments: Sequence[Segment], circles: Sequence[Circle], paper: Paper) -> bool:
    """Say whether an unsure segment lies on ink that no circle and no surer segment explains; a sure one does."""
    if segment.confidence is None or segment.confidence >= SURE:
        return True
    surer = [s for s in segments if s.confidence is not None and s.confidence > segment.confidence]
    explained = covered(paper, surer, circles)
    return bool(ink_along(paper, segment_path(segment), explained=explained).mean() >= LEAST_OWN_INK)


def doubt_of(geometry: Geometry, paper: Paper) -> str | None:
    """Say why what was traced is no figure, None if it is one."""
    if not geometry.segments and not geometry.circles:
        return "nothing in the picture looks like one"
    explained = covered(paper, geometry.segments, geometry.circles)
    share = float((paper.ink & explained).sum() / paper.ink.sum())
    if share < LEAST_EXPLAINED:
        return f"only {share:.0%} of the ink lies under straight lines and circles"
    return None


def crossings(geometry: Geometry) -> list[Point]:
    """Return where segments cross between their ends."""
    found = []
    for one, other in itertools.combinations(geometry.segments, 2):
        point = _crossing(one, other)
        if point is not None:
            found.append(point)
    return found[:MOST_CROSSINGS]


def _crossing(one: Segment, other: Segment) -> Point | None:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = one.start, one.end, other.start, other.end
    det = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if abs(det) < 1e-9:
        return None
    t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / det
    u = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / det
    inside = 0.02 < t < 0.98 and 0.02 < u < 0.98
    return (ax + t * (bx - ax), ay + t * (by - ay)) if inside else None


def _nearest(labels: dict[str, Point], spots: Sequence[Point], reach: float) -> dict[str, Point]:
    """Move named points to the nearest spots of the figure, no farther than so many pixels; others stay."""
    near = {name: min(spots, key=lambda p: math.dist(p, point), default=point) for name, point in labels.items()}
    return {name: spot if math.dist(spot, labels[name]) <= reach else labels[name] for name, spot in near.items()}


def made_up(points: Sequence[Point], named: dict[str, Point]) -> dict[str, Point]:
    """Return names, P1, P2, ..., for points that have none, from left to right."""
    taken = set(named.values())
    free = (f"P{i}" for i in itertools.count(1) if f"P{i}" not in named)
    return {next(free): point for point in sorted(p for p in points if p not in taken)}
