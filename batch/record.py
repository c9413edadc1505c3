"""The record of a batch's work: SQLite, written by one process, readable by others meanwhile.

`files` has a row for every file that was named, `pages` one for every page by its content: the same page read in the
same way is never read twice. `shards` says in which shard the rows of a file are.
"""

import json
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypedDict

from ocr2.errors import OutputError
from ocr2.formats.document.from_json import PageFields
from ocr2.json_types import Json
from ocr2.options import parse_pages

NAME = "record.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  name TEXT PRIMARY KEY, inside TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, hash TEXT,
  pages INTEGER, selection TEXT NOT NULL, wanted INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, published TEXT,
  setting TEXT NOT NULL, run INTEGER NOT NULL, written TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS files_by_state ON files (state, run);
CREATE INDEX IF NOT EXISTS files_by_published ON files (published);
CREATE TABLE IF NOT EXISTS shards (name TEXT NOT NULL, suffix TEXT NOT NULL, shard TEXT NOT NULL,
  PRIMARY KEY (name, suffix));
CREATE INDEX IF NOT EXISTS shards_by_shard ON shards (shard);
CREATE TABLE IF NOT EXISTS pages (
  hash TEXT NOT NULL, page INTEGER NOT NULL, setting TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,
  reason TEXT, seconds REAL, finished REAL, body BLOB, PRIMARY KEY (hash, page, setting));
