r"""Markup cut into tokens, and which of them belong together; one pass each, whatever the text.

What is not to be looked into (formulas, code, drawings) becomes one token. Nothing is refused: what has no end is
text, but for lists, tables and other environments, which then last as long as what they stand in.
"""

import bisect
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

Kind = Literal[
    "text", "newline", "blank", "hashes", "bullet", "number", "rule", "fence", "kern", "begin", "end", "command",
    "escape", "break", "math", "display", "code", "smiles", "drawing", "verbatim", "open", "close", "cell", "left",
    "right", "mark", "bang", "pipe",
]  # fmt: skip

MATRICES = ("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix")
NESTED_FORMULAS = frozenset(("aligned", "alignedat", "gathered", "split", "array", "cases", "rcases", *MATRICES))
FORMULAS = ("equation", "align", "gather", "multline", "eqnarray", "flalign", "alignat", "dmath")
DISPLAYS = frozenset((*FORMULAS, *(f"{name}*" for name in FORMULAS), "displaymath"))
VERBATIM = frozenset(("verbatim", "Verbatim", "lstlisting", "minted", "algorithmic"))
# Commands after which LaTeX allows a star.
STARRED = (
    r"part|chapter|(?:sub){0,2}section|(?:sub)?paragraph|[vh]space|multirow|caption|footnote|includegraphics|title"
)

BEGIN = re.compile(r"\\begin[ \t]*\{[ \t]*([A-Za-z]+\*?)[ \t]*\}")
EDGE = re.compile(r"\\(?:(begin)|end)[ \t]*\{[ \t]*([A-Za-z]+\*?)[ \t]*\}")
TOKEN = re.compile(
    rf"""(?P<blank>(?:\n[ \t]*){{2,}}) | (?P<newline>\n[ \t]*)
    | (?P<edge>{EDGE.pattern})
    | (?P<verb>\\verb\*?(?P<verb_mark>[^\w\s*])[^\n]{{0,400}}?(?P=verb_mark))
    | (?P<command>\\(?:(?:{STARRED})\*(?=[ \t]*[\[{{])|[A-Za-z]+))
    | (?P<symbol>\\.?) | (?P<dollar>\$\$?) | (?P<ticks>`+) | (?P<smiles><smiles>)
    | (?P<open>\{{) | (?P<close>\}}) | (?P<cell>&) | (?P<left>\[) | (?P<right>\]) | (?P<bang>!(?=\[))
    | (?P<mark>\*+|_+|~~+) | (?P<pipe>\|)
    | (?P<text>[^\\${{}}&\[\]*_~!`<\n|']+ | .)""",
    re.DOTALL | re.VERBOSE,
)
LINE_START = re.compile(
    r"""(?P<kern>\*\*kern(?:\t+\*\*\w+)*[ \t]*(?=\n|\Z))
    | (?P<rule>(?:-[ \t]*){3,}(?=\n|\Z) | (?:\*[ \t]*){3,}(?=\n|\Z) | (?:_[ \t]*){3,}(?=\n|\Z))
    | (?P<fence>(?P<fence_ticks>`{3,}|~{3,})[ \t]*(?P<language>[\w+\#.-]*)[ \t]*(?=\n|\Z))
    | (?P<hashes>\#{1,6}(?=[ \t]+[^\s])) | (?P<bullet>[-+*•](?=[ \t]+[^\s])) | (?P<number>[0-9]{1,3}[.)](?=[ \t]+[^\s]))
    """,
    re.VERBOSE,
)
# What a formula does not hold, or only within an environment of its own.
STRUCTURE = re.compile(
    r"\\(?P<edge>begin|end)[ \t]*\{[ \t]*(?P<name>[A-Za-z]+\*?)[ \t]*\}"
    r"|\\(?:(?P<cell>hline|cline|multicolumn|multirow)|item|(?:sub)*section|title|author|caption|footnote)(?![A-Za-z])"
)
KERN_END = re.compile(r"\n\*-(?:\t+\*-)*[ \t]*(?=\n|\Z)")
CODE_OPTIONS = re.compile(r"[ \t]*(?:\[([^\]\n]*)\])?(?:\{([\w+#.-]*)\})?")
LANGUAGE = re.compile(r"language=(\w+)")
LINE_START_KINDS: frozenset[Kind] = frozenset(("hashes", "bullet", "number", "rule", "fence", "kern"))
NEVER = 1 << 60


class Token(NamedTuple):
    """A piece of the text."""

    kind: Kind
    start: int
    end: int
    value: str  # what it says: a command's name, a formula without delimiters, the text itself
    name: str = ""  # environment of a formula or drawing, language of code


