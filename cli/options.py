"""Options that several commands share, written once."""

import glob
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ocr2.models.spec import TASKS, Task
from ocr2.options import DEFAULT_DPI, LoadOptions, Quad, require_box, require_point

Files = Annotated[list[str], typer.Argument(help="Images, PDFs, folders, patterns, or - for stdin.")]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Folder, one file a document; or a file for all results.")
]
Weights = Annotated[
    Path | None, typer.Option(help="File or folder of weights to use, or hub id of what is in the cache.")
]
Pages = Annotated[str | None, typer.Option(help="Such as 1-3,8 (from 1).")]
Dpi = Annotated[float, typer.Option(help="Resolution for rendering PDF pages.")]
Password = Annotated[str | None, typer.Option(help="Password of encrypted PDFs.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")]
DTypeName = Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")]
MaxNewTokens = Annotated[int | None, typer.Option(min=1, help="Most tokens of one answer.")]
AsJson = Annotated[bool, typer.Option("--json", help="As --format json.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")]
DPI = DEFAULT_DPI


class QuantizeChoice(StrEnum):
    """Bits of a decoder's matrices."""

    none = "none"
    int8 = "int8"
    int4 = "int4"


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


class AnswerFormat(StrEnum):
    """Formats of detections and replies."""

    text = "text"
    json = "json"


AnswerFormats = Annotated[
    list[AnswerFormat] | None,
    typer.Option("--format", "-f", help="May be given several times. [default: text]"),
]
Quantize = Annotated[QuantizeChoice, typer.Option(help="Published models on a CPU: keep the decoder in fewer bits.")]
Rasterizer = Annotated[RasterizerChoice, typer.Option(help="What renders PDF pages.")]


def model_option(task: Task) -> object:
    """Return the option that names a model for a task; a shell completes it."""

    def complete(incomplete: str) -> list[str]:
        from ocr2.models.registry import list_models

        return [spec.name for spec in list_models() if task in spec.tasks and spec.name.startswith(incomplete)]

    return typer.Option(help="Name of a model; `ocr2 models list` shows all.", autocompletion=complete)


def complete_model(incomplete: str) -> list[str]:
    """Complete the name of any model."""
    from ocr2.models.registry import list_models

    return [spec.name for spec in list_models() if spec.name.startswith(incomplete)]


READ, CHART, TRACE, DETECT, ASK, FOCUS = (model_option(task) for task in TASKS)


def load_options(
    weights: Path | None, device: str, dtype: str, quantize: QuantizeChoice = QuantizeChoice.none
) -> LoadOptions:
    """Return how models are loaded."""
    return LoadOptions(weights=weights, device=device, dtype=dtype, quantize=quantize.value)


def formats_of(formats: list[StrEnum] | list[AnswerFormat] | None, *, as_json: bool) -> list[str]:
    """Return the names of formats that were asked for, each once."""
    asked = [format.value for format in formats or []] + (["json"] if as_json else [])
    return list(dict.fromkeys(asked))


def split_names(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split arguments into documents and the names behind them: the first that is no file, folder or pattern.

    Examples:
        >>> split_names(["-", "scans/*.png", "table", "line chart"])
        (['-', 'scans/*.png'], ['table', 'line chart'])
    """
    count = next((i for i, one in enumerate(arguments) if i and not _is_place(one)), len(arguments))
    return arguments[:count], arguments[count:]


def _is_place(name: str) -> bool:
    return name == "-" or glob.has_magic(name) or "/" in name or bool(Path(name).suffix) or Path(name).exists()


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        return []


def parse_box(text: str) -> Quad:
    """Read a box from the command line.

    Raises:
        ValueError: If it is not four numbers.

    Examples:
        >>> parse_box("10,20,300,400.5")
        (10.0, 20.0, 300.0, 400.5)
    """
    numbers = _numbers(text)
    if len(numbers) != 4:
        raise ValueError(f"a box is four numbers, left,top,right,bottom; got {text!r}")
    return require_box(numbers)


def parse_point(text: str) -> tuple[float, float]:
    """Read a point from the command line.

    Raises:
        ValueError: If it is not two numbers.

    Examples:
        >>> parse_point("10,20.5")
        (10.0, 20.5)
    """
    numbers = _numbers(text)
    if len(numbers) != 2:
        raise ValueError(f"a point is two numbers, x,y; got {text!r}")
    return require_point(numbers)
