"""Tables that go on from one page to the next."""

import dataclasses
from collections.abc import Sequence

from ocr2.results.document import MARGIN_KINDS, Block, Page
from ocr2.results.table import Table

LOW, HIGH = 0.7, 0.35  # of the page's height: where the first part ends at the least, and the second begins at the most
ALIGNED = 0.03  # of the page's width: how far the sides of both may be apart


def continue_tables(pages: Sequence[Page]) -> tuple[Page, ...]:
    """Mark tables at the top of pages that go on from the bottom of the page before, and say so.

    Both have as many columns and stand between the same sides. A head that the second does not repeat is none.
    """
    found: list[Page] = []
    for page in pages:
        before, first = (_last(found[-1]) if found else None), _first(page)
        if before is None or first is None or not _goes_on(before, found[-1], first, page):
            found.append(page)
            continue
        assert before.table is not None
        assert first.table is not None
        marked = dataclasses.replace(first, table=_marked(before.table, first.table))
        blocks = tuple(marked if block is first else block for block in page.blocks)
        note = f"the table at the top goes on from page {found[-1].number}"
        found.append(dataclasses.replace(page, blocks=blocks, warnings=(*page.warnings, note)))
    return tuple(found)


def _last(page: Page) -> Block | None:
    shown = [block for block in page.blocks if block.kind not in MARGIN_KINDS]
    return shown[-1] if shown and shown[-1].table is not None else None


def _first(page: Page) -> Block | None:
    shown = [block for block in page.blocks if block.kind not in MARGIN_KINDS]
    return shown[0] if shown and shown[0].table is not None else None


def _goes_on(before: Block, page: Page, first: Block, following: Page) -> bool:
    if before.table is None or first.table is None or before.box is None or first.box is None:
        return False
    low = before.box.bottom > LOW * page.height and first.box.top < HIGH * following.height
    left = abs(before.box.left / page.width - first.box.left / following.width) < ALIGNED
    right = abs(before.box.right / page.width - first.box.right / following.width) < ALIGNED
    return low and left and right and before.table.column_count == first.table.column_count


def _marked(before: Table, table: Table) -> Table:
    head = table.rows()[: table.header_rows]
    repeats = bool(head) and head == before.rows()[: before.header_rows]
    return dataclasses.replace(table, continued=True, header_rows=table.header_rows if repeats else 0)
