"""Fine-tuning records of GOT and of ms-swift: read, checked, written.

Source: docs/models/got.md, "Fine-tuning records".
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ocr2.errors import DocumentError
from ocr2.json_types import Json, JsonObject

RecordForm = Literal["got", "swift"]
IMAGE_TAG = "<image>"
GOT_SPEAKERS = ("human", "gpt")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer; the query as it is worded to the model."""

    query: str
    answer: str


@dataclass(frozen=True, slots=True)
class Record:
    """Images, one view each, and what is asked and answered about them."""

    images: tuple[Path, ...]
    turns: tuple[Turn, ...]

    def __post_init__(self) -> None:
        if not self.images or not self.turns:
            raise ValueError(f"a record has images and turns, got {len(self.images)} and {len(self.turns)}")


def read_records(path: Path, *, images: Path | None = None) -> list[Record]:
    """Read records in GOT's form (a JSON list) or ms-swift's (JSON lines; query or messages).

    Args:
        path: The file.
        images: Folder that relative image paths start from; the file's own by default.

    Raises:
        DocumentError: If the file is neither, or a record lacks something or an image; it is named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = (
            json.loads(text)
            if text.lstrip().startswith("[")
            else [json.loads(r) for r in text.split("\n") if r.strip()]
        )
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise DocumentError(f"{path} is neither a JSON list nor JSON lines: {error}") from error
    root = images if images is not None else path.parent
    records = []
    for number, row in enumerate(rows, start=1):
        try:
            records.append(_record(row, root))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise DocumentError(f"record {number} of {path}: {what}") from error
    if not records:
        raise DocumentError(f"{path} holds no records")
    return records


def _record(row: object, root: Path) -> Record:
    if not isinstance(row, dict):
        raise TypeError(f"a record is a JSON object, got {row!r:.40}")
    if "conversations" in row:
        return Record(_got_images(root / row["image"]), _turns(row["conversations"], "from", "value", GOT_SPEAKERS))
    files = row["images"]
    images = tuple(_existing(root / name) for name in ([files] if isinstance(files, str) else files))
    if "messages" in row:
        said = [message for message in row["messages"] if message["role"] != "system"]
        turns = _turns(said, "role", "content", ("user", "assistant"))
    else:
        pairs = [*(row.get("history") or []), (row["query"], row["response"])]
        turns = _without_tags([Turn(query, answer) for query, answer in pairs])
    return Record(images, turns)


def _turns(said: Sequence[dict[str, str]], who: str, what: str, speakers: tuple[str, str]) -> tuple[Turn, ...]:
    found = [part[who] for part in said]
    if not said or found != [speakers[i % 2] for i in range(len(said))] or len(said) % 2:
        raise ValueError(f"turns must go {speakers[0]}, {speakers[1]} by turns, got {', '.join(found) or 'none'}")
    return _without_tags([Turn(said[i][what], said[i + 1][what]) for i in range(0, len(said), 2)])


def _without_tags(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Take the image tags off; they must stand in the first query, where the views are."""
    for turn in turns:
        if not isinstance(turn.query, str) or not isinstance(turn.answer, str):
            raise TypeError(f"query and answer must be text, got {turn.query!r:.40} and {turn.answer!r:.40}")
    if IMAGE_TAG not in turns[0].query:
        raise ValueError(f"the first query must hold {IMAGE_TAG}, got {turns[0].query!r}")
    if any(IMAGE_TAG in turn.query for turn in turns[1:]):
        raise ValueError(f"{IMAGE_TAG} in a later query; images belong to the first")
    first = Turn(turns[0].query.replace(IMAGE_TAG, "").removeprefix("\n"), turns[0].answer)
    return (first, *turns[1:])


def _got_images(path: Path) -> tuple[Path, ...]:
    """Return the file, or the PNGs of the folder that stands for several views, in natural order."""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return (_existing(path),)
    views = sorted(path.glob("*.png"), key=_natural)
    if not views:
        raise ValueError(f"{path} is neither an image ({', '.join(IMAGE_SUFFIXES)}) nor a folder of PNGs")
    return tuple(views)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no image {path}")
    return path


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", path.name)]


def write_records(records: Sequence[Record], path: Path, *, form: RecordForm, images: Path | None = None) -> None:
    """Write records; image paths become relative to a folder.

    Args:
        records: What is written.
        path: The file.
        form: "got" (one image, or a folder that holds exactly the record's PNGs) or "swift".
        images: Folder that image paths start from; the file's own by default.

    Raises:
        ValueError: If an image lies outside the folder, or several images cannot be named in GOT's form.
    """
    root = images if images is not None else path.parent
    if form == "got":
        rows = [_got_row(record, root) for record in records]
        path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return
    lines = [json.dumps(_swift_row(record, root), ensure_ascii=False) for record in records]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _got_row(record: Record, root: Path) -> JsonObject:
    image = record.images[0]
    if image.suffix.lower() not in IMAGE_SUFFIXES:
        raise ValueError(f"GOT's form takes {', '.join(IMAGE_SUFFIXES)}, got {image.name}")
    if len(record.images) > 1:
        image = image.parent
        if _got_images(image) != record.images:
            raise ValueError(f"GOT's form names several views by a folder; {image} holds others than the record")
    said = []
    for i, turn in enumerate(record.turns):
        query = f"{IMAGE_TAG}\n{turn.query}" if i == 0 else turn.query
        said += [{"from": GOT_SPEAKERS[0], "value": query}, {"from": GOT_SPEAKERS[1], "value": turn.answer}]
    return {"image": _relative(image, root), "conversations": said}


def _swift_row(record: Record, root: Path) -> JsonObject:
    queries = [turn.query for turn in record.turns]
    queries[0] = IMAGE_TAG * len(record.images) + queries[0]
    pairs = [[query, turn.answer] for query, turn in zip(queries, record.turns, strict=True)]
    row: dict[str, Json] = {"query": pairs[-1][0], "response": pairs[-1][1]}
    row["images"] = [_relative(image, root) for image in record.images]
    return {**row, "history": pairs[:-1]} if len(pairs) > 1 else row


def _relative(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError as error:
        raise ValueError(f"{path} lies outside {root}") from error
