"""How far a batch is, from its record: while it runs or after."""

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ocr2.batch.record import Record

RECENT = 120.0  # seconds over which the rate is told
MOST_REASONS = 10


@dataclass(frozen=True, slots=True)
class Status:
    """What a record says."""

    files: dict[str, int]  # by state: open, whole, lost
    pages: dict[str, int]  # by state: all, done, failed
    rate: float  # pages a second of late; 0 if nothing was read of late
    started: float  # seconds since 1970
    task: str
    model: str
    reasons: tuple[tuple[str, int], ...]  # of failures, without what differs from page to page

    @property
    def left(self) -> int:
        """Pages of the files seen so far that are neither done nor failed."""
        return max(0, self.pages.get("all", 0) - self.pages.get("done", 0) - self.pages.get("failed", 0))

    def lines(self) -> list[str]:
        """Return it as lines for a person."""
        pages, files = self.pages, self.files
        done, failed = pages.get("done", 0), pages.get("failed", 0)
        told = [
            f"{self.task} with {self.model}, begun {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(self.started))}",
            f"pages: {done:,} done, {failed:,} failed, {self.left:,} to do of {pages.get('all', 0):,} found so far",
            f"files: {files.get('whole', 0):,} written, {files.get('open', 0):,} open, {files.get('lost', 0):,} "
            "cannot be opened",
        ]
        if self.rate:
            told.append(f"rate: {self.rate:.2f} pages/s of late, {self.left / self.rate / 3600:.2f} hours for the rest")
        if self.reasons:
            told += ["failures:", *(f"  {count:,} x {reason}" for reason, count in self.reasons)]
        return told


def read_status(workspace: Path) -> Status:
    """Return how far a batch is.

    Raises:
        OutputError: If the folder is no workspace of a batch.
    """
    record = Record(workspace, write=False)
    try:
        run = int(record.fact("run") or 0)
        told = json.loads(record.fact("settings") or "{}")
        reasons = Counter(_kind(name, page, reason) for name, page, reason in record.failures(run))
        return Status(
            files=record.counts(run),
            pages=record.page_counts(run),
            rate=record.rate(RECENT),
            started=float(record.fact("started") or 0),
            task=str(told.get("task", "?")),
            model=str(told.get("model", "?")),
            reasons=tuple(reasons.most_common(MOST_REASONS)),
        )
    finally:
        record.close()


def _kind(name: str, page: int | None, reason: str) -> str:
    """Return a reason without the file and the page that it concerns."""
    general = reason.replace(name, "FILE").replace(Path(name).name, "FILE")
    return general.replace(f"page {page} of ", "") if page is not None else general
