"""Documents in pieces for retrieval."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.results.box import Box
from ocr2.results.document import Block, BlockKind, Document, Line, Page


def block(text: str, kind: BlockKind = "paragraph", level: int = 0) -> Block:
    box = Box(0, 0, 9, 9)
    lines = tuple(Line(line, box, 1.0, ()) for line in text.split("\n"))
    return Block(kind, text, box, 1.0, lines, level)


def document(*pages: list[Block]) -> Document:
    read = tuple(Page(number, 9, 9, None, tuple(blocks)) for number, blocks in enumerate(pages, start=1))
    return Document("a", read, "m", "0")


def words(text: str) -> int:
    return len(text.split())


def test_pieces_know_their_pages_and_the_headings_above_them() -> None:
    chunks = document(
        [block("Title", "title"), block("One two three.")],
        [block("Part", "heading", 1), block("Four five."), block("Deeper", "heading", 2), block("Six.")],
        [block("Other", "heading", 1), block("Seven.")],
    ).chunks(max_tokens=50, count_tokens=words)
    assert [(c.pages, c.headings) for c in chunks] == [
        ((1,), ("Title",)), ((2,), ("Title", "Part")), ((2,), ("Title", "Part", "Deeper")), ((3,), ("Title", "Other")),
    ]  # fmt: skip
    assert chunks[1].text == "## Part\n\nFour five."


def test_pieces_go_on_over_pages() -> None:
    (chunk,) = document([block("One.")], [block("Two.")]).chunks(max_tokens=9)
    assert (chunk.pages, len(chunk.places)) == ((1, 2), 2)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.text("abc ", min_size=1, max_size=30), min_size=1, max_size=6), max_size=8), st.integers(1, 40)
)
def test_nothing_is_lost_and_pieces_are_small(texts: list[list[str]], most: int) -> None:
    blocks = [block("\n".join(lines)) for lines in texts if all(line.strip() for line in lines)]
    chunks = document(blocks).chunks(max_tokens=most, count_tokens=words)
    told = " ".join(chunk.text for chunk in chunks).split()
    assert told == " ".join(b.text for b in blocks).split()
    longest = max((words(line.text) for b in blocks for line in b.lines), default=0)
    assert all(chunk.tokens <= max(most, longest) for chunk in chunks)


def test_a_piece_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="max_tokens must be at least 1"):
        document([block("a")]).chunks(0)


def test_a_frame_has_a_row_for_each_block() -> None:
    pytest.importorskip("pandas")
    frame = document([block("a"), block("b", "heading", 1)]).to_frame()
    assert frame[["page", "kind", "text", "right"]].to_numpy().tolist() == [
        [1, "paragraph", "a", 9], [1, "heading", "b", 9],
    ]  # fmt: skip
