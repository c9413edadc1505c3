"""Weights of vary-nano: where the shipped ones lie, how they are written and read."""

import json
from pathlib import Path

import torch

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import load_safetensors, save_safetensors, shipped_file
from ocr2.vary.config import PRESETS
from ocr2.vary.nano.network import LayoutNano

SHIPPED = "vary-nano.safetensors"


def shipped_weights() -> Path:
    """Return the path of vary-nano's weights inside the package.

    Raises:
        CheckpointError: If the package was built without them.
    """
    return shipped_file("ocr2.vary.assets", SHIPPED)


def load_nano(name: str, path: Path) -> tuple[LayoutNano, str]:
    """Build a preset with the weights of a file.

    Returns:
        The network in fp32 and evaluation mode, and the file's sha256.

    Raises:
        CheckpointError: If the file is missing, damaged, or of another shape.
    """
    nano = LayoutNano(PRESETS[name])
    load_safetensors(nano, path)
    nano.eval()
    for encoder in nano.skeleton.encoders:
        encoder.fuse_norms()  # type: ignore[operator]  # a ModuleList does not say what it holds
    return nano, sha256_of(path)


def save_nano(nano: LayoutNano, path: Path, *, metadata: dict[str, object]) -> None:
    """Write weights in fp16, tied ones once, with a metadata object."""
    unique = {value.data_ptr(): name for name, value in reversed(nano.state_dict().items())}
    kept = {k: v for k, v in nano.state_dict().items() if unique[v.data_ptr()] == k}
    state = {k: v.to(torch.float16) if v.is_floating_point() else v for k, v in kept.items()}
    save_safetensors(state, path, metadata={"ocr2": json.dumps(metadata)})
