r"""Formulas: whether they hold together, and as MathML through latex2mathml.

The library's tree is written out here, element by element: it does not escape what stands in `\text`, and knows
commands that set links and styles.
"""

import html
import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element

MAX_LENGTH = 10_000  # characters of a formula that is converted
PIECE = re.compile(
    r"""\\(?P<edge>begin|end)[ ]*\{[ ]*(?P<name>[A-Za-z]+\*?)[ ]*\} | \\(?P<side>left|right)(?![A-Za-z])
    | \\[A-Za-z]+ | \\. | (?P<mark>[{}&\#]) | (?P<cut>\\\Z)""",
    re.VERBOSE | re.DOTALL,
)
SIDES = re.compile(r"\\(?:left|right)(?![A-Za-z])\s*\.?")
# Would do more than set a formula, wherever the document is compiled.
FOREIGN = re.compile(
    r"\\(?:input|include|write|openin|openout|read|immediate|catcode|csname|[egx]?def|let|futurelet|newcommand|"
    r"renewcommand|providecommand|usepackage|RequirePackage|documentclass|special|directlua|loop|pdfobj|verbatiminput|"
    r"lstinputlisting|includegraphics|newwrite|newread|shipout|end[ ]*\{document\})(?![A-Za-z])"
)
HIDDEN = re.compile(r"\\label[ ]*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
BARE_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)%")

