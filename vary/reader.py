"""Vary-toy's one path: its family's; CLIP sees the middle of a picture.

Source: docs/models/vary.md, "Image preprocessing".
"""

from typing import Unpack

from ocr2.multimodal.families.clip_sam.reader import ClipSamReader
from ocr2.multimodal.published_reader import ReaderOptions
from ocr2.vary.checkpoint import Published


class VaryToyReader(ClipSamReader):
    """Published Vary-toy with weights; arguments as of `ClipSamReader`."""

    default_name = "vary-toy"

    def __init__(self, published: Published, **options: Unpack[ReaderOptions]) -> None:
        super().__init__(published, clip_resize="center_crop", **options)
