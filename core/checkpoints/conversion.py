"""Writing a released checkpoint under the names of another of its layouts, tensor by tensor, whole or not at all."""

import json
import math
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ocr2.checkpoints.releases import SUFFIXES
from ocr2.checkpoints.tensor_names import CheckpointSpec, Layout
from ocr2.checkpoints.weights import (
    FLOATS,
    INDEX,
    SINGLE,
    Weights,
    check_architecture,
    choose_layout,
    fit_layout,
    refuse,
    tied_problems,
)
from ocr2.compute.device import DTYPES
from ocr2.errors import CheckpointError, OutputError

AT_ONCE = 1 << 22  # values converted together
ALIGNMENT = 8  # bytes, of the first value in a file


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written."""

    layout: str
    from_layout: str
    dtype: str
    files: tuple[str, ...]
    size: int  # bytes of the weights
    remarks: tuple[str, ...]  # what a user should know of the files beside them


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tensor of the new checkpoint."""

    name: str
    source: str  # its name in the old one
    shape: tuple[int, ...]  # as it will be stored
    kind: str  # number type, as safetensors names it

    @property
    def size(self) -> int:
        return math.prod(self.shape) * FLOATS[self.kind].itemsize


def convert_checkpoint(
    folder: Path,
    target: Path,
    spec: CheckpointSpec,
    *,
    layout: str,
    dtype: str | None = None,
    shard_size: int,
    force: bool = False,
) -> Converted:
    """Write a checkpoint anew in another layout; in memory is one tensor at a time.

    Args:
        folder: The checkpoint.
        target: Folder to write, which must not hold anything.
        spec: What the checkpoint must hold, and how its layouts look.
        layout: Name of the layout to write.
        dtype: "float32", "bfloat16", "float16", or None to keep number types as they are.
        shard_size: Bytes of a file of weights at most, unless one tensor has more.
        force: Replace a checkpoint in `target`.

    Raises:
        CheckpointError: If the checkpoint does not fit, or its values do not fit the number type.
        OutputError: If the target is in use or cannot be written.
        ValueError: If there is no such layout or number type.
    """
    new = _layout_named(layout, spec)
    check_architecture(folder, spec.architectures)
    weights = (spec.open_weights or Weights)(folder)
    old = choose_layout(weights, spec.layouts)
    fit = fit_layout(weights, old, spec.shapes)
    refuse([*fit.problems, *tied_problems(weights, old)], f"{folder} does not fit the {old.name} layout")
    spec.check_tokenizer(folder)
    entries = _plan(weights, fit.names, new, spec, kind=_kind_of(dtype))
    _require_free(target, folder, force=force)
    kept_dtype = dtype or _dtype_of(weights)
    try:
        with _replacing(target) as unfinished:
            _write_weights(unfinished, entries, weights, (old, new), shard_size=shard_size)
            remarks = spec.write_companions(folder, unfinished, new.name, kept_dtype)
            files = tuple(sorted(path.name for path in unfinished.iterdir()))
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    return Converted(new.name, old.name, kept_dtype, files, sum(entry.size for entry in entries), tuple(remarks))


def _layout_named(name: str, spec: CheckpointSpec) -> Layout:
    for layout in spec.layouts:
        if layout.name == name:
            return layout
    raise ValueError(f"{spec.name} has no layout {name!r}; expected one of: {', '.join(x.name for x in spec.layouts)}")


def _kind_of(dtype: str | None) -> str | None:
    if dtype is None:
        return None
    if dtype not in DTYPES:
        raise ValueError(f"unknown dtype {dtype!r}; expected one of: {', '.join(DTYPES)}")
    return next(kind for kind, value in FLOATS.items() if value == DTYPES[dtype])


def _dtype_of(weights: Weights) -> str:
    ((kind, _),) = Counter(weights.kinds.values()).most_common(1)
    return str(FLOATS[kind]).removeprefix("torch.")


