"""Strict reading and writing of weights: every tensor accounted for, nothing unpickled.

A published checkpoint keeps names of its own. A `Layout` is data that renames them: one rule a pattern, and
`Tied` rules for copies that must be equal. Tensors stay on disk until they are asked for.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ocr2.errors import CheckpointError

LISTED = 10  # names shown of what does not fit
INDEX = "model.safetensors.index.json"  # of a checkpoint in several files
SINGLE = "model.safetensors"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
FLOATS = ("F64", "F32", "F16", "BF16")  # as safetensors names them
CHUNK = 1 << 22  # bytes read at once for a hash


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


@dataclass(frozen=True, slots=True)
class Layout:
    """How one published checkpoint names its tensors.

    The longest matching prefix decides; names that no rule matches are unknown.
    """

    name: str
    renames: tuple[Rename, ...]
    tied: tuple[Tied, ...] = ()

    def to_ours(self, published: str) -> str | None:
        """Return the model's name of a published tensor, or None if no rule covers it."""
        return _rename(published, ((r.published, r.ours) for r in self.renames))

    def to_published(self, ours: str) -> str | None:
        """Return the published name of a model's tensor, or None if no rule covers it."""
        return _rename(ours, ((r.ours, r.published) for r in self.renames))


def _rename(name: str, rules: Iterator[tuple[str, str]]) -> str | None:
    fitting = [(old, new) for old, new in rules if name.startswith(old)]
    if not fitting:
        return None
    old, new = max(fitting, key=lambda rule: len(rule[0]))
    return new + name[len(old) :]


class Weights:
    """The tensors of one checkpoint: a safetensors file, or a folder with one or several.

    Args:
        path: The file or folder.

    Raises:
        CheckpointError: If there are no weights, a shard is missing, or a file is damaged; files that would
            have to be unpickled are named and not opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = _weight_files(path)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.kinds: dict[str, str] = {}  # number types, as safetensors names them
        self.metadata: dict[str, str] = {}
        self._home: dict[str, Path] = {}
        for file in self.files:
            with _opened(file) as opened:
                self.metadata.update(opened.metadata() or {})
                for name in opened.keys():  # noqa: SIM118 (not a dict)
                    if name in self._home:
                        raise CheckpointError(f"{name} is in {self._home[name].name} and in {file.name}; expected once")
                    self.kinds[name] = opened.get_slice(name).get_dtype()
                    self.shapes[name] = tuple(opened.get_slice(name).get_shape())
                    self._home[name] = file

    def tensors(self, names: Sequence[str]) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, tensor), mapped from disk, file by file."""
        for file in self.files:
            with _opened(file) as opened:
                for name in names:
                    if self._home[name] == file:
                        yield name, opened.get_tensor(name)

    def sha256(self) -> str:
        """Return the hash of the files, in order of their names."""
        digest = hashlib.sha256()
        for file in self.files:
            with file.open("rb") as data:
                while block := data.read(CHUNK):
                    digest.update(block)
        return digest.hexdigest()


