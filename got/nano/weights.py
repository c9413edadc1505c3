"""Weights of GOT models: where the shipped ones lie, how they are written and read."""

import json
from pathlib import Path

import torch

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import load_safetensors, save_safetensors, shipped_file
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel


def shipped_weights(name: str = "got-nano") -> Path:
    """Return the path of a model's weights inside the package.

    Raises:
        CheckpointError: If the package was built without them.
    """
    return shipped_file("ocr2.got.assets", f"{name}.safetensors")


def load_model(name: str, path: Path) -> tuple[GOTModel, dict[str, str], str]:
    """Build a preset with the weights of a file.

    Returns:
        The model in fp32 and evaluation mode, the file's metadata, and its sha256.

    Raises:
        CheckpointError: If the file is missing, damaged, or of another shape.
    """
    model = GOTModel(PRESETS[name])
    metadata = load_safetensors(model, path)
    model.eval()
    for encoder in model.skeleton.encoders:
        encoder.fuse_norms()  # type: ignore[operator]  # a ModuleList does not say what it holds
    return model, metadata, sha256_of(path)


def save_model(model: GOTModel, path: Path, *, metadata: dict[str, object]) -> None:
    """Write weights in fp16 with a metadata object."""
    state = {k: v.to(torch.float16) if v.is_floating_point() else v for k, v in model.state_dict().items()}
    save_safetensors(state, path, metadata={"ocr2": json.dumps(metadata)})
