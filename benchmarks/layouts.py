"""vary-nano on the frozen pages, or on other pages in their form.

    PYTHONPATH=. python benchmarks/layouts.py --val runs/layouts-val [--every 1] [--weights FILE] [--by-layout]

F1, precision and recall of regions of the right kind that overlap by 0.5 and by 0.75 (intersection over union), and the
share of pairs of found regions in the right order; percent. The last line is the time of a page.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path

from ocr2.metrics.regions import RegionCounts, count_regions
from ocr2.reader import Detector
from ocr2.registry import load_detector
from ocr2.synth.charts.pool import read_group
from ocr2.synth.geometry.pool import decode_gray

HEAD = ("regions", "F1 .5", "precision", "recall", "F1 .75", "order")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--by-layout", action="store_true")
    args = parser.parse_args()
    pages = read_group(args.val / "frozen.npz")[:: args.every]
    detector = load_detector("vary-nano", weights=args.weights)
    assert isinstance(detector, Detector)
    half: dict[str, RegionCounts] = defaultdict(RegionCounts)
    strict: dict[str, RegionCounts] = defaultdict(RegionCounts)
    seconds = 0.0
    for png, record in pages:
        gray = decode_gray(png)
        started = time.perf_counter()
        (regions,) = detector.detect_pages([gray])
        seconds += time.perf_counter() - started
        answers = [(r.kind, (float(r.box.left), r.box.top, r.box.right, r.box.bottom)) for r in regions]
        truths = [(kind, tuple(box)) for kind, *box in record["regions"]]
        for counts, overlap in ((half, 0.5), (strict, 0.75)):
            found = count_regions(answers, truths, overlap=overlap)
            counts["all"] += found.total
            for kind, part in found.by_kind.items():
                counts[kind] += part
            if args.by_layout:
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
