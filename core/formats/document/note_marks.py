"""Marks of footnotes: raised numbers, stars and daggers, and where a text refers to them."""

import re
from collections.abc import Iterator

RAISED = "¹²³⁰⁴⁵⁶⁷⁸⁹"
LEVEL = str.maketrans(RAISED, "1230456789")  # raised digits to digits
MARK = rf"[{RAISED}]{{1,3}}|\*{{1,3}}|[†‡]{{1,2}}"  # what a note begins with
UNIT = re.compile(r"(?:^|[\s\d])(?:[kcmd]?m|ft|in|[a-z])$")  # what ² and ³ stand behind that are no marks
WORD_END = r"\w.,;:!?)\]”’\"'"  # what a mark that a text refers with stands behind


def references(mark: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where a text refers to a note: its mark behind a word, no part of a longer one and no power of a unit.

    Examples:
        >>> [m.start() for m in references("²", "25 m² by Smith²")]
        [14]
    """
    signs = rf"{RAISED}*†‡"
    for found in re.finditer(rf"(?<=[{WORD_END}])(?<![{signs}\\]){re.escape(mark)}(?![{signs}\\]|\w)", text):
        if mark not in "²³" or UNIT.search(text[: found.start()]) is None:
            yield found
