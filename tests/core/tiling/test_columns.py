"""Columns and reading order from boxes of lines."""

import hypothesis.strategies as st
from hypothesis import given

from ocr2.tiling.columns import Band, cut_columns

SIZE = 10.0  # x-height


def band(left: float, top: float, right: float, words: int = 8) -> Band:
    return Band(left, top, right, top + SIZE, words)


def text(left: float, right: float, top: float, count: int, pitch: float = 26) -> list[Band]:
    return [band(left, top + pitch * i, right) for i in range(count)]


def tops(bands: list[Band]) -> list[list[tuple[float, float]]]:
    return [sorted((bands[i].left, bands[i].top) for i in column) for column in cut_columns(bands)]


def test_nothing_has_no_columns() -> None:
    assert cut_columns([]) == []


def test_two_columns_below_a_title_are_read_one_after_the_other() -> None:
    bands = [band(200, 0, 700), *text(0, 400, 60, 12), *text(430, 830, 60, 12)]
    assert [len(column) for column in cut_columns(bands)] == [1, 12, 12]
    assert all(left == 0 for left, _ in tops(bands)[1])


def test_four_narrow_columns_of_a_magazine_are_kept_apart() -> None:
    bands = [b for i in range(4) for b in text(230 * i, 230 * i + 210, 0, 20)]
    assert [column[0][0] for column in tops(bands)] == [0, 230, 460, 690]


def test_a_picture_between_the_lines_of_a_column_does_not_join_it_to_its_neighbour() -> None:
    bands = [*text(0, 400, 0, 30), *text(430, 830, 0, 6), *text(430, 830, 500, 10)]
    assert [len(column) for column in cut_columns(bands)] == [30, 16]


def test_cells_of_rows_are_no_columns() -> None:
    bands = [band(x, 30 * row, x + 120, 1) for row in range(10) for x in (0, 200, 400)]
    assert len(cut_columns(bands)) == 1


def test_long_cells_beside_codes_are_no_columns() -> None:
    bands = [b for row in range(20) for b in (band(0, 30 * row, 140, 1), band(200, 30 * row, 560, 5))]
    assert len(cut_columns(bands)) == 1


def test_contents_in_two_columns_are_read_down() -> None:
    row = [(0, 150, 3), (370, 400, 1), (450, 600, 3), (820, 850, 1)]
    bands = [band(left, 30 * i, right, words) for i in range(12) for left, right, words in row]
    assert [len(column) for column in cut_columns(bands)] == [24, 24]


def test_a_title_over_two_of_three_columns_leaves_them_whole() -> None:
    columns = [b for x in (0, 350, 700) for b in text(x, x + 310, 60, 20)]
    assert [len(column) for column in cut_columns([band(0, 0, 480), *columns])] == [1, 20, 20, 20]


def test_a_word_too_long_for_its_column_does_not_end_it() -> None:
    left, right = text(0, 310, 60, 20), text(350, 660, 60, 20)
    left[9] = band(0, left[9].top, 345, 1)
    assert [len(column) for column in cut_columns([*left, *right])] == [20, 20]
    across = [*text(0, 310, 60, 9), band(0, 60 + 26 * 10, 480), *text(0, 310, 60 + 26 * 12, 9)]
    beside = [*text(350, 660, 60, 9), *text(350, 660, 60 + 26 * 12, 9)]
    assert [len(column) for column in cut_columns([*across, *beside])] == [9, 9, 1, 9, 9]


def test_notes_that_share_no_rows_with_the_text_beside_them_are_a_column() -> None:
    bands = [*text(0, 500, 0, 20), *(band(560, 9 + 41 * i, 660, 2) for i in range(8))]
    assert [len(column) for column in cut_columns(bands)] == [20, 8]


@given(
    st.lists(
        st.tuples(st.floats(0, 900), st.floats(0, 900), st.floats(1, 400), st.floats(2, 40), st.integers(1, 9)),
        max_size=40,
    )
)
def test_every_line_is_in_one_column(rows: list[tuple[float, float, float, float, int]]) -> None:
    bands = [Band(x, y, x + w, y + h, words) for x, y, w, h, words in rows]
    assert sorted(i for column in cut_columns(bands) for i in column) == list(range(len(bands)))
