"""Checking a checkpoint's folder against what a model needs: names, shapes, number types, values, tokenizer, hashes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ocr2.checkpoints.hub import Located, release_problems
from ocr2.checkpoints.releases import Release
from ocr2.checkpoints.tensor_names import CheckpointSpec
from ocr2.checkpoints.weights import FLOATS, Weights, check_architecture, choose_layout, fit_layout, tied_problems
from ocr2.errors import CheckpointError

AT_ONCE = 1 << 22  # values looked at together


@dataclass(frozen=True, slots=True)
class Verified:
    """What a checkpoint is, and what of it does not fit."""

    layout: str
    tensors: int  # stored, tied copies included
    parameters: int  # without them
    dtype: str  # several are parted by commas, the most frequent first
    sha256: str
    release: Release | None  # that it is, or was found as
    problems: tuple[str, ...]


def verify_checkpoint(located: Located, spec: CheckpointSpec, releases: Sequence[Release]) -> Verified:
    """Look at every tensor, the tokenizer and the hashes; one tensor is in memory at a time.

    Args:
        located: The folder, and the release it is said to be.
        spec: What it must hold.
        releases: To be recognised by the hash of their weights.

    Raises:
        CheckpointError: If it is another model's, or cannot be read at all.
    """
    folder = located.folder
    check_architecture(folder, spec.architectures)
    weights = (spec.open_weights or Weights)(folder)
    layout = choose_layout(weights, spec.layouts)
    fit = fit_layout(weights, layout, spec.shapes)
    sha256 = weights.sha256()
    release = located.release or _recognise(weights, sha256, releases)
    hashes = {weights.files[0].name: sha256} if len(weights.files) == 1 else {}
    problems = [
        *(release_problems(folder, release, hashes=hashes) if release is not None else ()),
        *fit.problems,
        *tied_problems(weights, layout),
        *_value_problems(weights),
        *_tokenizer_problems(folder, spec),
    ]
    copies = {rule.copy for rule in layout.tied if rule.source in weights.shapes}
    return Verified(
        layout=layout.name,
        tensors=len(weights.shapes),
        parameters=sum(torch.Size(s).numel() for name, s in weights.shapes.items() if name not in copies),
        dtype=", ".join(_dtype_name(kind) for kind, _ in Counter(weights.kinds.values()).most_common()),
        sha256=sha256,
        release=release,
        problems=tuple(problems),
    )


def _recognise(weights: Weights, sha256: str, releases: Sequence[Release]) -> Release | None:
    if len(weights.files) > 1:
        return None
    return next((r for r in releases if any(file.sha256 == sha256 for file in r.files)), None)


def _dtype_name(kind: str) -> str:
    return str(FLOATS[kind]).removeprefix("torch.") if kind in FLOATS else kind


def _value_problems(weights: Weights) -> list[str]:
    names = [name for name, kind in weights.kinds.items() if kind in FLOATS]
    read = weights.tensors(names, mapped=False)
    return [f"{name} holds values that are not finite" for name, tensor in read if not is_finite(tensor)]


def is_finite(tensor: Tensor) -> bool:
    """Say whether all values are finite, without a copy of the tensor."""
    flat = tensor.flatten()
    return all(bool(flat[i : i + AT_ONCE].isfinite().all()) for i in range(0, flat.numel(), AT_ONCE))


def _tokenizer_problems(folder: Path, spec: CheckpointSpec) -> list[str]:
    try:
        spec.check_tokenizer(folder)
    except CheckpointError as error:
        return [str(error)]
    return []
