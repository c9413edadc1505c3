"""Documents put together from words, without reading anything."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ocr2.formats.document.prose import join_lines
from ocr2.results.box import Box, union
from ocr2.results.document import Block, BlockKind, Document, Line, Origin, Page, Word

SURE = 0.9


@pytest.fixture(scope="session")
def make_block() -> Callable[..., Block]:
    """Return a function that sets lines of words below each other, as reading gives them."""

    def make(*lines: str, kind: BlockKind = "paragraph", level: int = 0, top: int = 0, doubtful: str = "") -> Block:
        """Words of `doubtful` have a confidence of 0.2, the others of 0.9."""
        doubted = set(doubtful.split())
        set_lines = tuple(_line(text, top + 40 * i, doubted) for i, text in enumerate(lines))
        keeps_lines = kind in ("code", "table")
        return Block(
            kind=kind,
            text="\n".join(lines) if keeps_lines else join_lines([line.text for line in set_lines]),
            box=union(line.box for line in set_lines),
            confidence=SURE,
            lines=set_lines,
            level=level,
        )

    return make


@pytest.fixture(scope="session")
def make_document() -> Callable[..., Document]:
    """Return a function that makes a document of one page from blocks, or of several from pages."""

    def make(
        *blocks: Block,
        pages: Sequence[Page] | None = None,
        source: str = "scan.png",
        min_confidence: float = 0.0,
        origin: Origin | None = None,
    ) -> Document:
        given = (Page(number=1, width=900, height=1200, dpi=None, blocks=blocks),) if pages is None else tuple(pages)
        opened = origin or (Origin(Path(source)) if Path(source).is_file() else None)
        return Document(source, given, "fake", "0" * 64, min_confidence, origin=opened)

    return make


def _line(text: str, top: int, doubted: set[str]) -> Line:
    words, left = [], 10
    for word in text.split():
        right = left + 16 * len(word)
        words.append(Word(word, Box(left, top + 10, right, top + 38), 0.2 if word in doubted else SURE))
        left = right + 12
    box = union(word.box for word in words) if words else Box(10, top + 10, 10, top + 38)
    return Line(" ".join(text.split()), box, SURE, tuple(words))
