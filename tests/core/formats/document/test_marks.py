"""Marks stand around doubtful words and change nothing else."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.formats.document.marks import CLOSE, OPEN, marked_text
from ocr2.formats.document.prose import join_lines
from ocr2.results.document import Block, BlockKind

MakeBlock = Callable[..., Block]

WORDS = st.text("ab-‐1é", min_size=1, max_size=4)
LINES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4)


def without_marks(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


@given(LINES, st.sets(WORDS), st.sampled_from(["paragraph", "code"]))
def test_taking_the_marks_away_gives_the_text(
    make_block: MakeBlock, lines: list[str], doubted: set[str], kind: BlockKind
) -> None:
    indented = ["  " * i + line for i, line in enumerate(lines)] if kind == "code" else lines
    block = make_block(*indented, kind=kind, doubtful=" ".join(doubted))
    marked = marked_text(block, 0.5)
    assert without_marks(marked) == block.text
    count = sum(word.confidence < 0.5 for line in block.lines for word in line.words)
    assert marked.count(OPEN) == marked.count(CLOSE) == count


def test_a_doubtful_word_broken_at_a_line_end_is_joined_all_the_same(make_block: MakeBlock) -> None:
    block = make_block("a hyphen-", "ated word", doubtful="hyphen-")
    assert marked_text(block, 0.5) == f"a {OPEN}hyphen{CLOSE}ated word"


def test_private_characters_of_the_text_do_not_become_marks(make_block: MakeBlock) -> None:
    block = make_block(f"{OPEN}a{CLOSE} b", doubtful="b")
    assert marked_text(block, 0.5) == f"\ufffda\ufffd {OPEN}b{CLOSE}"
    assert marked_text(block, 0.0) == "\ufffda\ufffd b"


def test_a_text_that_does_not_consist_of_its_words_is_not_marked(make_block: MakeBlock) -> None:
    made = make_block("one two", doubtful="one two")
    edited = Block(made.kind, "corrected by hand", made.box, made.confidence, made.lines)
    assert marked_text(edited, 0.5) == "corrected by hand"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("", ""),
        ("one\ntwo", "one two"),
        ("hyphen-\nated", "hyphenated"),
        ("hyphen‐\nated", "hyphenated"),
        ("pre-\n1990", "pre-1990"),
        ("Jean-\nPaul", "Jean-Paul"),
        ("well-known, well-\nknown", "well-known, well-known"),
        ("either -\nor", "either - or"),
        ("recog-\nnition of text", "recognition of text"),
        ("the well-\nknown well-known case", "the well-known well-known case"),
        ("Anglo-\nSaxon", "Anglo-Saxon"),
        ("1990-\n1999", "1990-1999"),
        ("a dash -\nhere", "a dash - here"),
        ("plain\nlines", "plain lines"),
    ],
)
def test_lines_are_joined_and_their_hyphens_resolved(lines: str, text: str) -> None:
    assert join_lines(lines.splitlines()) == text


@given(LINES)
def test_joining_loses_nothing_but_hyphens_and_spaces(lines: list[str]) -> None:
    def letters(text: str) -> str:
        return "".join(c for c in text if c not in "-‐ ")

    assert letters(join_lines(lines)) == letters("".join(lines))
