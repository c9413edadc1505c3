"""The models of this room, and what loads them; torch is imported when one is loaded."""

from typing import TYPE_CHECKING

from ocr2.models.spec import ModelSpec
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.fox.reader import FoxReader


def _load(spec: ModelSpec, options: LoadOptions) -> "FoxReader":
    from ocr2.fox.checkpoint import load_published
    from ocr2.fox.reader import FoxReader

    return FoxReader.load(spec, options, load_published)


def _checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.fox.checkpoint import checkpoint_format
    from ocr2.multimodal.published import checkpoint_spec

    return checkpoint_spec(name, checkpoint_format())


MODELS = {
    "fox": ModelSpec(
        name="fox",
        tasks=frozenset(("ask", "detect", "focus")),
        summary="Fox, 2.2 B parameters, looks at boxes, points, colours; `--weights` names Vary-toy's, which it takes",
        licence="unknown (weights by their authors)",
        load=_load,
        elsewhere="its own were never published; it takes those of vary-toy, HaoranWei/Vary-toy on the hub",
        checkpoint=_checkpoint,
    ),
}
