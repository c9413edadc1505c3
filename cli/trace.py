"""`ocr2 trace`: pictures of plane figures in, geometry out."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode

Ruler = Literal["none", "12", "10", "8", "4"]  # model units


@cli.picture_command
def trace_command(
    files: cli.Files,
    *,
    formats: cli.TraceFormats = None,
    as_json: cli.AsJson = False,
    output: cli.Output = None,
    overlay: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was traced over the picture.")] = None,
    redraw: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw what was traced anew, beside the picture.")
    ] = None,
    body_only: Annotated[
        bool, typer.Option("--body-only", help="Of TikZ the pictures alone, to put into a document.")
    ] = False,
    ruler: Annotated[
        Ruler | None,
        typer.Option(help="Longest stroke, in twentieths of the view: shorter is slower. [default: the model's]"),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Strokes as the model writes them, not tidied.")] = False,
    letters: Annotated[bool, typer.Option(help="Read the writing: names of points, measures.")] = True,
    model: Annotated[str, cli.TRACE] = "slowperception-nano",
    inputs: cli.Inputs,
    max_new_tokens: cli.MaxNewTokens = None,
    quiet: cli.Quiet = False,
) -> int:
    """Trace plane figures: strokes, named points, marks, what writing names, and what holds between them."""
    from ocr2.cli.kinds import figure_kind
    from ocr2.cli.picture_job import PictureJob, PictureSettings
    from ocr2.options import FigureOptions

    options = FigureOptions(
        **inputs.opening(),
        ruler=None if ruler is None else float("inf" if ruler == "none" else ruler),
        max_new_tokens=max_new_tokens,
        tidy=not raw,
        letters=letters,
    )
    if overlay is not None and redraw is not None:
        raise typer.BadParameter("one drawing at a time: give --overlay or --redraw")
    settings = PictureSettings(
        files=files,
        formats=cli.formats_of(formats, as_json=as_json),
        output=output,
        drawing=overlay or redraw,
        quiet=quiet,
    )
    kind = figure_kind(options, body_only=body_only, anew=redraw is not None)
    return ExitCode(PictureJob(settings, kind, model, inputs.loading()).run())
