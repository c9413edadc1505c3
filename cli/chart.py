"""`ocr2 chart`: pictures of charts in, tables out."""

from pathlib import Path
from typing import Annotated

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode
from ocr2.options import ReliabilityRule


@cli.picture_command
def chart_command(
    files: cli.Files,
    *,
    formats: cli.ChartFormats = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Titles and tables. [default]")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that is known.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="A row for each value.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="One page that loads nothing.")] = False,
    output: cli.Output = None,
    redraw: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was read beside the picture.")] = None,
    model: Annotated[str, cli.CHART] = "onechart-nano",
    inputs: cli.Inputs,
    max_new_tokens: cli.MaxNewTokens = None,
    min_confidence: Annotated[
        float, typer.Option(help="Mark charts whose reliability is below, or unknown, and exit with 1.")
    ] = 0.0,
    reliability: Annotated[
        ReliabilityRule, typer.Option(help="Whose rule gives the verdict: OneChart's authors compare a second reading.")
    ] = "ours",
    quiet: cli.Quiet = False,
) -> int:
    """Read charts into tables: titles, series, values, and how far to trust them."""
    from ocr2.cli.kinds import chart_kind
    from ocr2.cli.picture_job import PictureJob, PictureSettings
    from ocr2.options import ChartOptions

    asked = {"markdown": as_markdown, "json": as_json, "csv": as_csv, "html": as_html}
    chosen = [*map(str, formats or []), *(name for name, wanted in asked.items() if wanted)]
    options = ChartOptions(
        **inputs.opening(),
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
        rule=reliability,
    )
    settings = PictureSettings(
        files=files, formats=list(dict.fromkeys(chosen)), output=output, drawing=redraw, quiet=quiet
    )
    return ExitCode(PictureJob(settings, chart_kind(options), model, inputs.loading()).run())
