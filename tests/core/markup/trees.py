"""Trees of markup in their normal form, drawn at random."""

from collections.abc import Sequence

from hypothesis import strategies as st

from ocr2.markup import nodes

# Whatever is printed, markup more often than chance would have it.
MARKS = st.text("\\`*_{}[]()#+-.!<>&;:~=|'\"$%^@/1aé", min_size=1, max_size=6)
TRAPS = st.sampled_from(
    [
        *(
            "1.",
            "2)",
            "-",
            "+",
            "*",
            "•",
            "#",
            "##",
            ">",
            "```",
            "~~~",
            "---",
            "===",
            "&amp;",
            "<b>",
            "[x]",
            "``",
            "''",
        ),
        *("|", "|---|", "$5", "$6", "$x$", "$$", r"\(", r"\)", r"\[", r"\begin{tabular}", r"\\", r"\hline", "<smiles>"),
        *("**kern", r"\item", "[2pt]", "[h]", "![a](b)", "[a](http://b)", "</smiles>", r"\textbf{", "%", "100%"),
    ]
)
LETTERS = st.text(st.characters(exclude_categories=("C", "Z", "M")), min_size=1, max_size=6)
PLAIN = st.text("abcdefghijklmnopqrstuvwxyzABCäöé中文0123456789", min_size=1, max_size=8)
WORDS = st.one_of(MARKS, TRAPS, LETTERS, PLAIN)
FORMULAS = st.sampled_from(
    ["x", "a_1 < b", r"\frac{1}{2}", r"\left( y \right)", "E = mc^2", r"50\%", r"|x|", r"\alpha"]
)
ENVIRONMENTS = st.sampled_from(["", "align*", "equation", "gather"])
CODES = st.lists(PLAIN | MARKS, min_size=1, max_size=3).map(" ".join)
TIKZ = "\\begin{tikzpicture}\n\\draw (0,0) -- (1,1);\n\\end{tikzpicture}"
KERN = "**kern\n*clefG2\n4c\n*-"


def texts(words: st.SearchStrategy[str] = WORDS, gaps: str = "  \n") -> st.SearchStrategy[nodes.Text]:
    """Words with single blanks or line ends between them."""
    pairs = st.lists(st.tuples(words, st.sampled_from(gaps)), min_size=1, max_size=5)
    return pairs.map(lambda found: nodes.Text("".join(word + gap for word, gap in found)[:-1]))


def leaves() -> st.SearchStrategy[nodes.Inline]:
    """Inline parts that hold no others."""
    return st.one_of(
        FORMULAS.map(nodes.Math),
        CODES.map(nodes.Code),
        st.just(nodes.Smiles("CC(=O)O")),
        st.just(nodes.Label("eq:1")),
        st.builds(nodes.Image, st.just("fig-1.png"), st.sampled_from(["", "a picture"])),
    )


def runs(
    parts: st.SearchStrategy[nodes.Inline],
    text: st.SearchStrategy[nodes.Text],
    *,
    breaks: bool = False,
    apart: tuple[type[nodes.Inline], ...] = (nodes.Text,),
) -> "Runs":
    """Runs of inline parts: no two of what must be `apart` side by side, blanks not at the ends."""

    @st.composite
    def draw_run(draw: st.DrawFn) -> tuple[nodes.Inline, ...]:
        found: list[nodes.Inline] = []
        for part in draw(st.lists(parts | text, min_size=1, max_size=4)):
            if found and any(isinstance(part, kind) and isinstance(found[-1], kind) for kind in apart):
                continue
            if found and breaks and draw(st.integers(0, 5)) == 0:
                found.append(nodes.LineBreak())
            found.append(part)
        return spaced(found, draw(st.booleans()))

    return draw_run()


Runs = st.SearchStrategy[tuple[nodes.Inline, ...]]


def spaced(parts: Sequence[nodes.Inline], wide: bool) -> tuple[nodes.Inline, ...]:
    """Put blanks at the ends of texts where something else than a line break follows or precedes."""
    found: list[nodes.Inline] = []
    for i, part in enumerate(parts):
        if isinstance(part, nodes.Text) and wide:
            before = " " if i and not isinstance(parts[i - 1], nodes.LineBreak) else ""
            after = " " if i + 1 < len(parts) and not isinstance(parts[i + 1], nodes.LineBreak) else ""
            part = nodes.Text(before + part.text + after)
        found.append(part)
    return tuple(found)


