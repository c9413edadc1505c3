"""Receipts as tills print them: letters in cells, tall, wide or of dots, tight rows, dashed rules, faded, torn off.

A row's parts that stand more than three cells apart are lines of their own, as on other pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.synth import degrade
from ocr2.synth.fonts import BitmapFace, Face
from ocr2.synth.text_lines.canvas import Canvas, band_of
from ocr2.synth.text_lines.drawings import sketch
from ocr2.synth.text_lines.elements import Style
from ocr2.synth.texts import RECEIPT_LABELS

APART = 3  # cells of white that part two lines of one row
RULES = ("-", "=", "_", "*", ".", "- ", "line", "")
PRINT_SIZE = 40  # pixels at which outlines are drawn before they are scaled to their cells

Part = tuple[int, str]  # the cell where a part of a row begins, and its text


@dataclass(frozen=True, slots=True)
class Till:
    """How a till prints.

    Attributes:
        face: What it prints with.
        cells: Cells of a row.
        wide: Width of a cell, pixels.
        high: Height of its letters, from the tops of capitals to the lowest, pixels.
        pitch: From row to row, pixels.
        dots: Whether letters consist of dots.
        bold: Whether letters are struck twice.
    """

    face: Face | BitmapFace
    cells: int
    wide: float
    high: float
    pitch: float
    dots: bool
    bold: bool


def till_of(style: Style, faces: Sequence[Face], bitmaps: Sequence[BitmapFace]) -> Till:
    """Choose how a till prints."""
    rng = style.rng
    face: Face | BitmapFace = faces[int(rng.integers(len(faces)))]
    if bitmaps and style.chance(0.5):
        face = bitmaps[int(rng.integers(len(bitmaps)))]
    high = float(np.exp(rng.uniform(np.log(11), np.log(34))))
    return Till(
        face=face,
        cells=int(rng.integers(24, 49)),
        wide=high * style.between(0.36, 0.72),
        high=high,
        pitch=high * style.between(0.88, 1.55),  # capitals are 0.77 of it high
        dots=style.chance(0.3),
        bold=style.chance(0.2),
    )


def draw_receipt(style: Style, till: Till) -> Canvas:
    """Draw a receipt: a head, facts, items, sums, a foot, rules between them."""
    rows = int(style.rng.integers(14, 46))
    margin = till.wide * style.between(0.5, 4)
    canvas = Canvas(round(till.cells * till.wide + 2 * margin), round((rows + 3) * till.pitch), style.paper)
    y = till.pitch * style.between(0.5, 3)
    if style.chance(0.25):
        y = _logo(canvas, style, y)
    for part in (_head, _facts, _items, _sums, _foot):
        for row, scale in part(style, till):
            if y + scale[1] * till.pitch > canvas.height - till.pitch:
                return canvas
            y = _print_row(canvas, style, till, row, margin, y, scale)
        y += till.pitch * style.between(0, 1.2)
        if style.chance(0.7):
            y = _print_rule(canvas, style, till, margin, y)
    if style.chance(0.3):
        _bar_code(canvas, style, till, margin, y)
    return canvas


Row = tuple[list[Part], tuple[int, int]]  # its parts, and how many times as wide and high as usual they are


def _phrase(style: Style, most: int) -> str:
    text = style.text(most + 14)
    start = text.find(" ") + 1
    words, found = text[start:].split(), ""
    for word in words:
        if len(found) + len(word) + 1 > most:
            break
        found = f"{found} {word}".strip()
    found = "".join(c for c in found if c.isascii()).strip(" ,.;:-")
    return found.upper() if style.chance(0.6) else found.title() if style.chance(0.5) else found


def _price(style: Style) -> str:
    value = float(np.exp(style.rng.uniform(-2, 7)))
    form = int(style.rng.integers(6))
    return (f"{value:.2f}", f"{value:,.2f}", f"-{value:.2f}", f"RM {value:.2f}", f"${value:.2f}", f"{value:.0f}")[form]


def _code(style: Style, low: int, high: int) -> str:
    return "".join(map(str, style.rng.integers(0, 10, int(style.rng.integers(low, high)))))


def _label(style: Style) -> str:
    return str(style.rng.choice(RECEIPT_LABELS)) if style.chance(0.7) else _phrase(style, 14)


def _centred(text: str, cells: int, times: int = 1) -> list[Part]:
    text = text[: cells // times]
    return [((cells // times - len(text)) // 2, text)] if text else []


def _head(style: Style, till: Till) -> list[Row]:
    rows: list[Row] = []
    scale = [(1, 1), (2, 1), (1, 2), (2, 2)][int(style.rng.choice(4, p=[0.4, 0.3, 0.2, 0.1]))]
    rows.append((_centred(_phrase(style, till.cells // scale[0] - 2), till.cells, scale[0]), scale))
    for _ in range(int(style.rng.integers(1, 7))):
        code, half = _code(style, 4, 13), till.cells // 2
        text = str(style.rng.choice([
            _phrase(style, till.cells - 2), f"({code}-{'KUXVHM'[len(code) % 6]})", f"{code[:5]} {_phrase(style, 16)}",
            f"GST NO: {code}", f"NO {code[:3]}, {_phrase(style, half)}", f"TEL: {code[:2]}-{code} FAX: {code}",
        ]))  # fmt: skip
        rows.append((_centred(text, till.cells), (1, 1)))
    if style.chance(0.5):
        rows += [([], (1, 1)), (_centred("TAX INVOICE", till.cells), (1, 2) if style.chance(0.3) else (1, 1))]
    return rows


def _facts(style: Style, till: Till) -> list[Row]:
    rows: list[Row] = []
    second = till.cells // 2 + int(style.rng.integers(-2, 4))
    for _ in range(int(style.rng.integers(1, 7))):
        date = f"{style.rng.integers(1, 29):02d}/{style.rng.integers(1, 13):02d}/20{style.rng.integers(10, 26)}"
        time = f"{style.rng.integers(0, 24):02d}:{style.rng.integers(0, 60):02d}"
        value = str(style.rng.choice([_code(style, 2, 12), date, f"{date} {time}", _phrase(style, 10)]))
        colon = str(style.rng.choice([":", " :", ": ", " : ", "#"]))
        row = [(0, f"{_label(style)}{colon}{value}"[: till.cells])]
        if style.chance(0.3) and len(row[0][1]) < second:
            row.append((second, f"{_label(style)}: {time}"[: till.cells - second]))
        rows.append((row, (1, 1)))
    return rows


def _right(text: str, end: int) -> Part:
    return max(0, end - len(text)), text[: max(0, end)]


def _items(style: Style, till: Till) -> list[Row]:
    cells = till.cells
    ends = sorted({cells, *(int(v) for v in style.rng.integers(cells // 2, cells, int(style.rng.integers(1, 3))))})
    ends = [end for i, end in enumerate(ends) if end == cells or ends[i + 1] - end > 6]
    rows: list[Row] = [([(0, "Item"), *(_right(_label(style)[:7], end) for end in ends)], (1, 1))]
    for _ in range(int(style.rng.integers(1, 9))):
        name = _phrase(style, int(style.rng.integers(6, cells)))
        numbers = [_right(_price(style)[:8], end) for end in ends]
        if style.chance(0.4):
            name = f"{style.rng.integers(1, 20)} {name}"
        if len(name) < numbers[0][0] - 1:
            rows.append(([(0, name), *numbers], (1, 1)))
        else:
            rows += [
                ([(0, name[:cells])], (1, 1)),
                ([(2, _code(style, 1, 8)[: max(1, ends[0] - 10)]), *numbers], (1, 1)),
            ]
    return rows


def _sums(style: Style, till: Till) -> list[Row]:
    rows: list[Row] = []
    start = int(style.rng.integers(0, till.cells // 3))
    for _ in range(int(style.rng.integers(2, 8))):
        scale = (2, int(style.rng.integers(1, 3))) if style.chance(0.15) else (1, 1)
        cells = till.cells // scale[0]
        label, price = _label(style)[: cells // 2], _price(style)
        rows.append(
            ([(start // scale[0] if len(label) + start < cells - 12 else 0, label), _right(price, cells)], scale)
        )
    return rows


def _foot(style: Style, till: Till) -> list[Row]:
    return [
        (_centred(_phrase(style, till.cells - 2), till.cells), (1, 1)) for _ in range(int(style.rng.integers(0, 6)))
    ]


def _glyphs(text: str, till: Till) -> tuple[NDArray[np.float32], float, float]:
    """Draw letters in cells; returns coverage (height, width), the base line and the height of small letters in it."""
    size = till.face.size if isinstance(till.face, BitmapFace) else PRINT_SIZE
    font = till.face.load() if isinstance(till.face, BitmapFace) else till.face.load(size)
    cell = max(1, round(font.getlength("0") * 1.02))
    top, base = _inked_rows(font, "H", size)
    small = base - _inked_rows(font, "x", size)[0]
    image = Image.new("L", (cell * len(text) + size, base + size // 3))
    pen = ImageDraw.Draw(image)
    for i, letter in enumerate(text):
        x = i * cell + (cell - font.getlength(letter)) / 2
        pen.text((x, 0), letter, font=font, fill=255)
        if till.bold:
            pen.text((x + max(1, size // 20), 0), letter, font=font, fill=255)
    drawn = np.asarray(np.asarray(image, np.float32)[top:, : cell * len(text)] / 255, np.float32)
    return drawn, float(base - top), float(small)


def _inked_rows(font: ImageFont.FreeTypeFont, letter: str, size: int) -> tuple[int, int]:
    """Return the first row of a letter's ink and the one below its last."""
    image = Image.new("L", (2 * size, 2 * size))
    ImageDraw.Draw(image).text((0, 0), letter, font=font, fill=255)
    _, top, _, bottom = image.getbbox() or (0, 0, size, size)
    return top, bottom


