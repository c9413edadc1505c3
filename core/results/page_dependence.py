"""How much an answer depends on each of several pages. Plain frozen data.

Source: temporal perplexity (Yu et al. 2025, "Unhackable Temporal Rewarding for Scalable Video MLLMs", arXiv
2502.12081), with pages in the place of frames.
"""

import json
from dataclasses import dataclass, field

from ocr2.results.answer import Place

PAGE_DEPENDENCE_SCHEMA_VERSION = "1.0"  # of the JSON
MARGIN = 0.1  # nats: a token that is a tenth less probable; our choice, the paper has no such bound


@dataclass(frozen=True, slots=True, kw_only=True)
class DependenceSummary:
    """Means over the tokens of an answer, nats.

    Attributes:
        tokens: How many.
        pages: For each page, how much less it alone explains the answer than all pages do.
        least: That of the page alone which explains the answer best.
        greatest: That of the page alone which explains it worst.
        control: That without any picture; about 0 if the model ignores pages.
        several_pages: Share of tokens, 0 to 1, that depend on more than one page: none alone explains them within the
            margin.
    """

    tokens: int
    pages: tuple[float, ...]
    least: float
    greatest: float
    control: float
    several_pages: float

    def to_dict(self) -> dict[str, object]:
        """Return the fields, six decimals."""
        return {
            "tokens": self.tokens,
            "pages": [round(mean, 6) for mean in self.pages],
            "least": round(self.least, 6),
            "greatest": round(self.greatest, 6),
            "control": round(self.control, 6),
            "several_pages": round(self.several_pages, 6),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDependence:
    """Negative log-likelihoods (NLL) of an answer's tokens: with all pages, with each alone, with none.

    Attributes:
        places: The pages, in order.
        answer: The text.
        question: What was asked; None for the prompt of reading.
        model: Name of the model.
        weights_sha256: Hash of its weights.
        tokens: Texts of the answer's t tokens, its end left out; a token that is part of a character is U+FFFD.
        together: NLL (t) with all pages, nats.
        alone: NLL (pages, t) with each page alone.
        without: NLL (t) with no picture: the control.
        margin: Nats above which a token counts as dependent.
        seconds: By stage.
        warnings: Lines of text.

    Raises:
        ValueError: If there is no page or token, the numbers do not fit them, or the margin is negative.
    """

    places: tuple[Place, ...]
    answer: str
    question: str | None = None
    model: str
    weights_sha256: str
    tokens: tuple[str, ...]
    together: tuple[float, ...]
    alone: tuple[tuple[float, ...], ...]
    without: tuple[float, ...]
    margin: float = MARGIN
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.places or not self.tokens:
            raise ValueError(f"expected pages and tokens, got {len(self.places)} and {len(self.tokens)}")
        lengths = {len(row) for row in (self.tokens, self.together, self.without, *self.alone)}
        if len(lengths) != 1 or len(self.alone) != len(self.places):
            raise ValueError(f"expected a row of {len(self.tokens)} numbers for each of {len(self.places)} pages")
        require_margin(self.margin)

    @property
    def pages(self) -> tuple[tuple[float, ...], ...]:
        """Page dependence (pages, t): NLL with a page alone less that with all pages; 0 if there is one page.

        It is high where that page alone does not explain the token.
        """
        return tuple(self._difference(row) for row in self.alone)

    @property
    def control(self) -> tuple[float, ...]:
        """NLL (t) with no picture less that with all pages."""
        return self._difference(self.without)

    @property
    def summary(self) -> DependenceSummary:
        """Means over the tokens."""
        pages = self.pages
        means = tuple(map(_mean, pages))
        return DependenceSummary(
            tokens=len(self.tokens),
            pages=means,
            least=min(means),
            greatest=max(means),
            control=_mean(self.control),
            several_pages=_mean([float(min(token) > self.margin) for token in zip(*pages, strict=True)]),
        )

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/eval.md, "JSON of page dependence", describes it."""
        control, pages = self.control, list(zip(*self.pages, strict=True))
        return {
            "schema_version": PAGE_DEPENDENCE_SCHEMA_VERSION,
            "places": [{"file": place.file, "page": place.page} for place in self.places],
            "model": self.model,
            "weights_sha256": self.weights_sha256,
            "question": self.question,
            "answer": self.answer,
            "margin": self.margin,
            "summary": self.summary.to_dict(),
            "tokens": [
                {
                    "text": text,
                    "nll": round(self.together[i], 6),
                    "control": round(control[i], 6),
                    "pages": [round(value, 6) for value in pages[i]],
                }
                for i, text in enumerate(self.tokens)
            ],
            "seconds": {stage: round(value, 4) for stage, value in self.seconds.items()},
            "warnings": list(self.warnings),
        }

    def to_json(self) -> str:
        """Return the result as indented JSON with a final line end."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def _difference(self, row: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(one - every for one, every in zip(row, self.together, strict=True))


def require_margin(margin: float) -> None:
    """Refuse a margin that is negative or no number.

    Raises:
        ValueError: If it is.
    """
    if not margin >= 0:
        raise ValueError(f"margin must not be negative, got {margin:g}")


def _mean(values: tuple[float, ...] | list[float]) -> float:
    return sum(values) / len(values)
