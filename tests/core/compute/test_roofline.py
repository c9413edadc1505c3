"""Rates of a machine and times: what they are made of, not how high they are."""

import math
import time
from collections.abc import Callable

import pytest
import torch

from ocr2.compute.roofline import Limits, measure_limits, median_seconds, seconds_in_turn, seconds_of


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def runs(self, *seconds: float) -> Callable[[], None]:
        """Return a call that takes so long, the first time, the second and so on."""
        waiting = iter(seconds)

        def run() -> None:
            self.now += next(waiting)

        return run


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(time, "perf_counter", found)
    return found


def test_the_median_leaves_out_the_first_call(clock: Clock) -> None:
    assert median_seconds(clock.runs(100, 3, 1, 2), repeats=3) == 2


def test_calls_take_turns(clock: Clock) -> None:
    order: list[str] = []
    found = seconds_in_turn({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=2)
    assert order == ["a", "b"] * 3
    assert found == {"a": 0, "b": 0}


def test_each_call_has_its_own_median(clock: Clock) -> None:
    assert seconds_in_turn({"a": clock.runs(9, 1, 1), "b": clock.runs(9, 4, 6)}, repeats=2) == {"a": 1, "b": 5}


def test_one_call_is_timed_without_another(clock: Clock) -> None:
    assert seconds_of(clock.runs(7)) == 7


def test_no_turns_are_refused() -> None:
    with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
        median_seconds(lambda: None, repeats=0)


def test_rates_are_work_over_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr2.compute.roofline.median_seconds", lambda run, *, repeats, device: 0.5)
    found = measure_limits(torch.float32, side=64, copied=1000)
    assert found.gemm_flops == 4 * 64**3  # 64 products and as many sums for each of 64 x 64 elements, twice a second
    assert found.copy_bytes == 4000  # 1000 read and 1000 written, twice a second


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_machine_has_rates(dtype: torch.dtype) -> None:
    found = measure_limits(dtype, side=32, copied=1024, repeats=1)
    assert all(rate > 0 and math.isfinite(rate) for rate in (found.gemm_flops, found.copy_bytes))


def test_work_at_the_limit_has_a_share_of_one() -> None:
    limits = Limits(gemm_flops=3e12, copy_bytes=2e10)
    assert limits.gemm_share(6e12, 2) == limits.copy_share(1e10, 0.5) == 1
