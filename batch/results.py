"""Results of a batch: a file a document, or shards with a row a page; each appears whole or not at all."""

import dataclasses
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from ocr2.batch.inputs import Input, printable
from ocr2.batch.record import LOST, WHOLE, Body, FileRow, Record
from ocr2.batch.settings import BatchSettings
from ocr2.errors import MissingToolError, OCR2Error, OutputError
from ocr2.formats import save_bytes, save_document
from ocr2.formats.document.from_json import PageFields, read_page
from ocr2.formats.document.registry import FORMATS, format_named
from ocr2.options import ReadOptions
from ocr2.results.document import Document, Origin, Page

FOLDER = "results"
SHARD = "part-{:05}"
NEED_WORDS = frozenset(("json", "hocr", "html", "searchable-pdf"))
ROWS_AT_ONCE = 500  # that parquet is given


class CannotRenderError(Exception):
    """A result cannot be made, whatever place it is written to."""


@dataclasses.dataclass(frozen=True, slots=True)
class Complete:
    """A file all of whose pages are known."""

    file: Input
    hash: str
    pages: int  # of the document
    wanted: int  # of these
    selection: str


class Results(ABC):
    """Where results go.

    Args:
        record: Of the work.
        settings: Of the batch.
        setting: Key of the settings, under which pages stand in the record.
        weights_sha256: Of the model.
    """

    def __init__(self, record: Record, settings: BatchSettings, setting: str, weights_sha256: str) -> None:
        self.record = record
        self.settings = settings
        self.setting = setting
        self.weights_sha256 = weights_sha256
        self.folder = settings.workspace / FOLDER
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write to {self.folder}: {error.strerror}") from error

    @abstractmethod
    def add(self, complete: Complete) -> str | None:
        """Take a file's pages; its results are written now or with others. Returns why they cannot be made."""

    @abstractmethod
    def is_there(self, row: FileRow) -> bool:
        """Say whether a file's results are still there."""

    @abstractmethod
    def finish(self) -> None:
        """Write what waits."""


class FileResults(Results):
    """A file a document and format, under the names that the inputs have below what was named."""

    def is_there(self, row: FileRow) -> bool:
        """Say whether a file's results are still there."""
        if row.published is None:
            return False
        place = self.folder / row.published
        if self.settings.task == "read":
            plain = all(place.with_name(place.name + s).exists() for s in self._suffixes() if s != ".csv")
            return plain and (".csv" not in self._suffixes() or self._has_tables(place))
        ending = "-page-1" if row.pages != 1 else ""
        return all(place.with_name(f"{place.name}{ending}{suffix}").exists() for suffix in self._suffixes())

    def _has_tables(self, place: Path) -> bool:
        return any(place.with_name(f"{place.name}{ending}.csv").exists() for ending in ("", "-1"))

    def add(self, complete: Complete) -> str | None:
        """Write a document's results; returns why they cannot be made, None if they were."""
        stem = self._stem(complete.file)
        place = self.folder / stem
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write to {place.parent}: {error.strerror}") from error
        try:
            if self.settings.task == "read":
                self._write_document(complete, place)
            else:
                self._write_pages(complete, place)
        except CannotRenderError as error:
            with self.record.writing():
                self.record.close_file(complete.file.key, LOST, reason=str(error))
            return str(error)
        with self.record.writing():
            self.record.close_file(complete.file.key, WHOLE, published=stem)
        return None

    def finish(self) -> None:
        """Nothing waits."""

    def _suffixes(self) -> list[str]:
        if self.settings.task != "read":
            return [_suffix(self.settings.task, name) for name in self.settings.formats]
        rows = [FORMATS[format_named(name)] for name in self.settings.formats]
        return [row.own_suffix or row.suffix for row in rows]

    def _stem(self, file: Input) -> str:
        """Return the name of a file's results: without its suffix, unless another file has that name."""
        inside = PurePosixPath(_safe(printable(file.inside)))
        for stem in (inside.with_suffix("").as_posix(), inside.as_posix(), f"{inside.as_posix()}~{_short(file.key)}"):
            owner = self.record.owner_of(stem)
            if owner in (None, file.key):
                return stem
        return f"{inside.as_posix()}~{_short(file.key)}"

    def _write_document(self, complete: Complete, place: Path) -> None:
        names = [format_named(name) for name in self.settings.formats]
        words = bool(NEED_WORDS.intersection(names)) or self.settings.read.min_confidence > 0
        bodies = self.record.bodies(complete.hash, self.setting, complete.selection)
        pages = [_page(body["page"], words=words) for _, _, body in bodies]
        document = _assembled(pages, complete.file, self.settings, self.weights_sha256)
        for name, suffix in zip(names, self._suffixes(), strict=True):
            path = place.with_name(place.name + suffix)
            if name != "searchable-pdf":
                save_document(document, path, name)
                continue
            try:
                data = document.render(name)
            except (OCR2Error, OSError, ValueError) as error:  # of the file that it takes its pictures from
                raise CannotRenderError(f"{complete.file.key}: {name} cannot be made: {error}") from error
            save_bytes(path, data)

    def _write_pages(self, complete: Complete, place: Path) -> None:
        for page, _, body in self.record.bodies(complete.hash, self.setting, complete.selection):
            ending = f"-page-{page}" if complete.pages > 1 else ""
            for name, text in body.get("formats", {}).items():
                path = place.with_name(f"{place.name}{ending}{_suffix(self.settings.task, name)}")
                save_bytes(path, text.encode(errors="replace"))


