"""From what a user names to files, lazily: a folder of a million files is walked as it is read."""

import glob
import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ocr2.documents.sources import ADDRESS, is_document, natural_key
from ocr2.errors import DocumentError, MissingToolError

LIST = "@"
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One file, by its path or address."""

    name: str  # as the user would write it
    inside: str  # path below the folder or pattern that was named: results are called after it

    @property
    def key(self) -> str:
        """Its name as text: of one that is no UTF-8 the strange bytes are written out."""
        return printable(self.name)

    @property
    def is_address(self) -> bool:
        """Whether it lies in an object store or on a server."""
        return ADDRESS.match(self.name) is not None


def printable(name: str) -> str:
    r"""Return a name as text: bytes that are no UTF-8 are written out.

    Examples:
        >>> print(printable("caf\udce9"))
        caf\xe9
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file is the same as before, without reading it."""

    size: int
    modified: int  # nanoseconds; 0 of an address, which is read anew


def require_inputs(names: Iterable[str]) -> None:
    """Refuse what the command line names and is not there, before any work begins.

    Raises:
        ValueError: If a name stands for nothing, a list cannot be read, or a folder holds no document.
    """
    for name in names:
        if name == STDIN or ADDRESS.match(name):
            continue
        if name.startswith(LIST) and not Path(name).exists():
            if not Path(name[1:]).is_file():
                raise ValueError(f"no such list: {name[1:]}")
        elif Path(name).is_dir():
            if next(_below(Path(name)), None) is None:
                raise ValueError(f"folder {name} holds no PDF or image")
        elif not Path(name).exists():
            if not glob.has_magic(name):
                raise ValueError(f"no such file or folder: {name}")
            if next(_matching(name), None) is None:
                raise ValueError(f"pattern {name} matches no file")


def walk_inputs(names: Iterable[str]) -> Iterator[Input]:
    """Yield the files that names stand for, each as it is found; what is not there is yielded too, to be told later.

    Args:
        names: Files, folders with all below them, patterns, `@list.txt` and `-` (names, a line each), and addresses
            that fsspec opens ("s3://bucket/scans/*.pdf").
    """
    for name in names:
        if name == STDIN:
            yield from walk_inputs(line.strip() for line in sys.stdin if line.strip())
        elif name.startswith(LIST) and not Path(name).exists():
            yield from walk_inputs(_listed(Path(name[1:])))
        elif ADDRESS.match(name):
            yield from _remote(name)
        elif Path(name).is_dir():
            yield from _below(Path(name))
        elif glob.has_magic(name) and not Path(name).exists():
            yield from _matching(name)
        else:
            yield Input(name, Path(name).name)


def _listed(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="surrogateescape") as lines:
        yield from (line.strip() for line in lines if line.strip())


def _below(folder: Path) -> Iterator[Input]:
    """Yield documents below a folder, folder by folder, in a natural order within each."""
    for place, folders, files in os.walk(folder):
        folders.sort(key=lambda name: natural_key(Path(name)))
        for name in sorted(files, key=lambda name: natural_key(Path(name))):
            path = Path(place) / name
            if is_document(path):
                yield Input(str(path), path.relative_to(folder).as_posix())


def _matching(pattern: str) -> Iterator[Input]:
    fixed = 0
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        fixed += 1
    for name in glob.iglob(pattern, recursive=True):  # noqa: PTH207 (Path.glob refuses absolute patterns)
        path = Path(name)
        if path.is_file():
            yield Input(name, Path(*path.parts[fixed:]).as_posix())


def _remote(address: str) -> Iterator[Input]:
    filesystem, path = _store(address)
    names = sorted(filesystem.glob(path)) if glob.has_magic(path) else [path]
    for name in names:
        if filesystem.isdir(name):
            inside = sorted(n for n in filesystem.find(name) if is_document(Path(n)))
            yield from (Input(filesystem.unstrip_protocol(n), str(n)[len(str(name)) :].lstrip("/")) for n in inside)
        else:
            full = filesystem.unstrip_protocol(name) if glob.has_magic(path) else address
            yield Input(full, str(name).rsplit("/", 1)[-1])


def _store(address: str):  # type: ignore[no-untyped-def]  # fsspec has no types
    try:
        import fsspec
    except ImportError as error:
        raise MissingToolError(f"{address} is an address: install ocr2[batch] to read object stores") from error
    try:
        return fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise MissingToolError(f"{address} cannot be opened: {error}") from error


def stamp_of(one: Input) -> Stamp:
    """Return what tells whether a file changed.

    Raises:
        DocumentError: If it is not there.
    """
    if one.is_address:
        return Stamp(-1, 0)
    try:
        found = Path(one.name).stat()
    except OSError as error:
        raise DocumentError(f"{one.name} cannot be read: {error.strerror}") from error
    return Stamp(found.st_size, found.st_mtime_ns)


def read_input(one: Input) -> bytes:
    """Return the bytes of a file.

    Raises:
        DocumentError: If it cannot be read.
    """
    try:
        if one.is_address:
            filesystem, path = _store(one.name)
            return bytes(filesystem.cat_file(path))
        return Path(one.name).read_bytes()
    except OSError as error:
        raise DocumentError(f"{one.name} cannot be read: {error.strerror or error}") from error


def content_hash(data: bytes) -> str:
    """Return the hash by which equal files are one."""
    return hashlib.sha256(data).hexdigest()[:32]
