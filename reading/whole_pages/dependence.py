"""How much an answer depends on each of several pages, by the probabilities that a model of whole pages gives it."""

import math
import time
from collections.abc import Sequence

from ocr2.documents.sources import Source
from ocr2.errors import DocumentError
from ocr2.models.protocols import AnswerScorer
from ocr2.options import PageOptions
from ocr2.reading.pages.each_page import PictureWork, Taken, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.reading.whole_pages.batch import PAGES_TRAINED
from ocr2.results.answer import Place
from ocr2.results.page_dependence import MARGIN, PageDependence, require_margin


def measure_page_dependence(
    sources: Sequence[Readable | Source],
    scorer: AnswerScorer,
    answer: str,
    options: PageOptions,
    *,
    question: str | None = None,
    margin: float = MARGIN,
) -> PageDependence:
    """Score an answer with all pages of all sources together, with each page alone, and with no picture.

    Args:
        sources: What `read_document` takes, each; their pages count together.
        scorer: A loaded model.
        answer: The text.
        options: How the sources are opened.
        question: What is asked; None for the prompt that reads pages as one text.
        margin: Nats above which a token counts as dependent.

    Raises:
        DocumentError: If a page cannot be opened, or there is none.
        ModelError: If pages and answer do not fit the context.
        ValueError: If the answer or question is empty, or the margin negative.
    """
    if not answer.strip():
        raise ValueError("the answer is empty")
    if question is not None and not question.strip():
        raise ValueError("the question is empty")
    require_margin(margin)
    pages = _take(sources, options)
    started = time.perf_counter()
    every = tuple(range(len(pages)))
    scored = scorer.score_answer(
        [page.picture for page in pages if page.picture is not None],
        answer,
        [every, *((number,) for number in every), ()],
        question=question,
    )
    together, *alone, without = (tuple(_nll(value) for value in row) for row in scored.log_probs)
    warnings = [note for page in pages for note in page.warnings]
    if len(pages) > PAGES_TRAINED:
        warnings.append(f"{len(pages)} pages are asked about; the model was trained on {PAGES_TRAINED} at most")
    return PageDependence(
        places=tuple(Place(page.file, page.page, None) for page in pages),
        answer=answer,
        question=question,
        model=scorer.name,
        weights_sha256=scorer.weights_sha256,
        tokens=scored.tokens,
        together=together,
        alone=tuple(alone),
        without=without,
        margin=margin,
        seconds={"opening": sum(page.seconds for page in pages), "model": time.perf_counter() - started},
        warnings=tuple(warnings),
    )


def _nll(log_prob: float) -> float:
    """Return a negative log-likelihood.

    Raises:
        ValueError: If it is not finite.
    """
    if not math.isfinite(log_prob):
        raise ValueError(f"the model gives a token the log-probability {log_prob}")
    return -log_prob


def _take(sources: Sequence[Readable | Source], options: PageOptions) -> list[Taken]:
    def fail(taken: Taken, error: str) -> Taken:
        raise DocumentError(error)

    work = PictureWork(lambda taken: taken, fail)
    pages = [page for source in sources for page, _, _ in read_pictures(source, options, work)]
    if not pages:
        raise DocumentError("there are no pages: page dependence needs one at least")
    return pages
