"""Slow Perception (Wei et al. 2024, arXiv 2412.20631): figures traced stroke by stroke, and a small tracer."""

from ocr2.slowperception.models import MODELS

__all__ = ["MODELS"]
