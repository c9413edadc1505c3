"""Weights of nano models: read into a network that is ready to run, and written."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from torch import nn

from ocr2.checkpoints.eight_bits import to_eight_bits
from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import load_safetensors, save_safetensors

N = TypeVar("N", bound=nn.Module)


@dataclass(frozen=True)  # no slots: with them a generic alias cannot be called
class Shipped(Generic[N]):
    """A nano network with its weights.

    Attributes:
        network: The network in float32 and evaluation mode, batch norms folded into convolutions.
        details: What the file says of itself: steps, samples, scores, temperature, ...
        sha256: Hash of the file.
    """

    network: N
    details: Mapping[str, object]
    sha256: str


def load_shipped(build: Callable[[], N], path: Path) -> Shipped[N]:
    """Build a network with the weights of a file.

    Raises:
        CheckpointError: If the file is missing, damaged, or of another shape.
    """
    network = build()
    metadata = load_safetensors(network, path)
    network.eval()
    for module in list(network.modules()):
        fuse = getattr(module, "fuse_norms", None)
        if callable(fuse):
            fuse()
    return Shipped(network, dict(json.loads(metadata.get("ocr2", "{}"))), sha256_of(path))


def save_shipped(network: nn.Module, path: Path, *, details: Mapping[str, object]) -> None:
    """Write weights in eight bits, tied ones once, with what the file says of itself."""
    unique = {value.data_ptr(): name for name, value in reversed(network.state_dict().items())}
    kept = {k: v for k, v in network.state_dict().items() if unique[v.data_ptr()] == k}
    save_safetensors(to_eight_bits(kept), path, metadata={"ocr2": json.dumps(dict(details))})
