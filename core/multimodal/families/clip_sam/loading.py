"""What both rooms of the family ask of a released checkpoint."""

from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.checkpoints.hub import locate
from ocr2.errors import ModelError
from ocr2.models.registry import ModelInfo

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.multimodal.families.clip_sam.asker import PublishedAsker
    from ocr2.multimodal.families.clip_sam.views import ClipResize


def load_asker(
    info: ModelInfo,
    *,
    weights: Path | None,
    device: str,
    dtype: str,
    quantize: "Quantize",
    clip_resize: "ClipResize",
    teaches: tuple[str, ...],
) -> "PublishedAsker":
    """Build the reader of a released checkpoint; arguments as of `load_reader` and `PublishedAsker`."""
    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.multimodal.families.clip_sam.asker import PublishedAsker
    from ocr2.multimodal.families.clip_sam.checkpoint import load_published

    where = choose_device(device)
    folder = locate(info.name, weights, info.releases, elsewhere=info.elsewhere).folder
    if quantize != "none" and where.type != "cpu":
        raise ModelError(f"quantize={quantize} works on the CPU alone, the device is {where}")
    published = load_published(folder, device=where, dtype=choose_dtype(dtype, where))
    return PublishedAsker(
        published, name=info.name, clip_resize=clip_resize, teaches=teaches, quantize=quantize, consume=True
    )


def spec_of(name: str) -> "CheckpointSpec":
    """Return what the released checkpoints of a model must hold."""
    import torch

    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.checkpoints.weights import shapes_of
    from ocr2.multimodal.families.clip_sam.checkpoint import ARCHITECTURES, LAYOUTS, open_weights, write_companions
    from ocr2.multimodal.families.clip_sam.config import PUBLISHED
    from ocr2.multimodal.families.clip_sam.model import ClipSamModel
    from ocr2.multimodal.families.qwen_chat import load_tokenizer

    with torch.device("meta"):
        shapes = shapes_of(ClipSamModel(PUBLISHED))
    return CheckpointSpec(
        name=name,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        shapes=shapes,
        check_tokenizer=load_tokenizer,
        write_companions=write_companions,
        open_weights=open_weights,
    )
