"""Forms: labels, and values in boxes, on lines, in a box a letter, or as check boxes."""

from collections.abc import Callable
from dataclasses import dataclass

from ocr2.synth.fonts import Face
from ocr2.synth.text_lines.canvas import Canvas, band_of, x_height_of
from ocr2.synth.text_lines.elements import Rect, Style, cell_text, drawable, words

LOOKS = ("boxes", "lines", "dots", "comb", "above", "checks")


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a form while it is being drawn, pixels.

    Attributes:
        canvas: Canvas of the page.
        style: Style of the page.
        label: Face of labels.
        value: Face of values.
        split: Left edge of values, unless labels are above them.
        right: Right edge of the field.
        top: Top of the field.
        high: Height of the field.
        base: Base line of the value.
        ink: Grey level of rules.
        line: Width of rules.
        given: The value.
    """

    canvas: Canvas
    style: Style
    label: Face
    value: Face
    split: float
    right: float
    top: float
    high: float
    base: float
    ink: int
    line: int
    given: str


def form(canvas: Canvas, style: Style, box: Rect) -> float:
    """Draw a form; returns the y below."""
    rng = style.rng
    left, top, right, bottom = box
    size = style.em
    label, value = style.faces[0], style.faces[2] if style.chance(0.4) else style.faces[0]
    split = left + (right - left) * style.between(0.2, 0.55)
    look = str(rng.choice(LOOKS))
    high = size * style.between(1.5, 3.2)
    y, ink = top, int(rng.integers(0, 150))
    line = int(rng.integers(1, 3))
    for _ in range(int(rng.integers(2, 12))):
        if y + 2 * high > bottom:
            break
        base = y + high / 2 + 0.34 * size
        longest = int(max(5, (split - left) / (0.6 * size)))
        text = drawable(words(style, 3, longest) + (":" if style.chance(0.5) else ""), label)
        start = split + 0.3 * size
        if look == "above":
            canvas.panel((left, y, right, y + high + size), ink=ink, width=line)
            canvas.text(left + 4, y + 0.8 * size * 0.7, text, label, max(6, round(0.62 * size)), ink=style.ink)
            base, start = y + high + 0.5 * size, left + 0.5 * size
        else:
            canvas.text(left, base, text, label, size, ink=style.ink)
        given = drawable(cell_text(style) if style.chance(0.5) else style.text(40)[:50], value)
        while given and value.load(size).getlength(given) > right - start - 0.5 * size:
            given = given[:-3].strip()
        field = _Field(canvas, style, label, value, split, right, y, high, base, ink, line, given)
        if look in DRAW:
            DRAW[look](field)
        if look not in ("checks", "comb") and style.chance(0.75):
            canvas.text(start, base, given, value, size, ink=style.ink)
        y += high + (size if look == "above" else 0) + style.between(0, 0.5) * size
    return y + size


def _checks(field: _Field) -> None:
    canvas, style, size, base = field.canvas, field.style, field.style.em, field.base
    x, side = field.split, 0.8 * field.style.em
    for _ in range(int(style.rng.integers(1, 4))):
        canvas.panel((x, base - side, x + side, base), ink=field.ink, width=field.line)
        if style.chance(0.4):
            canvas.stroke([(x, base - side), (x + side, base)], ink=style.ink, width=field.line)
            canvas.stroke([(x, base), (x + side, base - side)], ink=style.ink, width=field.line)
        text = drawable(words(style, 2, 8), field.label)
        x = canvas.text(x + 1.4 * size, base, text, field.label, size, ink=style.ink) + size
        if x > field.right - 4 * size:
            break


def _comb(field: _Field) -> None:
    canvas, size, split = field.canvas, field.style.em, field.split
    step = size * field.style.between(1.0, 1.4)
    count = int((field.right - split) / step)
    upper, lower = field.top + 0.1 * field.high, field.top + 0.9 * field.high
    for i in range(count):
        canvas.panel((split + i * step, upper, split + (i + 1) * step, lower), ink=field.ink)
    letters = field.given.replace(" ", "")[:count]
    font = field.value.load(size)
    for i, letter in enumerate(letters):
        x = split + (i + 0.5) * step - font.getlength(letter) / 2
        canvas.raised(x, field.base, letter, field.value, size, ink=field.style.ink)
    if letters:
        first, last = split + 0.2 * step, split + (len(letters) - 0.2) * step
        canvas.bands.append(band_of(first, last, field.base, x_height_of(font, size)))


def _box(field: _Field) -> None:
    upper, lower = field.top + 0.06 * field.high, field.top + 0.94 * field.high
    fill = int(field.style.rng.integers(215, 256)) if field.style.chance(0.3) else None
    field.canvas.panel((field.split, upper, field.right, lower), ink=field.ink, width=field.line, fill=fill)


def _line(field: _Field) -> None:
    y = field.base + 0.25 * field.style.em
    field.canvas.rule([(field.split, y), (field.right, y)], ink=field.ink, width=field.line)


def _dots(field: _Field) -> None:
    y, dash = field.base + 1, max(1, field.style.em // 8)
    field.canvas.rule([(field.split, y), (field.right, y)], ink=field.ink, width=field.line, dash=dash)


DRAW: dict[str, Callable[[_Field], None]] = {
    "checks": _checks, "comb": _comb, "boxes": _box, "lines": _line, "dots": _dots,
}  # fmt: skip
