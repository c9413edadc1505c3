"""Texts to be compared, out of folders of text files, lists of records and documents of `ocr2 read`."""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from ocr2.results.document import MARGIN_KINDS

Side = Literal["truth", "answer"]

TEXT_SUFFIXES = (".txt", ".text", ".md", ".markdown", ".mmd", ".tex")
LISTS = ("data.jsonl", "metadata.jsonl")  # in a folder, the list of its pictures
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pdf")
# Endings that say what a file is, not which: page.gt.txt, page.png and page.json are one page.
ENDINGS = frozenset((*TEXT_SUFFIXES, *PICTURE_SUFFIXES, ".json", ".gt"))

PATH_FIELDS = ("image", "images", "file", "file_name", "path")
ID_FIELDS = ("id", "name")
SHARED_FIELDS = ("text", "response", "conversations", "messages")
TEXT_FIELDS: Mapping[Side, tuple[str, ...]] = {
    "truth": ("label", *SHARED_FIELDS),
    "answer": ("answer", *SHARED_FIELDS),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One text and what it is called."""

    text: str
    where: str  # it was found, for messages
    path: str | None = None  # of the picture or text, below the folder or as the record has it
    id: str | None = None

    @property
    def name(self) -> str:
        """What a person would call it."""
        return "#".join(filter(None, (self.path, self.id))) or self.where

    def keys(self, kind: Literal["path", "id", "name"]) -> set[str]:
        """Return what it can be recognised by: all of its path, its id, or the last part of either."""
        if kind == "id":
            return {self.id} if self.id else set()
        paths = {stem_of(self.path)} if self.path else set()
        if kind == "path":
            return paths
        return {PurePosixPath(path).name for path in paths} | ({stem_of(self.id)} if self.id else set())


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of one side."""

    items: tuple[Item, ...]
    files: tuple[Path, ...]  # that were read
    is_single: bool  # one text file or document, which is compared with another whatever they are called


def stem_of(path: str) -> str:
    """Return a path without the endings that say what the file is.

    Examples:
        >>> stem_of("images/0001.bin.png"), stem_of("out/0001.bin.txt"), stem_of("0001.gt.txt")
        ('images/0001.bin', 'out/0001.bin', '0001')
    """
    stem = PurePosixPath(unicodedata.normalize("NFC", path.replace("\\", "/")))
    while stem.suffix.lower() in ENDINGS:
        stem = stem.with_suffix("")
    return stem.as_posix()


def read_texts(source: Path, side: Side) -> Texts:
    """Read all texts of a file or folder.

    Args:
        source: A text file, a document of `ocr2 read -f json`, a JSON or JSONL list of records, or a folder of
            the first two with its sub-folders. A folder that holds `data.jsonl` or `metadata.jsonl` means that list.
        side: Which text is taken of a record that has two.

    Raises:
        ValueError: If it holds no text, or something else.
        OSError: If it cannot be read.
    """
    if not source.is_dir():
        return _read_file(source, side)
    for name in LISTS:
        if (source / name).is_file():
            return _read_file(source / name, side)
    paths = [path for path in sorted(source.rglob("*")) if _is_text(path.relative_to(source)) and path.is_file()]
    if not paths:
        raise ValueError(f"{source}: expected text files ({', '.join(TEXT_SUFFIXES)}) or .json, found none")
    items = [_read_single(_parse(path), path, path.relative_to(source).as_posix()) for path in paths]
    return Texts(tuple(items), tuple(paths), is_single=False)


def read_records(source: Path) -> list[tuple[str, dict[str, object]]]:
    """Return the records of a JSON or JSONL list, each with where it stands.

    Raises:
        ValueError: If the file is no list of records, or an empty one.
        OSError: If it cannot be read.
    """
    content = _parse(source)
    if not isinstance(content, list):
        raise ValueError(f"{source}: expected a list of records (.json, .jsonl)")
    return _check_records(content, source)


def item_of(record: Mapping[str, object], where: str, side: Side) -> Item:
    """Return the text of a record and its name.

    Raises:
        ValueError: If it has no text.
    """
    for key in TEXT_FIELDS[side]:
        if key in record:
            text = record[key] if key not in ("conversations", "messages") else _spoken(record[key])
            if text is None and side == "answer":  # a page that gave nothing
                text = ""
            if isinstance(text, str):
                return Item(text, where, _first(record, PATH_FIELDS), _first(record, ID_FIELDS))
            raise ValueError(f"{where}: expected a text as {key!r}, got {type(record[key]).__name__}")
    raise ValueError(f"{where}: expected one of {', '.join(TEXT_FIELDS[side])}, got {', '.join(record) or 'nothing'}")


def _read_file(path: Path, side: Side) -> Texts:
    content = _parse(path)
    if not isinstance(content, list):
        return Texts((_read_single(content, path, path.name),), (path,), is_single=True)
    items = [item_of(record, where, side) for where, record in _check_records(content, path)]
    for item in items:
        if item.path is None and item.id is None:
            raise ValueError(f"{item.where}: expected a name, one of {', '.join((*PATH_FIELDS, *ID_FIELDS))}")
    return Texts(tuple(items), (path,), is_single=False)


def _check_records(content: Sequence[object], source: Path) -> list[tuple[str, dict[str, object]]]:
    if not content:
        raise ValueError(f"{source}: there are no records in it")
    records = []
    for number, row in enumerate(content, start=1):
        where = f"record {number} of {source}"
        if not isinstance(row, dict):
            raise ValueError(f"{where}: expected an object, got {type(row).__name__}")
        records.append((where, row))
    return records


def is_hidden(path: Path) -> bool:
    """Return whether a file or a folder on the way to it has a name that begins with a dot."""
    return any(part.startswith(".") for part in path.parts)


def _is_text(path: Path) -> bool:
    """Return whether a file below a folder is to be compared: a text or document, not hidden."""
    return path.suffix.lower() in (*TEXT_SUFFIXES, ".json") and not is_hidden(path)


def _read_single(content: object, path: Path, name: str) -> Item:
    if isinstance(content, str):
        return Item(content.removesuffix("\n"), str(path), name)
    try:
        return Item(_document_text(content), str(path), name)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: expected a document of `ocr2 read -f json`") from error


def _parse(path: Path) -> object:
    """Return what a file holds: its text, or its JSON; of JSONL a list."""
    text = read_text(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return parse_json(text, str(path))
    if suffix == ".jsonl":
        lines = enumerate(text.split("\n"), start=1)
        return [parse_json(line, f"line {number} of {path}") for number, line in lines if line.strip()]
    return text


def parse_json(text: str, where: str) -> object:
    """Return what JSON says.

    Raises:
        ValueError: If it is none; `where` names its place.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: not JSON ({error})") from error


def read_text(path: Path) -> str:
    """Return a text file's content, line ends made plain.

    Raises:
        ValueError: If it is not UTF-8 text.
        OSError: If it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text (byte {error.start})") from error
    if "\0" in text:
        raise ValueError(f"{path}: not text, it holds a NUL character")
    return text


def _document_text(document: object) -> str:
    """Return what `Document.text` gives: page furniture left out; KeyError and its like if it is no document."""
    if not isinstance(document, dict):
        raise TypeError(f"expected an object, got {type(document).__name__}")
    return "\n\f\n".join(
        "\n\n".join(
            str(block["text"]) for block in page["blocks"] if block["kind"] not in MARGIN_KINDS and block["text"]
        )
        for page in document["pages"]
    )


def _spoken(turns: object) -> str | None:
    """Return what the model says in a conversation, in GOT's form or in that of chats."""
    said = list(_model_turns(turns))
    return "\n".join(said) if said else None


def _model_turns(turns: object) -> Iterator[str]:
    for turn in turns if isinstance(turns, list) else ():
        if isinstance(turn, dict) and (turn.get("from") or turn.get("role")) in ("gpt", "assistant"):
            text = turn.get("value", turn.get("content"))
            if isinstance(text, str):
                yield text


def _first(record: Mapping[str, object], fields: tuple[str, ...]) -> str | None:
    """Return the first of the fields that names something; of a list its first entry."""
    for key in fields:
        value = record.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str | int) and str(value):
            return str(value)
    return None