class Scan:
    """The tokens of a text, and the ends of groups and environments.

    Args:
        text: Any; line ends of every kind become `\\n`, and one is put before the first line.
    """

    def __init__(self, text: str) -> None:
        self.text = "\n" + text.replace("\r\n", "\n").replace("\r", "\n")
        self.tokens: list[Token] = _Scanner(self.text).run()
        count = len(self.tokens)
        self.partner = [-1] * count  # of `open` and `left`: the token that closes it
        self.content_end = [-1] * count  # of `begin`: the token after the content
        self.after = [-1] * count  # of `begin`: the token after the environment
        self.unmatched: list[int] = []  # environments without an end, ends without an environment
        self._match_brackets()
        self._match_groups()
        self._blanks = [0] * (count + 1)
        self.line_end = [count] * (count + 1)  # the first line end at or after a token
        for i, token in enumerate(self.tokens):
            self._blanks[i + 1] = self._blanks[i] + (token.kind == "blank")
        for i in range(count - 1, -1, -1):
            ends = self.tokens[i].kind in ("newline", "blank")
            self.line_end[i] = i if ends else self.line_end[i + 1]

    def _match_groups(self) -> None:
        """Pair braces and environments; what crosses the end of an environment is not paired."""
        stack: list[int] = []
        waiting: dict[str, int] = defaultdict(int)  # environments on the stack
        for i, token in enumerate(self.tokens):
            if token.kind == "open":
                stack.append(i)
            elif token.kind == "close" and stack and self.tokens[stack[-1]].kind == "open":
                self.partner[stack.pop()] = i
            elif token.kind == "begin":
                stack.append(i)
                waiting[token.value] += 1
            elif token.kind == "end" and waiting[token.value]:
                self._end_environment(stack, i, waiting)
            elif token.kind == "end":
                self.unmatched.append(i)
        for i in stack:
            if self.tokens[i].kind == "begin":
                self.unmatched.append(i)
                self.content_end[i] = self.after[i] = len(self.tokens)

    def _end_environment(self, stack: list[int], end: int, waiting: dict[str, int]) -> None:
        while True:
            i = stack.pop()
            if self.tokens[i].kind != "begin":
                continue
            waiting[self.tokens[i].value] -= 1
            self.content_end[i] = end
            if self.tokens[i].value == self.tokens[end].value:
                self.after[i] = end + 1
                return
            self.after[i] = end
            self.unmatched.append(i)

    def _match_brackets(self) -> None:
        waiting: list[int] = []
        for i, token in enumerate(self.tokens):
            if token.kind == "left":
                waiting.append(i)
            elif token.kind == "right" and waiting:
                self.partner[waiting.pop()] = i
            elif token.kind in ("blank", "begin", "end", "break", "cell"):
                waiting.clear()

    def has_blank(self, first: int, stop: int) -> bool:
        """Return whether a blank line lies among tokens."""
        return self._blanks[stop] > self._blanks[first]

    def raw(self, first: int, stop: int) -> str:
        """Return the text of tokens as it was written."""
        if first >= stop:
            return ""
        return self.text[self.tokens[first].start : self.tokens[stop - 1].end]

    def skip_space(self, i: int, stop: int) -> int:
        """Return the first token from `i` that is more than blanks in a line."""
        while i < stop and self.tokens[i].kind == "text" and self.tokens[i].value.isspace():
            i += 1
        return i

    def group(self, i: int, stop: int, *, paragraphs: bool = False) -> tuple[int, int] | None:
        """Return the first token in a brace group and the brace that ends it; None if there is no group at `i`.

        Args:
            i: A token; blanks before the group are skipped.
            stop: Where what is looked at ends.
            paragraphs: Whether the group may hold several paragraphs.
        """
        i = self.skip_space(i, stop)
        if i >= stop or self.tokens[i].kind != "open" or not i < self.partner[i] < stop:
            return None
        if not paragraphs and self.has_blank(i, self.partner[i]):
            return None
        return i + 1, self.partner[i]

    def index(self, place: int, i: int) -> int:
        """Return the first token from `i` that does not end before a place in the text."""
        while i < len(self.tokens) and self.tokens[i].end <= place:
            i += 1
        return i

    def option(self, i: int, stop: int) -> tuple[int, int] | None:
        """Return the first token in brackets and the bracket that ends them; None if there are none at `i`."""
        if i < stop and self.tokens[i].kind == "left" and i < self.partner[i] < stop:
            return i + 1, self.partner[i]
        return None


