"""Documents as scripts to be read aloud: plain text in English sentences, the same for the same document.

Headings, lists, tables, formulas, charts, code, captions, footnotes and pages are announced; docs/speech.md says how.
"""

from collections.abc import Iterator, Sequence

from ocr2.formats.document.markdown import BULLET, CHECK_BOX, NUMBER
from ocr2.formats.document.table import table_of
from ocr2.formats.document.text import failure_line
from ocr2.formats.speech.cleaning import counted, is_spoken, sentence, sentences, speakable
from ocr2.formats.speech.markup import MarkupScript, code_sentences, formula_sentences, heading
from ocr2.formats.speech.notes import Notes
from ocr2.formats.speech.pictures import chart_sentences, trace_sentences
from ocr2.formats.speech.pieces import MAX_SECONDS, cut_pieces
from ocr2.formats.speech.tables import column_names, table_sentences
from ocr2.markup import nodes
from ocr2.markup.parse import parse
from ocr2.results.document import MARKUP_KINDS, Block, BlockKind, Document

PICTURES: dict[BlockKind, str] = {"figure": "Figure", "chart": "Chart", "molecule": "Molecule",
    "score": "Musical score", "geometry": "Plane figure"}  # fmt: skip
BEGINNINGS: dict[BlockKind, str] = {"caption": "Caption: ", "header": "Page header: ", "footer": "Page footer: ",
    "page_number": "Page number: "}  # fmt: skip


def document_to_speech(document: Document) -> str:
    """Return a script, its pieces in paragraphs of one line, parted by blank lines."""
    return "\n\n".join(document_to_pieces(document)) + "\n"


def document_to_pieces(document: Document, max_seconds: float = MAX_SECONDS) -> list[str]:
    """Return a script in pieces, none of which goes on over a paragraph, list or table.

    Args:
        document: What is said; headers and footers if it keeps them.
        max_seconds: Of a piece, at `ocr2.formats.speech.pieces.WORDS_PER_MINUTE`; a clause that takes longer stays
            whole.

    Raises:
        ValueError: If `max_seconds` is not positive.
    """
    return [piece for passage in _passages(document) for piece in cut_pieces(passage, max_seconds)]


def _passages(document: Document) -> Iterator[list[str]]:
    """Yield what belongs together, each in sentences."""
    names: list[str] = []  # of the columns of the last table
    if not document.pages:
        yield ["The document has no pages."]
    for page in document.pages:
        if page.error is not None:
            failure = failure_line(page, document.source).strip("[]")
            yield [sentence(failure[:1].upper() + failure[1:])]
            continue
        script = _PageScript(page.shown_blocks(keep_headers=document.keep_headers), names)
        said = [passage for passage in script.passages() if passage]
        names = script.names
        if not said:
            yield [f"Page {page.number} has no text."]
        elif len(document.pages) > 1:
            yield [f"Page {page.number}."]
        yield from said


class _PageScript:
    """Says the blocks of one page.

    Args:
        blocks: In reading order.
        names: Of the columns of the last table before.
    """

    def __init__(self, blocks: Sequence[Block], names: list[str]) -> None:
        self.names = names
        self._blocks = _captions_first([block for block in blocks if block.kind != "footnote"])
        self._notes = Notes([block.text for block in blocks if block.kind == "footnote"])

    def passages(self) -> Iterator[list[str]]:
        """Yield what belongs together, footnotes last."""
        at = 0
        while at < len(self._blocks):
            end = at + 1
            if self._blocks[at].kind == "list_item":
                while end < len(self._blocks) and self._blocks[end].kind == "list_item":
                    end += 1
                yield self._list(self._blocks[at:end])
            elif self._blocks[at].kind in MARKUP_KINDS:
                yield from self._markup(self._blocks[at])
            else:
                captioned = end < len(self._blocks) and _may_caption(self._blocks[at], self._blocks[end])
                end += captioned
                yield [said for block in self._blocks[at:end] for said in self._block(block)]
            at = end
        yield self._notes.sentences

    def _markup(self, block: Block) -> Iterator[list[str]]:
        tree = parse(block.text)
        alone = block.kind == "formula" and not any(isinstance(one, nodes.MathBlock) for one in tree)
        yield from [formula_sentences(block.text)] if alone else MarkupScript(self._notes).passages(tree)

    def _block(self, block: Block) -> list[str]:
        if block.part is not None and block.part.chart is not None:
            return chart_sentences(block.part.chart)
        if block.part is not None and block.part.trace is not None:
            return trace_sentences(block.part.trace)
        if block.kind in PICTURES:
            failed = block.part is not None and block.part.error is not None
            return [PICTURES[block.kind] + (" that could not be read." if failed else ", without description.")]
        if block.kind in ("title", "heading"):
            return heading(0 if block.kind == "title" else max(1, block.level), self._notes.named(block.text))
        if block.kind == "code":
            return code_sentences(block.text)
        if block.kind == "table":
            table = table_of(block)
            said = table_sentences(table, self.names)
            self.names = column_names(table) if table.header_rows else self.names
            return said
        text = self._notes.named(block.text)
        return sentences(BEGINNINGS.get(block.kind, "") + text) if is_spoken(text) else []

    def _list(self, items: Sequence[Block]) -> list[str]:
        """Return a list: how many items, and each with its place, "2 point 1" for the first below the second."""
        outer = min(item.level for item in items)
        found = [f"List of {counted(sum(item.level == outer for item in items), 'item')}."]
        places: list[tuple[int, str]] = []  # level and number of the items around, the outermost first
        for item in items:
            text = self._notes.named(item.text)
            number, box = NUMBER.match(text), CHECK_BOX.match(text)
            while places and places[-1][0] > item.level:
                places.pop()
            before = places.pop()[1] if places and places[-1][0] == item.level else "0"
            places.append((item.level, number[1] if number is not None else str(int(before) + 1)))
            ticked = "" if box is None else ", not ticked" if box[1] == "☐" else ", ticked"
            mark = number or box or BULLET.match(text)
            rest = text[mark.end() :] if mark is not None else text
            place = " point ".join(name for _, name in places)
            found += sentences(f"Item {place}{ticked}: {rest if is_spoken(speakable(rest)) else 'blank'}")
        return found


def _captions_first(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks with the captions that stand below pictures and tables before them."""
    found = list(blocks)
    for at in range(1, len(found)):
        before, block = found[at - 1], found[at]
        above = found[at - 2].kind == "caption" if at > 1 else False  # it has one
        if not above and _may_caption(block, before):
            found[at - 1], found[at] = block, before
    return found


def _may_caption(caption: Block, block: Block) -> bool:
    """Return whether a block is a caption and may be that of another: "Table 1" is of a table, others of pictures."""
    is_of_table = caption.text.lstrip().lower().startswith("tab")
    return caption.kind == "caption" and (block.kind == "table" if is_of_table else block.kind in PICTURES)
