"""What all results of single pictures begin with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureResult:
    """A picture that was read, and what read it."""

    file: str  # path or description of the picture
    page: int  # from 1, in its file
    width: int  # pixels
    height: int
    model: str
    weights_sha256: str