def _weight_files(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix != ".safetensors":
            raise CheckpointError(f"{path} is not a .safetensors file; pickled weights are never loaded")
        return [path]
    if not path.is_dir():
        raise CheckpointError(f"no weights at {path}; expected a .safetensors file or a folder with one")
    if (path / INDEX).is_file():
        try:
            table = json.loads((path / INDEX).read_text(encoding="utf-8"))["weight_map"]
            names = sorted(set(table.values()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{path / INDEX} is not an index of weights: {error}") from error
        if not names or any(not isinstance(n, str) or Path(n).name != n for n in names):
            raise CheckpointError(f"{path / INDEX} names no files of its folder")
        missing = [name for name in names if not (path / name).is_file()]
        if missing:
            raise CheckpointError(f"{path} lacks {len(missing)} of {len(names)} shards: {', '.join(missing[:LISTED])}")
        return [path / name for name in names]
    if (path / SINGLE).is_file():
        return [path / SINGLE]
    pickled = sorted(p.name for pattern in PICKLES for p in path.glob(pattern))
    if pickled:
        raise CheckpointError(
            f"{path} holds only pickled weights ({pickled[0]}), which can run code and are never loaded; "
            f"expected {SINGLE} or {INDEX}"
        )
    raise CheckpointError(f"{path} holds neither {SINGLE} nor {INDEX}")


def _opened(path: Path) -> safe_open:
    try:
        return safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error


def load_layout(model: nn.Module, weights: Weights, layout: Layout, *, dtype: torch.dtype) -> None:
    """Fill a model built on the meta device from a published checkpoint, tensor by tensor.

    Args:
        model: Its parameters are replaced; buffers that no checkpoint stores are left.
        weights: The checkpoint.
        layout: How it names its tensors.
        dtype: Of the parameters in memory; a tensor that has it already is mapped, not copied.

    Raises:
        CheckpointError: If a tensor is missing, unknown, of another shape, or a tied copy differs.
    """
    expected = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    stored = dict(weights.shapes)
    for rule in layout.tied:
        if rule.copy in stored and rule.source in stored:
            _check_tied(weights, rule)
            del stored[rule.copy]
    names = {published: layout.to_ours(published) for published in stored}
    found = {ours: published for published, ours in names.items() if ours is not None}
    copies = {layout.to_ours(rule.copy) for rule in layout.tied}
    problems = [
        f"missing {layout.to_published(name) or name}" for name in expected if name not in found and name not in copies
    ]
    problems += [f"unknown {published}" for published, ours in names.items() if ours not in expected]
    problems += [
        f"{published} is {stored[published]}, expected {expected[ours]}"
        for published, ours in names.items()
        if ours in expected and stored[published] != expected[ours]
    ]
    problems += [
        f"{name} is {kind}, expected {', '.join(FLOATS)}" for name, kind in weights.kinds.items() if kind not in FLOATS
    ]
    _refuse(problems, f"{weights.path} does not fit the {layout.name} layout")
    for published, tensor in weights.tensors(list(stored)):
        _assign(model, str(names[published]), tensor.to(dtype))


def _check_tied(weights: Weights, rule: Tied) -> None:
    pair = dict(weights.tensors([rule.source, rule.copy]))
    if not torch.equal(pair[rule.source], pair[rule.copy]):
        raise CheckpointError(f"{weights.path}: {rule.copy} differs from {rule.source}, of which it must be a copy")


def _assign(model: nn.Module, name: str, value: Tensor) -> None:
    path, _, last = name.rpartition(".")
    owner = model.get_submodule(path)
    if last in owner._parameters:
        owner._parameters[last] = nn.Parameter(value, requires_grad=False)
    else:
        owner._buffers[last] = value


def published_state(model: nn.Module, layout: Layout) -> dict[str, Tensor]:
    """Return a model's tensors under their published names, tied copies left out.

    Raises:
        CheckpointError: If the layout has no name for a tensor.
    """
    copies = {rule.copy for rule in layout.tied}
    state: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        published = layout.to_published(name)
        if published is None:
            raise CheckpointError(f"the {layout.name} layout has no name for {name}")
        if published not in copies:
            state[published] = value
    return state


def choose_layout(weights: Weights, layouts: Sequence[Layout]) -> Layout:
    """Return the layout that names most of a checkpoint's tensors.

    Raises:
        CheckpointError: If none names half of them: another model's checkpoint.
    """

    def named(layout: Layout) -> int:
        return sum(layout.to_ours(name) is not None for name in weights.shapes)

    best = max(layouts, key=named)
    if 2 * named(best) < len(weights.shapes):
        known = ", ".join(layout.name for layout in layouts)
        some = ", ".join(sorted(weights.shapes)[:3])
        raise CheckpointError(f"{weights.path} is none of the known layouts ({known}): its tensors are {some}, ...")
    return best


def load_safetensors(model: nn.Module, path: Path) -> dict[str, str]:
    """Fill a model from a safetensors file that uses its own names; returns the file's metadata.

    Raises:
        CheckpointError: If the file cannot be read, or names or shapes differ; the first ten are listed.
    """
    if not path.is_file():
        raise CheckpointError(f"no weights at {path}; expected a .safetensors file")
    weights = Weights(path)
    load_strict(model, dict(weights.tensors(list(weights.shapes))), origin=str(path))
    return weights.metadata


def load_strict(model: nn.Module, tensors: Mapping[str, Tensor], *, origin: str) -> None:
    """Copy tensors into a model whose names and shapes must be exactly these; dtypes follow the model."""
    expected = model.state_dict()
    problems = [f"missing {name}" for name in expected if name not in tensors]
    problems += [f"unknown {name}" for name in tensors if name not in expected]
    problems += [
        f"{name} is {tuple(tensors[name].shape)}, expected {tuple(value.shape)}"
        for name, value in expected.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    _refuse(problems, f"{origin} does not fit the model")
    with torch.no_grad():
        for name, value in expected.items():
            value.copy_(tensors[name])


def _refuse(problems: Sequence[str], what: str) -> None:
    if problems:
        more = f" and {len(problems) - LISTED} more" if len(problems) > LISTED else ""
        raise CheckpointError(f"{what}: {'; '.join(problems[:LISTED])}{more}")


def save_safetensors(state: Mapping[str, Tensor], path: Path, *, metadata: dict[str, str]) -> None:
    """Write tensors, whole or not at all."""
    unfinished = path.with_name(f".{path.name}")
    save_file({name: value.contiguous() for name, value in state.items()}, unfinished, metadata=metadata)
    unfinished.replace(path)
