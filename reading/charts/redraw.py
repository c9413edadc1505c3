"""A chart drawn anew from the values that were read, beside its picture: a person checks it at a glance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.charts.numbers import read_number
from ocr2.formats.chart.table import ChartTable, reliability_line, table_of
from ocr2.results.chart import Chart, ChartValue

# Pixels.
LOWEST, HIGHEST, WIDEST = 420, 1000, 6000
EDGE, GAP = 16, 8
BAR, BETWEEN = 16, 12  # least width of a bar, and between labels
TEXT, TITLE = 12, 16
LINE_LABELS = 5  # so many labels that are numbers, years mostly, make lines instead of bars
LONGEST_LABEL = 18  # characters
COLOURS = ("#1565c0", "#d35400", "#2e7d32", "#6a1b9a", "#00838f", "#b8860b", "#757575", "#ad1457")
INK, FAINT, WRONG = "#222222", "#bbbbbb", "#c00000"


@dataclass(frozen=True, slots=True)
class _Area:
    """Where values are drawn, and their scale."""

    left: int
    top: int
    right: int
    bottom: int
    low: float
    high: float

    def y(self, value: float) -> int:
        """Return the row of a value, halves first, as differences of huge ones overflow."""
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return round(self.bottom - share * (self.bottom - self.top))

    def x(self, place: float, count: int) -> float:
        """Return the column of a place among `count` labels, 0 the left edge of the first."""
        return self.left + place * (self.right - self.left) / count


def redraw(chart: Chart, picture: NDArray[np.uint8]) -> Image.Image:
    """Return a picture (height, width, 3) with the values that were read drawn at its right."""
    original = Image.fromarray(picture)
    height = min(max(original.height, LOWEST), HIGHEST)
    width = min(max(1, round(original.width * height / original.height)), WIDEST)
    drawn = draw_values(chart, height=height, least_width=min(width, 2 * height))
    both = Image.new("RGB", (width + GAP + drawn.width, height), FAINT)
    both.paste(original.resize((width, height), Image.Resampling.LANCZOS), (0, 0))
    both.paste(drawn, (width + GAP, 0))
    return both


def draw_values(chart: Chart, *, height: int, least_width: int = LOWEST) -> Image.Image:
    """Draw a chart's values: lines where labels are numbers, else bars; values printed, those that disagree in red.

    Letters that Pillow's own face lacks, such as Chinese ones, are drawn as boxes.
    """
    table = table_of(chart)
    slots = len(table.rows) * (len(table.columns) * BAR + BETWEEN)
    width = min(max(least_width, LOWEST, slots + 2 * EDGE + 60), WIDEST)
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    top = _head(chart, table, pen, width)
    numbers = [value.value for _, value in chart.points() if value.value is not None]
    if not numbers:
        pen.text((EDGE, top), "no numbers", fill=WRONG, font=_font(TEXT))
        return image
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    high = high if high > low else low + 1
    area = _Area(EDGE + 60, top + 60, width - EDGE, height - 110, low, high)
    _axes(area, table, pen, image)
    if len(table.rows) >= LINE_LABELS and all(read_number(label).value is not None for label, _ in table.rows):
        _lines(area, table, image)
    else:
        _bars(area, table, image)
    return image


def _head(chart: Chart, table: ChartTable, pen: ImageDraw.ImageDraw, width: int) -> int:
    """Write title, reliability and legend; return where they end."""
    y = GAP
    lines = [(chart.title or "(no title)", TITLE, INK), (reliability_line(chart), TEXT, WRONG if _bad(chart) else INK)]
    for text, size, colour in lines:
        pen.text((EDGE, y), _fitting(text, _font(size), width - 2 * EDGE), fill=colour, font=_font(size))
        y += size + GAP
    x = float(EDGE)
    for column, name in enumerate(table.columns if len(table.columns) > 1 else ()):
        label = name[:LONGEST_LABEL]
        needed = _font(TEXT).getlength(label) + 2 * TEXT + GAP
        if x > EDGE and x + needed > width - EDGE:
            x, y = float(EDGE), y + TEXT + GAP // 2
        pen.rectangle((x, y, x + TEXT, y + TEXT), fill=_colour(column))
        pen.text((x + TEXT + GAP // 2, y), label, fill=INK, font=_font(TEXT))
        x += needed
    return y + TEXT + GAP


def _bad(chart: Chart) -> bool:
    return chart.doubtful or chart.reliability.verdict == "unreliable"


def _axes(area: _Area, table: ChartTable, pen: ImageDraw.ImageDraw, image: Image.Image) -> None:
    for value in {area.low, 0.0, area.high}:
        y = area.y(value)
        pen.line((area.left, y, area.right, y), fill=INK if value == 0 else FAINT)
        text = f"{value:.4g}"
        pen.text((area.left - GAP - _font(TEXT).getlength(text), y - TEXT // 2), text, fill=INK, font=_font(TEXT))
    room = (area.right - area.left) / len(table.rows)
    for row, (label, _) in enumerate(table.rows):
        _write(
            image, label[:LONGEST_LABEL], area.x(row + 0.5, len(table.rows)), area.bottom + GAP, room, INK, below=True
        )


def _bars(area: _Area, table: ChartTable, image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    share = 0.8 / len(table.columns)
    room = share * (area.right - area.left) / len(table.rows)
    for row, (_, values) in enumerate(table.rows):
        for column, value in enumerate(values):
            if value is None:
                continue
            left = area.x(row + 0.1 + column * share, len(table.rows))
            y = area.y(value.value or 0.0)
            box = (left, min(y, area.y(0)), left + max(1.0, room - 2), max(y, area.y(0)))
            pen.rectangle(box, fill=_colour(column))
            _print(image, value, left + room / 2, box[1], room)


def _lines(area: _Area, table: ChartTable, image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    room = (area.right - area.left) / len(table.rows)
    for column in range(len(table.columns)):
        points = []
        for row, (_, values) in enumerate(table.rows):
            value = values[column]
            if value is not None and value.value is not None:
                x, y = area.x(row + 0.5, len(table.rows)), area.y(value.value)
                points.append((x, y))
                pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=_colour(column))
                _print(image, value, x, y - 3, room)
        if len(points) > 1:
            pen.line(points, fill=_colour(column), width=2)


def _print(image: Image.Image, value: ChartValue, x: float, y: float, room: float) -> None:
    colour = WRONG if value.disagrees or value.value is None else INK
    _write(image, value.printed[:LONGEST_LABEL], x, y - 2, room, colour, below=False)


def _write(image: Image.Image, text: str, x: float, y: float, room: float, colour: str, *, below: bool) -> None:
    """Write centred at x, above or below y; upwards where there is less room than it needs."""
    font = _font(TEXT)
    stamp = Image.new("L", (max(1, round(font.getlength(text)) + 2), TEXT + 4), 0)
    ImageDraw.Draw(stamp).text((1, 0), text, fill=255, font=font)
    if stamp.width > room:
        stamp = stamp.transpose(Image.Transpose.ROTATE_90)
    place = (round(x - stamp.width / 2), round(y) if below else round(y) - stamp.height)
    image.paste(Image.new("RGB", stamp.size, colour), place, stamp)


def _fitting(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    line = " ".join(text.split())
    kept = line
    while kept and font.getlength(kept) > room:
        kept = kept[: max(0, int(len(kept) * 0.95) - 1)]
    return kept if kept == line else f"{kept[:-1]}…"


def _colour(column: int) -> str:
    return COLOURS[column % len(COLOURS)]


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow's wheels have FreeType
    return font
