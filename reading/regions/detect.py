"""Finding what stands on pages: regions in reading order, or things by name. What goes wrong becomes an `error`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr2.documents.document import DEFAULT_DPI
from ocr2.documents.sources import Source
from ocr2.models.protocols import Asker, Detector, Question
from ocr2.reading.lines.page import PageOptions
from ocr2.reading.options import ReadOptions
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.answer import Detection
from ocr2.results.box import Box
from ocr2.results.region import REGION_KINDS, Region
from ocr2.vary.prompts import BOX_RANGE, detect_question, read_boxes

OnDetection = Callable[[Detection, RGB | None, int], None]
STOPS = {
    "loop": "the model repeated itself and was stopped: things may be missing or made up",
    "length": "the answer was cut short at the most tokens allowed: things may be missing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectOptions:
    """How to open pages, and what to look for."""

    names: tuple[str, ...] = ()  # empty: everything
    min_confidence: float = 0.0
    pages: Sequence[range] | None = None  # 1-based; None for all
    dpi: float = DEFAULT_DPI
    password: str | None = None
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be 0 to 1, got {self.min_confidence:g}")
        self.opening()  # refuses what is out of range

    def opening(self) -> ReadOptions:
        """Return how documents are opened."""
        page = PageOptions(max_new_tokens=self.max_new_tokens)
        return ReadOptions(pages=self.pages, dpi=self.dpi, password=self.password, page=page, draft="off")


def require_kinds(names: Sequence[str], model: str) -> None:
    """Refuse names of what a model of regions does not know.

    Raises:
        ValueError: If there is one.
    """
    unknown = [name for name in names if name not in REGION_KINDS]
    if unknown:
        known = ", ".join(REGION_KINDS)
        raise ValueError(f"{model} finds {known}; got {', '.join(map(repr, unknown))}; vary-toy finds any named thing")


def require_options(detector: Detector | Asker, options: DetectOptions) -> None:
    """Refuse what a model cannot be asked.

    Raises:
        ValueError: If it is.
    """
    if isinstance(detector, Detector):
        require_kinds(options.names, detector.name)
        if options.max_new_tokens is not None:
            raise ValueError(f"max_new_tokens is for models that write answers; {detector.name} points at regions")
    elif options.min_confidence:
        raise ValueError(f"min_confidence needs confidences; {detector.name} gives none")


def find_regions(
    source: Readable | Source,
    detector: Detector | Asker,
    options: DetectOptions,
    *,
    on_detection: OnDetection | None = None,
) -> list[Detection]:
    """Find regions or things on every page or picture.

    Args:
        source: What `read_document` takes; of a path also a folder, or a pattern that is no file's name.
        detector: A loaded model.
        options: How.
        on_detection: Called with each detection as it is done, its picture (None if there is none) and the number of
            pictures of the document (0 if unknown).

    Raises:
        ValueError: If the model does not know what is looked for, a selection of pages fits nothing, or a folder or
            pattern holds no picture.
    """
    require_options(detector, options)
    job = _DetectJob(detector, options)
    found: list[Detection] = []
    for detection, picture, count in read_pictures(source, options.opening(), PictureWork(job.read, job.fail)):
        found.append(detection)
        if on_detection is not None:
            on_detection(detection, picture, count)
    return found


class _DetectJob:
    def __init__(self, detector: Detector | Asker, options: DetectOptions) -> None:
        self._detector = detector
        self._options = options

    def read(self, taken: Taken) -> Detection:
        """Look at one picture."""
        assert taken.picture is not None
        started = time.perf_counter()
        blank = self._blank(taken)
        if isinstance(self._detector, Detector):
            gray = np.asarray(cv2.cvtColor(taken.picture, cv2.COLOR_RGB2GRAY), np.uint8)
            (regions,) = self._detector.detect_pages([gray])
            wanted = self._options.names or REGION_KINDS
            kept = [r for r in regions if r.kind in wanted and (r.confidence or 0.0) >= self._options.min_confidence]
            done = replace(blank, regions=tuple(kept))
        else:
            question = Question((taken.picture,), detect_question(self._options.names))
            (answer,) = self._detector.answer([question], max_new_tokens=self._options.max_new_tokens)
            alone = self._options.names[0] if len(self._options.names) == 1 else "thing"
            regions = named_regions(answer.text, taken.picture.shape[1], taken.picture.shape[0], unnamed=alone)
            notes = [STOPS[answer.stopped]] if answer.stopped in STOPS else []
            warnings = (*taken.warnings, *notes)
            done = replace(blank, regions=tuple(regions), raw=answer.text, warnings=warnings)
        seconds = {"opening": taken.seconds, "model": time.perf_counter() - started}
        return replace(done, seconds=seconds)

    def fail(self, taken: Taken, error: str) -> Detection:
        """Return what is left of a picture that could not be looked at."""
        return replace(self._blank(taken), error=error)

    def _blank(self, taken: Taken) -> Detection:
        height, width = taken.picture.shape[:2] if taken.picture is not None else (0, 0)
        return Detection(
            file=taken.file,
            page=taken.page,
            width=width,
            height=height,
            model=self._detector.name,
            weights_sha256=self._detector.weights_sha256,
            warnings=taken.warnings,
        )


def named_regions(text: str, width: int, height: int, *, unnamed: str = "thing") -> list[Region]:
    """Return the boxes of an answer in pixels of a picture; those that vanish there are left out.

    Args:
        text: The answer.
        width: Of the picture.
        height: Likewise.
        unnamed: What boxes without a name are called.
    """
    regions = []
    for found in read_boxes(text):
        left, top, right, bottom = found.box
        box = Box(
            round(left * width / BOX_RANGE),
            round(top * height / BOX_RANGE),
            round(right * width / BOX_RANGE),
            round(bottom * height / BOX_RANGE),
        )
        if box.width > 0 and box.height > 0:
            regions.append(Region(found.name or unnamed, box, None))
    return regions
