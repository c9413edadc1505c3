"""Models of tests under any name, in place of those that the registry knows."""

import pytest

from ocr2.models import registry
from ocr2.models.protocols import (
    ChartReader,
    FigureTracer,
    LineReader,
    PageReader,
    PlaceReader,
    QuestionAnswerer,
    RegionDetector,
)
from ocr2.models.spec import DEFAULTS, ModelSpec, Task
from ocr2.options import LoadOptions

PROTOCOLS: dict[Task, tuple[type, ...]] = {
    "read": (LineReader, PageReader),
    "chart": (ChartReader,),
    "trace": (FigureTracer,),
    "detect": (RegionDetector,),
    "ask": (QuestionAnswerer,),
    "focus": (LineReader, PageReader, PlaceReader),
}


def use_model(monkeypatch: pytest.MonkeyPatch, model: object, *others: object) -> list[tuple[str, LoadOptions]]:
    """Let every name load a model of a test; returns what was loaded, and how, as it happens.

    Args:
        monkeypatch: Of the test.
        model: The model; its methods say what it can do.
        others: Models for tasks that the first one cannot do.
    """
    loaded: list[tuple[str, LoadOptions]] = []

    def find(name: str) -> ModelSpec:
        task = next((task for task, default in DEFAULTS.items() if default == name), None)
        chosen = next((m for m in (model, *others) if task is not None and task in tasks_of(m)), model)

        def load(spec: ModelSpec, options: LoadOptions) -> object:
            loaded.append((spec.name, options))
            return chosen

        return ModelSpec(
            name=name,
            tasks=tasks_of(chosen),
            summary="",
            licence="",
            load=load,  # type: ignore[arg-type]  # what a test gives
            assets="",
            reads_whole_pages=isinstance(chosen, PageReader),
        )

    monkeypatch.setattr(registry, "find", find)
    return loaded


def tasks_of(model: object) -> frozenset[Task]:
    """Return what a model can do, by its methods."""
    return frozenset(task for task, kinds in PROTOCOLS.items() if isinstance(model, kinds))
