"""The Fox checkpoint, which is its family's: names of tensors, the folder in memory, the files beside the weights."""

from ocr2.multimodal.families.clip_sam.checkpoint import (
    ARCHITECTURES,
    LAYOUTS,
    Published,
    checkpoint_format,
    load_published,
)

__all__ = ["ARCHITECTURES", "LAYOUTS", "Published", "checkpoint_format", "load_published"]
