"""Font files for drawing text: found in folders, grouped by family, split into training and validation."""

import logging
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from numpy.typing import NDArray
from PIL import ImageFont

logger = logging.getLogger(__name__)

# Families that no training sample uses; one of each kind: Times-like, humanist, mono, old style, display.
HELD_OUT_FAMILIES = (
    "Tinos", "Open Sans", "DejaVu Serif", "Lato", "Inter", "Courier Prime", "Vollkorn", "Caladea",
    "Quattrocento", "Old Standard", "Karla", "Fira Code", "GFS Didot", "Cabin",
)  # fmt: skip
# Families that real documents use most are drawn this much more often.
DOCUMENT_FAMILIES = (
    "Latin Modern", "CMU", "LM", "Nimbus", "Free", "Liberation", "TeX Gyre", "Charis", "Noto", "Carlito", "Arimo",
    "Cousine", "DejaVu", "Linux Libertine", "STIX", "Roboto", "P052", "C059", "URW", "Gentium",
)  # fmt: skip
DOCUMENT_WEIGHT = 3
UNUSABLE = ("Symbol", "Dingbat", "Emoji", "Math", "D050000L", "Ornament", "Initials", "Music", "Demi Cond", "Keyboard")
# Families that draw small letters as capitals; the target is in capitals, as a reader cannot know better.
SMALL_CAPITALS = ("SC", "Smallcaps", "Caps", "Humor")
ASCII = frozenset(range(33, 127))


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file and the characters it draws."""

    path: str
    index: int
    family: str
    codepoints: frozenset[int]
    mono: bool = False  # all letters of one width

    @property
    def small_capitals(self) -> bool:
        """Whether small letters look like capitals."""
        return any(word in SMALL_CAPITALS or word.startswith("Caps") for word in self.family.split())

    def covers(self, text: str) -> bool:
        """Say whether every visible character of `text` has a glyph."""
        return all(ord(c) in self.codepoints or c == " " for c in text)

    def load(self, size: int, *, complex_layout: bool = False) -> ImageFont.FreeTypeFont:
        """Return the face at a size in pixels; `complex_layout` shapes scripts and ligatures."""
        return _load(self.path, self.index, size, complex_layout)


@lru_cache(maxsize=512)
def _load(path: str, index: int, size: int, complex_layout: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if complex_layout else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, index=index, layout_engine=engine)


@dataclass(frozen=True)
class FontLibrary:
    """Faces by family, with the weight a family is drawn with."""

    families: dict[str, list[Face]]

    def names_and_shares(self) -> tuple[list[str], NDArray[np.float64]]:
        """Return family names in a fixed order and how often each is drawn; the shares add up to 1."""
        names = sorted(self.families)
        weights = [float(DOCUMENT_WEIGHT if n.startswith(DOCUMENT_FAMILIES) else 1) for n in names]
        return names, np.array(weights) / sum(weights)

    @classmethod
    def find(cls, folders: Iterable[Path], *, held_out: bool) -> "FontLibrary":
        """Collect usable Latin faces below folders: the held-out families, or all the others."""
        families: dict[str, list[Face]] = defaultdict(list)
        for face in _faces(folders):
            chosen = face.family.startswith(HELD_OUT_FAMILIES) == held_out
            if chosen and face.codepoints >= ASCII and not any(w in face.family for w in UNUSABLE):
                families[_merge(face.family)].append(face)
        if not families:
            raise ValueError(f"no usable font below {', '.join(map(str, folders))}")
        return cls(dict(families))


def script_faces(folders: Iterable[Path]) -> list[Face]:
    """Return faces that draw scripts other than Latin (each has some code point above Latin Extended-B)."""
    return [face for face in _faces(folders) if any(c in face.codepoints for c in OTHER_SCRIPT_PROBES)]


@dataclass(frozen=True, slots=True)
class BitmapFace:
    """A font of fixed pixels, like the character generator of a receipt printer; draws ASCII."""

    path: str
    size: int  # pixels of its only size

    def load(self) -> ImageFont.FreeTypeFont:
        """Return the face at its size."""
        return _load(self.path, 0, self.size, complex_layout=False)


def bitmap_faces(folders: Iterable[Path]) -> list[BitmapFace]:
    """Return the upright bitmap faces below folders: X11's misc-fixed and Terminus, 7 to 32 pixels high."""
    faces = []
    for path in sorted({p for f in folders for p in Path(f).rglob("*.pcf.gz")}):
        match = BITMAP_NAME.fullmatch(path.name)
        if match:
            faces.append(BitmapFace(str(path), int(match["fixed"] or match["terminus"])))
    return faces


BITMAP_NAME = re.compile(r"(?:\d+x(?P<fixed>\d+)B?|ter-u(?P<terminus>\d+)[bn]_unicode)\.pcf\.gz")


# One letter of Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Bengali, Tamil, Thai, Georgian, kana,
# Han, Hangul: a face that has one draws that script.
OTHER_SCRIPT_PROBES = tuple(map(ord, "λжԱאبकকதกაあ中한"))


def _merge(family: str) -> str:
    """Merge the script-specific Noto families, which have the same Latin letters."""
    for prefix in ("Noto Sans", "Noto Serif"):
        if family.startswith(prefix) and "Mono" not in family:
            return prefix
    return family


def _faces(folders: Iterable[Path]) -> list[Face]:
    paths = sorted({p for f in folders for p in Path(f).rglob("*") if p.suffix.lower() in FONT_SUFFIXES})
    return [face for path in paths for face in _read_faces(str(path))]


FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


@lru_cache(maxsize=4096)
def _read_faces(path: str) -> tuple[Face, ...]:
    faces = []
    try:
        fonts = TTCollection(path, lazy=True).fonts if path.endswith(".ttc") else [TTFont(path, lazy=True)]
        for index, font in enumerate(fonts):
            names = font["name"]
            family = names.getDebugName(16) or names.getDebugName(1) or Path(path).stem
            mono = bool(font["post"].isFixedPitch)
            faces.append(Face(path, index, family, frozenset(font.getBestCmap() or ()), mono))
        for font in fonts:  # the faces of a collection have one file
            font.close()
    except (TTLibError, KeyError, OSError) as error:
        logger.warning("font %s left out: %s", path, error)
    return tuple(faces)