def _print_text(
    canvas: Canvas,
    style: Style,
    till: Till,
    text: str,
    x: float,
    y: float,
    scale: tuple[int, int],
    *,
    is_line: bool = True,
) -> None:
    """Print text with its first cell at x and the tops of its capitals at y."""
    drawn, base, small = _glyphs(text, till)
    if isinstance(till.face, BitmapFace) and till.dots:
        drawn = degrade.print_dots(style.rng, (drawn > 0.5).astype(np.float32), cell=5)
        base, small = base * 5, small * 5
    high = till.high * scale[1] * drawn.shape[0] / (base * 1.3)
    wide = till.wide * scale[0] * len(text)
    shape = max(1, round(wide)), max(2, round(high))
    method = cv2.INTER_AREA if high < drawn.shape[0] else cv2.INTER_LINEAR
    coverage = np.asarray(cv2.resize(drawn, shape, interpolation=method), np.float32)
    if till.dots and not isinstance(till.face, BitmapFace):
        ys, xs = np.mgrid[: shape[1], : shape[0]]
        step = max(2.0, till.high / 9)
        coverage *= 0.45 + 0.55 * ((np.sin(2 * np.pi * xs / step) * np.sin(2 * np.pi * ys / step)) > -0.5)
    mask = Image.fromarray((np.clip(coverage, 0, 1) * 255).astype(np.uint8))
    canvas.image.paste(style.ink, (round(x), round(y)), mask)
    if is_line:
        ratio = shape[1] / drawn.shape[0]
        canvas.bands.append(band_of(x, x + wide, y + base * ratio, small * ratio))


