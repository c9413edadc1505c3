"""Truths and answers brought together."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.inputs import Item
from ocr2.metrics.pairs import load_pairs, match_items


def folder(path: Path, texts: Mapping[str, str]) -> Path:
    for name, text in texts.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def records(path: Path, *rows: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def matched(truths: Path | None, answers: Path) -> dict[str, tuple[str, str]]:
    return {pair.name: (pair.truth, pair.answer) for pair in load_pairs(truths, answers).items}


def test_folders_are_matched_by_names_without_endings(tmp_path: Path) -> None:
    truths = folder(tmp_path / "gt", {"a.gt.txt": "A", "sub/b.txt": "B"})
    answers = folder(tmp_path / "out", {"a.md": "a", "sub/b.png.md": "b"})
    assert matched(truths, answers) == {"a.gt.txt": ("A", "a"), "sub/b.txt": ("B", "b")}


def test_a_list_of_pictures_is_matched_with_a_folder(tmp_path: Path) -> None:
    truths = records(tmp_path / "gt.jsonl", {"image": "images/1.bin.png", "text": "A"})
    assert matched(truths, folder(tmp_path / "out", {"1.bin.txt": "a"})) == {"images/1.bin.png": ("A", "a")}


def test_equal_names_in_several_folders_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    truths = folder(tmp_path / "gt", {"x/1.txt": "A", "y/1.txt": "B"})
    answers = folder(tmp_path / "out", {"x/1.txt": "a", "y/1.txt": "b"})
    assert matched(truths, answers) == {"x/1.txt": ("A", "a"), "y/1.txt": ("B", "b")}


def test_ids_tell_records_of_one_picture_apart(tmp_path: Path) -> None:
    truths = records(
        tmp_path / "gt.jsonl", {"id": 1, "image": "p.png", "text": "A"}, {"id": 2, "image": "p.png", "text": "B"}
    )
    answers = records(tmp_path / "out.jsonl", {"id": 2, "text": "b"}, {"id": 1, "text": "a"})
    assert matched(truths, answers) == {"p.png#1": ("A", "a"), "p.png#2": ("B", "b")}


def test_an_id_can_name_a_file(tmp_path: Path) -> None:
    answers = records(tmp_path / "out.jsonl", {"id": "1", "text": "a"})
    assert matched(folder(tmp_path / "gt", {"1.txt": "A"}), answers) == {"1.txt": ("A", "a")}


def test_two_single_texts_belong_together_whatever_they_are_called(tmp_path: Path) -> None:
    folder(tmp_path, {"truth.txt": "A\n", "answer.md": "a"})
    assert matched(tmp_path / "truth.txt", tmp_path / "answer.md") == {"truth.txt": ("A", "a")}


def test_what_has_no_partner_is_named(tmp_path: Path) -> None:
    truths = folder(tmp_path / "gt", {"1.txt": "A", "2.txt": "B"})
    pairs = load_pairs(truths, folder(tmp_path / "out", {"2.txt": "b", "3.txt": "c"}))
    assert (pairs.missing, pairs.unmatched) == (("1.txt",), ("3.txt",))
    assert [(pair.answer, pair.missing) for pair in pairs.items] == [("", True), ("b", False)]


def test_a_list_as_gots_scripts_write_it_needs_no_ground_truths(tmp_path: Path) -> None:
    rows = [{"label": "A", "answer": "a"}, {"image": "2.png", "label": "B", "answer": "b"}]
    (tmp_path / "out.json").write_text(json.dumps(rows))
    pairs = load_pairs(None, tmp_path / "out.json").items
    assert [(pair.name.split(" of ")[0], pair.truth, pair.answer) for pair in pairs] == [
        ("record 1", "A", "a"),
        ("2.png", "B", "b"),
    ]


def test_names_of_half_characters_can_be_printed(tmp_path: Path) -> None:
    records(tmp_path / "out.jsonl", {"id": "\ud800", "label": "A", "answer": "a"})
    assert load_pairs(None, tmp_path / "out.jsonl").items[0].name == "?"


@pytest.mark.parametrize(
    ("truths", "answers", "message"),
    [
        ({"a.txt": ""}, {"b.txt": ""}, r"no name of .*gt is one of .*out: 'a.txt' there, 'b.txt' here"),
        (
            {"a.txt": ""},
            {"a.txt": "", "a.md": ""},
            r"several items are called 'a' \(.*a.txt, .*a.md, .*a.txt\); give each a name of its own",
        ),
        ({"x/a.txt": "", "y/a.txt": ""}, {"a.txt": ""}, "several items are called 'a'"),
    ],
)
def test_names_that_do_not_match_are_refused(
    tmp_path: Path, truths: dict[str, str], answers: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        load_pairs(folder(tmp_path / "gt", truths), folder(tmp_path / "out", answers))


def test_without_ground_truths_labels_are_needed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a folder needs ground truths beside it \(--gt\)"):
        load_pairs(None, tmp_path)
    with pytest.raises(ValueError, match=r"expected a list of records \(.json, .jsonl\)"):
        load_pairs(None, folder(tmp_path, {"a.txt": ""}) / "a.txt")
    with pytest.raises(ValueError, match=r"record 1 of .*: without ground truths \(--gt\) it needs a label and an ans"):
        load_pairs(None, records(tmp_path / "out.jsonl", {"id": 1, "answer": "a"}))


@given(st.permutations(range(6)), st.booleans())
def test_order_does_not_matter(order: list[int], as_ids: bool) -> None:
    def item(number: int) -> Item:
        return Item(str(number), "", id=str(number)) if as_ids else Item(str(number), "", path=f"{number}.png")

    truths, answers = [item(number) for number in range(6)], [item(number) for number in order]
    found = match_items(truths, answers)
    assert all(truths[truth].text == answers[answer].text for truth, answer in found.items())
    assert len(found) == 6
