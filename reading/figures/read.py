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
from ocr2.geometry.faces import polygons_of
from ocr2.models.protocols import FigureReading, FigureTracer, LineReader, TextBox
from ocr2.options import FigureOptions
from ocr2.reading.figures.candidates import NEAR, Named, parts_of
from ocr2.reading.figures.dashes import missed_dashes
from ocr2.reading.figures.geometry import find_relations, tidy_geometry
from ocr2.reading.figures.letters import Seen, find_arrow, lies_on, name_points, read_texts, settle_letters
from ocr2.reading.figures.naming import marked_points, what_is_named
from ocr2.reading.figures.paper import Mask, Paper, covered, ink_along, ink_on_paper
from ocr2.reading.figures.strokes import fit_circle, is_dashed, whole_or_arcs
from ocr2.reading.figures.traced import Geometry, arc_path, segment_path
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, collect, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.figure import Arc, Circle, Label, Point, Segment, Trace

logger = logging.getLogger(__name__)

LEAST_INK = 0.6  # share of a stroke that must lie on ink, or nearly; of dashes it does
SURE, LEAST_OWN_INK = 0.7, 0.3  # a less sure stroke needs such a share of ink that nothing surer explains
LEAST_EXPLAINED = 0.25  # share of the ink that must lie under strokes, else the picture is no plane figure,
LEAST_OF_ALL = 0.1  # or of all ink, writing that was seen included
LONGEST_IN_LETTERS, IN_LETTERS = 1.6, 0.75  # heights of writing, share of a stroke in its box: it is a letter's
LEAST_LETTER = 6  # pixels of ink
MOST_NAMED = 60  # points: more are a grid
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
        doubt = doubt_of(geometry, paper, reading.texts or ())
        if doubt is not None:
            trace = replace(blank, error=f"{where}: no figure was found: {doubt}")
        else:
            trace = self._name(blank, geometry, reading, picture, paper)
        seconds = {"decode": taken.seconds, "model": traced - started, "geometry": time.perf_counter() - traced}
        return replace(trace, seconds=seconds)

    def _name(self, blank: Trace, geometry: Geometry, reading: FigureReading, picture: RGB, paper: Paper) -> Trace:
        """Name points, and say what marks and writing stand for."""
        parts = parts_of(geometry)
        explained = covered(paper, geometry)
        named, texts, letters = _nearest(reading.labels, parts.points, reading.unit), list[TextBox](), list[TextBox]()
        if self._options.letters:
            texts, problem = self._texts(picture, paper, explained, reading.texts)
            if problem is not None:
                blank = replace(blank, warnings=(*blank.warnings, problem))
            letters = [x for x in reading.letters or () if _has_ink(x, paper.ink & ~explained)]
            seen = texts if reading.letters is None else settle_letters(letters, texts)
            named = named or name_points(seen, parts.points)
            letters = [letter for letter in seen if letter.text in named]
        ends = [p for s in geometry.segments for p in (s.start, s.end)]
        met = parts.points if len(parts.points) <= MOST_NAMED else []
        points = named | made_up(list(dict.fromkeys([*ends, *met])), named, near=NEAR * parts.size)
        names = Names(points)
        marks = tuple(replace(m, of=names.of(marked_points(m, parts))) for m in reading.marks)
        others = [t for t in texts if not any(t is x or lies_on(t, x) for x in letters)]

        def arrow(text: TextBox) -> Point | None:
            return find_arrow(text, paper, explained, texts, marks)

        labels = [Label(x.text, x.box, "point", (x.text,), x.confidence) for x in letters]
        labels += [_label(t, what_is_named(t, parts, marks, arrow), names) for t in others]
        corners = polygons_of([(s.start, s.end) for s in geometry.segments], near=NEAR * parts.size)
        return replace(
            blank,
            segments=geometry.segments,
            circles=geometry.circles,
            arcs=geometry.arcs,
            points=points,
            letters=tuple(named),
            polygons=tuple(names.of(ring) for ring in corners),
            marks=marks,
            labels=tuple(labels),
            texts=tuple(t.text for t in others),
            relations=tuple(find_relations(geometry, names.exact | names.near(ends), marks)),
        )

    def _texts(
        self, picture: RGB, paper: Paper, explained: Mask, seen: Sequence[Seen] | None
    ) -> tuple[list[TextBox], str | None]:
        """Return the writing of a figure; a reader that fails costs the writing alone, and is told."""
        try:
            return read_texts(picture, paper, explained, seen, self._text_reader), None
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
    segments = [s for s in segments if not _is_written(s, reading.texts or ())]
    circles = [c for c in reading.circles if c.radius > 0]
    whole, arcs = _rounds(circles, segments, paper, fit=tidy)
    segments = [s for s in segments if _has_own_ink(s, segments, whole, arcs, paper)]
    kept = len({(c.center, c.radius) for c in whole} | {(a.center, a.radius) for a in arcs})
    dropped = len(reading.segments) + len(reading.circles) - len(segments) - kept
    segments = [
        replace(s, dashed=is_dashed(paper, s)) for s in segments
    ]  # dashed pieces of a line stay apart from solid
    if tidy:
        seen = Geometry(tuple(segments), tuple(whole), tuple(arcs))
        if reading.texts is not None:  # else letters would be taken for dashes
            segments += missed_dashes(paper, seen, reading.texts)
        return tidy_geometry(segments, whole, arcs, reading.arrows), dropped
    return Geometry(tuple(segments), tuple(whole), tuple(arcs)), dropped


