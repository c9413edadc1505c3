"""What can be read: paths, bytes, open files, images."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from PIL import Image

from ocr2.documents.sources import Source
from ocr2.reading.pages.decode import ImageLike


@runtime_checkable
class BinaryFile(Protocol):
    """An open file, in binary mode."""

    def read(self) -> bytes:
        """Return what is left of it."""


FileLike = str | Path | bytes | bytearray | memoryview | BinaryFile
Readable = FileLike | ImageLike | Iterable[ImageLike]


def as_source(source: Readable | Source) -> Source | Iterable[ImageLike]:
    """Say what a source is: a file, by path or bytes, or images."""
    if isinstance(source, Source):
        return source
    if isinstance(source, str | Path):
        return Source(str(source), Path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return Source("bytes", None, bytes(source))
    if isinstance(source, Image.Image | np.ndarray):
        return [source]
    if isinstance(source, BinaryFile):
        data = source.read()
        if not isinstance(data, bytes):
            raise TypeError(f"a file must be opened in binary mode, got {type(data).__name__} from it")
        return Source("file", None, data)
    return source
