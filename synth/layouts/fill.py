"""Arrangements of regions on a page: columns, slides, exams, music, letters, receipts, galleries, single pictures."""

from collections.abc import Callable
from typing import get_args

import numpy as np

from ocr2.results.region import PICTURE_KINDS, RegionKind
from ocr2.synth.layouts.hard_pages import furnish, program
from ocr2.synth.layouts.sheet import Sheet
from ocr2.synth.layouts.tables import set_table

PICTURES: tuple[RegionKind, ...] = tuple(k for k in get_args(RegionKind) if k in PICTURE_KINDS)
BOOSTED = 4.0  # weight of a page's favourite pictures, each
ITEMS: dict[str, float] = {
    "paragraph": 9.0, "title": 2.6, "list": 1.7, "code": 0.6, "table": 1.3, "formula": 2.0, "figure": 0.9, "chart": 0.8,
    "molecule": 0.7, "score": 0.35, "geometry": 0.7,
}  # fmt: skip


Setter = Callable[[Sheet, float, float, float, float], float]
SETTERS: dict[str, Setter] = {
    "paragraph": Sheet.paragraph, "title": Sheet.title, "list": Sheet.list, "code": Sheet.code,
    "formula": Sheet.formula,
}  # fmt: skip


def fill_columns(sheet: Sheet, columns: int) -> None:
    """Fill a page of running text: sometimes a head over all columns, then each column."""
    rng = sheet.rng
    margin = float(rng.uniform(0.05, 0.13)) * sheet.width
    top, bottom = float(rng.uniform(0.05, 0.1)) * sheet.height, float(rng.uniform(0.9, 0.95)) * sheet.height
    if sheet.wild and rng.random() < 0.8:
        furnish(sheet, top, bottom)
    elif rng.random() < 0.5:
        _furnish(sheet, top, bottom)
    inner = sheet.width - 2 * margin
    y = top
    if rng.random() < 0.4:
        y = _head(sheet, margin, y, inner)
    if rng.random() < (0.2 if columns > 1 else 0.0):
        y = _item(sheet, _pick(sheet, pictures_only=True), margin, y, inner, y + 0.4 * sheet.height)
    foot = bottom
    last = rng.random() < 0.12 and columns > 1
    if last:
        foot -= 0.25 * sheet.height
    gutter = float(rng.uniform(1.2, 2.5)) * sheet.hand.em
    width = (inner - (columns - 1) * gutter) / columns
    ruled = rng.random() < 0.15
    favourites = _favourites(sheet)
    ends = []
    for column in range(columns):
        x = margin + column * (width + gutter)
        short = rng.random() < 0.15 and column == columns - 1
        ends.append(_fill(sheet, x, y, width, foot * (0.7 if short else 1.0), favourites))
        if ruled and column:
            sheet.pen.line((x - gutter / 2, y, x - gutter / 2, foot), fill=80)
    if last:
        _item(sheet, _pick(sheet, pictures_only=True), margin, max(ends) + sheet.leading, inner, bottom)
    elif rng.random() < 0.1 and max(ends) < sheet.height * 0.93:
        y = max(*ends, foot - 1) + 0.2 * sheet.leading
        sheet.pen.line((margin, y, margin + 0.3 * inner, y), fill=0)
        sheet.paragraph(margin, y + 4, width, sheet.height * 0.98, length=120, small=0.8)


def _furnish(sheet: Sheet, top: float, bottom: float) -> None:
    rng = sheet.rng
    number = str(int(rng.integers(1, 600)))
    head = sheet.prose(40)[: int(rng.integers(8, 40))]
    style = int(rng.integers(4))
    if style in (0, 1):
        sheet.furniture(0.35 * top, *((head, number) if style else (number, head)))
        if rng.random() < 0.4:
            y = 0.35 * top + 1.5 * sheet.hand.em
            sheet.pen.line((0.07 * sheet.width, y, 0.93 * sheet.width, y), fill=0)
    elif style == 2:
        sheet.write(number, 0, bottom + 0.4 * (sheet.height - bottom), sheet.width, sheet.height, align="centre")
    else:
        sheet.furniture(bottom + 0.35 * (sheet.height - bottom), head, number)