# Environments under names that the library knows, with what follows the name; those it does not know are refused.
ENVIRONMENTS = {
    **dict.fromkeys(("align", "align*", "aligned", "flalign", "flalign*", "split"), "align*"),
    **dict.fromkeys(("alignat", "alignat*", "alignedat"), "align*"),
    **dict.fromkeys(("gather", "gather*", "gathered", "multline", "multline*", "dmath", "dmath*"), "matrix"),
    **dict.fromkeys(("eqnarray", "eqnarray*"), "eqnarray"),
    **dict.fromkeys(("equation", "equation*", "displaymath", "math"), ""),
    **{name: name for name in ("array", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix")},
    **{"smallmatrix": "smallmatrix", "cases": "cases", "dcases": "cases"},
}
ALIGNED = frozenset(name for name, known in ENVIRONMENTS.items() if known not in ("", "matrix"))

TAGS = frozenset(
    (
        *("math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msup", "msub"),
        *("msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"),
        *("mfenced", "menclose", "mmultiscripts", "mprescripts", "none"),
    )
)
ATTRIBUTES = frozenset(
    (
        *("display", "displaystyle", "scriptlevel", "mathvariant", "mathcolor", "mathbackground", "mathsize"),
        *("columnalign", "columnspacing", "columnlines", "rowlines", "rowspacing", "frame", "stretchy", "fence"),
        *("form", "separator", "accent", "accentunder", "movablelimits", "largeop", "symmetric", "minsize"),
        *("maxsize", "linethickness", "lspace", "rspace", "width", "height", "depth", "voffset", "notation"),
        *("linebreak",),
    )
)
PLAIN_VALUE = re.compile(r"[\w\s.#%+-]*")


class FormulaError(ValueError):
    """A formula that cannot be shown.

    Args:
        reason: Why.
        known: Whether it is wrong; else it has something the converter does not know.
    """

    def __init__(self, reason: str, *, known: bool = True) -> None:
        super().__init__(reason)
        self.known = known


def formula_problem(source: str, environment: str = "") -> str | None:
    r"""Return what is wrong with the structure of a formula; None if it holds together.

    Examples:
        >>> formula_problem(r"\left( \frac{1}{2}")
        '\\left has no \\right'
    """
    stack: list[str] = []
    rows = int(environment in ALIGNED)  # environments around that have rows, for all we know
    for match in PIECE.finditer(source):
        if match["cut"] is not None:
            return "it ends in the middle of a command"
        rows += (match["edge"] == "begin") - (match["edge"] == "end")
        if match["edge"] == "begin" or match["side"] == "left" or match["mark"] == "{":
            stack.append(match["name"] or match["side"] or "{")
        elif match["mark"] == "&" and not rows:
            return "& stands outside of rows"
        elif match["mark"] == "#":
            return "# is not escaped"
        elif match["edge"] == "end" or match["side"] == "right" or match["mark"] == "}":
            wanted = match["name"] or ("left" if match["side"] else "{")
            if not stack or stack.pop() != wanted:
                return _unopened(wanted)
    return _unclosed(stack[-1]) if stack else None


def _unopened(what: str) -> str:
    return {"{": "} closes what is not open", "left": r"\right has no \left"}.get(
        what, rf"\end{{{what}}} has no \begin"
    )


def _unclosed(what: str) -> str:
    return {"{": "{ is not closed", "left": r"\left has no \right"}.get(what, rf"\begin{{{what}}} has no \end")


def mended(source: str, environment: str = "") -> str | None:
    r"""Return a formula that holds together, without `\left` and `\right` if these do not pair; None if none does."""
    for candidate in (source, SIDES.sub("", source)):
        if formula_problem(candidate, environment) is None:
            return candidate
    return None


def escape_percent(source: str) -> str:
    r"""Return a formula in which a bare `%` is not a comment: models mean the sign.

    Examples:
        >>> escape_percent(r"5% + 3\%")
        '5\\% + 3\\%'
    """
    return BARE_PERCENT.sub(r"\1\\%", source)


def to_mathml(source: str, *, environment: str = "", display: bool = False) -> str:
    r"""Return a formula as MathML that carries its LaTeX source.

    Args:
        source: LaTeX without delimiters.
        environment: What it stood in, such as "align*".
        display: Whether it stands on lines of its own.

    Raises:
        FormulaError: If it cannot be converted.

    Examples:
        >>> to_mathml("x").removeprefix("<math><semantics>")
        '<mrow><mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation></semantics></math>'
    """
    whole = mended(source, environment)
    if whole is None:
        raise FormulaError(formula_problem(source, environment) or "")
    if len(source) > MAX_LENGTH:
        raise FormulaError(f"longer than {MAX_LENGTH} characters", known=False)
    if environment:
        whole = rf"\begin{{{environment}}}{whole}\end{{{environment}}}"
    from latex2mathml.converter import convert_to_element

    try:
        root = convert_to_element(escape_percent(HIDDEN.sub("", _known(whole))))
        inside = "".join(_written(child) for child in root)
        inside = inside if len(root) == 1 else f"<mrow>{inside}</mrow>"
    except FormulaError:
        raise
    except Exception as error:  # the library raises whatever its parsing runs into, RecursionError too
        raise FormulaError(f"latex2mathml: {type(error).__name__} {error}".strip()) from error
    block = ' display="block"' if display else ""
    tex = html.escape(source, quote=False)
    annotation = f'<annotation encoding="application/x-tex">{tex}</annotation>'
    return f"<math{block}><semantics>{inside}{annotation}</semantics></math>"


def unknown_commands(sources: Iterable[str]) -> list[str]:
    r"""Return the commands in formulas that latex2mathml does not know, without their backslash.

    Examples:
        >>> unknown_commands([r"\alpha \foo x"])
        ['foo']
    """
    names = dict.fromkeys(name for source in sources for name in re.findall(r"\\([A-Za-z]+)", source))
    unknown = []
    for name in names:
        try:
            to_mathml(rf"\{name}{{x}}{{x}}")
        except FormulaError as error:
            unknown += [name] if str(error) == rf"latex2mathml does not know \{name}" else []
    return unknown


def _known(source: str) -> str:
    """Return a formula with its environments under names that latex2mathml knows."""

    def rename(match: re.Match[str]) -> str:
        edge, name = match["edge"], match["name"]
        known = ENVIRONMENTS.get(name)
        if known is None:
            raise FormulaError(f"latex2mathml does not know the environment {name}", known=False)
        if known == "eqnarray":
            return r"\begin{array}{rcl}" if edge == "begin" else r"\end{array}"
        return rf"\{edge}{{{known}}}" if known else ""

    # The number of columns of alignat has no counterpart.
    source = re.sub(r"(\\begin\{align(?:at\*?|edat)\})\s*\{[0-9]+\}", r"\1", source)
    return re.sub(r"\\(?P<edge>begin|end)[ ]*\{[ ]*(?P<name>[A-Za-z]+\*?)[ ]*\}", rename, source)


def _written(element: Element) -> str:
    """Return an element with what is known to be harmless."""
    text = html.unescape(element.text or "")
    unknown = re.match(r"\\[A-Za-z]+", text) if element.tag == "mi" else None
    if unknown is not None:
        raise FormulaError(f"latex2mathml does not know {unknown[0]}", known=False)
    if element.tag == "mtext":  # the library leaves what was escaped in `\text` as it was
        text = re.sub(r"\\([%&#_${}])", r"\1", text)
    inside = html.escape(text, quote=False) + "".join(_written(child) for child in element)
    tag = element.tag if element.tag in TAGS else "mrow"
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES and PLAIN_VALUE.fullmatch(value) is not None
    )
    return f"<{tag}{attributes}>{inside}</{tag}>"
