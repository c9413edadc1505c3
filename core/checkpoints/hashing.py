"""Hashes of files, read piece by piece."""

import hashlib
from pathlib import Path

CHUNK = 1 << 22  # bytes read at once


def sha256_of(*paths: Path) -> str:
    """Return the sha256 of files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as data:
            while block := data.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()
