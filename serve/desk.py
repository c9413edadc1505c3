"""The desk of a server: requests wait in one line, one is worked on at a time; models use all cores by themselves."""

import threading
import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

CLOSING = 10.0  # seconds that the end of a server waits for a page
State = Literal["waiting", "running", "done", "failed", "cancelled"]


class CancelledError(Exception):
    """Whoever asked is gone, or the time is over."""


class BusyError(Exception):
    """The line is full."""


@dataclass(slots=True, eq=False)
class Job:
    """One request's work."""

    work: "Callable[[Job], object]"
    seconds: float  # that it may take
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "waiting"
    pages: int = 0  # done
    total: int = 0  # 0 while unknown
    result: object = None
    error: BaseException | None = None
    begun: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)  # nobody wants it any more

    def progress(self, total: int) -> None:
        """Note that a page is done.

        Raises:
            CancelledError: If nobody wants the rest, or it took too long.
        """
        self.pages, self.total = self.pages + 1, total
        self.check()

    def check(self) -> None:
        """Raise what ends the work.

        Raises:
            CancelledError: If nobody wants the rest, or it took too long.
        """
        if self.gone.is_set():
            raise CancelledError("the request was cancelled")
        if time.monotonic() - self.begun > self.seconds:
            raise CancelledError(f"took longer than {self.seconds:g} s ({self.pages} pages were done)")


class Desk:
    """Does jobs in their order, in a thread of its own.

    Args:
        most_waiting: Jobs that may wait.
        most_kept: Jobs whose results are kept for who asks later; more than may wait.
    """

    def __init__(self, *, most_waiting: int, most_kept: int) -> None:
        self._most_waiting = most_waiting
        self._most_kept = max(most_kept, most_waiting + 1)
        self._line: deque[Job] = deque()
        self._kept: OrderedDict[str, Job] = OrderedDict()
        self._changed = threading.Condition()
        self._closed = False
        self._running: Job | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True, name="ocr2-desk")
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        with self._changed:
            self._drop_unwanted()
            return len(self._line)

    def take(self, job: Job, *, keep: bool = False) -> None:
        """Put a job at the end of the line.

        Raises:
            BusyError: If it is full.
        """
        with self._changed:
            self._drop_unwanted()
            if self._closed:
                raise BusyError("the server is ending")
            if len(self._line) >= self._most_waiting:
                raise BusyError(f"{len(self._line)} requests are waiting")
            self._line.append(job)
            if keep:
                self._kept[job.id] = job
                while len(self._kept) > self._most_kept:
                    self._kept.popitem(last=False)[1].gone.set()
            self._changed.notify_all()

    def find(self, id: str) -> Job | None:
        """Return a job that was kept."""
        with self._changed:
            return self._kept.get(id)

    def drop(self, id: str) -> bool:
        """Cancel a job and forget it; says whether it was there."""
        with self._changed:
            job = self._kept.pop(id, None)
            if job is not None:
                job.gone.set()
            self._drop_unwanted()
        return job is not None

    def close(self) -> None:
        """Cancel the jobs that wait, and the one in work at its next page."""
        with self._changed:
            self._closed = True
            for job in self._line:
                job.gone.set()
            self._drop_unwanted()
            if self._running is not None:
                self._running.gone.set()
            self._changed.notify_all()
        self._thread.join(timeout=CLOSING)

    def _drop_unwanted(self) -> None:
        """Let jobs go that nobody waits for any more, so that they keep no place in the line."""
        for job in [job for job in self._line if job.gone.is_set()]:
            self._line.remove(job)
            _end(job, "cancelled")

    def _next(self) -> Job | None:
        with self._changed:
            while True:
                self._drop_unwanted()
                if self._line:
                    self._running = self._line.popleft()
                    return self._running
                if self._closed:
                    return None
                self._changed.wait()

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            job.begun = time.monotonic()
            job.state = "running"
            try:
                job.check()
                job.result = job.work(job)
                _end(job, "done")
            except CancelledError as error:
                job.error = error
                _end(job, "cancelled" if job.gone.is_set() else "failed")
            except BaseException as error:  # the boundary: one request must not end the server
                job.error = error
                _end(job, "failed")
            with self._changed:
                self._running = None


def _end(job: Job, state: State) -> None:
    job.work = _forgotten  # it holds the document that was sent
    job.state = state
    job.ended.set()


def _forgotten(job: Job) -> None:
    """Do nothing."""
