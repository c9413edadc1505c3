"""How far to trust the values of a chart: OneChart writes them and, by its auxiliary token, guesses them as numbers.

Both are brought to 0..1 by the least and the greatest value of the chart; their mean absolute difference is the
distance. Source: docs/models/onechart.md. onechart-nano estimates by itself how likely its values are right.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ocr2.charts.parse_answer import strip_answer
from ocr2.results.chart import ChartValue, Reliability, Series

THRESHOLD = 0.1  # distance below which the authors call a chart reliable; of one value, from which it disagrees
LIKELY = 0.5  # estimated probability from which a chart is called reliable
UNSURE = 0.5  # confidence of one value below which it is marked
DIGITS = 6  # of a distance: floats are not surer
AUTHORS_NUMBERS = 100  # of the 256 that the token gives, the authors' script keeps these
AUTHORS_EPSILON = 1e-9
NO_OPINION = "the model gave no second opinion"


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict on a chart, and its values with those marked that disagree."""

    reliability: Reliability
    series: tuple[Series, ...]


def check_values(series: Sequence[Series], numbers: Sequence[float] | None) -> Check:
    """Compare the values of a chart with the numbers of the auxiliary token.

    Where the comparison would mean nothing the verdict is "unverifiable": without numbers, with values that are no
    numbers, with one value or equal ones, which have no scale, or with more values than the token has numbers for.

    Args:
        series: Values in the order of the answer.
        numbers: For each value one, 0..1 on the scale of the chart; more are ignored. None if there are none.
    """
    values = [value for one in series for value in one.values]
    reason = _uncomparable(values, numbers)
    if reason is not None or numbers is None:
        return Check(Reliability("unverifiable", None, None, reason or NO_OPINION), tuple(series))
    differences = [abs(a - b) for a, b in zip(_normalised(values), numbers, strict=False)]
    distance = round(sum(differences) / len(differences), DIGITS)
    marks = [difference >= THRESHOLD for difference in differences]
    reliability = Reliability(
        "reliable" if distance < THRESHOLD else "unreliable", score_of(distance), distance, _explain(distance, marks)
    )
    return Check(reliability, tuple(_marked(series, marks)))


def check_estimate(series: Sequence[Series], trust: float, confidences: Sequence[float]) -> Check:
    """Take a model's own estimate for the verdict.

    Args:
        series: Values in the order of the answer.
        trust: Estimated probability that all values are right.
        confidences: Of each value; without one for each there are none.
    """
    values = [value for one in series for value in one.values]
    if not values:
        return Check(Reliability("unverifiable", None, None, "there are no values"), tuple(series))
    given: Sequence[float | None] = confidences if len(confidences) == len(values) else [None] * len(values)
    marks = [sure is not None and sure < UNSURE for sure in given]
    sure = iter(given)
    valued = [replace(one, values=tuple(replace(v, confidence=next(sure)) for v in one.values)) for one in series]
    reason = f"all values are right with an estimated probability of {trust:.2f}"
    if any(marks):
        reason += f"; {sum(marks)} of {len(marks)} are unsure"
    verdict: Literal["reliable", "unreliable"] = "reliable" if trust >= LIKELY else "unreliable"
    return Check(Reliability(verdict, round(trust, DIGITS), None, reason), tuple(_marked(valued, marks)))


def check_as_authors(answer: str, numbers: Sequence[float] | None) -> Reliability:
    """Judge an answer by the rule of OneChart's script, its holes included.

    Digits with a sign inside, and anything else that is no number, empty the list; "(5)" is dropped as a footnote;
    one value is compared as it is; more than 100 values, none, and answers that are not JSON are unreliable.

    Args:
        answer: As the model wrote it.
        numbers: See `check_values`; None, of which the script knows nothing, is unverifiable.
    """
    if numbers is None:
        return Reliability("unverifiable", None, None, NO_OPINION)
    try:
        values = _authors_values(json.loads(strip_answer(answer))["values"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return Reliability("unreliable", 0.0, None, "the answer has no list of numbers, or is not JSON")
    if not values or len(values) > min(AUTHORS_NUMBERS, len(numbers)):
        return Reliability("unreliable", 0.0, None, f"{len(values)} values cannot be compared")
    if len(values) > 1:
        low, high = min(values), max(values)
        values = [round((value - low) / (high - low + AUTHORS_EPSILON), 4) for value in values]
    distance = sum(abs(a - b) for a, b in zip(values, numbers, strict=False)) / len(values)
    if not math.isfinite(distance):
        return Reliability("unreliable", 0.0, None, "a number is not finite")
    verdict: Literal["reliable", "unreliable"] = "reliable" if distance < THRESHOLD else "unreliable"
    return Reliability(verdict, score_of(distance), distance, _explain(distance, []))


def score_of(distance: float) -> float:
    """Return the score of a distance: 1 for equal values, half for every threshold that lies between them.

    Examples:
        >>> score_of(0.0), score_of(THRESHOLD), score_of(2 * THRESHOLD)
        (1.0, 0.5, 0.25)
    """
    return float(0.5 ** (distance / THRESHOLD))


def _uncomparable(values: Sequence[ChartValue], numbers: Sequence[float] | None) -> str | None:
    if not values:
        return "there are no values"
    if numbers is None:
        return NO_OPINION
    if len(values) > len(numbers):
        return f"{len(values)} values: the model's second opinion has {len(numbers)}"
    odd = [value.printed for value in values if value.value is None]
    if odd:
        return f"{len(odd)} of {len(values)} values are no numbers, such as {odd[0][:40]!r}"
    if len(values) == 1:
        return "one value alone has no scale to compare it on"
    if len({value.value for value in values}) == 1:
        return "all values are equal, which leaves no scale to compare them on"
    if not all(map(math.isfinite, numbers[: len(values)])):
        return "the model's second opinion holds no numbers"
    return None


def _normalised(values: Sequence[ChartValue]) -> Iterator[float]:
    # By parts, for the difference of two huge values may be too large for a float.
    read = [value.value for value in values if value.value is not None]
    top = max(abs(value) for value in read)
    low, high = min(read) / top, max(read) / top
    yield from ((value / top - low) / (high - low) for value in read)


def _explain(distance: float, marks: Sequence[bool]) -> str:
    side = "below" if distance < THRESHOLD else "not below"
    text = f"the two readings differ by {distance:.3f} on average, {side} {THRESHOLD:g}"
    return f"{text}; {sum(marks)} of {len(marks)} values disagree" if any(marks) else text


def _marked(series: Sequence[Series], marks: Sequence[bool]) -> Iterator[Series]:
    at = 0
    for one in series:
        here = marks[at : at + len(one.values)]
        at += len(one.values)
        values = (replace(value, disagrees=disagrees) for value, disagrees in zip(one.values, here, strict=True))
        yield replace(one, values=tuple(values))


def _authors_values(values: object) -> list[float]:
    """Return the numbers of an answer as the script finds them.

    Raises:
        ValueError: If something is neither a number nor a text with one; the script then has an empty list.
    """
    if isinstance(values, dict):
        return [number for value in values.values() for number in _authors_values(value)]
    if isinstance(values, list):
        raise ValueError("a list")
    if isinstance(values, int | float):
        return [float(values)]
    if not isinstance(values, str):
        return []
    digits = re.sub(r"[^0-9.\-]", "", re.sub(r"\(\d+\)|\[\d+\]", "", values))
    return [] if digits in ("", "-") else [float(digits)]
