"""Scores of read text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.text import (
    bootstrap_interval,
    edit_counts,
    expected_calibration_error,
    micro_error,
    normalise,
    normalised_distance,
)


@given(st.text(max_size=30))
def test_equal_texts_have_no_error(text: str) -> None:
    assert normalised_distance(text, text) == 0
    assert micro_error(edit_counts([text], [text])) == 0


@given(st.text(max_size=20), st.text(max_size=20))
def test_distances_are_symmetric_and_bounded(a: str, b: str) -> None:
    assert normalised_distance(a, b) == normalised_distance(b, a)
    assert 0 <= normalised_distance(a, b) <= 1


def test_errors_are_weighted_by_characters() -> None:
    counts = edit_counts(["aaaaaaaaa", "b"], ["aaaaaaaaa", "c"])
    assert micro_error(counts) == pytest.approx(10.0)


def test_normalising_collapses_white_space_and_composes() -> None:
    assert normalise("cafe\u0301 \n\t x") == "café x"
    assert normalise("‘a’ — b…", fold=True) == "'a' - b..."


def test_the_interval_holds_the_error() -> None:
    rng = np.random.default_rng(1)
    counts = np.stack([rng.integers(0, 3, 200), np.full(200, 40)], axis=1)
    low, high = bootstrap_interval(counts)
    assert low < micro_error(counts) < high


def test_calibration_of_honest_and_of_boastful_confidences() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    hit = rng.random(20_000) < p
    assert expected_calibration_error(p.tolist(), hit.tolist()) < 0.02
    assert expected_calibration_error([0.99] * 100, [True] * 50 + [False] * 50) == pytest.approx(0.49, abs=0.01)
    assert expected_calibration_error([], []) == 0


def test_lists_of_words_are_compared_like_texts() -> None:
    assert edit_counts([["ab", "c"]], [["ab", "d", "e"]]).tolist() == [[2, 2]]


def test_large_sets_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.stack([np.arange(50) % 3, np.full(50, 40)], axis=1)
    whole = bootstrap_interval(counts)
    monkeypatch.setattr("ocr2.metrics.text.MAX_DRAWN", 120)
    assert bootstrap_interval(counts) == pytest.approx(whole, rel=0.1)
