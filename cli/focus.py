"""`ocr2 focus`: places of pages in, what stands there out."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr2.cli.failures import ExitCode, say
from ocr2.cli.read import BoxUnitChoice, ColorChoice, parse_box

if TYPE_CHECKING:
    from ocr2.results.answer import Focused


class Task(StrEnum):
    """What is done at a place."""

    ocr = "ocr"
    translation = "translate"
    summary = "summary"
    caption = "caption"
    latex = "latex"
    compare = "compare"


def parse_point(text: str) -> tuple[float, float]:
    """Read a point from the command line.

    Raises:
        ValueError: If it is not two numbers.

    Examples:
        >>> parse_point("10,20.5")
        (10.0, 20.5)
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 2:
        raise ValueError(f"a point is two numbers, x,y; got {text!r}")
    return numbers[0], numbers[1]


def focus_command(
    files: Annotated[list[str], typer.Argument(help="Images or PDFs: their pages count together, up to eight.")],
    box: Annotated[
        list[str] | None, typer.Option(help="left,top,right,bottom; once for each page, in their order.")
    ] = None,
    line: Annotated[str | None, typer.Option(metavar="X,Y", help="The line of writing at this point.")] = None,
    color: Annotated[ColorChoice | None, typer.Option(help="What a frame of this colour encloses.")] = None,
    unit: Annotated[
        BoxUnitChoice, typer.Option(help="What --box and --line count: pixels, or thousandths of the sides.")
    ] = BoxUnitChoice.px,
    task: Annotated[Task, typer.Option(help="What to do there.")] = Task.ocr,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write to.")] = None,
    model: Annotated[str, typer.Option(help="got-nano reads the lines there; got, fox look themselves.")] = "got-nano",
    weights: Annotated[Path | None, typer.Option(help="File or folder of weights to use.")] = None,
    pages: Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1), of every file.")] = None,
    dpi: Annotated[float, typer.Option(help="Resolution for rendering PDF pages.")] = 200.0,
    password: Annotated[str | None, typer.Option(help="Of encrypted PDFs.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of the answer.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Read a place of a page, or one box on each of several: by box, by a point on a line, by a frame of colour."""
    from ocr2.cli.outputs import require_folder, require_other_files, write_stdout
    from ocr2.documents.sources import expand_sources, parse_pages
    from ocr2.formats import save_bytes
    from ocr2.formats.answers import render_focused
    from ocr2.fox.prompts import Focus
    from ocr2.models.registry import load_focuser
    from ocr2.reading.questions.focus import FocusOptions, focus_pages

    where = Focus(
        boxes=tuple(tuple(parse_box(text)) for text in box or []),
        point=parse_point(line) if line is not None else None,
        color=color.value if color is not None else None,
        unit=unit.value,
    )
    options = FocusOptions(
        task=task.value,
        focus=where,
        pages=parse_pages(pages) if pages is not None else None,
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
    )
    sources = expand_sources(files)
    format = "json" if as_json else "text"
    if output is not None:
        format = _format_of(output, format)
        require_other_files([output], sources)
        require_folder(output.parent)
    reader = load_focuser(model, weights=weights, device=device, dtype=dtype)
    found = focus_pages(sources, reader, options)
    _tell(found, quiet=quiet)
    data = render_focused(found, format)  # type: ignore[arg-type]  # one of the two
    if output is not None:
        save_bytes(output, data)
    else:
        write_stdout(data)
    return ExitCode.PAGE_FAILED if found.error is not None else ExitCode.OK


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
