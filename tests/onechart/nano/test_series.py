"""Values go to the series of their colours, those that were left out too; a value belongs to one series."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries
from ocr2.onechart.nano.series import arrange_bars, settle_series

# Elements: 0 and 1 name series, 2 and 3 are labels, 4 to 9 values, those of label 2 at 0.2, of label 3 at 0.6.
ALONG = [0.9, 0.9, 0.2, 0.6, 0.2, 0.6, 0.21, 0.61, 0.22, 0.62]
FIRST = SketchSeries((0,), (SketchPoint((2,), 4), SketchPoint((3,), 5)))
SECOND = SketchSeries((1,), (SketchPoint((2,), 6), SketchPoint((3,), 7)))


def sketch(*series: SketchSeries, kind: str = "bar") -> Sketch:
    return Sketch(kind, "grouped", {}, series)


def entries(**named: int) -> NDArray[np.float32]:
    """Values v4, v5, ... belong to the series that the element of this number names."""
    table = np.full((10, 10), 1e-3, np.float32)
    for name, entry in named.items():
        table[int(name[1:]), entry] = 0.9
    return table


def values(found: Sketch) -> dict[tuple[int, ...], dict[tuple[int, ...], int]]:
    return {series.name: {point.label: point.value for point in series.points} for series in found.series}


def test_values_of_a_label_are_exchanged_where_their_colours_say_so() -> None:
    found = settle_series(sketch(FIRST, SECOND), entries(v4=1, v6=0, v5=0, v7=1), ALONG, [])
    assert values(found) == {(0,): {(2,): 6, (3,): 5}, (1,): {(2,): 4, (3,): 7}}


def test_colours_that_tell_nothing_leave_the_decoders_word() -> None:
    given_ = sketch(FIRST, SECOND)
    assert settle_series(given_, np.full((10, 10), 0.1, np.float32), ALONG, []) == given_
    assert settle_series(given_, np.zeros((10, 10), np.float32), ALONG, [8, 9]) == given_


def test_a_series_that_was_skipped_is_found_where_the_values_stand() -> None:
    """Also one that would come first; what stands at no label is left out."""
    table = entries(v6=1, v7=1, v4=0, v5=0)
    found = settle_series(sketch(SECOND), table, ALONG, [4, 5], [0])
    assert values(found) == {(0,): {(2,): 4, (3,): 5}, (1,): {(2,): 6, (3,): 7}}
    far = [*ALONG[:4], 0.85, 0.99, *ALONG[6:]]
    assert settle_series(sketch(SECOND), table, far, [4, 5], [0]) == sketch(SECOND)
    assert settle_series(sketch(SECOND), table, ALONG, [4, 5]) == sketch(SECOND)  # nothing else may name a series


def test_values_left_over_are_a_series_of_their_own_though_their_colour_is_unclear() -> None:
    table = entries(v6=1, v7=1, v4=1, v5=1)
    table[[4, 5], 0] = 0.08
    found = settle_series(sketch(SECOND), table, ALONG, [4, 5], [0])
    assert values(found) == {(0,): {(2,): 4, (3,): 5}, (1,): {(2,): 6, (3,): 7}}
    table[[4, 5], 0] = 1e-3
    assert settle_series(sketch(SECOND), table, ALONG, [4, 5], [0]) == sketch(SECOND)


def test_a_value_that_two_series_were_given_stays_with_its_colour() -> None:
    """The other series takes the one left over; without one, it keeps what the decoder said."""
    twice = sketch(FIRST, SketchSeries((1,), FIRST.points))
    table = entries(v4=0, v5=0, v6=1, v7=1)
    found = settle_series(twice, table, ALONG, [6])
    assert values(found) == {(0,): {(2,): 4, (3,): 5}, (1,): {(2,): 6, (3,): 5}}


def test_a_series_said_twice_is_one() -> None:
    found = settle_series(sketch(FIRST, SECOND, FIRST), entries(v4=0, v5=0, v6=1, v7=1), ALONG, [])
    assert values(found) == values(sketch(FIRST, SECOND))


def test_series_that_nothing_names_are_left_alone() -> None:
    for given_ in (sketch(SketchSeries((), FIRST.points)), sketch(FIRST, SketchSeries((), SECOND.points)), sketch()):
        assert settle_series(given_, entries(v4=1, v5=1, v6=0, v7=0), ALONG, [8]) == given_


@given(st.integers(0, 2**32 - 1))
def test_no_value_is_made_up_and_no_label_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)
    elements = iter(range(7, 100))
    series = [
        SketchSeries((i,), tuple(SketchPoint((3 + j,), next(elements)) for j in range(4) if rng.random() < 0.7))
        for i in range(3)
    ]
    before = sketch(*[s for s in series if s.points])
    after = settle_series(before, rng.random((100, 100)).astype(np.float32), rng.random(100).tolist(), [])

    def points(s: Sketch) -> set[tuple[tuple[int, ...], int]]:
        return {(p.label, p.value) for one in s.series for p in one.points}

    assert points(after) <= points(before)
    assert {label for label, _ in points(after)} == {label for label, _ in points(before)}
    assert all(len({p.label for p in s.points}) == len(s.points) for s in after.series)


def test_bars_of_one_label_on_one_place_are_stacked() -> None:
    assert arrange_bars(sketch(FIRST, SECOND), ALONG, 4).arrangement == "grouped"
    valid = [*ALONG[:4], 0.2, 0.6, 0.201, 0.602, 0.2, 0.6]
    assert arrange_bars(sketch(FIRST, SECOND), valid, 4).arrangement == "stacked"
    assert arrange_bars(sketch(FIRST, SECOND, kind="line"), valid, 4).arrangement == "grouped"
    assert arrange_bars(sketch(FIRST, SECOND), valid, 8).arrangement == "grouped"  # printed values, no marks
