"""Stop the processes of a run for a while, and let them go on: for timing something else on the same cores.

Each process of a run holds a lock on a note in the run's folder; a note that nobody holds is one of a process that was
killed.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":  # where there are neither such locks nor such signals, and runs cannot be paused
    import fcntl


@contextmanager
def pausable(folder: Path) -> Iterator[None]:
    """Note this process in a run's folder for as long as it trains."""
    if sys.platform == "win32":
        yield
        return
    note = folder / f"process-{os.getpid()}"
    with note.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def signal_run(folder: Path, *, pause: bool) -> int:
    """Pause a run's processes or let them go on; returns how many there are.

    Raises:
        ValueError: If none trains in the folder.
    """
    running = [note for note in folder.glob("process-*") if _is_held(note)]
    if not running:
        raise ValueError(f"nothing trains in {folder}")
    for note in running:
        os.kill(int(note.name.removeprefix("process-")), signal.SIGSTOP if pause else signal.SIGCONT)
    return len(running)


def _is_held(note: Path) -> bool:
    """Say whether a process still holds its note."""
    if sys.platform == "win32":
        return False
    with note.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
