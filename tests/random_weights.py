"""Random weights under which every part of a network changes what passes through it."""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from ocr2.checkpoints.tensor_names import Layout
from ocr2.checkpoints.weights import published_state

M = TypeVar("M", bound=nn.Module)
# So that positions do not look alike, and what the layers add outweighs the echo of the last token.
GAINS = {"q_proj.weight": 2, "k_proj.weight": 2, "o_proj.weight": 3, "down_proj.weight": 3}


def randomised(model: M, *, seed: int = 0) -> M:
    """Return a small model with random parameters, norms about 1."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) * 0.15
        lift_norm(name, parameter)
    return model.eval()


def randomise_decoder(model: M) -> M:
    """Return a model whose decoder has larger random parameters, by torch's own generator."""
    for name, parameter in model.named_parameters():
        if name.startswith("decoder."):
            parameter.data.normal_(std=0.3)
            lift_norm(name, parameter)
    return model.eval()


def lift_norm(name: str, parameter: nn.Parameter) -> None:
    """Add 1 to a parameter that scales what a norm returns."""
    if "norm" in name and name.endswith("weight"):
        parameter.data += 1


def scaled_state(model: nn.Module, *, seed: int = 0, gains: Mapping[str, int] = GAINS) -> dict[str, Tensor]:
    """Return parameters for a large model whose values keep their size from layer to layer.

    Args:
        model: On any device, meta too.
        seed: Of the noise.
        gains: Factors of products by the end of their name.
    """
    generator = torch.Generator().manual_seed(seed)
    state: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        noise = torch.randn(value.shape, generator=generator)
        if "norm" in name or ".neck.1." in name or ".neck.3." in name:
            state[name] = (1 if name.endswith("weight") else 0) + 0.1 * noise
        elif value.dim() > 1 and "pos" not in name and "embed_" not in name:
            gain = next((gain for tail, gain in gains.items() if name.endswith(tail)), 1)
            state[name] = gain * noise * value[0].numel() ** -0.5
        else:
            state[name] = 0.05 * noise
    return state


def stored_state(model: nn.Module, layout: Layout, *, table: str = "model.embed_tokens.weight") -> dict[str, Tensor]:
    """Return what the authors' checkpoint stores of a model, the head that is tied to the token table included."""
    state = {name: value.contiguous() for name, value in published_state(model, layout).items()}
    return {**state, "lm_head.weight": state[table].clone()}
