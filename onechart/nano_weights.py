"""Weights of onechart-nano: how they are written and read."""

import json
from pathlib import Path

import torch
from torch import nn

from ocr2.checkpoint import load_safetensors, save_safetensors
from ocr2.hashing import sha256_of
from ocr2.onechart.config import PRESETS
from ocr2.onechart.finder import TextFinder
from ocr2.onechart.nano_model import ChartNano
from ocr2.onechart.nano_pipeline import NanoChartReader


class NanoParts(nn.Module):
    """Everything one file holds: the network and the finder of writing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.nano = ChartNano(PRESETS[name])
        self.finder = TextFinder()


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
    """Write weights in fp16 with a metadata object."""
    state = {k: v.to(torch.float16) if v.is_floating_point() else v for k, v in parts.state_dict().items()}
    save_safetensors(state, path, metadata={"ocr2": json.dumps(metadata)})


def load_nano(path: Path, *, device: torch.device, dtype: torch.dtype) -> NanoChartReader:
    """Build the reader from a file of weights."""
    parts, _, digest = load_parts("onechart-nano", path)
    nano, finder = parts.nano.to(device), parts.finder.to(device)
    return NanoChartReader(nano, finder, name="onechart-nano", weights_sha256=digest, dtype=dtype)
