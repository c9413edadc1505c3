"""HTML is well formed, shows the words, runs nothing and loads nothing."""

import pytest
from hypothesis import HealthCheck, given, settings

from ocr2.markup import parse, to_html
from ocr2.markup.nodes import Block
from tests.core.markup.trees import WORDS, blocks
from tests.markup_readers import PairedTags

VOID = {"br", "hr"}
ATTRIBUTES = {"class", "start", "colspan", "rowspan", "style", "id", "href", "display", "encoding"}
TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "div", "figure", "blockquote", "table", "tr", "td"),
    *("pre", "code", "strong", "em", "u", "s", "sup", "sub", "a", "span", "math", "semantics", "annotation", *VOID),
}


class Reader(PairedTags):
    """Collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        self.texts: list[str] = []
        super().__init__(html, VOID)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(blocks(WORDS))
def test_any_tree_is_well_formed_and_harmless(tree: tuple[Block, ...]) -> None:
    read = Reader(to_html(tree))
    assert {tag for tag in read.tags if not tag.startswith("m")} <= TAGS
    assert all(name in ATTRIBUTES for name, _ in read.attributes if "math" not in read.tags)
    assert all(
        value is None or value.startswith(("http", "mailto:")) for name, value in read.attributes if name == "href"
    )


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        r"\(\text{<script>alert(1)</script>}\)",
        r"\(\href{javascript:alert(1)}{x}\)",
        r"\(\style{background:url(http://a)}{x}\)",
        r"\(<img src=x onerror=alert(1)>\)",
        "[a](javascript:alert(1))",
        r"\href{javascript:alert(1)}{a}",
        "![a](http://a.org/x.png)",
        r'\includegraphics{"><script>alert(1)</script>}',
        '```"><script>\nx\n```',
        r"\begin{minted}{html}<script>\end{minted}",
        r"\href{http://a.org/\"onclick=\"alert(1)}{a}",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(markup: str) -> None:
    read = Reader(to_html(parse(markup)))
    assert not {"script", "img", "style", "link"} & set(read.tags)
    names = {name for name, _ in read.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "style")}
    assert not any("javascript" in (value or "") for _, value in read.attributes)


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        (r"\title{A} \author{B}", '<h1>A</h1>\n<p class="author">B</p>'),
        (r"a \textbf{b} & $5 < 6", "<p>a <strong>b</strong> &amp; $5 &lt; 6</p>"),
        ("a \\\\ b", "<p>a<br>b</p>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"),
        (r"\begin{itemize}\item[a)] b\end{itemize}", '<ul>\n<li class="labelled">a) b</li>\n</ul>'),
        (
            r"\begin{tabular}{l|r} \multicolumn{2}{c}{a} \\ \multirow{2}{*}{b} & c \\ & d \end{tabular}",
            '<table>\n<tr><td colspan="2" style="text-align:center">a</td></tr>\n'
            '<tr><td rowspan="2">b</td><td style="text-align:right">c</td></tr>\n'
            '<tr><td style="text-align:right">d</td></tr>\n</table>',
        ),
        (
            r"\begin{figure}\includegraphics{a.png}\caption{B}\end{figure}",
            '<figure class="figure">\n<p><span class="image">[a.png]</span></p>\n<p class="caption">B</p>\n</figure>',
        ),
        (r"a\footnote{b}", '<p>a<sup>1</sup></p>\n<p class="footnote" id="note-1"><sup>1</sup> b</p>'),
        ("```python\nx<1\n```", '<pre><code class="language-python">x&lt;1</code></pre>'),
        (r"\(\frac{1\)", '<p><code class="math">\\frac{1</code></p>'),
        (r"<smiles>C=O</smiles>", '<p><code class="smiles">C=O</code></p>'),
        (r"\begin{quote}a\end{quote} \hrule", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>"),
        (r"a\label{b}", "<p>a</p>"),
    ],
)
def test_markup_becomes_html(markup: str, html: str) -> None:
    assert to_html(parse(markup)) == html


def test_a_display_is_mathml_that_carries_its_source() -> None:
    html = to_html(parse(r"\[ \begin{aligned} a &= b \\ c &< d \end{aligned} \]"))
    read = Reader(html)
    assert read.tags[:3] == ["div", "math", "semantics"]
    assert read.tags.count("mtr") == 2
    assert read.texts[-1] == r"\begin{aligned} a &= b \\ c &< d \end{aligned}"
    assert 'display="block"' in html


def test_footnotes_of_several_pages_have_names_of_their_own() -> None:
    assert 'id="p3-note-1"' in to_html(parse(r"a\footnote{b}"), notes="p3-")
