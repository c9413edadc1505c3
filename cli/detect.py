"""`ocr2 detect`: pages in, boxes of their regions out."""

from pathlib import Path
from typing import Annotated

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode


@cli.picture_command
def detect_command(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Images, PDFs, folders, patterns, or - for stdin; then what to look for, such as table. "
            "[default: everything]"
        ),
    ],
    *,
    formats: cli.AnswerFormats = None,
    as_json: cli.AsJson = False,
    output: cli.Output = None,
    overlay: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw what was found over the page.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Leave out what is less sure, 0 to 1.")] = 0.0,
    model: Annotated[str, cli.DETECT] = "vary-nano",
    inputs: cli.Inputs,
    max_new_tokens: cli.MaxNewTokens = None,
    quiet: cli.Quiet = False,
) -> int:
    """Find the regions of pages, in reading order: titles, paragraphs, tables, charts, molecules, scores, ..."""
    from ocr2.cli.kinds import detection_kind
    from ocr2.cli.picture_job import PictureJob, PictureSettings
    from ocr2.options import DetectOptions

    given, names = cli.split_names(files)
    options = DetectOptions(
        names=tuple(names),
        **inputs.opening(),
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
    )
    asked = cli.formats_of(formats, as_json=as_json)
    settings = PictureSettings(files=given, formats=asked, output=output, drawing=overlay, quiet=quiet)
    return ExitCode(PictureJob(settings, detection_kind(options), model, inputs.loading()).run())
