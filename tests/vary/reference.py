"""The first Qwen in plain equations, on tensors under their published names; imports nothing of ours.

Source: docs/models/vary.md, "Decoder".
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

EPS = 1e-6
BASE = 10_000.0


def norm(x: Tensor, weight: Tensor) -> Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * weight


def rotate(x: Tensor) -> Tensor:
    """Turn (heads, t, d) by its positions, the first half of d with the second."""
    d = x.shape[-1]
    angles = torch.arange(x.shape[1])[:, None] * BASE ** (-torch.arange(0, d, 2) / d)
    cos, sin = torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()
    return x * cos + torch.cat([-x[..., d // 2 :], x[..., : d // 2]], -1) * sin


def attention(x: Tensor, state: dict[str, Tensor], at: str, heads: int) -> Tensor:
    t, width = x.shape
    fused = x @ state[f"{at}.c_attn.weight"].T + state[f"{at}.c_attn.bias"]
    q, k, v = (part.view(t, heads, width // heads).transpose(0, 1) for part in torch.split(fused, width, dim=-1))
    logits = rotate(q) @ rotate(k).transpose(1, 2) / math.sqrt(width // heads)
    logits = logits.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -math.inf)
    mixed = (logits.softmax(-1) @ v).transpose(0, 1).reshape(t, width)
    out: Tensor = mixed @ state[f"{at}.c_proj.weight"].T
    return out


def decode(embeds: Tensor, state: dict[str, Tensor], *, layers: int, heads: int) -> Tensor:
    """Return logits (t, vocabulary) of embeddings (t, width)."""
    x = embeds
    for i in range(layers):
        at = f"transformer.h.{i}"
        x = x + attention(norm(x, state[f"{at}.ln_1.weight"]), state, f"{at}.attn", heads)
        y = norm(x, state[f"{at}.ln_2.weight"])
        gated = (y @ state[f"{at}.mlp.w1.weight"].T) * F.silu(y @ state[f"{at}.mlp.w2.weight"].T)
        x = x + gated @ state[f"{at}.mlp.c_proj.weight"].T
    return norm(x, state["transformer.ln_f.weight"]) @ state["lm_head.weight"].T
