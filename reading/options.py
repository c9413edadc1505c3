"""How documents are opened and read: the options of one call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

from ocr2.documents.document import DEFAULT_DPI, Rasterizer
from ocr2.models.protocols import Ask, Draft
from ocr2.reading.lines.page import PageOptions
from ocr2.reading.lines.text_layer import TextLayer


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to open and read documents."""

    pages: Sequence[range] | None = None  # 1-based; None for all
    dpi: float = DEFAULT_DPI
    rasterizer: Rasterizer = "pdfium"
    password: str | None = None  # of an encrypted PDF
    text_layer: TextLayer = "ignore"
    page_timeout: float | None = None  # seconds
    min_confidence: float = 0.0
    page: PageOptions = field(default_factory=PageOptions)
    ask: Ask = field(default_factory=Ask)  # for models that read whole pages
    draft: Draft = "auto"  # what guesses the text ahead

    def __post_init__(self) -> None:
        if not 20 <= self.dpi <= 1200:
            raise ValueError(f"dpi must lie between 20 and 1200, got {self.dpi:g}")
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must lie between 0 and 1, got {self.min_confidence:g}")
        if self.page_timeout is not None and self.page_timeout <= 0:
            raise ValueError(f"page_timeout must be positive, got {self.page_timeout:g}")
        counts = {"batch_size": self.page.batch_size, "max_new_tokens": self.page.max_new_tokens}
        for name, count in counts.items():
            if count is not None and count < 1:
                raise ValueError(f"{name} must be at least 1, got {count}")
        choices = {
            "rasterizer": (self.rasterizer, Rasterizer),
            "text_layer": (self.text_layer, TextLayer),
            "draft": (self.draft, Draft),
        }
        for name, (choice, known) in choices.items():
            if choice not in get_args(known):
                raise ValueError(f"{name} must be one of {', '.join(get_args(known))}, got {choice!r}")
        asked = Ask(ngram_size=self.ask.ngram_size, max_new_tokens=self.ask.max_new_tokens)
        if self.ask != asked and self.text_layer != "ignore":
            raise ValueError("what a model is asked needs the pages' pictures: text_layer must be ignore")
