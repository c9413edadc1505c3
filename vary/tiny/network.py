"""The Vary-tiny network: the shared skeleton, nothing else."""

from ocr2.multimodal.model import SkeletonModel
from ocr2.vary.tiny.config import TinyConfig


class TinyModel(SkeletonModel[TinyConfig]):
    """Vary-tiny: nothing but the skeleton."""