def _plan(
    weights: Weights, names: dict[str, str], new: Layout, spec: CheckpointSpec, *, kind: str | None
) -> list[_Entry]:
    """List what is to be written, in the model's order; copies that the new layout stores follow their source."""
    sources = {ours: stored for stored, ours in names.items()}
    copies = {rule.copy: rule for rule in new.tied}
    entries: list[_Entry] = []
    for ours, shape in spec.shapes.items():
        published = new.to_published(ours)
        if published is None:
            raise CheckpointError(f"the {new.name} layout has no name for {ours}")
        if published in copies:
            continue
        source = sources[ours]
        stored = new.stored_shape(published, shape)
        same = [published, *(rule.copy for rule in new.tied if rule.source == published and rule.stored)]
        entries += [_Entry(name, source, stored, kind or weights.kinds[source]) for name in same]
    # Wide numbers first, or values after an odd number of narrow ones would not be aligned.
    return sorted(entries, key=lambda entry: -FLOATS[entry.kind].itemsize)


def _require_free(target: Path, folder: Path, *, force: bool) -> None:
    """Refuse a target that is in use; `force` allows what a conversion may have written, and nothing else."""
    if target.exists() and not target.is_dir():
        raise OutputError(f"cannot write {target}: it is a file")
    if target.is_dir() and target.samefile(folder):
        raise OutputError(f"cannot write {target}: it is the checkpoint that is to be converted")
    held = sorted(target.iterdir()) if target.is_dir() else []
    if held and not force:
        raise OutputError(f"{target} is not empty; --force replaces a checkpoint that is there")
    if held and not any(path.suffix == ".safetensors" for path in held):
        raise OutputError(f"{target} holds no checkpoint; it is not replaced")
    for path in held:
        if path.is_dir() or path.suffix not in SUFFIXES:
            raise OutputError(f"{target} holds {path.name}, which is not of a checkpoint; it is not replaced")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Yield a folder that takes the target's place if all goes well, and is removed otherwise."""
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}.unfinished-", dir=target.parent))
    unfinished.chmod(0o777 & ~_umask())
    before = unfinished.with_name(f"{unfinished.name}-before")
    try:
        yield unfinished
        if target.exists():
            shutil.rmtree(before, ignore_errors=True)
            target.rename(before)
        unfinished.rename(target)
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write_weights(
    folder: Path, entries: Sequence[_Entry], weights: Weights, layouts: tuple[Layout, Layout], *, shard_size: int
) -> None:
    shards = _shards(entries, shard_size)
    names = [SINGLE]
    if len(shards) > 1:
        names = [f"model-{i:05}-of-{len(shards):05}.safetensors" for i in range(1, len(shards) + 1)]
    for name, shard in zip(names, shards, strict=True):
        _write_file(folder / name, shard, weights, layouts)
    if len(shards) > 1:
        table = {entry.name: name for name, shard in zip(names, shards, strict=True) for entry in shard}
        index = {"metadata": {"total_size": sum(entry.size for entry in entries)}, "weight_map": table}
        (folder / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _shards(entries: Sequence[_Entry], size: int) -> list[list[_Entry]]:
    shards: list[list[_Entry]] = [[]]
    for entry in entries:
        if shards[-1] and sum(other.size for other in shards[-1]) + entry.size > size:
            shards.append([])
        shards[-1].append(entry)
    return shards


def _write_file(path: Path, entries: Sequence[_Entry], weights: Weights, layouts: tuple[Layout, Layout]) -> None:
    """Write one safetensors file: the length of its header, the header, the values."""
    old, new = layouts
    header: dict[str, object] = {"__metadata__": {"format": new.file_format}}
    end = 0
    for entry in entries:
        start, end = end, end + entry.size
        header[entry.name] = {"dtype": entry.kind, "shape": entry.shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    read = weights.tensors([entry.source for entry in entries], mapped=False)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for entry, (_, tensor) in zip(entries, read, strict=True):
            stored = new.to_stored(entry.name, old.from_stored(entry.source, tensor))
            for part in _as_bytes(stored, entry):
                file.write(part)


def _as_bytes(tensor: Tensor, entry: _Entry) -> Iterator[memoryview]:
    """Yield a tensor's values in the number type of an entry, part by part."""
    dtype = FLOATS[entry.kind]
    flat = tensor.flatten()
    for start in range(0, flat.numel(), AT_ONCE):
        values = flat[start : start + AT_ONCE].to(dtype)
        if dtype != tensor.dtype and not values.isfinite().all():
            raise CheckpointError(f"{entry.source} holds values that {str(dtype).removeprefix('torch.')} cannot")
        yield values.view(torch.uint8).numpy().data
