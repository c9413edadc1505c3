"""Strict reading and writing of weights: every tensor accounted for, nothing unpickled."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ocr2.errors import CheckpointError

LISTED = 10  # names shown of what does not fit


def load_safetensors(model: nn.Module, path: Path) -> dict[str, str]:
    """Fill a model from a safetensors file; returns the file's metadata.

    Raises:
        CheckpointError: If the file cannot be read, or names or shapes differ; the first ten are listed.
    """
    if not path.is_file():
        raise CheckpointError(f"no weights at {path}; expected a .safetensors file")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
            metadata = dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a safetensors file: {error}") from error
    load_strict(model, tensors, origin=str(path))
    return metadata


def load_strict(model: nn.Module, tensors: Mapping[str, Tensor], *, origin: str) -> None:
    """Copy tensors into a model whose names and shapes must be exactly these; dtypes follow the model."""
    expected = model.state_dict()
    problems = [f"missing {name}" for name in expected if name not in tensors]
    problems += [f"unknown {name}" for name in tensors if name not in expected]
    problems += [
        f"{name} is {tuple(tensors[name].shape)}, expected {tuple(value.shape)}"
        for name, value in expected.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    if problems:
        more = f" and {len(problems) - LISTED} more" if len(problems) > LISTED else ""
        raise CheckpointError(f"{origin} does not fit the model: {'; '.join(problems[:LISTED])}{more}")
    with torch.no_grad():
        for name, value in expected.items():
            value.copy_(tensors[name])


def save_safetensors(state: Mapping[str, Tensor], path: Path, *, metadata: dict[str, str]) -> None:
    """Write tensors, whole or not at all."""
    unfinished = path.with_name(f".{path.name}")
    save_file({name: value.contiguous() for name, value in state.items()}, unfinished, metadata=metadata)
    unfinished.replace(path)
