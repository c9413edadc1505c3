"""Slow Perception: the shared skeleton, nothing else."""

from ocr2.multimodal.model import SkeletonModel
from ocr2.slowperception.config import SlowConfig


class SlowModel(SkeletonModel[SlowConfig]):
    """Slow Perception (Wei et al. 2024, arXiv 2412.20631)."""
