"""One box for one thing: the square of intersection over union.

Source: Perception-R1 (arXiv 2504.07954) and its precursor (github.com/linkangheng/MMR1); docs/rewards.md.
"""

from ocr2.metrics.regions import overlaps
from ocr2.multimodal.named_boxes import BOX_RANGE
from ocr2.rewards.boxes import Box, in_thousandths, read_quadruples
from ocr2.rewards.reward import PUBLISHED, RewardResult

BOX_START = "<|box_start|>"
NO_BOX = "there is no box"
# What the precursor gives where there is no overlap to be squared.
UNREADABLE, UNORDERED, APART = -1.0, -0.6, -0.2


def score_grounding_iou2(answer: str, truth: str, /) -> RewardResult:
    """Return the squared intersection over union of the first boxes of both sides.

    Args:
        answer: A box in thousandths of the picture's sides; as shares of them if no number is above 1.
        truth: The same.

    Raises:
        ValueError: If there is no box in the truth.

    Examples:
        >>> score_grounding_iou2("[0, 0, 500, 1000]", "[0, 0, 1000, 1000]").total
        0.25
    """
    box = _first(answer)
    return _squared(None if box is None else in_thousandths(box), in_thousandths(_wanted(truth)))


def score_grounding_iou2_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as the published code.

    Numbers of an answer without `<|box_start|>` are taken times 1000, whatever they are.
    """
    box = _first(answer)
    if box is not None and BOX_START not in answer:
        left, top, right, bottom = (number * BOX_RANGE for number in box)
        box = left, top, right, bottom
    return _squared(box, _wanted(truth))


def score_grounding_iou2_precursor(answer: str, truth: str, /) -> RewardResult:
    """Score as the precursor, from -1 to 1, brought to 0 to 1; `published` is the score as it was.

    -1 without a box, -0.6 if its corners are exchanged, -0.2 if it is elsewhere, else the square.
    """
    box = _first(answer)
    result = _squared(box, _wanted(truth))
    published = result.total
    if box is None:
        published = UNREADABLE
    elif box[0] > box[2] or box[1] > box[3]:
        published = UNORDERED
    elif result.total == 0:
        published = APART
    return RewardResult((1 + published) / 2, {**result.parts, PUBLISHED: published}, result.problem)


def _squared(answer: Box | None, truth: Box) -> RewardResult:
    if answer is None:
        return RewardResult(0.0, {"iou": 0.0}, NO_BOX)
    iou = min(1.0, float(overlaps([answer], [truth])[0, 0]))
    empty = answer[0] >= answer[2] or answer[1] >= answer[3]
    return RewardResult(iou**2, {"iou": iou}, "the box has no extent" if empty else None)


def _first(text: str) -> Box | None:
    return next(iter(read_quadruples(text)), None)


def _wanted(truth: str) -> Box:
    box = _first(truth)
    if box is None:
        raise ValueError(f"expected a box [left, top, right, bottom], got {truth[:40]!r}")
    return box
