"""Finding what stands on pages: regions in reading order, or things by name. What goes wrong becomes an `error`."""

import time
from collections.abc import Callable
from dataclasses import replace

from ocr2.documents.sources import Source
from ocr2.models.protocols import RegionDetector
from ocr2.options import DetectOptions
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, collect, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.answer import Detection

OnDetection = Callable[[Detection, RGB | None, int], None]
STOPS = {
    "loop": "the model repeated itself and was stopped: things may be missing or made up",
    "length": "the answer was cut short at the most tokens allowed: things may be missing",
}


def require_options(detector: RegionDetector, options: DetectOptions) -> None:
    """Refuse what a model cannot be asked.

    Raises:
        ValueError: If a name is none that the model knows, or an option means nothing to it.
    """
    unknown = [name for name in options.names if detector.region_kinds and name not in detector.region_kinds]
    if unknown:
        known, got = ", ".join(detector.region_kinds), ", ".join(map(repr, unknown))
        raise ValueError(f"{detector.name} finds {known}; got {got}; vary-toy finds any named thing")
    if options.max_new_tokens is not None and not detector.writes_answers:
        raise ValueError(f"max_new_tokens is for models that write answers; {detector.name} points at regions")
    if options.min_confidence and detector.writes_answers:
        raise ValueError(f"min_confidence needs confidences; {detector.name} gives none")


def find_regions(
    source: Readable | Source,
    detector: RegionDetector,
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
    return collect(read_pictures(source, options, PictureWork(job.read, job.fail)), on_detection)


class _DetectJob:
    def __init__(self, detector: RegionDetector, options: DetectOptions) -> None:
        self._detector = detector
        self._options = options

    def read(self, taken: Taken) -> Detection:
        """Look at one picture."""
        assert taken.picture is not None
        started = time.perf_counter()
        blank = self._blank(taken)
        (reading,) = self._detector.find_regions(
            [taken.picture], self._options.names, max_new_tokens=self._options.max_new_tokens
        )
        least = self._options.min_confidence
        kept = [region for region in reading.regions if not least or (region.confidence or 0.0) >= least]
        notes = [STOPS[reading.stopped]] if reading.stopped in STOPS else []
        done = replace(blank, regions=tuple(kept), raw=reading.raw, warnings=(*taken.warnings, *notes))
        seconds = {"opening": taken.seconds, "model": time.perf_counter() - started}
        return replace(done, seconds=seconds)

    def fail(self, taken: Taken, error: str) -> Detection:
        """Return what is left of a picture that could not be looked at."""
        return replace(self._blank(taken), error=error)

    def _blank(self, taken: Taken) -> Detection:
        return Detection(
            **taken.origin(),
            model=self._detector.name,
            weights_sha256=self._detector.weights_sha256,
            warnings=taken.warnings,
        )
