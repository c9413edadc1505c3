"""Cheapest pairings against all there are."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.metrics.assignment import assign

sides = st.integers(0, 5)


def cheapest(cost: NDArray[np.float64]) -> float:
    """Return the least cost of all pairings, tried one by one."""
    if cost.shape[0] > cost.shape[1]:
        cost = cost.T
    rows = range(cost.shape[0])
    return float(min(sum(cost[row, column] for row, column in zip(rows, order, strict=True))
                     for order in permutations(range(cost.shape[1]), cost.shape[0])))  # fmt: skip


@settings(deadline=None)
@given(sides, sides, st.data())
def test_no_pairing_is_cheaper(rows: int, columns: int, data: st.DataObject) -> None:
    numbers = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(-10, 10))
    cost = np.array([[data.draw(numbers) for _ in range(columns)] for _ in range(rows)]).reshape(rows, columns)
    first, second = assign(cost)
    assert len(first) == len(set(first.tolist())) == len(set(second.tolist())) == min(rows, columns)
    assert cost[first, second].sum() == pytest.approx(cheapest(cost))


def test_a_large_pairing_is_as_cheap_as_the_hidden_one() -> None:
    rng = np.random.default_rng(0)
    order = rng.permutation(300)
    cost = rng.random((300, 300)) + 1
    cost[np.arange(300), order] = rng.random(300)
    rows, columns = assign(cost)
    assert np.array_equal(columns[np.argsort(rows)], order)
