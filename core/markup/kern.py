"""What can be said of music in **kern without drawing it: spines, their splits and ends, notes that are notes.

Source: the Humdrum syntax guide (humdrum.org), "representation" and "**kern".
"""

import re

# A note, which is one letter repeated for its octave, or a rest, among signs of ties, beams and ornaments; its duration
# is a number, or it is a grace note.
TOKEN = re.compile(r"(?=.*[0-9qQ])(?:[^a-gA-Gr\s]*([a-gA-G])\1*[^a-gA-G\s]*|[!-~]*r[!-~]*)")
PATHS = frozenset(("*^", "*v", "*+", "*x", "*-"))


def kern_problem(text: str) -> str | None:
    r"""Return what is wrong with the structure of a piece; None if it holds together.

    Examples:
        >>> kern_problem("**kern\t**kern\n4c\n*-\t*-")
        'line 2 has 1 columns, expected 2'
    """
    spines: list[str] = []  # exclusive interpretation of each column
    for number, line in enumerate(text.strip().splitlines(), start=1):
        if not line.strip():
            return f"line {number} is empty"
        if line.startswith("!!"):
            continue
        tokens = line.rstrip("\r").split("\t")
        if not spines:
            if any(not re.fullmatch(r"\*\*\w+", token) for token in tokens):
                return f"line {number} stands outside of all spines"
            spines = tokens
            continue
        if len(tokens) != len(spines):
            return f"line {number} has {len(tokens)} columns, expected {len(spines)}"
        problem = _line_problem(tokens, spines)
        if problem is not None:
            return f"line {number}: {problem}"
        if any(token in PATHS for token in tokens):
            spines = _follow(tokens, spines)
    if "**kern" not in text:
        return "there is no **kern spine"
    return f"{len(spines)} spines are not ended by *-" if spines else None


def _line_problem(tokens: list[str], spines: list[str]) -> str | None:
    """Return what is wrong with a line of the right number of columns."""
    starts = {token[:1] for token in tokens}
    if "" in starts:
        return "a column is empty"
    for mark, name in (("*", "interpretations"), ("!", "comments"), ("=", "bar lines")):
        if mark in starts:
            return None if starts == {mark} else f"{name} stand beside something else"
    for token, spine in zip(tokens, spines, strict=True):
        notes = token.split(" ") if spine == "**kern" and token != "." else []
        wrong = next((note for note in notes if TOKEN.fullmatch(note) is None), None)
        if wrong is not None:
            return f"{wrong!r} is no note"
    return None


def _follow(tokens: list[str], spines: list[str]) -> list[str]:
    """Return the spines after a line that splits, joins, adds or ends some."""
    after: list[str] = []
    joining = False
    for token, spine in zip(tokens, spines, strict=True):
        if token == "*^":
            after += [spine, spine]
        elif token != "*-" and not (token == "*v" and joining):
            after.append(spine)
        joining = token == "*v"
    return after
