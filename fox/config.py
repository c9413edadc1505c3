"""Dimensions of Fox (Liu et al. 2024, arXiv 2405.14295): those of Vary-toy, whose family it belongs to."""

from ocr2.multimodal.families.clip_sam.config import MINI, PUBLISHED, ClipSamConfig

PRESETS: dict[str, ClipSamConfig] = {"fox": PUBLISHED, "fox-mini": MINI}
