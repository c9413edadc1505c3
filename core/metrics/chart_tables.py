"""Scores of charts read as tables: RNSS, RMS (DePlot, arXiv 2212.10505) and the accuracy of answers about them.

`compat` computes what DePlot's published script does; docs/eval.md, "Charts", says what differs.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr2.metrics.assignment import assign
from ocr2.metrics.chart_points import Point, Table, arrangements, parse_number, tidy, transpose
from ocr2.metrics.overlap import Agreement
from ocr2.metrics.text import normalise

MAX_KEY_DISTANCE = 0.5  # normalised; names and texts that are farther apart have nothing in common
MAX_ERROR = 0.1  # relative; a number that is farther off is wrong
NEWLINE = "<0x0A>"  # as DePlot's vocabulary has it
TITLE = "title"  # what the title is called among the values

Value = float | str


@dataclass(frozen=True, slots=True)
class _Entries:
    """Values of a table and the names they are found by."""

    keys: list[str]
    values: list[Value]


def read_linear_table(text: str) -> Table:
    """Return the table that DePlot writes: lines of cells parted by ` | `, the first perhaps `title | ...`.

    Examples:
        >>> read_linear_table("TITLE | Sales <0x0A> year | a <0x0A> 2020 | 5")
        Table(title='Sales', points=(Point(series='a', label='2020', value='5'),))
    """
    lines = [line.split("|") for line in text.replace(NEWLINE, "\n").splitlines() if line.strip()]
    rows = [[cell.strip() for cell in line] for line in lines]
    title = None
    if rows and rows[0][0].lower() == TITLE:
        title = " | ".join(rows.pop(0)[1:]) or None
    if not rows:
        return Table(title, ())
    header, *body = rows
    points = (Point(name, row[0], cell) for row in body for name, cell in zip(header[1:], row[1:], strict=False))
    return Table(title, tuple(points))


def rnss(truth: Table, answer: Table, *, compat: bool = False) -> float:
    """Return the relative number set similarity: how near the numbers are, wherever they stand.

    Numbers are paired so that relative errors, 1 at most, add up to the least; a number without a partner counts
    as 1. With `compat` it counts as 0, and series and labels that are numbers are compared too.
    """
    wanted, given = (list(_numbers(table, compat=compat)) for table in (truth, answer))
    if not wanted or not given:
        return float(not wanted and not given)
    errors = _relative_errors(np.array(wanted)[:, None], np.array(given)[None, :])
    total = errors[assign(errors)].sum()
    if not compat:
        total += abs(len(wanted) - len(given))
    return float(1 - total / max(len(wanted), len(given)))


def rms(truth: Table, answer: Table, *, compat: bool = False) -> Agreement:
    """Return the relative mapping similarity: how near the values are that stand under similar names.

    Entries are paired by their names, and each pair scores the similarity of the names times that of the values.
    The better of the arrangements counts. With `compat` F1 is the recall, as published.
    """
    pairs = _published_entries(truth, answer) if compat else _entries(truth, answer)
    closeness: Callable[[Value, Value], float] = _published_closeness if compat else _closeness
    best = max((_score(wanted, given, closeness) for wanted, given in pairs), key=lambda score: score.f1)
    return Agreement(best.precision, best.recall, best.recall) if compat else best


def relaxed_match(truth: str, answer: str, *, max_error: float = 0.05) -> bool:
    """Return whether an answer about a chart is right: a number nearly, anything else but for letters' case.

    Examples:
        >>> [relaxed_match(*pair) for pair in (("100", "104.9"), ("5%", "0.05"), ("Yes", "yes"), ("0", "1"))]
        [True, True, True, False]
    """
    wanted, given = _plain_number(truth.strip()), _plain_number(answer.strip())
    if wanted is not None and given is not None:
        return abs(given - wanted) <= max_error * abs(wanted)
    return truth.strip().lower() == answer.strip().lower()


def relaxed_accuracy(truths: Sequence[str], answers: Sequence[str]) -> float:
    """Return the share of right answers (ChartQA, arXiv 2203.10244); 1 if there are none."""
    hits = [relaxed_match(truth, answer) for truth, answer in zip(truths, answers, strict=True)]
    return float(np.mean(hits)) if hits else 1.0


def _numbers(table: Table, *, compat: bool) -> Iterator[float]:
    if not compat:
        yield from (number for point in table.points if (number := parse_number(point.value)) is not None)
        return
    names = [*{point.series for point in table.points}, *{point.label for point in table.points}]
    for cell in (*names, *(point.value for point in table.points)):
        number = _plain_number(str(cell), percent=False)
        if number is not None:
            yield number


def _relative_errors(truth: NDArray[np.float64], answer: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return |truth - answer| / |truth|, 1 at most; a truth of 0 is met by 0 only."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        errors: NDArray[np.float64] = np.minimum(1.0, np.abs(truth - answer) / np.abs(truth))
    return np.where(truth == answer, 0.0, errors)


def _entries(truth: Table, answer: Table) -> Iterator[tuple[_Entries, _Entries]]:
    for wanted, given in arrangements(tidy(truth.points), tidy(answer.points)):
        titles = [None if table.title is None else normalise(table.title).casefold() for table in (truth, answer)]
        yield _list_entries(wanted, titles[0]), _list_entries(given, titles[1])


def _published_entries(truth: Table, answer: Table) -> Iterator[tuple[_Entries, _Entries]]:
    wanted, given = (
        [
            Point((point.series or "value").lower(), point.label.lower(), str(point.value).lower())
            for point in table.points
        ]
        for table in (truth, answer)
    )
    titles = [None if table.title is None else table.title.lower() for table in (truth, answer)]
    for view in (given, transpose(given)):
        yield _list_entries(wanted, titles[0]), _list_entries(view, titles[1])


def _list_entries(points: Sequence[Point], title: str | None) -> _Entries:
    keys = [f"{point.label} {point.series or ''}".strip() for point in points]
    values = [point.value for point in points]
    if title is not None:
        keys.append(TITLE)
        values.append(title)
    return _Entries(keys, values)


def _score(truth: _Entries, answer: _Entries, closeness: Callable[[Value, Value], float]) -> Agreement:
    if not truth.keys or not answer.keys:
        same = float(not truth.keys and not answer.keys)
        return Agreement(same, same, same)
    likeness = _key_likeness(truth.keys, answer.keys)
    rows, columns = assign(1.0 - likeness)
    total = sum(
        likeness[row, column] * closeness(truth.values[row], answer.values[column])
        for row, column in zip(rows, columns, strict=True)
    )
    precision, recall = float(total / len(answer.keys)), float(total / len(truth.keys))
    return Agreement(precision, recall, 2 * precision * recall / (precision + recall) if total else 0.0)


def _key_likeness(truth: list[str], answer: list[str]) -> NDArray[np.float64]:
    """Return (truths, answers): 1 - normalised edit distance, 0 for names that have nothing in common."""
    least = 1 - MAX_KEY_DISTANCE
    likeness = process.cdist(
        truth, answer, scorer=Levenshtein.normalized_similarity, score_cutoff=least, dtype=np.float64
    )
    return np.where(likeness > least, likeness, 0.0)


def _closeness(truth: Value, answer: Value) -> float:
    if isinstance(truth, str) and isinstance(answer, str):
        return _text_closeness(truth, answer)
    if isinstance(truth, str) or isinstance(answer, str):
        return 0.0
    return _number_closeness(truth, answer)


def _published_closeness(truth: Value, answer: Value) -> float:
    """Compare printed values as DePlot's script does: a truth of 0 is a text, "5%" is 0.05."""
    wanted, given = _plain_number(str(truth)), _plain_number(str(answer))
    if wanted and given is not None:
        return _number_closeness(wanted, given)
    return _text_closeness(str(truth), str(answer))


def _number_closeness(truth: float, answer: float) -> float:
    error = float(_relative_errors(np.array([truth]), np.array([answer]))[0])
    return 1 - error if error < MAX_ERROR else 0.0


def _text_closeness(truth: str, answer: str) -> float:
    distance = Levenshtein.normalized_distance(truth, answer)
    return 1 - distance if distance < MAX_KEY_DISTANCE else 0.0


def _plain_number(text: str, *, percent: bool = True) -> float | None:
    """Return a number without ornaments but a percent sign, which stands for hundredths."""
    is_percent = percent and text.endswith("%")
    try:
        number = float(text.rstrip("%")) / 100 if is_percent else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
