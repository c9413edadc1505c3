"""The Fox network (Liu et al. 2024, arXiv 2405.14295): its family's, two vision encoders and one decoder."""

from ocr2.multimodal.families.clip_sam.network import ClipSamModel

__all__ = ["ClipSamModel"]
