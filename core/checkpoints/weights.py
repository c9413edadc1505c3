"""Strict reading and writing of weights: every tensor accounted for, nothing unpickled.

A published checkpoint keeps names of its own, which a `Layout` of `ocr2.checkpoints.tensor_names` turns into ours.
Tensors stay on disk until they are asked for.
"""

import json
import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ocr2.checkpoints.eight_bits import from_eight_bits
from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.tensor_names import Layout
from ocr2.errors import CheckpointError

LISTED = 10  # names shown of what does not fit
INDEX = "model.safetensors.index.json"  # of a checkpoint in several files
SINGLE = "model.safetensors"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
FLOATS = {  # as safetensors names them
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}


class Weights:
    """The tensors of one checkpoint: a safetensors file, or a folder with one or several.

    Args:
        path: The file or folder.
        fused: Modules whose tensors are stored as one, by the end of their name: they are taken for as many equal
            parts, of these names, along the first axis.
        ignored: Ends of names of tensors that are left out: tables that some releases store and nobody needs.

    Raises:
        CheckpointError: If there are no weights, a shard is missing, or a file is damaged; files that would
            have to be unpickled are named and not opened.
    """

    def __init__(
        self, path: Path, *, fused: Mapping[str, Sequence[str]] | None = None, ignored: Sequence[str] = ()
    ) -> None:
        self.path = path
        self.files = self._find_files(path)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.kinds: dict[str, str] = {}  # number types, as safetensors names them
        self.metadata: dict[str, str] = {}
        self._home: dict[str, Path] = {}
        self._parts: dict[str, tuple[str, int, int]] = {}  # of a part: where it is stored, its rows
        self._list()
        for name in list(self.shapes):
            if name.endswith(tuple(ignored)):
                del self.shapes[name], self.kinds[name]
            else:
                self._part(name, fused or {})

    def _find_files(self, path: Path) -> list[Path]:
        return _weight_files(path)

    def _list(self) -> None:
        for file in self.files:
            with _opened(file) as opened:
                self.metadata.update(opened.metadata() or {})
                for name in opened.keys():  # noqa: SIM118 (not a dict)
                    if name in self._home:
                        raise CheckpointError(f"{name} is in {self._home[name].name} and in {file.name}; expected once")
                    self.kinds[name] = opened.get_slice(name).get_dtype()
                    self.shapes[name] = tuple(opened.get_slice(name).get_shape())
                    self._home[name] = file

    def _part(self, name: str, fused: Mapping[str, Sequence[str]]) -> None:
        """List a tensor as its parts if it is a fused one that can be parted."""
        module, _, kind = name.rpartition(".")
        parts = next((parts for end, parts in fused.items() if module.endswith(end)), ())
        rows = self.shapes[name][0] if self.shapes[name] else 0
        if not parts or rows % len(parts):
            return
        size, shape, stored = rows // len(parts), self.shapes.pop(name), self.kinds.pop(name)
        for i, part in enumerate(parts):
            virtual = f"{module}.{part}.{kind}"
            self.shapes[virtual], self.kinds[virtual] = (size, *shape[1:]), stored
            self._parts[virtual] = name, i * size, (i + 1) * size

    def tensors(self, names: Sequence[str], *, mapped: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, tensor) in this order.

        Args:
            names: Stored names.
            mapped: Map tensors from disk, where they stay until they are used; otherwise read each into memory
                of its own, which is free again when the tensor is dropped.
        """
        with ExitStack() as stack:
            opened: dict[Path, Any] = {}  # safe_open has no types
            for name in names:
                stored, start, end = self._parts.get(name, (name, 0, 0))
                file = self._home[stored]
                if file not in opened:
                    opened[file] = stack.enter_context(_opened(file, backend="mmap" if mapped else "pread"))
                tensor = opened[file].get_slice(stored)[start:end] if end else opened[file].get_tensor(stored)
                yield name, tensor

    def sha256(self) -> str:
        """Return the hash of the files, in order of their names."""
        return sha256_of(*self.files)


class PickledWeights(Weights):
    """The tensors of one pickled file, read by a reader that makes tensors alone and runs nothing.

    Args:
        path: The file.
        fused: As for `Weights`.
        ignored: Likewise.

    Raises:
        CheckpointError: If there is no such file, it is damaged, or it holds anything but tensors.
    """

    def _find_files(self, path: Path) -> list[Path]:
        if not path.is_file():
            raise CheckpointError(f"no weights at {path}")
        return [path]

    def _list(self) -> None:
        try:
            # Files of before torch 1.6 are no zip archives, and cannot be mapped.
            held = torch.load(self.path, weights_only=True, map_location="cpu", mmap=zipfile.is_zipfile(self.path))
        except Exception as error:  # whatever a damaged or hostile file makes of the reader
            raise CheckpointError(f"{self.path} is no file of tensors alone, or it is damaged") from error
        if not isinstance(held, dict) or not all(isinstance(v, Tensor) for v in held.values()):
            raise CheckpointError(f"{self.path} holds more than tensors")
        kinds = {dtype: kind for kind, dtype in FLOATS.items()}
        self._tensors: dict[str, Tensor] = {str(name): value for name, value in held.items()}
        self.shapes = {name: tuple(value.shape) for name, value in self._tensors.items()}
        self.kinds = {name: kinds.get(value.dtype, str(value.dtype)) for name, value in self._tensors.items()}

    def tensors(self, names: Sequence[str], *, mapped: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Yield (name, tensor) in this order; they are mapped from the file."""
        for name in names:
            stored, start, end = self._parts.get(name, (name, 0, 0))
            tensor = self._tensors[stored]
            yield name, tensor[start:end] if end else tensor


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


