"""Charts out of ChartSE's lists and our own files."""

import json
from pathlib import Path
from typing import Any

import pytest

from ocr2.metrics.chart_records import ChartPairs, load_chart_pairs, parse_answer

VALUES = {"a": "1", "b": "2"}


def load(folder: Path, truths: Any, answers: Any) -> ChartPairs:
    """Write both sides as files and load them."""
    (folder / "gt.json").write_text(json.dumps(truths))
    (folder / "pred.json").write_text(json.dumps(answers))
    return load_chart_pairs(folder / "gt.json", folder / "pred.json")


def ours(file: str, page: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a chart as `ocr2 chart` writes it."""
    reliability = {"verdict": "reliable", "score": 0.9, "distance": 0.1, "reason": "they agree"}
    chart = {"file": file, "page": page, "title": None, "values": VALUES, "reliability": reliability, "error": None}
    return chart | fields


@pytest.mark.parametrize(
    "text",
    [
        '{"values": {"a": "1"}}',
        ' <Number>{"values": {"a": "1"}}</s> ',
        '<Number> {"values": {"a": "1"}}.',
        '{"values": {"a": "1"',
        '{\n    "values": {\n        "a": "1"\n    }\n}',
    ],
)
def test_answers_of_every_form_are_parsed(text: str) -> None:
    assert parse_answer(text) == {"values": {"a": "1"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("I see a chart", "not JSON"),
        ('{"values": {"a": "1', "not JSON"),
        ("{" * 100_000, "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "expected an object, got list"),
        ("3", "expected an object, got int"),
    ],
)
def test_other_answers_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_answer(text)


def test_chartses_lists_are_matched_by_the_pictures_name(tmp_path: Path) -> None:
    truths = [{"images": f"{n}.png", "gts": {"title": ["a", "b"], "values": VALUES}} for n in (1, 2, 3)]
    answers = [
        {"imagename": "some/where/2.png", "answer": json.dumps({"data": VALUES})},
        {"imagename": "1.jpg", "answer": "what?"},
        {"imagename": "4.png", "answer": "{}"},
    ]
    pairs = load(tmp_path, truths, answers)
    assert [pair.name for pair in pairs.items] == ["1.png", "2.png", "3.png"]
    assert [pair.answer for pair in pairs.items] == [None, {"data": VALUES}, None]
    assert pairs.missing == ("3.png",)
    assert pairs.unmatched == ("4.png",)
    assert list(pairs.unreadable) == ["1.png"]
    assert pairs.unreadable["1.png"].startswith("the answer: not JSON")


def test_our_own_charts_are_matched_by_file_and_page(tmp_path: Path) -> None:
    truths = [ours("plots/a.pdf", 1), ours("plots/a.pdf", 2), {"file": "b.png", "values": {}}]
    answers = [ours("out/b.png"), ours("out/a.pdf", 2, values={"x": 1}), ours("out/a.pdf", 1, values={}, error="blank")]
    pairs = load(tmp_path, truths, answers)
    assert [pair.name for pair in pairs.items] == ["plots/a.pdf", "plots/a.pdf#2", "b.png"]
    assert [pair.answer and pair.answer["values"] for pair in pairs.items] == [None, {"x": 1}, VALUES]
    assert pairs.unreadable == {"plots/a.pdf": "blank"}
    assert [pair.trust for pair in pairs.items] == [0.9, 0.9, 0.9]


def test_a_folder_of_charts_goes_by_its_files(tmp_path: Path) -> None:
    for side in ("gt", "pred"):
        (tmp_path / side / "deep/.hidden").mkdir(parents=True)
        (tmp_path / side / "deep/.hidden/x.json").write_text("[")
    (tmp_path / "gt/deep/a.json").write_text(json.dumps({"values": VALUES}))
    (tmp_path / "gt/b.png.json").write_text(json.dumps({"values": VALUES}))
    (tmp_path / "pred/a.json").write_text(json.dumps([ours("x/a.png"), ours("x/a.png", 2)]))
    (tmp_path / "pred/b.json").write_text(json.dumps(ours("/home/b.png", reliability=None)))
    pairs = load_chart_pairs(tmp_path / "gt", tmp_path / "pred")
    assert [(pair.name, pair.answer is None, pair.trust) for pair in pairs.items] == [
        ("b.png.json", False, None),
        ("deep/a.json", False, 0.9),
    ]
    assert pairs.unmatched == ("x/a.png#2",)
    assert len(pairs.files) == 4


def test_two_single_charts_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    pairs = load(tmp_path, ours("a.png"), ours("b.png"))
    assert [(pair.name, pair.missing) for pair in pairs.items] == [("a.png", False)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "expected an object as 'answer', got NoneType"),
        ([1], "expected an object as 'answer', got list"),
        ('{"title": "x"}', "expected values as an object, got NoneType"),
        ({"values": "1"}, "expected values as an object, got str"),
    ],
)
def test_answers_without_values_are_reasons_not_errors(tmp_path: Path, answer: object, reason: str) -> None:
    pairs = load(tmp_path, [ours("a.png")], [{"imagename": "a.png", "answer": answer}])
    assert pairs.unreadable == {"a.png": reason}


@pytest.mark.parametrize(
    ("truths", "answers", "message"),
    [
        ([], [], "gt.json: there are no charts in it"),
        ([3], [], "record 1 of .*gt.json: expected an object, got int"),
        (3, [], "gt.json: expected an object, got int"),
        ([{"values": {}}], [], "record 1 of .*gt.json: expected a name, one of image, .*, imagename"),
        ([{"file": "a", "text": "b"}], [], "record 1 of .*: expected one of gts, values, data, got file, text"),
        ([{"file": "a", "values": 3}], [], "record 1 of .*gt.json: expected values as an object, got int"),
        ([{"images": "a", "gts": "x"}], [], "record 1 of .*gt.json: the answer: not JSON"),
        ([ours("a.png")], [{"file": "a.png"}], "pred.json: expected one of answer, gts, values, data, got file"),
        ([ours("a.png")], [ours("b.png")], r"no name of .*gt.json is one of .*: 'a.png' there, 'b.png' here"),
        ([ours("a.png")], [ours("x/a.png"), ours("y/a.jpg")], r"several items are called 'a' \(record 1 of .*gt"),
    ],
)
def test_what_cannot_be_understood_is_refused(tmp_path: Path, truths: Any, answers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(tmp_path, truths, answers)


def test_files_that_are_no_charts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"bad.json: not JSON \("):
        load_chart_pairs(tmp_path / "bad.json", tmp_path / "bad.json")
    with pytest.raises(ValueError, match=r"empty: expected charts \(.json\), found none"):
        load_chart_pairs(tmp_path / "empty", tmp_path / "bad.json")
