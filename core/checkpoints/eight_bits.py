"""Weights in eight bits on disk: matrices as bytes with one factor a row, everything else in fp16.

A tensor that bytes describe too coarsely (`MAX_ERROR`) stays in fp16. In memory all of them are floats again.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = "::scale"  # behind a tensor's name: the factors of its rows, (rows,) fp32
MIN_ELEMENTS = 1024  # smaller tensors stay in fp16, where they cost nothing
MAX_ERROR = 0.02  # of a tensor: root mean square of the error over that of the values
STEPS = 127


def to_eight_bits(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as they are written: matrices as bytes and factors, other floats in fp16, the rest as it is."""
    written: dict[str, Tensor] = {}
    for name, value in state.items():
        if not value.is_floating_point():
            written[name] = value
            continue
        packed = quantise_rows(value) if value.ndim >= 2 and value.numel() >= MIN_ELEMENTS else None
        if packed is None:
            written[name] = value.to(torch.float16)
        else:
            written[name], written[name + SCALE] = packed
    return written


def quantise_rows(value: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return the bytes of a tensor (rows, ...) and the factors of its rows (rows,); None if they are too coarse."""
    rows = value.detach().float().flatten(1)
    scale = (rows.abs().amax(dim=1) / STEPS).clamp(min=1e-12)
    steps = (rows / scale[:, None]).round().clamp(-STEPS, STEPS)
    error = (steps * scale[:, None] - rows).square().mean().sqrt()
    if error > MAX_ERROR * rows.square().mean().sqrt():
        return None
    return steps.to(torch.int8).view(value.shape), scale


def from_eight_bits(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as floats; factors without their bytes stay, for the strict loader to name them."""
    restored: dict[str, Tensor] = {}
    for name, value in stored.items():
        scale = stored.get(name + SCALE)
        if scale is not None and value.dtype == torch.int8 and scale.shape == value.shape[:1]:
            restored[name] = (value.float().flatten(1) * scale.float()[:, None]).view(value.shape)
        elif not (name.endswith(SCALE) and stored.get(name.removesuffix(SCALE), value).dtype == torch.int8):
            restored[name] = value
    return restored
