"""A text corpus for drawing: paragraphs of installed documentation, split by document.

`python -m ocr2.synth.corpus OUT` writes `train.jsonl.gz` and `val.jsonl.gz`, one JSON object a paragraph:
`{"kind": "prose" | "code" | "other", "text": ...}`. About 3 % of the documents, chosen by a hash of their
name, are held out. "other" paragraphs are in a script that the reader only has to recognise as
foreign. Packages whose pages serve as test data are never read.
"""

import gzip
import hashlib
import html
import json
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

HELD_OUT_SHARE = 0.03
MAX_PARAGRAPH = 2000  # characters
# Debian packages: anarchism, debian-handbook, python3.11-doc, fortunes, installation-guide-amd64.
SOURCES = (
    ("/usr/share/doc/anarchism/html", "*.html"),
    ("/usr/share/doc/debian-handbook", "*.html"),
    ("/usr/share/doc/python3.11-doc/html/_sources", "*.txt"),
    ("/usr/share/games/fortunes", "*"),
    ("/usr/share/doc/installation-guide-amd64", "*.html"),
)
CODE_SHARE = 6  # one Python source file in so many is read for lines of code


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph and its kind."""

    kind: str
    text: str


MIN_LINE = 40  # characters that fill a line


@dataclass
class Corpus:
    """Paragraphs by kind."""

    paragraphs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls, path: Path) -> "Corpus":
        """Read a file that `build` wrote."""
        corpus = cls()
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                corpus.paragraphs[row["kind"]].append(row["text"])
        return corpus

    def long_prose(self) -> list[str]:
        """Return the paragraphs of prose that fill a line."""
        return [p for p in self.paragraphs["prose"] if len(p) >= MIN_LINE]


def build(out: Path) -> dict[str, int]:
    """Write both splits to a folder; returns characters by split and kind."""
    out.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = defaultdict(int)
    with (
        gzip.open(out / "train.jsonl.gz", "wt", encoding="utf-8") as train,
        gzip.open(out / "val.jsonl.gz", "wt", encoding="utf-8") as val,
    ):
        for path in _documents():
            held_out = _is_held_out(path)
            for paragraph in read_document(path):
                row = json.dumps({"kind": paragraph.kind, "text": paragraph.text}, ensure_ascii=False)
                (val if held_out else train).write(row + "\n")
                counts[f"{'val' if held_out else 'train'} {paragraph.kind}"] += len(paragraph.text)
    return dict(counts)


def read_document(path: Path) -> Iterator[Paragraph]:
    """Yield the paragraphs of one HTML, reStructuredText, fortune or Python file."""
    raw = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".html":
        blocks = _html_blocks(raw)
    elif path.suffix == ".py":
        blocks = [("code", line.strip()) for line in raw.splitlines()]
    else:
        separator = r"\n%\n" if path.parent.name == "fortunes" else r"\n\s*\n"
        blocks = [
            ("code" if block.startswith("   ") and path.suffix == ".txt" else "prose", block)
            for block in re.split(separator, raw)
        ]
    for kind, block in blocks:
        text = " ".join(unicodedata.normalize("NFC", html.unescape(block)).split())[:MAX_PARAGRAPH]
        if len(text) >= (8 if kind == "code" else 25) and "\ufffd" not in text:
            yield Paragraph("other" if _is_foreign(text) else kind, text)


class _Blocks(HTMLParser):
    BLOCKS = frozenset(("p", "li", "dd", "dt", "td", "th", "h1", "h2", "h3", "h4", "blockquote", "div", "pre"))

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self._parts: list[str] = []
        self._code = False
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden = True
        if tag in self.BLOCKS:
            self.flush()
            self._code = tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = False
        if tag in self.BLOCKS:
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data)

    def flush(self) -> None:
        text = "".join(self._parts)
        if self._code:
            self.blocks.extend(("code", line) for line in text.splitlines())
        else:
            self.blocks.append(("prose", text))
        self._parts = []
        self._code = False


def _html_blocks(raw: str) -> list[tuple[str, str]]:
    parser = _Blocks()
    parser.feed(raw)
    parser.flush()
    return parser.blocks


def _documents() -> Iterator[Path]:
    for folder, pattern in SOURCES:
        for path in sorted(Path(folder).rglob(pattern)):
            if path.is_file() and path.suffix in (".html", ".txt", ""):
                yield path
    stdlib = Path(json.__file__).parent.parent
    for i, path in enumerate(sorted(stdlib.glob("*.py"))):
        if i % CODE_SHARE == 0:
            yield path


def _is_held_out(path: Path) -> bool:
    digest = hashlib.sha256(path.name.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELD_OUT_SHARE


def _is_foreign(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    foreign = sum(1 for c in letters if not is_latin(c))
    return bool(letters) and foreign > len(letters) / 2


def is_latin(character: str) -> bool:
    """Say whether a letter belongs to the Latin script (Latin Extended-B and Additional included)."""
    code = ord(character)
    return code < 0x250 or 0x1E00 <= code < 0x1F00 or 0xFB00 <= code <= 0xFB06


if __name__ == "__main__":
    print(json.dumps(build(Path(sys.argv[1])), indent=2))
