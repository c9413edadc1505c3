"""Page dependence from log-likelihoods made by hand."""

import json
from typing import Any

import pytest

from ocr2.results.answer import Place
from ocr2.results.page_dependence import PageDependence


def dependence(
    together: tuple[float, ...], alone: tuple[tuple[float, ...], ...], without: tuple[float, ...], **more: Any
) -> PageDependence:
    """Return a result with these NLLs."""
    return PageDependence(
        places=tuple(Place("book.pdf", number, None) for number in range(1, len(alone) + 1)),
        answer="abc",
        model="got",
        weights_sha256="0" * 64,
        tokens=tuple("abcdefgh"[: len(together)]),
        together=together,
        alone=alone,
        without=without,
        **more,
    )


# "a" stands on page 1, "b" on page 2, "c" follows from both.
BOTH = dependence((0.5, 0.5, 1.0), ((0.5, 2.5, 2.0), (1.5, 0.5, 4.0)), (3.5, 3.5, 4.0))


def test_dependence_is_the_loss_with_a_page_alone_less_that_with_all() -> None:
    assert BOTH.pages == ((0.0, 2.0, 1.0), (1.0, 0.0, 3.0))
    assert BOTH.control == (3.0, 3.0, 3.0)


def test_the_summary_has_means_over_tokens() -> None:
    summary = BOTH.summary
    assert summary.pages == pytest.approx((1.0, 4 / 3))
    assert (summary.least, summary.greatest) == pytest.approx((1.0, 4 / 3))
    assert (summary.tokens, summary.control) == (3, 3.0)
    assert summary.several_pages == pytest.approx(1 / 3)  # "c" alone


@pytest.mark.parametrize(("margin", "share"), [(0.0, 1 / 3), (0.99, 1 / 3), (1.0, 0.0)])
def test_a_token_counts_as_dependent_above_the_margin(margin: float, share: float) -> None:
    result = dependence(BOTH.together, BOTH.alone, BOTH.without, margin=margin)
    assert result.summary.several_pages == pytest.approx(share)


def test_the_json_holds_every_token_and_page() -> None:
    content = json.loads(BOTH.to_json())
    assert content == json.loads(json.dumps(BOTH.to_dict()))
    assert content["places"] == [{"file": "book.pdf", "page": 1}, {"file": "book.pdf", "page": 2}]
    assert content["tokens"][2] == {"text": "c", "nll": 1.0, "control": 3.0, "pages": [1.0, 3.0]}
    assert content["summary"]["pages"] == [1.0, 1.333333]
    assert (content["schema_version"], content["question"], content["margin"]) == ("1.0", None, 0.1)


@pytest.mark.parametrize(
    ("together", "alone", "without", "message"),
    [
        ((), ((),), (), "expected pages and tokens, got 1 and 0"),
        ((1.0,), (), (1.0,), "expected pages and tokens, got 0 and 1"),
        ((1.0,), ((1.0, 2.0),), (1.0,), "expected a row of 1 numbers for each of 1 pages"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(
    together: tuple[float, ...], alone: tuple[tuple[float, ...], ...], without: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        dependence(together, alone, without)


def test_a_negative_margin_is_refused() -> None:
    with pytest.raises(ValueError, match=r"margin must not be negative, got -0\.1"):
        dependence((1.0,), ((1.0,),), (1.0,), margin=-0.1)
