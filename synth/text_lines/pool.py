"""Pools of synthetic pages with their text lines on disk, and the frozen validation set.

`python -m ocr2.synth.text_lines.pool OUT --groups 40 --pdfs FOLDER ...` writes `group-00000.npz`, ...: pages as PNG,
each above the map of its other elements, and the bands of lines. `--frozen` writes the pages of the grid below, once.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.random import Generator

from ocr2.synth.corpus import Corpus
from ocr2.synth.documents import find_pdfs
from ocr2.synth.fonts import FontLibrary, bitmap_faces
from ocr2.synth.groups import TextPool, group_writer, map_in_processes, pool_parser, write_frozen, write_groups
from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.text_lines.canvas import TextPage
from ocr2.synth.text_lines.pages import FROZEN_KINDS, KINDS, PageEngine
from ocr2.synth.text_lines.pdf import APART, EM, draw_pdf_page
from ocr2.synth.text_lines.wear import wear

GROUP_SIZE = 192
PDF_SHARE = 0.35  # share of pages of PDFs
FROZEN_EACH = 30  # pages of each kind
FROZEN_SEED = 20_261_129


@dataclass(frozen=True, slots=True)
class PoolSpec(TextPool):
    """Everything that decides the pages of a pool."""

    pdfs: tuple[Path, ...]  # files
    photos: tuple[Path, ...]  # files
    pdf_share: float  # share of pages of PDFs
    em: tuple[float, float]  # least and largest usual em of pages of PDFs, pixels
    apart: float  # em: white that parts two lines of a page of a PDF
    kinds: tuple[str, ...] = ()  # of drawn pages, equally often; all by their shares if there are none


class LinesRecord(TypedDict):
    """The text lines of a page."""

    bands: list[list[list[list[float]]]]  # a `ocr2.synth.text_lines.canvas.Band` a line: (2, points, 2)


@dataclass(frozen=True, slots=True)
class Sample:
    """A page above the map of its other elements, and its lines."""

    pixels: Gray  # (2 * height, width)
    record: LinesRecord


def sample_of(page: TextPage) -> Sample:
    """Return a page in the form of a pool."""
    bands = [np.round(band, 1).tolist() for band in page.bands]
    return Sample(np.concatenate([page.pixels, page.other]), {"bands": bands})


def page_of(pixels: Gray, record: LinesRecord) -> TextPage:
    """Return a page from the form of a pool."""
    half = pixels.shape[0] // 2
    return TextPage(pixels[:half], [np.array(band, np.float32) for band in record["bands"]], pixels[half:])


def build_engine(spec: PoolSpec) -> PageEngine:
    """Build the engine of drawn pages."""
    prose = Corpus.load(spec.corpus).long_prose()
    photos = [np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)) for path in spec.photos]

    def text(rng: Generator, length: int) -> str:
        parts, size = [], 0
        while size < length:
            part = prose[int(rng.integers(len(prose)))]
            start = part.find(" ", int(rng.integers(max(1, len(part) - 40)))) + 1
            parts.append(part[start : start + length - size + 20])
            size += len(parts[-1]) + 1
        return " ".join(parts)

    def picture(rng: Generator, width: int, height: int) -> Gray | None:
        if not photos:
            return None
        photo = photos[int(rng.integers(len(photos)))]
        scale = max(width / photo.shape[1], height / photo.shape[0]) * float(rng.uniform(1, 2))
        large = cv2.resize(
            photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
        top, left = (int(rng.integers(0, max(1, a - b))) for a, b in zip(large.shape, (height, width), strict=True))
        return np.asarray(large[top : top + height, left : left + width], np.uint8)

    bitmaps = bitmap_faces(spec.fonts)
    return PageEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out), text, picture, bitmaps)


def begin_drawing(spec: PoolSpec) -> Callable[[Generator], Sample]:
    """Return a function that draws a page of a pool."""
    engine = build_engine(spec)

    def draw(rng: Generator) -> Sample:
        if spec.pdfs and rng.random() < spec.pdf_share:
            for _ in range(20):
                try:
                    page = draw_pdf_page(rng, spec.pdfs[int(rng.integers(len(spec.pdfs)))], spec.em, spec.apart)
                except pdfium.PdfiumError:
                    continue
                if page is not None:
                    return sample_of(wear(rng, page))
        kind = str(rng.choice(spec.kinds)) if spec.kinds else None
        return sample_of(wear(rng, engine.draw(rng, kind)))

    return draw


def begin_frozen(spec: PoolSpec) -> Callable[[tuple[int, str]], Sample]:
    """Return a function that draws a page of the frozen set by number and kind."""
    engine = build_engine(spec)

    def draw(task: tuple[int, str]) -> Sample:
        number, kind = task
        rng = np.random.default_rng([FROZEN_SEED, number])
        return sample_of(wear(rng, engine.draw(rng, kind)))

    return draw


def main() -> None:
    """Render from the command line."""
    parser = pool_parser(__doc__)
    parser.add_argument("--pdfs", type=Path, nargs="*", default=[], help="folders of PDFs")
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="folders of photographs")
    parser.add_argument("--pdf-share", type=float, default=PDF_SHARE, help="of pages; 1 for charts as PDFs")
    parser.add_argument("--em", type=float, nargs=2, default=EM, help="least and largest usual em of PDFs, pixels")
    parser.add_argument("--apart", type=float, default=APART, help="em of white that part lines of PDFs; 0.6 in charts")
    parser.add_argument("--kinds", nargs="*", choices=list(KINDS), default=[], help="of drawn pages, equally often")
    parser.add_argument("--frozen", action="store_true")
    args = parser.parse_args()
    photos = sorted(p for folder in args.photos for s in ("*.jpg", "*.png") for p in folder.rglob(s))
    spec = PoolSpec(
        out=args.out,
        fonts=tuple(args.fonts),
        corpus=args.corpus,
        pdfs=find_pdfs(args.pdfs),
        photos=tuple(photos),
        pdf_share=args.pdf_share,
        em=tuple(args.em),
        apart=args.apart,
        kinds=tuple(args.kinds),
        seed=args.seed,
        held_out=args.frozen,
    )
    if args.frozen:
        tasks = [(i, kind) for i, kind in enumerate(k for k in FROZEN_KINDS for _ in range(FROZEN_EACH))]
        begin = functools.partial(begin_frozen, spec)
        print(write_frozen(spec.out, lambda: list(map_in_processes(begin, tasks, workers=args.workers, chunksize=4))))
        return
    draw = functools.partial(begin_drawing, spec)
    write_groups(args, functools.partial(group_writer, draw, spec.out, GROUP_SIZE, spec.seed))


if __name__ == "__main__":
    main()
