"""`ocr2 focus`: places of pages in, what stands there out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode, say
from ocr2.options import BoxUnit, Color, FocusTask

if TYPE_CHECKING:
    from ocr2.results.answer import Focused


def focus_command(
    files: Annotated[list[str], typer.Argument(help="Images or PDFs: their pages count together, up to eight.")],
    box: Annotated[
        list[str] | None, typer.Option(help="left,top,right,bottom; once for each page, in their order.")
    ] = None,
    line: Annotated[str | None, typer.Option(metavar="X,Y", help="The text line at this point.")] = None,
    color: Annotated[Color | None, typer.Option(help="What a frame of this colour encloses.")] = None,
    unit: Annotated[
        BoxUnit, typer.Option(help="What --box and --line count: pixels, or thousandths of the sides.")
    ] = "px",
    task: Annotated[FocusTask, typer.Option(help="What to do there.")] = "ocr",
    format: Annotated[cli.AnswerFormat | None, typer.Option("--format", "-f", help="[default: text]")] = None,
    as_json: cli.AsJson = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write to.")] = None,
    model: Annotated[str, cli.FOCUS] = "got-nano",
    weights: cli.Weights = None,
    pages: Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1), of every file.")] = None,
    dpi: cli.Dpi = cli.DPI,
    password: cli.Password = None,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    max_new_tokens: cli.MaxNewTokens = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    debug: cli.Debug = False,
) -> int:
    """Read a place of a page, or one box on each of several: by box, by a point on a line, by a frame of colour."""
    from ocr2.cli.outputs import require_folder, require_other_files
    from ocr2.documents.sources import expand_sources
    from ocr2.engine import Engine
    from ocr2.models.registry import find_for
    from ocr2.options import FocusOptions

    options = FocusOptions(
        task=task,
        boxes=tuple(cli.parse_box(text) for text in box or []),
        point=cli.parse_point(line) if line is not None else None,
        color=color,
        unit=unit,
        **cli.opening(pages, dpi, password),
        max_new_tokens=max_new_tokens,
    )
    name, sources = find_for("focus", model).name, expand_sources(files)
    chosen: str = "json" if as_json else str(format or "text")
    if output is not None:
        chosen = _format_of(output, chosen)
        require_other_files([output], sources)
        require_folder(output.parent)
    found = Engine(cli.load_options(weights, device, dtype), name=name).focus(sources, options)
    _tell(found, quiet=quiet)
    _write(found, output, chosen)
    return ExitCode.PAGE_FAILED if found.error is not None else ExitCode.OK


def _write(found: "Focused", output: Path | None, format: str) -> None:
    from ocr2.cli.outputs import write_stdout
    from ocr2.formats import save_bytes
    from ocr2.formats.answers import render_focused

    data = render_focused(found, format)  # type: ignore[arg-type]  # one of the two
    if output is not None:
        save_bytes(output, data)
    else:
        write_stdout(data)


def _tell(found: "Focused", *, quiet: bool) -> None:
    """Say what went wrong, what a user should know, and how the place was looked at."""
    if found.error is not None:
        say(found.error)
    for warning in found.warnings if not quiet else ():
        say(warning)
    if not quiet and found.error is None:
        say(f"focus: {found.focus}")


def _format_of(output: Path, asked: str) -> str:
    """Return the format of a file: what was asked for, or what its name says.

    Raises:
        ValueError: If it is a folder, or its name says another format than there is.
    """
    from ocr2.formats.answers import ANSWER_SUFFIXES

    if output.is_dir():
        raise ValueError(f"{output} is a folder; name a file with -o")
    known = {suffix: str(format) for format, suffix in ANSWER_SUFFIXES.items()}
    if asked == "json" or not output.suffix or (output.exists() and not output.is_file()):
        return asked
    if output.suffix.lower() not in known:
        raise ValueError(f"{output.name} names no format; use one of the suffixes {', '.join(known)}, or --json")
    return known[output.suffix.lower()]
