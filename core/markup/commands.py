"""Commands of LaTeX by what becomes of them; what is not here stays in the text as it was written."""

import re

from ocr2.markup.nodes import Style

STYLES: dict[str, Style] = {
    "textbf": "bold", "textit": "italic", "emph": "italic", "textsl": "italic", "underline": "underline",
    "uline": "underline", "sout": "strike", "textsuperscript": "superscript", "textsubscript": "subscript",
}  # fmt: skip
# The old way: up to the end of the group.
SWITCHES: dict[str, Style] = {
    "bf": "bold", "bfseries": "bold", "it": "italic", "itshape": "italic", "em": "italic", "sl": "italic",
    "slshape": "italic",
}  # fmt: skip

_NAME = r"[\w .:*-]*"
_COLOUR = r"[\w!.-]*"
_LENGTH = r"[-+]?[ ]?[0-9]*[.,]?[0-9]*[ ]?(?:pt|mm|cm|in|em|ex|bp|pc|sp|!|\\[a-z]+)?"

# Show their last argument and change nothing else that matters here; the arguments before it must look so.
SHOWN: dict[str, tuple[str, ...]] = {
    "text": (), "textrm": (), "textnormal": (), "textsf": (), "textsc": (), "textmd": (), "textup": (), "mbox": (),
    "hbox": (), "fbox": (), "makebox": (), "framebox": (), "makecell": (), "shortstack": (), "thead": (),
    "centerline": (), "textcolor": (_COLOUR,), "colorbox": (_COLOUR,), "parbox": (_LENGTH,),
    "raisebox": (_LENGTH,), "resizebox": (_LENGTH, _LENGTH), "scalebox": (_LENGTH,), "rotatebox": (_LENGTH,),
    "adjustbox": (r"[\w =,.\\-]*",),
}  # fmt: skip

# Only say how things look.
SILENT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((
        "centering", "raggedright", "raggedleft", "noindent", "indent", "maketitle", "protect", "relax", "null",
        "tiny", "scriptsize", "footnotesize", "small", "normalsize", "large", "Large", "LARGE", "huge", "Huge",
        "normalfont", "bigskip", "medskip", "smallskip", "newpage", "clearpage", "pagebreak", "vfill", "strut",
        "displaystyle", "textstyle", "boldmath", "arraybackslash", "allowbreak", "nobreak", "endhead",
        "endfirsthead", "endfoot", "endlastfoot", "tableofcontents", "selectfont", "appendix",
    ), ()),
    "vspace": (_LENGTH,), "hspace": (_LENGTH,), "vskip": (_LENGTH,), "captionsetup": (r"[\w =,.:*-]*",),
    "setlength": (r"\\[a-z]+", _LENGTH), "setcounter": (_NAME, "-?[0-9]*"), "addtocounter": (_NAME, "-?[0-9]*"),
    "thispagestyle": (_NAME,), "pagestyle": (_NAME,), "pagenumbering": (_NAME,), "color": (_COLOUR,),
    "cellcolor": (_COLOUR,), "rowcolor": (_COLOUR,), "documentclass": (_NAME,), "usepackage": (r"[\w ,-]*",),
    "fontsize": (_LENGTH, _LENGTH), "rule": (_LENGTH, _LENGTH),
}  # fmt: skip

HEADINGS = {
    "title": 1, "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
    "subparagraph": 6,
}  # fmt: skip
AUTHORS = frozenset(("author", "affil", "affiliation", "institute", "address", "email", "date"))
TABLE_ENVIRONMENTS = frozenset(("tabular", "tabular*", "tabularx", "tabulary", "longtable", "supertabular"))
LIST_ENVIRONMENTS = frozenset(("itemize", "enumerate", "description", "compactitem", "compactenum"))
FIGURES = frozenset(("figure", "figure*", "wrapfigure", "subfigure", "algorithm", "algorithm*", "scheme"))
TABLES = frozenset(("table", "table*", "wraptable", "sidewaystable"))
# Environments of which only the content matters.
TRANSPARENT = frozenset(
    (
        *("center", "flushleft", "flushright", "document", "minipage", "landscape", "multicols", "titlepage"),
        *("threeparttable", "small", "footnotesize", "scriptsize", "subequations", "sloppypar", "frontmatter"),
    )
)
# Environments that say where or how wide they are to be: in brackets, and in so many braces.
PLACED = {
    **dict.fromkeys((*FIGURES, *TABLES), 0),
    "minipage": 1, "multicols": 1, "subfigure": 1, "wrapfigure": 2, "wraptable": 2,
}  # fmt: skip
PLACEMENT = re.compile(r"[!a-zA-Z]{0,6}|[0-9.,]*[ ]?(?:\\[a-z]+|[a-z]{2})?")
