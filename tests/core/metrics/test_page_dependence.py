"""The filter of multi-page training pairs, on log-likelihoods made by hand."""

import pytest

from ocr2.metrics.page_dependence import depends_on_pages, keep_dependent
from tests.core.results.test_page_dependence import BOTH, dependence

ZERO = (0.0, 0.0, 0.0)
UNSEEN = (3.0, 3.0, 3.0)
FIRST = dependence(ZERO, (ZERO, UNSEEN), UNSEEN)  # page 1 says it all
TWICE = dependence(ZERO, (ZERO, ZERO), UNSEEN)  # either page says it all
BLIND = dependence(ZERO, (UNSEEN, UNSEEN), ZERO)  # known without a picture, whatever a page alone suggests
PARTS = dependence(ZERO, ((0.0, 3.0, 3.0), (3.0, 0.0, 3.0), (3.0, 3.0, 0.0)), UNSEEN)  # a token a page


@pytest.mark.parametrize(
    ("result", "most"), [(BLIND, 0), (FIRST, 1), (TWICE, 1), (BOTH, 2), (PARTS, 3)], ids=["0", "1", "1", "2", "3"]
)
def test_an_answer_depends_on_the_pages_without_which_it_is_not_explained(result: object, most: int) -> None:
    assert isinstance(result, type(BOTH))
    found = [depends_on_pages(result, count, margin=0.5) for count in (1, 2, 3, 4)]
    assert found == [count <= most for count in (1, 2, 3, 4)]


@pytest.mark.parametrize(("margin", "kept"), [(0.9, True), (1.0, False)])
def test_the_best_page_alone_must_be_worse_by_more_than_the_margin(margin: float, kept: bool) -> None:
    assert depends_on_pages(BOTH, 2, margin=margin) is kept


def test_pairs_that_need_several_pages_are_kept_in_order() -> None:
    pairs = [("parts", PARTS), ("first", FIRST), ("both", BOTH), ("blind", BLIND)]
    assert keep_dependent(pairs) == ["parts", "both"]
    assert keep_dependent(pairs, count=3) == ["parts"]
    assert keep_dependent(pairs, count=1) == ["parts", "first", "both"]
    assert keep_dependent([]) == []


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        depends_on_pages(BOTH, 0)
    with pytest.raises(ValueError, match="margin must not be negative"):
        depends_on_pages(BOTH, 2, margin=-1.0)
