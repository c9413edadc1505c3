"""The processes of a batch as their parent sees them: what each is doing, and what it told last."""

import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Protocol

from ocr2.batch.settings import BatchSettings
from ocr2.batch.worker import Began, Chunk, Finished, Look, Looked, Read, Ready, work

LOADING_SECONDS = 600.0  # after which a process that is not ready is given up


class Line(Protocol):
    """What tasks are handed over by."""

    def send(self, task: Look | Chunk) -> object:
        """Hand over a task."""

    def close(self) -> object:
        """Hand over no more."""


class Running(Protocol):
    """What runs, as far as its end goes."""

    def is_alive(self) -> bool:
        """Say whether it still runs."""

    def kill(self) -> object:
        """End it at once."""

    def join(self, timeout: float | None = None) -> object:
        """Wait for its end."""


@dataclass(slots=True, eq=False)
class Worker:
    """One process."""

    process: Running
    connection: Line
    ready: bool = False
    task: Look | Chunk | None = None
    chunk: Chunk | None = None  # that it has, or had last
    page: int | None = None  # that it is reading
    since: float = field(default_factory=time.monotonic)  # when it began that, or its start
    left: list[int] = field(default_factory=list)  # pages of its chunk that are not told yet

    @property
    def idle(self) -> bool:
        """Whether it waits for work."""
        return self.ready and self.task is None

    def give(self, task: Look | Chunk) -> None:
        """Hand it work."""
        self.task, self.page, self.since = task, None, time.monotonic()
        self.chunk = task if isinstance(task, Chunk) else None
        self.left = list(task.pages) if isinstance(task, Chunk) else []
        with contextlib.suppress(OSError):  # it is dead, which is heard next
            self.connection.send(task)

    def stop(self) -> None:
        """End it at once."""
        self.connection.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


Told = Ready | Looked | Began | Read | Finished | Exception


@dataclass(frozen=True, slots=True)
class Died:
    """A process ended by itself, or was ended for its slowness."""

    reason: str


class Workers:
    """All processes of a batch; use as a context manager.

    Args:
        settings: Of the batch.
    """

    def __init__(self, settings: BatchSettings) -> None:
        self.settings = settings
        self._context = multiprocessing.get_context("spawn")
        self.all: list[Worker] = []

    def __enter__(self) -> "Workers":
        self.all = [self._begin() for _ in range(self.settings.workers)]
        return self

    def __exit__(self, *reason: object) -> None:
        for worker in self.all:
            worker.stop()

    def _begin(self) -> Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, self.settings), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours)

    def replace(self, worker: Worker) -> None:
        """Begin another process in the place of one that ended."""
        worker.stop()
        self.all[self.all.index(worker)] = self._begin()

    def idle(self) -> list[Worker]:
        """Return those that wait for work."""
        return [worker for worker in self.all if worker.idle]

    def hear(self, seconds: float) -> Iterator[tuple[Worker, Told | Died]]:
        """Yield what processes tell within so many seconds; the first that comes ends the waiting."""
        known = {worker.connection: worker for worker in self.all if isinstance(worker.connection, Connection)}
        for connection in wait(list(known), timeout=seconds):
            assert isinstance(connection, Connection)
            worker = known[connection]
            try:
                while connection.poll():
                    told = connection.recv()
                    self._note(worker, told)
                    yield worker, told
            except (EOFError, OSError):
                worker.process.join(5)
                yield worker, Died(_how(getattr(worker.process, "exitcode", None)))
        yield from self._slow()

    def _slow(self) -> Iterator[tuple[Worker, Died]]:
        """Yield those that have taken too long."""
        for worker in self.all:
            limit = self.settings.page_timeout if worker.ready else LOADING_SECONDS
            busy = worker.task is not None or not worker.ready
            if busy and time.monotonic() - worker.since > limit:
                yield worker, Died(f"took longer than {limit:g} s")

    def _note(self, worker: Worker, told: Told) -> None:
        worker.since = time.monotonic()
        if isinstance(told, Ready):
            worker.ready = True
        elif isinstance(told, Began):
            worker.page = told.page
        elif isinstance(told, Read):
            worker.page = None
            if told.page in worker.left:
                worker.left.remove(told.page)
        elif isinstance(told, Looked | Finished):
            worker.task = None


def _how(code: int | None) -> str:
    if code is None:
        return "its process hung"
    if code == -9:
        return "its process was killed (signal 9: often for want of memory)"
    return f"its process ended with signal {-code}" if code < 0 else f"its process ended with code {code}"
