"""Options that several commands share, written once."""

import functools
import glob
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ocr2 import options
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


class AnswerFormat(StrEnum):
    """Formats of detections and replies."""

    text = "text"
    json = "json"


class ChartFormat(StrEnum):
    """Formats of charts."""

    markdown = "markdown"
    json = "json"
    csv = "csv"
    html = "html"
    vega_lite = "vega-lite"


class TraceFormat(StrEnum):
    """Formats of traces."""

    tikz = "tikz"
    svg = "svg"
    json = "json"
    text = "text"
    ggb_script = "ggb-script"


Quantize = Annotated[options.Quantize, typer.Option(help="Published models on a CPU: keep the decoder in fewer bits.")]
Rasterizer = Annotated[options.Rasterizer, typer.Option(help="What renders PDF pages.")]


def formats_option(default: str) -> object:
    """Return the option that names formats, of which there may be several."""
    return typer.Option("--format", "-f", help=f"May be given several times. [default: {default}]")


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


AnswerFormats = Annotated[list[AnswerFormat] | None, formats_option("text")]
ChartFormats = Annotated[list[ChartFormat] | None, formats_option("markdown")]
TraceFormats = Annotated[list[TraceFormat] | None, formats_option("tikz")]
READ, CHART, TRACE, DETECT, ASK, FOCUS = (model_option(task) for task in TASKS)


def opening(
    pages: str | None, dpi: float, password: str | None, rasterizer: options.Rasterizer = "pdfium"
) -> options.PageChanges:
    """Return how pages are opened, as fields of any task's options."""
    return {"pages": pages, "dpi": dpi, "password": password, "rasterizer": rasterizer}


def load_options(weights: Path | None, device: str, dtype: str, quantize: options.Quantize = "none") -> LoadOptions:
    """Return how models are loaded."""
    return LoadOptions(weights=weights, device=device, dtype=dtype, quantize=quantize)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """How documents are opened and the model is loaded: options of the commands that read pictures one by one."""

    weights: Weights = None
    pages: Pages = None
    dpi: Dpi = DPI
    password: Password = None
    device: Device = "auto"
    dtype: DTypeName = "auto"

    def opening(self) -> options.PageChanges:
        """Return how pages are opened, as fields of any task's options."""
        return opening(self.pages, self.dpi, self.password)

    def loading(self, quantize: options.Quantize = "none") -> LoadOptions:
        """Return how models are loaded."""
        return load_options(self.weights, self.device, self.dtype, quantize)


def picture_command(command: Callable[..., int]) -> Callable[..., int]:
    """Return a command with an option for each field of `Inputs` in the place of `inputs`, and `--debug` behind all.

    It is `main` that looks for `--debug`: no command needs its value.
    """
    fields = inspect.signature(Inputs).parameters

    @functools.wraps(command)
    def spread(*, debug: bool = False, **given: Any) -> int:
        inputs = Inputs(**{name: given.pop(name) for name in fields})
        return command(**given, inputs=inputs)

    parameters = {
        parameter.name: parameter
        for own in inspect.signature(command).parameters.values()
        for parameter in (fields.values() if own.name == "inputs" else (own,))
    }
    parameters["debug"] = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    spread.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()} | {"return": int}
    spread.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
    return spread


def formats_of(formats: Sequence[str] | None, *, as_json: bool) -> list[str]:
    """Return the names of formats that were asked for, each once."""
    return list(dict.fromkeys([*map(str, formats or ()), *(["json"] if as_json else [])]))


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
