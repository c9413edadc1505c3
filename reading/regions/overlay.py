"""Pages with the regions found on them drawn over, for a person to check."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.results.answer import Detection

COLOURS = {
    "title": "#b00020", "paragraph": "#1565c0", "list": "#2e7d32", "table": "#00838f", "formula": "#ad1457",
    "figure": "#558b2f", "chart": "#6a1b9a", "molecule": "#5d4037", "score": "#0277bd", "geometry": "#ef6c00",
}  # fmt: skip
OTHER = "#d500f9"


def draw_regions(detection: Detection, picture: NDArray[np.uint8]) -> Image.Image:
    """Return a picture (height, width, 3) with its regions outlined, numbered in their order and named."""
    image = Image.fromarray(picture).convert("RGB")
    pen = ImageDraw.Draw(image)
    size = max(12, image.width // 60)
    font = ImageFont.load_default(size=size)
    for number, region in enumerate(detection.regions, start=1):
        colour = COLOURS.get(region.kind, OTHER)
        pen.rectangle(region.box.as_list(), outline=colour, width=max(2, image.width // 400))
        sure = f" {region.confidence:.2f}" if region.confidence is not None else ""
        label = f"{number} {region.kind}{sure}"
        top = max(0, region.box.top - size - 2)
        pen.rectangle(pen.textbbox((region.box.left, top), label, font=font), fill="white")
        pen.text((region.box.left, top), label, fill=colour, font=font)
    return image
