"""`ocr2 batch`: many documents, on all cores, with a record of the work; `ocr2 batch status WORKSPACE` looks at it."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ocr2.batch.settings import BatchSettings, BatchTask
from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode, say

if TYPE_CHECKING:
    from ocr2.batch.run import Tally
    from ocr2.batch.workers import Workers

STATUS = "status"
EVERY = 30.0  # seconds between lines of progress where there is no terminal
FORMATS = {
    "read": ("text", "markdown", "html", "json", "hocr", "searchable-pdf", "csv", "mmd", "latex", "speech"),
    "chart": ("markdown", "json", "csv", "html", "vega-lite"),
    "trace": ("tikz", "svg", "json"),
    "detect": ("text", "json"),
}
ROWS = ("jsonl", "parquet")
EngineName = Literal["processes", "ray"]  # what runs the work


def batch_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, patterns, @list.txt, - for a list on stdin, addresses such as s3://bucket/*.pdf; or "
            "`status WORKSPACE`."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Workspace: the record and the results.")
    ] = None,
    task: Annotated[BatchTask, typer.Option(help="What is done with every page.")] = "read",
    format: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", help="Of the task, repeatable; or jsonl or parquet alone: a row a page."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of a model. [default: the task's]")] = None,
    weights: cli.Weights = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. [default: one a core]")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Processes of this machine, or actors of a Ray cluster (extra `ray`).")
    ] = "processes",
    address: Annotated[
        str | None, typer.Option(help="Of the Ray cluster: auto, or host:port. [default: one on this machine]")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Do everything again.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Do what is missing. [default]")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count pages, read a few, and tell what all would take.")
    ] = False,
    max_failures: Annotated[int | None, typer.Option(min=0, help="Stop after more failures than these.")] = None,
    page_timeout: Annotated[float, typer.Option(help="Seconds after which a page is given up.")] = 300.0,
    text_layer_last: Annotated[
        bool, typer.Option("--text-layer-last", help="Take a PDF's own text where a page fails in every other way.")
    ] = False,
    shard_rows: Annotated[int, typer.Option(min=1, help="Rows of a shard of jsonl or parquet.")] = 5000,
    pages: cli.Pages = None,
    dpi: cli.Dpi = cli.DPI,
    rasterizer: cli.Rasterizer = "pdfium",
    password: cli.Password = None,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    quiet: cli.Quiet = False,
    debug: cli.Debug = False,
) -> int:
    """Read many documents on all cores; run it again, and it does what is missing."""
    if inputs[0] == STATUS and len(inputs) == 2 and output is None:
        return _show_status(Path(inputs[1]))
    if output is None:
        raise ValueError("a batch needs a workspace: name a folder with -o")
    from ocr2.models.registry import find_for
    from ocr2.models.spec import DEFAULTS
    from ocr2.options import ReadOptions

    if address is not None and engine != "ray":
        raise ValueError("--address is that of a Ray cluster: it needs --engine ray")
    if engine == "ray":
        from ocr2.batch.ray_workers import connect, room

        connect(address)
        workers = workers or room(device)
    if force and resume:
        raise ValueError("--force does everything again, --resume what is missing: give one")
    settings = BatchSettings(
        inputs=tuple(inputs),
        workspace=output,
        task=task,
        model=find_for(task, model or DEFAULTS[task]).name,
        formats=_formats(format, task),
        loading=cli.load_options(weights, device, dtype),
        read=ReadOptions(**cli.opening(pages, dpi, password, rasterizer)),
        workers=workers or _cores(),
        force=force,
        text_layer_last=text_layer_last,
        max_failures=max_failures,
        page_timeout=page_timeout,
        shard_rows=shard_rows,
    )
    return _estimate(settings, engine) if dry_run else _run(settings, engine, quiet=quiet)


def _workers_of(engine: EngineName) -> "type[Workers]":
    if engine == "ray":
        from ocr2.batch.ray_workers import RayWorkers

        return RayWorkers
    from ocr2.batch.workers import Workers

    return Workers


def _cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _formats(names: list[str] | None, task: str) -> tuple[str, ...]:
    known = FORMATS[task]
    chosen = tuple(dict.fromkeys(names or (known[1] if task == "read" else known[0],)))
    for name in chosen:
        if name not in known and name not in ROWS:
            raise ValueError(f"--format: {name!r} is not one of {', '.join((*known, *ROWS))}")
    return chosen


def _run(settings: BatchSettings, engine: EngineName, *, quiet: bool) -> int:
    from ocr2.batch.run import Batch

    with _Progress(quiet=quiet) as progress:
        tally = Batch(settings, on_tally=progress.show, make_workers=_workers_of(engine)).run()
    if tally.stopped is not None:
        say(f"stopped: {tally.stopped}; run again to go on")
    lost = f", {tally.failed:,} failed (failures.jsonl says why)" if tally.failed else ""
    if not quiet:
        pace = f"{tally.fresh:,} read now in {tally.seconds:,.0f} s ({tally.rate:.2f} pages/s)"
        say(f"{tally.files:,} files, {tally.done:,} pages done{lost}; {pace}")
    return ExitCode.PAGE_FAILED if tally.failed or tally.stopped is not None else ExitCode.OK


def _estimate(settings: BatchSettings, engine: EngineName) -> int:
    from ocr2.batch.estimate import estimate

    found = estimate(settings, make_workers=_workers_of(engine))
    print("\n".join(found.lines()))
    return ExitCode.PAGE_FAILED if found.lost else ExitCode.OK


def _show_status(workspace: Path) -> int:
    from ocr2.batch.status import read_status

    status = read_status(workspace)
    print("\n".join(status.lines()))
    return ExitCode.PAGE_FAILED if status.pages.get("failed") or status.files.get("lost") else ExitCode.OK


class _Progress:
    """One line that changes on a terminal; else a line now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic()

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *reason: object) -> None:
        if self._terminal and not self._quiet:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, tally: "Tally") -> None:
        """Show how far it is."""
        if self._quiet or (not self._terminal and time.monotonic() - self._last < EVERY):
            return
        self._last = time.monotonic()
        text = f"{tally.done:,} of {tally.pages:,} pages, {tally.failed:,} failed, {tally.rate:.2f} pages/s"
        if self._terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        else:
            say(text)
