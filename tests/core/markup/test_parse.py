"""What becomes of markup as models write it, whole and broken: every case is one that was or will be seen."""

import pytest

from ocr2.markup import parse, to_html, to_latex, to_markdown, to_mmd, to_text
from ocr2.markup.nodes import Heading, Math, MathBlock, Paragraph, Text

TEXTS = {
    "an inline formula": (r"Let \(x\) be $y$.", "Let x be y."),
    "dollars that are no formulas": ("Costs $5 and $6, or $5-$10; US$3.", "Costs $5 and $6, or $5-$10; US$3."),
    "dollars around structure": ("$6. \\section{A} b $ c", "$6.\n\nA\n\nb $ c"),
    "a formula around the end of a row": (
        r"\begin{tabular}{l} \(a \\ \hline b\) \end{tabular}",
        "\\(a\nb\\)",
    ),
    "a formula with a matrix": (
        r"\(\begin{array}{c} a \\ \hline b \end{array}\)",
        r"\begin{array}{c} a \\ \hline b \end{array}",
    ),
    "a sum in dollars before a formula": ("For $5 we get $x$.", "For $5 we get x."),
    "dollars with blanks": ("So $ x^2 $ but $ 5 and $ 6.", "So x^2 but $ 5 and $ 6."),
    "a percent sign": ("50% of it\nand more", "50% of it\nand more"),
    "an escaped percent sign": (r"50\% of it", "50% of it"),
    "escapes": (r"R\&D \#1 \$5 a\_b \{c\} \~{} \^{}", "R&D #1 $5 a_b {c} ~ ^"),
    "Markdown's escapes": (r"\*a\* 1\. \- \`b\`", "*a* 1. - `b`"),
    "accents": (r"Erd\H{o}s G\"odel fran\c{c}ais na\"{\i}ve \'{e}t\'e \~n", "Erdős Gödel français naïve été ñ"),
    "letters": (r"Stra\ss e, \O re, \aa{}b, \L{}\'od\'z", "Straße, Øre, åb, Łódź"),
    "symbols": (r"a \ldots{} b \textendash{} c\S 3", "a … b – c§3".replace("§3", "§ 3")),
    "quotation marks": ("``a'' and ``b'' and `c'", "“a” and “b” and `c'"),
    "hyphenation": (r"hy\-phen and \- dash", "hyphen and - dash"),
    "old font switches": (r"{\bf a} {\it b} {c}", "a b {c}"),
    "commands of look": (r"\noindent \large a \vspace{1cm} b \textcolor{red}{c}", "a b c"),
    "an unknown command": (r"\foo{bar} \baz x", r"\foo{bar} \baz x"),
    "a look that is writing": (r"\vspace{some words}", r"\vspace{some words}"),
    "HTML in text": ("<b>x</b> &amp; <script>", "<b>x</b> &amp; <script>"),
    "backticks": ("`a|b` ``c`d`` and ` alone", "a|b c`d and ` alone"),
    "verb": (r"\verb|a_b$| x", "a_b$ x"),
    "stars and underscores in text": ("2*3*4 a_b_c __init__ 2**3", "2*3*4 a_b_c __init__ 2**3"),
    "links": (r"[a](http://b.c) f[3](4) \url{http://d.e/\%20}", "a (http://b.c) f[3](4) http://d.e/%20"),
    "an address that could run": ("[a](javascript:alert(1))", "[a](javascript:alert(1))"),
    "a picture": (r"![a](b.png) \includegraphics[width=\textwidth]{c.png}", "[a: b.png] [c.png]"),
    "line breaks": ("a \\\\ b\\\\[2pt]c\\\nd", "a\nb\nc\nd"),
    "CRLF": ("a\r\nb\r\n\r\nc", "a\nb\n\nc"),
    "Chinese": ("中文**粗体**，\\(x\\)。", "中文粗体，x。"),
    "superscripts": (r"x\textsuperscript{2}\textsubscript{i}", "x^2_i"),
    "an open brace": (r"a \textbf{b c", r"a \textbf{b c"),
    "an open formula": (r"Let \(x be. And \(y\).", r"Let \(x be. And y."),
    "an open display": ("a \\[ x\n\nb", "a \\[ x\n\nb"),
    "an open dollar": ("a $x\n\nb$ c", "a $x\n\nb$ c"),
    "a stray end": (r"a \end{tabular} \) } b", r"a \end{tabular} \) } b"),
    "an unknown environment": (r"\begin{foo} \textbf{a} \end{foo}", r"\begin{foo} a \end{foo}"),
    "left without right": (r"\(\left( x\)", r"\left( x"),
    "a footnote": (r"a\footnote{b \textit{c}} d", "a[1] d\n\n[1] b c"),
    "a footnote's text": (r"\footnotetext[2]{b}", "^2 b"),
    "a label": (r"a\label{sec:a} b", "a b"),
    "a heading with a formula": (r"\section*{The \(\ell_1\) norm}", r"The \ell_1 norm"),
    "a heading in Markdown": ("## A $x$ ##\ntext", "A x\n\ntext"),
    "no heading": ("#1 and #2", "#1 and #2"),
    "a fence": ("```python\nx = '\\(a'\n```\nb", "x = '\\(a'\n\nb"),
    "an open fence": ("```\nx\n\ny", "x\n\ny"),
    "an indented fence": ("- a\n  ```\n  x\n    y\n  ```", "- a\n  x\n    y"),
    "verbatim": ("\\begin{verbatim}\n\\foo{ & %\n\\end{verbatim}", "\\foo{ & %"),
    "a list": ("- a\n- b\n  c\n\n  d\n- e", "- a\n- b\n  c\n  d\n- e"),
    "nested lists": ("1. a\n   - b\n   - c\n2. d\n\ne", "1. a\n   - b\n   - c\n2. d\n\ne"),
    "numbers that do not follow": ("1. a\n3. b", "1. a\n\n3. b"),
    "a year that begins a line": ("1984. A book.", "1984. A book."),
    "LaTeX lists": (
        r"\begin{enumerate}[(a)] \setcounter{enumi}{2} \item a \begin{itemize} \item[x)] b \end{itemize} \item c",
        "3. a\n   x) b\n4. c",
    ),
    "bullets that are written": (r"\begin{itemize} \item[-] a \item[\(\bullet\)] b \end{itemize}", "- a\n- b"),
    "text before the first item": (r"\begin{itemize} a \item b \end{itemize}", "a\n\n- b"),
    "a list that a table ends": ("- a\n\\begin{tabular}{l} b \\end{tabular}\n- c", "- a\n\nb\n\n- c"),
    "a rule": ("a\n\n---\nb\n***", "a\n\n---\n\nb\n\n---"),
    "an abstract": (r"\begin{abstract} We. \end{abstract}", "Abstract\n\nWe."),
    "an abstract that says so": (r"\begin{abstract} \textbf{Abstract.} We. \end{abstract}", "Abstract. We."),
    "title and authors": ("\\title{\nA\n}\n\\author{\nB \\\\ C \\and D\n}", "A\n\nB\nC\nD"),
    "a figure": (
        r"\begin{figure}[h]\centering\includegraphics{a.png}\captionsetup{labelformat=empty}\caption{B}\end{figure}",
        "[a.png]\n\nB",
    ),
    "a molecule": ("Aspirin <smiles>CC(=O)O</smiles> and <smiles>open", "Aspirin CC(=O)O and <smiles>open"),
    "a boxed table": (r"\resizebox{\textwidth}{!}{\begin{tabular}{l} a \\ b \end{tabular}}", "a\nb"),
    "a chart": ('{"title": "a", "values": {"b": 1}}', '{"title": "a", "values": {"b": 1}}'),
    "music": ("**kern\n4c\n*-\nwords", "**kern\n4c\n*-\n\nwords"),
    "music without an end": ("**kern\n4c\n\nwords", "**kern\n4c\n\nwords"),
    "a picture in TikZ": (
        "a\n\\begin{tikzpicture}\n\\draw;\n\\end{tikzpicture} b",
        "a\n\n\\begin{tikzpicture}\n\\draw;\n\\end{tikzpicture}\n\nb",
    ),
    "a document with a preamble": (
        r"\documentclass[11pt]{article} \usepackage{amsmath} \begin{document} a \end{document}",
        "a",
    ),
    "nothing": ("", ""),
    "blanks": (" \n\t\n ", ""),
}


