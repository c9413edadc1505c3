"""Pictures of every kind that Pillow opens, as grey pages."""

import contextlib
import io
import struct
import warnings
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ocr2.documents.kinds import (
    SVG,
    OtherKind,
    is_readable,
    kind_of,
    svg_sides,
    unpacked,
    why_not_read,
    without_references,
)
from ocr2.errors import DocumentError

Gray = NDArray[np.uint8]

# A picture that claims more is refused before it is decoded; Pillow would refuse it a little later.
MAX_PIXELS = 178_000_000
OBLONG, MOST_OBLONG = 1.15, 4.5  # ratio of a TIFF's two resolutions between which its pixels are made square
SVG_ZOOM, SVG_SIDE = 2.0, 3000  # most enlargement of a drawing, and its longer side then
SEEN = 64  # alpha of paint that shows
LIGHT, LIGHT_SHARE = 190, 20  # grey level above which all but a share of the paint, %, is light
# What Pillow's decoders raise on damaged data (tests/core/documents/test_images.py damages files of every kind).
DAMAGE = (
    OSError, ValueError, SyntaxError, EOFError, RuntimeError, LookupError, ArithmeticError, TypeError, struct.error,
    zlib.error, Image.DecompressionBombError,
)  # fmt: skip


def open_image(data: bytes, *, name: str) -> Image.Image:
    """Open a picture without decoding it; HEIC and SVG through their extras.

    Raises:
        DocumentError: If it is no picture, damaged, or larger than MAX_PIXELS; for a file of a known other kind the
            message says what would open it.
    """
    kind = kind_of(data)
    if kind is not None:
        return _open_extra(data, kind, name)
    with _damage_reported(f"{name} cannot be opened"):
        return _open(data, name, problem="is neither a PDF nor a picture that Pillow can open")


def count_frames(image: Image.Image, *, name: str) -> int:
    """Return the number of pages of a picture; animations count as their first frame.

    Raises:
        DocumentError: If the list of pages is damaged.
    """
    # The further frames of an MPO, a phone's JPEG, are previews and depth maps.
    if image.format not in ("TIFF", "DCX"):
        return 1
    with _damage_reported(f"{name} cannot be opened"):
        return int(getattr(image, "n_frames", 1))


def frame_to_gray(image: Image.Image, index: int, *, name: str, number: int | None = None) -> tuple[Gray, float | None]:
    """Decode one frame: EXIF rotation applied, alpha laid over white, any depth or colour to 8-bit grey.

    Args:
        image: An open picture.
        index: Which frame, from 0.
        name: Of the document.
        number: Of the page in its document, if it is not `index + 1`.

    Returns:
        The page, and its resolution in dpi if the file states a plausible one.

    Raises:
        DocumentError: If the pixels are damaged.
    """
    with _frame(image, index, f"page {number or index + 1} of {name}") as (upright, dpi):
        return to_gray(upright), dpi


def frame_to_picture(image: Image.Image, index: int, *, name: str) -> tuple[Image.Image, float | None]:
    """Decode one frame as `frame_to_gray` does, but keep its colours: mode "L" or "RGB"."""
    with _frame(image, index, f"page {index + 1} of {name}") as (upright, dpi):
        return to_picture(upright), dpi


def _open_extra(data: bytes, kind: OtherKind, name: str) -> Image.Image:
    if not is_readable(kind):
        raise DocumentError(f"{name} cannot be read; {why_not_read(kind)}")
    with _damage_reported(f"{name} cannot be opened"):
        if kind is SVG:
            data = _draw_svg(data)
        else:
            import pillow_heif

            pillow_heif.register_heif_opener()
        return _open(data, name, problem=f"cannot be opened: its {kind.name} data is damaged")