def _print_row(
    canvas: Canvas, style: Style, till: Till, row: list[Part], margin: float, y: float, scale: tuple[int, int]
) -> float:
    joined: list[Part] = []
    for start, text in row:
        text = text.rstrip()
        if not text:
            continue
        if joined and start <= (end := joined[-1][0] + len(joined[-1][1])) + APART:
            gap = max(1, start - end)
            joined[-1] = joined[-1][0], joined[-1][1] + " " * gap + text
        else:
            joined.append((start, text))
    for start, text in joined:
        _print_text(canvas, style, till, text, margin + start * till.wide * scale[0], y, scale)
    return y + scale[1] * till.pitch


def _print_rule(canvas: Canvas, style: Style, till: Till, margin: float, y: float) -> float:
    kind = str(style.rng.choice(RULES))
    if not kind:
        return y + till.pitch * style.between(0, 1)
    right = margin + till.cells * till.wide
    middle = y + 0.5 * till.high
    if kind == "line":
        canvas.rule([(margin, middle), (right, middle)], ink=style.ink, width=int(style.rng.integers(1, 4)))
    else:
        text = (kind * till.cells)[: till.cells]
        _print_text(canvas, style, till, text, margin, y, (1, 1), is_line=False)
        canvas.note_rule([(margin, middle), (right, middle)], width=max(2, round(0.4 * till.high)))
    return y + till.pitch


