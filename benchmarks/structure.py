"""Block types and text of structured pages: got-nano on 200 frozen pages.

    python benchmarks/structure.py [--pages 200] [--weights FILE]

The pages come from `ocr2.synth.pages` with held-out fonts and held-out text; their hash is printed and
compared with the one below. Block-type F1: true and found blocks are matched one to one by their text
(most similar first, at least half equal) and count if the kind is right. Edit distance: normalised, on the
running text, white space collapsed.
"""

import argparse
import hashlib
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import ImageFont
from rapidfuzz import fuzz

from ocr2.metrics.text import normalise, normalised_distance
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.page import read_page
from ocr2.results.document import MARGIN_KINDS, Block, BlockKind
from ocr2.synth.corpus import Corpus
from ocr2.synth.fonts import Face, FontLibrary
from ocr2.synth.pages import TrueBlock, TruePage, draw_page, draw_style

SEED = 4242
SHA256 = "437854bab22b4a370364e6fbdeed57ca1f58aa3d5f8d1647dafde45040148f24"  # of the pixels of 200 pages
SIZE = (1240, 1754)  # A4 at 150 dpi
FAMILIES = ("Tinos", "Lato", "Caladea", "Open Sans", "Old Standard TT", "Vollkorn")
MONO = "Courier Prime"


class Fonts:
    """Faces of one held-out family for a page: regular, bold, mono."""

    def __init__(self, library: FontLibrary, family: str) -> None:
        self._faces = {"regular": _face(library, family, ""), "bold": _face(library, family, "Bold")}
        self._faces["mono"] = _face(library, MONO, "")

    def __call__(self, role: str, size: int) -> ImageFont.FreeTypeFont:
        """Return the face of a role at a size in pixels."""
        return self._faces[role].load(size)


def _face(library: FontLibrary, family: str, weight: str) -> Face:
    def plainness(face: Face) -> tuple[bool, int]:
        name = Path(face.path).stem
        wrong = any(
            w in name for w in ("Italic", "Oblique", "Light", "Thin", "Black", "Cond", "Semi", "Medium", "Heavy")
        )
        return wrong or ("Bold" in name) != bool(weight), len(name)

    return min(library.families[family], key=plainness)


def frozen_pages(count: int, corpus: Path, fonts: Path) -> list[TruePage]:
    """Draw the yardstick's pages."""
    library = FontLibrary.find([fonts], held_out=True)
    paragraphs = [p for p in Corpus.load(corpus).paragraphs["prose"] if p.isascii()]
    pages = []
    for number in range(count):
        rng = np.random.default_rng([SEED, number])

        def prose(length: int, rng: np.random.Generator = rng) -> str:
            text = ""
            while len(text) < length:
                text += " " + paragraphs[int(rng.integers(len(paragraphs)))]
            words = text[: length + 1].split()
            return " ".join(words[:-1] or words).rstrip(",;: ") + "."

        style = draw_style(rng, width=SIZE[0], height=SIZE[1])
        family = FAMILIES[number % len(FAMILIES)]
        pages.append(draw_page(rng, style, Fonts(library, family), prose))
    return pages


def match_blocks(truth: list[TrueBlock], found: list[Block]) -> list[tuple[int, int]]:
    """Return pairs of blocks with similar text, each used once."""
    pairs = [
        (fuzz.ratio(normalise(t.text), normalise(f.text)), i, j)
        for i, t in enumerate(truth)
        for j, f in enumerate(found)
    ]
    used: set[tuple[str, int]] = set()
    chosen = []
    for similarity, i, j in sorted(pairs, reverse=True):
        if similarity >= 50 and ("t", i) not in used and ("f", j) not in used:
            used |= {("t", i), ("f", j)}
            chosen.append((i, j))
    return chosen


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/val.jsonl.gz"))
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"))
    args = parser.parse_args()
    pages = frozen_pages(args.pages, args.corpus, args.fonts)
    digest = hashlib.sha256(b"".join(page.gray.tobytes() for page in pages)).hexdigest()
    print(f"{len(pages)} pages, sha256 {digest}" + ("" if digest == SHA256 else " (not the frozen set of 200)"))
    reader = load_line_reader("got-nano", LoadOptions(weights=args.weights, device="cpu", dtype="auto"))
    counts: Counter[tuple[str, BlockKind]] = Counter()
    confused: Counter[tuple[BlockKind, BlockKind]] = Counter()
    distances = []
    started = time.perf_counter()
    for page in pages:
        read = read_page(page.gray, reader)
        truth, found = list(page.blocks), list(read.blocks)
        counts.update(("truth", t.kind) for t in truth)
        counts.update(("found", f.kind) for f in found)
        for i, j in match_blocks(truth, found):
            if truth[i].kind == found[j].kind:
                counts["right", truth[i].kind] += 1
            else:
                confused[truth[i].kind, found[j].kind] += 1
        expected = " ".join(t.text for t in truth if t.kind not in MARGIN_KINDS)
        distances.append(normalised_distance(normalise(expected), normalise(read.text)))
    print(f"{(time.perf_counter() - started) / len(pages):.2f} s a page")
    total = {name: sum(n for (kind, _), n in counts.items() if kind == name) for name in ("truth", "found", "right")}
    print(f"block-type F1 {200 * total['right'] / (total['truth'] + total['found']):.1f} %")
    for kind in sorted({k for _, k in counts}):
        right, true, found_ = (counts[name, kind] for name in ("right", "truth", "found"))
        print(f"  {kind:<12} F1 {200 * right / max(1, true + found_):5.1f} %  true {true:5d}  found {found_:5d}")
    print("confused:", ", ".join(f"{a}->{b} {n}" for (a, b), n in confused.most_common(8)))
    print(f"edit distance: mean {np.mean(distances):.4f}, median {np.median(distances):.4f}")


if __name__ == "__main__":
    main()
