"""Tables of pages and of pictures of single tables, found and read by ourselves, against their true cells.

`python benchmarks/tables.py --pages FOLDER --tables FOLDER`: both hold data.jsonl; `text` is a JSON list of tables with
`cells` (row, col, rowspan, colspan, text) in the first, HTML of one table in the second. Prints F1 of the relations of
neighbouring cells a page, and TEDS, structure alone and with text, a table.
"""

import argparse
import json
import re
import time
from pathlib import Path

import numpy as np

import ocr2
from ocr2.metrics.tables import RelationCounts, count_relations, teds
from ocr2.results.table import Table, TableCell

STYLES = re.compile(r"</?(?:[bi]|su[bp])>")


def true_tables(text: str) -> list[Table]:
    """Return the tables of a page of the ICDAR 2013 competition."""
    return [
        Table(tuple(TableCell(c["row"], c["col"], c["text"], c["rowspan"], c["colspan"]) for c in table["cells"]))
        for table in json.loads(text)
    ]


def rows_of(folder: Path) -> list[dict[str, str]]:
    """Return the rows of a set."""
    return [json.loads(line) for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines()]


def score_pages(engine: ocr2.Engine, folder: Path, *, quiet: bool) -> None:
    """Print precision, recall and F1 of relations: of each page, their mean, and over all relations."""
    counts = []
    started = time.perf_counter()
    for row in rows_of(folder):
        found = engine.read(str(folder / row["image"])).tables()
        count = count_relations(found, true_tables(row["text"]))
        counts.append(count)
        if not quiet:
            told = f"P {count.precision:.3f} R {count.recall:.3f} F1 {count.f1:.3f}"
            print(f"{Path(row['image']).stem:<24} {told} {len(found)} tables", flush=True)
    seconds = (time.perf_counter() - started) / len(counts)
    whole = RelationCounts(*(sum(getattr(c, name) for c in counts) for name in ("found", "answers", "truths")))
    mean = float(np.mean([count.f1 for count in counts]))
    told = f"mean F1 {mean:.3f}, all relations P {whole.precision:.3f} R {whole.recall:.3f} F1 {whole.f1:.3f}"
    print(f"{folder.name}: {told}, {seconds:.2f} s a page, {len(counts)} pages")


def score_tables(engine: ocr2.Engine, folder: Path, *, quiet: bool) -> None:
    """Print TEDS of the largest table found in each picture, and the means."""
    scores = []
    for row in rows_of(folder):
        found = engine.read(str(folder / row["image"])).tables()
        largest = max(found, key=lambda table: len(table.cells), default=Table(()))
        html, truth = largest.to_html(), STYLES.sub("", row["text"])
        scores.append((teds(html, truth, structure_only=True), teds(html, truth)))
        if not quiet:
            print(
                f"{Path(row['image']).stem:<24} TEDS structure {scores[-1][0]:.3f} text {scores[-1][1]:.3f}", flush=True
            )
    structure, text = np.mean(scores, axis=0)
    print(f"{folder.name}: TEDS structure {structure:.3f} text {text:.3f}, {len(scores)} tables")


def main() -> None:
    """Print a row a page or table, and means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--weights", type=Path, help="of got-nano, instead of the shipped ones")
    parser.add_argument("--quiet", action="store_true", help="means alone")
    args = parser.parse_args()
    engine = ocr2.load("got-nano", device="cpu", weights=args.weights)
    if args.pages is not None:
        score_pages(engine, args.pages, quiet=args.quiet)
    if args.tables is not None:
        score_tables(engine, args.tables, quiet=args.quiet)


if __name__ == "__main__":
    main()
