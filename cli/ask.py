"""`ocr2 ask`: a page and a question in, an answer out."""

from typing import Annotated

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode


@cli.picture_command
def ask_command(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Images, PDFs, folders, patterns, or - for stdin; last the question, which is asked about every page."
        ),
    ],
    *,
    formats: cli.AnswerFormats = None,
    as_json: cli.AsJson = False,
    output: cli.Output = None,
    model: Annotated[str, cli.ASK] = "vary-toy",
    inputs: cli.Inputs,
    quantize: cli.Quantize = "none",
    max_new_tokens: cli.MaxNewTokens = None,
    quiet: cli.Quiet = False,
) -> int:
    """Ask a question about pages. No weights that ship answer questions: vary-toy and fox do."""
    from ocr2.cli.kinds import reply_kind
    from ocr2.cli.picture_job import PictureJob, PictureSettings
    from ocr2.options import AskOptions

    *given, question = files
    if not given:
        raise ValueError(f"a file and a question were expected, got {question!r} alone")
    options = AskOptions(question=question, **inputs.opening(), max_new_tokens=max_new_tokens)
    asked = cli.formats_of(formats, as_json=as_json)
    settings = PictureSettings(files=given, formats=asked, output=output, drawing=None, quiet=quiet)
    return ExitCode(PictureJob(settings, reply_kind(options), model, inputs.loading(quantize)).run())
