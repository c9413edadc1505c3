"""What the rooms' loaders share: where to compute, where the weights are, which options fit."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import torch
from torch import nn

from ocr2.checkpoints.hub import locate
from ocr2.checkpoints.shipped import Shipped, load_shipped
from ocr2.checkpoints.weights import shipped_file
from ocr2.compute.device import choose_device, choose_dtype
from ocr2.errors import ModelError

if TYPE_CHECKING:
    from ocr2.models.spec import ModelSpec
    from ocr2.options import LoadOptions

P = TypeVar("P", covariant=True)
N = TypeVar("N", bound=nn.Module)


class LoadPublished(Protocol[P]):
    """How a room loads the folder of a published checkpoint."""

    def __call__(self, folder: Path, *, device: torch.device, dtype: torch.dtype) -> P:
        """Return the model and what belongs to it."""


@dataclass(frozen=True)  # no slots: with them a generic alias cannot be called
class Nano(Generic[N]):
    """A nano network on its device, ready to run; `shipped` has its hash and what its file says of itself."""

    network: N
    shipped: Shipped[N]
    dtype: torch.dtype  # compute type


def compute_of(options: "LoadOptions") -> "tuple[torch.device, torch.dtype]":
    """Return the device and number type that options name.

    Raises:
        ModelError: If there is no such device or type here.
    """
    device = choose_device(options.device)
    return device, choose_dtype(options.dtype, device)


def load_nano(spec: "ModelSpec", options: "LoadOptions", build: Callable[[], N]) -> Nano[N]:
    """Load a nano model.

    Args:
        spec: The model.
        options: How it is loaded.
        build: Builds its network.

    Raises:
        ModelError: If it is to be quantised, or the device is not there.
        CheckpointError: If the package was built without its weights, or they do not fit.
    """
    if options.quantize != "none":
        raise ModelError(f"{spec.name} is small enough as it is: quantize must be none, got {options.quantize}")
    device, dtype = compute_of(options)
    shipped = load_shipped(build, options.weights or weights_of(spec))
    return Nano(shipped.network.to(device), shipped, dtype)


def load_part(spec: "ModelSpec", options: "LoadOptions", name: str, build: Callable[[], N]) -> N:
    """Load a network that ships beside a model's own weights and serves several.

    Args:
        spec: The model.
        options: How it is loaded.
        name: Of the file, without its suffix.
        build: Builds the network.

    Raises:
        CheckpointError: If the package was built without the file, or the weights do not fit.
    """
    assert spec.assets is not None
    path = shipped_file(spec.assets, f"{name}.safetensors")
    return load_shipped(build, path).network.to(compute_of(options)[0])


def load_folder(spec: "ModelSpec", options: "LoadOptions", load: LoadPublished[P]) -> P:
    """Load a published model from the folder of its checkpoint.

    Args:
        spec: The model.
        options: How it is loaded.
        load: Loads a folder.

    Raises:
        ModelError: If the device is not there, or cannot quantise.
        CheckpointError: If the weights are not on this machine, or do not fit.
    """
    device, dtype = compute_of(options)
    folder = locate(spec.name, options.weights, spec.releases, elsewhere=spec.elsewhere).folder
    if options.quantize != "none" and device.type != "cpu":
        raise ModelError(f"quantize={options.quantize} works on the CPU alone, the device is {device}")
    return load(folder, device=device, dtype=dtype)


def weights_of(spec: "ModelSpec") -> Path:
    """Return where a model's weights are: the shipped file, or the folder that was downloaded.

    Raises:
        CheckpointError: If they are not on this machine.
    """
    if spec.assets is not None:
        return shipped_file(spec.assets, f"{spec.name}.safetensors")
    return locate(spec.name, None, spec.releases, elsewhere=spec.elsewhere).folder
