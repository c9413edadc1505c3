"""Documents in pieces for retrieval: blocks that belong together, with where they stand and under which headings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ocr2.formats.document.markdown import block_to_markdown, part_to_markdown
from ocr2.results.box import Box
from ocr2.results.document import Block, Document

LETTERS_A_TOKEN = 4.0  # of English under most tokenizers


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a document."""

    text: str  # Markdown
    places: tuple[tuple[int, Box | None], ...]  # page and box of each block
    headings: tuple[str, ...]  # that it stands under, the title first
    tokens: int  # as they were counted

    @property
    def pages(self) -> tuple[int, ...]:
        """Numbers of its pages, in order."""
        return tuple(sorted({page for page, _ in self.places}))


def about_tokens(text: str) -> int:
    """Return about how many tokens a text has: one for four letters."""
    return max(1, round(len(text) / LETTERS_A_TOKEN)) if text else 0


def document_to_chunks(
    document: Document, max_tokens: int, count_tokens: Callable[[str], int] = about_tokens
) -> Iterator[Chunk]:
    """Yield a document in pieces, in reading order; a piece never goes on under another heading.

    Args:
        document: What was read.
        max_tokens: Of a piece; a block that has more is cut at its lines, a line that has more stays whole.
        count_tokens: Counts the tokens of a text.

    Raises:
        ValueError: If `max_tokens` is less than 1.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, got {max_tokens}")
    headings: list[tuple[int, str]] = []
    waiting: list[Chunk] = []
    for page in document.pages:
        for block in page.shown_blocks(keep_headers=document.keep_headers):
            if block.kind in ("title", "heading"):
                if waiting:
                    yield _joined(waiting)
                waiting = []
                level = 0 if block.kind == "title" else max(1, block.level)
                headings = [(above, name) for above, name in headings if above < level]
                headings.append((level, " ".join(block.text.split())))
            path = tuple(name for _, name in headings)
            for piece in _pieces(block, page.number, path, max_tokens, count_tokens):
                if waiting and sum(one.tokens for one in waiting) + piece.tokens > max_tokens:
                    yield _joined(waiting)
                    waiting = []
                waiting.append(piece)
    if waiting:
        yield _joined(waiting)


def _joined(parts: list[Chunk]) -> Chunk:
    return Chunk(
        "\n\n".join(part.text for part in parts),
        tuple(place for part in parts for place in part.places),
        parts[-1].headings,
        sum(part.tokens for part in parts),
    )


def _pieces(
    block: Block, page: int, headings: tuple[str, ...], most: int, count_tokens: Callable[[str], int]
) -> Iterator[Chunk]:
    text = "\n\n".join(part_to_markdown(block.part, block.kind)) if block.part is not None else block_to_markdown(block)
    tokens = count_tokens(text)
    if tokens <= most or len(block.lines) < 2 or block.table is not None or block.part is not None:
        yield Chunk(text, ((page, block.box),), headings, tokens)
        return
    middle = len(block.lines) // 2
    for lines in (block.lines[:middle], block.lines[middle:]):
        half = replace(block, lines=lines, text="\n".join(line.text for line in lines))
        yield from _pieces(half, page, headings, most, count_tokens)
