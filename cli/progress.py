"""A progress bar on stderr with pages a second; silent when stderr is no terminal."""

import sys
import time
from types import TracebackType


class Progress:
    """Count pages of documents; use as a context manager."""

    def __init__(self, documents: int, *, quiet: bool) -> None:
        self.documents = documents
        self.pages = 0
        self._started = time.monotonic()
        self._bar = None
        if not quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
        self._task: object = None

    def __enter__(self) -> "Progress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def page(self, name: str, count: int) -> None:
        """Show that a page of a document of `count` pages is done."""
        self.pages += 1
        if self._bar is None:
            return
        rate = self.pages / max(time.monotonic() - self._started, 1e-9)
        if self._task is None:
            self._task = self._bar.add_task(name, total=count or None, rate="")
        self._bar.update(self._task, advance=1, total=count or None, rate=f"{rate:.1f} pages/s")  # type: ignore[arg-type]

    def clear(self) -> None:
        """Take the bar of a finished document away."""
        if self._bar is not None and self._task is not None:
            self._bar.remove_task(self._task)  # type: ignore[arg-type]
            self._task = None
