"""Models by name: which room holds them, without importing any until one is asked for."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr2.errors import ModelError

if TYPE_CHECKING:
    from ocr2.reader import PictureReader, Reader

ROOMS = ("got",)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What `ocr2 models` shows of a model."""

    name: str
    room: str
    summary: str
    shipped: bool  # weights come with the package
    licence: str


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


def load_reader(name: str, *, weights: Path | None, device: str, dtype: str) -> "Reader | PictureReader":
    """Build a model's reader with its weights.

    Args:
        name: A name of `list_models`.
        weights: File (or folder, for a released checkpoint) to load instead of the shipped weights.
        device: "auto", "cpu", "cuda", "mps".
        dtype: "auto", "float32", "bfloat16", "float16".
    """
    reader: Reader | PictureReader = room_of(name).load(name, weights=weights, device=device, dtype=dtype)
    return reader


def load_strip_reader(name: str, *, weights: Path | None = None, device: str = "auto", dtype: str = "auto") -> "Reader":
    """Build the reader of a model that reads strips; arguments as for `load_reader`.

    Raises:
        ModelError: If the model reads whole pages instead.
    """
    from ocr2.reader import PictureReader

    reader = load_reader(name, weights=weights, device=device, dtype=dtype)
    if isinstance(reader, PictureReader):
        raise ModelError(f"{name} reads whole pages, not strips")
    return reader
