"""The processes of a batch on the machines of a Ray cluster: actors, each with a model of its own.

They do what processes of one machine do, and tell the same. Ray Data's pools of actors take rows and give tables back;
the record wants to hear of every page when it is done, and of the page that ended an actor: so actors are used as they
are. Every machine opens files by itself: paths must lead to the same files everywhere; addresses do.
"""

import logging
import queue
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ocr2.batch.settings import BatchSettings
from ocr2.batch.worker import Began, Chunk, Finished, Look, Looked, PageReader, Read, Ready, load_reader
from ocr2.batch.workers import Died, Told, Worker, Workers
from ocr2.errors import MissingToolError, ModelError

if TYPE_CHECKING:
    from types import ModuleType


def connect(address: str | None) -> None:
    """Connect to a Ray cluster, or begin one on this machine.

    Args:
        address: "auto", or that of a head node; None begins a cluster.

    Raises:
        MissingToolError: If Ray is not installed.
        ModelError: If nothing answers there.
    """
    ray = _ray()
    if ray.is_initialized():
        return
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ModelError(f"no Ray cluster answers at {address}: {error}") from error


def room(device: str) -> int:
    """Return how many actors a cluster has room for: one a GPU where it has any and may use them, else one a core."""
    resources: dict[str, float] = _ray().cluster_resources()
    return max(1, int(resources.get("GPU" if _takes_gpu(device) else "CPU", 1)))


def _ray() -> "ModuleType":
    try:
        import ray
    except ImportError as error:
        raise MissingToolError("--engine ray needs Ray: install ocr2[ray]") from error
    return ray


def _takes_gpu(device: str) -> bool:
    gpus = float(_ray().cluster_resources().get("GPU", 0))
    return gpus > 0 and (device == "auto" or device.startswith("cuda"))


class _Reading:
    """An actor."""

    def __init__(self, settings: BatchSettings) -> None:
        self._settings = settings
        self._reader: PageReader | None = None

    def begin(self) -> Ready | Exception:
        """Load the model."""
        try:
            self._reader = load_reader(self._settings)
        except Exception as error:  # the boundary: what cannot begin at all is told
            return error
        return self._reader.ready

    def do(self, task: Look | Chunk) -> Iterator[Began | Read | Looked | Finished]:
        """Yield what is told of one piece of work, as it comes."""
        assert self._reader is not None
        reader, told = self._reader, queue.SimpleQueue[Began | Read | Looked | Finished]()
        threading.Thread(target=lambda: told.put(reader.do(task, told.put)), daemon=True).start()
        while not isinstance(news := told.get(), Looked | Finished):
            yield news
        yield news


class _Actor:
    """An actor as `Worker` sees it: what hands tasks over, and what runs."""

    def __init__(self, settings: BatchSettings) -> None:
        ray = _ray()
        gpus = 1 if _takes_gpu(settings.loading.device) else 0
        self._handle = ray.remote(_Reading).options(num_cpus=1, num_gpus=gpus, max_restarts=0).remote(settings)
        self.news: Any = self._handle.begin.remote()  # what it will tell next: a reference, or a stream of them

    def send(self, task: Look | Chunk) -> None:
        """Hand over a task."""
        self.news = self._handle.do.options(num_returns="streaming").remote(task)

    def take(self) -> Told | None:
        """Return what came; None at the end of a task."""
        ray = _ray()
        if isinstance(self.news, ray.ObjectRef):
            ref, self.news = self.news, None
        else:
            ref = next(self.news, None)
            if ref is None:
                self.news = None
                return None
        told: Told = ray.get(ref)
        return told

    def close(self) -> None:
        """Nothing is open."""

    def is_alive(self) -> bool:
        """Say that it may run: killing twice does no harm."""
        return True

    def kill(self) -> None:
        """End it at once."""
        _ray().kill(self._handle, no_restart=True)

    def join(self, timeout: float | None = None) -> None:
        """Ray waits by itself."""


class RayWorkers(Workers):
    """All actors of a batch; use as a context manager. `connect` comes first."""

    def _begin(self) -> Worker:
        actor = _Actor(self.settings)
        return Worker(actor, actor)

    def hear(self, seconds: float) -> Iterator[tuple[Worker, Told | Died]]:
        """Yield what actors tell within so many seconds; the first that comes ends the waiting."""
        ray = _ray()
        wait = seconds
        while waiting := [(worker, actor) for worker in self.all if (actor := _actor_of(worker)).news is not None]:
            ready, _ = ray.wait([actor.news for _, actor in waiting], num_returns=1, timeout=wait)
            if not ready:
                break
            wait = 0.0
            worker, actor = next(pair for pair in waiting if pair[1].news is ready[0])
            try:
                told = actor.take()
            except ray.exceptions.RayError as error:
                actor.news = None
                yield worker, Died(f"its actor ended: {_first_line(error)}")
                continue
            if told is not None:
                self._note(worker, told)
                yield worker, told
        yield from self._slow()

    def _slow(self) -> Iterator[tuple[Worker, Died]]:
        """Yield those that have taken too long: actors that wait for room do not, while others work."""
        if any(worker.ready for worker in self.all):
            for worker in self.all:
                if not worker.ready:
                    worker.since = time.monotonic()
        yield from super()._slow()


def _actor_of(worker: Worker) -> _Actor:
    assert isinstance(worker.connection, _Actor)
    return worker.connection


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
