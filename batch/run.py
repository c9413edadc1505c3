"""One run of a batch: files are looked at as processes have room, pages handed out, results written when whole."""

import dataclasses
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ocr2.batch.inputs import Input, Stamp, printable, require_inputs, stamp_of, walk_inputs
from ocr2.batch.record import LOST, OPEN, WHOLE, FileRow, Record
from ocr2.batch.results import Complete, FileResults, Results, RowResults
from ocr2.batch.settings import CHUNK, BatchSettings
from ocr2.batch.worker import Chunk, Finished, Look, Looked, Read, Ready, ladder
from ocr2.batch.workers import Died, Told, Worker, Workers
from ocr2.documents.sources import ADDRESS, select_pages
from ocr2.errors import DocumentError, ModelError
from ocr2.formats import save_bytes
from ocr2.options import parse_pages
from ocr2.results.document import Page

WAIT = 0.5  # seconds to wait for news
MOST_DEATHS = 2  # of processes over one page
MOST_LOOKS = 3  # at a file that changes
MOST_UNREADY = 5  # processes that may die before they are ready, once others have worked
MANIFEST, FAILURES = "manifest.jsonl", "failures.jsonl"


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run has come."""

    files: int  # found so far
    pages: int  # of these
    done: int  # pages, those of earlier runs among them
    failed: int
    fresh: int  # pages read in this run
    seconds: float  # since it began
    stopped: str | None = None  # why it ended early

    @property
    def rate(self) -> float:
        """Pages a second of this run."""
        return self.fresh / max(self.seconds, 1e-9)


@dataclass(slots=True)
class _Open:
    """A content that is being read, and the files that have it."""

    hash: str
    stamp: Stamp
    missing: set[int]
    files: list[tuple[Input, int, list[int]]]  # with the number of pages, and those that are wanted
    deaths: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)  # why pages failed at first


class Batch:
    """A batch that can be run.

    Args:
        settings: What is asked for.
        on_tally: Called now and then with how far it is.
        make_workers: Makes what runs the processes.

    Raises:
        OutputError: If the workspace cannot be written, or another run is at work in it.
    """

    def __init__(
        self,
        settings: BatchSettings,
        *,
        on_tally: Callable[[Tally], None] | None = None,
        make_workers: Callable[[BatchSettings], Workers] = Workers,
    ) -> None:
        self.settings = settings
        self.make_workers = make_workers
        self.on_tally = on_tally
        self.record = Record(settings.workspace)
        self._selection = parse_pages(settings.read.pages) if settings.read.pages is not None else None
        self._open: dict[str, _Open] = {}
        self._chunks: deque[Chunk] = deque()
        self._looks: deque[Input] = deque()  # that must be looked at again
        self._looked: dict[str, int] = {}
        self._reopened: set[str] = set()  # contents whose failed pages were forgotten in this run
        self._unready = 0  # processes that died before they were ready
        self._files = self._pages = self._done = self._failed = self._fresh = 0
        self._started = time.monotonic()
        self._setting = self._weights = ""
        self._run = 0
        self._stopped: str | None = None
        self._results: Results | None = None

    def run(self) -> Tally:
        """Do what is missing; returns how far it came.

        Raises:
            OutputError: If a result or the record cannot be written; what was read is kept.
            ModelError: If processes cannot load the model.
            ValueError: If an input names nothing.
        """
        try:
            require_inputs(self.settings.inputs)
            if "searchable-pdf" in self.settings.formats and any(map(ADDRESS.match, self.settings.inputs)):
                raise ValueError("a searchable PDF takes its pictures from a file on this machine, got an address")
            with self.make_workers(self.settings) as workers:
                self._begin(workers)
                inputs = self._each_once(walk_inputs(self.settings.inputs))
                ended = False
                while not (ended and self._is_idle(workers)) and self._stopped is None:
                    ended = self._hand_out(workers, inputs) or ended
                    with self.record.writing():
                        complete = [c for worker, told in workers.hear(WAIT) for c in self._take(workers, worker, told)]
                    for one in complete:
                        self._publish(one)
                    self._report()
            assert self._results is not None
            self._results.finish()
            self._write_lists()
            return self._tally()
        finally:
            self.record.close()

    def _begin(self, workers: Workers) -> None:
        """Wait for the first process to know its weights: they are part of every page's key."""
        while True:
            for worker, told in workers.hear(WAIT):
                if isinstance(told, Ready):
                    self._set_up(told.weights_sha256)
                    return
                self._refuse(worker, told)

    def _set_up(self, weights_sha256: str) -> None:
        settings = self.settings
        self._setting = settings.key(weights_sha256)
        self._weights = weights_sha256
        self._run = int(self.record.fact("run") or 0) + 1
        told = dataclasses.asdict(dataclasses.replace(settings, read=dataclasses.replace(settings.read, password=None)))
        with self.record.writing():
            self.record.note("run", str(self._run))
            self.record.note("started", str(time.time()))
            self.record.note("settings", json.dumps(told, default=str))
            self.record.note("weights_sha256", weights_sha256)
        kind = RowResults if settings.row_format is not None else FileResults
        self._results = kind(self.record, settings, self._setting, weights_sha256)

    def _refuse(self, worker: Worker, told: Told | Died) -> None:
        """Raise what keeps a process from beginning."""
        if isinstance(told, Exception):
            raise told
        if isinstance(told, Died) and not worker.ready:
            self._unready += 1
            if not self._setting or self._unready > MOST_UNREADY:
                raise ModelError(f"a process could not load {self.settings.model}: {told.reason}")

    def _is_idle(self, workers: Workers) -> bool:
        busy = any(worker.task is not None for worker in workers.all)
        return not busy and not self._chunks and not self._looks and not self._open

    def _each_once(self, inputs: Iterator[Input]) -> Iterator[Input]:
        """Yield inputs, each once however often it is named."""
        seen: set[str] = set()
        for one in inputs:
            if one.key not in seen:
                seen.add(one.key)
                yield one

    def _hand_out(self, workers: Workers, inputs: Iterator[Input]) -> bool:
        """Give work to processes that have none; says whether the inputs have come to their end."""
        for worker in workers.idle():
            while not self._chunks:
                one = self._looks.popleft() if self._looks else next(inputs, None)
                if one is None:
                    return not self._looks
                if self._knows(one):
                    continue
                worker.give(Look(one))
                break
            if worker.task is None and self._chunks:
                worker.give(self._chunks.popleft())
        return False

    def _knows(self, one: Input) -> bool:
        """Say whether a file need not be looked at: it is the same as before, or not there at all."""
        if self._looked.get(one.key, 0) == 0:
            self._files += 1
        try:
            stamp = stamp_of(one)
        except DocumentError as error:
            self._lose(one, Stamp(-1, 0), str(error))
            return True
        row = self.record.file(one.key)
        same = row is not None and (row.size, row.modified) == (stamp.size, stamp.modified) and not one.is_address
        if row is None or not same or row.hash is None or row.pages is None or self._looked.get(one.key, 0):
            return False
        try:
            with self.record.writing():
                complete = self._add(one, stamp, row.hash, row.pages)
        except ValueError as error:  # a selection that names none of its pages
            self._lose(one, stamp, str(error))
            return True
        for ready in complete:
            self._publish(ready)
        return True

    def _add(self, one: Input, stamp: Stamp, hash: str, count: int) -> list[Complete]:
        """Note a file, and queue its pages that are missing; returns it if none are."""
        results, setting = self._results, self._setting
        assert results is not None
        pages = select_pages(self._selection, count, name=one.key)
        before = self.record.file(one.key)
        if hash not in self._reopened:
            self._reopened.add(hash)
            self.record.reopen(hash, setting, failed_only=not self.settings.force)
        missing = self.record.missing(hash, pages, setting)
        self._pages += len(pages)
        self._done += len(pages) - len(missing)
        selection = self.settings.read.pages or ""
        row = FileRow(
            name=one.key,
            inside=printable(one.inside),
            size=stamp.size,
            modified=stamp.modified,
            hash=hash,
            pages=count,
            selection=selection,
            wanted=len(pages),
            state=OPEN,
            setting=setting,
            written=self._written_as(),
        )
        whole = (
            before is not None and before.state == WHOLE and before.hash == hash and not missing
            and before.written == row.written and results.is_there(before)
        )  # fmt: skip
        self.record.add_file(dataclasses.replace(row, state=WHOLE) if whole else row, run=self._run)
        if whole:
            return []
        content = self._open.get(hash)
        if content is not None:
            new = [page for page in missing if page not in content.missing]
            content.missing.update(new)
            content.files.append((one, count, pages))
            missing = new
        elif not missing:
            return [Complete(one, hash, count, len(pages), selection)]
        else:
            self._open[hash] = _Open(hash, stamp, set(missing), [(one, count, pages)])
        self._chunks.extend(Chunk(one, stamp, hash, tuple(part)) for part in _chunks(missing))
        return []

    def _written_as(self) -> str:
        """Return what tells that results are as they are asked for now."""
        return f"{self._setting} {','.join(self.settings.formats)} {self.settings.read.pages or ''}"

    def _take(self, workers: Workers, worker: Worker, told: Told | Died) -> list[Complete]:
        """Note what a process told; returns files that became complete."""
        if isinstance(told, Looked):
            return self._take_look(told)
        if isinstance(told, Read):
            assert isinstance(worker.chunk, Chunk)
            return self._take_page(worker.chunk, told)
        if isinstance(told, Finished):
            chunk, left = worker.chunk, list(worker.left)
            assert isinstance(chunk, Chunk)
            return self._take_rest(chunk, left, told)
        if isinstance(told, Died):
            self._refuse(worker, told)
            task, page, left = worker.task, worker.page, list(worker.left)
            workers.replace(worker)
            return self._take_death(task, page, left, told.reason)
        if isinstance(told, Ready):
            self._unready = 0
        self._refuse(worker, told)
        return []

    def _take_look(self, told: Looked) -> list[Complete]:
        if told.error is not None:
            self._lose(told.file, told.stamp, told.error)
            return []
        try:
            return self._add(told.file, told.stamp, told.hash, told.pages)
        except ValueError as error:  # a selection that names none of its pages
            self._lose(told.file, told.stamp, str(error))
            return []

    def _take_page(self, chunk: Chunk, told: Read) -> list[Complete]:
        content = self._open.get(chunk.hash)
        if told.error is not None and content is not None:
            content.reasons.setdefault(told.page, told.error)
        if told.error is not None and chunk.step + 1 < len(ladder(self.settings)):
            self._chunks.appendleft(dataclasses.replace(chunk, pages=(told.page,), step=chunk.step + 1))
            return []
        return self._settle(chunk.hash, told.page, told.body, told.seconds, told.error, tries=chunk.step + 1)

    def _settle(
        self, hash: str, page: int, body: Mapping[str, object], seconds: float, error: str | None, *, tries: int
    ) -> list[Complete]:
        """Note what became of a page for good."""
        content = self._open.get(hash)
        if content is None or page not in content.missing:
            return []
        reason = content.reasons.get(page, error) if error is not None else None  # the first says most
        told = {**body, "seconds": seconds, "task": self.settings.task, "model": self.settings.model}
        told["weights_sha256"] = self._weights
        self.record.add_page(
            hash, page, self._setting, tries=tries, seconds=seconds, body=told, reason=reason and printable(reason)
        )
        content.missing.discard(page)
        self._fresh += 1
        if error is None:
            self._done += 1
        else:
            self._fail(reason or error)
        if content.missing:
            return []
        del self._open[hash]
        selection = self.settings.read.pages or ""
        return [Complete(file, hash, count, len(pages), selection) for file, count, pages in content.files]

    def _take_rest(self, chunk: Chunk, left: list[int], told: Finished) -> list[Complete]:
        """Deal with pages of a chunk that were never told."""
        content = self._open.get(chunk.hash)
        if content is None:
            return []
        if told.changed:
            del self._open[chunk.hash]
            self._reopened.discard(chunk.hash)
            for file, _, pages in content.files:
                again = self._looked.get(file.key, 0) + 1
                self._looked[file.key] = again
                self._pages -= len(pages)
                self._done -= len(pages) - len(content.missing.intersection(pages))
                if again < MOST_LOOKS:
                    self._looks.append(file)
                else:
                    self._lose(file, Stamp(-1, 0), f"{told.error}, {again} times")
            self._chunks = deque(c for c in self._chunks if c.hash != chunk.hash)
            return []
        if told.error is not None and chunk.step + 1 < len(ladder(self.settings)):
            for page in left:
                content.reasons.setdefault(page, told.error)
                self._chunks.append(dataclasses.replace(chunk, pages=(page,), step=chunk.step + 1))
            return []
        complete = []
        for page in left:
            reason = told.error or f"page {page} of {chunk.file.key} was not read"
            complete += self._settle(chunk.hash, page, _nothing(page, reason), 0.0, reason, tries=chunk.step + 1)
        return complete

    def _take_death(self, task: Look | Chunk | None, page: int | None, left: list[int], reason: str) -> list[Complete]:
        """Give what a process had to another; a page that ends several is given up."""
        if isinstance(task, Look):
            again = self._looked.get(task.file.key, 0) + 1
            self._looked[task.file.key] = again
            if again < MOST_DEATHS:
                self._looks.append(task.file)
            else:
                self._lose(task.file, Stamp(-1, 0), f"{task.file.key} cannot be opened: {reason}")
            return []
        if task is None:
            return []
        content = self._open.get(task.hash)
        if content is None or not left:
            return []
        culprit = page if page is not None else left[0]
        content.deaths[culprit] = content.deaths.get(culprit, 0) + 1
        others = [other for other in left if other != culprit]
        self._chunks.extendleft(
            dataclasses.replace(task, pages=tuple(part)) for part in reversed(list(_chunks(others)))
        )
        if content.deaths[culprit] < MOST_DEATHS:
            self._chunks.append(dataclasses.replace(task, pages=(culprit,)))  # last: it may be the machine
            return []
        told = f"page {culprit} of {task.file.key}: {reason}"
        return self._settle(task.hash, culprit, _nothing(culprit, told), 0.0, told, tries=content.deaths[culprit])

    def _lose(self, one: Input, stamp: Stamp, reason: str) -> None:
        """Note that a file cannot be opened."""
        told, inside = printable(reason), printable(one.inside)
        row = FileRow(
            one.key, inside, stamp.size, stamp.modified, None, None, "", 0, LOST, self._setting, "", reason=told
        )
        if self.record.is_writing:
            self.record.add_file(row, run=self._run)
        else:
            with self.record.writing():
                self.record.add_file(row, run=self._run)
        self._fail(reason)

    def _fail(self, reason: str) -> None:
        self._failed += 1
        most = self.settings.max_failures
        if most is not None and self._failed > most:
            self._stopped = f"more than {most} failures, the last: {reason}"

    def _publish(self, complete: Complete) -> None:
        assert self._results is not None
        if (reason := self._results.add(complete)) is not None:
            self._fail(reason)

    def _report(self) -> None:
        if self.on_tally is not None:
            self.on_tally(self._tally())

    def _tally(self) -> Tally:
        seconds = time.monotonic() - self._started
        return Tally(self._files, self._pages, self._done, self._failed, self._fresh, seconds, self._stopped)

    def _place(self, row: FileRow) -> str | None:
        """Return where the results of a file are: its shard, or their stem."""
        suffix = self.settings.row_format
        return self.record.shard_of(row.name, f".{suffix}") if suffix is not None else row.published

    def _write_lists(self) -> None:
        """Write which files have which results, and what failed."""
        workspace = self.settings.workspace
        _write_rows(workspace / MANIFEST, (
            {"source": row.name, "pages": row.pages, "hash": row.hash, "results": self._place(row)}
            for row in self.record.whole_files(self._run)
        ))  # fmt: skip
        _write_rows(workspace / FAILURES, (
            {"source": name, "page": page, "reason": reason} for name, page, reason in self.record.failures(self._run)
        ))  # fmt: skip


def _nothing(page: int, reason: str) -> Mapping[str, object]:
    """Return the result of a page that no process lived to tell."""
    return {"page": Page(page, 0, 0, None, error=reason).to_dict(), "text": "", "markdown": ""}


def _chunks(pages: list[int]) -> Iterator[list[int]]:
    """Cut pages into runs of neighbours, of `CHUNK` at most."""
    part: list[int] = []
    for page in pages:
        if part and (page != part[-1] + 1 or len(part) == CHUNK):
            yield part
            part = []
        part.append(page)
    if part:
        yield part


def _write_rows(path: Path, rows: Iterator[Mapping[str, object]]) -> None:
    save_bytes(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(errors="replace"))
