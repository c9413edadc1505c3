"""What the registry asks of this room: its models, and how to load one. Imports torch only when loading."""

from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.checkpoints.hub import locate
from ocr2.errors import ModelError
from ocr2.models.registry import ModelInfo

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.multimodal.families.clip_sam.asker import PublishedAsker
    from ocr2.vary.nano.reader import NanoDetector
    from ocr2.vary.tiny.reader import TinyAsker

MODELS = {
    "vary-nano": ModelInfo(
        name="vary-nano",
        room="vary",
        summary="finds the regions of pages and their order: text, tables, charts, molecules, ...; 4 M parameters",
        shipped=True,
        licence="Apache-2.0",
    ),
    "vary-tiny": ModelInfo(
        name="vary-tiny",
        room="vary",
        summary="the released Vary-tiny, 223 M parameters, reads pages, finds things; `--weights` names its folder",
        shipped=False,
        licence="unknown (weights by their authors)",
        elsewhere="the hub has them as HaoranWei/Vary-tiny-opt125M, in its folder Vary-tiny",
    ),
    "vary-toy": ModelInfo(
        name="vary-toy",
        room="vary",
        summary="the released Vary-toy, 2.2 B parameters, answers questions, finds things; `--weights` names it",
        shipped=False,
        licence="unknown (weights by their authors)",
        elsewhere=(
            "the hub has them as HaoranWei/Vary-toy: fetch its config.json, qwen.tiktoken and pytorch_model.bin, a "
            "pickle that is read without being run"
        ),
    ),
}


def load(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "NanoDetector | PublishedAsker | TinyAsker":
    """Build the reader of a model; see `ocr2.models.registry.load_reader`."""
    info = MODELS[name]
    if name == "vary-tiny":
        return _load_tiny(info, weights=weights, device=device, dtype=dtype, quantize=quantize)
    if not info.shipped:
        from ocr2.multimodal.families.clip_sam.loading import load_asker

        return load_asker(
            info,
            weights=weights,
            device=device,
            dtype=dtype,
            quantize=quantize,
            clip_resize="center_crop",
            teaches=("detect",),
        )
    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.vary.nano.reader import NanoDetector
    from ocr2.vary.nano.weights import load_nano, shipped_weights

    if quantize != "none":
        raise ModelError(f"{name} is small enough as it is: quantize must be none, got {quantize}")
    where = choose_device(device)
    nano, digest = load_nano(name, weights or shipped_weights())
    return NanoDetector(nano.to(where), name=name, weights_sha256=digest, dtype=choose_dtype(dtype, where))


def _load_tiny(info: ModelInfo, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize") -> "TinyAsker":
    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.vary.tiny.checkpoint import load_published
    from ocr2.vary.tiny.reader import TinyAsker

    where = choose_device(device)
    folder = locate(info.name, weights, info.releases, elsewhere=info.elsewhere).folder
    if quantize != "none" and where.type != "cpu":
        raise ModelError(f"quantize={quantize} works on the CPU alone, the device is {where}")
    published = load_published(folder, device=where, dtype=choose_dtype(dtype, where))
    return TinyAsker(published, name=info.name, quantize=quantize, consume=True)


def weights_path(name: str) -> Path:
    """Return where a model's weights lie.

    Raises:
        CheckpointError: If they are not on this machine, or nobody knows where.
    """
    from ocr2.vary.nano.weights import shipped_weights

    info = MODELS[name]
    return shipped_weights() if info.shipped else locate(name, None, (), elsewhere=info.elsewhere).folder


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the released checkpoints of a model must hold."""
    if name == "vary-tiny":
        return _tiny_spec(name)
    from ocr2.multimodal.families.clip_sam.loading import spec_of

    return spec_of(name)


def _tiny_spec(name: str) -> "CheckpointSpec":
    import torch

    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.checkpoints.weights import shapes_of
    from ocr2.multimodal.families.sam_opt import load_tokenizer
    from ocr2.vary.tiny.checkpoint import ARCHITECTURES, LAYOUTS, write_companions
    from ocr2.vary.tiny.config import PRESETS
    from ocr2.vary.tiny.network import TinyModel

    with torch.device("meta"):
        shapes = shapes_of(TinyModel(PRESETS[name]))
    return CheckpointSpec(
        name=name,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        shapes=shapes,
        check_tokenizer=load_tokenizer,
        write_companions=write_companions,
    )
