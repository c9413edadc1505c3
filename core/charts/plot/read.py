"""A chart read by geometry alone: words, axes, colours, marks, values."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.numbers import is_currency
from ocr2.charts.plot.align import align_axis
from ocr2.charts.plot.axes import has_line
from ocr2.charts.plot.bars import Rect, refine_end
from ocr2.charts.plot.colours import Layer, find_layers, is_drawn, strongest, usual_colour
from ocr2.charts.plot.labels import Label, is_unnamed, joined_labels, name_places, round_number
from ocr2.charts.plot.layout import Layout, find_layout
from ocr2.charts.plot.legend import GREY, RINGS
from ocr2.charts.plot.marks import Mark, name_marks
from ocr2.charts.plot.printed import PrintedValues
from ocr2.charts.plot.result import Plot, PlotAxis, PlotSeries, PlotValue, Signs
from ocr2.charts.plot.round import is_round, read_round
from ocr2.charts.plot.scale import Scale
from ocr2.charts.plot.sequences import repair_sequence, without_ticks
from ocr2.charts.plot.titles import find_titles
from ocr2.charts.plot.traces import Blob, blobs_of
from ocr2.charts.plot.values import (
    Spot,
    merge,
    places_of_lines,
    spots_of_areas,
    spots_of_bars,
    spots_of_lines,
)
from ocr2.charts.plot.words import Word, words_of
from ocr2.models.protocols import TextBox

RGB = NDArray[np.uint8]  # (height, width, 3)
DASHES = "-–—_~•· "  # what a sample of a line may be read as, before a name
SLIVER = 3.0  # pixels of the longest rim of another bar
MOST_WORDS, WORDS_INSIDE = 4, 0.25  # words inside a plot, at least or as a share of all, beyond which it is none
MOST_UNITS = 2  # an axis has one unit, and at times a number without it
FEWEST_CLEAR = 5  # ticks that no numbers on slices are by chance
FEWEST_GREY, MOST_GREY_WORDS = 4, 60  # ticks and words of a chart without any colour
RIM = 0.6  # line heights beside the axis where half of a point that lies on it is
ON_AXIS = 2.0  # pixels left of the plot up to which a point's middle lies on the axis
OUTLINE = 0.6  # of a line that runs along the edges of bars


def read_plot(picture: RGB, texts: Sequence[TextBox]) -> Plot | None:
    """Read a chart (height, width, 3) whose text was read; None if it shows no axis and no circle of slices."""
    words = [w for w in words_of(texts) if w.text.strip()]
    layout = find_layout(picture, words)
    axis = layout.y or layout.x
    if axis is None or (len(axis.words) < FEWEST_CLEAR and is_round(picture, layout, axis.words)):
        return read_round(picture, replace(layout, y=None, x=None, x_labels=None, y_labels=None))
    return _AxisReader(picture, layout).read()


@dataclass(slots=True)
class _Shown:
    """Marks and how they are to be understood."""

    kind: str
    arrangement: str
    spots: list[Spot]
    places: list[float]  # along the labels, sorted
    free: bool = False  # each spot has its own place


class _AxisReader:
    """Reads one chart with axes."""

    def __init__(self, picture: RGB, layout: Layout) -> None:
        self.picture = picture
        self.layout = layout
        self.plot = layout.plot
        self.hidden = self._hidden()
        self.layers, self.grid = self._find_layers()
        self.ground = usual_colour(picture[self.plot[1] : self.plot[3], self.plot[0] : self.plot[2]])
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        y, x = (
            align_axis(axis, gray, self.grid, self.plot) if axis is not None else None for axis in (layout.y, layout.x)
        )
        self.layout = replace(layout, y=y, x=x)

    def _find_layers(self) -> tuple[list[Layer], NDArray[np.bool_]]:
        """Part what the plot shows by colour, and find its grid."""
        colours = [entry.colour for entry in self.layout.legend]
        return find_layers(self.picture, self.plot, self.hidden, self._legend_box(), colours)

    def _hidden(self, besides: Sequence[Word] = ()) -> NDArray[np.bool_]:
        """Return where text is, besides some words."""
        mask = np.zeros(self.picture.shape[:2], np.bool_)
        rings = [w for w in self.layout.inside if w.text in RINGS]
        for word in (w for w in self.layout.words if w not in rings and w not in besides):
            box = word.left - 1, word.top - 1, word.right + 1, word.bottom + 1
            mask[max(0, int(box[1])) : int(box[3]) + 1, max(0, int(box[0])) : int(box[2]) + 1] = True
        return mask

    def _legend_box(self) -> NDArray[np.bool_]:
        """Return where the legend is."""
        mask = np.zeros(self.picture.shape[:2], np.bool_)
        if self.layout.legend:
            entries = self.layout.legend
            left, top = min(e.box[0] for e in entries), min(min(e.box[1], e.word.top) for e in entries)
            right, bottom = max(e.word.right for e in entries), max(max(e.box[3], e.word.bottom) for e in entries)
            mask[max(0, int(top) - 2) : int(bottom) + 3, max(0, int(left) - 2) : int(right) + 3] = True
        return mask

    def read(self) -> Plot | None:
        """Return the chart; None if nothing is drawn between its axes."""
        layout = self.layout
        upright: bool | None = None if layout.y is not None and layout.x is not None else layout.y is not None
        base = self._base(self._value_scale(upright is not False), upright=upright is not False)
        marks, standing = name_marks(self.layers, self.plot, self.hidden, self.grid, upright=upright, base=base)
        marks = self._chosen(marks)
        if marks and all(m.form == "points" and self._is_vivid(m) for m in marks):
            marks = self._with_rim(marks, base=base)
        marks = [self._refined(mark, upright=standing, base=base) for mark in marks]
        upright = standing if upright is None and any(m.form == "bars" for m in marks) else upright is None or upright
        scale = self._value_scale(upright)
        shown = self._shown(marks, scale, upright=upright)
        if shown is None or len(shown.spots) < 2 or not self._is_chart(marks, scale):
            return None
        return self._plot(shown, scale, upright=upright)

    def _refined(self, mark: Mark, *, upright: bool, base: float) -> Mark:
        """Return bars with their ends between pixels, where their edges are blends with the ground."""
        if mark.form != "bars":
            return mark
        colour = self.layers[mark.layer].colour
        rects = [refine_end(rect, self.picture, colour, self.ground, upright=upright, base=base) for rect in mark.rects]
        return replace(mark, rects=tuple(rects))

    def _is_vivid(self, mark: Mark) -> bool:
        colour = self.layers[mark.layer].colour
        return max(colour) - min(colour) > GREY

    def _with_rim(self, marks: list[Mark], *, base: float) -> list[Mark]:
        """Look for points once more with room for those that lie on the axis at the left, where its ticks stand."""
        layout = self.layout
        if layout.y is None or any(w.x > self.plot[0] for w in layout.y.words):
            return marks
        size = layout.y.words[0].size
        left, top, right, bottom = self.plot
        before = self.plot, self.layers, self.grid, self.hidden
        self.plot = max(0, round(left - RIM * size)), top, right, bottom
        self.hidden = self._hidden(besides=layout.y.words)
        self.layers, self.grid = self._find_layers()
        named, _ = name_marks(self.layers, self.plot, self.hidden, self.grid, upright=True, base=base)
        found = [
            replace(mark, blobs=tuple(b for b in mark.blobs if b.x > left - ON_AXIS)) for mark in self._chosen(named)
        ]
        if all(m.form == "points" and self._is_vivid(m) for m in found) and _count(found) > _count(marks):
            return found
        self.plot, self.layers, self.grid, self.hidden = before
        return marks

    def _is_chart(self, marks: Sequence[Mark], scale: Scale) -> bool:
        """Say whether what was found may be a chart: a page, a table or a formula has words where marks should be."""
        layout = self.layout
        if not is_drawn(self.picture):
            return False
        strange = [w for w in layout.inside if w.value is None and sum(c.isalpha() for c in w.text) > 2]
        if len(strange) > max(MOST_WORDS, WORDS_INSIDE * len(layout.words)):
            return False
        if len({t.word.unit for t in scale.ticks}) > MOST_UNITS:
            return False
        colourful = any(max(c := self.layers[m.layer].colour) - min(c) > GREY for m in marks)
        if len(scale.ticks) < 3:
            others = layout.x_labels or layout.y_labels
            return colourful and others is not None and len(others.words) >= 2
        solid = any(m.form in ("bars", "area") for m in marks)
        plain = (solid or len(scale.ticks) >= FEWEST_GREY) and len(layout.words) <= MOST_GREY_WORDS
        return colourful or (plain and has_line(self.picture, self.plot))

    def _value_scale(self, upright: bool) -> Scale:
        axis = self.layout.y if upright else self.layout.x
        assert axis is not None
        return axis.scale

    def _base(self, scale: Scale, *, upright: bool) -> float:
        """Return the place where bars begin: at zero, or at the end of the plot nearest to it."""
        low, high = (self.plot[1], self.plot[3]) if upright else (self.plot[0], self.plot[2])
        zero = scale.place(0.0) if not scale.log else scale.place(-1.0)
        return float(min(max(zero, low), high))

    def _chosen(self, marks: Sequence[Mark]) -> list[Mark]:
        """Drop what is no series: without a legend greys beside colours, with one what it does not name."""
        real = [m for m in marks if m.form != "none"]
        named = len(self.layout.legend)
        if named:
            known = self._without_doubles([m for m in real if m.layer < named])
            if known:
                return known
        vivid = [m for m in real if max(self.layers[m.layer].colour) - min(self.layers[m.layer].colour) > GREY]
        if vivid and len(vivid) < len(real):
            main = max(vivid, key=lambda m: int(self.layers[m.layer].mask.sum()))
            form = main.form
            strong = [m for m in real if m in vivid or (m.form == form and form == "bars" and len(m.rects) >= 2)]
            real = strong
        rects = [r for m in real if m.form == "bars" for r in m.rects]
        if rects:
            real = [m for m in real if m.form == "bars" or (m.form == "line" and not self._is_outline(m, rects))]
        return real

    def _without_doubles(self, marks: Sequence[Mark]) -> list[Mark]:
        """Drop lines that are seen twice, as two entries of the legend have nearly one colour: the purer one stays."""
        kept: list[Mark] = []
        for mark in sorted(marks, key=lambda m: -int(self.layers[m.layer].mask.sum())):
            if not any(_run_together(mark, other) for other in kept):
                kept.append(mark)
        return sorted(kept, key=lambda m: m.layer)

    def _is_outline(self, mark: Mark, rects: Sequence[Rect]) -> bool:
        """Say whether a line is the edges of bars."""
        edges = np.zeros(self.picture.shape[:2], np.uint8)
        for rect in rects:
            corners = (round(rect.left), round(rect.top)), (round(rect.right), round(rect.bottom))
            cv2.rectangle(edges, corners[0], corners[1], 1, thickness=5)
        mask = self.layers[mark.layer].mask
        return bool(edges[mask].mean() > OUTLINE) if mask.any() else True

    def _labels(self, *, upright: bool) -> tuple[list[Label], Scale | None]:
        """Return the labels of the other axis, and its scale if they are numbers."""
        layout = self.layout
        numbers = layout.x if upright else layout.y
        labels = layout.x_labels if upright else layout.y_labels
        if numbers is not None:
            found = [Label(t.word.text, t.place, t.word.confidence) for t in numbers.scale.ticks]
            return found, numbers.scale
        if labels is None:
            return [], None
        texts = joined_labels(labels.words, layout.words) if upright else [w.text for w in labels.words]
        texts = repair_sequence([without_ticks(text) for text in texts])
        return [Label(t, p, w.confidence) for t, p, w in zip(texts, labels.places, labels.words, strict=True)], None

    def _shown(self, marks: Sequence[Mark], scale: Scale, *, upright: bool) -> _Shown | None:
        bars = [m for m in marks if m.form == "bars"]
        lines = [m for m in marks if m.form == "line"]
        areas = [m for m in marks if m.form == "area"]
        points = [m for m in marks if m.form == "points"]
        labels, numbers = self._labels(upright=upright)
        if bars:
            spots, stacked = spots_of_bars(bars, upright=upright, base=self._base(scale, upright=upright))
            places = self._bar_places(spots, labels, is_number=numbers is not None)
            if lines and upright:
                spots = [*spots, *spots_of_lines(lines, places)]
            several = len({s.series for s in spots}) > 1
            arrangement = "stacked" if stacked else "grouped" if several else "single"
            kind = "combo" if lines and upright else "bar" if upright else "hbar"
            return _Shown(kind, arrangement, spots, places)
        if areas:
            both = [*areas, *lines]
            places = places_of_lines(both, labels, numbers, self.plot)
            spots, stacked = spots_of_areas(areas, self.layers, places, self.plot, self._base(scale, upright=True))
            return _Shown("area", "stacked" if stacked else "single", spots, places)
        if lines:
            places = places_of_lines(lines, labels, numbers, self.plot)
            return _Shown("line", "single", spots_of_lines(lines, places), places)
        if points:
            spots = [_spot_of(blob, layer, upright=upright) for layer, blob in self._points(points)]
            return _Shown("scatter", "single", spots, merge([s.along for s in spots], 0.8), free=True)
        return None

    def _points(self, marks: Sequence[Mark]) -> list[tuple[int, Blob]]:
        """Return points and their layers: each belongs to the colour that it has most of, or is most like."""
        if len(marks) == 1:
            return [(marks[0].layer, blob) for blob in marks[0].blobs]
        ground = np.array(self.ground)
        together = np.any([self.layers[m.layer].soft for m in marks], axis=0)
        found = []
        least = min(blob.x for mark in marks for blob in mark.blobs) - ON_AXIS
        for blob in (b for b in blobs_of(together, self.plot) if b.x > least):
            left, top = max(0, int(blob.x - blob.width / 2)), max(0, int(blob.y - blob.height / 2))
            here = slice(top, int(top + blob.height) + 1), slice(left, int(left + blob.width) + 1)
            colour = strongest(self.picture[here].reshape(-1, 3)[together[here].ravel()], ground)
            off = [math.dist(colour, self.layers[m.layer].colour) for m in marks]
            found.append((marks[int(np.argmin(off))].layer, blob))
        return found

    def _bar_places(self, spots: Sequence[Spot], labels: Sequence[Label], *, is_number: bool) -> list[float]:
        """Return where groups of bars stand: at the labels, or by themselves where there are more of them.

        Along an axis of numbers bars of one series stand anywhere.
        """
        by_series = {n: merge([s.along for s in spots if s.series == n], 2.0) for n in {s.series for s in spots}}
        most = max(len(places) for places in by_series.values())
        marks = sorted(label.place for label in labels)
        if is_number and len(by_series) == 1:
            return next(iter(by_series.values()))
        if len(marks) >= most or (len(marks) >= 2 and _is_one_each(by_series.values(), marks)):
            return marks
        together = merge([s.along for s in spots], 2.0)
        if len(by_series) == 1 or len(together) <= 1.3 * most:
            return together
        # Groups of several bars, more of them than labels: cut where the white is widest.
        gaps = np.diff(together)
        count = most
        cuts = sorted(np.argsort(-gaps)[: count - 1].tolist())
        groups = np.split(np.array(together), [c + 1 for c in cuts])
        return [float((g[0] + g[-1]) / 2) for g in groups]

    def _plot(self, shown: _Shown, scale: Scale, *, upright: bool) -> Plot:
        labels, numbers = self._labels(upright=upright)
        names = name_places(shown.places, labels, numbers)
        base = self._base(scale, upright=upright)
        printed = PrintedValues(self.layout.inside, scale, upright=upright)
        series: list[PlotSeries] = []
        order = sorted({s.series for s in shown.spots})
        per_place: dict[tuple[int, int], list[Spot]] = {}
        for spot in shown.spots:
            i = min(range(len(shown.places)), key=lambda j: abs(shown.places[j] - spot.along))
            per_place.setdefault((spot.series, i), []).append(spot)
        if not self.layout.legend and len(order) > 1 and shown.kind in ("bar", "hbar", "scatter"):
            counts = [sum((n, i) in per_place for n in order) for i in range(len(shown.places))]
            if max(counts, default=0) <= 1:  # every bar in its own colour: one series
                per_place = {(order[0], i): spots for (_, i), spots in per_place.items()}
                order = order[:1]
        for number in order:
            values = []
            for i, name in enumerate(names):
                here = per_place.get((number, i), [])
                if shown.kind != "scatter" and len(here) > 1:  # a mark and a sliver of another
                    here = _whole_ones(here, base)
                values += [self._value(spot, name, scale, printed) for spot in here]
            entry = self.layout.legend[number] if number < len(self.layout.legend) else None
            title = entry.word.text.lstrip(DASHES) if entry is not None else None
            series.append(PlotSeries(title, self.layers[number].colour, tuple(values)))
        usual = scale.ticks[0].word.size
        free = [w for w in self.layout.free if w not in printed.used]
        titles = find_titles(free, self.plot, usual)
        x_axis, y_axis = self._axis(upright=False, title=titles.x), self._axis(upright=True, title=titles.y)
        return Plot(
            kind=shown.kind,
            arrangement=shown.arrangement,
            title=titles.title,
            subtitle=titles.subtitle,
            source=titles.source,
            x=x_axis,
            y=y_axis,
            series=tuple(s for s in series if s.values),
            signs=self._signs(series, labels, printed, scale),
        )

    def _value(self, spot: Spot, label: str, scale: Scale, printed: PrintedValues) -> PlotValue:
        value = scale.value(spot.end)
        if spot.start is not None:
            value -= scale.value(spot.start)
        word = printed.find(spot, value)
        if word is not None and word.value is not None:
            return PlotValue(label, word.text, word.value, False, spot.box, word.confidence)
        start = scale.value(spot.start) if spot.start is not None else 0.0
        text = round_number(scale.value(spot.end - 0.5) - start, scale.value(spot.end + 0.5) - start)
        return PlotValue(label, _with_unit(text, scale.unit), float(text), True, spot.box, 0.9)

    def _axis(self, *, upright: bool, title: str | None) -> PlotAxis | None:
        layout = self.layout
        numbers, labels = (layout.y, layout.y_labels) if upright else (layout.x, layout.x_labels)
        if numbers is not None:
            scale = numbers.scale
            ticks = tuple((t.place, t.word.text) for t in scale.ticks)
            return PlotAxis(title, "log" if scale.log else "linear", scale.unit, ticks)
        if labels is not None:
            ticks = tuple((p, w.text) for p, w in zip(labels.places, labels.words, strict=True))
            return PlotAxis(title, "category", None, ticks)
        return PlotAxis(title, "category", None, ()) if title else None

    def _signs(
        self, series: Sequence[PlotSeries], labels: Sequence[Label], printed: PrintedValues, scale: Scale
    ) -> Signs:
        values = [value for one in series for value in one.values]
        numbers = [t.value for t in scale.ticks]
        step = min((abs(b - a) for a, b in itertools.pairwise(sorted(numbers))), default=0.0)
        between = 0 if scale.log or not step else round((max(numbers) - min(numbers)) / step) + 1 - len(numbers)
        unused = [w for w in printed.words if w not in printed.used]
        entries = len(self.layout.legend)
        return Signs(
            ticks=len(scale.ticks),
            unread=max(0, between),
            strays=scale.strays,
            off=float(np.mean([abs(t.word.y - scale.place(t.value)) for t in scale.ticks])) if printed.upright else 0.0,
            least_tick=min(t.word.confidence for t in scale.ticks),
            least_label=min((label.confidence for label in labels), default=0.0),
            empty=1 - len([s for s in series if s.values]) / entries if entries else 0.0,
            unused=len(unused) / max(1, len(values)),
            unnamed=sum(is_unnamed(value.label) for value in values) / max(1, len(values)),
        )


def _count(marks: Sequence[Mark]) -> int:
    return sum(len(mark.blobs) for mark in marks)


def _run_together(one: Mark, other: Mark) -> bool:
    if one.trace is None or other.trace is None:
        return False
    shared, i, j = np.intersect1d(one.trace.xs, other.trace.xs, return_indices=True)
    if len(shared) < 0.7 * min(len(one.trace.xs), len(other.trace.xs)):
        return False
    return bool((np.abs(one.trace.ys[i] - other.trace.ys[j]) < max(2.0, one.trace.width)).mean() > 0.9)


def _whole_ones(spots: Sequence[Spot], base: float) -> list[Spot]:
    """Return the longest bar of several at one label, and those that stand on each other as it does."""
    longest = max(spots, key=lambda s: _length(s, base))
    from_base = sorted(spots, key=lambda s: abs(s.end - base))
    return [s for s in from_base if s is longest or (_length(s, base) > SLIVER and abs(s.along - longest.along) < 1.5)]


def _length(spot: Spot, base: float) -> float:
    return abs(spot.end - (spot.start if spot.start is not None else base))


def _spot_of(blob: Blob, layer: int, *, upright: bool) -> Spot:
    box = blob.x - blob.width / 2, blob.y - blob.height / 2, blob.x + blob.width / 2, blob.y + blob.height / 2
    return Spot(layer, blob.x if upright else blob.y, blob.y if upright else blob.x, None, box)


def _is_one_each(series: Iterable[Sequence[float]], marks: Sequence[float]) -> bool:
    """Say whether hardly any label has several values of one series."""
    several = single = 0
    for places in series:
        counts = Counter(min(range(len(marks)), key=lambda i: abs(marks[i] - place)) for place in places)
        several += sum(n > 1 for n in counts.values())
        single += sum(n == 1 for n in counts.values())
    return several <= 0.2 * single


def _with_unit(text: str, unit: str | None) -> str:
    if not unit:
        return text
    return f"{unit}{text}" if is_currency(unit) else f"{text}{unit}" if unit == "%" else f"{text} {unit}"
