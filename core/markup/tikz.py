"""What can be said of a TikZ picture without running TeX."""

import re

COMMENT = re.compile(r"(?<!\\)%[^\n]*")
PIECE = re.compile(
    r"""\\(?P<edge>begin|end)[ ]*\{[ ]*(?P<name>[A-Za-z]+\*?)[ ]*\}
    | \\(?P<statement>draw|node|path|fill|filldraw|clip|coordinate|shade|shadedraw|pic|matrix|addplot)(?![A-Za-z])
    | \\[A-Za-z]+ | \\. | (?P<mark>[{};])""",
    re.VERBOSE | re.DOTALL,
)


def tikz_problem(source: str) -> str | None:
    r"""Return what is wrong with the structure of a picture; None if it holds together.

    Environments and braces must pair, and what begins with `\draw`, `\node` and so on must end with `;`.

    Examples:
        >>> tikz_problem(r"\begin{tikzpicture} \draw (0,0) -- (1,1) \end{tikzpicture}")
        '\\draw does not end with ;'
    """
    stack: list[str] = []  # what is open: environments, braces, statements behind a backslash
    begun = False
    for match in PIECE.finditer(COMMENT.sub("", source)):
        begun = begun or match["name"] == "tikzpicture"
        top = stack[-1] if stack else ""
        if match["statement"] is not None:
            if top.startswith("\\"):
                return f"{top} does not end with ;"
            stack.append(f"\\{match['statement']}")
        elif match["edge"] == "begin" or match["mark"] == "{":
            stack.append(match["name"] or "{")
        elif match["mark"] == ";" and top.startswith("\\"):
            stack.pop()
        elif match["edge"] == "end" or match["mark"] == "}":
            if top.startswith("\\"):
                return f"{top} does not end with ;"
            if top != (match["name"] or "{"):
                return f"{match[0]} closes what is not open"
            stack.pop()
    if not begun:
        return r"\begin{tikzpicture} is missing"
    unclosed = next((part for part in stack if not part.startswith("\\")), "")
    return f"{unclosed} is not closed" if unclosed else None
