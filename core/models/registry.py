"""Models by name: which room holds them, without importing any until one is asked for."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr2.checkpoints.releases import Release
from ocr2.errors import ModelError

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.models.protocols import Asker, ChartReader, Detector, PictureReader, Reader, Tracer

    AnyReader = Reader | PictureReader | ChartReader | Tracer | Asker | Detector

QUANTIZED = ("none", "int8", "int4")
ROOMS = ("got", "onechart", "slowperception", "vary", "fox")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What `ocr2 models` shows of a model."""

    name: str
    room: str
    summary: str
    shipped: bool  # weights come with the package
    licence: str
    releases: tuple[Release, ...] = ()  # checkpoints by others that it can be loaded from, the preferred one first
    elsewhere: str = ""  # where its weights are, if they neither ship nor are on the hub


def room_of(name: str) -> Any:
    """Import and return the room that has a model.

    Raises:
        ModelError: If no room has it; the message lists the names.
    """
    for room in ROOMS:
        module = importlib.import_module(f"ocr2.{room}")
        if name in module.MODELS:
            return module
    known = ", ".join(info.name for info in list_models())
    raise ModelError(f"unknown model {name!r}; expected one of: {known}")


def list_models() -> list[ModelInfo]:
    """Return all models that can be loaded by name."""
    models: list[ModelInfo] = []
    for room in ROOMS:
        models += importlib.import_module(f"ocr2.{room}").MODELS.values()
    return models


