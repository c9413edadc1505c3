"""Pictures of every kind that Pillow opens, as grey pages."""

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from ocr2.errors import DocumentError
from PIL import Image, ImageOps, UnidentifiedImageError

Gray = NDArray[np.uint8]

MAX_PIXELS = 400_000_000  # a picture that claims more is refused before it is decoded


def open_image(data: bytes, *, name: str) -> Image.Image:
    """Open a picture without decoding it.

    Raises:
        DocumentError: If it is no picture, damaged, or larger than MAX_PIXELS.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit follows
            image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError as error:
        raise DocumentError(f"{name} is neither a PDF nor a picture that Pillow can open") from error
    except (Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise DocumentError(f"{name} cannot be opened: {error}") from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise DocumentError(f"{name} has {width} x {height} pixels; at most {MAX_PIXELS:,} are read")
    return image


def count_frames(image: Image.Image) -> int:
    """Return the number of pages of a picture; animations count as their first frame."""
    return getattr(image, "n_frames", 1) if image.format in ("TIFF", "MPO", "DCX") else 1


def frame_to_gray(image: Image.Image, index: int, *, name: str) -> tuple[Gray, float | None]:
    """Decode one frame: EXIF rotation applied, alpha laid over white, any depth or colour to 8-bit grey.

    Returns:
        The page, and its resolution in dpi if the file states a plausible one.

    Raises:
        DocumentError: If the pixels are damaged.
    """
    try:
        image.seek(index)
        upright = ImageOps.exif_transpose(image)
        gray = to_gray(upright)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise DocumentError(f"{name} cannot be decoded: {error}") from error
    dpi = image.info.get("dpi")
    resolution = float(dpi[0]) if isinstance(dpi, tuple) and 30 <= float(dpi[0]) <= 2400 else None
    return gray, resolution


def to_gray(image: Image.Image) -> Gray:
    """Return a Pillow image of any mode as (height, width) uint8."""
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L", "I;16N"):
        return _stretch(np.asarray(image, np.float64))
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(paper, rgba)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    return np.asarray(image.convert("L"), np.uint8)


def array_to_gray(array: NDArray[np.generic]) -> Gray:
    """Return an array (height, width) or (height, width, 1 | 3 | 4) of any number type as grey uint8.

    Raises:
        ValueError: If the shape is none of these.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"an image array must be (height, width) or (height, width, 3 or 4), got {array.shape}")
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * 255
    if array.dtype != np.uint8:
        array = _stretch(np.asarray(array, np.float64))
    return to_gray(Image.fromarray(array))


def _stretch(values: NDArray[np.float64]) -> Gray:
    """Map deep pixels to bytes: by the range of their type if they fill it, else by their own."""
    finite = np.nan_to_num(values)
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    for top in (1.0, 255.0, 65535.0):
        if low >= 0 and top / 4 < high <= top:
            low, high = 0.0, top
            break
    scaled = (finite - low) * (255 / max(high - low, 1e-9))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
