"""The Vary-toy checkpoint, which is its family's: names of tensors, the folder in memory, files beside the weights."""

from ocr2.multimodal.families.clip_sam.checkpoint import (
    ARCHITECTURES,
    LAYOUTS,
    Published,
    checkpoint_format,
    load_published,
    write_companions,
)

__all__ = ["ARCHITECTURES", "LAYOUTS", "Published", "checkpoint_format", "load_published", "write_companions"]
