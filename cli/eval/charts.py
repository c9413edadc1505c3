"""Scores of charts as a table for people, as JSON, and as one record a chart."""

import json

from ocr2.metrics.chart_overlap import TOLERANCES
from ocr2.metrics.chart_records import ChartPair, ChartPairs
from ocr2.metrics.chart_text import TEXT_FIELDS
from ocr2.metrics.charts import ChartScore, ChartScores
from ocr2.metrics.overlap import Agreement

COMPAT_NOTE = "as the scripts of OneChart and DePlot: AP50 to EM and texts of answers that parse, RMS F1 is the recall"
POINTS = {"AP50": 0.5, "AP75": 0.75, "AP90": 0.9}


def chart_scores_to_table(scores: ChartScores, pairs: ChartPairs) -> str:
    """Return the scores by tolerance and, below them, those that have none."""
    rows = [["", *TOLERANCES], ["AP", *(_number(scores.average_precision(level)) for level in TOLERANCES)]]
    for name, threshold in POINTS.items():
        rows.append([name, *(_number(scores.precision_at(level, threshold)) for level in TOLERANCES)])
    rows += [
        ["EM", _number(scores.exact_match)],
        ["charts", str(len(scores.pairs))],
        ["structure accuracy", _number(scores.structure_accuracy)],
        *([field.replace("_", " "), _number(scores.text(field))] for field in TEXT_FIELDS),
        ["RNSS", _number(scores.rnss)],
        ["RMS precision", _number(scores.rms.precision)],
        ["RMS recall", _number(scores.rms.recall)],
        ["RMS F1", _number(scores.rms.f1)],
    ]
    if scores.trusted:
        rows.append([f"AUROC of {scores.trusted} reliabilities", _number(scores.trust_auroc)])
    width = max(len(row[0]) for row in rows)
    lines = [row[0].ljust(width) + "".join(cell.rjust(10) for cell in row[1:]) for row in rows]
    return "\n".join([*lines, *([COMPAT_NOTE] if scores.compat else [])]) + "\n"


def chart_scores_to_json(scores: ChartScores, pairs: ChartPairs) -> str:
    """Return everything but the single charts; docs/eval.md describes it."""
    content = {
        "mode": "onechart" if scores.compat else "correct",
        "charts": len(scores.pairs),
        "missing": list(pairs.missing),
        "unmatched": list(pairs.unmatched),
        "unreadable": pairs.unreadable,
        "structure_accuracy": _rounded(scores.structure_accuracy),
        "ap": {level: _rounded(scores.average_precision(level)) for level in TOLERANCES},
        **{
            name.lower(): {level: _rounded(scores.precision_at(level, threshold)) for level in TOLERANCES}
            for name, threshold in POINTS.items()
        },
        "em": _rounded(scores.exact_match),
        "texts": {field: _rounded(scores.text(field)) for field in TEXT_FIELDS},
        "rnss": _rounded(scores.rnss),
        "rms": _rms_to_dict(scores.rms),
        "reliability": {"charts": scores.trusted, "auroc": _rounded(scores.trust_auroc)},
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def chart_scores_to_lines(scores: ChartScores) -> str:
    """Return JSONL, one record a chart."""
    records = (_to_dict(pair, score) for pair, score in zip(scores.pairs, scores.scores, strict=True))
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _to_dict(pair: ChartPair, score: ChartScore) -> dict[str, object]:
    return {
        "name": pair.name,
        "missing": pair.missing,
        "reason": pair.reason,
        "overlap": {level: _rounded(overlap) for level, overlap in score.overlap.items()},
        "texts": {field: _rounded(similarity) for field, similarity in score.texts.items()},
        "rnss": _rounded(score.rnss),
        "rms": _rms_to_dict(score.rms),
        "reliability": _rounded(pair.trust),
    }


def _rms_to_dict(score: Agreement) -> dict[str, float | None]:
    return {"precision": _rounded(score.precision), "recall": _rounded(score.recall), "f1": _rounded(score.f1)}


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