def _opened(path: Path, *, backend: str = "mmap") -> safe_open:
    try:
        return safe_open(path, framework="pt", backend=backend)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a whole safetensors file: {error}") from error


@dataclass(frozen=True, slots=True)
class Fit:
    """How the tensors of a checkpoint meet those of a model, by names, shapes and number types."""

    names: dict[str, str]  # stored name -> the model's; tied copies are left out
    problems: tuple[str, ...]


def shapes_of(model: nn.Module) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of a model's tensors."""
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def fit_layout(weights: Weights, layout: Layout, expected: Mapping[str, tuple[int, ...]]) -> Fit:
    """Compare a checkpoint with what a model needs, without reading values.

    Args:
        weights: The checkpoint.
        layout: How it names its tensors.
        expected: Shapes of the model's tensors, by its own names.
    """
    stored = dict(weights.shapes)
    for rule in layout.tied:
        if rule.copy in stored and rule.source in stored:
            del stored[rule.copy]
    names = {published: layout.to_ours(published) for published in stored}
    found = {ours: published for published, ours in names.items() if ours in expected}
    shapes = {str(published): layout.stored_shape(published, expected[str(ours)]) for ours, published in found.items()}
    copies = {layout.to_ours(rule.copy) for rule in layout.tied}
    problems = [
        f"missing {layout.to_published(name) or name}" for name in expected if name not in found and name not in copies
    ]
    problems += [f"unknown {published}" for published, ours in names.items() if ours not in expected]
    problems += [
        f"{published} is {stored[published]}, expected {shape}"
        for published, shape in shapes.items()
        if stored[published] != shape
    ]
    problems += [
        f"{name} is {kind}, expected {', '.join(FLOATS)}" for name, kind in weights.kinds.items() if kind not in FLOATS
    ]
    return Fit({published: str(ours) for ours, published in found.items()}, tuple(problems))


def tied_problems(weights: Weights, layout: Layout) -> list[str]:
    """Say which stored copies differ from what they must equal."""
    problems = []
    for rule in layout.tied:
        if rule.copy in weights.shapes and rule.source in weights.shapes:
            pair = dict(weights.tensors([rule.source, rule.copy]))
            if not torch.equal(pair[rule.source], pair[rule.copy]):
                problems.append(f"{rule.copy} differs from {rule.source}, of which it must be a copy")
    return problems


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
    fit = fit_layout(weights, layout, shapes_of(model))
    refuse([*fit.problems, *tied_problems(weights, layout)], f"{weights.path} does not fit the {layout.name} layout")
    # The largest first: what is converted is in memory twice for a moment, which costs least while little is there.
    names = sorted(fit.names, key=lambda name: -math.prod(weights.shapes[name]))
    for mapped in (False, True):
        chosen = [name for name in names if (FLOATS[weights.kinds[name]] == dtype) == mapped]
        for published, tensor in weights.tensors(chosen, mapped=mapped):
            _assign(model, fit.names[published], layout.from_stored(published, tensor).to(dtype))


