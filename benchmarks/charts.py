"""onechart-nano on charts: the frozen synthetic sets, and real ones with their data.

    PYTHONPATH=. python benchmarks/charts.py --val runs/charts-val [--every 1] [--weights FILE] [--true-text]
    PYTHONPATH=. python benchmarks/charts.py --libraries runs/charts-libraries [--every 1]
    PYTHONPATH=. python benchmarks/charts.py --data DIR --gallery PLOTS [--weights FILE]

Average precision in percent at the strict, slight and high tolerance (docs/eval.md, "Charts"), of charts with and
without printed values apart; how well the reliability parts charts read in full from others. `--true-text` gives
the model the true lines instead of those it finds and got-nano reads. Cells: values under their own label and series to
within 5 %, over all charts. DIR holds chart_vegalite and chart_office (their images and rows),
PLOTS is what benchmarks/gallery.py wrote.
"""

import argparse
import functools
import json
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.chart_cells import CellScores, score_cells
from ocr2.metrics.chart_records import ChartPair
from ocr2.metrics.charts import ChartScores, score_charts
from ocr2.models.protocols import ChartReader, LineReader, TextBox
from ocr2.models.registry import load_chart_reader, load_line_reader
from ocr2.models.spec import TEXT_IN_CHARTS
from ocr2.options import ChartOptions, LoadOptions
from ocr2.reading.charts.read import read_charts
from ocr2.synth.charts.targets import lines_of
from ocr2.synth.groups import decode, read_group

NONE = CellScores(0, 0, 0)


@functools.cache
def load_text_reader() -> LineReader:
    """Return the model that reads text in charts."""
    return load_line_reader(TEXT_IN_CHARTS)


@dataclass(frozen=True, slots=True)
class Sample:
    """A chart and what it shows."""

    name: str
    part: str  # the table's row
    kind: str
    picture: NDArray[np.uint8]
    truth: dict[str, Any]
    writing: list[TextBox] | None = None


def frozen_samples(folder: Path, every: int) -> Iterator[Sample]:
    """Yield the frozen charts."""
    for i, (png, record) in enumerate(read_group(folder / "frozen.npz")):
        if i % every == 0:
            part = "printed" if record["printed"] else "silent"
            lines = [line.text for line in lines_of(record)]
            yield Sample(f"{i:04} {record['kind']}", part, record["kind"], decode(png), record["answer"], lines)


def vegalite_samples(folder: Path) -> Iterator[Sample]:
    """Yield the charts of the Vega-Lite gallery, their rows brought into our form."""
    for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        truth = map_rows(json.loads(row["text"]))
        yield Sample(Path(row["image"]).stem, "vegalite", "", _picture(folder / row["image"]), truth)


def office_samples(folder: Path) -> Iterator[Sample]:
    """Yield charts of Excel and pandas."""
    for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        values = json.loads(row["text"])["values"]
        truth = {"title": "None", "values": values.get("", values)}
        yield Sample(Path(row["image"]).stem, "office", "", _picture(folder / row["image"]), truth)


def library_samples(folder: Path, every: int) -> Iterator[Sample]:
    """Yield the frozen charts in default looks of libraries."""
    for i, (png, record) in enumerate(read_group(folder / "frozen.npz")):
        if i % every == 0:
            yield Sample(f"{i:04} {record['library']}", "libraries", record["library"], decode(png), record["answer"])


def _picture(path: Path) -> NDArray[np.uint8]:
    image = Image.open(path).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"), np.uint8)


def gallery_samples(folder: Path) -> Iterator[Sample]:
    """Yield the plots of gallery scripts."""
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        picture = np.asarray(Image.open(folder / record["images"]).convert("RGB"), np.uint8)
        yield Sample(path.stem, "gallery", "", picture, record["gts"])


