"""Training of networks that point (`ocr2.multimodal.pointing`): their rows, their logits, where tensors live.

Axis letters: b pictures, v image tokens, n elements, a ids of an answer, t positions, m labelled positions.
"""

import dataclasses
from typing import TypeVar

import torch
from torch import Tensor, nn

from ocr2.multimodal.pointing import PointingNetwork

IGNORE = -100  # label of a position at which nothing is to be written
B = TypeVar("B")


def embed_rows(network: PointingNetwork, features: Tensor, pointers: Tensor, ids: Tensor, sources: Tensor) -> Tensor:
    """Put rows together: embeddings (b, t, hidden).

    Args:
        network: The network.
        features: Image tokens (b, v, hidden).
        pointers: Input embeddings of elements (b, n, hidden).
        ids: Of the answers (b, a), padded.
        sources: (b, t): which of these v + n + a embeddings stands at a position.
    """
    written = network.multimodal.embed_tokens(ids)
    everything = torch.cat([features.to(written.dtype), pointers.to(written.dtype), written], dim=1)
    return everything.gather(1, sources[..., None].expand(-1, -1, everything.shape[-1]))


def pointer_logits(
    network: PointingNetwork, states: Tensor, heads: Tensor, labels: Tensor, valid: Tensor, *, first: int
) -> Tensor:
    """Return the logits (m, first + n), in float32, of positions that have a label.

    Args:
        network: The network.
        states: Of the decoder (b, t, hidden).
        heads: Output embeddings of elements (b, n, hidden).
        labels: (b, t); IGNORE where nothing is to be written.
        valid: (b, n), boolean: False where padded.
        first: Id of the first element.
    """
    supervised = labels != IGNORE
    static = network.multimodal.head(states[supervised])
    pointed = torch.bmm(states, heads.transpose(1, 2).to(states.dtype))[supervised]
    absent = ~valid[supervised.nonzero()[:, 0]]
    return torch.cat([static[:, :first].float(), pointed.float().masked_fill(absent, -torch.inf)], dim=1)


def to_device(batch: B, device: torch.device) -> B:
    """Return a dataclass with its tensors, those of dataclasses in it as well, on a device."""
    moved: dict[str, object] = {}
    for field in dataclasses.fields(batch):  # type: ignore[arg-type]  # any dataclass
        value = getattr(batch, field.name)
        if isinstance(value, Tensor):
            moved[field.name] = value.to(device, non_blocking=True)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            moved[field.name] = to_device(value, device)
    return dataclasses.replace(batch, **moved)  # type: ignore[type-var]  # any dataclass


def device_of(network: nn.Module) -> torch.device:
    """Return where a network's weights are."""
    return next(network.parameters()).device
