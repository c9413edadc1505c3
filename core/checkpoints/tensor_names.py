"""How published checkpoints store their tensors, as data: names, tied copies, the axes of convolutions.

A `Layout` renames, one rule a prefix. Values stay as they are; convolutions may have their axes in another order.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from ocr2.checkpoints.weights import Weights


@dataclass(frozen=True, slots=True)
class Rename:
    """Tensors whose published name starts with `published` start with `ours` in the model."""

    published: str
    ours: str


@dataclass(frozen=True, slots=True)
class Tied:
    """`copy` may be stored beside `source`: dropped if equal, an error if not. Published names."""

    source: str
    copy: str
    stored: bool = False  # whether the released file has the copy, so that a conversion writes it


@dataclass(frozen=True, slots=True)
class Layout:
    """How one published checkpoint names its tensors, and how it stores convolutions.

    The longest matching prefix decides; names that no rule matches are unknown.
    """

    name: str
    renames: tuple[Rename, ...]
    tied: tuple[Tied, ...] = ()
    channels_last: tuple[str, ...] = ()  # prefixes of convolutions stored (out, height, width, in)
    file_format: str = "pt"  # that its files name in their metadata; transformers refuses files without

    def to_ours(self, published: str) -> str | None:
        """Return the model's name of a published tensor, or None if no rule covers it."""
        return _rename(published, ((r.published, r.ours) for r in self.renames))

    def to_published(self, ours: str) -> str | None:
        """Return the published name of a model's tensor, or None if no rule covers it."""
        return _rename(ours, ((r.ours, r.published) for r in self.renames))

    def stored_shape(self, published: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape in which a tensor of the model's `shape` is stored."""
        if self._turns(published, len(shape)):
            out, channels, height, width = shape
            return out, height, width, channels
        return shape

    def from_stored(self, published: str, tensor: Tensor) -> Tensor:
        """Return a stored tensor as the model has it."""
        return tensor.permute(0, 3, 1, 2).contiguous() if self._turns(published, tensor.dim()) else tensor

    def to_stored(self, published: str, tensor: Tensor) -> Tensor:
        """Return a model's tensor as it is stored."""
        return tensor.permute(0, 2, 3, 1).contiguous() if self._turns(published, tensor.dim()) else tensor

    def _turns(self, published: str, axes: int) -> bool:
        return axes == 4 and published.startswith(self.channels_last)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSpec:
    """What the checkpoint folder of a released model must hold: all that checking and converting one needs."""

    name: str  # of the model
    architectures: tuple[str, ...]  # of which `config.json` names one
    layouts: tuple[Layout, ...]
    shapes: Mapping[str, tuple[int, ...]]  # of the model's tensors, by its own names
    check_tokenizer: Callable[[Path], object]  # raises CheckpointError if a folder's does not fit
    # Writes what lies beside the weights: (source folder, target folder, layout, dtype) -> remarks for the user.
    write_companions: Callable[[Path, Path, str, str], list[str]]
    open_weights: "Callable[[Path], Weights] | None" = None  # of a folder, where they are no plain safetensors


def _rename(name: str, rules: Iterator[tuple[str, str]]) -> str | None:
    fitting = [(old, new) for old, new in rules if name.startswith(old)]
    if not fitting:
        return None
    old, new = max(fitting, key=lambda rule: len(rule[0]))
    return new + name[len(old) :]
