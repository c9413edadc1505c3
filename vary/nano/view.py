"""What vary-nano sees: a page squashed to one size, as ink on ground."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.vision.config import Size

Gray = NDArray[np.uint8]
DARKEST = 60.0  # grey levels between ground and ink at least, or noise would be ink


def squash_gray(gray: Gray, size: Size) -> Gray:
    """Squash a page (height, width) to `size` (rows, columns), each axis on its own."""
    shrinks = gray.shape[0] > size[0] or gray.shape[1] > size[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(gray, (size[1], size[0]), interpolation=method), np.uint8)


def page_ink(squashed: Gray) -> Tensor:
    """Return how far a page's pixels are from its ground: (1, rows, columns), 0 for ground, 1 for the most."""
    values = squashed.astype(np.float32)
    ground = float(np.median(values))
    far = np.abs(values - ground)
    most = max(DARKEST, float(np.percentile(far, 99.5)))
    return torch.from_numpy(np.clip(far / most, 0, 1))[None]
