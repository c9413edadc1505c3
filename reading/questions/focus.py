"""Looking at places of pages: told to a model that was taught so, or found on the page and read by one of lines.

What a model was not taught to do there is refused with the name of one that was.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.documents.sources import Source
from ocr2.errors import DocumentError, ModelError
from ocr2.fox.colour_frames import find_frame
from ocr2.models.protocols import LineReader, PageReader, PageRequest, PlaceReader
from ocr2.options import FocusOptions, PageInstructions, Where
from ocr2.places import MAX_PAGES, box_in_pixels, point_in_pixels, require_places
from ocr2.reading.lines.layout import analyse
from ocr2.reading.lines.page import LineOptions, read_page
from ocr2.reading.lines.selection import lines_at
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.reading.questions.ask import STOPS, confidence_of
from ocr2.results.answer import Focused, Place
from ocr2.results.box import Box, union
from ocr2.results.document import Page, mean_confidence

FocusReader = LineReader | PageReader | PlaceReader
CUT_TASKS = ("ocr", "compare")  # that need no more than reading
NO_WORD = "no word has its middle in the box"
MARGIN = 4  # pixels of ground around a place that is cut out: writing at the very edge is taken for a neighbour's


def focus_pages(sources: Sequence[Readable | Source], reader: FocusReader, options: FocusOptions) -> Focused:
    """Do one thing at places of the pages of all sources together.

    Args:
        sources: What `read_document` takes, each; their pages count together.
        reader: A loaded model.
        options: What, where, and how.

    Returns:
        What was read; `error` says why nothing was, if a page could not be opened or a frame not be found.

    Raises:
        ModelError: If the model was not taught the task.
        ValueError: If the boxes do not fit the pages, or the task does not fit the places.
    """
    require_task(reader, options)
    taken = _take(sources, options)
    opened = sum(page.seconds for page in taken)
    blank = Focused(
        task=options.task,
        places=tuple(Place(page.file, page.page, None) for page in taken),
        model=reader.name,
        weights_sha256=reader.weights_sha256,
        focus="prompt" if isinstance(reader, PlaceReader | PageReader) else "crop",
        warnings=tuple(note for page in taken for note in page.warnings),
    )
    lost = [page.error for page in taken if page.error]
    if lost:
        return replace(blank, error="; ".join(lost))
    require_places(options.task, options.where, [_size(page.picture) for page in taken])
    started = time.perf_counter()
    if isinstance(reader, PlaceReader):
        result = _ask(blank, [page.picture for page in taken], reader, options)
    else:
        result = _read_places(blank, taken, reader, options)
    return replace(result, seconds={"opening": opened, "model": time.perf_counter() - started})


def require_task(reader: FocusReader, options: FocusOptions) -> None:
    """Refuse what a model was not taught.

    Raises:
        ModelError: If it was not.
    """
    if isinstance(reader, PlaceReader):
        return
    if options.task not in CUT_TASKS:
        raise ModelError(
            f"{reader.name} reads what stands there (--task {' or '.join(CUT_TASKS)}), and cannot do "
            f"--task {options.task}; fox was taught to: --model fox --weights FOLDER"
        )
    if isinstance(reader, PageReader) and options.point is not None:
        raise ModelError(f"{reader.name} was not taught to read at a point; got-nano and fox read lines")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that was taken."""

    file: str
    page: int
    picture: RGB
    seconds: float
    warnings: tuple[str, ...]
    error: str = ""


NO_PICTURE = np.zeros((1, 1, 3), np.uint8)


def _take(sources: Sequence[Readable | Source], options: FocusOptions) -> list[_Page]:
    def keep(taken: Taken) -> _Page:
        assert taken.picture is not None
        return _Page(taken.file, taken.page, taken.picture, taken.seconds, taken.warnings)

    def fail(taken: Taken, error: str) -> _Page:
        return _Page(taken.file, taken.page, NO_PICTURE, taken.seconds, taken.warnings, error)

    pages: list[_Page] = []
    for source in sources:
        for page, _, _ in read_pictures(source, options, PictureWork(keep, fail)):
            pages.append(page)
            if len(pages) > MAX_PAGES:
                raise ValueError(f"a question takes 1 to {MAX_PAGES} pages, got more; name some with --pages")
    return pages


def _size(picture: RGB) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]


def _ask(blank: Focused, pictures: Sequence[RGB], reader: PlaceReader, options: FocusOptions) -> Focused:
    answer = reader.read_places(options.task, options.where, pictures, max_new_tokens=options.max_new_tokens)
    boxes = [_box_in(picture, options.where, i) for i, picture in enumerate(pictures)]
    notes = [STOPS[answer.stopped]] if answer.stopped in STOPS else []
    return replace(
        blank,
        places=tuple(replace(place, box=box) for place, box in zip(blank.places, boxes, strict=True)),
        text=answer.text,
        confidence=confidence_of(answer),
        stopped=answer.stopped,
        warnings=(*blank.warnings, *notes),
    )


