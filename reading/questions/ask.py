"""Asking questions about pages. What goes wrong with one becomes its reply's `error`."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ocr2.documents.sources import Source
from ocr2.models.protocols import Answer, Question, QuestionAnswerer
from ocr2.options import AskOptions
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, collect, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.answer import Reply

OnReply = Callable[[Reply, RGB | None, int], None]
STOPS = {
    "loop": "the model repeated itself and was stopped there",
    "length": "the answer was cut short at the most tokens allowed",
}


def ask_pages(
    source: Readable | Source, answerer: QuestionAnswerer, options: AskOptions, *, on_reply: OnReply | None = None
) -> list[Reply]:
    """Ask one question about every page or picture by itself.

    Args:
        source: What `read_document` takes; of a path also a folder, or a pattern that is no file's name.
        answerer: A loaded model.
        options: What, and how.
        on_reply: Called with each reply as it is done, its picture (None if there is none) and the number of pictures
            of the document (0 if unknown).

    Raises:
        ValueError: If a selection of pages fits nothing, or a folder or pattern holds no picture.
    """
    job = _AskJob(answerer, options)
    return collect(read_pictures(source, options, PictureWork(job.read, job.fail)), on_reply)


class _AskJob:
    def __init__(self, answerer: QuestionAnswerer, options: AskOptions) -> None:
        self._answerer = answerer
        self._options = options

    def read(self, taken: Taken) -> Reply:
        """Ask about one picture."""
        assert taken.picture is not None
        started = time.perf_counter()
        question = Question((taken.picture,), self._options.question)
        (answer,) = self._answerer.answer([question], max_new_tokens=self._options.max_new_tokens)
        notes = [STOPS[answer.stopped]] if answer.stopped in STOPS else []
        return replace(
            self._blank(taken),
            text=answer.text,
            confidence=confidence_of(answer),
            stopped=answer.stopped,
            seconds={"opening": taken.seconds, "model": time.perf_counter() - started},
            warnings=(*taken.warnings, *notes),
        )

    def fail(self, taken: Taken, error: str) -> Reply:
        """Return what is left of a picture that could not be asked about."""
        return replace(self._blank(taken), error=error)

    def _blank(self, taken: Taken) -> Reply:
        return Reply(
            file=taken.file,
            page=taken.page,
            question=self._options.question,
            model=self._answerer.name,
            weights_sha256=self._answerer.weights_sha256,
            warnings=taken.warnings,
        )


def confidence_of(answer: Answer) -> float | None:
    """Return the mean probability of an answer's tokens; None without any."""
    return float(np.mean(answer.probabilities)) if answer.probabilities else None