class RowResults(Results):
    """Shards of rows, a page each, in JSON lines or Parquet; a document's pages stand in one shard."""

    def __init__(self, record: Record, settings: BatchSettings, setting: str, weights_sha256: str) -> None:
        super().__init__(record, settings, setting, weights_sha256)
        self.suffix = f".{settings.row_format}"
        if settings.row_format == "parquet":
            _pyarrow()
        self._waiting: list[Complete] = []
        self._renew()
        known = record.shards()
        for path in self.folder.glob(f"part-*{self.suffix}"):
            if path.name not in known:  # a run ended between writing it and noting that
                path.unlink()

    def is_there(self, row: FileRow) -> bool:
        """Say whether the shard with a file's rows is still there."""
        shard = self.record.shard_of(row.name, self.suffix)
        return shard is not None and (self.folder / shard).exists()

    def add(self, complete: Complete) -> str | None:
        """Take a file's pages; a shard is written when there are enough."""
        self._waiting.append(complete)
        if sum(one.wanted for one in self._waiting) >= self.settings.shard_rows:
            self._write_waiting()
        return None

    def finish(self) -> None:
        """Write what waits, and take the rows of files that cannot be opened any more out of earlier shards."""
        self._write_waiting()
        lost = self.record.lost_rows(self.suffix)
        with self.record.writing():
            self._note_stale({shard for _, shard in lost})
            for name, _ in lost:
                self.record.move_rows(name, self.suffix, None)
        self._renew()

    def _write_waiting(self) -> None:
        """Write a shard of all files that wait."""
        if not self._waiting:
            return
        number = int(self.record.fact("shards") or 0)
        name = SHARD.format(number) + self.suffix
        self._write(name, [(one.file.key, one.hash, one.pages, self.setting, one.selection) for one in self._waiting])
        before = {self.record.shard_of(one.file.key, self.suffix) for one in self._waiting}
        with self.record.writing():
            self.record.note("shards", str(number + 1))
            self._note_stale({shard for shard in before if shard is not None})  # their rows are out of date
            for one in self._waiting:
                self.record.close_file(one.file.key, WHOLE)
                self.record.move_rows(one.file.key, self.suffix, name)
        self._waiting = []
        self._renew()

    def _note_stale(self, shards: set[str]) -> None:
        self.record.note("stale", json.dumps(sorted({*self._stale(), *shards})))

    def _stale(self) -> list[str]:
        """Return the shards that hold rows of files which stand in later ones too."""
        return list(json.loads(self.record.fact("stale") or "[]"))

    def _renew(self) -> None:
        """Write the shards that are out of date again, without the rows that stand elsewhere by now."""
        stale = self._stale()
        for name in stale:
            kept = self.record.files_in(name)
            if kept:
                self._write(name, [(r.name, str(r.hash), r.pages or 0, r.setting, r.selection) for r in kept])
            else:
                (self.folder / name).unlink(missing_ok=True)
        if stale:
            with self.record.writing():
                self.record.note("stale", "[]")

    def _write(self, name: str, files: Sequence[tuple[str, str, int, str, str]]) -> None:
        """Write a shard with the pages of files: name, hash, pages, setting, selection."""
        path = self.folder / name
        unfinished = path.with_name(f".{name}.{os.getpid()}")
        rows = (row for file in files for row in self._rows(*file))
        try:
            (_write_parquet if path.suffix == ".parquet" else _write_lines)(unfinished, rows)
            unfinished.replace(path)
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
        finally:
            unfinished.unlink(missing_ok=True)

    def _rows(self, name: str, hash: str, pages: int, setting: str, selection: str) -> Iterator[Mapping[str, object]]:
        for page, reason, body in self.record.bodies(hash, setting, selection):
            yield {
                "source": name,
                "page": page,
                "pages": pages,
                **_content(body),
                "error": reason,
                "task": body.get("task"),
                "model": body.get("model"),
                "weights_sha256": body.get("weights_sha256"),
                "seconds": round(float(body.get("seconds", 0.0)), 3),
            }


