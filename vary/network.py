"""The Vary-toy network (Wei et al. 2024, arXiv 2401.12503): its family's, two vision encoders and one decoder."""

from ocr2.multimodal.families.clip_sam.network import ClipSamModel

__all__ = ["ClipSamModel"]
