"""Titles of charts."""

import pytest

from ocr2.metrics.chart_text import compare_texts, mean_similarity, text_similarity


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize(
    ("truth", "answer", "score"),
    [
        ("Sales 2020", "sales 2020", 1),
        ("abc", "abd", 2 / 3),
        ("abc", "None", 0),
        ("abc", None, 0),
        ("None", "x", None),
        (None, "x", None),
        ([], "x", None),
        (["None"], "x", None),
        (["abc", "abd"], "ABD", 1),
        (["None", "abc"], "abc", 1),
        (["abc", "abd"], ["abc", "xyz"], 1 / 2),
        (2020, "2020", 1),
    ],
)
def test_similarities_by_hand(truth: object, answer: object, score: float | None, compat: bool) -> None:
    assert text_similarity(truth, answer, compat=compat) == (None if score is None else pytest.approx(score))


@pytest.mark.parametrize(
    ("truth", "answer", "clean", "published"),
    [
        ("a  b", "a b", 1, 3 / 4),
        ("", "a", None, 0),
        ("none", "a", None, 0),
        ("abc", "", 0, 0),
        ("Straße", "STRASSE", 1, 5 / 7),
    ],
)
def test_blanks_and_other_nothings_count_for_the_script_only(
    truth: str, answer: str, clean: float | None, published: float
) -> None:
    assert text_similarity(truth, answer) == clean
    assert text_similarity(truth, answer, compat=True) == pytest.approx(published)


@pytest.mark.parametrize("compat", [False, True])
def test_a_set_is_the_mean_over_charts_that_have_the_text(compat: bool) -> None:
    pairs = [("Sales 2020", "sales 2020"), ("None", "x"), ("abc", "abd")]
    scores = [compare_texts({"title": truth}, {"title": answer}, compat=compat) for truth, answer in pairs]
    found = mean_similarity([score["title"] for score in scores if "title" in score], compat=compat)
    assert found == pytest.approx(0.83333, abs=1e-5)


def test_a_set_without_the_text_has_no_score_and_published_9999() -> None:
    assert mean_similarity([]) is None
    assert mean_similarity([], compat=True) == 9999
