"""`ocr2 read`: documents in, text out."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode
from ocr2.formats.document.registry import FORMATS, OTHER_NAMES, format_named
from ocr2.options import BoxUnit, Color, Draft, Spreads, TextLayer

Shown = Literal["prompt", "crop"]  # how a box is shown to a model


def parse_tiles(text: str) -> int | Literal["auto"]:
    """Read the number of tiles from the command line.

    Raises:
        ValueError: If it is neither auto, off nor a number from 1.

    Examples:
        >>> parse_tiles("off"), parse_tiles("6"), parse_tiles("auto")
        (1, 6, 'auto')
    """
    if text == "auto":
        return "auto"
    if text == "off":
        return 1
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"tiles must be auto, off or a number from 1, got {text!r}")
    return int(text)


def known_formats(names: list[str] | None) -> list[str] | None:
    """Return formats by their own names; refuse those that do not exist, as typer refuses choices."""
    for name in names or ():
        if name not in FORMATS and name not in OTHER_NAMES:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, FORMATS))}.")
    return [format_named(name) for name in names] if names is not None else None


def read_command(
    files: Annotated[list[str], typer.Argument(help="PDFs, images, folders, patterns, or - for stdin.")],
    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            "-f",
            metavar=f"[{'|'.join(FORMATS)}]",
            callback=known_formats,
            autocompletion=lambda: list(FORMATS),
            help="Repeatable; with several, -o is needed. [default: as -o, or text]",
        ),
    ] = None,
    as_json: cli.AsJson = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File, or folder for several.")] = None,
    regions: Annotated[
        bool, typer.Option("--regions", help="Find pictures first: read charts and plane figures, cut out the rest.")
    ] = False,
    speaker: Annotated[
        str | None,
        typer.Option(
            metavar="COMMAND",
            help="Speech program with {text} and {wav} in its arguments: reads --format speech into a WAV file.",
        ),
    ] = None,
    overlay: Annotated[Path | None, typer.Option(help="Folder for page pictures with boxes and order.")] = None,
    review: Annotated[
        Path | None, typer.Option(help="Folder for pages of HTML with crops of what a person should look at.")
    ] = None,
    model: Annotated[str, cli.READ] = "got-nano",
    weights: cli.Weights = None,
    pages: cli.Pages = None,
    dpi: cli.Dpi = cli.DPI,
    text_layer: Annotated[
        TextLayer, typer.Option(help="A PDF's own text: read the picture, copy it, or copy it if sound.")
    ] = "ignore",
    rasterizer: cli.Rasterizer = "pdfium",
    password: cli.Password = None,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    quantize: cli.Quantize = "none",
    draft: Annotated[Draft, typer.Option(help="What guesses the text ahead: saves time, changes nothing.")] = "auto",
    batch_size: Annotated[int | None, typer.Option(min=1, help="Strips, or whole pages, read at once.")] = None,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Most characters of one strip.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Mark words below in Markdown and HTML.")] = 0.0,
    keep_headers: Annotated[
        bool, typer.Option("--keep-headers", help="Keep headers, footers and page numbers in text and Markdown.")
    ] = False,
    page_breaks: Annotated[
        bool, typer.Option("--page-breaks", help="Say in Markdown where a page begins: <!-- page 2 -->.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Of the text, such as en or pt-BR: written into HTML, hOCR, JSON and PDFs.")
    ] = None,
    split_spreads: Annotated[
        Spreads, typer.Option(help="Two pages side by side, such as an open book: read one after the other.")
    ] = "auto",
    page_timeout: Annotated[float | None, typer.Option(help="Seconds after which a page is given up.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Draw formulas again and compare them.")] = False,
    markup: Annotated[bool, typer.Option("--markup", help="Whole-page models: markup instead of plain text.")] = False,
    box: Annotated[str | None, typer.Option(help="Whole-page models: read inside left,top,right,bottom.")] = None,
    box_unit: Annotated[
        BoxUnit, typer.Option(help="What --box counts: pixels of the page, or thousandths of its sides.")
    ] = "px",
    focus: Annotated[
        Shown, typer.Option(help="Name --box to the model, or cut it out and show nothing else.")
    ] = "prompt",
    color: Annotated[Color | None, typer.Option(help="Whole-page models: read inside this frame.")] = None,
    tiles: Annotated[
        str, typer.Option(help="Whole-page models: cut pages into at most N tiles, off, or auto: small print alone.")
    ] = "auto",
    multi_page: Annotated[
        bool, typer.Option("--multi-page", help="Whole-page models: all pages as one text, in markup.")
    ] = False,
    ngram: Annotated[
        int | None, typer.Option(min=0, help="Whole-page models: forbid repeated n-grams; 0 allows them.")
    ] = None,
    quiet: cli.Quiet = False,
    debug: cli.Debug = False,
) -> int:
    """Read documents into text, Markdown, HTML, JSON, hOCR, LaTeX, PDF, speech, or a notation of drawings."""
    from ocr2.cli.job import ReadJob, Settings
    from ocr2.formats.speech.speaker import CommandSpeaker
    from ocr2.options import ReadOptions, Where, WholePageOptions

    options = ReadOptions(
        **cli.opening(pages, dpi, password, rasterizer),
        text_layer=text_layer,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
        keep_headers=keep_headers,
        page_breaks=page_breaks,
        language=language,
        split_spreads=split_spreads,
        page_timeout=page_timeout,
        verify=verify,
        where=Where(
            boxes=(cli.parse_box(box),) if box is not None else (),
            color=color,
            unit=box_unit,
        ),
        whole_page=WholePageOptions(
            markup=markup,
            crop=focus == "crop",
            tiles=parse_tiles(tiles),
            multi_page=multi_page,
            ngram_size=ngram,
        ),
        draft=draft,
        regions=regions,
    )
    loading = cli.load_options(weights, device, dtype, quantize)
    formats = [*(format or []), *(["json"] if as_json else [])]
    speaks = CommandSpeaker(speaker) if speaker is not None else None
    settings = Settings(files, formats, output, overlay, review, model, loading, quiet, options, speaks)
    return ExitCode(ReadJob(settings).run())
