"""Pages read whole by a model that takes pictures and gives text without places."""

import time

import numpy as np

from ocr2.documents.document import PageImage
from ocr2.errors import PageTimeoutError
from ocr2.reader import Ask, PictureReader
from ocr2.results import Block, Page


def read_whole_page(image: PageImage, reader: PictureReader, ask: Ask, *, timeout: float | None = None) -> Page:
    """Read one page as one block; the model does not say where on the page it stands.

    Args:
        image: The page.
        reader: A loaded model.
        ask: What it is asked.
        timeout: Seconds after which the page is given up.

    Raises:
        PageTimeoutError: If it took longer.
    """
    started = time.perf_counter()

    def check(text: str) -> None:
        if timeout is not None and time.perf_counter() - started > timeout:
            raise PageTimeoutError(f"took longer than {timeout:g} s ({len(text)} characters read)")

    picture = np.asarray(image.picture().convert("RGB"), np.uint8)
    reading = reader.read_picture(picture, ask, on_text=check if timeout is not None else None)
    confidence = float(np.mean(reading.probabilities)) if reading.probabilities else None
    warnings = {
        "loop": ("the model repeated itself; the text ends where that began",),
        "length": ("the text was cut short at the most tokens allowed",),
    }
    blocks = (Block("paragraph", reading.text, None, confidence or 0.0, ()),) if reading.text else ()
    return Page(
        number=image.number,
        width=picture.shape[1],
        height=picture.shape[0],
        dpi=image.dpi,
        blocks=blocks,
        confidence=confidence if blocks else None,
        seconds={"model": time.perf_counter() - started},
        warnings=warnings.get(reading.stopped, ()),
    )
