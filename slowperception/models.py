"""What the registry asks of this room: its models, and how to load one. Imports torch only when loading."""

from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.checkpoints.hub import locate
from ocr2.errors import ModelError
from ocr2.models.registry import ModelInfo

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.slowperception.nano.reader import NanoTracer
    from ocr2.slowperception.reader import PublishedTracer

MODELS = {
    "slowperception-nano": ModelInfo(
        name="slowperception-nano",
        room="slowperception",
        summary="traces plane figures, 6 M parameters, five rulers; got-nano reads their letters",
        shipped=True,
        licence="Apache-2.0",
    ),
    "slowperception": ModelInfo(
        name="slowperception",
        room="slowperception",
        summary="the released Slow Perception, 560 M parameters, traces plane figures; `--weights` names its folder",
        shipped=False,
        licence="unknown (weights by their authors)",
        elsewhere="its authors share them beside their repository Ucas-HaoranWei/Slow-Perception, not on the hub",
    ),
}


def load(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "PublishedTracer | NanoTracer":
    """Build the reader of a model; see `ocr2.models.registry.load_reader`."""
    from ocr2.compute.device import choose_device, choose_dtype

    where = choose_device(device)
    compute = choose_dtype(dtype, where)
    if MODELS[name].shipped:
        from ocr2.slowperception.nano.reader import NanoTracer
        from ocr2.slowperception.nano.weights import load_nano, shipped_weights

        if quantize != "none":
            raise ModelError(f"{name} is small enough as it is: quantize must be none, got {quantize}")
        nano, digest = load_nano(name, weights or shipped_weights())
        return NanoTracer(nano.to(where), name=name, weights_sha256=digest, dtype=compute)
    from ocr2.slowperception.checkpoint import load_published
    from ocr2.slowperception.reader import PublishedTracer

    info = MODELS[name]
    folder = locate(name, weights, info.releases, elsewhere=info.elsewhere).folder
    if quantize != "none" and where.type != "cpu":
        raise ModelError(f"quantize={quantize} works on the CPU alone, the device is {where}")
    published = load_published(folder, preset=name, device=where, dtype=compute)
    return PublishedTracer(published, name=name, quantize=quantize, consume=True)


def weights_path(name: str) -> Path:
    """Return where a model's weights lie.

    Raises:
        CheckpointError: If they are not on this machine, or nobody knows where.
    """
    from ocr2.slowperception.nano.weights import shipped_weights

    info = MODELS[name]
    return shipped_weights() if info.shipped else locate(name, None, (), elsewhere=info.elsewhere).folder


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the released checkpoints of a model must hold."""
    import torch

    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.checkpoints.weights import shapes_of
    from ocr2.multimodal.families.qwen_chat import load_tokenizer
    from ocr2.slowperception.checkpoint import ARCHITECTURES, LAYOUTS, write_companions
    from ocr2.slowperception.config import PRESETS
    from ocr2.slowperception.network import SlowModel

    with torch.device("meta"):
        shapes = shapes_of(SlowModel(PRESETS[name]))
    return CheckpointSpec(
        name=name,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        shapes=shapes,
        check_tokenizer=load_tokenizer,
        write_companions=write_companions,
    )
