"""Scripts of documents: what is announced, in which order, and that nothing gets lost."""

from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.formats.speech.pieces import CLAUSE_END, MAX_SECONDS, seconds_of
from ocr2.formats.speech.script import document_to_pieces, document_to_speech
from ocr2.results.box import Box
from ocr2.results.chart import Chart, ChartValue, Reliability, Series
from ocr2.results.document import Block, BlockKind, Document, Page
from ocr2.results.figure import Circle, Relation, Segment, Trace
from ocr2.results.page_picture import PagePicture
from ocr2.results.table import Table, TableCell, table_of_rows

MakeDocument = Callable[..., Document]
READ = {"file": "a.png", "page": 1, "width": 9, "height": 9, "model": "fake", "weights_sha256": ""}


def block(kind: BlockKind, text: str, level: int = 0, **more: object) -> Block:
    return Block(kind, text, None, 1.0, (), level, **more)  # type: ignore[arg-type]


def page(number: int, *blocks: Block, error: str | None = None) -> Page:
    return Page(number=number, width=9, height=9, dpi=None, blocks=blocks, error=error)


def said(*blocks: Block) -> list[str]:
    return document_to_pieces(Document("scan.png", (page(1, *blocks),), "fake", ""))


def picture(**read: object) -> PagePicture:
    return PagePicture("page-1-chart-1", Box(0, 0, 9, 9), b"", **read)  # type: ignore[arg-type]


def test_headings_are_announced_with_their_level() -> None:
    blocks = [block("title", "Rain\nin October"), block("heading", "Why", 1), block("heading", "How much?", 2)]
    assert said(*blocks) == ["Title: Rain in October.", "Heading: Why.", "Heading of level 2: How much?"]


def test_pages_are_announced_and_those_without_text_said_to_be() -> None:
    failed = page(3, error="page 3 of scan.pdf: took longer than 1 s")
    pages = (page(1, block("paragraph", "Rain")), page(2, block("footer", "7")), failed)
    assert document_to_speech(Document("scan.pdf", pages, "fake", "")) == (
        "Page 1.\n\nRain.\n\nPage 2 has no text.\n\nPage 3 could not be read: took longer than 1 s.\n"
    )
    assert said() == ["Page 1 has no text."]
    assert document_to_speech(Document("scan.pdf", (), "fake", "")) == "The document has no pages.\n"


def test_headers_are_said_if_they_are_kept() -> None:
    document = Document(
        "a", (page(1, block("header", "Weather"), block("page_number", "7")),), "", "", keep_headers=True
    )
    assert document_to_pieces(document) == ["Page header: Weather.", "Page number: 7."]


def test_lists_are_counted_and_items_keep_their_numbers() -> None:
    items = [("• rain", 0), ("– fine", 1), ("– heavy", 1), ("☒ snow", 0)]
    assert said(*(block("list_item", text, level) for text, level in items)) == [
        "List of 2 items. Item 1: rain. Item 1 point 1: fine. Item 1 point 2: heavy. Item 2, ticked: snow."
    ]
    assert said(block("list_item", "3. Go"), block("list_item", "4) •")) == [
        "List of 2 items. Item 3: Go. Item 4: blank."
    ]


def test_tables_are_said_row_by_row_with_their_heads() -> None:
    table = table_of_rows([["City", "Rain"], ["Oslo", "83"], ["Bergen", ""]])
    assert said(block("table", "x", table=table)) == [
        "Table with 2 rows and 2 columns: City, Rain. Row 1; City: Oslo; Rain: 83. Row 2; City: Bergen."
    ]


def test_spans_stand_under_all_their_names_and_a_corner_names_rows() -> None:
    cells = (
        TableCell(0, 0, ""), TableCell(0, 1, "2023"), TableCell(0, 2, "2024"),
        TableCell(1, 0, "North", columns=3),
        TableCell(2, 0, "Oslo", rows=2), TableCell(2, 1, "83", columns=2), TableCell(3, 1, "1"), TableCell(3, 2, ""),
    )  # fmt: skip
    assert said(block("table", "x", table=Table(cells, header_rows=1))) == [
        "Table with 3 rows and 3 columns: 2023, 2024. Row 1, over all columns: North. "
        "Row 2, Oslo; 2023 and 2024: 83. Row 3, Oslo; 2023: 1."
    ]


def test_a_table_that_goes_on_keeps_the_names_of_its_columns() -> None:
    first, rest = table_of_rows([["City", "Rain"], ["Oslo", "83"]]), table_of_rows([["Bergen", "271"]], header_rows=0)
    going = Table(rest.cells, 0, continued=True)
    pages = (page(1, block("table", "x", table=first)), page(2, block("table", "x", table=going)))
    pieces = document_to_pieces(Document("a", pages, "", ""))
    assert pieces[-1] == "The table goes on with 1 row and 2 columns. Row 1; City: Bergen; Rain: 271."
    assert said(block("table", "x", table=rest)) == ["Table with 1 row and 2 columns. Row 1: Bergen; 271."]


def test_footnotes_are_said_at_the_end_of_their_page_and_named_in_the_text() -> None:
    blocks = [
        block("footnote", "¹ By hand."),
        block("paragraph", "The rain¹ fell on 3 m²."),
        block("paragraph", "It* ends"),
        block("footnote", "* Or so."),
    ]
    assert said(*blocks) == [
        "The rain (footnote 1) fell on 3 m².",
        "It (footnote star) ends.",
        "Footnote 1: By hand. Footnote star: Or so.",
    ]