def load_reader(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "AnyReader":
    """Build a model's reader with its weights.

    Args:
        name: A name of `list_models`.
        weights: File to load instead of the shipped weights; for a model without, the folder of a released
            checkpoint or the hub id of one in the cache, or None for what was downloaded.
        device: "auto", "cpu", "cuda", "mps".
        dtype: "auto", "float32", "bfloat16", "float16".
        quantize: "none", or "int8" or "int4": keep a large decoder's matrices in fewer bits (CPU).
    """
    if quantize not in QUANTIZED:
        raise ValueError(f"quantize must be one of {', '.join(QUANTIZED)}, got {quantize!r}")
    reader: AnyReader = room_of(name).load(name, weights=weights, device=device, dtype=dtype, quantize=quantize)
    return reader


def info_of(name: str) -> ModelInfo:
    """Return what is known of a model without loading it.

    Raises:
        ModelError: If no room has it.
    """
    info: ModelInfo = room_of(name).MODELS[name]
    return info


def released_info(name: str) -> ModelInfo:
    """Return what is known of a model whose weights others released.

    Raises:
        ModelError: If no room has it, or its weights come with the package.
    """
    info = info_of(name)
    if info.shipped:
        raise ModelError(f"the weights of {name} come with the package: there is nothing to download or convert")
    return info


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the checkpoints of a released model must hold."""
    spec: CheckpointSpec = room_of(released_info(name).name).checkpoint_spec(name)
    return spec


def load_page_reader(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "Reader | PictureReader":
    """Build the reader of a model that reads writing; arguments as for `load_reader`.

    Raises:
        ModelError: If the model reads something else.
    """
    from ocr2.models.protocols import Asker, ChartReader, Detector, Tracer

    reader = load_reader(name, weights=weights, device=device, dtype=dtype, quantize=quantize)
    if isinstance(reader, ChartReader | Tracer | Asker | Detector):
        raise _other_kind(name, reader, "pages")
    return reader


def load_strip_reader(name: str, *, weights: Path | None = None, device: str = "auto", dtype: str = "auto") -> "Reader":
    """Build the reader of a model that reads strips; arguments as for `load_reader`.

    Raises:
        ModelError: If the model reads whole pages instead.
    """
    from ocr2.models.protocols import PictureReader

    reader = load_page_reader(name, weights=weights, device=device, dtype=dtype)
    if isinstance(reader, PictureReader):
        raise ModelError(f"{name} reads whole pages, not strips")
    return reader


def load_chart_reader(
    name: str, *, weights: Path | None = None, device: str = "auto", dtype: str = "auto"
) -> "ChartReader":
    """Build the reader of a model that reads charts; arguments as for `load_reader`.

    Raises:
        ModelError: If the model reads something else.
    """
    from ocr2.models.protocols import ChartReader

    reader = load_reader(name, weights=weights, device=device, dtype=dtype)
    if not isinstance(reader, ChartReader):
        raise _other_kind(name, reader, "charts")
    return reader


def load_tracer(name: str, *, weights: Path | None = None, device: str = "auto", dtype: str = "auto") -> "Tracer":
    """Build the reader of a model that traces figures; arguments as for `load_reader`.

    Raises:
        ModelError: If the model reads something else.
    """
    from ocr2.models.protocols import Tracer

    reader = load_reader(name, weights=weights, device=device, dtype=dtype)
    if not isinstance(reader, Tracer):
        raise _other_kind(name, reader, "figures")
    return reader


def load_asker(
    name: str,
    *,
    weights: Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    quantize: "Quantize" = "none",
    task: str = "",
) -> "Asker":
    """Build the reader of a model that answers questions; arguments as for `load_reader`.

    Args:
        task: What it must have been taught besides: "detect", "focus".

    Raises:
        ModelError: If the model does something else.
    """
    from ocr2.models.protocols import Asker

    reader = load_reader(name, weights=weights, device=device, dtype=dtype, quantize=quantize)
    if not isinstance(reader, Asker):
        raise _other_kind(name, reader, "answers", able="vary-toy answers questions")
    if task and task not in reader.teaches:
        raise ModelError(f"{name} was not taught to {task}; {TEACHERS[task]} was")
    return reader


TEACHERS = {"detect": "vary-toy", "focus": "fox"}


def load_detector(
    name: str, *, weights: Path | None = None, device: str = "auto", dtype: str = "auto"
) -> "Detector | Asker":
    """Build the reader of a model that finds regions or things; arguments as for `load_reader`.

    Raises:
        ModelError: If the model does something else.
    """
    from ocr2.models.protocols import Asker, Detector

    reader = load_reader(name, weights=weights, device=device, dtype=dtype)
    if isinstance(reader, Detector) or (isinstance(reader, Asker) and "detect" in reader.teaches):
        return reader
    raise _other_kind(name, reader, "regions", able="vary-nano finds regions, vary-toy any named thing")


def load_focuser(
    name: str, *, weights: Path | None = None, device: str = "auto", dtype: str = "auto", quantize: "Quantize" = "none"
) -> "Reader | PictureReader | Asker":
    """Build the reader of a model that looks at places, or reads the lines there; arguments as for `load_reader`.

    Raises:
        ModelError: If the model does something else.
    """
    from ocr2.models.protocols import Asker, ChartReader, Detector, Tracer

    reader = load_reader(name, weights=weights, device=device, dtype=dtype, quantize=quantize)
    if isinstance(reader, ChartReader | Tracer | Detector):
        able = "got-nano reads the lines there, got and fox look for themselves"
        raise _other_kind(name, reader, "places of pages", able=able)
    if isinstance(reader, Asker) and "focus" not in reader.teaches:
        raise ModelError(f"{name} was not taught to look at places; {TEACHERS['focus']} was, and takes its weights")
    return reader


def _other_kind(name: str, reader: "AnyReader", wanted: str, *, able: str = "") -> ModelError:
    """Say what a model does instead of what is wanted, which command asks it for that, and which model is able."""
    from ocr2.models.protocols import Asker, ChartReader, Detector, Tracer

    does, command = "reads writing", "read"
    for kind, verb, asked in (
        (ChartReader, "reads charts", "chart"),
        (Tracer, "reads figures", "trace"),
        (Detector, "finds regions", "detect"),
        (Asker, "answers questions", "ask"),
    ):
        if isinstance(reader, kind):
            does, command = verb, asked
    other = f"; {able}" if able else ""
    return ModelError(f"{name} {does}, not {wanted}; `ocr2 {command} --model {name}` does{other}")
