"""What the registry asks of this room: its models, and how to load one. Imports torch only when loading."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.checkpoints.hub import locate
from ocr2.errors import ModelError
from ocr2.got.releases import RELEASES
from ocr2.models.registry import ModelInfo

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.got.nano.reader import NanoReader
    from ocr2.got.reader import ViewReader

MODELS = {
    "got-nano": ModelInfo(
        name="got-nano",
        room="got",
        summary="reads Latin-script text lines cut from a page; 3.5 M parameters, for CPUs",
        shipped=True,
        licence="Apache-2.0",
    ),
    "got-nano-charts": ModelInfo(
        name="got-nano-charts",
        room="got",
        summary="got-nano taught the writing in charts: small, turned, on coloured ground; `ocr2 chart` uses it",
        shipped=True,
        licence="Apache-2.0",
    ),
    "got": ModelInfo(
        name="got",
        room="got",
        summary="the released GOT-OCR2.0, 560 M parameters, reads whole pages; `ocr2 models download got`",
        shipped=False,
        licence="Apache-2.0 (weights by their authors)",
        releases=RELEASES,
    ),
}


def load(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "NanoReader | ViewReader":
    """Build the reader of a model; see `ocr2.models.registry.load_reader`."""
    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.got.nano.reader import NanoReader
    from ocr2.got.nano.weights import load_model, shipped_weights

    where = choose_device(device)
    compute = choose_dtype(dtype, where)
    if not MODELS[name].shipped:
        from ocr2.got.checkpoint import load_published
        from ocr2.got.reader import ViewReader

        folder = locate(name, weights, MODELS[name].releases).folder
        if quantize != "none" and where.type != "cpu":
            raise ModelError(f"quantize={quantize} works on the CPU alone, the device is {where}")
        published = load_published(folder, device=where, dtype=compute)
        return ViewReader(published, name=name, quantize=quantize, consume=True)
    if quantize != "none":
        raise ModelError(f"{name} is small enough as it is: quantize must be none, got {quantize}")
    model, metadata, digest = load_model(name, weights or shipped_weights(name))
    details = json.loads(metadata.get("ocr2", "{}"))
    return NanoReader(
        model.to(where),
        name=name,
        weights_sha256=digest,
        dtype=compute,
        temperature=float(details.get("temperature", 1.0)),
    )


def weights_path(name: str) -> Path:
    """Return where a model's weights lie: the shipped file, or the folder that was downloaded.

    Raises:
        CheckpointError: If they are not on this machine.
    """
    from ocr2.got.nano.weights import shipped_weights

    info = MODELS[name]
    return shipped_weights(name) if info.shipped else locate(name, None, info.releases).folder


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the released checkpoints of a model must hold."""
    import functools

    import torch

    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.checkpoints.weights import shapes_of
    from ocr2.got.checkpoint import ARCHITECTURES, LAYOUTS, write_companions
    from ocr2.got.config import PRESETS
    from ocr2.got.network import GOTModel
    from ocr2.multimodal.families.qwen_chat import load_tokenizer

    with torch.device("meta"):
        shapes = shapes_of(GOTModel(PRESETS[name]))
    return CheckpointSpec(
        name=name,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        shapes=shapes,
        check_tokenizer=load_tokenizer,
        write_companions=functools.partial(write_companions, config=PRESETS[name]),
    )
