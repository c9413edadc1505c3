"""vary-nano on the frozen pages, or on other pages in their form.

    PYTHONPATH=. python benchmarks/layouts.py --val runs/layouts-val [--every 1] [--weights FILE] [--by-layout]
    PYTHONPATH=. python benchmarks/layouts.py --data DIR [--weights FILE]

F1, precision and recall of regions of the right kind that overlap by 0.5 and by 0.75 (intersection over union), and the
share of pairs of found regions in the right order; percent. The last line is the time of a page.

With `--data`, real pictures of one thing each (SETS, below DIR): how many have as their largest region one of the right
kind that overlaps the ink's box by half.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ocr2.metrics.answers import box_match
from ocr2.metrics.regions import RegionCounts, count_regions
from ocr2.models.protocols import RegionDetector
from ocr2.models.registry import load_detector
from ocr2.options import LoadOptions
from ocr2.synth.groups import decode_gray, read_group
from ocr2.vary.nano.snap import page_mask

HEAD = ("regions", "F1 .5", "precision", "recall", "F1 .75", "order")


SETS = {
    "chart_vegalite": "chart", "geometry_geo3k": "geometry", "molecule_patents": "molecule", "music_mozart": "score",
    "table_pubtabnet": "table", "formula_im2latex": "formula",
}  # fmt: skip


def score_pictures(detector: RegionDetector, data: Path) -> None:
    """Print how many real pictures of one thing are found to be that."""
    for name, kind in SETS.items():
        paths = sorted((data / name / "images").iterdir())
        found: Counter[str] = Counter()
        whole = 0
        for path in paths:
            gray = np.asarray(Image.open(path).convert("L"), np.uint8)
            regions = detector.find_regions([gray])[0].regions
            if not regions:
                found["nothing"] += 1
                continue
            largest = max(regions, key=lambda r: r.box.width * r.box.height)
            found[largest.kind] += 1
            rows, columns = (np.flatnonzero(page_mask(gray).any(axis=axis)) for axis in (1, 0))
            ink = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1] if len(rows) else [0, 0, 1, 1]
            overlaps_ink = box_match([float(v) for v in ink], [float(v) for v in largest.box.as_list()])
            whole += largest.kind == kind and overlaps_ink
        told = ", ".join(f"{k} {n}" for k, n in found.most_common())
        print(f"{name.ljust(20)}{whole} of {len(paths)} are a {kind} as a whole; largest regions: {told}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--val", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--by-layout", action="store_true")
    args = parser.parse_args()
    detector = load_detector("vary-nano", LoadOptions(weights=args.weights))
    assert isinstance(detector, RegionDetector)
    if args.data is not None:
        score_pictures(detector, args.data)
    if args.val is not None:
        score_pages(detector, read_group(args.val / "frozen.npz")[:: args.every], by_layout=args.by_layout)


def score_pages(detector: RegionDetector, pages: Sequence[Any], *, by_layout: bool) -> None:
    """Print the scores of frozen pages."""
    half: dict[str, RegionCounts] = defaultdict(RegionCounts)
    strict: dict[str, RegionCounts] = defaultdict(RegionCounts)
    seconds = 0.0
    for png, record in pages:
        gray = decode_gray(png)
        started = time.perf_counter()
        regions = detector.find_regions([gray])[0].regions
        seconds += time.perf_counter() - started
        answers = [(r.kind, (float(r.box.left), r.box.top, r.box.right, r.box.bottom)) for r in regions]
        truths = [(kind, tuple(box)) for kind, *box in record["regions"]]
        for counts, overlap in ((half, 0.5), (strict, 0.75)):
            found = count_regions(answers, truths, overlap=overlap)
            counts["all"] += found.total
            for kind, part in found.by_kind.items():
                counts[kind] += part
            if by_layout:
                counts[f"({record['layout']})"] += found.total
    print(f"{len(pages)} pages, {detector.name} {detector.weights_sha256[:12]}")
    print_row("", HEAD)
    for name, one in half.items():
        shares = [one.f1, one.precision, one.recall, strict[name].f1]
        order = f"{100 * one.order:.1f}" if one.pairs else "-"
        print_row(name, (str(one.truths), *(f"{100 * v:.1f}" for v in shares), order))
    print(f"{seconds / len(pages):.2f} s a page")


def print_row(name: str, cells: tuple[str, ...]) -> None:
    """Print a row of the table."""
    print(name.ljust(14) + "".join(cell.rjust(11) for cell in cells))


if __name__ == "__main__":
    main()
