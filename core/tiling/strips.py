"""Strips: line images as the nano reader takes them, 32 px high, ink positive, background zero."""

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

STRIP_HEIGHT = 32  # pixels
# A strip is stored as bytes: background 32, full ink 232; what is lighter than the background lies below 32.
BACKGROUND, INK_SPAN = 32, 200
MIN_CONTRAST = 24.0  # grey levels; fainter strips are not amplified further


def normalise_strip(gray: Gray) -> Gray:
    """Scale a line crop to the strip height and make it dark-on-light, whatever its colours.

    The median is the background; the 2 % of pixels farthest from it give the contrast. Light text on a
    dark ground is inverted, by the side on which the far pixels lie.

    Args:
        gray: (height, width) uint8.

    Returns:
        (STRIP_HEIGHT, width') uint8, aspect ratio kept, width' at least 8.
    """
    height, width = gray.shape
    new_width = max(8, round(width * STRIP_HEIGHT / height))
    # INTER_AREA when shrinking keeps thin strokes; cubic when enlarging keeps edges sharp.
    method = cv2.INTER_AREA if height > STRIP_HEIGHT else cv2.INTER_CUBIC
    resized = cv2.resize(gray, (new_width, STRIP_HEIGHT), interpolation=method).astype(np.float32)
    ink = float(np.median(resized)) - resized
    low, high = np.percentile(ink, (2, 98))
    if -low > high:
        ink, high = -ink, -low
    scaled = BACKGROUND + INK_SPAN * ink / max(float(high), MIN_CONTRAST)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def pad_strip(strip: Gray, width: int) -> Gray:
    """Pad a strip with background on the right to `width` pixels."""
    return np.pad(strip, ((0, 0), (0, width - strip.shape[1])), constant_values=BACKGROUND)
