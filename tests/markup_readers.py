"""How the tests read Markdown and HTML that was written: pieces of text with what stands around them."""

from collections.abc import Callable, Container, Iterable
from html.parser import HTMLParser

from markdown_it.token import Token


def pieces_of(tokens: Iterable[Token], inline: Callable[[list[str], Token], tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (what holds it, text) of every piece of Markdown.

    Args:
        tokens: Of a parser.
        inline: Returns the piece of inline content, given the tags around it.
    """
    found, around = [], ["document"]
    for token in tokens:
        if token.nesting > 0:
            around.append(token.tag)
        elif token.nesting < 0:
            around.pop()
        elif token.type == "inline":
            found.append(inline(around, token))
        else:
            found.append((token.type, token.content))
    return found


class PairedTags(HTMLParser):
    """Reads HTML and refuses tags that do not pair.

    Args:
        html: What is read.
        void: Tags without an end.
    """

    def __init__(self, html: str, void: Container[str]) -> None:
        super().__init__()
        self.void = void
        self.around: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()
        assert self.around == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.void:
            self.around.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.around.pop() == tag
