"""Stop the processes of a run for a while, and let them go on: for timing something else on the same cores."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def pausable(folder: Path) -> Iterator[None]:
    """Note this process in a run's folder for as long as it trains."""
    note = folder / f"process-{os.getpid()}"
    note.touch()
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def signal_run(folder: Path, *, pause: bool) -> int:
    """Pause a run's processes or let them go on; returns how many there are.

    Raises:
        ValueError: If none trains in the folder.
    """
    reached = 0
    for note in folder.glob("process-*"):
        with suppress(ProcessLookupError):
            os.kill(int(note.name.removeprefix("process-")), signal.SIGSTOP if pause else signal.SIGCONT)
            reached += 1
    if not reached:
        raise ValueError(f"nothing trains in {folder}")
    return reached
