"""Scores of short answers on the command line."""

import json

import numpy as np

from ocr2.metrics.answers import anls, box_match, relaxed_match
from ocr2.metrics.pairs import Pair, Pairs
from ocr2.multimodal.named_boxes import BOX_RANGE, read_boxes

SEPARATOR = "|"  # between several truths of one question


def score_answer_lists(pairs: Pairs, metric: str, *, as_json: bool) -> str:
    """Return the mean of a metric as a line or JSON.

    Args:
        pairs: Truths and answers; of `anls` a truth may hold several, separated by "|".
        metric: "anls", "relaxed" or "boxes" (both sides in thousandths of the picture's sides).
        as_json: Which of the two.
    """
    mean = float(np.mean([_score(pair, metric) for pair in pairs.items]))
    if as_json:
        return json.dumps({"metric": metric, "items": len(pairs.items), "score": round(mean, 6)}) + "\n"
    return f"{metric}  {mean:.4f}  ({len(pairs.items)} items)\n"


def _score(pair: Pair, metric: str) -> float:
    if pair.missing:
        return 0.0
    if metric == "anls":
        return anls(pair.truth.split(SEPARATOR), pair.answer)
    if metric == "relaxed":
        return float(relaxed_match(pair.truth, pair.answer))
    wanted, given = read_boxes(pair.truth), read_boxes(pair.answer)
    if not wanted:
        raise ValueError(f"{pair.name}: the truth holds no box [left, top, right, bottom] of 0 to {BOX_RANGE}")
    return float(box_match(wanted[0].box, given[0].box if given else None))