class _Scanner:
    """Cuts a text into tokens; positions of all delimiters are found first, so no search is repeated."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.marks: dict[str, list[int]] = defaultdict(list)
        for match in re.finditer(r"\\[^\n]|\$\$?|''|</smiles>|\n[ \t]*(?=\n)", text):
            found = match[0]
            self.marks["\n\n" if found[0] == "\n" else found].append(match.start())
        self.singles = sorted(self.marks["$"] + self.marks["$$"])
        self.runs: dict[int, list[int]] = defaultdict(list)
        for match in re.finditer("`+", text):
            self.runs[len(match[0])].append(match.start())
        self.ends = _environment_ends(text)
        self.kern_ends = [match.end() for match in KERN_END.finditer(text)]
        self.quote_ends: set[int] = set()

    def run(self) -> list[Token]:
        at = 0
        while at < len(self.text):
            at = self._one(at)
        return self.tokens

    def _one(self, at: int) -> int:
        if self.tokens and self.tokens[-1].kind in ("newline", "blank"):
            match = LINE_START.match(self.text, at)
            if match is not None:
                return self._line_start(match)
        match = TOKEN.match(self.text, at)
        assert match is not None  # the last alternative takes any character
        group, end = match.lastgroup, match.end()
        if at in self.quote_ends:
            return self._add("text", at, at + 2, "”")
        if group == "symbol":
            return self._symbol(at, match[0])
        if group == "dollar":
            return self._dollar(at, match[0])
        if group == "ticks":
            return self._ticks(at, len(match[0]))
        if group == "smiles":
            return self._smiles(at, end)
        if group == "edge":
            return self._edge(at, end)
        if group == "verb":
            return self._add("code", at, end, match[0].partition(match["verb_mark"])[2][:-1])
        if group == "command":
            return self._add("command", at, end, match[0][1:].rstrip("*"))
        return self._add(cast("Kind", group), at, end, match[0])  # these groups are named after kinds

    def _add(self, kind: Kind, start: int, end: int, value: str, name: str = "") -> int:
        self.tokens.append(Token(kind, start, end, value, name))
        return end

    def _next(self, places: Sequence[int], at: int) -> int:
        found = bisect.bisect_left(places, at)
        return places[found] if found < len(places) else NEVER

    def _line_start(self, match: re.Match[str]) -> int:
        start, end = match.span()
        if match["fence"] is not None:
            return self._fence(match)
        if match["kern"] is not None:
            blank = self._next(self.marks["\n\n"], end)
            closing = self._next(self.kern_ends, end + 1)
            end = closing if closing < NEVER else min(blank, len(self.text))
            return self._add("kern", start, end, self.text[start:end].rstrip())
        kinds: tuple[Kind, ...] = ("rule", "hashes", "bullet", "number")
        return self._add(next(kind for kind in kinds if match[kind] is not None), start, end, match[0])

    def _fence(self, match: re.Match[str]) -> int:
        ticks = match["fence_ticks"]
        closing = re.compile(rf"\n[ \t]*{ticks[0]}{{{len(ticks)},}}[ \t]*(?=\n|\Z)").search(self.text, match.end())
        end, after = (closing.start(), closing.end()) if closing is not None else (len(self.text), len(self.text))
        indent = len(self.tokens[-1].value.rpartition("\n")[2])
        body = re.sub(rf"^[ \t]{{0,{indent}}}", "", self.text[match.end() + 1 : end], flags=re.MULTILINE)
        return self._add("fence", match.start(), after, body, match["language"])

    def _symbol(self, at: int, symbol: str) -> int:
        if symbol == r"\(":
            return self._formula("math", at, r"\(", r"\)", across_lines=False)
        if symbol == r"\[":
            return self._formula("display", at, r"\[", r"\]", across_lines=True)
        if symbol == "\\\\":
            return self._add("break", at, at + 2, symbol)
        if symbol == "\\\n":
            return self._add("break", at, at + 1, "\\")
        if symbol in ("\\", r"\)", r"\]"):
            return self._add("text", at, at + len(symbol), symbol)
        return self._add("escape", at, at + 2, symbol[1])

    def _formula(self, kind: Kind, at: int, opening: str, closing: str, *, across_lines: bool) -> int:
        end = self._next(self.marks[closing], at)
        broken = self._next(self.marks[opening], at + 1) < end
        crosses = not across_lines and self._next(self.marks["\n\n"], at) < end
        if end == NEVER or broken or crosses or not _is_closed(self.text[at + 2 : end]):
            return self._add("text", at, at + 2, opening)
        return self._add(kind, at, end + 2, self.text[at + 2 : end].strip())

    def _dollar(self, at: int, dollars: str) -> int:
        blank = self._next(self.marks["\n\n"], at)
        if dollars == "$$":
            end = self._next(self.marks["$$"], at + 2)
            if end < blank and self.text[at + 2 : end].strip():
                return self._add("display", at, end + 2, self.text[at + 2 : end].strip())
            return self._add("text", at, at + 2, "$$")
        end = self._next(self.singles, at + 1)
        if end < blank and _is_formula(self.text[at + 1 : end], self.text[end + 1 : end + 2]):
            return self._add("math", at, end + 1, self.text[at + 1 : end].strip())
        return self._add("text", at, at + 1, "$")

    def _ticks(self, at: int, count: int) -> int:
        blank = self._next(self.marks["\n\n"], at)
        end = self._next(self.runs[count], at + count)
        quote = self._next(self.marks["''"], at + count)
        if count == 2 and quote < min(end, blank):
            self.quote_ends.add(quote)
            return self._add("text", at, at + 2, "“")
        # A tick after a blank and before a letter opens something itself.
        opens = self.text[end - 1 : end].isspace() and self.text[end + count : end + count + 1].isalnum()
        if end > blank or end == NEVER or (count == 1 and opens):
            return self._add("text", at, at + count, "`" * count)
        code = self.text[at + count : end].replace("\n", " ")
        if code.startswith(" ") and code.endswith(" ") and code.strip():
            code = code[1:-1]
        return self._add("code", at, end + count, code)

    def _smiles(self, at: int, end: int) -> int:
        closing = self._next(self.marks["</smiles>"], end)
        content = self.text[end:closing] if closing < NEVER else ""
        if not content.strip() or "<" in content or "\n\n" in content:
            return self._add("text", at, end, self.text[at:end])
        return self._add("smiles", at, closing + len("</smiles>"), content.strip())

    def _edge(self, at: int, end: int) -> int:
        begin = BEGIN.match(self.text, at)
        name = begin[1] if begin is not None else EDGE.sub(r"\2", self.text[at:end])
        if begin is None:
            return self._add("end", at, end, name)
        content, after = self.ends.get(at, (len(self.text), len(self.text)))
        if name == "tikzpicture":
            return self._add("drawing", at, after, self.text[at:after].rstrip(), "tikz")
        if name in VERBATIM:
            return self._verbatim(at, end, content, after)
        if at in self.ends and (name in DISPLAYS or name == "math"):
            inside = self.text[end:content].strip()
            return self._add("math" if name == "math" else "display", at, after, inside, name)
        if at in self.ends and name in NESTED_FORMULAS:
            return self._add("display", at, after, self.text[at:after])
        return self._add("begin", at, end, name)

    def _verbatim(self, at: int, end: int, content: int, after: int) -> int:
        options = CODE_OPTIONS.match(self.text, end)
        assert options is not None  # all of it is optional
        named = LANGUAGE.search(options[1] or "")
        code = self.text[options.end() : content]
        code = code.removeprefix("\n").rstrip(" \t").removesuffix("\n")
        return self._add("verbatim", at, after, code, options[2] or (named[1].lower() if named is not None else ""))


def _environment_ends(text: str) -> dict[int, tuple[int, int]]:
    """Return, for where an environment begins, where its content and where it itself ends."""
    ends: dict[int, tuple[int, int]] = {}
    waiting: dict[str, list[int]] = defaultdict(list)
    for match in EDGE.finditer(text):
        if match[1]:
            waiting[match[2]].append(match.start())
        elif waiting[match[2]]:
            ends[waiting[match[2]].pop()] = match.span()
    return ends


def _is_closed(content: str) -> bool:
    """Return whether delimiters enclose no more than a formula: no part of a table, no heading, no item of a list."""
    stack: list[str] = []
    for match in STRUCTURE.finditer(content):
        if match["name"] is None and (not stack or match["cell"] is None):
            return False
        if match["edge"] == "begin":
            stack.append(match["name"])
        elif match["edge"] == "end" and (not stack or stack.pop() != match["name"]):
            return False
    return not stack


def _is_formula(content: str, following: str) -> bool:
    """Return whether what stands between two dollars is a formula and not a sum of money."""
    if (
        not content.strip()
        or not _is_closed(content)
        or ("&" in content.replace(r"\&", "") and r"\begin" not in content)
    ):
        return False
    marked = re.search(r"[\\^_=]", content) is not None
    if content[0].isspace() or content[-1].isspace():
        return marked and content[0].isspace() and content[-1].isspace()
    if following.isdigit() or (following.isalnum() and re.search(r"[A-Za-z\\]", content) is None):
        return False
    return marked or re.match(r"[0-9][0-9.,]*\s+[A-Za-z]{2}", content) is None


class TokenReader:
    """Reads runs of tokens.

    Args:
        scan: The tokens.
    """

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.tokens = scan.tokens
