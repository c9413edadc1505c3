"""Kinds of files that Pillow and PDFium do not open by themselves: what opens them, or what to do instead."""

import importlib.util
import re
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


def kind_of(data: bytes) -> OtherKind | None:
    """Return what kind of file that Pillow does not open bytes begin like; None if they may be a picture."""
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
        return HEIC
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:2] == b"\x1f\x8b" or (head[:1] == b"<" and re.search(rb"<(\w+:)?svg[\s>]", head)):
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
