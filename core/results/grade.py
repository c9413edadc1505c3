"""How far to trust what was read of a page or document. Plain frozen data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

DOUBTFUL = 0.5  # confidence of a word below which a person should look at it
FEW, MANY = 0.02, 0.1  # shares of doubtful words up to which a text is good, and fair

Verdict = Literal["good", "fair", "poor", "empty", "failed"]


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade.

    Attributes:
        verdict: "good" with at most 2 % of doubtful words, "fair" with at most 10 %, "poor" with more; "empty" without
            words; of a page that could not be read "failed". Of a document that of all its words, but at best "fair"
            if a page failed.
        mean: Of the confidences of all words; None without words.
        words: How many were read.
        doubtful: How many of these have a confidence below 0.5.
        worst_page: Number of the page with the largest share of doubtful words, or of the first that failed; None of a
            page, and without words.
    """

    verdict: Verdict
    mean: float | None
    words: int
    doubtful: int
    worst_page: int | None = None


def grade_words(confidences: Sequence[float], *, failed: bool = False) -> Grade:
    """Return the grade of a page with words of these confidences."""
    if failed:
        return Grade("failed", None, 0, 0)
    if not confidences:
        return Grade("empty", None, 0, 0)
    doubtful = sum(confidence < DOUBTFUL for confidence in confidences)
    share = doubtful / len(confidences)
    verdict: Verdict = "good" if share <= FEW else "fair" if share <= MANY else "poor"
    return Grade(verdict, sum(confidences) / len(confidences), len(confidences), doubtful)


def grade_pages(grades: Sequence[tuple[int, Grade]]) -> Grade:
    """Return the grade of a document, of the numbers and grades of its pages."""
    failed = [number for number, grade in grades if grade.verdict == "failed"]
    read = [(number, grade) for number, grade in grades if grade.words]
    if not read:
        return Grade("failed" if failed else "empty", None, 0, 0, failed[0] if failed else None)
    words, doubtful = sum(grade.words for _, grade in read), sum(grade.doubtful for _, grade in read)
    mean = sum((grade.mean or 0.0) * grade.words for _, grade in read) / words
    share = doubtful / words
    verdict: Verdict = "good" if share <= FEW and not failed else "fair" if share <= MANY else "poor"
    worst = failed[0] if failed else max(read, key=lambda page: page[1].doubtful / page[1].words)[0]
    return Grade(verdict, mean, words, doubtful, worst)
