"""From what a user names to documents: files, folders, patterns, standard input."""

import glob
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ocr2.documents.kinds import OTHER_SUFFIXES, is_readable, why_not_read
from ocr2.options import OPEN_END

PDF_SUFFIXES = frozenset((".pdf",))
IMAGE_SUFFIXES = frozenset(
    ("." + name)
    for name in (
        "png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "webp", "pbm", "pgm", "ppm", "pnm", "jp2", "j2k", "avif",
        "ico", "tga", "pcx", "sgi", "dib", "jfif", "jpe", "mpo", "psd", "jpx",
    )
)  # fmt: skip
RESULT_SUFFIX = ".ocr.pdf"  # of our searchable PDFs: a folder that is read again does not give them back
PICTURES_SUFFIX = "-pictures"  # of folders with pictures that Markdown links
CUT_OUT = re.compile(r"page-\d+-[a-z]+-\d+\.png")
STDIN = "-"
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """One document to open: a file, or bytes that came without one."""

    name: str  # path as the user would write it, or "-"
    path: Path | None
    data: bytes | None = None
    inside: Path | None = None  # path within the folder, or the fixed part of the pattern, that was named


def expand_sources(names: Iterable[str]) -> list[Source]:
    """Turn arguments into documents, in a natural order: "page2" before "page10".

    Args:
        names: Files, folders (their files with a known suffix, sub-folders included, searchable PDFs
            and pictures of ours left out), patterns with `*`, `?` or `[`, and `-` for standard input.

    Raises:
        ValueError: If a name matches nothing.
    """
    sources: list[Source] = []
    for name in names:
        if name == STDIN:
            sources.append(Source(STDIN, None, sys.stdin.buffer.read()))
            continue
        path = Path(name)
        if path.is_dir():
            inside = [p for p in path.rglob("*") if p.is_file() and is_document(p)]
            if not inside:
                others = "".join(f"; {path.name} is left out: {why}" for path, why in left_out([name])[:3])
                raise ValueError(f"folder {name} holds no PDF or image{others}")
            sources += [Source(str(p), p, inside=p.relative_to(path)) for p in sorted(inside, key=natural_key)]
        elif path.exists():
            sources.append(Source(name, path))
        elif glob.has_magic(name):
            found = glob.glob(name, recursive=True)  # noqa: PTH207 (Path.glob refuses absolute patterns)
            matches = [Path(p) for p in found if Path(p).is_file()]
            if not matches:
                raise ValueError(f"pattern {name} matches no file")
            sources += [Source(str(p), p, inside=_inside(name, p)) for p in sorted(matches, key=natural_key)]
        elif ADDRESS.match(name):
            raise ValueError(f"{name} is an address, and nothing is loaded from the network: download it first")
        else:
            raise ValueError(f"no such file or folder: {name}")
    return sources


def _inside(pattern: str, path: Path) -> Path:
    """Return what of a path a pattern leaves open."""
    fixed = 0
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        fixed += 1
    return Path(*path.parts[fixed:])


def left_out(names: Iterable[str]) -> list[tuple[Path, str]]:
    """Return files of the folders among names that look like documents and are not read, and why."""
    found = []
    for folder in (Path(name) for name in names if name != STDIN and Path(name).is_dir()):
        for path in sorted(folder.rglob("*"), key=natural_key):
            kind = OTHER_SUFFIXES.get(path.suffix.lower())
            if kind is not None and path.is_file() and not is_readable(kind):
                found.append((path, why_not_read(kind)))
    return found


def is_document(path: Path) -> bool:
    """Say whether a file's name is that of a document, and not of one that we wrote."""
    suffix = path.suffix.lower()
    other = OTHER_SUFFIXES.get(suffix)
    known = suffix in PDF_SUFFIXES | IMAGE_SUFFIXES or (other is not None and is_readable(other))
    return known and not path.name.lower().endswith(RESULT_SUFFIX) and not _is_cut_out(path)


def _is_cut_out(path: Path) -> bool:
    """Say whether a picture was cut out of a page by us, for Markdown."""
    return path.parent.name.endswith(PICTURES_SUFFIX) and CUT_OUT.fullmatch(path.name) is not None


def natural_key(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Sort key that compares runs of digits as numbers, and names that are equal then as they are."""
    name = str(path)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)], name


def select_pages(selection: list[range] | None, count: int, *, name: str) -> list[int]:
    """Return the page numbers of a document of `count` pages that a selection names, in its order.

    Raises:
        ValueError: If the selection names none of them.
    """
    if selection is None:
        return list(range(1, count + 1))
    chosen = dict.fromkeys(n for pages in selection for n in range(pages.start, min(pages.stop, count + 1)))
    if not chosen:
        raise ValueError(f"{name} has {count} pages, the selection names none of them")
    return list(chosen)


def page_beyond(selection: list[range] | None, count: int) -> int | None:
    """Return the highest page that a selection names and a document of `count` pages lacks, if there is one.

    Examples:
        >>> from ocr2.options import parse_pages
        >>> page_beyond(parse_pages("1,9-12"), 10)
        12
        >>> page_beyond(parse_pages("7-"), 10)
    """
    ends = [n for pages in selection or () for n in (pages.start, pages.stop - 1) if count < n < OPEN_END]
    return max(ends, default=None)