def chart(**fields: object) -> Chart:
    values = tuple(
        ChartValue(label, f"{value} mm", float(value)) for label, value in (("May", 4), ("June", 9), ("July", 5))
    )
    made = {"kind": "bar", "series": (Series("2023", values), Series("2024", values[:1])), "title": "Rain"}
    reliability = Reliability("unreliable", 0.2, None, "")
    return Chart(**READ, reliability=reliability, **{**made, **fields})  # type: ignore[arg-type]


def test_charts_are_sentences_behind_their_captions() -> None:
    part = picture(chart=chart(x_title="Month"))
    pieces = said(block("chart", "x", part=part), block("caption", "Figure 2: Months"))
    assert " ".join(pieces) == (
        "Caption: Figure 2: Months. Bar chart: Rain. Labels: Month. 2 series: 2023, 2024. "
        "2023: highest at June, 9 mm; lowest at May, 4 mm. "
        "May: 2023, 4 mm; 2024, 4 mm. June: 2023, 9 mm. July: 2023, 5 mm. "
        "These values are not reliable."
    )
    assert said(block("chart", "x", part=picture(chart=chart(error="no chart")))) == [
        "Bar chart that could not be read."
    ]


def test_plane_figures_are_sentences() -> None:
    a, b, c = (0.0, 0.0), (8.0, 0.0), (4.0, 4.0)
    trace = Trace(
        **READ,  # type: ignore[arg-type]
        ruler=None,
        segments=(Segment(a, b), Segment(a, c, dashed=True)),
        circles=(Circle(c, 4.0),),
        points={"A": a, "B": b, "C": c},
        relations=(Relation("equal", ("AB", "AC")), Relation("tangent", ("AB", "circle 1"))),
    )
    assert said(block("geometry", "x", part=picture(trace=trace))) == [
        "Plane figure with 2 segments and 1 circle. Points A, B, C. Segments A B; A C, dashed. "
        "The middle of circle 1 is C. A B and A C are equally long. A B touches circle 1."
    ]


@pytest.mark.parametrize("kind", ["figure", "molecule", "score"])
def test_a_picture_that_nothing_is_known_of_is_named(kind: BlockKind) -> None:
    (one,) = said(block(kind, f"[{kind}]", part=picture()))
    assert one.endswith(", without description.")
    (one,) = said(block(kind, f"[{kind}]", part=picture(error="too small")))
    assert one.endswith(" that could not be read.")


def test_the_caption_of_a_table_stays_with_it() -> None:
    table = block("table", "City\tRain\nOslo\t83")
    blocks = [block("figure", "[figure]", part=picture()), block("caption", "Table 1: Rain"), table]
    first, second = said(*blocks)
    assert first == "Figure, without description."
    assert second.startswith("Caption: Table 1: Rain. Table with 1 row")


def test_code_and_formulas_are_announced() -> None:
    assert said(block("code", "for i in x:\n    print(i)")) == ["Code, 2 lines. for i in x: print(i). End of code."]
    assert said(block("formula", r"\[E = mc^2 \tag{3}\]")) == ["Formula 3: cap E equals m c squared."]


def test_markup_is_said_like_blocks() -> None:
    text = (
        "# Rain\n\n## Why\n\nIt is $x^2$ here\\footnote{By hand.}.\n\n1. one\n2. two\n\n"
        "\\begin{tabular}{ll}\nCity & Rain \\\\\n\\hline\nOslo & 83 \\\\\n\\end{tabular}\n\n\\[ a_1 = 2 \\]"
    )
    assert said(block("markup", text)) == [
        "Title: Rain.",
        "Heading: Why.",
        "It is x squared here (footnote 1).",
        "List of 2 items. Item 1: one. Item 2: two.",
        "Table with 1 row and 2 columns: City, Rain. Row 1; City: Oslo; Rain: 83.",
        "Formula: a sub 1 equals 2.",
        "Footnote 1: By hand.",
    ]


WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=200)
KINDS = st.sampled_from(get_args(BlockKind))
TEXTS = st.one_of(
    st.text(max_size=60), st.sampled_from([r"\[\frac{1}{", "a\tb\nc", "• x", "1. y", "¹ z", "# h\n\n- i\n  - j"])
)
BLOCKS = st.builds(lambda kind, text, level: block(kind, text, level), KINDS, TEXTS, st.integers(0, 7))
PAGES = st.lists(st.lists(BLOCKS, max_size=6), max_size=3)


@given(WORDS)
def test_every_word_of_a_paragraph_is_spoken_once(words: list[str]) -> None:
    assert " ".join(said(block("paragraph", " ".join(words)))).rstrip(".").split() == words


@given(PAGES, st.booleans())
def test_any_document_has_a_script_of_paragraphs(pages: list[list[Block]], keep: bool) -> None:
    made = tuple(page(number, *blocks) for number, blocks in enumerate(pages, start=1))
    document = Document("a", made, "", "", keep_headers=keep)
    pieces = document_to_pieces(document)
    assert document_to_speech(document) == "\n\n".join(pieces) + "\n"
    for piece in pieces:
        assert piece == " ".join(piece.split()) != ""
        assert seconds_of(piece) <= MAX_SECONDS + 1e-9 or len(CLAUSE_END.split(piece)) == 1
    assert document_to_pieces(document) == pieces
