"""Work in the background: order, limits, errors, an end."""

import threading
from collections.abc import Iterator

import pytest

from ocr2.reading.pages.prefetch import prefetch


def test_items_come_in_order() -> None:
    assert list(prefetch(iter(range(100)), depth=3)) == list(range(100))


def test_no_more_is_made_than_may_be() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(20):
            made.append(i)
            yield i

    for taken, _ in enumerate(prefetch(items(), depth=2), start=1):
        assert len(made) <= taken + 3  # two in the queue and one in hand


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    made = prefetch(items(), depth=2)
    assert next(made) == 1
    with pytest.raises(ValueError, match="no more"):
        next(made)


def test_closing_ends_the_thread_and_closes_the_items() -> None:
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    made = prefetch(items(), depth=1)
    assert next(made) == 0
    made.close()  # type: ignore[attr-defined]  # a generator
    assert closed.is_set()
    assert not any(thread.name == "ocr2-ahead" for thread in threading.enumerate())
