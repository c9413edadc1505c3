"""The desk of a server: requests wait in one line, one is worked on at a time; models use all cores by themselves."""

import queue
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ocr2.errors import OCR2Error

State = Literal["waiting", "running", "done", "failed", "cancelled"]


class CancelledError(Exception):
    """Whoever asked is gone, or the time is over."""


class BusyError(Exception):
    """The line is full."""


@dataclass(slots=True, eq=False)
class Job:
    """One request's work."""

    work: "Callable[[Job], Any]"
    seconds: float  # that it may take
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: State = "waiting"
    pages: int = 0  # done
    total: int = 0  # 0 while unknown
    result: Any = None
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
        most_kept: Jobs whose results are kept for who asks later.
    """

    def __init__(self, *, most_waiting: int, most_kept: int) -> None:
        self._line: queue.Queue[Job | None] = queue.Queue(maxsize=most_waiting)
        self._kept: OrderedDict[str, Job] = OrderedDict()
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, daemon=True, name="ocr2-desk")
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that wait."""
        return self._line.qsize()

    def take(self, job: Job, *, keep: bool = False) -> None:
        """Put a job at the end of the line.

        Raises:
            BusyError: If it is full.
        """
        try:
            self._line.put_nowait(job)
        except queue.Full as error:
            raise BusyError(f"{self._line.maxsize} requests are waiting") from error
        if keep:
            with self._lock:
                self._kept[job.id] = job
                while len(self._kept) > self._most_kept:
                    self._kept.popitem(last=False)[1].gone.set()

    def find(self, id: str) -> Job | None:
        """Return a job that was kept."""
        with self._lock:
            return self._kept.get(id)

    def drop(self, id: str) -> bool:
        """Cancel a job and forget it; says whether it was there."""
        with self._lock:
            job = self._kept.pop(id, None)
        if job is not None:
            job.gone.set()
        return job is not None

    def close(self) -> None:
        """Finish the job in work, cancel those that wait."""
        while True:
            try:
                job = self._line.get_nowait()
            except queue.Empty:
                break
            if job is not None:
                job.gone.set()
                _end(job, "cancelled")
        self._line.put(None)
        self._thread.join(timeout=60)

    def _serve(self) -> None:
        while (job := self._line.get()) is not None:
            job.begun = time.monotonic()
            job.state = "running"
            try:
                job.check()
                job.result = job.work(job)
                _end(job, "done")
            except CancelledError as error:
                job.error = error
                _end(job, "cancelled" if job.gone.is_set() else "failed")
            except (OCR2Error, ValueError, TypeError) as error:
                job.error = error
                _end(job, "failed")
            except BaseException as error:  # the boundary: one request must not end the server
                job.error = error
                _end(job, "failed")


def _end(job: Job, state: State) -> None:
    job.state = state
    job.ended.set()
