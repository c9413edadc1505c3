"""Scores of traces as a table for people, as JSON, and as one record a figure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ocr2.metrics.trace_records import TracedFigure, TracePair, TracePairs
from ocr2.metrics.traces import (
    THRESHOLDS,
    TOLERANCES,
    Counts,
    Sp1Score,
    circle_counts,
    mean_f1,
    segment_counts,
    sp1_mean,
    sp1_score,
)


@dataclass(frozen=True, slots=True)
class FigureScore:
    """Scores of one figure."""

    name: str
    segments: tuple[Counts, ...]  # by tolerance
    circles: tuple[Counts, ...]
    sp1: tuple[Sp1Score, ...]  # by threshold


def score_traces(pairs: TracePairs) -> list[FigureScore]:
    """Score every figure."""
    return [_score(pair) for pair in pairs.items]


def _score(pair: TracePair) -> FigureScore:
    truth, answer = pair.truth, pair.answer or TracedFigure("")
    return FigureScore(
        truth.name,
        tuple(segment_counts(answer.segments, truth.segments, tolerance=t) for t in TOLERANCES),
        tuple(circle_counts(answer.circles, truth.circles, tolerance=t) for t in TOLERANCES),
        tuple(sp1_score(answer.segments, truth.segments, threshold=t) for t in THRESHOLDS),
    )


def trace_scores_to_dict(scores: Sequence[FigureScore]) -> dict[str, dict[str, float | None]]:
    """Return the means by name, then by tolerance or threshold; None where no figure has any."""
    means: dict[str, dict[str, float | None]] = {"segments F1": {}, "circles F1": {}}
    for i, tolerance in enumerate(TOLERANCES):
        round_ones = [s.circles[i] for s in scores if s.circles[i].answers or s.circles[i].truths]
        means["segments F1"][f"{tolerance:g}"] = mean_f1([s.segments[i] for s in scores])
        means["circles F1"][f"{tolerance:g}"] = mean_f1(round_ones) if round_ones else None
    for i, threshold in enumerate(THRESHOLDS):
        f1, precision, recall = sp1_mean([s.sp1[i].all for s in scores])
        rows = {
            "SP-1 F1": f1,
            "SP-1 F1, short": sp1_mean([s.sp1[i].short for s in scores])[0],
            "SP-1 F1, long": sp1_mean([s.sp1[i].long for s in scores])[0],
            "SP-1 precision": precision,
            "SP-1 recall": recall,
        }
        for name, value in rows.items():
            means.setdefault(name, {})[f"{threshold:g}"] = value
    return means


def trace_scores_to_table(scores: Sequence[FigureScore]) -> str:
    """Return the means as a table."""
    lines: list[str] = []
    heads: list[str] = []
    for name, values in trace_scores_to_dict(scores).items():
        if list(values) != heads:
            heads = list(values)
            lines.append(" " * 16 + "".join(head.rjust(10) for head in heads))
        cells = ("-" if value is None else f"{value:.4f}" for value in values.values())
        lines.append(name.ljust(16) + "".join(cell.rjust(10) for cell in cells))
    return "\n".join([*lines, "figures".ljust(16) + str(len(scores)).rjust(10)]) + "\n"


def trace_scores_to_json(scores: Sequence[FigureScore], pairs: TracePairs) -> str:
    """Return everything but the single figures."""
    means = {
        name: {key: None if value is None else round(value, 6) for key, value in values.items()}
        for name, values in trace_scores_to_dict(scores).items()
    }
    content = {
        "figures": len(scores),
        "missing": list(pairs.missing),
        "unmatched": list(pairs.unmatched),
        **{name.lower().replace(",", "").replace(" ", "_").replace("-", ""): row for name, row in means.items()},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def trace_scores_to_lines(scores: Sequence[FigureScore]) -> str:
    """Return JSONL, one record a figure."""
    records = (
        {
            "name": s.name,
            "segments": {f"{t:g}": _to_dict(c) for t, c in zip(TOLERANCES, s.segments, strict=True)},
            "circles": {f"{t:g}": _to_dict(c) for t, c in zip(TOLERANCES, s.circles, strict=True)},
            "sp1": {f"{t:g}": _to_dict(score.all) for t, score in zip(THRESHOLDS, s.sp1, strict=True)},
        }
        for s in scores
    )
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _to_dict(counts: Counts) -> dict[str, float]:
    return {
        "found": counts.found,
        "answered": counts.answers,
        "wanted": counts.truths,
        "f1": round(counts.f1, 6),
    }
