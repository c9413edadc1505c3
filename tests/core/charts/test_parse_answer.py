"""Answers of chart models: well-formed, nearly so, cut short, or something else; nothing is raised for any text."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.charts.parse_answer import MAX_LENGTH, ChartAnswer, parse_answer
from ocr2.charts.syntax import MAX_NESTING, Group, read_tree
from ocr2.formats.chart.json import values_of

WHOLE = {
    "title": "Sales", "source": "Office", "x_title": "None", "y_title": "t",
    "values": {"2019": {"Jan": "1,234", "Feb": "2"}, "2020": {"Jan": "3"}},
}  # fmt: skip
NESTED = {"2019": {"Jan": "1,234", "Feb": "2"}, "2020": {"Jan": "3"}}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
LEAVES = TEXTS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
JSON_VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
PIECES = st.sampled_from(
    [*"{}[]():,\"'\\ \n.-", '"values"', "'a'", '"1,234"', "None", "NaN", "1e5", "<Number>", "</s>"]
)


def printed(answer: ChartAnswer) -> dict[str, object]:
    return values_of(answer.series)


def assert_parsed(text: str, values: dict[str, object], *, repaired: bool) -> None:
    answer = parse_answer(text)
    assert printed(answer) == values
    assert (answer.repaired, answer.reason) == (repaired, None)


def as_group(value: Any) -> str | Group:
    """Return what JSON says as `read_tree` does."""
    if isinstance(value, dict):
        return Group(False, [(key, as_group(child)) for key, child in value.items()])
    if isinstance(value, list):
        return Group(True, [(str(i), as_group(child)) for i, child in enumerate(value, start=1)])
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("frame", ["{}", "<Number>{}</s>", "<Number> {}.", " {} </s>\n", "{}.</s>"])
def test_a_whole_answer_is_read(indent: int | None, frame: str) -> None:
    answer = parse_answer(frame.replace("{}", json.dumps(WHOLE, indent=indent)))
    assert (answer.title, answer.source, answer.x_title, answer.y_title) == ("Sales", "Office", None, "t")
    assert printed(answer) == NESTED
    assert answer.series[0].values[0].value == 1234
    assert (answer.repaired, answer.reason) == (False, None)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"values": {"a": "1", "b": "2"}', {"a": "1", "b": "2"}),
        ('{"values": {"a": "1", "b": "2', {"a": "1"}),
        ('{"values": {"a": "1", "b":', {"a": "1"}),
        ('{"values": {"S": {"a": "1"}, "T": {"b": "2"', {"S": {"a": "1"}, "T": {"b": "2"}}),
        ("{'values': {'a': 1.50, 'b': -2, 'c': None}}", {"a": "1.50", "b": "-2", "c": "None"}),
        ("""{'values': {'men's': "1", "women's": '2'}}""", {"men's": "1", "women's": "2"}),
        ('{"values": {"5" nails": "1"}}', {'5" nails': "1"}),
        ('{"values": {"a": "1" "b": "2",, "c" "3", "d": "4"}}', {"a": "1", "b": "2", "c": "3", "d": "4"}),
        ("{values: {Jan: 3, Feb: 1,234 t, Mar: 5%}}", {"Jan": "3", "Feb": "1,234 t", "Mar": "5%"}),
        ('{"values": {"a": "1"}} and so on {"b": "2"}', {"a": "1"}),
        ('```json\n{"values": {"a": "1"}}\n```', {"a": "1"}),
        ('{"values": {"a": NaN, "b": -Infinity}}', {"a": "NaN", "b": "-Infinity"}),
        ('{"values": {"a\nb": "1"}}', {"a\nb": "1"}),
        (r'{"values": {"\q": "1"}}', {"q": "1"}),
        ('{"values" {"a": "1"}}', {"a": "1"}),
    ],
)
def test_a_broken_answer_is_repaired(text: str, values: dict[str, object]) -> None:
    assert_parsed(text, values, repaired=True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"data": {"a": "1"}}', {"a": "1"}),
        (
            '{"values": {"a": 1.50, "b": 7e3, "c": true, "d": null}}',
            {"a": "1.50", "b": "7e3", "c": "true", "d": "null"},
        ),
        ('{"values": {"a": "1", "a": "2", "a": "3"}}', {"a": "1", "a (2)": "2", "a (3)": "3"}),
        ('{"values": {"S": {"a": "1"}, "S": {"a": "2"}}}', {"S": {"a": "1"}, "S (2)": {"a": "2"}}),
        ('{"values": ["1", ["2", "3"]]}', {"1": "1", "2": {"1": "2", "2": "3"}}),
        ('{"values": {"a": "1", "S": {"b": "2"}, "c": "3"}}', {"a": "1", "S": {"b": "2"}, "c": "3"}),
        ('{"values": {"x": {"y": {"a": "1"}}}}', {"x / y": {"a": "1"}}),
        ('{"values": {"S": {}, "T": {"a": "1"}}}', {"S": {}, "T": {"a": "1"}}),
        (r'{"values": {"\ud83d\ude00 \"x\" \/": "1"}}', {'😀 "x" /': "1"}),
    ],
)
def test_unusual_values_are_kept_in_order(text: str, values: dict[str, object]) -> None:
    assert_parsed(text, values, repaired=False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        ("<Number></s>", "the answer is empty"),
        ("No chart.", "the answer is no dictionary: 'No chart'"),
        ("word " * 20, f"the answer is no dictionary: {('word ' * 8)!r} …"),
        ("{}", "the answer has no values"),
        ('{"title": "Sales"}', "the answer has no values"),
        ('{"values": "None"}', "the answer has no values"),
        ('{"values": {"S": {}}}', "the answer has no values"),
        ("[1, 2]", "the answer is no dictionary: '[1, 2]'"),
    ],
)
def test_an_answer_without_values_says_why(text: str, reason: str) -> None:
    answer = parse_answer(text)
    assert (answer.reason, answer.series) == (reason, ())


