"""Models of tests under any name, in place of those that the registry knows."""

from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.models import registry
from ocr2.models.protocols import (
    ChartReader,
    DetectedLine,
    FigureTracer,
    LineReader,
    PageReader,
    PlaceReader,
    QuestionAnswerer,
    RegionDetector,
    StripReading,
)
from ocr2.models.spec import DEFAULTS, ModelSpec, Task
from ocr2.options import LoadOptions

M = TypeVar("M")
PROTOCOLS: dict[Task, tuple[type, ...]] = {
    "read": (LineReader, PageReader),
    "chart": (ChartReader,),
    "trace": (FigureTracer,),
    "detect": (RegionDetector,),
    "ask": (QuestionAnswerer,),
    "focus": (LineReader, PageReader, PlaceReader),
}


class FixedReader:
    """Reads every strip as the same word."""

    name = "fixed"
    weights_sha256 = "0" * 64
    max_strip_width = 512

    def __init__(self, text: str = "word", probability: float = 0.95, agreement: float = 1.0) -> None:
        self.text = text
        self.probability = probability
        self.agreement = agreement
        self.lines: list[DetectedLine] | None = None
        self.seen = 0

    def find_lines(self, gray: NDArray[np.uint8], x_height: float) -> list[DetectedLine] | None:
        return self.lines

    def read_strips(
        self, strips: Sequence[NDArray[np.uint8]], *, on_batch: Callable[[int], None] | None = None, **options: object
    ) -> list[StripReading]:
        self.seen += len(strips)
        if on_batch is not None:
            on_batch(len(strips))
        n = len(self.text)
        positions = tuple((i + 0.5) / n for i in range(n))
        return [StripReading(self.text, (self.probability,) * n, positions, self.agreement, "end") for _ in strips]


def raising(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that fails, whatever it is called with."""

    def fail(*arguments: object, **options: object) -> NoReturn:
        raise error

    return fail


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


def in_use(monkeypatch: pytest.MonkeyPatch, model: M) -> M:
    """Return a model that every name loads from now on."""
    use_model(monkeypatch, model)
    return model


def tasks_of(model: object) -> frozenset[Task]:
    """Return what a model can do, by its methods."""
    return frozenset(task for task, kinds in PROTOCOLS.items() if isinstance(model, kinds))
