"""Charts of kinds that are not read: named right, named otherwise, not noticed; and readable charts that are refused.

    PYTHONPATH=. python benchmarks/chart_kinds.py --packages FOLDER --pool runs/charts-dev-pdf --data DIR

Unread charts are drawn afresh: by Plotly, of which nothing was trained on, and by Matplotlib with another seed.
Readable ones are the held-out pool's, Matplotlib's, and the real ones of DIR; its other folders hold no charts. Two
thresholds: where a chart's values are probably right (`SURE`), and elsewhere (`LIKELY`).
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ocr2.charts.kinds import UNREAD_KINDS
from ocr2.models.registry import load_chart_reader
from ocr2.onechart.nano.chart_kinds import load_classifier
from ocr2.onechart.nano.reader import NanoChartReader
from ocr2.reading.charts.unread import LIKELY, SURE
from ocr2.synth.charts.unread.pages import NO_CHART, READABLE, KindSample, draw_with_library
from ocr2.train.chart_kinds import HELD_OUT, features_of, matplotlib_samples, pool_samples, seeded

SEED = 1_000_003  # of nothing that was trained on
CHARTS = ("chart_office", "chart_vegalite")  # folders of real readable charts
EMPTY = (
    "photo_pages", "receipt_sroie", "page_tesseract", "geometry_geo3k", "molecule_patents", "music_mozart",
    "formula_im2latex", "table_pubtabnet",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What the classifier says of a picture."""

    kind: str
    source: str
    name: str  # the most probable unread kind
    probability: float  # that it is of any


def real_samples(data: Path, each: int) -> Iterator[KindSample]:
    """Yield real charts, and at most `each` pictures without a chart of every folder."""
    for folder in (*CHARTS, *EMPTY):
        rows = (data / folder / "data.jsonl").read_text(encoding="utf-8").splitlines()
        for row in rows if folder in CHARTS else rows[:: max(1, len(rows) // each)][:each]:
            image = Image.open(data / folder / json.loads(row)["image"]).convert("RGBA")
            white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
            yield KindSample(np.asarray(white, np.uint8), READABLE if folder in CHARTS else NO_CHART, folder)


def classify(samples: Iterable[KindSample], reader: NanoChartReader) -> list[Row]:
    """Return what the classifier says of pictures."""
    classifier = load_classifier()
    cells, known = features_of(samples, reader)
    shares = classifier.probabilities(cells.astype(np.float32))
    unread = [i for i, name in enumerate(classifier.names) if name in UNREAD_KINDS]
    names = [classifier.names[unread[i]] for i in shares[:, unread].argmax(axis=1)]
    totals = shares[:, unread].sum(axis=1).tolist()
    return [Row(s.kind, s.source, n, p) for s, n, p in zip(known, names, totals, strict=True)]


def show(rows: Iterable[Row]) -> None:
    """Print a row for each source and kind."""
    parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        parts[row.source, row.kind].append(row)
        if row.kind in UNREAD_KINDS:
            parts[row.source, "all"].append(row)
    thresholds = (LIKELY, SURE)
    heads = [f"p ≥ {threshold:g}: right | otherwise | not refused" for threshold in thresholds]
    print(f"| drawn by | kind | charts | {' | '.join(heads)} |\n|{' --- |' * 9}")
    for (source, kind), part in parts.items():
        cells = [source, kind, str(len(part))]
        for threshold in thresholds:
            named = [row for row in part if row.probability >= threshold]
            right = sum(row.name == row.kind for row in named)
            cells += [str(right), str(len(named) - right), str(len(part) - len(named))]
        print(f"| {' | '.join(cells)} |")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, help="folder of unpacked npm packages: Plotly")
    parser.add_argument("--pool", type=Path, help="folder of PDFs with readable charts")
    parser.add_argument("--data", type=Path, help="folder of real pictures")
    parser.add_argument("--each", type=int, default=20, help="charts of a kind, pictures of a folder")
    args = parser.parse_args()
    reader = load_chart_reader("onechart-nano")
    assert isinstance(reader, NanoChartReader)
    rows: list[Row] = []
    if args.packages is not None:
        rows += classify(draw_with_library(HELD_OUT, args.packages, args.each, seeded(HELD_OUT, SEED)), reader)
    rows += classify(matplotlib_samples(args.each // 2, 10 * args.each, SEED), reader)
    if args.pool is not None:
        rows += classify(pool_samples(args.pool), reader)
    if args.data is not None:
        rows += classify(real_samples(args.data, args.each), reader)
    show(rows)


if __name__ == "__main__":
    main()
