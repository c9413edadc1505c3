"""Elements of pages: running text, headings, tables, boxes with lines, contents, charts, rotated text."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.fonts import Face
from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.text_lines.canvas import Canvas

Rect = tuple[float, float, float, float]


@dataclass
class Style:
    """Typographic style of a page.

    Attributes:
        rng: Source of every choice.
        faces: Faces of body, bold and fixed-pitch text.
        em: Size of the body, pixels.
        leading: Line pitch, em.
        paper: Grey level of the paper.
        ink: Grey level of the ink.
        text: Function that returns text of about so many characters.
        picture: Function that returns a picture of about this width and height.
    """

    rng: Generator
    faces: tuple[Face, Face, Face]
    em: int
    leading: float
    paper: int
    ink: int
    text: Callable[[int], str]
    picture: Callable[[int, int], Gray]

    @property
    def pitch(self) -> float:
        """Line pitch, pixels."""
        return self.leading * self.em

    def chance(self, share: float) -> bool:
        """Return True with a probability."""
        return bool(self.rng.random() < share)

    def between(self, low: float, high: float) -> float:
        """Return a number between two."""
        return float(self.rng.uniform(low, high))

    def face(self) -> Face:
        """Return a face of the page."""
        return self.faces[int(self.rng.choice(3, p=[0.65, 0.25, 0.1]))]

    def contrast(self, background: int) -> int:
        """Return an ink that is readable on a background."""
        if abs(self.ink - background) > 70 and self.chance(0.8):
            return self.ink
        low, high = (0, background - 70) if background > 140 else (background + 80, 256)
        return int(self.rng.integers(low, high))


def drawable(text: str, face: Face) -> str:
    """Return text without characters that a face lacks."""
    return "".join(c for c in text if c == " " or ord(c) in face.codepoints).strip()


def words(style: Style, low: int, high: int) -> str:
    """Return a short phrase."""
    long = int(style.rng.integers(low, high + 1))
    text = style.text(long + 12)[: long + 4].strip(" ,.;:-")
    head, _, last = text.rpartition(" ")
    text = head if head and len(text) > long else head + " " + last if head else last
    kind = style.rng.random()
    return text.upper() if kind < 0.12 else text.title() if kind < 0.3 else text


def number(style: Style) -> str:
    """Return a number in a format of tables."""
    rng = style.rng
    kind = int(rng.integers(9))
    value = float(rng.uniform(0, 10 ** rng.integers(1, 6)))
    return (
        f"{value:.0f}", f"{value:,.0f}", f"{value:.1f}", f"{value:,.2f}", f"{value % 100:.1f}%", f"-{value:.2f}",
        f"${value:,.2f}", f"({value:,.0f})", str(int(rng.integers(0, 100))),
    )[kind]  # fmt: skip


def cell_text(style: Style) -> str:
    """Return the text of a table cell."""
    return number(style) if style.chance(0.55) else words(style, 2, 18)


def paragraph(canvas: Canvas, style: Style, box: Rect, *, align: str = "left", size: int = 0, face: Face | None = None,
              ink: int | None = None, most: int = 60, marks: float = 0.15, spacing: float = 0.0) -> float:  # fmt: skip
    """Set running text into a box; returns the y below its last line."""
    rng = style.rng
    left, top, right, bottom = box
    size, face, ink = size or style.em, face or style.faces[0], style.ink if ink is None else ink
    font, pitch = face.load(size), style.leading * size
    base = top + 0.85 * size
    text = drawable(style.text(int(min(most, max(1, (bottom - top) // pitch)) * (right - left) / (0.45 * size))), face)
    queue, line = text.split(), [""]
    marked = style.chance(marks)
    done = 0
    space = font.getlength(" ")
    while queue and base + 0.3 * size < bottom and done < most:
        line, used = [], 0.0
        while queue:
            long = font.getlength(queue[0]) + spacing * len(queue[0])
            if line and used + space + long > right - left:
                break
            used += long + (space if line else 0)
            line.append(queue.pop(0))
        x = left if align == "left" else right - used if align == "right" else left + (right - left - used) / 2
        if align == "justified" and queue and len(line) > 2 and used > 0.7 * (right - left):
            _spread(canvas, line, left, right, base, face, size, ink)
        elif marked and len(line) > 3 and style.chance(0.5):
            at = int(rng.integers(1, len(line)))
            end = canvas.text(x, base, " ".join(line[:at]), face, size, ink=ink)
            small = max(5, round(0.62 * size))
            end = canvas.raised(end, base - 0.36 * size, f"[{rng.integers(1, 99)}]" if style.chance(0.6) else
                                str(rng.integers(1, 9)), face, small, ink=ink)  # fmt: skip
            last = canvas.bands.pop()
            end = canvas.text(end + space, base, " ".join(line[at:]), face, size, ink=ink)
            canvas.bands[-1][:, 0, 0] = last[:, 0, 0]
        else:
            canvas.text(x, base, " ".join(line), face, size, ink=ink, spacing=spacing)
        base += pitch
        done += 1
    return base - 0.85 * size


def _spread(canvas: Canvas, line: list[str], left: float, right: float, base: float, face: Face, size: int,
            ink: int) -> None:  # fmt: skip
    font = face.load(size)
    gap = (right - left - sum(font.getlength(word) for word in line)) / (len(line) - 1)
    x, first = left, len(canvas.bands)
    for word in line:
        x = canvas.text(x, base, word, face, size, ink=ink) + gap
    if first < len(canvas.bands):
        whole = canvas.bands[first].copy()
        whole[:, 1, 0] = canvas.bands[-1][:, 1, 0]
        del canvas.bands[first:]
        canvas.bands.append(whole)


def heading(canvas: Canvas, style: Style, box: Rect) -> float:
    """Set a heading, sometimes letter-spaced, in capitals or on a bar; returns the y below."""
    size = max(8, round(style.em * style.between(0.9, 3.2)))
    face = style.faces[1] if style.chance(0.7) else style.faces[0]
    left, top, right, _ = box
    text = words(style, 4, 36)
    text = drawable(text.upper() if style.chance(0.3) else text, face)
    font = face.load(size)
    spacing = style.between(0.05, 0.5) * size if style.chance(0.2) else 0.0
    while text and font.getlength(text) + spacing * len(text) > right - left:
        text = text[:-4].strip()
    if not text:
        return top
    ink = style.ink
    if style.chance(0.2):
        fill = int(style.rng.integers(0, 256))
        canvas.panel((left, top, right, top + 1.5 * size), fill=fill)
        ink = style.contrast(fill)
    room = right - left - font.getlength(text) - spacing * len(text)
    x = left + (room / 2 if style.chance(0.4) else min(room, 0.3 * size))
    canvas.text(x, top + 1.1 * size, text, face, size, ink=ink, spacing=spacing)
    if style.chance(0.2):
        canvas.rule([(left, top + 1.6 * size), (right, top + 1.6 * size)], ink=ink, width=int(style.rng.integers(1, 4)))
    return top + 1.8 * size


def table(canvas: Canvas, style: Style, box: Rect) -> float:
    """Draw a table: ruled in many ways, with dark heads and shaded rows; returns the y below."""
    rng = style.rng
    left, top, right, bottom = box
    size = max(6, round(style.em * style.between(0.75, 1.05)))
    face = style.faces[0] if style.chance(0.85) else style.faces[2]
    columns = int(rng.integers(2, max(3, min(9, int((right - left) / (4.5 * size))) + 1)))
    high = size * style.between(1.25, 2.4)
    rows = min(int(rng.integers(2, 24)), int((bottom - top) / high))
    if rows < 2:
        return bottom
    edges = np.cumsum([0.0, *rng.dirichlet(np.full(columns, 5.0))]) * (right - left) + left
    rules = str(rng.choice(["grid", "rows", "columns", "outer", "none", "head"], p=[0.42, 0.2, 0.08, 0.1, 0.1, 0.1]))
    dark = int(rng.integers(0, 256)) if style.chance(0.45) else None
    zebra = int(rng.integers(170, 250)) if style.chance(0.25) else None
    shaded = int(rng.integers(columns)) if style.chance(0.2) else -1
    shade = int(rng.integers(120, 245))
    line = int(rng.integers(1, 3)) if size > 9 else 1
    for r in range(rows):
        y = top + r * high
        for c in range(columns):
            fill = dark if r == 0 and dark is not None else zebra if r % 2 else shade if c == shaded else None
            area = (edges[c], y, edges[c + 1], y + high)
            if fill is not None:
                canvas.panel(area, fill=fill)
            if style.chance(0.12):
                continue
            ink = style.contrast(fill if fill is not None else style.paper)
            head = words(style, 2, 14) if r == 0 else None
            _cell(canvas, style, area, style.faces[1] if r == 0 else face, size, ink, head)
    _table_rules(canvas, style, rules, edges, top, high, rows, line)
    return top + rows * high + size


def _cell(canvas: Canvas, style: Style, area: Rect, face: Face, size: int, ink: int, text: str | None) -> None:
    text = drawable(text if text is not None else cell_text(style), face)
    font = face.load(size)
    left, top, right, bottom = area
    pad = style.between(0.1, 0.6) * size
    while text and font.getlength(text) > right - left - 1.4 * pad:
        text = text[:-2].strip()
    if text:
        room = right - left - font.getlength(text) - 2 * pad
        share = float(style.rng.choice([0.0, 0.5, 1.0])) if not text[0].isdigit() else 1.0 if style.chance(0.7) else 0.5
        canvas.text(left + pad + share * max(0.0, room), (top + bottom) / 2 + 0.34 * size, text, face, size, ink=ink)


def _table_rules(canvas: Canvas, style: Style, rules: str, edges: NDArray[np.float64], top: float, high: float,
                 rows: int, line: int) -> None:  # fmt: skip
    ink = style.ink if style.chance(0.6) else int(style.rng.integers(60, 200))
    left, right, end = float(edges[0]), float(edges[-1]), top + rows * high
    ys = [top + r * high for r in range(rows + 1)]
    if rules in ("grid", "rows"):
        for y in ys:
            canvas.rule([(left, y), (right, y)], ink=ink, width=line)
    if rules in ("grid", "columns"):
        for x in edges:
            canvas.rule([(float(x), top), (float(x), end)], ink=ink, width=line)
    if rules in ("outer", "columns"):
        canvas.panel((left, top, right, end), ink=ink, width=line)
    if rules in ("head", "outer"):
        canvas.rule([(left, ys[1]), (right, ys[1])], ink=ink, width=line)
    if rules == "head":
        for y in (ys[0], ys[-1]):
            canvas.rule([(left, y), (right, y)], ink=ink, width=2 * line)


def chart_of_boxes(canvas: Canvas, style: Style, box: Rect) -> float:
    """Draw boxes with text and lines between them, as in organisation and flow charts."""
    rng = style.rng
    left, top, right, bottom = box
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    wide, high = (right - left) / columns, min((bottom - top) / rows, style.em * style.between(4, 9))
    size = max(6, min(round(style.em * style.between(0.7, 1.1)), int(wide / 6)))
    ink, line = int(rng.integers(0, 140)), int(rng.integers(1, 4))
    fill = int(rng.integers(0, 256)) if style.chance(0.5) else None
    shape = str(rng.choice(["box", "round", "ellipse", "mixed"], p=[0.5, 0.25, 0.1, 0.15]))
    for r in range(rows):
        for c in range(columns):
            x, y = left + (c + 0.5) * wide, top + (r + 0.5) * high
            if r + 1 < rows:
                canvas.rule([(x, y), (x, y + high)], ink=ink, width=line)
            if c + 1 < columns and style.chance(0.4):
                canvas.rule([(x, y), (x + wide, y)], ink=ink, width=line)
    for r in range(rows):
        for c in range(columns):
            if style.chance(0.12):
                continue
            x, y = left + (c + 0.5) * wide, top + (r + 0.5) * high
            half_w, half_h = wide * style.between(0.35, 0.46), high * style.between(0.3, 0.42)
            here = (
                str(rng.choice(["box", "ellipse", "diamond"]))
                if shape == "mixed"
                else "box"
                if shape == "round"
                else shape
            )
            background = fill if fill is not None else style.paper
            canvas.panel((x - half_w, y - half_h, x + half_w, y + half_h), fill=background, ink=ink, width=line,
                         radius=0.3 * half_h if shape == "round" else 0.0, shape=here)  # fmt: skip
            share = 0.6 if here in ("ellipse", "diamond") else 0.92
            inner = (x - share * half_w, y - share * half_h, x + share * half_w, y + share * half_h)
            _centred(canvas, style, inner, size, style.contrast(background))
    return top + rows * high + style.em


def _centred(canvas: Canvas, style: Style, box: Rect, size: int, ink: int) -> None:
    left, top, right, bottom = box
    face = style.face()
    font = face.load(size)
    lines = []
    for _ in range(int(style.rng.integers(1, 4))):
        text = drawable(words(style, 2, 22) if style.chance(0.85) else number(style), face)
        while text and font.getlength(text) > right - left:
            text = text[:-2].strip()
        if text:
            lines.append(text)
    lines = lines[: max(0, int((bottom - top) / (1.12 * size)))]
    base = (top + bottom) / 2 - 1.12 * size * (len(lines) - 1) / 2 + 0.34 * size
    for text in lines:
        canvas.text((left + right - font.getlength(text)) / 2, base, text, face, size, ink=ink)
        base += 1.12 * size


def contents(canvas: Canvas, style: Style, box: Rect) -> float:
    """Set a table of contents with dotted leaders; returns the y below."""
    left, top, right, bottom = box
    face, size = style.faces[0], style.em
    font = face.load(size)
    base = top + size
    dot = str(style.rng.choice([".", ". ", " . ", "·"]))
    for _ in range(int(style.rng.integers(3, 30))):
        if base > bottom:
            break
        indent = size * style.between(0, 2) if style.chance(0.3) else 0.0
        title = drawable(words(style, 4, 30), face)
        page = str(int(style.rng.integers(1, 400)))
        x, end = left + indent, right - font.getlength(page)
        long = font.getlength(title)
        if x + long + 2 * size > end:
            continue
        dots = dot * max(0, int((end - x - long - size) / max(1.0, font.getlength(dot))))
        style_of = style.rng.random()
        if style_of < 0.75:
            canvas.raised(x, base, title, face, size, ink=style.ink)
            canvas.raised(x + long + 0.4 * size, base, dots, face, size, ink=style.ink)
            canvas.text(end, base, page, face, size, ink=style.ink)
            canvas.bands[-1][:, 0, 0] = x
        else:
            canvas.text(x, base, title, face, size, ink=style.ink)
            canvas.text(end, base, page, face, size, ink=style.ink)
        base += style.pitch
    return base


def axes(canvas: Canvas, style: Style, box: Rect) -> float:
    """Draw a small chart: axes with numbers, bars or lines, sometimes vertical text; returns the y below."""
    rng = style.rng
    left, top, right, bottom = box
    size = max(6, round(style.em * style.between(0.6, 0.9)))
    face = style.faces[0]
    font = face.load(size)
    bottom = min(bottom, top + (right - left) * style.between(0.4, 0.8))
    x0, y0, x1, y1 = left + 5 * size, bottom - 4 * size, right - size, top + 2.5 * size
    if x1 - x0 < 8 * size or y0 - y1 < 6 * size:
        return bottom
    if style.chance(0.5):
        canvas.text(x0, top + 1.4 * size, drawable(words(style, 6, 24), face), face, round(size * 1.2), ink=style.ink)
    steps, count = int(rng.integers(3, 7)), int(rng.integers(3, 9))
    top_value = float(rng.choice([1, 5, 10, 50, 100, 800, 2500]))
    for i in range(steps + 1):
        y = y0 - (y0 - y1) * i / steps
        text = f"{top_value * i / steps:g}"
        canvas.text(x0 - 6 - font.getlength(text), y + 0.34 * size, text, face, size, ink=style.ink)
        if style.chance(0.5):
            canvas.rule([(x0, y), (x1, y)], ink=int(rng.integers(120, 235)))
    wide = (x1 - x0) / count
    heights = rng.uniform(0.05, 0.95, count)
    ink = int(rng.integers(0, 200))
    bars = style.chance(0.6)
    for i in range(count):
        x, y = x0 + (i + 0.5) * wide, y0 - (y0 - y1) * heights[i]
        if bars:
            canvas.panel((x - 0.35 * wide, y, x + 0.35 * wide, y0), fill=ink)
            if style.chance(0.4):
                value = f"{heights[i] * top_value:.1f}"
                canvas.text(x - font.getlength(value) / 2, y - 3, value, face, size, ink=style.ink)
        text = drawable(words(style, 1, 8) if style.chance(0.6) else str(2000 + i), face)
        if text and font.getlength(text) < 0.95 * wide:
            canvas.text(x - font.getlength(text) / 2, y0 + 1.4 * size, text, face, size, ink=style.ink)
    if not bars:
        canvas.rule(
            [(x0 + (i + 0.5) * wide, y0 - (y0 - y1) * float(h)) for i, h in enumerate(heights)], ink=ink, width=2
        )
    canvas.rule([(x0, y1), (x0, y0), (x1, y0)], ink=style.ink)
    if style.chance(0.4):
        text = drawable(words(style, 4, 16), face)
        if text and font.getlength(text) < y0 - y1:
            part = Canvas(int(font.getlength(text)) + 4, round(1.3 * size), style.paper)
            part.text(2, size, text, face, size, ink=style.ink)
            canvas.lay(part, left, (y0 + y1 - part.width) / 2, 1)
    return bottom + style.em


def sideways(canvas: Canvas, style: Style, box: Rect) -> float:
    """Draw a column of text or a table rotated by 90 degrees; returns the y below."""
    left, top, right, bottom = box
    long = min(bottom - top, (right - left) * style.between(0.5, 1.5), 30 * style.em)
    part = Canvas(int(long), int(min(right - left, style.em * style.between(2, 14))), style.paper)
    if part.width < 6 * style.em or part.height < 2 * style.em:
        return top
    inner = (0.3 * style.em, 0.2 * style.em, part.width - 0.3 * style.em, part.height - 2.0)
    (table if style.chance(0.3) else paragraph)(part, style, inner)
    if style.chance(0.3):
        part.panel((0, 0, part.width - 1, part.height - 1), ink=style.ink)
    canvas.lay(part, left + style.between(0, 1) * (right - left - part.height), top, int(style.rng.choice([1, 3])))
    return top + part.width + style.em
