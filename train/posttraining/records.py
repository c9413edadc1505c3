"""A user's records as strips for got-nano: pages or lines, and what they say.

A record says what a whole picture says. Its lines are found and read as `ocr2 read` does, and the readings are aligned
with the truth: what stands against a strip's reading is what the strip says. Strips that were read too differently are
left out, as are those whose text the model's alphabet lacks.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rapidfuzz.distance import Levenshtein

from ocr2.documents.images import to_picture
from ocr2.errors import DocumentError
from ocr2.got.config import PRESETS
from ocr2.got.nano.reader import load_vocabulary
from ocr2.got.records import read_records
from ocr2.models.protocols import LineReader
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.layout import analyse, crops_of
from ocr2.reading.lines.page import READINGS
from ocr2.tiling.strips import pad_strip

logger = logging.getLogger(__name__)

Strip = NDArray[np.uint8]
MIN_SIMILARITY = 0.6  # of a strip's reading and the text that stands against it
MIN_SHORT_SIMILARITY, SHORT = 0.85, 8  # the same for texts of fewer characters
MIN_LINE_SIMILARITY = 0.75  # of a reading and a line of the truth that stands elsewhere
MIN_LETTERS = 4  # of such a reading


def read_strip_records(path: Path, reader: LineReader | None = None) -> list[tuple[Strip, str]]:
    """Return the strips of records, and what each says.

    Args:
        path: In GOT's or ms-swift's form; the first answer counts, its lines may be broken anywhere.
        reader: Of lines; the shipped got-nano by default.

    Raises:
        DocumentError: If records or images cannot be read, or no strip fits its record.
    """
    records = read_records(path)
    reader = reader if reader is not None else _load_reader()
    samples: list[tuple[Strip, str]] = []
    found = 0
    for record in records:
        if len(record.images) > 1:
            raise DocumentError(f"{path}: {record.images[0]}: got-nano learns from records of one image each")
        strips, readings = _read_page(_gray(record.images[0]), reader)
        found += len(strips)
        texts = align_texts(readings, record.turns[0].answer)
        samples += [(strip, text) for strip, text in zip(strips, texts, strict=True) if text is not None]
    logger.info("%d of %d strips of %d records fit what their records say", len(samples), found, len(records))
    if not samples:
        raise DocumentError(f"{path}: no strip of {len(records)} records was read like what its record says")
    return samples


def align_texts(readings: Sequence[str], truth: str) -> list[str | None]:
    """Return for each reading, in order, what the truth says there; None where that is unlike the reading.

    A reading that the order of the truth does not fit is compared with each of its lines.

    Examples:
        >>> align_texts(["Tota1 12.5O", "Thank y0u"], "Total 12.50\\nThank you")
        ['Total 12.50', 'Thank you']
        >>> align_texts(["Total", "~~~~"], "Total")
        ['Total', None]
    """
    whole = " ".join(truth.split())
    read = " ".join(readings)
    # Where each position of what was read lies in the truth.
    places = np.zeros(len(read) + 1)
    for block in Levenshtein.opcodes(read, whole):
        places[block.src_start : block.src_end + 1] = np.linspace(
            block.dest_start, block.dest_end, block.src_end - block.src_start + 1
        )
    texts: list[str | None] = []
    start = 0
    for reading in readings:
        end = start + len(reading)
        first, last = round(float(places[start])), round(float(places[end]))
        text = whole[first:last].strip()
        least = MIN_SIMILARITY if len(text) >= SHORT else MIN_SHORT_SIMILARITY
        fits = _is_whole(whole, first, last) and Levenshtein.normalized_similarity(reading, text) >= least
        found = text if text and fits else _like(reading, truth.splitlines())
        texts.append(found if found is not None and _is_known(found) else None)
        start = end + 1
    return texts


def _is_whole(text: str, first: int, last: int) -> bool:
    """Say whether a piece of a text begins and ends where words do."""
    begins = first == 0 or " " in text[first - 1 : first + 1]
    return begins and (last == len(text) or " " in text[last - 1 : last + 1])


def _like(reading: str, lines: Sequence[str]) -> str | None:
    """Return the line that a reading is most like, None if there is none alike."""
    if sum(c.isalnum() for c in reading) < MIN_LETTERS:
        return None
    rows = [(Levenshtein.normalized_similarity(reading, line), line) for line in (" ".join(x.split()) for x in lines)]
    alike, line = max(rows, default=(0.0, ""))
    return line if alike >= MIN_LINE_SIMILARITY else None


def _is_known(text: str) -> bool:
    vocabulary = load_vocabulary()
    return vocabulary.decode(vocabulary.encode(text)) == text


def _load_reader() -> LineReader:
    return load_line_reader("got-nano", LoadOptions(device="cpu"))


def _read_page(gray: Strip, reader: LineReader) -> tuple[list[Strip], list[str]]:
    layout = analyse(gray, reader)
    strips = crops_of(layout.ink, [strip for strip in layout.strips if strip.mark not in READINGS], reader)
    widths = PRESETS["got-nano"].image_widths
    padded = [pad_strip(strip, next(w for w in widths if strip.shape[1] <= w)) for strip in strips]
    return padded, [reading.text for reading in reader.read_strips(strips)]


def _gray(path: Path) -> Strip:
    try:
        with Image.open(path) as image:
            return np.asarray(to_picture(image).convert("L"), np.uint8)
    except (OSError, ValueError) as error:
        raise DocumentError(f"{path} is no image that can be read: {error}") from error