def _content(body: Body) -> dict[str, object]:
    """Return the columns that tell what a page became."""
    if "page" in body:
        page = body["page"]
        boxes = [
            {"kind": b["kind"], "box": b.get("box"), "confidence": b.get("confidence"), "text": b["text"]}
            for b in page.get("blocks", [])
        ]
        told = {"text": body["text"], "markdown": body["markdown"], "boxes": boxes, "result": None}
        return {**told, "confidence": page.get("confidence"), "warnings": list(page.get("warnings", []))}
    result = body.get("result", {})
    told = {"text": None, "markdown": None, "boxes": None, "result": json.dumps(result, ensure_ascii=False)}
    sure = result.get("reliability", result.get("confidence"))
    sure = sure.get("score") if isinstance(sure, dict) else sure
    sure = float(sure) if isinstance(sure, int | float) else None
    return {**told, "confidence": sure, "warnings": list(result.get("warnings", []))}


def _page(content: PageFields, *, words: bool) -> Page:
    page = read_page(content)
    if words:
        return page
    blocks = tuple(
        dataclasses.replace(block, lines=tuple(dataclasses.replace(line, words=()) for line in block.lines))
        for block in page.blocks
    )
    return dataclasses.replace(page, blocks=blocks)


def _assembled(pages: Sequence[Page], file: Input, settings: BatchSettings, weights_sha256: str) -> Document:
    """Build a document of pages that were read in any order."""
    from ocr2.reading.lines.blocks import level_headings
    from ocr2.reading.tables.continued import continue_tables

    read: ReadOptions = settings.read
    origin = None if file.is_address else Origin(Path(file.name), read.dpi, read.rasterizer, read.password)
    return Document(
        file.key,
        continue_tables(level_headings(list(pages))),
        settings.model,
        weights_sha256,
        read.min_confidence,
        (),
        origin,
        read.keep_headers,
        read.page_breaks,
        read.language,
    )


def _write_lines(path: Path, rows: Iterator[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", errors="replace") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        lines.flush()
        os.fsync(lines.fileno())


def _write_parquet(path: Path, rows: Iterator[Mapping[str, object]]) -> None:
    pa, pq = _pyarrow()
    box = pa.struct([("kind", pa.string()), ("box", pa.list_(pa.float64())), ("confidence", pa.float64()),
                     ("text", pa.string())])  # fmt: skip
    schema = pa.schema([
        ("source", pa.string()), ("page", pa.int32()), ("pages", pa.int32()), ("text", pa.string()),
        ("markdown", pa.string()), ("boxes", pa.list_(box)), ("result", pa.string()), ("confidence", pa.float64()),
        ("warnings", pa.list_(pa.string())), ("error", pa.string()), ("task", pa.string()), ("model", pa.string()),
        ("weights_sha256", pa.string()), ("seconds", pa.float64()),
    ])  # fmt: skip
    with pq.ParquetWriter(path, schema) as writer:
        some: list[Mapping[str, object]] = []
        for row in rows:
            some.append(row)
            if len(some) == ROWS_AT_ONCE:
                writer.write_table(pa.Table.from_pylist(some, schema))
                some = []
        if some:
            writer.write_table(pa.Table.from_pylist(some, schema))


def _pyarrow() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingToolError("Parquet needs pyarrow: install ocr2[batch]") from error
    return pa, pq


def _suffix(task: str, name: str) -> str:
    from ocr2.formats.answers import ANSWER_SUFFIXES
    from ocr2.formats.chart.render import CHART_SUFFIXES
    from ocr2.formats.figure.render import TRACE_SUFFIXES

    tables: dict[str, Mapping[Any, str]] = {"chart": CHART_SUFFIXES, "trace": TRACE_SUFFIXES, "detect": ANSWER_SUFFIXES}
    return tables[task][name]


def _safe(inside: str) -> str:
    """Return a path that stays below the folder of results."""
    return "/".join(part for part in inside.split("/") if part not in ("", ".", ".."))


def _short(name: str) -> str:
    from ocr2.batch.inputs import content_hash

    return content_hash(name.encode(errors="replace"))[:8]