def map_rows(spec: dict[str, Any]) -> dict[str, Any]:
    """Bring rows of a Vega-Lite chart into our form: series by colour, labels by the other axis.

    Examples:
        >>> map_rows({"title": None, "channels": {"x": "a", "y": "b"}, "values": [{"a": "A", "b": 3}]})["values"]
        {'A': '3'}
    """
    channels = spec["channels"]
    value = channels.get("theta") or channels.get("y") or channels.get("x")
    label = channels.get("x") if channels.get("y") == value else channels.get("y")
    group = channels.get("color")
    if "theta" in channels:
        label, group = group, None
    rows = spec["values"]
    if label is not None and all(isinstance(r.get(label), int | float) for r in rows) and not _is_number(rows, value):
        label, value = value, label
    values: dict[str, Any] = {}
    for i, row in enumerate(rows):
        if row.get(value) is None:
            continue
        place = values.setdefault(str(row[group]), {}) if group is not None and group != label else values
        name = str(row[label]) if label is not None and label != value else str(i + 1)
        while name in place:
            name += " "
        place[name] = str(row[value])
    return {"title": spec.get("title") or "None", "values": values}


def _is_number(rows: list[dict[str, Any]], name: str) -> bool:
    return all(isinstance(r.get(name), int | float | None) for r in rows)


def read_sample(sample: Sample, reader: ChartReader, *, true_writing: bool) -> ChartPair:
    """Read a chart and put the answer beside the truth."""
    if true_writing and sample.writing is not None:
        (reading,) = reader.read_charts([sample.picture], [sample.writing])
        answer = json.loads(reading.answer)
        return ChartPair(sample.name, sample.truth, answer if answer["values"] else None)
    (chart,) = read_charts(sample.picture, reader, ChartOptions(), text_reader=load_text_reader)
    found = chart.to_dict()
    return ChartPair(sample.name, sample.truth, found if found["values"] else None, trust=chart.reliability.score)


def show(part: str, scores: ChartScores) -> str:
    """Return one row of the table."""
    points = [100 * scores.average_precision(level) for level in ("strict", "slight", "high")]
    auroc = scores.trust_auroc
    trust = f"{auroc:.3f}" if auroc is not None else "-"
    counts = sum((score_cells(p.truth["values"], (p.answer or {}).get("values")) for p in scores.pairs), NONE)
    cells = [f"{p:5.1f}" for p in points] + [f"{100 * scores.structure_accuracy:5.1f}", trust]
    cells += [f"{counts.recall:.3f}", f"{counts.precision:.3f}"]
    return f"| {part:14} | {len(scores.pairs):5} | " + " | ".join(cells) + " |"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--val", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--gallery", type=Path)
    parser.add_argument("--libraries", type=Path, help="folder of the frozen set of libraries")
    parser.add_argument(
        "--every",
        type=int,
        default=1,
        help="one frozen chart in so many; an odd number, as every other one has printed values",
    )
    parser.add_argument("--weights", type=Path, help="instead of the shipped ones")
    parser.add_argument("--true-writing", action="store_true")
    parser.add_argument("--by-kind", action="store_true", help="a row for each kind of the frozen charts")
    parser.add_argument("--show", action="store_true", help="print truth and answer of every chart")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    reader = load_chart_reader("onechart-nano", LoadOptions(weights=args.weights))
    parts: dict[str, list[ChartPair]] = defaultdict(list)
    samples: list[Iterator[Sample]] = []
    if args.val is not None:
        samples.append(frozen_samples(args.val, args.every))
    if args.data is not None:
        samples += [vegalite_samples(args.data / "chart_vegalite"), office_samples(args.data / "chart_office")]
    if args.libraries is not None:
        samples.append(library_samples(args.libraries, args.every))
    if args.gallery is not None:
        samples.append(gallery_samples(args.gallery))
    for source in samples:
        for sample in source:
            pair = read_sample(sample, reader, true_writing=args.true_writing)
            parts[f"{sample.part} {sample.kind}" if args.by_kind else sample.part].append(pair)
            if args.show:
                print(sample.name, json.dumps(pair.truth["values"])[:300], json.dumps(pair.answer)[:400], sep="\n  ")
    print("| set        | charts | strict | slight | high | structure | AUROC | cells: recall | precision |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for part, pairs in parts.items():
        print(show(part, score_charts(pairs)))


if __name__ == "__main__":
    main()
