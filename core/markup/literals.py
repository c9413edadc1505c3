"""Charts as models write them: a dictionary in JSON or as a Python literal. Nothing is evaluated."""

import ast
import json
import re

MAX_LENGTH = 200_000
MAX_NESTING = 50
# Strings, numbers, names and brackets: nothing else can be part of a dictionary of values.
PIECE = re.compile(
    r"""\s+ | "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | -?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?
    | (?:None|True|False|null|true|false|NaN) | (?P<open>[{\[(]) | (?P<close>[}\])]) | [:,]""",
    re.VERBOSE | re.DOTALL,
)


def read_literal(text: str) -> dict[str, object]:
    """Return the dictionary that a text is.

    Raises:
        ValueError: If it is none; the message says why.

    Examples:
        >>> read_literal("{'title': None, 'values': {'a': '3'}}")
        {'title': None, 'values': {'a': '3'}}
    """
    _require_pieces(text)
    try:
        value = json.loads(text)
    except ValueError as error:
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            raise ValueError(f"neither JSON nor a Python dictionary: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"a chart is a dictionary, got {type(value).__name__}")
    return value


def is_literal(text: str) -> bool:
    """Return whether the whole text is a dictionary with something in it."""
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}") and ":" in stripped):
        return False
    try:
        return bool(read_literal(stripped))
    except ValueError:
        return False


def _require_pieces(text: str) -> None:
    """Refuse what a parser of Python could choke on before it sees it."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters")
    at = depth = 0
    while at < len(text):
        match = PIECE.match(text, at)
        if match is None:
            raise ValueError(f"neither JSON nor a Python dictionary: {text[at : at + 20]!r} at character {at}")
        depth += (match["open"] is not None) - (match["close"] is not None)
        if depth > MAX_NESTING:
            raise ValueError(f"more than {MAX_NESTING} brackets within each other")
        at = match.end()
