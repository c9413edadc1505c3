"""Random content of charts: labels, series, values, number formats, titles."""

import datetime
import math

import numpy as np

from ocr2.synth.charts.content import ROUND, Arrangement, Content, Kind, NumberStyle, SeriesContent
from ocr2.synth.charts.tables import Table
from ocr2.synth.charts.words import DAYS, GROUPS, MEASURES, MONTHS, ORGANISATIONS, SOURCES, UNITS, Words

Rng = np.random.Generator
ALIKE = 15  # times that the columns of one chart may differ

KINDS: dict[Kind, float] = {
    "bar": 0.27, "hbar": 0.15, "line": 0.24, "area": 0.05, "scatter": 0.04, "pie": 0.09, "donut": 0.05, "rose": 0.02,
    "combo": 0.09,
}  # fmt: skip


class ContentSampler:
    """Draws contents.

    Args:
        words: Names and phrases.
        tables: Real tables.
        table_share: Share of the charts that show a real table.
    """

    def __init__(self, words: Words, tables: list[Table], *, table_share: float = 0.25) -> None:
        self.words = words
        self.tables = tables
        self.table_share = table_share if tables else 0.0

    def draw(self, rng: Rng, kind: Kind | None = None) -> Content:
        """Draw the content of a chart of a kind, or of any."""
        if kind is None:
            kind = list(KINDS)[int(rng.choice(len(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))]
        arrangement, count, size = self._shape(kind, rng)
        if rng.random() < self.table_share and kind not in ROUND:
            return self._from_table(kind, arrangement, count, size, rng)
        labels, places = self._labels(kind, size, rng)
        size = len(labels)
        rows = draw_values(count, size, rng, positive=kind in ROUND or arrangement == "stacked")
        return self._finish(kind, arrangement, labels, places, rows, self._names(count, rng), rng)

    def _shape(self, kind: Kind, rng: Rng) -> tuple[Arrangement, int, int]:
        """Return arrangement, number of series and of labels."""
        if kind in ROUND:
            return "single", 1, int(rng.integers(2, 10))
        if kind == "scatter":
            return "single", int(rng.integers(1, 4)), int(rng.integers(4, 16))
        if kind in ("line", "area"):
            count = 1 + int(rng.random() < 0.6) * int(rng.integers(1, 5))
            return ("stacked" if kind == "area" and rng.random() < 0.6 else "single"), count, int(rng.integers(3, 17))
        if kind == "combo":
            return "grouped", int(rng.integers(2, 4)), int(rng.integers(3, 13))
        count = 1 if rng.random() < 0.45 else int(rng.integers(2, 6))
        most = 21 if count == 1 else 11
        arrangement: Arrangement = "single" if count == 1 else ("stacked" if rng.random() < 0.35 else "grouped")
        return arrangement, count, int(rng.integers(2, most))

    def _labels(self, kind: Kind, size: int, rng: Rng) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
        if kind == "scatter" or (kind in ("line", "area") and rng.random() < 0.2):
            return numeric_labels(size, rng, even=kind != "scatter" or rng.random() < 0.2)
        ordered = kind in ("line", "area", "combo")
        pick = rng.random()
        if pick < (0.75 if ordered else 0.3):
            return time_labels(size, rng), None
        if pick < 0.55 or ordered:
            groups = [g for g in GROUPS if len(g) >= size]
            if groups and rng.random() < 0.7:
                return groups[int(rng.integers(len(groups)))][:size], None
        if rng.random() < 0.3:
            return self._phrases(size, rng), None
        names = sorted(self.words.names)
        return tuple(self.words.some(names[int(rng.integers(len(names)))], size, rng)), None

    def _phrases(self, size: int, rng: Rng) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.words.phrase(rng) for _ in range(size)))

    def _names(self, count: int, rng: Rng) -> tuple[str | None, ...]:
        if count == 1:
            return (None,) if rng.random() < 0.7 else (self._measure(rng),)
        pick = rng.random()
        groups = [g for g in GROUPS if len(g) >= count]
        if pick < 0.3 and groups:
            return groups[int(rng.integers(len(groups)))][:count]
        if pick < 0.5:
            first = int(rng.integers(1990, 2024))
            return tuple(str(first + i * (1 if count > 2 else 10)) for i in range(count))
        if pick < 0.7:
            names = self._phrases(count, rng)
            if len(names) == count:
                return names
        kinds = sorted(self.words.names)
        return tuple(self.words.some(kinds[int(rng.integers(len(kinds)))], count, rng))

    def _measure(self, rng: Rng) -> str:
        return MEASURES[int(rng.integers(len(MEASURES)))]

    def _from_table(self, kind: Kind, arrangement: Arrangement, count: int, size: int, rng: Rng) -> Content:
        table = self.tables[int(rng.integers(len(self.tables)))]
        size = min(size, len(table.labels))
        first = int(rng.integers(len(table.labels) - size + 1))
        largest = [max(map(abs, column[first : first + size])) for column in table.columns]
        fit = [i for i, v in enumerate(largest) if v * ALIKE >= max(largest)]  # or one would hide the others
        chosen = rng.permutation(fit)[: min(count, len(fit))]
        labels = table.labels[first : first + size]
        rows = np.array([table.columns[int(c)][first : first + size] for c in chosen])
        names: tuple[str | None, ...] = tuple(table.names[int(c)] for c in chosen)
        if len(names) == 1:
            arrangement = "single"
        if arrangement == "stacked":
            rows = np.abs(rows)
        places = None
        if kind == "scatter":
            _, places = numeric_labels(size, rng, even=False)
            labels = tuple(f"{p:g}" for p in places)
            rows = rows[:, : len(places)]
        return self._finish(kind, arrangement, labels, places, rows, names, rng)

    def _finish(
        self,
        kind: Kind,
        arrangement: Arrangement,
        labels: tuple[str, ...],
        places: tuple[float, ...] | None,
        rows: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
        names: tuple[str | None, ...],
        rng: Rng,
    ) -> Content:
        numbers, rows = choose_numbers(kind, rows, rng)
        second = None
        lined = [False] * len(rows)
        if kind == "combo":
            lined[-1] = True
            if len(rows) > 2 and rng.random() < 0.3:
                lined[-2] = True
            if rng.random() < 0.6:
                share, decimals = rng.uniform(3, 99), int(rng.integers(0, 2))
                rows[-1] = np.round(np.abs(rows[-1]) / max(1e-9, np.abs(rows[-1]).max()) * share, decimals)
                second = NumberStyle(decimals, suffix="%" if rng.random() < 0.7 else "")
        gaps = kind not in ROUND and arrangement != "stacked" and rng.random() < 0.06
        series = tuple(
            SeriesContent(
                name,
                tuple(None if gaps and rng.random() < 0.12 else float(v) for v in row),
                line=lined[i],
                second_axis=second is not None and i == len(rows) - 1,
            )
            for i, (name, row) in enumerate(zip(names, rows, strict=True))
        )
        return Content(
            kind=kind,
            arrangement=arrangement,
            labels=labels,
            places=places,
            series=series,
            numbers=numbers,
            second_numbers=second,
            title=self._title(rng) if rng.random() < 0.75 else None,
            source=self._source(rng) if rng.random() < 0.25 else None,
            x_title=self._axis_title(rng) if kind not in ROUND and rng.random() < 0.45 else None,
            y_title=self._axis_title(rng) if kind not in ROUND and rng.random() < 0.55 else None,
            second_title=self._axis_title(rng) if second is not None and rng.random() < 0.5 else None,
        )

    def _title(self, rng: Rng) -> str:
        pick = rng.random()
        if pick < 0.35:
            place = self.words.some("country", 1, rng)[0]
            first = int(rng.integers(1950, 2020))
            forms = (f"{self._measure(rng)} in {place}",
                     f"{self._measure(rng)}, {first}-{first + int(rng.integers(2, 30))}",
                     f"{self._measure(rng)} by {self.words.phrase(rng).lower()} ({first})",
                     f"{place}: {self._measure(rng).lower()} and {self._measure(rng).lower()}")  # fmt: skip
            return forms[int(rng.integers(len(forms)))]
        words = [self.words.phrase(rng)]
        while rng.random() < 0.55 and len(words) < 5:
            words.append(self.words.phrase(rng).lower())
        return " ".join(words)

    def _axis_title(self, rng: Rng) -> str:
        measure = self._measure(rng) if rng.random() < 0.6 else self.words.phrase(rng)
        return f"{measure} ({UNITS[int(rng.integers(len(UNITS)))]})" if rng.random() < 0.35 else measure

    def _source(self, rng: Rng) -> str:
        form = SOURCES[int(rng.integers(len(SOURCES)))]
        names = [ORGANISATIONS[int(i)] for i in rng.choice(len(ORGANISATIONS), 2, replace=False)]
        return form.format(names[0], names[1] if rng.random() < 0.5 else str(rng.integers(1990, 2026)))


