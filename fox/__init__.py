"""Fox: looking at boxes, points and colours, on one page or several."""

from ocr2.fox.models import MODELS, checkpoint_spec, load, weights_path

__all__ = ["MODELS", "checkpoint_spec", "load", "weights_path"]
