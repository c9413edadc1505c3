"""`ocr2 detect`: pages in, boxes of what stands on them out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ocr2.cli.failures import ExitCode


class Format(StrEnum):
    """Formats of detections and replies."""

    text = "text"
    json = "json"


def detect_command(
    file: Annotated[str, typer.Argument(help="Image, PDF, folder, pattern, or - for stdin.")],
    names: Annotated[
        list[str] | None, typer.Argument(help='What to look for, such as table "list". [default: everything]')
    ] = None,
    formats: Annotated[
        list[Format] | None, typer.Option("--format", "-f", help="May be given several times. [default: text]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder, one file a document; or a file for all pages.")
    ] = None,
    overlay: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was found over the page.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Leave out what is less sure, 0 to 1.")] = 0.0,
    model: Annotated[str, typer.Option(help="vary-nano, vary-toy, or fox.")] = "vary-nano",
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
    """Find what stands on pages, in reading order: titles, paragraphs, tables, charts, molecules, scores, ..."""
    from ocr2.cli.looking_jobs import DETECTIONS, detect_loader
    from ocr2.cli.picture_job import PictureJob

    load = detect_loader(
        {"name": model, "weights": weights, "device": device, "dtype": dtype},
        names=tuple(names or ()),
        pages=pages,
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
    )
    settings = picture_settings([file], formats, as_json=as_json, output=output, drawing=overlay, quiet=quiet)
    return ExitCode(PictureJob(settings, DETECTIONS, load).run())


def picture_settings(
    files: list[str],
    formats: list[Format] | None,
    *,
    as_json: bool,
    output: Path | None,
    drawing: Path | None,
    quiet: bool,
) -> Any:
    """Return what `ocr2.cli.picture_job` needs to know of the command line."""
    from ocr2.cli.picture_job import PictureSettings

    asked = [format.value for format in formats or []] + (["json"] if as_json else [])
    return PictureSettings(files=files, formats=list(dict.fromkeys(asked)), output=output, drawing=drawing, quiet=quiet)