def _box_in(picture: RGB, where: Where, number: int) -> Box | None:
    """Return the box of a page in pixels; None if no box was given."""
    if not where.boxes:
        return None
    width, height = _size(picture)
    left, top, right, bottom = box_in_pixels(where.boxes[number], (width, height), where.unit)
    return Box(int(left), int(top), math.ceil(right), math.ceil(bottom)).clipped(width, height)


def _read_places(
    blank: Focused, pages: Sequence[_Page], reader: LineReader | PageReader, options: FocusOptions
) -> Focused:
    """Read each page's place by itself."""
    parts: list[str] = []
    sure: list[float] = []
    places: list[Place] = []
    warnings = list(blank.warnings)
    for number, page in enumerate(pages):
        where = f"page {page.page} of {page.file}"
        if isinstance(reader, PageReader):
            box = _box_in(page.picture, options.where, number)
            text, confidence, notes = _named_place(page.picture, box, reader, options)
        else:
            try:
                found, box = _read_place(page.picture, reader, options, number)
            except DocumentError as error:
                return replace(blank, error=f"{where}: {error}")
            words = [word.confidence for block in found.blocks for line in block.lines for word in line.words]
            text = "\n".join(block.text for block in found.blocks if block.text)
            confidence, notes = mean_confidence(words) if words else None, list(found.warnings)
        parts.append(text)
        sure += [confidence] if confidence is not None else []
        warnings += [f"{where}: {note}" for note in notes]
        places.append(Place(page.file, page.page, box))
    if options.task == "compare":
        counts = [sum(not c.isspace() for c in part) for part in parts]
        text = f"Page {1 + int(np.argmax(counts))}"
    else:
        text = "\n\n".join(parts)
    return replace(
        blank,
        places=tuple(places),
        text=text,
        parts=tuple(parts),
        confidence=float(np.mean(sure)) if sure else None,
        warnings=tuple(warnings),
    )


def _named_place(
    picture: RGB, box: Box | None, reader: PageReader, options: FocusOptions
) -> tuple[str, float | None, list[str]]:
    """Let a model of whole pages look at a place by its own prompt."""
    boxes = ((box.left, box.top, box.right, box.bottom),) if box is not None else ()
    told = PageInstructions(where=Where(boxes=boxes, color=options.color), max_new_tokens=options.max_new_tokens)
    ((_, reading),) = reader.read_pictures([PageRequest(number=0, picture=picture, instructions=told)])
    if reading.error is not None:
        raise reading.error
    notes = [STOPS[reading.stopped]] if reading.stopped in STOPS else []
    return reading.text, float(np.mean(reading.probabilities)) if reading.probabilities else None, notes


def find_place(picture: RGB, where: Where, number: int = 0) -> Box | tuple[float, float] | None:
    """Return the box or point, pixels, that is meant on a page (height, width, 3); None for the whole page.

    Args:
        picture: The page.
        where: Places to look at.
        number: Number of the page, from 0.

    Raises:
        DocumentError: If there is no frame of the colour.
    """
    if where.color is not None:
        frame = find_frame(picture, where.color)
        if frame is None:
            raise DocumentError(f"no {where.color} frame was found")
        return frame
    if where.point is not None:
        return point_in_pixels(where.point, _size(picture), where.unit)
    return _box_in(picture, where, number)


def _read_place(picture: RGB, reader: LineReader, options: FocusOptions, number: int) -> tuple[Page, Box | None]:
    """Read a place of a page: what a frame encloses is cut out; else the words of the page's lines that are meant.

    A box in which the page shows no line, or a figure and no word, is cut out too: print may be too large for the page.

    Raises:
        DocumentError: If there is no such place.
    """
    gray, place = _gray(picture), find_place(picture, options.where, number)
    asked = LineOptions(max_new_tokens=options.max_new_tokens, place=place)
    if place is None:
        return read_page(gray, reader, options=asked), None
    if options.color is None:
        meant = lines_at(analyse(gray, reader), place)
        page = read_page(gray, reader, options=asked, layout=meant) if meant.strips else None
        if page is not None and (page.blocks or not meant.ink.figures):
            lines = [line.box for block in page.blocks for line in block.lines]
            if isinstance(place, Box):
                return page if lines else replace(page, warnings=(*page.warnings, NO_WORD)), place
            return page, union(lines) if lines else None
        if not isinstance(place, Box):
            raise DocumentError("no line of writing was found")
    assert isinstance(place, Box)
    cut = LineOptions(max_new_tokens=options.max_new_tokens, detect_rotation=False)
    return read_page(cut_out(gray, place), reader, options=cut), place


def cut_out(gray: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return a place of a page (height, width) by itself, with a margin of its ground."""
    part = gray[box.top : box.bottom, box.left : box.right]
    return np.ascontiguousarray(np.pad(part, MARGIN, constant_values=int(np.median(part))))


def _gray(picture: RGB) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
