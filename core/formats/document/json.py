"""JSON with everything a document holds; docs/json.md describes it."""

import json
from collections.abc import Mapping
from typing import cast

from ocr2.formats.chart.json import chart_to_dict
from ocr2.formats.document.from_json import DocumentFields, read_document_dict
from ocr2.formats.figure.json import trace_to_dict
from ocr2.markup.notation import describe
from ocr2.results.document import MARKUP_KINDS, SCHEMA_VERSION, Block, Document, Line, Page, Word
from ocr2.results.grade import Grade
from ocr2.results.page_picture import PagePicture
from ocr2.results.table import Table


def document_to_json(document: Document) -> str:
    """Return the document as indented JSON with a final line end."""
    return json.dumps(document_to_dict(document), ensure_ascii=False, indent=1) + "\n"


def document_to_dict(document: Document) -> dict[str, object]:
    """Return the document as plain dicts and lists."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": document.source,
        "model": document.model,
        "weights_sha256": document.weights_sha256,
        "grade": grade_to_dict(document.grade) | {"worst_page": document.grade.worst_page},
        "language": document.language,
        "warnings": list(document.warnings),
        "pages": [page_to_dict(page) for page in document.pages],
    }


def document_from_dict(content: Mapping[str, object]) -> Document:
    """Return the document that `document_to_dict` gave.

    Raises:
        ValueError: If it describes none, or one of another major version of the schema.
    """
    version = str(content.get("schema_version", "")) if isinstance(content, Mapping) else ""
    if version.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
        told = f"version {version} of the schema" if version else "no schema_version"
        raise ValueError(f"a document of version {SCHEMA_VERSION} was expected, got {told}")
    try:
        return read_document_dict(cast("DocumentFields", content))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"no document: {type(error).__name__}: {error}") from error


def page_to_dict(page: Page) -> dict[str, object]:
    """Return one page; each begins a new page of the document."""
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "rotation": page.rotation,
        "skew": page.skew,
        "confidence": _probability(page.confidence),
        "grade": grade_to_dict(page.grade),
        "draft_agreement": _probability(page.draft_agreement),
        "seconds": {stage: round(value, 4) for stage, value in page.seconds.items()},
        "warnings": list(page.warnings),
        "error": page.error,
        "blocks": [_block(block, order) for order, block in enumerate(page.blocks, start=1)],
    }


def grade_to_dict(grade: Grade) -> dict[str, object]:
    """Return how far to trust a text."""
    return {
        "verdict": grade.verdict,
        "mean": _probability(grade.mean),
        "words": grade.words,
        "doubtful": grade.doubtful,
    }


def _block(block: Block, order: int) -> dict[str, object]:
    content: dict[str, object] = {
        "order": order,
        "kind": block.kind,
        "level": block.level,
        "text": block.text,
        "box": block.box.as_list() if block.box is not None else None,
        "confidence": _probability(block.confidence),
        "lines": [_line(line) for line in block.lines],
    }
    if block.part is not None:
        content["part"] = part_to_dict(block.part)
    if block.table is not None:
        content["table"] = table_to_dict(block.table)
    if block.kind in MARKUP_KINDS:
        found = describe(block.text)
        content["notation"] = {"kind": found.kind, "valid": found.valid, "reason": found.reason}
    return content


def table_to_dict(table: Table) -> dict[str, object]:
    """Return the cells of a table."""
    return {
        "rows": table.row_count,
        "columns": table.column_count,
        "header_rows": table.header_rows,
        "continued": table.continued,
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "rows": cell.rows,
                "columns": cell.columns,
                "text": cell.text,
                "box": cell.box.as_list() if cell.box is not None else None,
                "confidence": _probability(cell.confidence),
            }
            for cell in table.cells
        ],
    }


def part_to_dict(part: PagePicture) -> dict[str, object]:
    """Return what was cut out of a page, but for its pixels."""
    return {
        "name": part.name,
        "box": part.box.as_list(),
        "chart": chart_to_dict(part.chart) if part.chart is not None else None,
        "trace": trace_to_dict(part.trace) if part.trace is not None else None,
        "error": part.error,
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "text": line.text,
        "box": line.box.as_list(),
        "confidence": _probability(line.confidence),
        "words": [_word(word) for word in line.words],
    }


def _word(word: Word) -> dict[str, object]:
    return {"text": word.text, "box": word.box.as_list(), "confidence": _probability(word.confidence)}


def _probability(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