CREATE INDEX IF NOT EXISTS pages_by_finish ON pages (finished);
"""
COLUMNS = "name, inside, size, modified, hash, pages, selection, wanted, state, setting, written, published, reason"
DONE, FAILED = "done", "failed"  # of pages
OPEN, WHOLE, LOST = "open", "whole", "lost"  # of files: being read, all results written, cannot be opened


@dataclass(frozen=True, slots=True)
class FileRow:
    """What is known of a file."""

    name: str
    inside: str
    size: int
    modified: int
    hash: str | None
    pages: int | None  # of the document
    selection: str  # of its pages, "" for all
    wanted: int  # pages that it selects
    state: str
    setting: str  # key of how pages are read
    written: str  # how results were asked for
    published: str | None = None  # stem of its results
    reason: str | None = None


class Result(TypedDict, total=False):
    """What rows take out of a chart, trace or detection."""

    reliability: Mapping[str, Json]
    confidence: float | None
    warnings: Sequence[str]


class Body(TypedDict, total=False):
    """What a page became: of a document `page`, `text` and `markdown`, of other tasks `result` and `formats`."""

    page: PageFields
    text: str
    markdown: str
    result: Result
    formats: Mapping[str, str]
    seconds: float
    task: str
    model: str
    weights_sha256: str


class Record:
    """An open record.

    Args:
        workspace: Folder that holds it.
        write: Whether this process does the work; others only look.

    Raises:
        OutputError: If the folder cannot be written, or another run is at work in it.
    """

    def __init__(self, workspace: Path, *, write: bool = True) -> None:
        self.path = workspace / NAME
        self._lock: TextIO | None = None
        if write:
            self._lock = _locked(workspace)
        elif not self.path.exists():
            raise OutputError(f"{workspace} is no workspace of a batch: it has no {NAME}")
        try:
            mode = "rwc" if write else "ro"
            self._db = sqlite3.connect(f"file:{self.path}?mode={mode}", uri=True, timeout=30, isolation_level=None)
            if write:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise _output_error(self.path, error) from error

    def close(self) -> None:
        """Close it."""
        self._db.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def is_writing(self) -> bool:
        """Whether changes are being kept together."""
        return self._db.in_transaction

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep all changes inside, or none.

        Raises:
            OutputError: If the disk is full or the record cannot be written.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise _output_error(self.path, error) from error

    def fact(self, name: str) -> str | None:
        """Return what was noted under a name."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row is not None else None

    def note(self, name: str, value: str) -> None:
        """Note something under a name."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def file(self, name: str) -> FileRow | None:
        """Return what is known of a file."""
        row = self._db.execute(f"SELECT {COLUMNS} FROM files WHERE name = ?", (name,)).fetchone()
        return FileRow(*row) if row is not None else None

    def add_file(self, row: FileRow, *, run: int) -> None:
        """Write what is known of a file; where its results are stays as it was."""
        self._db.execute(
            "INSERT INTO files (name, inside, size, modified, hash, pages, selection, wanted, state, setting, written, "
            "reason, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
            "inside = excluded.inside, size = excluded.size, modified = excluded.modified, hash = excluded.hash, "
            "pages = excluded.pages, selection = excluded.selection, wanted = excluded.wanted, state = excluded.state, "
            "setting = excluded.setting, written = excluded.written, reason = excluded.reason, run = excluded.run",
            (row.name, row.inside, row.size, row.modified, row.hash, row.pages, row.selection, row.wanted, row.state,
             row.setting, row.written, row.reason, run),
        )  # fmt: skip

    def close_file(self, name: str, state: str, *, published: str | None = None, reason: str | None = None) -> None:
        """Note what became of a file, and under which stem its results are, if they have one."""
        self._db.execute(
            "UPDATE files SET state = ?, published = COALESCE(?, published), reason = ? WHERE name = ?",
            (state, published, reason, name),
        )

    def shard_of(self, name: str, suffix: str) -> str | None:
        """Return the shard that holds the rows of a file."""
        row = self._db.execute("SELECT shard FROM shards WHERE name = ? AND suffix = ?", (name, suffix)).fetchone()
        return str(row[0]) if row is not None else None

    def move_rows(self, name: str, suffix: str, shard: str | None) -> None:
        """Note which shard holds the rows of a file; None for none."""
        if shard is None:
            self._db.execute("DELETE FROM shards WHERE name = ? AND suffix = ?", (name, suffix))
        else:
            self._db.execute("INSERT OR REPLACE INTO shards VALUES (?, ?, ?)", (name, suffix, shard))

    def lost_rows(self, suffix: str) -> list[tuple[str, str]]:
        """Return the files that cannot be opened any more and have rows in a shard: name, shard."""
        rows = self._db.execute(
            "SELECT s.name, s.shard FROM shards s JOIN files f ON f.name = s.name "
            "WHERE s.suffix = ? AND f.state = 'lost'",
            (suffix,),
        )
        return [(str(name), str(shard)) for name, shard in rows]

    def reopen(self, hash: str, setting: str, *, failed_only: bool) -> None:
        """Forget the failed pages of a content, or all."""
        only = " AND state = 'failed'" if failed_only else ""
        self._db.execute(f"DELETE FROM pages WHERE hash = ? AND setting = ?{only}", (hash, setting))

    def missing(self, hash: str, pages: list[int], setting: str) -> list[int]:
        """Return which pages of a content are neither done nor failed."""
        rows = self._db.execute("SELECT page FROM pages WHERE hash = ? AND setting = ?", (hash, setting))
        known = {int(row[0]) for row in rows}
        return [page for page in pages if page not in known]

    def add_page(
        self,
        hash: str,
        page: int,
        setting: str,
        *,
        tries: int,
        seconds: float,
        body: Mapping[str, object],
        reason: str | None,
    ) -> None:
        """Write what became of a page; `reason` says why it failed."""
        packed = zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"), 6)
        state = FAILED if reason is not None else DONE
        self._db.execute(
            "INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (hash, page, setting, state, tries, reason, seconds, time.time(), packed),
        )

    def bodies(self, hash: str, setting: str, selection: str) -> Iterator[tuple[int, str | None, Body]]:
        """Yield the selected pages of a content in their order: number, why it failed, and what it became."""
        ranges = parse_pages(selection) if selection else None
        rows = self._db.execute(
            "SELECT page, reason, body FROM pages WHERE hash = ? AND setting = ? ORDER BY page", (hash, setting)
        )
        for page, reason, body in rows:
            if ranges is None or any(page in pages for pages in ranges):
                yield int(page), reason, json.loads(zlib.decompress(body)) if body is not None else {}

    def counts(self, run: int) -> dict[str, int]:
        """Return how many files are in each state in a run."""
        rows = self._db.execute("SELECT state, COUNT(*) FROM files WHERE run = ? GROUP BY state", (run,))
        return {str(state): int(count) for state, count in rows}

    def page_counts(self, run: int) -> dict[str, int]:
        """Return how many pages of a run's files are in each state; "all" is how many there are."""
        rows = self._db.execute(
            "SELECT p.state, COUNT(*) FROM files f JOIN pages p ON p.hash = f.hash AND p.setting = f.setting "
            "WHERE f.run = ? GROUP BY p.state",
            (run,),
        )
        counts = {str(state): int(count) for state, count in rows}
        total = self._db.execute("SELECT COALESCE(SUM(wanted), 0) FROM files WHERE run = ?", (run,)).fetchone()
        return {**counts, "all": int(total[0])}

    def failures(self, run: int) -> Iterator[tuple[str, int | None, str]]:
        """Yield what failed in a run: file, page (None for the file as a whole), reason."""
        yield from self._db.execute(
            "SELECT name, NULL, COALESCE(reason, '') FROM files WHERE run = ? AND state = 'lost' ORDER BY name", (run,)
        )
        yield from self._db.execute(
            "SELECT f.name, p.page, p.reason FROM files f JOIN pages p ON p.hash = f.hash AND p.setting = f.setting "
            "WHERE f.run = ? AND p.state = 'failed' ORDER BY f.name, p.page",
            (run,),
        )

    def rate(self, seconds: float) -> float:
        """Return pages a second of the last so many seconds."""
        since = time.time() - seconds
        row = self._db.execute("SELECT COUNT(*), MIN(finished) FROM pages WHERE finished > ?", (since,)).fetchone()
        count, first = int(row[0]), row[1]
        return count / max(time.time() - float(first), 1e-6) if count > 1 else 0.0

    def owner_of(self, published: str) -> str | None:
        """Return the file whose results have a name."""
        row = self._db.execute("SELECT name FROM files WHERE published = ? LIMIT 1", (published,)).fetchone()
        return str(row[0]) if row is not None else None

    def whole_files(self, run: int) -> Iterator[FileRow]:
        """Yield the files of a run whose results are written."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM files WHERE run = ? AND state = 'whole' ORDER BY name", (run,))
        yield from (FileRow(*row) for row in rows)

    def files_in(self, shard: str) -> list[FileRow]:
        """Return the files whose rows are in a shard, in the order of their names."""
        columns = ", ".join(f"f.{column.strip()}" for column in COLUMNS.split(","))
        rows = self._db.execute(
            f"SELECT {columns} FROM files f JOIN shards s ON s.name = f.name "
            "WHERE s.shard = ? AND f.state = 'whole' ORDER BY f.name",
            (shard,),
        )
        return [FileRow(*row) for row in rows]

    def shards(self) -> set[str]:
        """Return the names of all shards that hold rows of files."""
        return {str(row[0]) for row in self._db.execute("SELECT DISTINCT shard FROM shards")}


def _locked(workspace: Path) -> TextIO:
    """Hold a workspace for this process alone, as long as what is returned stays open."""
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        lock = (workspace / ".lock").open("a+")
    except OSError as error:
        raise OutputError(f"cannot write to {workspace}: {error.strerror}") from error
    try:
        import fcntl
    except ImportError:  # not on Windows: there two runs are the user's to avoid
        return lock
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise OutputError(f"another batch is at work in {workspace}") from error
    return lock


def _output_error(path: Path, error: sqlite3.Error) -> OutputError:
    return OutputError(f"cannot write the record {path}: {error}; what is in it is kept, run again to go on")