def _head(sheet: Sheet, x: float, y: float, width: float) -> float:
    """Set a title, and sometimes authors and an abstract; returns the y below."""
    rng = sheet.rng
    align = str(rng.choice(["centre", "left"]))
    y = sheet.title(x, y, width, sheet.height, size=float(rng.uniform(1.6, 2.6)), align=align)
    if rng.random() < 0.6:
        y = sheet.line_block(x, y, width, sheet.height, align, int(rng.integers(1, 4)))
    if rng.random() < 0.5:
        inset = float(rng.choice([0.0, 0.1])) * width
        if rng.random() < 0.5:
            y = sheet.title(x, y, width, sheet.height, size=1.05, align=align)
        y = sheet.paragraph(x + inset, y, width - 2 * inset, sheet.height, length=450, small=0.92)
    return y + 0.8 * sheet.leading


def _favourites(sheet: Sheet) -> list[str]:
    others = ["table", "formula", "list"]
    chosen: list[str] = [str(k) for k in sheet.rng.choice(PICTURES, int(sheet.rng.integers(0, 3)), replace=False)]
    return chosen + ([others[int(sheet.rng.integers(3))]] if sheet.rng.random() < 0.3 else [])


def _pick(sheet: Sheet, favourites: list[str] | None = None, *, pictures_only: bool = False) -> str:
    items = [k for k in ITEMS if not pictures_only or k in PICTURE_KINDS or k == "table"]
    weights = np.array([ITEMS[k] + (BOOSTED if k in (favourites or ()) else 0.0) for k in items])
    weights[[i for i, k in enumerate(items) if k == "code" and sheet.wild]] *= 3
    return items[int(sheet.rng.choice(len(items), p=weights / weights.sum()))]


def _item(sheet: Sheet, kind: str, x: float, y: float, width: float, bottom: float) -> float:
    if kind in PICTURE_KINDS:
        return _pictures(sheet, kind, x, y, width, bottom)
    if kind == "table":
        return set_table(sheet, x, y, width, bottom)
    if kind == "code" and sheet.wild:
        return program(sheet, x, y, width, bottom)
    return SETTERS[kind](sheet, x, y, width, bottom)


def _pictures(sheet: Sheet, kind: RegionKind, x: float, y: float, width: float, bottom: float) -> float:
    """Place one picture, or two or three side by side."""
    rng = sheet.rng
    if kind == "score" or width < 300 or rng.random() < 0.75:
        return sheet.figure(kind, x, y, width, bottom)
    count = int(rng.integers(2, 4))
    each = width / count
    ends = [
        sheet.figure(
            kind, x + i * each + 4, y, each - 12, min(bottom, y + 0.35 * sheet.height), share=0.95, caption="none"
        )
        for i in range(count)
    ]
    y = max(ends)
    if y >= bottom or rng.random() < 0.3:
        return y
    return sheet.caption(x, y, width, bottom, "Figure") + 0.4 * sheet.leading


def _fill(sheet: Sheet, x: float, y: float, width: float, bottom: float, favourites: list[str]) -> float:
    """Fill a column; returns where it ends."""
    previous = ""
    while y < bottom - 2.5 * sheet.leading:
        kind = _pick(sheet, favourites)
        if kind == previous == "title" or (kind == "title" and y > bottom - 5 * sheet.leading):
            kind = "paragraph"
        before = len(sheet.regions)
        below = _item(sheet, kind, x, y, width, bottom)
        if len(sheet.regions) == before:  # it did not fit
            below = sheet.paragraph(x, y, width, bottom) if sheet.rng.random() < 0.9 else bottom
        y, previous = max(below, y + 1), kind
    return y


