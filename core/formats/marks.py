"""Marking words of low confidence through joining and escaping: private characters stand for the tags."""

from ocr2.formats.prose import join_lines
from ocr2.results import Block, Line

OPEN, CLOSE = "\ue000", "\ue001"


def marked_text(block: Block, min_confidence: float) -> str:
    """Return a block's text with OPEN and CLOSE around words below a confidence."""
    if min_confidence <= 0 or all(w.confidence >= min_confidence for line in block.lines for w in line.words):
        return block.text
    lines = [_marked_line(line, min_confidence) for line in block.lines]
    return "\n".join(lines) if block.kind in ("code", "table") else join_lines(lines)


def _marked_line(line: Line, min_confidence: float) -> str:
    return " ".join(
        f"{OPEN}{word.text}{CLOSE}" if word.confidence < min_confidence else word.text for word in line.words
    )
