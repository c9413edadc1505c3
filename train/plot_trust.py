"""Fit how likely the values that geometry reads of a chart are all right; prints the model of `reading.charts.plots`.

    python -m ocr2.synth.charts.libraries.pool PDFS --corpus FILE --scripts FOLDER --seeds 3 4
    python -m ocr2.train.plot_trust PDFS

Charts are read as users' are, their text found and read; right is a chart all of whose cells are there, under their own
label and series, and no others (`NEAR` is how near).
"""

import argparse
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from ocr2.charts.numbers import read_number
from ocr2.charts.plot.read import read_plot
from ocr2.models.protocols import ChartReader, LineReader
from ocr2.models.registry import load_chart_reader, load_line_reader
from ocr2.models.spec import TEXT_IN_CHARTS
from ocr2.reading.charts.find_text import find_chart_text
from ocr2.reading.charts.plots import trust_features
from ocr2.synth.charts.libraries.frozen import LIBRARIES, charts_of
from ocr2.train.chart_trust import fit_trust

logger = logging.getLogger(__name__)

NEAR = 0.05  # share of a value, by which what was read may differ
SPARE = 0.02  # share of the largest value, by which it may differ as well: small values are small marks


def rows_of(
    pdfs: Path, reader: ChartReader, text_reader: LineReader, *, most: int
) -> Iterator[tuple[list[float], bool]]:
    """Yield the features of charts, and whether all values were right; `most` of each library."""
    for library in LIBRARIES:
        for sample, _ in zip(charts_of(pdfs, library), range(most), strict=False):
            texts = find_chart_text(sample.pixels, text_reader)
            plot = read_plot(sample.pixels, texts or [])
            if plot is None or not plot.series:
                continue
            (reading,) = reader.read_charts([sample.pixels], [texts or []])
            values = [(s.name, v.label, v.value) for s in plot.series for v in s.values]
            yield trust_features(plot, reading), is_right(sample.record["answer"]["values"], values)


def is_right(truth: Mapping[str, str | Mapping[str, str]], values: list[tuple[str | None, str, float]]) -> bool:
    """Say whether values, with series and label, are those of a table, and no others."""
    cells: dict[tuple[str, str], float] = {}
    for name, value in truth.items():
        inner = value.items() if isinstance(value, Mapping) else [(None, value)]
        for label, printed in inner:
            number = read_number(str(printed)).value
            if number is not None:
                key = (name, label) if label is not None else ("", name)
                cells[_plain(key[0]), _plain(key[1])] = number
    single = len({series for series, _ in cells}) == 1 and len({series for series, _, _ in values}) == 1
    if len(values) != len(cells):
        return False
    spare = SPARE * max(map(abs, cells.values()), default=0.0)
    found = {("" if single else _plain(s or ""), _plain(label)): value for s, label, value in values}
    wanted = {("" if single else s, label): value for (s, label), value in cells.items()}
    return found.keys() == wanted.keys() and all(
        abs(found[key] - value) <= max(NEAR * abs(value), spare) for key, value in wanted.items()
    )


def _plain(text: str) -> str:
    number = read_number(text).value
    return f"#{number:g}" if number is not None else "".join(text.lower().replace("\u2212", "-").split())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pdfs", type=Path)
    parser.add_argument("--most", type=int, default=60, help="charts of each library")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    reader, text_reader = load_chart_reader("onechart-nano"), load_line_reader(TEXT_IN_CHARTS)
    rows = list(rows_of(args.pdfs, reader, text_reader, most=args.most))
    logger.info("%d charts, %d right: %s", len(rows), sum(good for _, good in rows), fit_trust(rows))


if __name__ == "__main__":
    main()