def _logo(canvas: Canvas, style: Style, y: float) -> float:
    wide, high = round(canvas.width * style.between(0.2, 0.6)), round(canvas.width * style.between(0.08, 0.3))
    canvas.paste(sketch(style.rng, wide, high, style.paper, style.ink), (canvas.width - wide) // 2, round(y))
    return y + high + style.between(0.3, 1) * canvas.width * 0.05


def _bar_code(canvas: Canvas, style: Style, till: Till, margin: float, y: float) -> None:
    text = f"*{_code(style, 6, 18)}*"[: till.cells - 2]
    start = (till.cells - len(text)) // 2
    high = till.pitch * style.between(1.2, 2.5)
    if y + high + 1.5 * till.pitch > canvas.height:
        return
    left, right = margin + start * till.wide, margin + (start + len(text)) * till.wide
    widths = style.rng.integers(1, 4, int((right - left) / 2)) * max(1, round(till.wide / 9))
    edges = left + np.cumsum(widths)
    bars = np.full((round(high), round(right - left) + 1), style.paper, np.uint8)
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=False):
        bars[:, round(a - left) : round(b - left)] = style.ink
    canvas.paste(bars, round(left), round(y))
    _print_text(canvas, style, till, text, left, y + high + 0.15 * till.high, (1, 1))


def wear_receipt(rng: Generator, pixels: NDArray[np.uint8], behind: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Return a receipt as it lies there: print faded in patches, stripes or to one side, grain, shade, print behind.

    Args:
        rng: Source of every choice.
        pixels: (height, width).
        behind: Another page that shows through the paper, if any.
    """
    height, width = pixels.shape
    paper = float(np.median(pixels))
    ink = paper - pixels.astype(np.float32)
    if rng.random() < 0.5:
        ink *= 1 - rng.uniform(0.1, 0.6) * np.clip(np.abs(degrade.draw_blobs(rng, pixels.shape)), 0, 1)
    if rng.random() < 0.25:
        far = (
            np.linspace(0, 1, width, dtype=np.float32)
            if rng.random() < 0.5
            else np.linspace(1, 0, width, dtype=np.float32)
        )
        ink *= np.clip(far / rng.uniform(0.05, 0.5) + rng.uniform(0.1, 0.6), 0, 1)
    if rng.random() < 0.25:
        stripes = rng.random(width) < rng.uniform(0.02, 0.15)
        ink[:, stripes] *= rng.uniform(0.1, 0.7)
    if rng.random() < 0.2:
        rows = rng.random(height) < rng.uniform(0.02, 0.1)
        ink[rows] *= rng.uniform(0.1, 0.7)
    page = paper - ink
    if behind is not None:
        shown = cv2.GaussianBlur(cv2.resize(behind[:, ::-1], (width, height)), (0, 0), 1.5).astype(np.float32)
        page -= rng.uniform(0.03, 0.14) * (np.median(shown) - shown)
    if rng.random() < 0.5:
        grain = rng.normal(0, 1, pixels.shape).astype(np.float32)
        size = float(rng.uniform(0.4, 1.4))
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), size), np.float32)
        page += grain / max(1e-3, float(grain.std())) * rng.uniform(2, 14)
    if rng.random() < 0.4:
        coarse = rng.normal(0, rng.uniform(5, 20), (int(rng.integers(2, 12)), int(rng.integers(2, 6)))).astype(
            np.float32
        )
        page += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    page = np.asarray(np.clip(page, 0, 255), np.float32)
    if rng.random() < 0.3:
        page = _torn(rng, page)
    return np.asarray(page, np.uint8)


def _torn(rng: Generator, page: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tear the foot of the paper off along a ragged line; what lies below it is grey."""
    height, width = page.shape
    edge = np.cumsum(rng.normal(0, 1.2, width)) + np.linspace(0, rng.normal(0, 0.15) * width, width)
    edge = height - rng.uniform(0.01, 0.06) * height + edge - edge.max()
    below = np.arange(height)[:, None] > edge[None]
    rim = np.abs(np.arange(height)[:, None] - edge[None]) < rng.uniform(1, 5)
    page[below] = rng.uniform(60, 245)
    page[rim] *= rng.uniform(0.3, 1.0)
    return page
