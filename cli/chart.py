"""`ocr2 chart`: pictures of charts in, tables out."""

from pathlib import Path
from typing import Annotated

import typer

from ocr2.cli.failures import ExitCode


def chart_command(
    files: Annotated[list[str], typer.Argument(help="Images, PDFs, folders, patterns, or - for stdin.")],
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Titles and tables. [default]")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that is known.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A row for each value.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="One page that loads nothing.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder, one file a document; or a file for all charts.")
    ] = None,
    redraw: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was read beside the picture.")] = None,
    model: Annotated[str, typer.Option(help="onechart-nano, or onechart.")] = "onechart-nano",
    weights: Annotated[
        Path | None, typer.Option(help="File or folder of weights to use, or hub id of what is in the cache.")
    ] = None,
    pages: Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1).")] = None,
    dpi: Annotated[float, typer.Option(help="Resolution for rendering PDF pages.")] = 200.0,
    password: Annotated[str | None, typer.Option(help="Of encrypted PDFs.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of one answer.")] = None,
    min_confidence: Annotated[
        float, typer.Option(help="Mark charts whose reliability is below, or unknown, and exit with 1.")
    ] = 0.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Read charts into tables: titles, series, values, and how far to trust them."""
    from ocr2.cli.chart_job import chart_kind, chart_loader
    from ocr2.cli.picture_job import PictureJob, PictureSettings

    asked = {"markdown": as_markdown, "json": as_json, "csv": as_csv, "html": as_html}
    settings = PictureSettings(
        files=files,
        formats=[format for format, wanted in asked.items() if wanted],
        output=output,
        drawing=redraw,
        quiet=quiet,
    )
    load = chart_loader(
        {"name": model, "weights": weights, "device": device, "dtype": dtype},
        pages=pages,
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
    )
    return ExitCode(PictureJob(settings, chart_kind(), load).run())
