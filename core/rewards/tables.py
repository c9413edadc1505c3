"""The tables of a page: TEDS, k-th table with k-th."""

import re

from ocr2.markup.html import HtmlWriter
from ocr2.markup.nodes import Table
from ocr2.markup.parse import parse
from ocr2.markup.walk import iter_blocks
from ocr2.metrics.tables import parse_html, teds
from ocr2.rewards.reward import RewardResult, clipped

TABLE = re.compile(r"<table\b.*?(?:</table\s*>|(?=<table\b)|\Z)", re.DOTALL | re.IGNORECASE)
MAX_NODES = 1000  # of an answer's tree that is more than twice as large as the truth's: a loop


def score_table_teds(answer: str, truth: str, /) -> RewardResult:
    """Return the mean TEDS over the tables of the side with more; a table without a counterpart counts 0.

    Args:
        answer: A page with tables in HTML, or else in LaTeX or Markdown.
        truth: The same. Two pages without tables agree.

    Raises:
        ModuleNotFoundError: If apted is missing.

    Examples:
        >>> score_table_teds("|a|b|\\n|-|-|", r"\\begin{tabular}{ll} a & b \\\\\\\\ \\end{tabular}").total
        1.0
    """
    given, wanted = html_tables(answer), html_tables(truth)
    if not given or not wanted:
        same = float(not given and not wanted)
        return RewardResult(same, problem="there is no table" if wanted else None)
    most = max(len(given), len(wanted))
    pairs = [(one, other) for one, other in zip(given, wanted, strict=False) if not _is_loop(one, other)]
    mean = clipped(sum(teds(one, other) for one, other in pairs) / most)
    looped = len(pairs) < min(len(given), len(wanted))
    problem = f"a table has more than {MAX_NODES} rows and cells" if looped else None
    return RewardResult(mean, problem=problem)


def html_tables(text: str) -> list[str]:
    """Return the tables of a page as HTML, formulas in dollars; an HTML table within another counts on its own."""
    written = TABLE.findall(text)
    if written:
        return written
    writer = HtmlWriter(formulas="dollars")
    return [writer.table(block) for block in iter_blocks(parse(text)) if isinstance(block, Table)]


def _is_loop(answer: str, truth: str) -> bool:
    nodes = parse_html(answer).count()
    return nodes > MAX_NODES and nodes > 2 * parse_html(truth).count()