def fill_single(sheet: Sheet) -> None:
    """Fill a page with a single region, cropped closely or with a margin."""
    rng = sheet.rng
    kinds = (*PICTURES, "chart", "geometry", "table", "formula", "paragraph", "list")
    kind = str(rng.choice(kinds))
    margin = float(rng.choice([0.005, 0.03, 0.1])) * sheet.width
    x, y, width = margin, margin, sheet.width - 2 * margin
    if kind in PICTURE_KINDS or kind == "formula":
        picture = sheet.picture(kind)  # type: ignore[arg-type]
        scale = width / picture.shape[1]
        high = picture.shape[0] * scale
        if high > 1.4 * sheet.width:
            scale *= 1.4 * sheet.width / high
            high = picture.shape[0] * scale
        if rng.random() < 0.12:
            y = sheet.title(x, y, width, sheet.height)
        wide = picture.shape[1] * scale
        room = int(y + high + margin)
        if room > sheet.height:
            _grow(sheet, room)
        sheet.paste(picture, x + (width - wide) / 2, y, wide, high)
        sheet.note(kind, (x + (width - wide) / 2, y, x + (width + wide) / 2, y + high))  # type: ignore[arg-type]
        y += high + 0.4 * sheet.leading
        if rng.random() < 0.2:
            _grow(sheet, int(y + 5 * sheet.leading))
            y = sheet.caption(x, y, width, sheet.height, "Figure")
    elif kind == "table":
        y = set_table(sheet, x, y, width, sheet.height - margin, full=bool(rng.random() < 0.6))
    else:
        y = _item(sheet, kind, x, y, width, sheet.height - margin)
    if rng.random() < 0.8 and sheet.regions:
        sheet.crop(int(max(rect[3] for _, rect in sheet.regions) + margin + 2))


def _grow(sheet: Sheet, height: int) -> None:
    sheet.crop(max(height, sheet.height))


def fill_gallery(sheet: Sheet) -> None:
    """Show rows of pictures of one kind, named or with captions."""
    rng = sheet.rng
    margin = 0.07 * sheet.width
    y = margin
    if rng.random() < 0.5:
        y = sheet.title(margin, y, sheet.width - 2 * margin, sheet.height, size=1.6)
    if rng.random() < 0.4:
        y = sheet.paragraph(margin, y, sheet.width - 2 * margin, sheet.height)
    kind: RegionKind = PICTURES[int(rng.integers(len(PICTURES)))]
    columns, rows = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    if kind == "score":
        columns = 1
    width = (sheet.width - 2 * margin) / columns
    caption = str(rng.choice(["below", "none", "name"]))
    bottom = 0.95 * sheet.height
    for _ in range(rows):
        if y > 0.8 * sheet.height:
            break
        ends = []
        for c in range(columns):
            x = margin + c * width
            below = "none" if caption == "name" else caption
            end = sheet.figure(
                kind, x + 6, y, width - 18, min(bottom, y + 0.42 * sheet.height), share=float(rng.uniform(0.7, 1.0)),
                caption=below,
            )  # fmt: skip
            if caption == "name":
                end, _ = sheet.write(f"({chr(97 + c)})", x, end, width, bottom, align="centre")
            ends.append(end)
        y = max(ends) + 0.5 * sheet.leading


def fill_slide(sheet: Sheet) -> None:
    """Set a slide: a title, then a list, text or pictures."""
    rng = sheet.rng
    margin = 0.06 * sheet.width
    inner, bottom = sheet.width - 2 * margin, 0.92 * sheet.height
    y = sheet.title(margin, 0.05 * sheet.height, inner, bottom, size=float(rng.uniform(1.3, 1.8)))
    y += 0.5 * sheet.leading
    if rng.random() < 0.6:
        sheet.furniture(0.95 * sheet.height, sheet.prose(24)[:24], str(int(rng.integers(1, 60))))
    halves = rng.random() < 0.6
    width = inner * 0.47 if halves else inner
    for x in (margin, margin + 0.53 * inner)[: 1 + halves]:
        kind = str(rng.choice(["list", "list", "picture", "picture", "paragraph", "formula", "table"]))
        if kind == "picture":
            kind = _pick(sheet, pictures_only=True)
        end = _item(sheet, kind, x, y, width, bottom)
        if rng.random() < 0.4 and end < bottom - 4 * sheet.leading:
            _item(sheet, str(rng.choice(["list", "formula", "paragraph"])), x, end, width, bottom)


