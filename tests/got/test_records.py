"""Fine-tuning records: both forms, there and back, and what is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.errors import DocumentError
from ocr2.got.records import Record, RecordForm, Turn, read_records, write_records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b.jpg", "views/1.png", "views/2.png", "views/10.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_the_published_form_is_read(folder: Path) -> None:
    said = [
        {"from": "human", "value": "<image>\nOCR: "},
        {"from": "gpt", "value": "text"},
        {"from": "human", "value": "and then?"},
        {"from": "gpt", "value": ""},
    ]
    rows = [{"image": "a.png", "conversations": said}, {"image": "views", "conversations": said[:2]}]
    (folder / "records.json").write_text(json.dumps(rows))
    one, several = read_records(folder / "records.json")
    assert one == Record((folder / "a.png",), (Turn("OCR: ", "text"), Turn("and then?", "")))
    assert [path.name for path in several.images] == ["1.png", "2.png", "10.png"]


def test_the_forms_of_ms_swift_are_read(folder: Path) -> None:
    rows = [
        {"query": "<image>OCR: ", "response": "x", "images": ["a.png"]},
        {"query": "more", "response": "z", "history": [["<image>OCR: ", "y"]], "images": ["b.jpg"]},
        {
            "messages": [
                {"role": "system", "content": "be good"},
                {"role": "user", "content": "<image><image>OCR: "},
                {"role": "assistant", "content": "x"},
            ],
            "images": ["a.png", "b.jpg"],
        },
    ]
    (folder / "records.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    first, second, third = read_records(folder / "records.jsonl")
    assert first.turns == third.turns == (Turn("OCR: ", "x"),)
    assert second.turns == (Turn("OCR: ", "y"), Turn("more", "z"))
    assert len(third.images) == 2


@given(
    turns=st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=3),
    form=st.sampled_from(["got", "swift"]),
    several=st.booleans(),
)
def test_there_and_back(
    turns: list[tuple[str, str]], form: RecordForm, several: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("records")
    names = ["v/1.png", "v/2.png"] if several else ["v/1.png"]
    (folder / "v").mkdir()
    for name in names:
        (folder / name).touch()
    queries = [query.replace("<image>", "").removeprefix("\n").encode("utf-8", "ignore").decode() for query, _ in turns]
    answers = [answer.encode("utf-8", "ignore").decode() for _, answer in turns]
    written = [Record(tuple(folder / n for n in names), tuple(map(Turn, queries, answers)))]
    write_records(written, folder / "out", form=form)
    assert read_records(folder / "out") == written


def bad(**changes: object) -> dict[str, object]:
    return {"query": "<image>OCR: ", "response": "x", "images": ["a.png"], **changes}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (bad(images=["c.png"]), "there is no image .*c.png"),
        (bad(images=[]), "a record has images and turns, got 0 and 1"),
        (bad(query="OCR: "), "the first query must hold <image>"),
        (bad(response=3), "query and answer must be text, got .* and 3"),
        (bad(query=None), "query and answer must be text, got None"),
        ({"images": ["a.png"]}, "lacks 'query'"),
        ("text", "a record is a JSON object"),
        ({"image": "a.png", "conversations": []}, "turns must go human, gpt by turns, got none"),
        ({"image": "a.png", "conversations": [{"from": "gpt", "value": ""}]}, "turns must go .* got gpt"),
        ({"image": "nothing", "conversations": [{"from": "human", "value": ""}]}, "neither an image .* nor a folder"),
    ],
)
def test_bad_records_are_named(row: object, message: str, folder: Path) -> None:
    (folder / "bad.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(DocumentError, match=rf"record 1 of .*bad\.jsonl: .*{message}"):
        read_records(folder / "bad.jsonl")


@pytest.mark.parametrize(("text", "message"), [("{", "neither a JSON list nor JSON lines"), ("[]", "holds no records")])
def test_files_of_something_else_are_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(DocumentError, match=message):
        read_records(tmp_path / "f.json")


def test_what_a_form_cannot_say_is_refused(folder: Path) -> None:
    mixed = Record((folder / "a.png", folder / "b.jpg"), (Turn("OCR: ", ""),))
    with pytest.raises(ValueError, match="holds others than the record"):
        write_records([mixed], folder / "out.json", form="got")
    with pytest.raises(ValueError, match="lies outside"):
        write_records([mixed], folder / "out.jsonl", form="swift", images=folder / "views")
