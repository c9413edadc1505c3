"""The page engine: pages of regions drawn from a seed, with their records."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.results.region import RegionKind
from ocr2.synth.degrade import scan
from ocr2.synth.fonts import Face, FontLibrary
from ocr2.synth.layouts.fill import FILL, fill_columns
from ocr2.synth.layouts.hard_pages import COMMON, HAN, LARGE, WIDE, han_prose, on_a_wider_scan
from ocr2.synth.layouts.picture_bank import Bank
from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.layouts.records import PageRecord
from ocr2.synth.layouts.sheet import Hand, Rect, Sheet

LAYOUTS = {
    "columns": 0.46, "single": 0.13, "gallery": 0.09, "slide": 0.1, "exam": 0.08, "music": 0.04, "letter": 0.06,
    "receipt": 0.04,
}  # fmt: skip
SIZES = ((827, 1169), (850, 1100), (760, 1075), (900, 1200), (640, 905), (1169, 827), (720, 1000))
SKEWED = 0.35  # share of degraded pages


@dataclass(frozen=True, slots=True)
class LayoutSample:
    """A page and its regions."""

    pixels: Gray  # (height, width)
    record: PageRecord


class LayoutEngine:
    """Draws pages.

    Args:
        bank: Pictures for the pages.
        fonts: Fonts of all text.
        paragraphs: Source of all text.
        wild: Whether pages have the elements of `ocr2.synth.layouts.hard_pages` as well.
    """

    def __init__(self, bank: Bank, fonts: FontLibrary, paragraphs: list[str], *, wild: bool = False) -> None:
        self.wild = wild
        self.bank = bank
        self.fonts = fonts
        self.paragraphs = paragraphs
        self.names, self.shares = fonts.names_and_shares()
        faces = [face for family in fonts.families.values() for face in family]
        self.monos = [face for face in faces if face.mono]
        self.han = [face for face in faces if wild and face.codepoints.issuperset(COMMON[:100])]

    def draw(
        self, rng: Generator, layout: str | None = None, *, columns: int | None = None, strength: float = 0.5
    ) -> LayoutSample:
        """Draw a page.

        Args:
            rng: Source of every choice.
            layout: One of `LAYOUTS`; any if None.
            columns: Number of columns of the layout "columns".
            strength: Probability that the page is printed and scanned.
        """
        while True:
            name = layout or str(rng.choice(list(LAYOUTS), p=list(LAYOUTS.values())))
            sheet = self._sheet(rng, name)
            if name == "columns":
                fill_columns(sheet, columns or int(rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15])))
            else:
                FILL[name](sheet)
            if sheet.regions:
                break
        gray, regions, skew = _worn(rng, sheet, strength)
        record: PageRecord = {
            "layout": name,
            "width": gray.shape[1],
            "height": gray.shape[0],
            "skew": round(skew, 2),
            "regions": [[kind, *(round(float(v), 1) for v in rect)] for kind, rect in regions],
        }
        return LayoutSample(gray, record)

    def _sheet(self, rng: Generator, layout: str) -> Sheet:
        width, height = SIZES[int(rng.integers(len(SIZES)))]
        if layout == "slide":
            width, height = ((960, 720), (960, 540))[int(rng.integers(2))]
        if layout == "receipt":
            width, height = int(rng.integers(330, 520)), int(rng.integers(600, 1100))
        if layout in ("letter", "music") and width > height:
            width, height = height, width
        em = float(rng.uniform(9.5, 18.0)) * width / 827
        if layout == "slide":
            em = float(rng.uniform(17, 30))
        if layout == "receipt":
            em = float(rng.uniform(11, 18))
        body = self._face(rng)
        prose = self._prose(rng)
        if self.wild and layout in ("columns", "letter", "single") and rng.random() < LARGE:
            em *= float(rng.uniform(1.4, 2.4))
        if self.han and rng.random() < HAN:
            body, prose = self.han[int(rng.integers(len(self.han)))], han_prose(rng)
        if layout == "receipt" and rng.random() < 0.7 and self.monos:
            body = self.monos[int(rng.integers(len(self.monos)))]
        hand = Hand(
            body=body,
            bold=self._face(rng, body.family, bold=True),
            mono=self.monos[int(rng.integers(len(self.monos)))] if self.monos else body,
            em=max(8, round(em)),
            leading=float(rng.uniform(1.12, 1.55)),
            justified=bool(rng.random() < 0.5),
            gap=float(rng.choice([0.0, 0.4, 0.7, 1.0])),
            heading=str(rng.choice(["left", "centre", "numbered", "bar"], p=[0.42, 0.2, 0.33, 0.05])),
            table=str(rng.choice(["booktabs", "grid", "lines", "zebra", "plain"], p=[0.3, 0.3, 0.15, 0.12, 0.13])),
            caption=str(rng.choice(["below", "above", "none"], p=[0.5, 0.15, 0.35])),
        )
        return Sheet(rng, hand, width, height, prose, lambda kind: self.bank.draw(kind, rng), self.wild)

    def _face(self, rng: Generator, family: str | None = None, *, bold: bool = False) -> Face:
        if family is None:
            family = self.names[int(rng.choice(len(self.names), p=self.shares))]
        faces = self.fonts.families.get(family) or self.fonts.families[self.names[0]]
        heavy = [f for f in faces if "bold" in f.path.lower()]
        light = [f for f in faces if "bold" not in f.path.lower() and "ital" not in f.path.lower()]
        chosen = (heavy if bold else light) or faces
        return chosen[int(rng.integers(len(chosen)))]

    def _prose(self, rng: Generator) -> Callable[[int], str]:
        def prose(length: int) -> str:
            text = self.paragraphs[int(rng.integers(len(self.paragraphs)))]
            while len(text) < length:
                text += " " + self.paragraphs[int(rng.integers(len(self.paragraphs)))]
            return text[:length]

        return prose


def _worn(rng: Generator, sheet: Sheet, strength: float) -> tuple[Gray, list[tuple[RegionKind, Rect]], float]:
    """Degrade the page as a scan, sometimes skewed; boxes follow."""
    gray, regions, skew = np.asarray(sheet.image, np.uint8), sheet.regions, 0.0
    if sheet.wild and rng.random() < WIDE:
        gray, regions = on_a_wider_scan(rng, gray, regions)
    if rng.random() >= strength:
        dark = strength > 0 and rng.random() < 0.03
        return (np.asarray(255 - gray, np.uint8) if dark else gray), regions, 0.0
    if rng.random() < SKEWED:
        skew = float(rng.uniform(-2.0, 2.0))
        height, width = gray.shape
        matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -skew, 1.0), np.float64)
        gray = np.asarray(cv2.warpAffine(gray, matrix, (width, height), borderValue=(255.0,)), np.uint8)
        regions = [(kind, _turned(rect, matrix, gray.shape)) for kind, rect in regions]
    return scan(rng, gray, dpi=100), regions, skew


def _turned(rect: Rect, matrix: NDArray[np.float64], shape: tuple[int, ...]) -> Rect:
    left, top, right, bottom = rect
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]]) @ matrix.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    return (
        max(0.0, float(low[0])), max(0.0, float(low[1])),
        min(float(shape[1]), float(high[0])), min(float(shape[0]), float(high[1])),
    )  # fmt: skip
