"""What reading gives: document -> pages -> blocks -> lines -> words. Plain frozen data, no torch.

Boxes are in pixels of the page image as it was given or rendered; confidences are probabilities.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ocr2.results.box import Box
from ocr2.results.grade import Grade, grade_pages, grade_words
from ocr2.results.page_picture import PagePicture
from ocr2.results.table import Table, joined

if TYPE_CHECKING:
    import pandas as pd

    from ocr2.formats.document.chunks import Chunk
    from ocr2.formats.document.price_lines import PriceLine
    from ocr2.formats.speech.speaker import Speaker

SCHEMA_VERSION = "1.8"

BlockKind = Literal[
    "title", "heading", "paragraph", "list_item", "code", "table", "markup", "header", "footer", "page_number",
    "figure", "chart", "molecule", "score", "geometry", "formula", "caption", "footnote",
]  # fmt: skip
MARKUP_KINDS: frozenset[BlockKind] = frozenset(("markup", "formula"))  # whose text is Mathpix Markdown
# Kinds that repeat on every page and do not belong to the running text.
MARGIN_KINDS: frozenset[BlockKind] = frozenset(("header", "footer", "page_number"))
Format = Literal[
    "text", "markdown", "html", "json", "hocr", "searchable-pdf", "csv", "mmd", "latex", "tikz", "smiles", "kern",
    "speech",
    "txt", "md", "pdf", "tex",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One word."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of writing."""

    text: str
    box: Box
    confidence: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, ...: lines that belong together; or a whole page in a model's own markup."""

    kind: BlockKind
    text: str  # lines joined: hyphenation resolved in prose, line breaks kept in code and tables; markup as written
    box: Box | None  # None from a model that gives no places; there are no lines then either
    confidence: float
    lines: tuple[Line, ...]
    level: int = 0  # of a heading, from 1; of a list item, its indentation from 0
    part: PagePicture | None = None  # of a picture: what was cut out, and read
    table: Table | None = None  # of a table: its cells