def _assign(model: nn.Module, name: str, value: Tensor) -> None:
    path, _, last = name.rpartition(".")
    owner = model.get_submodule(path)
    if last in owner._parameters:
        owner._parameters[last] = nn.Parameter(value, requires_grad=False)
    else:
        owner._buffers[last] = value


def published_state(model: nn.Module, layout: Layout) -> dict[str, Tensor]:
    """Return a model's tensors under their published names and as they are stored, tied copies left out.

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
            state[published] = layout.to_stored(published, value)
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


def check_architecture(folder: Path, architectures: Sequence[str]) -> None:
    """Refuse the folder of another model by its `config.json`; without one the tensors themselves will tell.

    Raises:
        CheckpointError: If the config names none of `architectures`, or is no config.
    """
    path = folder / "config.json"
    if not path.is_file():
        return
    try:
        names = [str(name) for name in json.loads(path.read_text(encoding="utf-8")).get("architectures") or []]
    except (ValueError, AttributeError, TypeError) as error:
        raise CheckpointError(f"{path} is not a model's config: {error}") from error
    if names and not set(names) & set(architectures):
        raise CheckpointError(f"{path} describes {', '.join(names)}; expected {' or '.join(architectures)}")


def shipped_file(package: str, name: str) -> Path:
    """Return the path of a file of weights inside a package's folder of assets.

    Raises:
        CheckpointError: If the package was built without it.
    """
    path = Path(str(resources.files(package) / name))
    if not path.is_file():
        raise CheckpointError(f"the package holds no {name}; reinstall ocr2 or name a file with --weights")
    return path


def load_safetensors(model: nn.Module, path: Path) -> dict[str, str]:
    """Fill a model from a safetensors file that uses its own names; returns the file's metadata.

    Raises:
        CheckpointError: If the file cannot be read, or names or shapes differ; the first ten are listed.
    """
    if not path.is_file():
        raise CheckpointError(f"no weights at {path}; expected a .safetensors file")
    weights = Weights(path)
    load_strict(model, from_eight_bits(dict(weights.tensors(list(weights.shapes)))), origin=str(path))
    return weights.metadata


def load_strict(model: nn.Module, tensors: Mapping[str, Tensor], *, origin: str) -> None:
    """Copy tensors into a model whose names and shapes must be exactly these; dtypes follow the model.

    Of names that mean one tensor (tied weights) one is enough.
    """
    expected = model.state_dict()
    given = {value.data_ptr() for name, value in expected.items() if name in tensors}
    problems = [f"missing {n}" for n, value in expected.items() if n not in tensors and value.data_ptr() not in given]
    problems += [f"unknown {name}" for name in tensors if name not in expected]
    problems += [
        f"{name} is {tuple(tensors[name].shape)}, expected {tuple(value.shape)}"
        for name, value in expected.items()
        if name in tensors and tensors[name].shape != value.shape
    ]
    refuse(problems, f"{origin} does not fit the model")
    with torch.no_grad():
        for name, tensor in tensors.items():
            expected[name].copy_(tensor)


def refuse(problems: Sequence[str], what: str) -> None:
    """Raise a CheckpointError that lists the first ten problems, if there are any."""
    if problems:
        more = f" and {len(problems) - LISTED} more" if len(problems) > LISTED else ""
        raise CheckpointError(f"{what}: {'; '.join(problems[:LISTED])}{more}")


def save_safetensors(state: Mapping[str, Tensor], path: Path, *, metadata: dict[str, str]) -> None:
    """Write tensors, whole or not at all."""
    unfinished = path.with_name(f".{path.name}")
    save_file({name: value.contiguous() for name, value in state.items()}, unfinished, metadata=metadata)
    unfinished.replace(path)
