"""Scores as a table for people, as JSON, and as one record an item."""

import json
from collections.abc import Iterator, Sequence

from ocr2.metrics.corpus import ERRORS, METRICS, ErrorName, ItemScores, PartScores
from ocr2.metrics.pairs import Pairs

COMPAT_NOTE = "as GOT's scripts: precision and recall in each other's place, BLEU and METEOR with the answer as truth"


def scores_to_table(parts: Sequence[PartScores], pairs: Pairs, *, compat: bool) -> str:
    """Return one row a score, one column a part, and below it what is absent and why."""
    rows = [["", *(part.part for part in parts)], ["items", *(str(len(part.items)) for part in parts)]]
    if compat:
        rows.append(["dropped", *(str(len(part.dropped)) for part in parts)])
    for metric in METRICS:
        rows.append([metric, *(_number(part.mean(metric)) for part in parts)])
    for name in () if compat else ERRORS:
        rows.append([f"{name} (%)", *(_rate(part, name) for part in parts)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_aligned(row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, *_notes(parts, compat=compat)]) + "\n"


def scores_to_json(parts: Sequence[PartScores], pairs: Pairs, *, compat: bool) -> str:
    """Return everything but the single items; docs/eval.md describes it."""
    content = {
        "mode": "got" if compat else "correct",
        "items": len(pairs.items),
        "missing": list(pairs.missing),
        "unmatched": list(pairs.unmatched),
        "parts": {part.part: _part_to_dict(part) for part in parts},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def scores_to_lines(parts: Sequence[PartScores]) -> str:
    """Return JSONL, one record an item and part."""
    records = (_item_to_dict(item, part) for part in parts for item in part.items)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _part_to_dict(part: PartScores) -> dict[str, object]:
    rates = {name: part.error_rate(name) for name in ERRORS}
    return {
        "items": len(part.items),
        "dropped": list(part.dropped),
        "without": len(part.without),
        "tokens": part.level,
        **{metric: _rounded(part.mean(metric)) for metric in METRICS},
        **{
            name: {"percent": _rounded(rate.percent), "low": _rounded(rate.low), "high": _rounded(rate.high)}
            if rate is not None
            else None
            for name, rate in rates.items()
        },
        "absent": part.absent,
    }


def _item_to_dict(item: ItemScores, part: PartScores) -> dict[str, object]:
    return {
        "name": item.name,
        "part": part.part,
        "missing": item.missing,
        **{metric: _rounded(score) for metric, score in item.scores.items()},
        **{name: {"edits": count.edits, "length": count.length} for name, count in item.errors.items()},
    }


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    for cell, width in zip(row[1:], widths[1:], strict=True):
        yield cell.rjust(width)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _rate(part: PartScores, name: ErrorName) -> str:
    rate = part.error_rate(name)
    return "-" if rate is None else f"{rate.percent:.2f} ({rate.low:.2f}-{rate.high:.2f})"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _notes(parts: Sequence[PartScores], *, compat: bool) -> Iterator[str]:
    """Yield what a reader of the table must know; each reason once."""
    if compat:
        yield COMPAT_NOTE
    reasons: dict[str, dict[str, None]] = {}
    for part in parts:
        for name, reason in part.absent.items():
            if part.items and not (compat and name in ERRORS):
                reasons.setdefault(reason, {})[name] = None
    for reason, names in reasons.items():
        yield f"absent: {', '.join(names)}: {reason}"
