"""Pages of real PDFs, with text lines from their text layer."""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.text_lines.canvas import Band, TextPage

X_HEIGHT = 0.46  # em
MAX_RAISED = 0.66  # em: distance of a smaller letter from the base line
MAX_LOWERED = 0.28  # em: distance of a letter of usual size, as in "TeX"
EM = 9.0, 26.0  # pixels of the usual em
SPACE = 0.22  # em of white that is a space
WORD_GAP = 0.6  # em: the widest white between words of a line that the file parts
APART = 1.6  # em: white that parts two lines beside each other
MIN_CONTRAST = 12  # grey levels within a visible line
UNKNOWN = 255  # class of the map of other elements: not known


@dataclass(frozen=True, slots=True)
class Letter:
    """A visible character of a text layer, in points from the lower left."""

    x: float
    y: float  # base line
    right: float  # end along its line
    em: float
    angle: float  # radians, counter-clockwise
    character: str


def draw_pdf_page(
    rng: Generator, path: Path, em_range: tuple[float, float] = EM, apart: float = APART
) -> TextPage | None:
    """Render a random page of a PDF; None if it has hardly any text, or hidden text.

    Args:
        rng: Source of every choice.
        path: The PDF.
        em_range: Least and largest usual em, pixels.
        apart: White that parts two lines beside each other, em.
    """
    pdf = pdfium.PdfDocument(path)
    try:
        page = pdf[int(rng.integers(len(pdf)))]
        lines = _joined(list(_lines(list(_letters(page)), apart)), min(apart, WORD_GAP))
        if len(lines) < 3:
            return None
        width, height = page.get_size()
        em = float(np.median([line[0].em for line in lines]))
        scale = float(np.exp(rng.uniform(*np.log(em_range)))) / max(em, 2.0)
        scale = min(scale, 2200 / max(width, height))
        pixels = page.render(scale=scale, grayscale=True, fill_color=(255, 255, 255, 255)).to_numpy().copy()
        to_pixels = pdfium.PdfPosConv(page, (0, 0, 16 * pixels.shape[1], 16 * pixels.shape[0], 0))
        bands = [band for line in lines if (band := _band(line, to_pixels)) is not None]
    finally:
        pdf.close()
    gray = np.asarray(pixels[..., 0] if pixels.ndim == 3 else pixels, np.uint8)
    shown = [band for band in bands if _shows(gray, band)]
    if len(shown) < 3 or len(shown) < 0.9 * len(bands):
        return None
    return TextPage(gray, shown, np.full(gray.shape, UNKNOWN, np.uint8))


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page's text layer."""

    text: str
    box: tuple[float, float, float, float]  # upright, around it: left, top, right, bottom in points from the upper left


def page_lines(page: pdfium.PdfPage, apart: float = APART) -> list[PageLine]:
    """Return the lines of a page; `apart` is the white that parts two of them beside each other, em."""
    left, _, _, top = page.get_cropbox()
    return [
        _page_line(line, left, top) for line in _joined(list(_lines(list(_letters(page)), apart)), min(apart, WORD_GAP))
    ]


def _page_line(line: list[Letter], left: float, top: float) -> PageLine:
    em, angle = float(np.median([one.em for one in line])), line[0].angle
    cos, sin = np.cos(angle), np.sin(angle)
    base = float(np.median([one.y * cos - one.x * sin for one in line if one.em > 0.85 * em]))
    start, end = line[0].x * cos + line[0].y * sin, max(one.right for one in line)
    corners = [
        (at * cos - high * sin, at * sin + high * cos)
        for at in (start, end)
        for high in (base - 0.2 * em, base + 0.75 * em)
    ]
    xs, ys = [x - left for x, _ in corners], [top - y for _, y in corners]
    text = ""
    for before, letter in zip([None, *line], line, strict=False):
        gap = 0.0 if before is None else letter.x * cos + letter.y * sin - before.right
        text += (" " if gap > SPACE * em else "") + letter.character
    return PageLine(text, (float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys))))


