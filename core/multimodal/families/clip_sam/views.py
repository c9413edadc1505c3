"""Pictures as the two vocabularies see them. Source: docs/models/vary.md, "Image preprocessing"."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

RGB = NDArray[np.uint8]  # (height, width, 3)
ClipResize = Literal["center_crop", "squash"]  # Vary-toy's, Fox's
# CLIP's channel means and deviations, of values in 0..1: of both views.
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def document_view(picture: RGB, side: int) -> Image.Image:
    """Squash a picture to the square that the document network sees."""
    return Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)


def natural_view(picture: RGB, side: int, how: ClipResize) -> Image.Image:
    """Return the square that CLIP sees.

    Args:
        picture: (height, width, 3).
        side: Pixels.
        how: "center_crop" makes the shorter side fit and cuts the longer one; "squash" squashes both.
    """
    image = Image.fromarray(picture)
    if how == "squash":
        return image.resize((side, side), Image.Resampling.BICUBIC)
    scale = side / min(image.size)
    width, height = (max(side, int(v * scale)) for v in image.size)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - side) // 2, (height - side) // 2
    return image.crop((left, top, left + side, top + side))


def pixels_from_views(views: Sequence[Image.Image]) -> Tensor:
    """Turn views into pixel values (n, 3, side, side)."""
    values = torch.from_numpy(np.stack([np.asarray(view, np.float32) for view in views])).permute(0, 3, 1, 2) / 255
    return (values - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
