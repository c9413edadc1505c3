"""What the registry asks of this room: its models, and how to load one. Imports torch only when loading."""

from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.checkpoints.hub import locate
from ocr2.models.registry import ModelInfo

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.multimodal.families.clip_sam.asker import PublishedAsker

MODELS = {
    "fox": ModelInfo(
        name="fox",
        room="fox",
        summary="Fox, 2.2 B parameters, looks at boxes, points, colours; `--weights` names Vary-toy's, which it takes",
        shipped=False,
        licence="unknown (weights by their authors)",
        elsewhere="its own were never published; it takes those of vary-toy, HaoranWei/Vary-toy on the hub",
    ),
}


def load(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "PublishedAsker":
    """Build the reader of a model; see `ocr2.models.registry.load_reader`."""
    from ocr2.multimodal.families.clip_sam.loading import load_asker

    return load_asker(
        MODELS[name],
        weights=weights,
        device=device,
        dtype=dtype,
        quantize=quantize,
        clip_resize="squash",
        teaches=("detect", "focus"),
    )


def weights_path(name: str) -> Path:
    """Return where a model's weights lie.

    Raises:
        CheckpointError: Always: nobody knows where.
    """
    return locate(name, None, (), elsewhere=MODELS[name].elsewhere).folder


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the released checkpoints of a model must hold."""
    from ocr2.multimodal.families.clip_sam.loading import spec_of

    return spec_of(name)
