"""A tree as a LaTeX document that compiles: text escaped, sound formulas and tables as they are, the rest as code."""

import re
from collections.abc import Sequence

from ocr2.markup import nodes
from ocr2.markup.formulas import FOREIGN, FormulaError, escape_percent, mended, to_mathml, unknown_commands
from ocr2.markup.scan import EDGE
from ocr2.markup.tex import TexWriter
from ocr2.markup.tikz import tikz_problem

SECTIONS = ("section*", "subsection*", "subsubsection*")
# Lists of one kind, and environments of any kind, within each other; LaTeX refuses more.
MAX_LISTS = 4
MAX_INSIDE = 5
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "☐": r"\ensuremath{\square}", "☒": r"\ensuremath{\boxtimes}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
}  # fmt: skip
ESCAPES = str.maketrans(SPECIAL)
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
BEYOND_LATIN = re.compile(r"[^\x00-\u017f\u2010-\u2026\u20ac\u2122]")
SAFE_FILE = re.compile(r"[A-Za-z0-9_/.-]+")
TAG = re.compile(r"\\tag\*?[ ]*\{([^{}]*)\}")
PACKAGES = {
    "ulem": r"\IfFileExists{ulem.sty}{\usepackage[normalem]{ulem}}{\let\sout\relax}",
    "tikz": "\\usepackage{tikz}\n\\usetikzlibrary{angles,arrows.meta,calc,intersections,patterns,positioning,quotes}",
}
# Environments that may not stand within another formula, and what may.
INNER = {
    **dict.fromkeys(("align", "align*", "flalign", "flalign*", "eqnarray", "eqnarray*"), "aligned"),
    **dict.fromkeys(("gather", "gather*", "multline", "multline*", "dmath", "dmath*"), "gathered"),
    **dict.fromkeys(("alignat", "alignat*"), "alignedat"),
}


def to_latex(blocks: Sequence[nodes.Block]) -> str:
    """Return a whole document without a final line end; docs/markup.md says what it needs to compile."""
    writer = LatexWriter(blocks)
    body = writer.document(blocks)
    lines = []
    if BEYOND_LATIN.search(body):
        lines.append("% !TeX program = xelatex")
    lines += [
        r"\documentclass{article}",
        r"\usepackage{iftex}",
        r"\ifPDFTeX\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\else\usepackage{fontspec}\fi",
        r"\usepackage{amsmath,amssymb}",
        r"\usepackage{multirow}",
        r"\usepackage{graphicx}",
    ]
    lines += [PACKAGES[package] for package in sorted(writer.packages)]
    if CJK.search(body):
        lines.append(r"\IfFileExists{ctex.sty}{\usepackage{ctex}}{}")
    lines += [rf"\providecommand{{\{name}}}{{\mathrm{{{name}}}}}" for name in unknown_commands(writer.formulas)]
    return "\n".join([*lines, r"\begin{document}", "", body, "", r"\end{document}"])


