"""Page dependence of the answers of records: measured, and shown as a table, as JSON, and as one line a record."""

import json
from collections.abc import Sequence
from pathlib import Path

from ocr2.cli.failures import say
from ocr2.engine import Engine
from ocr2.errors import DocumentError, OCR2Error
from ocr2.got.records import Record, read_records
from ocr2.models.registry import find_multi_page
from ocr2.options import LoadOptions
from ocr2.results.page_dependence import PageDependence

TELL_EVERY = 20  # records
ROWS = {
    "control": "no picture",
    "least": "best page alone",
    "greatest": "worst page alone",
    "several_pages": "several pages (%)",
}


def measure_file(
    data: Path, model: str, loading: LoadOptions, *, images: Path | None, limit: int | None, margin: float, quiet: bool
) -> list[PageDependence]:
    """Measure the first records of a file.

    Args:
        data: The file.
        model: Name of a model that reads several pages as one text.
        loading: How it is loaded.
        images: Folder that relative image paths start from; the file's own by default.
        limit: Number of records; None for all.
        margin: Nats above which a token counts as dependent.
        quiet: Say nothing of the progress.

    Raises:
        DocumentError: If the file holds no records, or one cannot be measured; its number, from 1, is named.
        ModelError: If there is no such model, or it cannot do that.
    """
    name = find_multi_page(model).name
    records = read_records(data, images=images)[:limit]
    results: list[PageDependence] = []
    with Engine(loading, name=name) as engine:
        for number, record in enumerate(records, start=1):
            try:
                results.append(_measure(record, engine, margin))
            except (OCR2Error, ValueError) as error:
                raise DocumentError(f"record {number} of {data}: {error}") from error
            if not quiet and (number == len(records) or number % TELL_EVERY == 0):
                say(f"{number} of {len(records)}")
    return results


def _measure(record: Record, engine: Engine, margin: float) -> PageDependence:
    """Measure the first answer of a record behind its own question; every image is a page."""
    turn = record.turns[0]
    return engine.page_dependence(list(record.images), turn.answer, question=turn.query, margin=margin)


def mean_dependence(results: Sequence[PageDependence]) -> dict[str, float]:
    """Return means over records, by the names of `DependenceSummary`."""
    summaries = [result.summary for result in results]
    return {
        "control": sum(s.control for s in summaries) / len(summaries),
        "least": sum(s.least for s in summaries) / len(summaries),
        "greatest": sum(s.greatest for s in summaries) / len(summaries),
        "several_pages": sum(s.several_pages for s in summaries) / len(summaries),
    }


def dependence_to_table(results: Sequence[PageDependence]) -> str:
    """Return one row a mean."""
    width = max(map(len, ROWS.values()))
    means = mean_dependence(results)
    means["several_pages"] *= 100
    lines = [f"{title.ljust(width)}  {means[key]:9.4f}" for key, title in ROWS.items()]
    return "\n".join([*lines, f"{'records'.ljust(width)}  {len(results):9d}"]) + "\n"


def dependence_to_json(results: Sequence[PageDependence]) -> str:
    """Return everything but the single records."""
    means = {key: round(value, 6) for key, value in mean_dependence(results).items()}
    content = {"records": len(results), "model": results[0].model, "margin": results[0].margin, **means}
    return json.dumps(content, indent=1) + "\n"


def dependence_to_lines(results: Sequence[PageDependence]) -> str:
    """Return JSONL, one record a line, in the order of the file."""
    return "".join(json.dumps(result.to_dict(), ensure_ascii=False) + "\n" for result in results)
