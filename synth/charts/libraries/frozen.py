"""The frozen charts in the default looks of eight libraries, out of the PDFs of `ocr2.synth.charts.libraries.pool`.

`python -m ocr2.synth.charts.libraries.frozen OUT --pdfs FOLDER` takes the first 125 charts of each library that can be
read, at the size at which the library draws them: text inside the picture, no overlapping lines, no missing names.
Names and tables are those of the validation split.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from ocr2.synth.charts.content import ROUND, Arrangement, Content, Kind, NumberStyle, SeriesContent
from ocr2.synth.charts.engine import answer_of
from ocr2.synth.charts.records import ChartAnswer
from ocr2.synth.groups import write_frozen
from ocr2.synth.text_lines.pdf import PageLine, page_lines

LIBRARIES = ("matplotlib", "seaborn", "ggplot2", "office", "plotly", "echarts", "chartjs", "vega-lite")
EACH = 125
DPI = 96.0  # resolution of browsers and office programs
MAX_OVERLAP = 0.25  # of two lines, as a fraction of the smaller one
MIN_NAMED = 0.6  # fraction of the labels that the page must show
# Kinds that a library draws as another one, or in another order of parts.
OTHERWISE = {("office", "area"), ("seaborn", "pie"), ("seaborn", "donut"), ("seaborn", "area")}
APART = 0.6  # em between words of a line


class LibraryRecord(TypedDict):
    """The record of a chart that a library drew."""

    library: str
    kind: Kind
    answer: ChartAnswer
    texts: list[str]


class _NumberRow(TypedDict):
    decimals: int
    thousands: str
    prefix: str
    suffix: str


class _SeriesRow(TypedDict):
    name: str | None
    values: list[float | None]
    line: bool
    second_axis: bool


class ContentRow(TypedDict):
    """A `Content` as a line of JSON holds it."""

    kind: Kind
    arrangement: Arrangement
    labels: list[str]
    places: list[float] | None
    series: list[_SeriesRow]
    numbers: _NumberRow
    second_numbers: None  # `ocr2.synth.charts.libraries.content` draws charts with one value axis
    title: str | None
    source: str | None
    x_title: str | None
    y_title: str | None
    second_title: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A chart and its record."""

    pixels: NDArray[np.uint8]
    record: LibraryRecord


def content_of(row: ContentRow) -> Content:
    """Return the content that a line of a pool's records holds."""
    return Content(
        kind=row["kind"],
        arrangement=row["arrangement"],
        labels=tuple(row["labels"]),
        places=tuple(row["places"]) if row["places"] is not None else None,
        series=tuple(
            SeriesContent(s["name"], tuple(s["values"]), line=s["line"], second_axis=s["second_axis"])
            for s in row["series"]
        ),
        numbers=NumberStyle(**row["numbers"]),
        title=row["title"],
        source=row["source"],
        x_title=row["x_title"],
        y_title=row["y_title"],
        second_title=row["second_title"],
    )


def readable(content: Content, lines: list[PageLine], size: tuple[float, float]) -> bool:
    """Say whether a person could read a chart by the text of its page."""
    boxes = np.array([line.box for line in lines])
    if len(boxes) < 2 or boxes.min() < -1 or boxes[:, 2].max() > size[0] + 1 or boxes[:, 3].max() > size[1] + 1:
        return False
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    np.fill_diagonal(shared, 0)
    if (shared > MAX_OVERLAP * np.minimum(area[:, None], area[None, :])).any():
        return False
    texts = {"".join(line.text.split()) for line in lines}
    labels = ["".join(label.split()) for label in content.labels]
    names = ["".join((s.name or "").split()) for s in content.series]
    shown = sum(any(label in text for text in texts) for label in labels)
    named = len(names) < 2 or content.kind in ROUND or all(any(name in text for text in texts) for name in names)
    return named and (content.places is not None or shown >= MIN_NAMED * len(labels))


def charts_of(pdfs: Path, library: str) -> Iterator[Sample]:
    """Yield the readable charts of a library, in the order of its files."""
    for path in sorted(pdfs.glob(f"{library}-*.pdf")):
        rows = path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
        pdf = pdfium.PdfDocument(path)
        for page, row in zip(pdf, rows, strict=True):
            content = content_of(json.loads(row))
            lines = page_lines(page, APART)
            drawn = library == "chartjs" or readable(content, lines, page.get_size())
            if drawn and content.kind != "combo" and (library, content.kind) not in OTHERWISE:
                image = page.render(scale=DPI / 72, fill_color=(255, 255, 255, 255)).to_numpy()
                answer = answer_of(content, printed=False)
                texts = [line.text for line in lines]
                record: LibraryRecord = {"library": library, "kind": content.kind, "answer": answer, "texts": texts}
                yield Sample(np.ascontiguousarray(image[..., 2::-1]), record)
        pdf.close()


def draw_all(pdfs: Path) -> list[Sample]:
    """Return the charts of the frozen set.

    Raises:
        RuntimeError: If a library has too few that can be read.
    """
    chosen: list[Sample] = []
    for library in LIBRARIES:
        found = [sample for sample, _ in zip(charts_of(pdfs, library), range(EACH), strict=False)]
        if len(found) < EACH:
            raise RuntimeError(f"{library}: {len(found)} readable charts of {EACH}; draw more seeds")
        chosen += found
    return chosen


def main() -> None:
    """Write the set and print its hash."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pdfs", type=Path, required=True)
    args = parser.parse_args()
    print(write_frozen(args.out, lambda: draw_all(args.pdfs)))


if __name__ == "__main__":
    main()
