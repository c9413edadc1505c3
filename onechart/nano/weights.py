"""Weights of onechart-nano: where the shipped ones lie, how they are written and read."""

import json
from pathlib import Path

import torch
from torch import nn

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import load_safetensors, save_safetensors, shipped_file
from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.text_detector import TextFinder

SHIPPED = "onechart-nano.safetensors"


class NanoParts(nn.Module):
    """Everything one file holds: the network and the finder of writing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.nano = ChartNano(PRESETS[name])
        self.finder = TextFinder()


def shipped_weights() -> Path:
    """Return the path of onechart-nano's weights inside the package.

    Raises:
        CheckpointError: If the package was built without them.
    """
    return shipped_file("ocr2.onechart.assets", SHIPPED)


def load_parts(name: str, path: Path) -> tuple[NanoParts, dict[str, str], str]:
    """Build a preset with the weights of a file.

    Returns:
        The parts in fp32 and evaluation mode, the file's metadata, and its sha256.

    Raises:
        CheckpointError: If the file is missing, damaged, or of another shape.
    """
    parts = NanoParts(name)
    metadata = load_safetensors(parts, path)
    parts.eval()
    for encoder in parts.nano.model.skeleton.encoders:
        encoder.fuse_norms()  # type: ignore[operator]  # a ModuleList does not say what it holds
    return parts, metadata, sha256_of(path)


def save_parts(parts: NanoParts, path: Path, *, metadata: dict[str, object]) -> None:
    """Write weights in fp16, tied ones once, with a metadata object."""
    unique = {value.data_ptr(): name for name, value in reversed(parts.state_dict().items())}
    kept = {k: v for k, v in parts.state_dict().items() if unique[v.data_ptr()] == k}
    state = {k: v.to(torch.float16) if v.is_floating_point() else v for k, v in kept.items()}
    save_safetensors(state, path, metadata={"ocr2": json.dumps(metadata)})
