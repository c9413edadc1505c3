"""`ocr2 trace`: pictures of plane figures in, geometry out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ocr2.cli.failures import ExitCode


class Format(StrEnum):
    """Formats of traces."""

    tikz = "tikz"
    svg = "svg"
    json = "json"
    text = "text"


class Ruler(StrEnum):
    """The longest stroke, model units."""

    none = "none"
    twelve = "12"
    ten = "10"
    eight = "8"
    four = "4"


def trace_command(
    files: Annotated[list[str], typer.Argument(help="Images, PDFs, folders, patterns, or - for stdin.")],
    formats: Annotated[
        list[Format] | None, typer.Option("--format", "-f", help="May be given several times. [default: tikz]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder, one file a document; or a file for all figures.")
    ] = None,
    overlay: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was traced over the picture.")] = None,
    body_only: Annotated[
        bool, typer.Option("--body-only", help="Of TikZ the pictures alone, to put into a document.")
    ] = False,
    ruler: Annotated[
        Ruler | None,
        typer.Option(help="Longest stroke, in twentieths of the view: shorter is slower. [default: the model's]"),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Strokes as the model writes them, not tidied.")] = False,
    letters: Annotated[bool, typer.Option(help="Read the letters beside points.")] = True,
    model: Annotated[str, typer.Option(help="slowperception-nano, or slowperception.")] = "slowperception-nano",
    weights: Annotated[Path | None, typer.Option(help="File or folder of weights to use.")] = None,
    pages: Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1).")] = None,
    dpi: Annotated[float, typer.Option(help="Resolution for rendering PDF pages.")] = 200.0,
    password: Annotated[str | None, typer.Option(help="Of encrypted PDFs.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of one answer.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Trace plane figures: segments, circles, named points, and what holds between them."""
    from ocr2.cli.picture_job import PictureJob, PictureSettings
    from ocr2.cli.trace_job import trace_kind, trace_loader

    asked = [format.value for format in formats or []] + (["json"] if as_json else [])
    settings = PictureSettings(
        files=files, formats=list(dict.fromkeys(asked)), output=output, drawing=overlay, quiet=quiet
    )
    load = trace_loader(
        {"name": model, "weights": weights, "device": device, "dtype": dtype},
        pages=pages,
        ruler=None if ruler is None else float("inf" if ruler is Ruler.none else ruler.value),
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
        tidy=not raw,
        letters=letters,
    )
    return ExitCode(PictureJob(settings, trace_kind(body_only=body_only), load).run())