def draw_values(
    count: int, size: int, rng: Rng, *, positive: bool
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Draw values (count, size) of related series in one of several shapes and any magnitude."""
    scale = 10 ** rng.uniform(-1, 6.5) if rng.random() < 0.7 else rng.uniform(5, 100)
    steps = np.arange(size)
    rows = []
    for _ in range(count):
        level = rng.uniform(0.25, 1)
        shape = int(rng.integers(6))
        if shape == 0:
            row = rng.uniform(0.05, 1, size)
        elif shape == 1:
            row = level + np.cumsum(rng.normal(0, 0.12, size))
        elif shape == 2:
            row = level * np.exp(rng.uniform(-0.15, 0.15) * steps) * rng.uniform(0.9, 1.1, size)
        elif shape == 3:
            row = level + 0.4 * np.sin(steps * rng.uniform(0.3, 1.5) + rng.uniform(0, 6)) + rng.normal(0, 0.04, size)
        elif shape == 4:
            row = np.sort(rng.pareto(1.5, size) + 0.1)[:: -1 if rng.random() < 0.7 else 1]
            row = row / row.max()
        else:
            row = np.full(size, level) + rng.normal(0, 0.05, size)
        rows.append(row)
    values = np.array(rows)
    if positive or rng.random() < 0.9:
        values = np.abs(values) + (0.01 if positive else 0)
    return values * scale


def choose_numbers(
    kind: Kind, rows: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", rng: Rng
) -> tuple[NumberStyle, "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"]:
    """Choose how values are printed, and round them to it."""
    if kind in ROUND and rng.random() < 0.6:
        decimals = int(rng.choice([0, 1, 2], p=[0.35, 0.5, 0.15]))
        shares = np.round(100 * rows / rows.sum(), decimals)
        return NumberStyle(decimals, suffix="%"), np.maximum(shares, 10.0**-decimals)
    percent = kind not in ROUND and rng.random() < 0.18 and bool(rows.any())
    if percent:
        rows = rows / np.abs(rows).max() * rng.uniform(5, 100)
    largest = float(np.abs(rows).max())
    digits = math.floor(math.log10(largest)) + 1 if largest > 0 else 1
    decimals = max(0, int(rng.integers(2, 5)) - max(digits, 0)) if digits < 4 else int(rng.random() < 0.1)
    rounded = np.round(rows, decimals)
    thousands = ("," if rng.random() < 0.85 else " ") if digits > 3 and rng.random() < 0.6 else ""
    prefix = "$" if not percent and rng.random() < 0.06 else "€" if not percent and rng.random() < 0.02 else ""
    suffix = (
        "%"
        if percent
        else ("" if prefix or rng.random() < 0.94 else [" kg", "M", "k", " km", " h"][int(rng.integers(5))])
    )
    return NumberStyle(decimals, thousands, prefix, suffix), rounded


def time_labels(size: int, rng: Rng) -> tuple[str, ...]:
    """Return following years, months, quarters, days or dates."""
    pick = rng.random()
    first = int(rng.integers(1900 if rng.random() < 0.1 else 1980, 2024))
    if pick < 0.45:
        step = int(rng.choice([1, 1, 1, 2, 5, 10]))
        return tuple(str(first + i * step) for i in range(size))
    if pick < 0.6:
        start = int(rng.integers(12))
        form = int(rng.integers(3))
        months = [MONTHS[(start + i) % 12] for i in range(min(size, 12))]
        return tuple(months if form == 0 else [m[:3] for m in months] if form == 1 else [m[:3].upper() for m in months])
    if pick < 0.7:
        return tuple(DAYS[i % 7] if rng.random() < 0 else DAYS[i % 7][:3] for i in range(min(size, 7)))
    if pick < 0.8:
        forms = ("Q{q} {y}", "{y} Q{q}", "Q{q} '{s:02d}", "{y}-Q{q}")
        form_text = forms[int(rng.integers(len(forms)))]
        return tuple(form_text.format(q=i % 4 + 1, y=first + i // 4, s=(first + i // 4) % 100) for i in range(size))
    if pick < 0.9:
        day = datetime.date(first, int(rng.integers(1, 13)), 1)
        formats = ("%b %Y", "%Y-%m", "%m/%Y", "%b %y", "%d %b", "%Y-%m-%d")
        shown = formats[int(rng.integers(len(formats)))]
        stride = 31 if "%d" not in shown else int(rng.integers(1, 15))
        return tuple(dict.fromkeys((day + datetime.timedelta(days=stride * i)).strftime(shown) for i in range(size)))
    return tuple(f"{first + i}/{(first + i + 1) % 100:02d}" for i in range(size))


def numeric_labels(size: int, rng: Rng, *, even: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return numbers on a numeric axis, as text and as they are."""
    scale = float(rng.choice([0.1, 1, 1, 5, 10, 100]))
    places = np.arange(size) * scale if even else np.sort(rng.uniform(0, size * scale, size))
    if rng.random() < 0.3:
        places = places + scale * int(rng.integers(1, 20))
    decimals = 0 if even and scale >= 1 else 1 if scale >= 1 else 2
    rounded = sorted({round(float(p), decimals) for p in places})
    return tuple(f"{p:.{decimals}f}" for p in rounded), tuple(rounded)
