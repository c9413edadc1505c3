"""Checkpoints that others released, as data: where they lie, which of their files are needed, under which licence.

Nothing here fetches anything; `ocr2.checkpoints.hub` does, when a user asks for it.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

UNITS = {"GB": 10**9, "MB": 10**6, "kB": 10**3}
SUFFIXES = (".json", ".safetensors", ".tiktoken", ".txt")  # of files that can neither run nor be unpickled


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """One file of a release."""

    name: str
    size: int  # bytes; exact where the hash is known, else as the hub listed it
    sha256: str | None = None

    def __post_init__(self) -> None:
        path = PurePosixPath(self.name)
        if path.name != self.name or path.suffix not in SUFFIXES:
            raise ValueError(f"a released file has no folder and ends in {', '.join(SUFFIXES)}; got {self.name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One released checkpoint on the hub."""

    name: str  # of `--release`
    hub_id: str
    revision: str  # a commit, so that what is fetched today is what was checked
    files: tuple[ReleasedFile, ...]  # that are needed, small ones first: no code, no pickles
    licence: str
    notice: str  # shown before anything is fetched

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def format_size(size: int) -> str:
    """Write a number of bytes for people, in decimal units.

    Examples:
        >>> format_size(1_121_114_488), format_size(986)
        ('1.12 GB', '986 bytes')
    """
    for name, unit in UNITS.items():
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def parse_size(text: str) -> int:
    """Read a number of bytes.

    Raises:
        ValueError: If it is not a positive number with GB, MB or kB.

    Examples:
        >>> parse_size("2GB"), parse_size("1.5 mb")
        (2000000000, 1500000)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([gmk]b)", text.strip().lower())
    size = int(float(match[1]) * {name.lower(): unit for name, unit in UNITS.items()}[match[2]]) if match else 0
    if size < 1:
        raise ValueError(f"a size is a number with GB, MB or kB, such as 2GB; got {text!r}")
    return size
