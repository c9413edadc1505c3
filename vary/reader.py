"""Vary-toy's one path: its family's; CLIP sees the middle of a picture.

Source: docs/models/vary.md, "Image preprocessing".
"""

from ocr2.multimodal.families.clip_sam.reader import ClipSamReader
from ocr2.options import Quantize
from ocr2.vary.checkpoint import Published


class VaryToyReader(ClipSamReader):
    """Published Vary-toy with weights; arguments as of `ClipSamReader`."""

    def __init__(
        self, published: Published, *, name: str = "vary-toy", quantize: Quantize = "none", consume: bool = False
    ) -> None:
        super().__init__(published, name=name, clip_resize="center_crop", quantize=quantize, consume=consume)
