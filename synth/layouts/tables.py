"""Tables on pages: cells, rules, shaded rows."""

from ocr2.synth.layouts.sheet import Sheet

ROW_HEIGHTS = (1.05, 1.2, 1.5, 1.9)  # relative to the leading


def set_table(sheet: Sheet, x: float, y: float, width: float, bottom: float, *, full: bool = False) -> float:
    """Set a table with its caption; returns the y below.

    Args:
        sheet: The page.
        x: Left edge of the column, pixels.
        y: Top of the table, pixels.
        width: Width of the column, pixels.
        bottom: Bottom of the column, pixels.
        full: Whether the table has ten rows or more, as far as they fit.
    """
    rng, hand = sheet.rng, sheet.hand
    columns = int(rng.integers(2, max(3, min(9, int(width / (4.5 * hand.em))))))
    row = float(rng.choice(ROW_HEIGHTS)) * sheet.leading
    rows = int(rng.integers(3, 9)) if not full else int(rng.integers(10, 40))
    if hand.caption == "above":
        y = sheet.caption(x, y, width, bottom, "Table")
    rows = min(rows, int((bottom - y - 6) / row))
    if rows < 2:
        return bottom
    share = 1.0 if rng.random() < 0.6 else float(rng.uniform(0.55, 1.0))
    wide = share * width
    left = x + (width - wide) * float(rng.choice([0.0, 0.5, 0.5]))
    weights = rng.uniform(0.7, 1.6, columns)
    weights[0] *= 1.4
    edges = [left, *(left + wide * float(v) for v in (weights / weights.sum()).cumsum())]
    top, end = y + 3, y + 3 + rows * row
    _shade_rows(sheet, edges, top, row, rows)
    align = str(rng.choice(["left", "centre", "right"]))
    words = [bool(rng.random() < 0.25) or c == 0 for c in range(columns)]
    size = max(7, round(hand.em * float(rng.uniform(0.82, 1.0))))
    for r in range(rows):
        for c in range(columns):
            if r and c and rng.random() < 0.04:
                continue
            room = edges[c + 1] - edges[c] - 8
            text = _cell(sheet, words=words[c] or r == 0)[: max(2, int(room / (0.55 * size)))].strip()
            face = hand.bold if r == 0 else hand.body
            sheet.write(
                text, edges[c] + 4, top + r * row + (row - 1.2 * size) / 2, room, end + row, face=face, size=size,
                align="left" if c == 0 else align,
            )  # fmt: skip
    ruled = _draw_rules(sheet, edges, top, row, rows)
    if ruled or hand.table == "zebra":
        sheet.note("table", (left, top, left + wide, end), solid=True)
    else:
        sheet.note("table", (left, top, left + wide, end))
    y = end + 0.5 * sheet.leading
    if hand.caption == "below":
        y = sheet.caption(x, y, width, bottom, "Table")
    return y + 0.5 * sheet.leading


def _cell(sheet: Sheet, *, words: bool) -> str:
    rng = sheet.rng
    if words:
        return " ".join(sheet.prose(24).split()[: int(rng.integers(1, 4))])
    digits = int(rng.integers(0, 4))
    text = f"{rng.uniform(0, 10 ** int(rng.integers(1, 5))):,.{digits}f}"
    return text + str(rng.choice(["", "", "", "%", " ±" + str(digits), "*"]))


def _shade_rows(sheet: Sheet, edges: list[float], top: float, row: float, rows: int) -> None:
    style, rng = sheet.hand.table, sheet.rng
    if style == "zebra" or (style == "grid" and rng.random() < 0.4):
        sheet.pen.rectangle((edges[0], top, edges[-1], top + row), fill=int(rng.integers(170, 235)))
    if style == "zebra":
        for r in range(2, rows, 2):
            sheet.pen.rectangle((edges[0], top + r * row, edges[-1], top + (r + 1) * row), fill=232)


def _draw_rules(sheet: Sheet, edges: list[float], top: float, row: float, rows: int) -> bool:
    """Draw rules; says whether they bound the table."""
    style, pen = sheet.hand.table, sheet.pen
    end = top + rows * row
    if style in ("booktabs", "lines", "grid"):
        inner = range(rows + 1) if style != "booktabs" else (0, 1, rows)
        for r in inner:
            heavy = style == "booktabs" and r != 1
            pen.line((edges[0], top + r * row, edges[-1], top + r * row), fill=0, width=2 if heavy else 1)
    if style == "grid":
        for edge in edges:
            pen.line((edge, top, edge, end), fill=0, width=1)
    return style in ("booktabs", "lines", "grid")
