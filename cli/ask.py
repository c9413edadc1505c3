"""`ocr2 ask`: a page and a question in, an answer out."""

from pathlib import Path
from typing import Annotated

import typer

from ocr2.cli.detect import Format, picture_settings
from ocr2.cli.failures import ExitCode
from ocr2.cli.read import QuantizeChoice


def ask_command(
    file: Annotated[str, typer.Argument(help="Image, PDF, folder, pattern, or - for stdin.")],
    question: Annotated[str, typer.Argument(help="In words; it is asked about every page.")],
    formats: Annotated[
        list[Format] | None, typer.Option("--format", "-f", help="May be given several times. [default: text]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As --format json.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder, one file a document; or a file for all pages.")
    ] = None,
    model: Annotated[str, typer.Option(help="vary-toy, or fox; no weights that ship answer questions.")] = "vary-toy",
    weights: Annotated[Path | None, typer.Option(help="Folder of weights to use.")] = None,
    pages: Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1).")] = None,
    dpi: Annotated[float, typer.Option(help="Resolution for rendering PDF pages.")] = 200.0,
    password: Annotated[str | None, typer.Option(help="Of encrypted PDFs.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    quantize: Annotated[
        QuantizeChoice, typer.Option(help="On a CPU: keep the decoder in fewer bits.")
    ] = QuantizeChoice.none,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of one answer.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Ask a question about pages."""
    from ocr2.cli.looking_jobs import REPLIES, ask_loader
    from ocr2.cli.picture_job import PictureJob

    load = ask_loader(
        {"name": model, "weights": weights, "device": device, "dtype": dtype, "quantize": quantize.value},
        question=question,
        pages=pages,
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
    )
    settings = picture_settings([file], formats, as_json=as_json, output=output, drawing=None, quiet=quiet)
    return ExitCode(PictureJob(settings, REPLIES, load).run())
