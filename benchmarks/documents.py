"""Words and order of whole pages: ours beside Tesseract and RapidOCR, on the same pages in one run.

    python benchmarks/documents.py --data FOLDER [--engines ocr2 tesseract rapidocr]

FOLDER holds data.jsonl (image, text).
Word F1 counts words as a multiset, punctuation at their ends and letters' case left out; order is the longest common
subsequence of the words of both, as a share of the words they share.
"""

import argparse
import json
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import LCSseq

import ocr2
from benchmarks.engines import Engine, rapidocr, tesseract
from ocr2.documents.images import to_gray


@dataclass(frozen=True, slots=True)
class Score:
    """One page: shares of words found and right, and of shared words in order."""

    precision: float
    recall: float
    order: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def words_of(text: str) -> list[str]:
    """Return the words of a text, without punctuation at their ends, in lower case.

    Examples:
        >>> words_of("“Über”, 12.5% — a-b")
        ['über', '12.5', 'a-b']
    """
    found = []
    for word in unicodedata.normalize("NFKC", text).replace("’", "'").split():
        start = next((i for i, c in enumerate(word) if c.isalnum()), len(word))
        end = next((i for i in range(len(word), 0, -1) if word[i - 1].isalnum()), 0)
        if start < end:
            found.append(word[start:end].lower())
    return found


def score_page(read: str, true: str) -> Score:
    """Compare what was read with what a page says."""
    a, b = words_of(read), words_of(true)
    shared = sum((Counter(a) & Counter(b)).values())
    if not shared:
        return Score(float(not a), 0.0, 0.0) if b else Score(float(not a), 1.0, 1.0)
    return Score(shared / len(a), shared / len(b), LCSseq.similarity(a, b) / shared)


Read = Callable[[Path, NDArray[np.uint8]], str]  # what reads a page, from its file or its pixels


def read_ours(weights: Path | None) -> Read:
    """Return what reads all lines of a page, furniture too, as the other engines give them."""
    engine = ocr2.load("got-nano", device="cpu", weights=weights)

    def read(path: Path, gray: NDArray[np.uint8]) -> str:
        pages = engine.read(str(path)).pages
        return "\n".join(line.text for page in pages for block in page.blocks for line in block.lines)

    return read


def read_with(engine: Engine) -> Read:
    """Return what reads a page with another engine."""
    return lambda path, gray: engine.page(gray)


def main() -> None:
    """Print a row a page, and means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--engines", nargs="+", default=["ocr2"], choices=["ocr2", "tesseract", "rapidocr"])
    parser.add_argument("--most", type=int, default=10_000, help="pages of each set")
    parser.add_argument("--weights", type=Path, help="of got-nano, instead of the shipped ones")
    parser.add_argument("--quiet", action="store_true", help="means alone")
    args = parser.parse_args()
    builders = {
        "ocr2": lambda: read_ours(args.weights),
        "tesseract": lambda: read_with(tesseract()),
        "rapidocr": lambda: read_with(rapidocr()),
    }
    engines: dict[str, Read] = {name: builders[name]() for name in args.engines}
    for folder in args.data:
        rows = [json.loads(line) for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines()]
        rows = [row for row in rows if row.get("lang", "en") not in ("zh", "ja", "ko", "ru")][: args.most]
        scores: dict[str, list[Score]] = {name: [] for name in engines}
        seconds = dict.fromkeys(engines, 0.0)
        for row in rows:
            gray = to_gray(Image.open(folder / row["image"]))
            line = f"{Path(row['image']).stem[:44]:<46}"
            for name, read in engines.items():
                started = time.perf_counter()
                score = score_page(read(folder / row["image"], gray), row["text"])
                seconds[name] += time.perf_counter() - started
                scores[name].append(score)
                line += (
                    f" {name} P {score.precision:.3f} R {score.recall:.3f} F1 {score.f1:.3f} order {score.order:.3f}"
                )
            if not args.quiet:
                print(line, flush=True)
        for name, found in scores.items():
            mean = {k: float(np.mean([getattr(s, k) for s in found])) for k in ("precision", "recall", "f1", "order")}
            told = " ".join(f"{k} {v:.3f}" for k, v in mean.items())
            print(
                f"{folder.name}: {name} {told}, {seconds[name] / len(rows):.2f} s a page, {len(rows)} pages", flush=True
            )


if __name__ == "__main__":
    main()
