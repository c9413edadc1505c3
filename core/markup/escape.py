"""Text that CommonMark shows as it is, and code that it does not touch."""

import re

# Characters that CommonMark would take for markup inside a line, and at its start.
INLINE = re.compile(r"([\\`*_\[\]<>])")
LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|-(?=[-\s]*$)|=(?=[=\s]*$)|~~~|\d{1,9}(?=[.)](?:\s|$)))")


def escape(text: str) -> str:
    """Return text that CommonMark shows as it is.

    Examples:
        >>> escape("# 1 * 2 < 3")
        '\\\\# 1 \\\\* 2 \\\\< 3'
    """
    return "\n".join(escape_start(line) for line in escape_inline(text).split("\n"))


def escape_inline(text: str) -> str:
    """Return text that has no markup inside its lines."""
    return re.sub(r"&(?=#?\w+;)", r"\\&", INLINE.sub(r"\\\1", text))


def escape_start(line: str) -> str:
    """Return a line that does not begin a heading, a list, a rule or a fence."""
    return LINE_START.sub(_escape_start, line)


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match[1], match[2]
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def fence(text: str, language: str = "") -> str:
    """Return a fenced block that holds text unchanged, whatever backticks it has.

    Examples:
        >>> fence("a")
        '```\\na\\n```'
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def code_span(text: str) -> str:
    """Return code within a line.

    Examples:
        >>> code_span("a`b")
        '``a`b``'
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    padded = text.startswith("`") or text.endswith("`") or (text[:1] == text[-1:] == " " and text.strip())
    return f"{ticks} {text} {ticks}" if padded else f"{ticks}{text}{ticks}"
