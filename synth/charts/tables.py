"""Real tables for charts: CSV files that come with Python packages, cut to a label column and numeric ones.

Packages (all optional, of the extra "synth"): statsmodels, vega_datasets, scikit-learn, plotly, and pydataset, whose
archive is opened without importing it. A share of the files, chosen by a hash of their name, is held out.
"""

import csv
import gzip
import hashlib
import importlib.util
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("statsmodels", "vega_datasets", "sklearn", "plotly", "pydataset")
HELD_OUT_SHARE = 0.15
MAX_ROWS = 60
MIN_ROWS = 3


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    source: str  # file name
    labels: tuple[str, ...]
    names: tuple[str, ...]  # names of the columns
    columns: tuple[tuple[float, ...], ...]


def load_tables(*, held_out: bool) -> list[Table]:
    """Read all tables of a split that the installed packages have."""
    tables = []
    for name, text in sorted(_files()):
        chosen = hashlib.sha256(name.encode()).digest()[0] < 256 * HELD_OUT_SHARE
        table = parse_table(name, text) if chosen == held_out else None
        if table is not None:
            tables.append(table)
    return tables


def parse_table(name: str, text: str) -> Table | None:
    """Cut a CSV file to the columns that a chart can show; None if it has none."""
    rows = [row for row in csv.reader(text.splitlines()[: 2 * MAX_ROWS]) if row][: MAX_ROWS + 1]
    if len(rows) <= MIN_ROWS or len(rows[0]) < 2:
        return None
    header, body = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    columns = [[row[i].strip() for row in body] for i in range(len(header))]
    numeric = [i for i, column in enumerate(columns) if _numbers(column) is not None]
    texts = [i for i, column in enumerate(columns) if i not in numeric or _looks_like_years(column)]
    labels = next((columns[i] for i in texts if len(set(columns[i])) == len(columns[i]) and all(columns[i])), None)
    values = [i for i in numeric if i not in texts and header[i].strip()]
    if labels is None or len(labels) < MIN_ROWS or not values or max(map(len, labels)) > 34:
        return None
    found = [_numbers(columns[i]) for i in values]
    return Table(name, tuple(labels), tuple(header[i].strip()[:30] for i in values), tuple(c for c in found if c))


def _numbers(column: list[str]) -> tuple[float, ...] | None:
    try:
        values = tuple(float(cell) for cell in column)
    except ValueError:
        return None
    return values if all(abs(v) < 1e12 for v in values) and any(values) else None  # no comparison holds for NaN


def _looks_like_years(column: list[str]) -> bool:
    return all(len(cell) == 4 and cell.isdigit() and 1700 <= int(cell) <= 2100 for cell in column)


def _files() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            continue
        folder = Path(next(iter(spec.submodule_search_locations)))
        for path in sorted(folder.rglob("*.csv")):
            yield f"{package}/{path.name}", path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.rglob("*.csv.gz")):
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
                yield f"{package}/{path.name}", file.read()
        for path in sorted(folder.rglob("resources.tar.gz")):
            yield from _archived(package, path)


def _archived(package: str, path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".csv") else None
            if file is not None:
                yield f"{package}/{Path(member.name).name}", file.read().decode("utf-8", errors="replace")