class LatexWriter(TexWriter):
    """Writes LaTeX.

    Args:
        blocks: All of the document; its headings decide which of them is the title.
    """

    def __init__(self, blocks: Sequence[nodes.Block]) -> None:
        super().__init__()
        self.packages: set[str] = set()
        self.formulas: list[str] = []  # that were written as such
        levels = [block.level for block in blocks if isinstance(block, nodes.Heading)]
        self._has_title = levels[:1] == [1] and levels.count(1) == 1
        self._top = 2 if self._has_title or 1 not in levels else 1  # level of a section
        self._number = 0  # of footnotes
        self._held: list[tuple[int, str]] | None = None  # footnotes of what cannot hold their text
        self._in_cell = False
        self._inside = 0  # lists and other environments around, which LaTeX counts as lists

    def document(self, blocks: Sequence[nodes.Block]) -> str:
        """Return everything between the document's begin and end."""
        title = next((i for i, b in enumerate(blocks) if isinstance(b, nodes.Heading)), 0)
        if not self._has_title:
            return self.blocks(blocks)
        rest = list(blocks[title + 1 :])
        authors = []
        while rest and isinstance(first := rest[0], nodes.Paragraph) and first.role == "author":
            authors.append(first.children)
            rest.pop(0)
        heading = blocks[title]
        assert isinstance(heading, nodes.Heading)
        self._held = []
        front = [rf"\title{{{self._line(heading.children)}}}"]
        names = " \\\\\n".join(self.inline(children) for children in authors)
        front += [rf"\author{{{names}}}", r"\date{}", r"\maketitle"]
        parts = [self.blocks(blocks[:title]), "\n".join(front) + self._released(), self.blocks(rest)]
        return "\n\n".join(part for part in parts if part)

    def _line(self, children: Sequence[nodes.Inline]) -> str:
        return " ".join(self.inline(children).split("\n"))

    def _released(self) -> str:
        held, self._held = self._held or [], None
        return "".join(f"\n\\footnotetext[{number}]{{{text}}}" for number, text in held)

    def heading(self, level: int, text: str) -> str:
        """Return a heading."""
        depth = max(level - self._top, 0)
        # LaTeX refuses sections in lists, and puts deeper ones onto the line of a paragraph that may not follow.
        is_section = depth < len(SECTIONS) and not self._inside and not self._in_cell
        return f"\\{SECTIONS[depth]}{{{text}}}" if is_section else rf"\noindent\textbf{{{text}}}"

    def paragraph(self, children: Sequence[nodes.Inline], role: nodes.Role) -> str:
        """Return a paragraph; authors that no title goes before stand in the middle."""
        written = self.inline(children)
        return f"\\begin{{center}}\n{written}\n\\end{{center}}" if role == "author" else written

    def group(self, group: nodes.Group) -> str:
        """Return an environment; figures and tables stay where they are."""
        name = {"quote": "quote", "abstract": "quotation" if nodes.says_abstract(group.blocks) else "abstract"}
        environment = name.get(group.kind, "center")
        self._inside += 1
        written = self.blocks(group.blocks)
        self._inside -= 1
        return f"\\begin{{{environment}}}\n{written}\n\\end{{{environment}}}" if self._inside < MAX_INSIDE else written

    def list(self, block: nodes.List) -> str:
        """Return a list; where LaTeX would refuse one more, its items are paragraphs."""
        self._inside += 1
        if self._inside > MAX_LISTS:
            written = "\n\n".join(f"-- {self.blocks((*_label(item), *item.blocks))}" for item in block.items)
        else:
            written = super().list(block)
        self._inside -= 1
        return written

    def table(self, table: nodes.Table) -> str:
        """Return a tabular with its footnotes below: within it their text would be lost."""
        if self._held is not None:
            return super().table(table)
        self._held = []
        written = super().table(table)
        return written + self._released()

    def rules(self, rules: Sequence[str], columns: int) -> Sequence[str]:
        """Return lines that end where the table ends."""
        kept = []
        for rule in rules:
            part = re.fullmatch(r"\\cline\{([0-9]+)-([0-9]+)\}", rule)
            first, last = (int(part[1]), min(int(part[2]), columns)) if part is not None else (1, columns)
            if part is None:
                kept.append(rule)
            elif 1 <= first <= last:
                kept.append(rf"\cline{{{first}-{last}}}")
        return kept

    def cell_blocks(self, blocks: Sequence[nodes.Block]) -> str:
        """Return blocks in a box, as a column is not made for paragraphs."""
        outside, self._in_cell = self._in_cell, True
        written = self.blocks(blocks)
        self._in_cell = outside
        return f"\\begin{{minipage}}[t]{{0.4\\linewidth}}\n{written}\n\\end{{minipage}}"

    def code_block(self, block: nodes.CodeBlock) -> str:
        """Return lines of code."""
        code = CONTROLS.sub(" ", block.text)
        if not self._in_cell and r"\end{verbatim}" not in code:
            return f"\\begin{{verbatim}}\n{code}\n\\end{{verbatim}}"
        lines = []
        for line in code.split("\n"):
            indent = len(line) - len(line.lstrip())
            lines.append(rf"\texttt{{{'~' * indent}{self.text(line.lstrip()) or '~'}}}")
        return "\\\\{}\n".join(lines)

    def formula_block(self, block: nodes.MathBlock) -> str:
        """Return a formula, or its source if it does not hold together."""
        source = self._sound(block.source, block.environment)
        if source is None:
            return self.code_block(nodes.CodeBlock(block.source))
        if block.environment in ("", "displaymath"):
            return f"\\[\n{source}\n\\]"
        environment = "equation*" if block.environment.startswith("dmath") else block.environment
        return f"\\begin{{{environment}}}\n{source}\n\\end{{{environment}}}"

    def _sound(self, source: str, environment: str = "") -> str | None:
        """Return a formula that LaTeX will take, as far as can be told; None if it would not."""
        whole = mended(source, environment)
        dollars = len(re.findall(r"(?<!\\)\$", source))
        if whole is None or FOREIGN.search(source) or dollars % 2 or (dollars and r"\text" not in source):
            return None
        try:
            to_mathml(source, environment=environment)
        except FormulaError as error:
            if error.known:
                return None
        whole = EDGE.sub(_inner, escape_percent(CONTROLS.sub(" ", whole)))
        self.formulas.append(whole)
        return "\n".join(line for line in whole.split("\n") if line.strip())

    def drawing(self, drawing: nodes.Drawing) -> str:
        """Return a TikZ picture that holds together, or else the source."""
        sound = drawing.kind == "tikz" and tikz_problem(drawing.source) is None
        if not sound or self._in_cell or FOREIGN.search(drawing.source):
            return self.code_block(nodes.CodeBlock(drawing.source))
        self.packages.add("tikz")
        return drawing.source

    def rule(self) -> str:
        """Return a line across the page."""
        return r"\noindent\rule{\linewidth}{0.4pt}"

    def leaf(self, part: nodes.Math | nodes.Code | nodes.Smiles | nodes.Image) -> str:
        """Return an inline part; a picture only if its file is there, and its name if not."""
        match part:
            case nodes.Math(source):
                sound = self._sound(source)
                if sound is None:
                    return rf"\texttt{{{self.text(source)}}}"
                tagged = TAG.sub(r"\\qquad(\1)", sound)
                return rf"\({tagged}\)"
            case nodes.Code(text) | nodes.Smiles(text):
                return rf"\texttt{{{self.text(text)}}}"
            case nodes.Image(target, alt):
                name = rf"\fbox{{\texttt{{{self.text(f'{alt}: {target}' if alt else target)}}}}}"
                if SAFE_FILE.fullmatch(target) is None:
                    return name
                return rf"\IfFileExists{{{target}}}{{\includegraphics[width=0.8\linewidth]{{{target}}}}}{{{name}}}"

    def link(self, link: nodes.Link) -> str:
        """Return the text of a link and its address."""
        address = rf"\texttt{{{self.text(link.target)}}}"
        return address if link.children == (nodes.Text(link.target),) else f"{self.inline(link.children)} ({address})"

    def footnote(self, children: Sequence[nodes.Inline]) -> str:
        """Return a footnote; all have numbers, as some stand below what they belong to."""
        self._number += 1
        number = self._number
        if self._held is not None:
            place = len(self._held)
            self._held.append((number, ""))  # a note within this one comes after it
            self._held[place] = (number, self._line(children))
            return rf"\footnotemark[{number}]"
        self._held = []
        text = self._line(children)
        return rf"\footnote[{number}]{{{text}}}" + self._released()

    def inline(self, parts: Sequence[nodes.Inline]) -> str:
        """Return inline parts; what follows a line break is not taken for its arguments."""
        written: list[str] = []
        begun = False
        for i, part in enumerate(parts):
            piece = self.part(part)
            if i and isinstance(parts[i - 1], nodes.LineBreak) and piece[:1] in ("[", "*"):
                piece = f"{{}}{piece}"
            if isinstance(part, nodes.LineBreak) and not begun:
                piece = rf"\leavevmode{piece}"  # there must be a line to end
            begun = begun or not isinstance(part, nodes.Label)
            written.append(piece)
        return "".join(written)

    def guarded(self, content: str) -> str:
        """Return what follows a command."""
        return "{}" + content if content[:1] in ("[", "*") else content

    def label(self, text: str) -> str:
        """Return what an item has instead of its bullet or number."""
        return f"[{{{text}}}]"

    def strike(self, text: str) -> str:
        """Return text that was struck out."""
        self.packages.add("ulem")
        return rf"\sout{{{text}}}"

    def text(self, text: str) -> str:
        """Return text that LaTeX shows as it is."""
        return CONTROLS.sub(" ", text).translate(ESCAPES)


def _label(item: nodes.Item) -> tuple[nodes.Block, ...]:
    return (nodes.Paragraph(item.label),) if item.label else ()


def _inner(match: re.Match[str]) -> str:
    """Return the edge of an environment under a name that may stand within a formula."""
    edge = "begin" if match[1] else "end"
    name = match[2]
    if name.startswith("equation") or name == "displaymath":
        return ""
    return rf"\{edge}{{{INNER.get(name, name)}}}"
