"""`ocr2 read`: documents in, text out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ocr2.cli.failures import ExitCode


class OutputFormat(StrEnum):
    """Output notations."""

    text = "text"
    markdown = "markdown"
    html = "html"
    json = "json"
    hocr = "hocr"
    searchable_pdf = "searchable-pdf"
    mmd = "mmd"
    latex = "latex"
    tikz = "tikz"
    smiles = "smiles"
    kern = "kern"


class TextLayerChoice(StrEnum):
    """What happens with the text that a digital PDF carries."""

    ignore = "ignore"
    use = "use"
    auto = "auto"


class RasterizerChoice(StrEnum):
    """What renders PDF pages."""

    pdfium = "pdfium"
    poppler = "poppler"


class ColorChoice(StrEnum):
    """Colours of frames."""

    red = "red"
    green = "green"
    blue = "blue"


class BoxUnitChoice(StrEnum):
    """What the numbers of a box count."""

    px = "px"
    thousandths = "thousandths"


class DraftChoice(StrEnum):
    """What guesses the text ahead."""

    auto = "auto"
    ctc = "ctc"
    text_layer = "text-layer"
    nano = "nano"
    lookup = "lookup"
    off = "off"


class QuantizeChoice(StrEnum):
    """Bits of a decoder's matrices."""

    none = "none"
    int8 = "int8"
    int4 = "int4"


class FocusChoice(StrEnum):
    """How a box is shown to a model."""

    prompt = "prompt"
    crop = "crop"


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


def parse_box(text: str) -> list[float]:
    """Read a box from the command line.

    Raises:
        ValueError: If it is not four numbers.

    Examples:
        >>> parse_box("10,20,300,400.5")
        [10.0, 20.0, 300.0, 400.5]
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise ValueError(f"a box is four numbers, left,top,right,bottom; got {text!r}")
    return numbers


def read_command(
    files: Annotated[list[str], typer.Argument(help="PDFs, images, folders, patterns, or - for stdin.")],
    format: Annotated[
        list[OutputFormat] | None,
        typer.Option("--format", "-f", help="Repeatable; with several, -o is needed. [default: as -o, or text]"),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File, or folder for several.")] = None,
    regions: Annotated[
        bool, typer.Option("--regions", help="Find pictures first: read charts and plane figures, cut out the rest.")
    ] = False,
    overlay: Annotated[Path | None, typer.Option(help="Folder for page pictures with boxes and order.")] = None,
    model: Annotated[str, typer.Option(help="See `ocr2 models list`.")] = "got-nano",
    weights: Annotated[
        Path | None, typer.Option(help="File or folder of weights to use, or hub id of what is in the cache.")
    ] = None,
    pages: Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1).")] = None,
    dpi: Annotated[float, typer.Option(help="Resolution for rendering PDF pages.")] = 200.0,
    text_layer: Annotated[
        TextLayerChoice, typer.Option(help="A PDF's own text: read the picture, copy it, or copy it if sound.")
    ] = TextLayerChoice.ignore,
    rasterizer: Annotated[RasterizerChoice, typer.Option(help="What renders PDF pages.")] = RasterizerChoice.pdfium,
    password: Annotated[str | None, typer.Option(help="Of encrypted PDFs.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    quantize: Annotated[
        QuantizeChoice, typer.Option(help="Whole-page models on a CPU: keep the decoder in fewer bits.")
    ] = QuantizeChoice.none,
    draft: Annotated[
        DraftChoice, typer.Option(help="What guesses the text ahead: saves time, changes nothing.")
    ] = DraftChoice.auto,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Strips, or whole pages, read at once.")] = None,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="Most characters of one strip.")] = None,
    min_confidence: Annotated[float, typer.Option(help="Mark words below in Markdown and HTML.")] = 0.0,
    page_timeout: Annotated[float | None, typer.Option(help="Seconds after which a page is given up.")] = None,
    markup: Annotated[bool, typer.Option("--markup", help="Whole-page models: markup instead of plain text.")] = False,
    box: Annotated[str | None, typer.Option(help="Whole-page models: read inside left,top,right,bottom.")] = None,
    box_unit: Annotated[
        BoxUnitChoice, typer.Option(help="What --box counts: pixels of the page, or thousandths of its sides.")
    ] = BoxUnitChoice.px,
    focus: Annotated[
        FocusChoice, typer.Option(help="Name --box to the model, or cut it out and show nothing else.")
    ] = FocusChoice.prompt,
    color: Annotated[ColorChoice | None, typer.Option(help="Whole-page models: read inside this frame.")] = None,
    tiles: Annotated[
        str, typer.Option(help="Whole-page models: cut pages into at most N tiles, off, or auto: small print alone.")
    ] = "auto",
    multi_page: Annotated[
        bool, typer.Option("--multi-page", help="Whole-page models: all pages as one text, in markup.")
    ] = False,
    ngram: Annotated[
        int | None, typer.Option(min=0, help="Whole-page models: forbid repeated n-grams; 0 allows them.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Read documents into text, Markdown, HTML, JSON, hOCR, LaTeX, a searchable PDF, or a notation of drawings."""
    from ocr2.cli.job import Loading, ReadJob, Settings

    formats = [f.value for f in format or []]
    settings: dict[str, Any] = {
        "pages": pages,
        "dpi": dpi,
        "text_layer": text_layer.value,
        "rasterizer": rasterizer.value,
        "password": password,
        "batch_size": batch_size,
        "max_new_tokens": max_new_tokens,
        "min_confidence": min_confidence,
        "page_timeout": page_timeout,
        "markup": markup,
        "box": parse_box(box) if box is not None else None,
        "box_unit": box_unit.value,
        "focus": focus.value,
        "color": color.value if color is not None else None,
        "tiles": parse_tiles(tiles),
        "multi_page": multi_page,
        "ngram": ngram,
        "draft": draft.value,
        "regions": regions,
    }
    how = Loading(model, weights, device, dtype, quantize.value)
    job = ReadJob(Settings(files, formats, output, overlay, how, quiet, settings))
    return ExitCode(job.run())