def test_the_title_of_an_answer_without_values_is_kept() -> None:
    assert parse_answer('{"title": "Sales"').title == "Sales"


@pytest.mark.parametrize("absent", ["None", "none", "null", "", " "])
def test_a_title_that_is_absent_is_none(absent: str) -> None:
    assert parse_answer(json.dumps({"title": absent, "values": {"a": "1"}})).title is None
    assert parse_answer('{"title": null, "values": {"a": "1"}}').title is None


def test_a_number_at_the_end_of_a_cut_answer_may_lack_digits() -> None:
    text = '{"values": {"a": 1, "b": 12'
    assert printed(parse_answer(text, cut=True)) == {"a": "1"}
    assert printed(parse_answer(text)) == {"a": "1", "b": "12"}


def test_three_hundred_values_are_kept() -> None:
    values = {f"p{i}": str(i) for i in range(300)}
    assert printed(parse_answer(json.dumps({"values": values}))) == values


def test_what_is_nested_too_deep_is_left_out() -> None:
    text = '{"values": ' + '{"a":' * 5000 + '"1"' + "}" * 5000 + "}"
    answer = parse_answer(text)
    assert (answer.reason, answer.series) == ("the answer has no values", ())
    inside = '{"a":' * (MAX_NESTING - 2) + '"1"' + "}" * (MAX_NESTING - 2)
    assert parse_answer('{"values": ' + inside + "}").reason is None


@pytest.mark.parametrize(
    "text",
    [
        '"' * 400_000, "{" * 400_000, '{"' + "\\" * 400_001, '{"a' + '" ' * 200_000, "{'" + "\"'" * 200_000,
        '{"values": {' + '"a": 1, ' * 60_000, "{a:" + "1,234" * 100_000, "{" + " " * 400_000 + "." * 9,
        "</s>." * 50_000,
        '{"values": {"a": ' + "9" * 100_000 + "}}", "{[" * 100_000, '{"a" ' * 80_000,
    ],
)  # fmt: skip
def test_long_answers_take_time_by_their_length_alone(text: str) -> None:
    assert len(text) > MAX_LENGTH / 2
    started = time.process_time()
    parse_answer(text)
    assert time.process_time() - started < 5


@given(st.text() | st.lists(PIECES, max_size=60).map("".join))
@settings(deadline=None)
def test_no_text_raises(text: str) -> None:
    for answer in (parse_answer(text), parse_answer("{" + text, cut=True), parse_answer('{"values": {' + text)):
        count = sum(len(series.values) for series in answer.series)
        assert (answer.reason is None) == (count > 0)
        printed(answer)


@given(st.dictionaries(TEXTS, JSON_VALUES, max_size=4), st.sampled_from([None, 1]), st.booleans())
@settings(deadline=None)
def test_the_repairing_reader_reads_json_as_json(content: dict[str, Any], indent: int | None, ascii: bool) -> None:
    assert read_tree(json.dumps(content, indent=indent, ensure_ascii=ascii)) == as_group(content)


def test_a_label_that_is_written_as_the_models_token_is_kept() -> None:
    assert printed(parse_answer('<Number>{"values": {"a <Number>": "1"}}</s>')) == {"a <Number>": "1"}


@given(st.dictionaries(TEXTS.filter(bool), TEXTS, min_size=1, max_size=6), st.data())
@settings(deadline=None)
def test_a_cut_answer_loses_nothing_but_its_end(values: dict[str, str], data: st.DataObject) -> None:
    whole = json.dumps({"values": values})
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    kept = printed(parse_answer(cut, cut=True))
    assert list(kept.items()) == list(values.items())[: len(kept)]
