"""Texts out of folders, lists of records and documents."""

import json
from pathlib import Path

import pytest

from ocr2.metrics.inputs import Side, read_texts, stem_of
from ocr2.results.document import Block, BlockKind, Document, Page


def texts_of(source: Path, side: Side = "truth") -> dict[str, str]:
    return {item.name: item.text for item in read_texts(source, side).items}


def block(kind: BlockKind, text: str) -> Block:
    return Block(kind, text, None, 1.0, ())


def test_a_folder_gives_its_texts_and_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "deep/.hidden").mkdir(parents=True)
    for name in ("a.txt", "b.gt.txt", "c.PNG", "deep/d.MMD", ".e.txt", "deep/.hidden/f.txt"):
        (tmp_path / name).write_text(f"{name}\r\n\n")
    assert texts_of(tmp_path) == {"a.txt": "a.txt\n", "b.gt.txt": "b.gt.txt\n", "deep/d.MMD": "deep/d.MMD\n"}


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfwords")
    assert texts_of(tmp_path / "a.txt") == {"a.txt": "words"}


def test_our_own_documents_give_what_the_text_format_holds(tmp_path: Path) -> None:
    first = Page(1, 9, 9, None, (block("header", "H"), block("title", "T"), block("paragraph", "p q")))
    second = Page(2, 9, 9, None, error="broken")
    document = Document("x.pdf", (first, second), "fake", "0")
    document.save(tmp_path / "x.json")
    assert texts_of(tmp_path) == {"x.json": document.text}


@pytest.mark.parametrize(
    ("record", "name", "text"),
    [
        ({"image": "a/1.png", "text": "words"}, "a/1.png", "words"),
        ({"id": 7, "text": ""}, "7", ""),
        (
            {
                "image": "1.png",
                "conversations": [
                    {"from": "human", "value": "<image>\nOCR: "},
                    {"from": "gpt", "value": "words"},
                ],
            },
            "1.png",
            "words",
        ),
        ({"image": "1.png", "conversations": [{"from": "gpt", "value": ""}]}, "1.png", ""),  # a blank page
        ({"query": "<image>OCR: ", "response": "words", "images": ["1.png"]}, "1.png", "words"),
        (
            {
                "images": ["1.png"],
                "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "w"}],
            },
            "1.png",
            "w",
        ),
        ({"file_name": "1.png", "label": "words", "answer": "wrods"}, "1.png", "words"),
    ],
)
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_records_of_every_form(tmp_path: Path, record: dict[str, object], name: str, text: str, suffix: str) -> None:
    path = (tmp_path / "list").with_suffix(suffix)
    path.write_text(json.dumps([record]) if suffix == ".json" else f"{json.dumps(record)}\n\n", encoding="utf-8")
    assert texts_of(path) == {name: text}


def test_the_answer_is_taken_on_its_side(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "label": "words", "answer": "wrods"}\n{"id": 2, "answer": null}')
    assert texts_of(tmp_path / "a.jsonl", "answer") == {"1": "wrods", "2": ""}


def test_a_line_separator_in_a_text_ends_no_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "text": "a\u2028b"}', encoding="utf-8")
    assert texts_of(tmp_path / "a.jsonl") == {"1": "a\u2028b"}


def test_a_folder_of_pictures_with_their_list_means_the_list(tmp_path: Path) -> None:
    (tmp_path / "SOURCE.md").write_text("About this set.")
    (tmp_path / "data.jsonl").write_text('{"image": "images/1.png", "text": "words"}')
    assert texts_of(tmp_path) == {"images/1.png": "words"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"\x89PNG\r\n\xff", r"a.txt: not UTF-8 text \(byte 0\)"),
        ("a.txt", b"a\0b", "a.txt: not text, it holds a NUL character"),
        ("a.json", b"{", r"a.json: not JSON \(Expecting property name"),
        ("a.json", b"[" * 100_000, r"a.json: not JSON \(maximum recursion"),
        ("a.jsonl", b'{"id": 1, "text": "a"}\nx', "line 2 of .*a.jsonl: not JSON"),
        ("a.json", b'{"a": 1}', "a.json: expected a document of `ocr2 read -f json`"),
        ("a.json", b'{"pages": [1]}', "a.json: expected a document of `ocr2 read -f json`"),
        ("a.json", b"3", "a.json: expected a document of `ocr2 read -f json`"),
        ("a.json", b"[]", "a.json: there are no records in it"),
        ("a.json", b"[[]]", "record 1 of .*a.json: expected an object, got list"),
        ("a.json", b'[{"text": "a"}]', "record 1 of .*a.json: expected a name, one of image, images"),
        ("a.json", b'[{"id": 1, "txt": "a"}]', "expected one of label, text, response, .*, got id, txt"),
        ("a.json", b'[{"id": 1, "text": 5}]', "record 1 of .*a.json: expected a text as 'text', got int"),
        ("a.json", b'[{"id": 1, "text": null}]', "expected a text as 'text', got NoneType"),
        ("a.json", b'[{"id": 1, "conversations": [3]}]', "expected a text as 'conversations', got list"),
    ],
)
def test_what_cannot_be_understood_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_texts(tmp_path / name, "truth")


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"expected text files \(.txt, .* or .json, found none"):
        read_texts(tmp_path, "truth")


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("a/b.c.png", "a/b.c"),
        ("a\\b.png.txt", "a/b"),
        ("./b.GT.TXT", "b"),
        ("v1.2", "v1.2"),
        ("e\u0301.md", "é"),
        (".png", ".png"),
        ("", "."),
    ],
)
def test_endings_that_say_what_a_file_is_are_no_part_of_its_name(path: str, stem: str) -> None:
    assert stem_of(path) == stem