def _letters(page: pdfium.PdfPage) -> Iterator[Letter | None]:
    """Yield letters in file order, None where a line ends."""
    text = page.get_textpage()
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), pdfium_c.FS_MATRIX()
    for i in range(text.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text, i)
        if code in (10, 13):
            yield None
        if code <= 32 or code in (0xA0, 0xFFFE, 0xFFFF):
            continue
        pdfium_c.FPDFText_GetCharOrigin(text, i, x, y)
        pdfium_c.FPDFText_GetMatrix(text, i, matrix)
        em = pdfium_c.FPDFText_GetFontSize(text, i) * float(np.hypot(matrix.c, matrix.d))
        angle = float(np.arctan2(matrix.b, matrix.a))
        left, bottom, right, top = text.get_charbox(i)
        along = np.array([np.cos(angle), np.sin(angle)])
        ends = [float(np.dot(along, corner)) for corner in ((left, bottom), (right, bottom), (left, top), (right, top))]
        if 2 < em < 400 and max(ends) > min(ends):
            yield Letter(x.value, y.value, max(ends), em, angle, chr(code))
    text.close()


def _lines(letters: Sequence[Letter | None], apart: float = APART) -> Iterator[list[Letter]]:
    """Group letters into lines: one direction, one base line except for raised letters, no wide gaps."""
    line: list[Letter] = []
    for letter in letters:
        if line and (letter is None or not _continues(line, letter, apart)):
            yield line
            line = []
        if letter is not None:
            line.append(letter)
    if line:
        yield line


def _joined(lines: Sequence[list[Letter]], apart: float) -> list[list[Letter]]:
    """Join lines that are split in file order: some programs write letters one by one."""

    def place(line: list[Letter]) -> tuple[float, float, float]:
        first = line[0]
        cos, sin = np.cos(first.angle), np.sin(first.angle)
        return round(first.angle, 1), round((first.y * cos - first.x * sin) / 2), first.x * cos + first.y * sin

    joined: list[list[Letter]] = []
    for line in sorted(lines, key=place):
        if joined and _continues(joined[-1], line[0], apart):
            joined[-1] = [*joined[-1], *line]
        else:
            joined.append(line)
    return joined


def _continues(line: list[Letter], letter: Letter, apart: float) -> bool:
    em = float(np.median([one.em for one in line]))
    if abs(letter.angle - line[0].angle) > 0.03:
        return False
    cos, sin = np.cos(letter.angle), np.sin(letter.angle)
    base = float(np.median([one.y * cos - one.x * sin for one in line]))
    off = abs(letter.y * cos - letter.x * sin - base)
    start, end = letter.x * cos + letter.y * sin, line[-1].right
    small = letter.em < 0.85 * em
    return (
        off < (MAX_RAISED if small else MAX_LOWERED) * em
        and -0.6 * em < start - end < apart * em
        and letter.em < 1.6 * em
    )


def _band(line: list[Letter], to_pixels: pdfium.PdfPosConv) -> Band | None:
    em = float(np.median([one.em for one in line]))
    main = [one for one in line if one.em > 0.85 * em]
    angle = line[0].angle
    cos, sin = np.cos(angle), np.sin(angle)
    base = float(np.median([one.y * cos - one.x * sin for one in main]))
    start, end = line[0].x * cos + line[0].y * sin, max(one.right for one in line)
    points = [
        [to_pixels.to_bitmap(at * cos - high * sin, at * sin + high * cos) for at in (start, end)]
        for high in (base + X_HEIGHT * em, base)
    ]
    band = np.asarray(np.array(points) / 16, np.float32)
    return band if float(np.linalg.norm(band[1, 1] - band[1, 0])) > 2 else None


def _shows(gray: NDArray[np.uint8], band: Band) -> bool:
    low, high = (
        np.floor(band.reshape(-1, 2).min(axis=0)).astype(int),
        np.ceil(band.reshape(-1, 2).max(axis=0)).astype(int),
    )
    part = gray[max(0, low[1] - 2) : high[1] + 3, max(0, low[0] - 2) : high[0] + 3]
    return part.size > 0 and int(part.max()) - int(part.min()) > MIN_CONTRAST