def _has_ink(letter: TextBox, rest: Mask) -> bool:
    """Say whether ink is left (h, w) where a letter was seen: a dash of a stroke is no I."""
    left, top, right, bottom = (max(0, round(v)) for v in letter.box)
    return bool(np.count_nonzero(rest[top:bottom, left:right]) >= LEAST_LETTER)


def _is_written(segment: Segment, texts: Sequence[Seen]) -> bool:
    """Say whether a stroke is one of a letter: short, and nearly all of it in the box of one piece of writing."""
    path = segment_path(segment)
    for left, top, right, bottom in texts:
        if math.dist(segment.start, segment.end) <= LONGEST_IN_LETTERS * (bottom - top):
            inside = (path[:, 0] >= left) & (path[:, 0] <= right) & (path[:, 1] >= top) & (path[:, 1] <= bottom)
            if inside.mean() >= IN_LETTERS:
                return True
    return False


def _rounds(
    circles: Sequence[Circle], segments: Sequence[Segment], paper: Paper, *, fit: bool
) -> tuple[list[Circle], list[Arc]]:
    """Return which circles are whole, and the arcs of the others: those of fitted ones, in place or as they were."""
    straight = covered(paper, Geometry(tuple(segments)))  # a tangent's ink is no arc
    whole: list[Circle] = []
    arcs: list[Arc] = []
    for circle in circles:
        fitted = fit_circle(paper, circle, segments)
        kept = fitted if fit else circle
        found, parts = whole_or_arcs(paper, fitted)
        whole += [kept] if found is not None else []
        own = [part for part in parts if ink_along(paper, arc_path(part), explained=straight).mean() >= LEAST_OWN_INK]
        arcs += [replace(part, center=kept.center, radius=kept.radius) for part in own]
    return whole, arcs


def _has_own_ink(
    segment: Segment, segments: Sequence[Segment], circles: Sequence[Circle], arcs: Sequence[Arc], paper: Paper
) -> bool:
    """Say whether an unsure segment lies on ink that no circle and no surer segment explains; a sure one does."""
    if segment.confidence is None or segment.confidence >= SURE:
        return True
    surer = [s for s in segments if s.confidence is not None and s.confidence > segment.confidence]
    explained = covered(paper, Geometry(tuple(surer), tuple(circles), tuple(arcs)))
    return bool(ink_along(paper, segment_path(segment), explained=explained).mean() >= LEAST_OWN_INK)


def doubt_of(geometry: Geometry, paper: Paper, texts: Sequence[Seen] = ()) -> str | None:
    """Say why what was traced is no figure, None if it is one.

    Args:
        geometry: What was traced.
        paper: The picture.
        texts: Boxes of writing that the tracer sees: what lies in them need not be explained, unless it is nearly all.
    """
    if not geometry.segments and not geometry.circles and not geometry.arcs:
        return "nothing in the picture looks like one"
    explained = covered(paper, geometry)
    ink = np.where(paper.ink, paper.strength, np.float32(0))  # a pale lattice counts less than strokes
    drawn = ink.copy()
    for left, top, right, bottom in texts:
        drawn[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = 0
    whole = float(ink[explained].sum() / ink.sum())
    share = float(drawn[explained].sum() / max(1.0, float(drawn.sum())))
    if whole < LEAST_OF_ALL or max(share, whole) < LEAST_EXPLAINED:
        return f"only {whole:.0%} of the ink lies under straight lines and circles"
    return None


def _nearest(labels: dict[str, Point], spots: Sequence[Point], reach: float) -> dict[str, Point]:
    """Move named points to the nearest spots of the figure, no farther than so many pixels; others stay."""
    near = {name: min(spots, key=lambda p: math.dist(p, point), default=point) for name, point in labels.items()}
    return {name: spot if math.dist(spot, labels[name]) <= reach else labels[name] for name, spot in near.items()}


def made_up(points: Sequence[Point], named: dict[str, Point], *, near: float = 0.0) -> dict[str, Point]:
    """Return names, P1, P2, ..., for points that have none, from left to right; of points that near one."""
    taken = list(named.values())
    free = (f"P{i}" for i in itertools.count(1) if f"P{i}" not in named)
    found: dict[str, Point] = {}
    for point in sorted(points):
        if point not in taken and all(math.dist(point, other) > near for other in (*taken, *found.values())):
            found[next(free)] = point
    return found


class Names:
    """Names of points, for any place near them.

    Args:
        points: By their names.
    """

    def __init__(self, points: dict[str, Point]) -> None:
        self._points = points
        self.exact = {point: name for name, point in reversed(points.items())}

    def near(self, places: Sequence[Point]) -> dict[Point, str]:
        """Return places with their names: of the point nearest to each."""
        return dict(zip(places, self.of(places), strict=True))

    def of(self, places: Sequence[Point]) -> tuple[str, ...]:
        """Return the name of the point nearest to each place."""
        return tuple(min(self._points, key=lambda name: math.dist(self._points[name], place)) for place in places)


def _label(text: TextBox, named: Named, names: Names) -> Label:
    of = (named.round,) if named.round else names.of(named.points)
    return Label(text.text, text.box, named.kind, of, text.confidence)