def inlines(
    words: st.SearchStrategy[str] = WORDS, *, breaks: bool = False, gaps: str = "  \n", notes: bool = True
) -> Runs:
    """Runs of inline parts within each other."""
    inner = runs(leaves(), texts(words, gaps))
    styles = st.sampled_from(["bold", "italic", "underline", "strike", "superscript", "subscript"])
    nested = st.one_of(
        leaves(),
        st.builds(nodes.Styled, styles, inner),
        st.builds(nodes.Link, st.sampled_from(["http://a.org/b_c?d=1&e=%20#f", "mailto:a@b.org"]), inner),
        st.builds(nodes.Footnote, inner) if notes else st.nothing(),
    )
    return runs(nested, texts(words, gaps), breaks=breaks)


def tables(
    content: st.SearchStrategy[tuple[nodes.Block, ...]], *, spans: bool = True
) -> st.SearchStrategy[nodes.Table]:
    """Tables whose rows fill their columns."""

    @st.composite
    def draw_table(draw: st.DrawFn) -> nodes.Table:
        width, height = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        taken: set[tuple[int, int]] = set()
        rows = []
        rules = st.sampled_from([(), (r"\hline",), (r"\hline", r"\hline"), (r"\cline{1-2}",)])
        for y in range(height):
            cells = []
            for x in range(width):
                if (x, y) in taken:
                    continue
                room = next((n for n in range(1, width - x) if (x + n, y) in taken), width - x)
                columns = draw(st.integers(1, room)) if spans and draw(st.booleans()) else 1
                down = draw(st.integers(1, height - y)) if spans and draw(st.booleans()) else 1
                taken |= {(x + i, y + j) for i in range(columns) for j in range(down)}
                blocks = draw(content) or (nodes.Paragraph((nodes.Text("filled"),)),)
                spec = draw(st.sampled_from(["l", "|c|"])) if columns > 1 else ""
                cells.append(nodes.Cell(blocks if x == 0 or draw(st.booleans()) else (), columns, down, spec))
            rows.append(nodes.Row(tuple(cells), draw(rules)))
        return nodes.Table("|".join(draw(st.sampled_from("lcr")) for _ in range(width)), tuple(rows), draw(rules))

    return draw_table()


def simple_cells(words: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[tuple[nodes.Block, ...]]:
    """Cells of one line."""
    lines = runs(leaves(), texts(words, " "), breaks=True)
    return lines.map(lambda parts: (nodes.Paragraph(parts),) if parts else ())


def blocks(words: st.SearchStrategy[str] = WORDS, *, notes: bool = True) -> st.SearchStrategy[tuple[nodes.Block, ...]]:
    """Whole documents."""
    paragraphs = st.builds(
        nodes.Paragraph,
        inlines(words, breaks=True, notes=notes),
        st.sampled_from(["body", "body", "caption", "author"]),
    )
    flat: st.SearchStrategy[nodes.Block] = st.one_of(
        paragraphs,
        st.builds(nodes.Heading, st.integers(1, 6), inlines(words, gaps=" ", notes=notes)),
        st.builds(nodes.MathBlock, FORMULAS, ENVIRONMENTS),
        st.builds(nodes.CodeBlock, st.lists(CODES, max_size=3).map("\n".join), st.sampled_from(["", "python"])),
        st.sampled_from([nodes.Rule(), nodes.Drawing("tikz", TIKZ), nodes.Drawing("kern", KERN)]),
        tables(simple_cells(words)),
    )
    return st.lists(nest(nest(flat)), max_size=4).map(tuple)


def nest(inner: st.SearchStrategy[nodes.Block]) -> st.SearchStrategy[nodes.Block]:
    """Blocks, and lists, groups and tables of them."""
    content = st.lists(inner, min_size=1, max_size=2).map(tuple)
    labels = st.just(()) | texts(PLAIN, " ").map(lambda text: (text,))
    items = st.lists(st.builds(nodes.Item, content | st.just(()), labels), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        inner,
        st.builds(lambda items: nodes.List(False, items), items),
        st.builds(lambda items, start: nodes.List(True, items, start), items, st.integers(0, 20)),
        st.builds(nodes.Group, st.sampled_from(["abstract", "quote", "figure", "table"]), content),
        tables(content),
    )