def word_confidences(blocks: Sequence[Block]) -> list[float]:
    """Return the confidence of every word of blocks; a formula that was read at its place counts as one."""
    found: list[float] = []
    for block in blocks:
        if block.kind == "formula" and block.box is not None:
            found.append(block.confidence)
        else:
            found += [word.confidence for line in block.lines for word in line.words]
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `error` says why it has no blocks if it could not be read."""

    number: int  # from 1, in its document
    width: int  # pixels
    height: int
    dpi: float | None  # of a rendered page; None for pictures that do not say
    blocks: tuple[Block, ...] = ()
    rotation: int = 0  # degrees counter-clockwise that turned the page upright: 0, 90, 180, 270
    skew: float = 0.0  # degrees that were undone
    confidence: float | None = None  # None for a page without text
    draft_agreement: float | None = None  # of the text with a draft, 0..1: low where much was made up; None without one
    seconds: dict[str, float] = field(default_factory=dict)  # by stage
    warnings: tuple[str, ...] = ()
    error: str | None = None

    @property
    def text(self) -> str:
        """Running text, blocks separated by blank lines, page furniture left out; a model's markup as it wrote it."""
        return "\n\n".join(block.text for block in self.shown_blocks())

    @property
    def grade(self) -> Grade:
        """How far to trust the words of the page."""
        return grade_words(word_confidences(self.blocks), failed=self.error is not None)

    def to_text(self) -> str:
        """Return plain text, as `Document.to_text` does of a document."""
        return self._alone().to_text()

    def to_markdown(self) -> str:
        """Return CommonMark."""
        return self._alone().to_markdown()

    def to_html(self) -> str:
        """Return a self-contained HTML page."""
        return self._alone().to_html()

    def to_latex(self) -> str:
        """Return a LaTeX document."""
        return self._alone().to_latex()

    def _repr_markdown_(self) -> str:
        """Show the page in a notebook."""
        return self.to_markdown()

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds of a page."""
        from ocr2.formats.document.json import page_to_dict

        return page_to_dict(self)

    def to_json(self) -> str:
        """Return `to_dict` as JSON."""
        import json

        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1) + "\n"

    def tables(self) -> list[Table]:
        """Return the tables of the page."""
        return [block.table for block in self.blocks if block.table is not None]

    def price_lines(self) -> "list[PriceLine]":
        """Return the rows that end in an amount, as those of receipts and invoices do, totals among them."""
        from ocr2.formats.document.price_lines import price_lines

        return price_lines(self)

    def _alone(self) -> "Document":
        return Document("", (self,), "", "")

    def shown_blocks(self, *, keep_headers: bool = False) -> list[Block]:
        """Return the blocks with text, headers, footers and page numbers left out unless they are to be kept."""
        return [b for b in self.blocks if b.text and (keep_headers or b.kind not in MARGIN_KINDS)]


@dataclass(frozen=True, slots=True)
class Origin:
    """The file a document was read from and how it was opened; a searchable PDF takes its pictures from there."""

    path: Path
    dpi: float = 200.0  # resolution that was asked for
    rasterizer: Literal["pdfium", "poppler"] = "pdfium"
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """One document and how it was read."""

    source: str  # path or description
    pages: tuple[Page, ...]
    model: str
    weights_sha256: str
    min_confidence: float = 0.0  # words below are marked in Markdown and HTML
    warnings: tuple[str, ...] = ()  # of the document as a whole; pages have their own
    origin: Origin | None = field(default=None, repr=False, compare=False)  # None if it came from no file
    keep_headers: bool = False  # headers, footers and page numbers are in text, Markdown and LaTeX too
    page_breaks: bool = False  # Markdown says where a page begins
    language: str | None = None  # of its text, as BCP 47 names it; None if it was not told

    @property
    def text(self) -> str:
        """Text of all pages, separated by form feeds."""
        return "\n\f\n".join(page.text for page in self.pages)

    @property
    def failed_pages(self) -> tuple[Page, ...]:
        """Pages that could not be read."""
        return tuple(page for page in self.pages if page.error is not None)

    @property
    def grade(self) -> Grade:
        """How far to trust the words of the document, and which page is the worst."""
        return grade_pages([(page.number, page.grade) for page in self.pages])

    def to_text(self) -> str:
        """Return plain text as the format of that name has it: a line stands for a page that could not be read."""
        return self.render("text").decode()

    def to_markdown(self) -> str:
        """Return CommonMark."""
        return self.render("markdown").decode()

    def to_html(self) -> str:
        """Return a self-contained HTML page."""
        return self.render("html").decode()

    def to_latex(self) -> str:
        """Return a LaTeX document."""
        return self.render("latex").decode()

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/json.md describes it."""
        from ocr2.formats.document.json import document_to_dict

        return document_to_dict(self)

    def to_json(self) -> str:
        """Return `to_dict` as JSON."""
        return self.render("json").decode()

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> "Document":
        """Return the document that `to_dict` or a JSON file describes; the pixels of pictures are not in it.

        Raises:
            ValueError: If it describes none, or one of another major version of the schema.
        """
        from ocr2.formats.document.json import document_from_dict

        return document_from_dict(content)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Document":
        """Return the document that a JSON text describes.

        Raises:
            ValueError: As `from_dict`, and if it is no JSON.
        """
        import json

        return cls.from_dict(json.loads(text))

    def render(self, format: Format) -> bytes:
        """Return the document in a format, UTF-8 or PDF bytes."""
        from ocr2.formats import render_document

        return render_document(self, format)

    def save(self, path: str | Path, format: Format | None = None) -> Path:
        """Write to a file; the format follows the suffix unless given.

        Raises:
            ValueError: If the suffix names no format.
            OutputError: If the file cannot be written.
        """
        from ocr2.formats import save_document

        return save_document(self, Path(path), format)

    def to_speech(self) -> str:
        """Return a script to be read aloud, in paragraphs of at most half a minute; docs/speech.md."""
        return self.render("speech").decode()

    def speak(self, path: str | Path, speaker: "Speaker") -> Path:
        """Let a speech program read the document aloud into a WAV file, of 16 MiB for six minutes as a rule.

        Raises:
            OCR2Error: If the program fails; `MissingToolError` if it is gone.
            OutputError: If the file cannot be written.
        """
        from ocr2.formats.speech.save import save_speech

        return save_speech(self, Path(path), speaker)

    def price_lines(self) -> "list[PriceLine]":
        """Return the rows of all pages that end in an amount, as those of receipts and invoices do."""
        return [line for page in self.pages for line in page.price_lines()]

    def tables(self) -> list[Table]:
        """Return all tables; what goes on from one page to the next is one."""
        found: list[Table] = []
        for block in (block for page in self.pages for block in page.blocks):
            if block.table is not None and block.table.continued and found:
                found[-1] = joined(found[-1], block.table)
            elif block.table is not None:
                found.append(block.table)
        return found

    def chunks(self, max_tokens: int = 512, count_tokens: "Callable[[str], int] | None" = None) -> "list[Chunk]":
        """Return the document in pieces for retrieval: Markdown, pages, boxes, and the headings above.

        Args:
            max_tokens: Of a piece.
            count_tokens: Counts the tokens of a text; None counts one for four letters.

        Raises:
            ValueError: If `max_tokens` is less than 1.
        """
        from ocr2.formats.document.chunks import about_tokens, document_to_chunks

        return list(document_to_chunks(self, max_tokens, count_tokens or about_tokens))

    def to_frame(self) -> "pd.DataFrame":
        """Return a pandas frame, a row a block: page, kind, level, text, confidence, left, top, right, bottom.

        Raises:
            ModuleNotFoundError: If pandas is missing (extra `charts`).
        """
        import pandas as pd

        rows = [
            (page.number, block.kind, block.level, block.text, block.confidence, *(block.box or (None,) * 4))
            for page in self.pages
            for block in page.blocks
        ]
        names = ["page", "kind", "level", "text", "confidence", "left", "top", "right", "bottom"]
        return pd.DataFrame(rows, columns=names)

    def _repr_markdown_(self) -> str:
        """Show the document in a notebook."""
        return self.to_markdown()

    def words(self) -> Iterator[Word]:
        """Yield all words in reading order."""
        for page in self.pages:
            for block in page.blocks:
                for line in block.lines:
                    yield from line.words


def mean_confidence(values: Sequence[float]) -> float:
    """Return the mean of confidences; 0 for none."""
    return sum(values) / len(values) if values else 0.0
