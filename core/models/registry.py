"""Models by name: which room holds them, without importing any until one is asked for."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ocr2.errors import ModelError
from ocr2.models.spec import DEFAULTS, MULTI_PAGE_READER, ModelSpec, Task, wrong_task
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.models.protocols import (
        ChartReader,
        FigureTracer,
        LineReader,
        Model,
        PageReader,
        PlaceReader,
        QuestionAnswerer,
        RegionDetector,
    )

ROOMS = ("got", "onechart", "slowperception", "vary", "fox")


def list_models() -> list[ModelSpec]:
    """Return all models that can be loaded by name."""
    return [spec for room in ROOMS for spec in _models_of(room).values()]


def _models_of(room: str) -> Mapping[str, ModelSpec]:
    models: Mapping[str, ModelSpec] = importlib.import_module(f"ocr2.{room}.models").MODELS
    return models


def find(name: str) -> ModelSpec:
    """Return what is known of a model.

    Raises:
        ModelError: If no room has it; the message lists the names.
    """
    for room in ROOMS:
        models = _models_of(room)
        if name in models:
            return models[name]
    raise ModelError(f"unknown model {name!r}; expected one of: {', '.join(spec.name for spec in list_models())}")


def find_for(task: Task, name: str | None = None) -> ModelSpec:
    """Return a model for a task, before anything is loaded.

    Args:
        task: What it is to do.
        name: Name of the model; None takes the task's default.

    Raises:
        ModelError: If there is no such model, or it cannot do the task; the message names one that can.
    """
    spec = find(name or DEFAULTS[task])
    if task not in spec.tasks:
        raise ModelError(wrong_task(spec, task))
    return spec


def find_multi_page(name: str | None = None) -> ModelSpec:
    """Return a model that reads several pages as one text, before anything is loaded.

    Args:
        name: Name of the model; None takes the default.

    Raises:
        ModelError: If there is no such model, or it cannot do that.
    """
    spec = find(name or MULTI_PAGE_READER)
    if not spec.reads_whole_pages:
        raise ModelError(f"{spec.name} {spec.does}, but not several pages as one text; {MULTI_PAGE_READER} does")
    return spec


def find_published(name: str) -> ModelSpec:
    """Return what is known of a published model.

    Raises:
        ModelError: If there is no such model, or its weights come with the package.
    """
    spec = find(name)
    if spec.shipped:
        raise ModelError(f"the weights of {name} come with the package: there is nothing to download or convert")
    return spec


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the checkpoints of a published model must hold.

    Raises:
        ModelError: If there is no such model, or its weights come with the package.
    """
    spec = find_published(name)
    assert spec.checkpoint is not None
    return spec.checkpoint(name)


def load(name: str, options: LoadOptions | None = None) -> "Model":
    """Load a model.

    Raises:
        ModelError: If there is no such model or device.
        CheckpointError: If the weights are missing or do not fit.
    """
    spec = find(name)
    return spec.load(spec, options or LoadOptions())


def load_text_reader(name: str | None = None, options: LoadOptions | None = None) -> "LineReader | PageReader":
    """Load a model that reads text; errors as of `load` and `find_for`."""
    from ocr2.models.protocols import LineReader, PageReader

    model = load(find_for("read", name).name, options)
    assert isinstance(model, LineReader | PageReader)
    return model


def load_line_reader(name: str | None = None, options: LoadOptions | None = None) -> "LineReader":
    """Load a model that reads text line by line.

    Raises:
        ModelError: As of `find_for`, or if the model reads whole pages instead.
        CheckpointError: If the weights are missing or do not fit.
    """
    from ocr2.models.protocols import LineReader

    spec = find_for("read", name)
    if spec.reads_whole_pages:
        raise ModelError(f"{spec.name} reads whole pages, not lines; {DEFAULTS['read']} does")
    model = load(spec.name, options)
    assert isinstance(model, LineReader)
    return model


def load_chart_reader(name: str | None = None, options: LoadOptions | None = None) -> "ChartReader":
    """Load a model that reads charts; errors as of `load` and `find_for`."""
    from ocr2.models.protocols import ChartReader

    model = load(find_for("chart", name).name, options)
    assert isinstance(model, ChartReader)
    return model


def load_tracer(name: str | None = None, options: LoadOptions | None = None) -> "FigureTracer":
    """Load a model that traces figures; errors as of `load` and `find_for`."""
    from ocr2.models.protocols import FigureTracer

    model = load(find_for("trace", name).name, options)
    assert isinstance(model, FigureTracer)
    return model


def load_detector(name: str | None = None, options: LoadOptions | None = None) -> "RegionDetector":
    """Load a model that finds regions; errors as of `load` and `find_for`."""
    from ocr2.models.protocols import RegionDetector

    model = load(find_for("detect", name).name, options)
    assert isinstance(model, RegionDetector)
    return model


def load_answerer(name: str | None = None, options: LoadOptions | None = None) -> "QuestionAnswerer":
    """Load a model that answers questions; errors as of `load` and `find_for`."""
    from ocr2.models.protocols import QuestionAnswerer

    model = load(find_for("ask", name).name, options)
    assert isinstance(model, QuestionAnswerer)
    return model


def load_place_reader(
    name: str | None = None, options: LoadOptions | None = None
) -> "LineReader | PageReader | PlaceReader":
    """Load a model that reads places of pages, or the lines there; errors as of `load` and `find_for`."""
    from ocr2.models.protocols import LineReader, PageReader, PlaceReader

    model = load(find_for("focus", name).name, options)
    assert isinstance(model, LineReader | PageReader | PlaceReader)
    return model
