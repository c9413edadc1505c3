"""Written as Mathpix Markdown and read again, a tree is the same; every other notation holds its words in order."""

import re
from collections.abc import Iterable, Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocr2.markup import parse, to_html, to_latex, to_markdown, to_mmd, to_text
from ocr2.markup.nodes import Block, CodeBlock, Heading, Inline, Paragraph, Text
from ocr2.markup.walk import iter_blocks, iter_leaves
from tests.core.markup.trees import PLAIN, WORDS, blocks, inlines

WRITERS = (to_markdown, to_html, to_text, to_latex, to_mmd)

slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(inlines(WORDS, breaks=True))
def test_a_paragraph_comes_back(parts: tuple[Inline, ...]) -> None:
    tree = (Paragraph(parts),)
    assert parse(to_mmd(tree)) == tree


@slow
@given(blocks(WORDS))
def test_a_document_comes_back(tree: tuple[Block, ...]) -> None:
    assert parse(to_mmd(tree)) == tree


def words_of(tree: Sequence[Block]) -> list[str]:
    """Return the words of running text, in order."""
    found: list[str] = []
    for block in iter_blocks(tree):
        if isinstance(block, Paragraph | Heading):
            found += [word for part in iter_leaves((block,)) if isinstance(part, Text) for word in part.text.split()]
        elif isinstance(block, CodeBlock):
            found += re.findall(r"[^\W_]+", block.text)
    return found


def missing(words: Iterable[str], written: str) -> list[str]:
    """Return the words that do not follow the words before them in a text."""
    at, lost = 0, []
    for word in words:
        found = written.find(word, at)
        if found < 0:
            lost.append(word)
        else:
            at = found + len(word)
    return lost


@slow
@given(blocks(PLAIN, notes=False))
def test_every_notation_holds_every_word_in_order(tree: tuple[Block, ...]) -> None:
    for write in WRITERS:
        assert missing(words_of(tree), write(tree)) == []


@slow
@given(blocks(PLAIN))
def test_every_notation_holds_the_words_of_footnotes(tree: tuple[Block, ...]) -> None:
    for write in WRITERS:
        written = write(tree)
        assert [word for word in words_of(tree) if word not in written] == []


# Commands and delimiters as models write them, closed and not; words come in between.
PIECES = st.sampled_from(
    [
        *(
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "$",
            "$$",
            r"\(",
            r"\)",
            r"\[",
            r"\]",
            "&",
            r"\\",
            "\\",
            "`",
            "``",
            "```",
            "~~",
        ),
        *(
            "*",
            "**",
            "_",
            "__",
            "***",
            "\n",
            "\n\n",
            "\n- ",
            "\n  - ",
            "\n1. ",
            "\n# ",
            "\n---\n",
            "\n|",
            "|",
            "\n|-|-|\n",
        ),
        *(
            r"\textbf{",
            r"\emph{",
            r"\text{",
            r"\title{",
            r"\section*{",
            r"\footnote{",
            r"\caption{",
            r"\item ",
            r"\hline",
        ),
        *(r"\begin{tabular}{|c|c|}", r"\end{tabular}", r"\begin{itemize}", r"\end{itemize}", r"\begin{enumerate}"),
        *(r"\end{enumerate}", r"\begin{abstract}", r"\end{abstract}", r"\begin{align}", r"\end{align}", r"\begin{x}"),
        *(r"\end{x}", r"\multicolumn{2}{c}{", r"\multirow{2}{*}{", r"\unknown", r"\unknown{", "%", "#", "<smiles>"),
        *(
            "</smiles>",
            r"\begin{figure}",
            r"\end{figure}",
            r"\begin{tikzpicture}",
            r"\end{tikzpicture}",
            "**kern\n",
            "*-",
        ),
        *(
            r"\author{",
            r"\bf ",
            r"{\it ",
            r"\centering ",
            r"\vspace{1cm}",
            r"\begin{verbatim}",
            r"\end{verbatim}",
            "''",
        ),
        *(
            r"\left(",
            r"\right)",
            r"\frac{",
            "^",
            "<b>",
            "</b>",
            "&amp;",
            "\r\n",
            "\t",
            r"\'",
            r"\&",
            r"\%",
            r"\$",
            r"\_",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_no_word_of_broken_markup_is_lost(pieces: list[str]) -> None:
    words = [f"w{n}q" for n in range(len(pieces) + 1)]
    text = words[0] + "".join(f"{piece} {word} " for piece, word in zip(pieces, words[1:], strict=True))
    tree = parse(text)
    for write in WRITERS:
        written = write(tree)
        assert [word for word in words if word not in written] == []


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_read_and_written(text: str) -> None:
    tree = parse(text)
    for write in WRITERS:
        write(tree)
    if "\\" not in text:  # else letters may get accents
        assert missing(re.findall(r"[^\W_]+", text), to_text(tree)) == []
