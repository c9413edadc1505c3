"""Asking questions about pages. What goes wrong with one becomes its reply's `error`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocr2.documents.document import DEFAULT_DPI
from ocr2.documents.sources import Source
from ocr2.models.protocols import Answer, Asker, Question
from ocr2.reading.lines.page import PageOptions
from ocr2.reading.options import ReadOptions
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.answer import Reply

OnReply = Callable[[Reply, RGB | None, int], None]
STOPS = {
    "loop": "the model repeated itself and was stopped there",
    "length": "the answer was cut short at the most tokens allowed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """What is asked, and how pages are opened."""

    question: str
    pages: Sequence[range] | None = None  # 1-based; None for all
    dpi: float = DEFAULT_DPI
    password: str | None = None
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise ValueError("the question is empty")
        self.opening()  # refuses what is out of range

    def opening(self) -> ReadOptions:
        """Return how documents are opened."""
        page = PageOptions(max_new_tokens=self.max_new_tokens)
        return ReadOptions(pages=self.pages, dpi=self.dpi, password=self.password, page=page, draft="off")


def ask_pages(
    source: Readable | Source, asker: Asker, options: AskOptions, *, on_reply: OnReply | None = None
) -> list[Reply]:
    """Ask one question about every page or picture by itself.

    Args:
        source: What `read_document` takes; of a path also a folder, or a pattern that is no file's name.
        asker: A loaded model.
        options: What, and how.
        on_reply: Called with each reply as it is done, its picture (None if there is none) and the number of pictures
            of the document (0 if unknown).

    Raises:
        ValueError: If a selection of pages fits nothing, or a folder or pattern holds no picture.
    """
    job = _AskJob(asker, options)
    replies: list[Reply] = []
    for reply, picture, count in read_pictures(source, options.opening(), PictureWork(job.read, job.fail)):
        replies.append(reply)
        if on_reply is not None:
            on_reply(reply, picture, count)
    return replies


class _AskJob:
    def __init__(self, asker: Asker, options: AskOptions) -> None:
        self._asker = asker
        self._options = options

    def read(self, taken: Taken) -> Reply:
        """Ask about one picture."""
        assert taken.picture is not None
        started = time.perf_counter()
        question = Question((taken.picture,), self._options.question)
        (answer,) = self._asker.answer([question], max_new_tokens=self._options.max_new_tokens)
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
            model=self._asker.name,
            weights_sha256=self._asker.weights_sha256,
            warnings=taken.warnings,
        )


def confidence_of(answer: Answer) -> float | None:
    """Return the mean probability of an answer's tokens; None without any."""
    return float(np.mean(answer.probabilities)) if answer.probabilities else None
