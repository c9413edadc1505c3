"""The n-gram ban and the loop detector."""

from hypothesis import given
from hypothesis import strategies as st

from ocr2.decoder.repetition import NgramBan, find_loop


def naive_ban(ids: list[int], size: int) -> set[int]:
    """The definition: tokens that would make the last n-gram one that was there before."""
    if len(ids) < size - 1:
        return set()
    tail = ids[len(ids) - size + 1 :]
    return {ids[i + size - 1] for i in range(len(ids) - size + 1) if ids[i : i + size - 1] == tail}


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 4))
def test_the_ban_is_its_definition(ids: list[int], size: int) -> None:
    ban = NgramBan(size)
    for token in ids:
        ban.add(token)
    assert ban.banned() == naive_ban(ids, size)


def test_size_zero_forbids_nothing() -> None:
    ban = NgramBan(0, [1, 1, 1])
    assert ban.banned() == set()


def test_legitimate_repeats_are_no_loop() -> None:
    leader = [9] * 120
    rows = list(range(24)) * 40
    assert find_loop([5, 6, *leader]) is None
    assert find_loop(rows) is None


def test_rows_that_count_up_are_no_loop() -> None:
    ids = [token for i in range(60) for token in (1, 2, 3, 100 + i)]
    assert find_loop(ids) is None


@given(st.lists(st.integers(0, 9), min_size=3, max_size=20), st.lists(st.integers(10, 19), max_size=30))
def test_a_long_repeat_is_cut_behind_its_first_period(period: list[int], start: list[int]) -> None:
    ids = start + period * 400
    length = find_loop(ids)
    assert length is not None
    assert length <= len(start) + len(period)
    assert ids[:length] == (start + period)[:length]
