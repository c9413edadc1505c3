"""Cutting what is said into pieces that speech programs can take: long input makes some of them repeat themselves."""

import re
from collections.abc import Iterator, Sequence

MAX_SECONDS = 30.0  # of a piece
WORDS_PER_MINUTE = 150  # an even reading voice; programs have a speed of their own
SPOKEN_WORD = re.compile(  # every digit counts as a word, as do the points in numbers, signs with names, and pauses
    r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d|(?<=\d)[.,](?=\d)|[%€$£=+<>±;:]"
)
CLAUSE_END = re.compile(r"(?<=[,;])\s+")


def seconds_of(text: str) -> float:
    """Return about how long a text takes to say, at `WORDS_PER_MINUTE`."""
    return len(SPOKEN_WORD.findall(text)) * 60 / WORDS_PER_MINUTE


def cut_pieces(sentences: Sequence[str], max_seconds: float = MAX_SECONDS) -> Iterator[str]:
    """Yield sentences in pieces, as many in one as fit.

    A sentence that alone takes too long is cut where its clauses end; a clause that does is a piece of its own.

    Args:
        sentences: What is said, in order; none is empty.
        max_seconds: Of a piece, at `WORDS_PER_MINUTE`.

    Raises:
        ValueError: If `max_seconds` is not positive.

    Examples:
        >>> list(cut_pieces(["One two three.", "Four.", "Five six."], max_seconds=2))
        ['One two three. Four.', 'Five six.']
    """
    if max_seconds <= 0:
        raise ValueError(f"max_seconds must be positive, got {max_seconds:g}")
    waiting: list[str] = []
    taken = 0.0
    for sentence in sentences:
        parts = [sentence] if seconds_of(sentence) <= max_seconds else CLAUSE_END.split(sentence)
        for part in parts:
            seconds = seconds_of(part)
            if waiting and taken + seconds > max_seconds:
                yield " ".join(waiting)
                waiting, taken = [], 0.0
            waiting.append(part)
            taken += seconds
    if waiting:
        yield " ".join(waiting)
