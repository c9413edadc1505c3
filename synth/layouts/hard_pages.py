"""Elements of real pages that the frozen ones lack: more headers and listings, large print, Chinese, wide scans.

The frozen pages were drawn without them; so that they can be drawn again, nothing here draws from their random numbers.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.results.region import RegionKind
from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.layouts.sheet import Rect, Sheet

LARGE = 0.08  # share of pages in large print, where the layout allows it
HAN = 0.05  # share of pages in Chinese, where a font has it
WIDE = 0.06  # share of pages on a larger scan
COMMON = tuple(range(0x4E00, 0x62FF))  # characters drawn at random, without regard to meaning


def han_prose(rng: Generator) -> Callable[[int], str]:
    """Return a function that draws random Chinese text with punctuation, and spaces where a line may break."""

    def prose(length: int) -> str:
        text = ""
        while len(text) < max(4, length // 2):  # they are twice as wide
            group = "".join(chr(COMMON[int(i)]) for i in rng.integers(len(COMMON), size=int(rng.integers(3, 9))))
            text += group + str(rng.choice(["，", "。", "、", ""], p=[0.35, 0.25, 0.1, 0.3])) + " "
        return text.strip()

    return prose


def furnish(sheet: Sheet, top: float, bottom: float) -> None:
    """Write headers and footers, which are no regions: in the face and size of text, near it or far."""
    rng, hand = sheet.rng, sheet.hand
    size = max(7, round(hand.em * float(rng.uniform(0.75, 1.05))))
    face = (hand.body, hand.bold, hand.mono)[int(rng.choice(3, p=[0.6, 0.3, 0.1]))]
    margin = float(rng.uniform(0.05, 0.13)) * sheet.width
    width = sheet.width - 2 * margin
    number = str(rng.choice(["{}", "- {} -", "Page {}", "{} / 223", "[{}]"])).format(int(rng.integers(1, 600)))
    heads = [sheet.prose(60)[: int(rng.integers(6, 44))].strip() for _ in range(2)]
    if rng.random() < 0.3:
        heads = [head.upper() for head in heads]
    if rng.random() < 0.3:
        heads[0] = f"Chapter {rng.integers(1, 20)}. {heads[0]}"
    above, below = rng.random() < 0.8, rng.random() < 0.55
    for drawn, low, high in ((above, 0.2 * top, top - 1.7 * size), (below, bottom, sheet.height - 1.4 * size)):
        if not drawn or high <= low:
            continue
        y = float(rng.uniform(low, high))
        parts = [(heads[0], number), (number, heads[0]), (heads[0], ""), ("", number), (heads[0], heads[1][:20])]
        style = int(rng.integers(len(parts) + 2))
        if style >= len(parts):
            middle = heads[0] if style > len(parts) else number
            sheet.write(middle, margin, y, width, sheet.height, face=face, size=size, align="centre")
        else:
            for text, align in zip(parts[style], ("left", "right"), strict=True):
                sheet.write(text, margin, y, width * 0.48 if align == "left" else width, y + 1.9 * size, face=face,
                            size=size, align=align)  # fmt: skip
        if rng.random() < 0.35:
            rule = y + 1.35 * size if drawn is above else y - 0.3 * size
            sheet.pen.line((margin, rule, margin + width, rule), fill=int(rng.integers(0, 120)))


def program(sheet: Sheet, x: float, y: float, width: float, bottom: float) -> float:
    """Set a listing as a paragraph: calls, comments, commands; sometimes numbered, framed or on a grey background."""
    rng, hand = sheet.rng, sheet.hand
    size = max(7, round(float(rng.uniform(0.75, 1.0)) * hand.em))
    step = hand.leading * size * float(rng.uniform(0.85, 1.0))
    count = min(int(rng.integers(1, 26)), int((bottom - y - 10) / step))
    if count < 1:
        return bottom
    style = str(rng.choice(["bare", "ground", "frame"], p=[0.5, 0.3, 0.2]))
    indent = float(rng.choice([0.0, 1.5, 3.0])) * hand.em
    left, top, high = x + indent, y, y + count * step + 8
    if style == "ground":
        sheet.pen.rectangle((left, y, x + width, high), fill=int(rng.integers(222, 246)))
    if style == "frame":
        sheet.pen.rectangle((left, y, x + width, high), outline=int(rng.integers(0, 140)))
    numbered, commands = rng.random() < 0.15, rng.random() < 0.3
    depth, right = 0, left
    y += 4
    font = hand.mono.load(size)
    for line in range(count):
        if 0 < line < count - 1 and rng.random() < 0.1:
            y += step
            continue
        words = [w.strip(".,;:()") or "x" for w in sheet.prose(40).split()][:6]
        draw = rng.random()
        if commands:
            text = f"{'$' if rng.random() < 0.7 else '#'} {words[0]} --{words[-1]} {'/'.join(words[1:4])}"
        elif draw < 0.2:
            text = "# " + " ".join(words)
        elif draw < 0.6:
            text = f"{'_'.join(words[:2])}({', '.join(words[2:])}){rng.choice(['', ';', ' {'])}"
        elif draw < 0.7:
            text = str(rng.choice(["}", "end", "return", "else:", "EOF"]))
        else:
            text = f"{words[0]} {rng.choice(['=', '<-', ':', '+='])} {' '.join(words[1:4])}"
        text = (f"{line + 1:3d} " if numbered else "") + "  " * depth + text
        text = text[: max(4, int((x + width - left - 8) / max(1.0, font.getlength("0"))))]
        sheet.pen.text((left + 4, y), text, font=font, fill=0)
        right = max(right, left + 4 + font.getlength(text))
        y += step
        depth = max(0, min(3, depth + int(rng.integers(-1, 2))))
    if style == "bare":
        sheet.note("paragraph", (left, top, right, high))
    else:
        sheet.note("paragraph", (left, top, x + width, high), solid=True)
    return high + 0.6 * sheet.leading


def on_a_wider_scan(
    rng: Generator, gray: Gray, regions: list[tuple[RegionKind, Rect]]
) -> tuple[Gray, list[tuple[RegionKind, Rect]]]:
    """Lay a page on a larger empty one with specks and a stray rule, as scanners leave them; boxes follow."""
    height, width = gray.shape
    high, wide = round(height * float(rng.uniform(1.05, 1.8))), round(width * float(rng.uniform(1.05, 1.8)))
    x, y = int(rng.integers(0, wide - width + 1)), int(rng.integers(0, high - height + 1))
    canvas: NDArray[np.uint8] = np.full((high, wide), int(np.median(gray)), np.uint8)
    for _ in range(int(rng.integers(0, 60))):
        row, column, size = int(rng.integers(high)), int(rng.integers(wide)), int(rng.integers(1, 4))
        canvas[row : row + size, column : column + size] = int(rng.integers(0, 200))
    if rng.random() < 0.3:
        canvas[:, max(0, wide - int(rng.integers(2, 12))) :] = int(rng.integers(0, 120))
    canvas[y : y + height, x : x + width] = gray
    moved = [(kind, (a + x, b + y, c + x, d + y)) for kind, (a, b, c, d) in regions]
    return canvas, moved