def fill_exam(sheet: Sheet) -> None:
    """Set numbered questions, with pictures beside or below them."""
    rng = sheet.rng
    margin = 0.08 * sheet.width
    inner, bottom, y = sheet.width - 2 * margin, 0.94 * sheet.height, 0.06 * sheet.height
    if rng.random() < 0.6:
        y = sheet.title(margin, y, inner, bottom, size=1.6)
    kinds: tuple[RegionKind, ...] = ("geometry", "geometry", "geometry", "chart", "molecule", "figure")
    kind = kinds[int(rng.integers(len(kinds)))]
    number = int(rng.integers(1, 20))
    while y < bottom - 6 * sheet.leading:
        beside = rng.random() < 0.55
        width = inner * (0.6 if beside else 1.0)
        text = f"{number}. " + sheet.prose(int(rng.integers(60, 320)))
        number += 1
        end, rect = sheet.write(text, margin, y, width, bottom, hanging=1.6 * sheet.hand.em * (rng.random() < 0.5))
        sheet.note("paragraph", rect)
        if rng.random() < 0.35:
            end = sheet.list(margin + sheet.hand.em, end, width - sheet.hand.em, bottom)
        if beside:
            end = max(
                end,
                sheet.figure(
                    kind,
                    margin + 0.66 * inner,
                    y,
                    0.32 * inner,
                    bottom,
                    share=float(rng.uniform(0.6, 1)),
                    caption="none",
                ),
            )
        elif rng.random() < 0.5:
            end = sheet.figure(kind, margin, end, inner, bottom, share=float(rng.uniform(0.25, 0.5)))
        y = max(end, y + 1) + sheet.leading * float(rng.uniform(0.5, 2))


def fill_music(sheet: Sheet) -> None:
    """Set music with its title, and sometimes a line of text between."""
    rng = sheet.rng
    margin = 0.06 * sheet.width
    inner, y = sheet.width - 2 * margin, 0.05 * sheet.height
    if rng.random() < 0.7:
        y = sheet.title(margin, y, inner, sheet.height, size=2.0, align="centre")
        if rng.random() < 0.5:
            y = sheet.line_block(margin, y, inner, sheet.height, "right", 1)
    while y < 0.8 * sheet.height:
        y = sheet.figure(
            "score", margin, y, inner, 0.96 * sheet.height, share=float(rng.uniform(0.85, 1.0)), caption="none"
        )
        y = sheet.paragraph(margin, y + sheet.leading, inner, 0.95 * sheet.height)
        y += sheet.leading
        if rng.random() < 0.3:
            break


def fill_letter(sheet: Sheet) -> None:
    """Set a letter: addresses, date, a few paragraphs, a closing."""
    rng = sheet.rng
    margin = float(rng.uniform(0.1, 0.16)) * sheet.width
    inner, bottom = sheet.width - 2 * margin, 0.92 * sheet.height
    y = 0.08 * sheet.height
    if rng.random() < 0.3:
        y = sheet.title(margin, y, inner, bottom, size=1.8)
    for align in ("right", "left", "right")[: int(rng.integers(1, 4))]:
        y = sheet.line_block(margin, y, inner, bottom, align, int(rng.integers(1, 6))) + sheet.leading
    for _ in range(int(rng.integers(2, 6))):
        y = sheet.paragraph(margin, y, inner, bottom) + 0.5 * sheet.leading
    if y < bottom - 5 * sheet.leading:
        y = sheet.line_block(margin, y + sheet.leading, inner, bottom, "left", int(rng.integers(1, 4)))


def fill_receipt(sheet: Sheet) -> None:
    """Set a till receipt: a head, rows with prices, totals, a farewell."""
    rng, hand = sheet.rng, sheet.hand
    margin = 0.05 * sheet.width
    inner, y, bottom = sheet.width - 2 * margin, 0.04 * sheet.height, 0.97 * sheet.height
    if rng.random() < 0.5:
        y = sheet.title(margin, y, inner, bottom, size=1.5, align="centre")
    y = sheet.line_block(margin, y, inner, bottom, "centre", int(rng.integers(2, 6)))
    top = y
    for _ in range(int(rng.integers(3, 16))):
        if y > bottom - 6 * sheet.leading:
            break
        sheet.write(sheet.prose(24)[: max(4, int(0.55 * inner / (0.6 * hand.em)))], margin, y, inner, bottom)
        y, _ = sheet.write(f"{rng.uniform(0.1, 300):.2f}", margin, y, inner, bottom, align="right")
    sheet.note("table", (margin, top, margin + inner, y))
    y += sheet.leading
    y = sheet.line_block(margin, y, inner, bottom, str(rng.choice(["centre", "left"])), int(rng.integers(1, 6)))


FILL: dict[str, Callable[[Sheet], None]] = {
    "single": fill_single, "gallery": fill_gallery, "slide": fill_slide, "exam": fill_exam, "music": fill_music,
    "letter": fill_letter, "receipt": fill_receipt,
}  # fmt: skip