def _open(data: bytes, name: str, *, problem: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError as error:
        raise DocumentError(f"{name} {problem}") from error
    _check_size(image, name)
    return image


def _draw_svg(data: bytes) -> bytes:
    """Return an SVG drawn as PNG: twice as large as it says, for small writing to be read, but no larger than a page.

    Raises:
        ValueError: If it does not say how large it is, or cannot be drawn.
    """
    import resvg_py

    text = without_references(unpacked(data).decode("utf-8", "replace"))
    sides = svg_sides(text)
    if sides is None:
        raise ValueError("the drawing says neither its size nor a viewBox")
    zoom = min(SVG_ZOOM, SVG_SIDE / max(sides))
    return bytes(resvg_py.svg_to_bytes(svg_string=text, background="#ffffff", zoom=zoom))


@contextlib.contextmanager
def _frame(image: Image.Image, index: int, page: str) -> Iterator[tuple[Image.Image, float | None]]:
    """Give one frame as it is to be looked at and its resolution; whatever is damaged names the page."""
    with _damage_reported(f"{page} cannot be decoded"):
        if image.tell() != index and image.format != "PSD":  # whose merged picture is open; its layers count from 1
            image.seek(index)
        _check_size(image, page)
        across, down = _resolutions(image)
        upright = image
        if image.format == "TIFF" and across and down and OBLONG < max(across / down, down / across) < MOST_OBLONG:
            finer = max(across, down)
            size = round(image.width * finer / across), round(image.height * finer / down)
            image.load()
            upright = image.convert("L" if image.mode == "1" else image.mode).resize(size)
            across = finer
        yield ImageOps.exif_transpose(upright), across


def _resolutions(image: Image.Image) -> tuple[float | None, float | None]:
    """Return the dots per inch across and down that a file states, each None if it is missing or not plausible."""
    dpi = image.info.get("dpi")
    if not isinstance(dpi, tuple) or len(dpi) < 2:
        return None, None
    across, down = (float(value) if 30 <= float(value) <= 2400 else None for value in dpi[:2])
    return across, down


def to_gray(image: Image.Image) -> Gray:
    """Return a Pillow image of any mode as (height, width) uint8."""
    return np.asarray(_on_paper(image).convert("L"), np.uint8)


def to_picture(image: Image.Image) -> Image.Image:
    """Return a Pillow image of any mode in mode "L" where it has no colours, else "RGB"."""
    picture = _on_paper(image)
    if picture.mode in ("1", "L"):
        return picture.convert("L")
    picture = picture.convert("RGB")
    red, green, blue = picture.split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else picture


def _on_paper(image: Image.Image) -> Image.Image:
    """Return a Pillow image of any mode in one that converts to grey or RGB by itself, alpha laid over white."""
    if image.mode in ("I", "F", "I;16", "I;16B", "I;16L", "I;16N"):
        return Image.fromarray(_stretch(np.asarray(image, np.float64)))
    if image.mode in ("1", "L", "P", "RGB") and "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        rgba = image.convert("LA" if image.mode == "La" else "RGBA").convert("RGBA")  # Pillow has no La to RGBA
        paper = Image.new("RGBA", rgba.size, "black" if _is_light(rgba) else "white")
        image = Image.alpha_composite(paper, rgba)
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    return image


def _is_light(rgba: Image.Image) -> bool:
    """Say whether paint of a picture with alpha would vanish on white paper."""
    alpha = np.asarray(rgba.getchannel("A"))
    seen = alpha > SEEN
    if not seen.any() or seen.all():
        return False
    return float(np.percentile(np.asarray(rgba.convert("RGB").convert("L"))[seen], LIGHT_SHARE)) > LIGHT


def array_to_gray(array: NDArray[np.generic]) -> Gray:
    """Return an array (height, width) or (height, width, 1 | 3 | 4) of any number type as grey uint8.

    Raises:
        ValueError: If the shape is none of these.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if not array.size:
        raise ValueError(f"an image array must have pixels, got {array.shape}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ValueError(f"an image array must be (height, width) or (height, width, 3 or 4), got {array.shape}")
    if array.dtype == np.bool_:
        array = array.astype(np.uint8) * 255
    if array.dtype != np.uint8:
        array = _stretch(np.asarray(array, np.float64))
    return to_gray(Image.fromarray(array))


@contextlib.contextmanager
def _damage_reported(what: str) -> Iterator[None]:
    """Turn what Pillow raises on damaged data into a DocumentError; its warnings add nothing to that."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DAMAGE as error:
        raise DocumentError(f"{what}: {error}") from error


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise DocumentError(f"{name} has {width} x {height} pixels; at most {MAX_PIXELS:,} are read")


def _stretch(values: NDArray[np.float64]) -> Gray:
    """Map deep pixels to bytes: by the range of their type if they fill it, else by their own."""
    finite = np.nan_to_num(values, posinf=0, neginf=0)
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    for top in (1.0, 255.0, 65535.0):
        if low >= 0 and top / 4 < high <= top:
            low, high = 0.0, top
            break
    scaled = (finite - low) * (255 / max(high - low, 1e-9))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
