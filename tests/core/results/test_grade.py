"""Grades of pages and documents."""

import pytest

from ocr2.results.grade import Grade, grade_pages, grade_words


@pytest.mark.parametrize(
    ("doubtful", "verdict"), [(0, "good"), (2, "good"), (3, "fair"), (10, "fair"), (11, "poor"), (100, "poor")]
)
def test_the_verdict_follows_the_share_of_doubtful_words(doubtful: int, verdict: str) -> None:
    grade = grade_words([0.4] * doubtful + [0.9] * (100 - doubtful))
    assert (grade.verdict, grade.words, grade.doubtful) == (verdict, 100, doubtful)
    assert grade.mean == pytest.approx(0.9 - 0.005 * doubtful)


def test_a_page_without_words_is_empty_and_one_with_an_error_has_failed() -> None:
    assert grade_words([]) == Grade("empty", None, 0, 0)
    assert grade_words([], failed=True) == Grade("failed", None, 0, 0)


def test_a_document_counts_all_words_and_names_its_worst_page() -> None:
    pages = [(4, grade_words([0.9] * 30)), (5, grade_words([0.9, 0.3])), (6, grade_words([]))]
    grade = grade_pages(pages)
    assert (grade.verdict, grade.words, grade.doubtful, grade.worst_page) == ("fair", 32, 1, 5)
    assert grade.mean == pytest.approx((31 * 0.9 + 0.3) / 32)


def test_a_page_that_failed_is_the_worst_and_keeps_a_document_from_being_good() -> None:
    grade = grade_pages([(1, grade_words([0.9] * 10)), (2, grade_words([], failed=True))])
    assert (grade.verdict, grade.worst_page) == ("fair", 2)
    assert grade_pages([(2, grade_words([], failed=True))]).verdict == "failed"
    assert grade_pages([(1, grade_words([]))]).verdict == "empty"