@pytest.mark.parametrize(("markup", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_markup_says(markup: str, text: str) -> None:
    assert to_text(parse(markup)) == text


@pytest.mark.parametrize(
    ("markup", "source", "environment"),
    [
        (r"\[ x = 1 \]", "x = 1", ""),
        ("$$\nx\n$$", "x", ""),
        (r"\begin{align*} a &= b \\[2pt] c \end{align*}", r"a &= b \\[2pt] c", "align*"),
        (r"\[ \begin{align} a &= b \end{align} \]", "a &= b", "align"),
        (r"\begin{pmatrix} 1 & 2 \end{pmatrix}", r"\begin{pmatrix} 1 & 2 \end{pmatrix}", ""),
        (r"\[ \begin{array}{c} a \\ b \end{array} \]", r"\begin{array}{c} a \\ b \end{array}", ""),
    ],
)
def test_a_display_is_a_block(markup: str, source: str, environment: str) -> None:
    tree = parse(f"before {markup} after")
    assert tree == (Paragraph((Text("before"),)), MathBlock(source, environment), Paragraph((Text("after"),)))


def test_levels_of_headings_are_those_of_markdown() -> None:
    names = ("title", "section", "subsection*", "subsubsection", "paragraph", "subparagraph*")
    tree = parse(" ".join(rf"\{name}{{a}}" for name in names) + "\n### b")
    assert [block.level for block in tree if isinstance(block, Heading)] == [1, 2, 3, 4, 5, 6, 3]


def test_a_display_in_a_sentence_of_a_command_stays_a_formula() -> None:
    (paragraph,) = parse(r"\textit{a \begin{align} b &= c \end{align}}")
    assert isinstance(paragraph, Paragraph)
    assert r"\begin{aligned} b &= c \end{aligned}" in to_text((paragraph,))


def test_what_lies_too_deep_stays_as_it_is() -> None:
    deep = r"\textbf{" * 40 + "word" + "}" * 40
    assert "word" in to_text(parse(deep))
    assert parse(r"\(x\)") == (Paragraph((Math("x"),)),)


HOSTILE = [
    *(r"\begin{tabular}", r"\begin{tabular}{c}", "{", "}", r"\textbf{", "*a ", "$", "$a$ ", "`", "`a", "``a'' ", r"\("),
    *(r"\[", r"\begin{itemize}\item ", "- a\n", "- a\n  ", "1. a\n", "[", "[a](", "![", "|", "|-|\n", "&", r"\\"),
    *("a & b \\\\\n", r"\multirow{9999}{*}{a}&", r"\multicolumn{99999}{c}{a}&", r"\footnote{", r"\hline ", "<smiles>"),
    *(
        "**kern\n\n",
        "```\n",
        "~~a ",
        r"\begin{tikzpicture}",
        r"\begin{align}",
        r"\'{",
        r"\( \left( \)",
        "\n\n",
        "{'a':",
    ),
    *(r"\begin{a}\end{b}", "\x00", "- - ", r"\verb|", r"\href{http://a}{", "_a *b ", r"\fbox{", "\\", "# ", r"\item "),
]


WRITERS = (to_markdown, to_html, to_text, to_latex, to_mmd)


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_input_is_read_and_written(piece: str) -> None:
    tree = parse(piece * (20_000 // len(piece)))
    for write in WRITERS:
        assert isinstance(write(tree), str)


@pytest.mark.parametrize(
    "piece", [r"\begin{tabular}", "{", r"\textbf{", "*a ", "$", "`a", r"\(", "- a\n  ", "[a](", r"\\"]
)
def test_long_hostile_input_keeps_its_letters(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    plain = to_text(parse(text))  # seconds; by the square of the length it would be minutes
    assert plain.count("a") >= piece.count("a ") * (200_000 // len(piece))


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 20_000 + "b* " * 20_000,
        r"{\bf " * 10_000 + "}" * 10_000,
        r"\begin{tabular}{c}" + "a&" * 10_000 + r"a\\" * 10_000,
        r"\begin{tabular}{c}" + r"\multirow{99999}{*}{a}&" * 1_000 + r"b\\" * 10_000,
        "|a" * 10_000 + "|\n" + "|-" * 10_000 + "|\n" + "|b\n" * 10_000,
        r"\( " + "x^{" * 20_000 + r" \)",
        r"\( " + r"\frac " * 20_000 + r" \)",
    ],
    ids=["emphasis", "switches", "wide", "spans", "pipes", "braces", "fractions"],
)
def test_hostile_nesting_is_read_and_written(text: str) -> None:
    tree = parse(text)  # as above
    for write in WRITERS:
        assert write(tree).strip()
