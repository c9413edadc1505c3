"""LaTeX documents: text escaped, sound formulas kept, and compiled where LaTeX is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ocr2.markup import parse, to_latex
from ocr2.markup.formulas import formula_problem
from ocr2.markup.nodes import Block, Paragraph, Text
from tests.core.markup.trees import WORDS, blocks


def body(markup: str) -> str:
    """Return what stands between the begin and end of the document."""
    return to_latex(parse(markup)).partition("\\begin{document}\n\n")[2].removesuffix("\n\n\\end{document}")


def preamble(markup: str) -> str:
    return to_latex(parse(markup)).partition(r"\begin{document}")[0]


@pytest.mark.parametrize(
    ("markup", "latex"),
    [
        (
            r"R\&D 5% $6 #1 a_b {c} ~ ^ < > | \textbackslash",
            r"R\&D 5\% \$6 \#1 a\_b \{c\} \textasciitilde{} \textasciicircum{} \textless{} \textgreater{} \textbar{} "
            r"\textbackslash{}",
        ),
        (r"\textbf{a} \textit{b} \underline{c} \sout{d}", r"\textbf{a} \textit{b} \underline{c} \sout{d}"),
        (r"Let \(5% < x\).", r"Let \(5\% < x\)."),
        (r"\(\frac{1\) and \(x_a_b\)", r"\texttt{\textbackslash{}frac\{1} and \texttt{x\_a\_b}"),
        (r"\(\left( x\)", r"\(( x\)"),
        (r"\(x \tag{1}\)", r"\(x \qquad(1)\)"),
        (r"\(\input{/etc/passwd}\)", r"\texttt{\textbackslash{}input\{/etc/passwd\}}"),
        (r"\[ x \]", "\\[\nx\n\\]"),
        (
            r"\begin{align*} a &= b \\" "\n\n" r"c &= d \end{align*}",
            "\\begin{align*}\na &= b \\\\\nc &= d\n\\end{align*}",
        ),
        (r"\[ \frac{1 \]", "\\begin{verbatim}\n\\frac{1\n\\end{verbatim}"),
        (r"\[ a \begin{align} x \end{align} \]", "\\[\na \\begin{aligned} x \\end{aligned}\n\\]"),
        ("a \\\\ [b] \\\\ c", "a\\\\\n{}[b]\\\\\nc"),
        ("- [a]\n- b", "\\begin{itemize}\n\\item {}[a]\n\\item b\n\\end{itemize}"),
        (r"\begin{itemize} \item[1)] a \end{itemize}", "\\begin{itemize}\n\\item[{1)}] a\n\\end{itemize}"),
        ("3. a", "\\begin{enumerate}\n\\setcounter{enumi}{2}\n\\item a\n\\end{enumerate}"),
        (
            "1. a\n   2. b",
            "\\begin{enumerate}\n\\item a\n\n\\begin{enumerate}\n\\setcounter{enumii}{1}\n\\item b\n"
            "\\end{enumerate}\n\\end{enumerate}",
        ),
        (r"a\footnote{b}", r"a\footnote[1]{b}"),
        (
            r"\begin{tabular}{l} a\footnote{b} \\ \end{tabular}",
            "\\begin{tabular}{l}\na\\footnotemark[1] \\\\\n\\end{tabular}\n\\footnotetext[1]{b}",
        ),
        (
            r"\begin{tabular}{|l|c|}\hline\multirow{2}{*}{a \\ b}&1 \\ \cline{2-2}&"
            r"\multicolumn{1}{r|}{[c]}\end{tabular}",
            "\\begin{tabular}{|l|c|}\n\\hline\n\\multirow{2}{*}{\\shortstack{a\\\\\nb}} & 1 \\\\\n\\cline{2-2}\n"
            " & \\multicolumn{1}{r|}{[c]} \\\\\n\\end{tabular}",
        ),
        (r"\begin{tabular}{l} a & b \end{tabular}", "\\begin{tabular}{ll}\na & b \\\\\n\\end{tabular}"),
        (r"\begin{figure}[h] \caption{a} \end{figure}", "\\begin{center}\na\n\\end{center}"),
        ("```\n\\end{verbatim}\n  x_1\n```", "\\texttt{\\textbackslash{}end\\{verbatim\\}}\\\\{}\n\\texttt{~~x\\_1}"),
        (
            r"\includegraphics{a_b.png} ![c](http://d/e)",
            r"\IfFileExists{a_b.png}{\includegraphics[width=0.8\linewidth]{a_b.png}}{\fbox{\texttt{a\_b.png}}} "
            r"\fbox{\texttt{c: http://d/e}}",
        ),
        (r"\href{http://a.b}{c} \url{http://d}", r"c (\texttt{http://a.b}) \texttt{http://d}"),
        ("# A\n\\author{B \\and C}\n## D", "\\title{A}\n\\author{B\\\\\nC}\n\\date{}\n\\maketitle\n\n\\section*{D}"),
        ("# A\n# B\n## C", "\\section*{A}\n\n\\section*{B}\n\n\\subsection*{C}"),
        ("- a\n\n  # A", "\\begin{itemize}\n\\item a\n\n\\noindent\\textbf{A}\n\\end{itemize}"),
        (r"\paragraph{A}", r"\noindent\textbf{A}"),
        ("- a\\label{b}\\\\ c", "\\begin{itemize}\n\\item a\\label{b}\\\\\nc\n\\end{itemize}"),
        ("## A\n### B", "\\section*{A}\n\n\\subsection*{B}"),
        ("```tikz\nx\n```", "\\begin{verbatim}\nx\n\\end{verbatim}"),
        (
            r"\begin{tikzpicture} \draw (0,0) \end{tikzpicture}",
            "\\begin{verbatim}\n\\begin{tikzpicture} \\draw (0,0) \\end{tikzpicture}\n\\end{verbatim}",
        ),
    ],
)
def test_markup_becomes_latex(markup: str, latex: str) -> None:
    assert body(markup) == latex


def test_packages_are_loaded_when_they_are_needed() -> None:
    plain = preamble("a")
    assert all(name in plain for name in ("amsmath", "multirow", "graphicx"))
    assert not any(name in plain for name in ("hyperref", "tikz", "ulem", "ctex", "!TeX"))
    assert "{tikz}" in preamble("\\begin{tikzpicture}\n\\draw (0,0);\n\\end{tikzpicture}")
    assert "{ulem}" in preamble(r"\sout{a}")
    assert "{ctex}" in preamble("中文")
    assert preamble("Ελλάδα").startswith("% !TeX program = xelatex\n")


def test_commands_that_may_be_unknown_are_defined() -> None:
    assert r"\providecommand{\foo}{\mathrm{foo}}" in preamble(r"\(\foo + \alpha\)")
    assert r"\alpha" not in preamble(r"\(\foo + \alpha\)")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(blocks(WORDS))
def test_braces_and_environments_pair_whatever_is_written(tree: tuple[Block, ...]) -> None:
    latex = to_latex(tree)
    while r"\begin{verbatim}" in latex:
        before, _, rest = latex.partition(r"\begin{verbatim}")
        latex = before + rest.partition(r"\end{verbatim}")[2]
    assert formula_problem(latex) is None


AWKWARD = r"""
\title{On \(\ell_1\) & other 50% things\footnote{Not # all.}} \author{A. Uthor \and B_2}
\begin{abstract} Costs $5 and $6. \end{abstract}
\section*{One} ``Quoted'' text with \(a<b\), \(\left( x\), \(\frac{1\) and \(\foo{1}\).
- [a] item
  1. sub~item^2
     - deeper
       - deepest
         - too deep
           - far too deep
\begin{align} a &= b \tag{1} \\ c &= d \end{align}
\begin{table} \caption{Table 1: *x*}
\begin{tabular}{|l|c|p{2cm}|} \hline
\multirow{2}{*}{A \\ B} & \multicolumn{2}{c|}{wide\footnote{in a cell}} \\ \cline{2-3}
 & [2pt] & \begin{tabular}{c} x \\ y \end{tabular} \\ \hline
* & - a & \[ x^2 \] \\ ragged \\
\end{tabular} \end{table}
```
verbatim $ % \
```
\begin{tikzpicture}
\draw[->] (0,0) -- (1,1) node {$x$};
\end{tikzpicture}
\begin{figure} \includegraphics{missing.png} \caption{Figure 1} \end{figure}
<smiles>C#N</smiles> \sout{gone} a\textsuperscript{2} \url{http://a.b/c_d%20#e}

---
"""


@pytest.mark.tex
def test_an_awkward_document_compiles(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("needs LaTeX")
    latex = to_latex(parse(AWKWARD))
    assert all(
        part in latex for part in (r"\draw[->]", r"\sout{gone}", r"\multirow{2}", r"\begin{align}", "verbatim $ % \\")
    )
    (tmp_path / "a.tex").write_text(latex, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "a.pdf").stat().st_size > 10_000


def test_check_boxes_are_signs_that_latex_has() -> None:
    written = to_latex((Paragraph((Text("☐ no ☒ yes"),)),))
    assert r"\ensuremath{\square} no \ensuremath{\boxtimes} yes" in written
