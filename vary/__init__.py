"""Vary: Vary-toy as released, and vary-nano, which finds the regions of pages."""

from ocr2.vary.models import MODELS, checkpoint_spec, load, weights_path

__all__ = ["MODELS", "checkpoint_spec", "load", "weights_path"]
