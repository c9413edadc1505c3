"""Marking words of low confidence through joining and escaping: private characters stand for the tags."""

from ocr2.results.document import Block

OPEN, CLOSE = "\ue000", "\ue001"
FOREIGN_MARKS = str.maketrans(dict.fromkeys(OPEN + CLOSE, "\ufffd"))  # a text's own must not become tags


def marked_text(block: Block, min_confidence: float) -> str:
    """Return a block's text with OPEN and CLOSE around words below a confidence.

    The words are found one after the other in the text, so indentation and resolved hyphens stay as they
    are. A text that does not consist of the words comes back without marks.
    """
    text, shown = block.text, block.text.translate(FOREIGN_MARKS)
    parts: list[str] = []
    done = at = 0
    for word in (word for line in block.lines for word in line.words):
        while text[at : at + 1].isspace():
            at += 1
        # A word broken at a line end has lost its hyphen.
        found = word.text if text.startswith(word.text, at) else word.text[:-1]
        if not text.startswith(found, at):
            return shown
        if word.confidence < min_confidence:
            parts += [shown[done:at], OPEN, shown[at : at + len(found)], CLOSE]
            done = at + len(found)
        at += len(found)
    return "".join(parts) + shown[done:]
