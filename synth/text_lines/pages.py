"""Random pages for the text detector: prose, office documents, forms, slides, newspapers, receipts, drawings, tills."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from ocr2.synth.fonts import BitmapFace, Face, FontLibrary
from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.text_lines import elements
from ocr2.synth.text_lines.canvas import Canvas, TextPage
from ocr2.synth.text_lines.drawings import drawing, sketch
from ocr2.synth.text_lines.elements import Rect, Style
from ocr2.synth.text_lines.forms import form
from ocr2.synth.text_lines.tills import draw_receipt, till_of, wear_receipt

Element = Callable[[Canvas, Style, Rect], float]

# Kinds of pages and their shares. The frozen set was drawn before tills' receipts were a kind.
KINDS: dict[str, float] = {
    "prose": 0.17, "office": 0.22, "form": 0.1, "slide": 0.08, "newspaper": 0.1, "receipt": 0.04, "drawing": 0.08,
    "contents": 0.04, "words": 0.05, "till": 0.12,
}  # fmt: skip
FROZEN_KINDS = tuple(kind for kind in KINDS if kind != "till")
BEHIND = 0.15  # share of tills' receipts with print that shows through


def _paragraph(canvas: Canvas, style: Style, box: Rect) -> float:
    align = str(style.rng.choice(["left", "justified", "centre", "right"], p=[0.45, 0.4, 0.1, 0.05]))
    most = int(style.rng.choice([1, 2, 4, 8, 16]))
    spacing = style.between(0.05, 0.3) * style.em if style.chance(0.03) else 0.0
    y = elements.paragraph(canvas, style, box, align=align, most=most, spacing=spacing)
    return y + style.between(0, 1.2) * style.pitch


def _sidebar(canvas: Canvas, style: Style, box: Rect) -> float:
    left, top, right, bottom = box
    end = min(bottom, top + style.between(4, 14) * style.pitch)
    fill = int(style.rng.integers(0, 256))
    canvas.panel((left, top, right, end), fill=fill, ink=style.ink if style.chance(0.3) else None)
    pad = 0.6 * style.em
    elements.paragraph(canvas, style, (left + pad, top + pad, right - pad, end - pad), ink=style.contrast(fill))
    return end + style.em


def _drop_cap(canvas: Canvas, style: Style, box: Rect) -> float:
    left, top, right, bottom = box
    size = round(2.9 * style.em)
    face = style.faces[1]
    letter = str(style.rng.choice(list("ABCDEFGHILMNOPRSTUW")))
    font = face.load(size)
    end = left + font.getlength(letter) + 0.3 * style.em
    if end > left + 0.5 * (right - left):
        return _paragraph(canvas, style, box)
    canvas.text(left, top + 0.85 * style.em + 2 * style.pitch, letter, face, size, ink=style.ink)
    y = elements.paragraph(
        canvas, style, (end, top, right, min(bottom, top + 3 * style.pitch)), align="justified", most=3
    )
    return elements.paragraph(canvas, style, (left, y, right, bottom), align="justified", most=6) + style.em


def _rule(canvas: Canvas, style: Style, box: Rect) -> float:
    left, top, right, _ = box
    dash = int(style.rng.integers(2, 8)) if style.chance(0.3) else 0
    canvas.rule(
        [(left, top), (right, top)], ink=int(style.rng.integers(0, 200)), width=int(style.rng.integers(1, 5)), dash=dash
    )
    return top + style.em


PARTS: dict[str, list[tuple[Element, float]]] = {
    "prose": [(_paragraph, 0.62), (elements.heading, 0.16), (_drop_cap, 0.05), (drawing, 0.07), (_rule, 0.05),
              (elements.table, 0.05)],
    "office": [(_paragraph, 0.25), (elements.heading, 0.14), (elements.table, 0.25), (elements.chart_of_boxes, 0.12),
               (elements.axes, 0.1), (_sidebar, 0.06), (elements.sideways, 0.03), (_rule, 0.05)],
    "form": [(form, 0.6), (_paragraph, 0.12), (elements.heading, 0.1), (elements.table, 0.1),
             (elements.sideways, 0.08)],
    "slide": [(elements.heading, 0.3), (_paragraph, 0.3), (elements.chart_of_boxes, 0.15), (elements.axes, 0.1),
              (drawing, 0.1), (elements.table, 0.05)],
    "newspaper": [(_paragraph, 0.55), (elements.heading, 0.17), (_drop_cap, 0.08), (drawing, 0.1),
                  (_sidebar, 0.05), (_rule, 0.05)],
    "receipt": [(elements.table, 0.4), (_paragraph, 0.4), (_rule, 0.2)],
    "drawing": [(drawing, 0.6), (_paragraph, 0.3), (elements.sideways, 0.1)],
    "contents": [(elements.contents, 0.8), (elements.heading, 0.2)],
    "words": [(elements.heading, 0.5), (_paragraph, 0.3), (drawing, 0.2)],
}  # fmt: skip


@dataclass(frozen=True)
class PageEngine:
    """Draws pages.

    Args:
        fonts: Faces by family.
        text: Function that returns text of about so many characters.
        picture: Function that returns a photograph of about this width and height, or None.
        bitmaps: Faces of fixed pixels, of tills.
    """

    fonts: FontLibrary
    text: Callable[[Generator, int], str]
    picture: Callable[[Generator, int, int], Gray | None]
    bitmaps: Sequence[BitmapFace] = ()

    def draw(self, rng: Generator, kind: str | None = None) -> TextPage:
        """Return a page."""
        kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
        style = self._style(rng, kind)
        if kind == "till":
            return self._receipt(style)
        width, height = self._size(rng, kind, style.em)
        canvas = Canvas(width, height, style.paper)
        self._fill(canvas, style, kind)
        return canvas.page()

    def _receipt(self, style: Style) -> TextPage:
        """Draw what a till prints."""
        mono = [f for family in self.fonts.families.values() for f in family if f.mono] or [style.faces[2]]
        page = draw_receipt(style, till_of(style, mono, self.bitmaps)).page()
        behind = self.draw(style.rng, "prose").pixels if style.chance(BEHIND) else None
        return replace(page, pixels=wear_receipt(style.rng, page.pixels, behind))

    def _style(self, rng: Generator, kind: str) -> Style:
        names, shares = self.fonts.names_and_shares()
        faces = self.fonts.families[str(rng.choice(names, p=shares))]
        mono = [f for family in self.fonts.families.values() for f in family if f.mono] or faces
        chosen: tuple[Face, Face, Face] = (
            faces[int(rng.integers(len(faces)))],
            faces[int(rng.integers(len(faces)))],
            mono[int(rng.integers(len(mono)))],
        )  # fmt: skip
        if kind == "receipt" and rng.random() < 0.7:
            chosen = (chosen[2], chosen[2], chosen[2])
        em = int(np.exp(rng.uniform(np.log(11), np.log(34))))
        paper = 255 if rng.random() < 0.5 else int(rng.integers(190, 256))
        if rng.random() < (0.35 if kind == "slide" else 0.05):
            paper = int(rng.integers(0, 120))
        ink = int(rng.integers(0, 70)) if paper > 150 else int(rng.integers(paper + 90, 256))
        if rng.random() < 0.15 and paper > 150:
            ink = int(rng.integers(70, paper - 70))

        def picture(wide: int, high: int) -> Gray:
            found = self.picture(rng, wide, high)
            return found if found is not None else sketch(rng, wide, high, paper, ink)

        return Style(rng, chosen, em, float(rng.uniform(1.05, 1.75)), paper, ink, lambda n: self.text(rng, n), picture)

    @staticmethod
    def _size(rng: Generator, kind: str, em: int) -> tuple[int, int]:
        wide = em * float(rng.uniform(16, 70))
        ratio = float(rng.uniform(0.5, 0.8)) if kind == "slide" else float(rng.uniform(0.7, 1.6))
        if kind == "receipt":
            wide, ratio = em * float(rng.uniform(14, 26)), float(rng.uniform(1.2, 2.6))
        if kind == "words":
            wide, ratio = em * float(rng.uniform(8, 30)), float(rng.uniform(0.2, 1.2))
        wide = min(wide, 1500.0)
        return max(96, int(wide)), int(np.clip(wide * ratio, 64, 1700))

    def _fill(self, canvas: Canvas, style: Style, kind: str) -> None:
        rng = style.rng
        margin = canvas.width * style.between(0.02, 0.12)
        left, right, bottom = margin, canvas.width - margin, canvas.height - margin
        top = margin
        if style.chance(0.5):
            top = elements.heading(canvas, style, (left, top, right, bottom)) + style.em
        columns = 1
        if kind in ("prose", "newspaper", "office", "contents", "form"):
            most = max(1, min(5 if kind == "newspaper" else 3, int((right - left) / (11 * style.em))))
            columns = int(rng.integers(1, most + 1))
        gutter = style.em * style.between(0.7, 2.5)
        wide = (right - left - gutter * (columns - 1)) / columns
        for c in range(columns):
            x = left + c * (wide + gutter)
            if c and style.chance(0.15):
                canvas.rule([(x - gutter / 2, top), (x - gutter / 2, bottom)], ink=style.ink)
            self._column(canvas, style, kind, (x, top, x + wide, bottom))
        if style.chance(0.15):
            canvas.panel((margin / 2, margin / 2, canvas.width - margin / 2, canvas.height - margin / 2), ink=style.ink,
                         width=int(rng.integers(1, 5)))  # fmt: skip

    @staticmethod
    def _column(canvas: Canvas, style: Style, kind: str, box: Rect) -> None:
        left, y, right, bottom = box
        parts, shares = zip(*PARTS[kind], strict=True)
        for _ in range(1 if kind == "words" else 30):
            if y > bottom - 2 * style.pitch:
                return
            part = parts[int(style.rng.choice(len(parts), p=np.array(shares) / sum(shares)))]
            y = max(y, part(canvas, style, (left, y, right, bottom))) + style.between(0, 0.8) * style.em
            if style.chance(0.04):
                return
