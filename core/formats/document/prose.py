"""Lines of prose put together again."""

import re
from collections.abc import Sequence


def join_lines(texts: Sequence[str]) -> str:
    """Join lines of prose, resolving hyphens at line ends.

    A hyphen between a letter and a small letter belonged to the line break, unless the same pair stands
    hyphenated elsewhere in the text.

    Examples:
        >>> join_lines(["a hyphen-", "ated word"])
        'a hyphenated word'
        >>> join_lines(["well-known and well-", "known, pre-", "1990"])
        'well-known and well-known, pre-1990'
    """
    joined = texts[0] if texts else ""
    for text in texts[1:]:
        tail = re.search(r"(\w+)[-‐]$", joined)
        head = re.match(r"\w+", text)
        if tail is None or head is None:
            joined = f"{joined} {text}" if not re.search(r"\w[-‐]$", joined) else joined + text
            continue
        compound = f"{tail[1]}-{head[0]}"
        if head[0][0].islower() and not any(compound in other for other in texts):
            joined = joined[:-1] + text
        else:
            joined += text
    return joined
