"""Kinds of files that Pillow and PDFium do not open by themselves: what opens them, or what to do instead."""

import importlib.util
import re
import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OtherKind:
    """A kind of file that Pillow does not open by itself.

    Attributes:
        name: As people call it.
        extra: Extra of this package that opens it; "" if none does.
        module: That the extra brings.
        advice: What to do with it otherwise.
    """

    name: str
    extra: str = ""
    module: str = ""
    advice: str = ""


UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}  # pixels
HEIC = OtherKind("HEIC", "heif", "pillow_heif")
SVG = OtherKind("SVG", "svg", "resvg_py")
OFFICE = OtherKind("an office document or another archive", advice="save or print it as PDF first")
DJVU = OtherKind("DjVu", advice="convert it to PDF first, with ddjvu for example")
POSTSCRIPT = OtherKind("PostScript", advice="convert it to PDF first, with ps2pdf for example")
WEB = OtherKind("a web page", advice="print it as PDF first")
# Files that folders hold and that are no documents to us, by suffix: they are named, not silently passed over.
OTHER_SUFFIXES: dict[str, OtherKind] = {
    **dict.fromkeys((".heic", ".heif", ".hif"), HEIC),
    **dict.fromkeys((".svg", ".svgz"), SVG),
    **dict.fromkeys((".djvu", ".djv"), DJVU),
    **dict.fromkeys((".eps", ".ps"), POSTSCRIPT),
    **dict.fromkeys((".doc", ".docx", ".odt", ".ppt", ".pptx", ".odp", ".xls", ".xlsx", ".ods"), OFFICE),
}


REFERENCE = re.compile(r"""((?:\b\w+:)?\bhref)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
INNER = re.compile(r"\s*(?:#|data:image/(?:png|jpe?g|gif|webp)[;,])", re.IGNORECASE)  # of a drawing itself
SVG_ROOT = re.compile(r"<(?:\w+:)?svg(?=[\s>])[^>]*")
MOST_UNPACKED = 64 << 20  # bytes: what unpacks to more is no drawing


def unpacked(data: bytes, most: int = MOST_UNPACKED) -> bytes:
    """Return what gzip packed, up to a number of bytes; other bytes as they are.

    Raises:
        zlib.error: If packed bytes are damaged.
    """
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, most) if data[:2] == b"\x1f\x8b" else data


def svg_sides(text: str) -> tuple[float, float] | None:
    """Return the width and height that an SVG says, in its pixels; None if it says none.

    Examples:
        >>> svg_sides('<svg width="2in" height="40">')
        (192.0, 40.0)
        >>> svg_sides('<svg viewBox="0 0 300 200" width="100%">')
        (300.0, 200.0)
    """
    root = SVG_ROOT.search(text)
    found = dict(re.findall(r"\b(width|height|viewBox)\s*=\s*[\"']([^\"']*)", root[0])) if root is not None else {}
    sides = [re.fullmatch(r"\s*([\d.]+)\s*(\w*)\s*", found.get(name, "")) for name in ("width", "height")]
    stated = [float(m[1]) * UNITS[m[2]] for m in sides if m is not None and m[2] in UNITS]
    if len(stated) < 2:
        box = re.findall(r"-?[\d.]+", found.get("viewBox", ""))
        stated = [float(side) for side in box[2:4]]
    return (stated[0], stated[1]) if len(stated) == 2 and min(stated) > 0 else None


def without_references(text: str) -> str:
    """Return an SVG without what it would load: references to anything but its own parts and pictures inside it.

    Examples:
        >>> without_references('<svg><image href="/home/me/a.png"/><use href="#b"/></svg>')
        '<svg><image href=""/><use href="#b"/></svg>'
    """
    return REFERENCE.sub(lambda m: m[0] if INNER.match(m[2] or m[3] or "") else f'{m[1]}=""', text)


def kind_of(data: bytes) -> OtherKind | None:
    """Return what kind of file that Pillow does not open bytes begin like; None if they may be a picture."""
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        return HEIC
    try:
        head = unpacked(data, 4096)[:4096]
    except zlib.error:  # whatever it was, it is no drawing
        return None
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"<" and SVG_ROOT.search(head.decode("utf-8", "replace")):
        return SVG
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return OFFICE
    if head[:8] == b"AT&TFORM":
        return DJVU
    if head[:4] == b"%!PS":
        return POSTSCRIPT
    return WEB if re.match(rb"<(!doctype html|html)", head, re.IGNORECASE) else None


def is_readable(kind: OtherKind) -> bool:
    """Say whether what opens a kind of file is installed."""
    return bool(kind.module) and importlib.util.find_spec(kind.module) is not None


def why_not_read(kind: OtherKind) -> str:
    """Say why a kind of file is not read, and what to do."""
    return f"it is {kind.name}: " + (f"install ocr2[{kind.extra}] to read it" if kind.extra else kind.advice)
