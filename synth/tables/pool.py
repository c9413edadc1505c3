"""A set of synthetic tables on disk, as `benchmarks/tables.py` reads it: pictures, and their cells as HTML.

`python -m ocr2.synth.tables.pool OUT --count 500 --seed 77 --corpus runs/corpus/val.jsonl.gz` sets them with pdflatex
(booktabs, multirow), 100 a document, and writes `images/*.png` and `data.jsonl`; resolutions go round.
"""

import argparse
import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.documents.pdf import PdfFile
from ocr2.synth.corpus import Corpus
from ocr2.synth.tables.content import Content, Words, draw_content
from ocr2.synth.tables.latex import document_of, table_to_latex

RESOLUTIONS = (75, 100, 150, 200, 300)  # dpi
BATCH = 100


def set_pages(sources: list[str]) -> list[bytes]:
    """Return one PDF of LaTeX sources, a page each, as a list with one element."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.tex"
        path.write_text(document_of(sources), encoding="utf-8")
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name],
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stdout.decode(errors="replace")[-2000:])
        return [path.with_suffix(".pdf").read_bytes()]


def cropped(rng: Generator, page: NDArray[np.uint8], dpi: float) -> NDArray[np.uint8]:
    """Return a page cut to its ink, with some white around it."""
    rows, columns = np.flatnonzero((page < 200).any(axis=1)), np.flatnonzero((page < 200).any(axis=0))
    margins = rng.uniform(0.01, 0.15, 4) * dpi
    top, bottom = int(max(0, rows[0] - margins[0])), int(rows[-1] + margins[1]) + 1
    left, right = int(max(0, columns[0] - margins[2])), int(columns[-1] + margins[3]) + 1
    return np.ascontiguousarray(page[top:bottom, left:right])


def draw_batch(seed: int, first: int, count: int, words: Words) -> list[tuple[NDArray[np.uint8], Content, float]]:
    """Draw tables by their numbers."""
    drawn, sources = [], []
    for number in range(first, first + count):
        rng = np.random.default_rng([seed, number])
        content = draw_content(rng, words)
        caption = f"Table {number % 9 + 1}. {words.phrase(rng, 4, 9)}" if rng.random() < 0.2 else ""
        note = f"Note: {words.phrase(rng, 8, 12)} {words.phrase(rng, 6, 9).lower()}" if rng.random() < 0.2 else ""
        sources.append(table_to_latex(rng, content, caption=caption, note=note))
        drawn.append((rng, content))
    (data,) = set_pages(sources)
    pdf = PdfFile(data, name="tables", rasterizer="pdfium", password=None)
    made = []
    for i, (rng, content) in enumerate(drawn):
        dpi = RESOLUTIONS[(first + i) % len(RESOLUTIONS)]
        page, _ = pdf.render(i + 1, dpi=dpi)
        made.append((cropped(rng, page, dpi), content, float(dpi)))
    pdf.close()
    return made


def main() -> None:
    """Write a set from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/val.jsonl.gz"))
    args = parser.parse_args()
    words = Words(Corpus.load(args.corpus).paragraphs["prose"])
    (args.out / "images").mkdir(parents=True, exist_ok=True)
    rows, digest = [], hashlib.sha256()
    for first in range(0, args.count, BATCH):
        for i, (pixels, content, dpi) in enumerate(
            draw_batch(args.seed, first, min(BATCH, args.count - first), words), start=first
        ):
            name = f"images/{i:04}.png"
            cv2.imwrite(str(args.out / name), pixels)
            digest.update(pixels.tobytes())
            row = {"image": name, "text": content.table.to_html(), "style": content.style, "dpi": dpi}
            rows.append(json.dumps(row, ensure_ascii=False))
    (args.out / "data.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    digest.update("\n".join(rows).encode())
    print(f"{len(rows)} tables, sha256 {digest.hexdigest()}")


if __name__ == "__main__":
    main()
