"""What a batch would take: pages counted, hours and memory told from a sample that is read."""

from collections.abc import Callable
from dataclasses import dataclass

from ocr2.batch.inputs import require_inputs, walk_inputs
from ocr2.batch.settings import BatchSettings
from ocr2.batch.worker import Chunk, Finished, Look, Looked, Read
from ocr2.batch.workers import Died, Workers
from ocr2.documents.sources import select_pages
from ocr2.errors import ModelError
from ocr2.options import parse_pages

SAMPLE = 12  # pages that are read
FEW = 2  # of one file at most


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a batch would take."""

    files: int
    pages: int
    lost: tuple[str, ...]  # why files cannot be opened
    sampled: int  # pages read
    seconds: float  # that one process took for a page
    memory: int  # bytes of all processes together
    workers: int

    @property
    def hours(self) -> float:
        """Hours for all pages."""
        return self.pages * self.seconds / self.workers / 3600

    def lines(self) -> list[str]:
        """Return it as lines for a person."""
        told = [f"{self.files:,} files, {self.pages:,} pages, {len(self.lost):,} files cannot be opened"]
        if self.sampled:
            told.append(
                f"{self.seconds:.2f} s a page ({self.sampled} pages read in {self.workers} processes at once): about "
                f"{self.hours:.2f} hours, {self.memory / 2**20:,.0f} MiB in {self.workers} processes"
            )
        return [*told, *(f"  {reason}" for reason in self.lost[:10])]


def estimate(settings: BatchSettings, *, make_workers: Callable[[BatchSettings], Workers] = Workers) -> Estimate:
    """Look at all files, and read some pages.

    Raises:
        ModelError: If processes cannot load the model.
        ValueError: If an input names nothing.
    """
    files = pages = 0
    lost: list[str] = []
    samples: list[Chunk] = []
    seconds: list[float] = []
    memory: dict[int, int] = {}
    require_inputs(settings.inputs)
    selection = parse_pages(settings.read.pages) if settings.read.pages is not None else None
    inputs = walk_inputs(settings.inputs)
    ended = False
    with make_workers(settings) as workers:
        while not ended or any(w.task is not None for w in workers.all) or samples:
            for worker in workers.idle():
                one = next(inputs, None) if not ended else None
                ended = ended or one is None
                if one is not None:
                    worker.give(Look(one))
                elif samples:
                    worker.give(samples.pop())
            for worker, told in workers.hear(0.5):
                if isinstance(told, Exception):
                    raise told
                if isinstance(told, Died):
                    if not worker.ready:
                        raise ModelError(f"a process could not load {settings.model}: {told.reason}")
                    lost.append(told.reason)
                    workers.replace(worker)
                elif isinstance(told, Looked):
                    files += 1
                    try:
                        wanted = _wanted(told, selection)
                    except ValueError as error:
                        lost.append(str(error))
                        continue
                    pages += len(wanted)
                    if sum(len(s.pages) for s in samples) < SAMPLE:
                        samples.append(Chunk(told.file, told.stamp, told.hash, tuple(wanted[:FEW])))
                elif isinstance(told, Read):
                    seconds.append(told.seconds)
                elif isinstance(told, Finished):
                    memory[id(worker)] = max(memory.get(id(worker), 0), told.memory)
    mean = sum(seconds) / len(seconds) if seconds else 0.0
    largest = max(memory.values(), default=0) * settings.workers
    return Estimate(files, pages, tuple(lost), len(seconds), mean, largest, settings.workers)


def _wanted(told: Looked, selection: list[range] | None) -> list[int]:
    if told.error is not None:
        raise ValueError(told.error)
    return select_pages(selection, told.pages, name=told.file.key)
