"""Named boxes for all things in a picture, matched by Hungarian, with a penalty for what is missing or too much.

Source: Perception-R1 (arXiv 2504.07954); docs/rewards.md.
"""

from collections.abc import Iterable

from ocr2.metrics.detection import match_regions
from ocr2.multimodal.named_boxes import BOX_RANGE, MAX_BOXES
from ocr2.rewards.boxes import Detections, read_detections
from ocr2.rewards.reward import PUBLISHED, RewardResult, clipped

FORMAT_WEIGHT = 0.25
F1_WEIGHT = 0.75
MISS_WEIGHT = 0.5
LARGEST = 3.0  # of the sum: format and F1 together, class and overlap one each
UNREADABLE = 'expected a JSON list of {"bbox_2d", "label"}'


def score_detection(
    answer: str, truth: str, /, *, kinds: Iterable[str] | None = None, side: float = BOX_RANGE
) -> RewardResult:
    """Return a third of the sum of format, F1, right names and mean overlap, less the miss penalty.

    The sum is .25 format + .75 F1 + kind + overlap - .5 (wrong / given + missed / wanted), but at least the format
    part. Pairs must overlap by more than .5. Two empty lists agree.

    Args:
        answer: JSON list of {"bbox_2d": [left, top, right, bottom], "label": name}; or names before their boxes.
        truth: The same.
        kinds: Known labels; any if None.
        side: Of the picture, in the unit of the boxes: lengths in the matching cost are shares of it.

    Raises:
        ValueError: If the truth cannot be read.

    Examples:
        >>> wanted = '[{"bbox_2d": [0, 0, 9, 9], "label": "cat"}, {"bbox_2d": [50, 50, 60, 60], "label": "dog"}]'
        >>> score_detection('[{"bbox_2d": [0, 0, 9, 9], "label": "cat"}]', wanted).parts["f1"]
        0.6666666666666666
    """
    known = None if kinds is None else frozenset(kind.casefold() for kind in kinds)
    wanted, given = _wanted(truth), read_detections(answer, known)
    if given is None:
        return RewardResult(0.0, {"format": 0.0}, UNREADABLE)
    if not given.items and not wanted.items:
        return RewardResult(1.0, {"format": 1.0, "f1": 1.0})
    parts = _parts(given, wanted, side=side, answers=given.items)
    return RewardResult(clipped(max(FORMAT_WEIGHT * parts["format"], _sum(parts)) / LARGEST), parts)


def score_detection_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as the published code, from 0 to 3, brought to 0 to 1; `published` is the score as it was.

    Lengths in the matching cost are pixels, entries wrong in form are no answers, and without a pair, also where both
    sides are empty, the format alone counts.
    """
    wanted, given = _wanted(truth), read_detections(answer)
    if given is None:
        return RewardResult(0.0, {"format": 0.0, PUBLISHED: 0.0}, UNREADABLE)
    parts = _parts(given, wanted, side=1.0, answers=len(given.regions))
    published = _sum(parts) if parts["f1"] else FORMAT_WEIGHT * parts["format"]
    published = min(LARGEST, max(0.0, published))
    return RewardResult(published / LARGEST, {**parts, PUBLISHED: published})


def _parts(given: Detections, wanted: Detections, *, side: float, answers: int) -> dict[str, float]:
    truths = wanted.regions
    matches = match_regions(given.regions[: max(MAX_BOXES, len(truths))], truths, side=side)
    found = matches.counts.found
    wrong, missed = answers - found, len(truths) - found
    return {
        "format": len(given.regions) / given.items if given.items else 0.0,
        "f1": 2 * found / (answers + len(truths)) if answers + len(truths) else 0.0,
        "kind": matches.right_kind,
        "overlap": matches.overlap,
        "missing": (wrong / max(1, answers) + missed / max(1, len(truths))) / 2,
    }


def _sum(parts: dict[str, float]) -> float:
    """Return the sum on the published scale."""
    good = FORMAT_WEIGHT * parts["format"] + F1_WEIGHT * parts["f1"] + parts["kind"] + parts["overlap"]
    return good - 2 * MISS_WEIGHT * parts["missing"]


def _wanted(truth: str) -> Detections:
    wanted = read_detections(truth)
    if wanted is None or len(wanted.regions) < wanted.items:
        raise ValueError(f"{UNREADABLE}, got {truth[:40]!r}")
    return wanted
