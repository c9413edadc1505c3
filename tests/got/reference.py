"""GOT written down plainly from its published equations, for tests; imports nothing of ocr2.

Takes tensors under the names of the original checkpoint. Axis letters: b images, c channels, h rows, w columns,
n heads, d channels of a head, t positions.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

TOWER = "model.vision_tower_high."


def encode(
    p: Mapping[str, Tensor], pixels: Tensor, *, heads: int, window: int, global_blocks: tuple[int, ...]
) -> Tensor:
    """Pixels (b, 3, side, side) to the 16 x 16 grid of features before the projector, (b, t, c)."""
    patch = p[f"{TOWER}patch_embed.proj.weight"]
    x = F.conv2d(pixels, patch, p[f"{TOWER}patch_embed.proj.bias"], stride=patch.shape[-1])
    x = x.permute(0, 2, 3, 1) + p[f"{TOWER}pos_embed"]
    depth = 1 + max(int(k.split(".")[3]) for k in p if k.startswith(f"{TOWER}blocks."))
    for n in range(depth):
        x = block(p, f"{TOWER}blocks.{n}.", x, heads=heads, window=0 if n in global_blocks else window)
    x = x.permute(0, 3, 1, 2)
    x = channel_norm(F.conv2d(x, p[f"{TOWER}neck.0.weight"]), p, f"{TOWER}neck.1.")
    x = channel_norm(F.conv2d(x, p[f"{TOWER}neck.2.weight"], padding=1), p, f"{TOWER}neck.3.")
    x = F.conv2d(x, p[f"{TOWER}net_2.weight"], stride=2, padding=1)
    x = F.conv2d(x, p[f"{TOWER}net_3.weight"], stride=2, padding=1)
    return x.flatten(2).transpose(1, 2)


def project(p: Mapping[str, Tensor], features: Tensor) -> Tensor:
    """Features to decoder width."""
    return F.linear(features, p["model.mm_projector_vary.weight"], p["model.mm_projector_vary.bias"])


def channel_norm(x: Tensor, p: Mapping[str, Tensor], name: str) -> Tensor:
    mean = x.mean(1, keepdim=True)
    variance = ((x - mean) ** 2).mean(1, keepdim=True)
    scaled = (x - mean) / torch.sqrt(variance + 1e-6)
    return scaled * p[name + "weight"][:, None, None] + p[name + "bias"][:, None, None]


def block(p: Mapping[str, Tensor], name: str, x: Tensor, *, heads: int, window: int) -> Tensor:
    _, h, w, c = x.shape
    y = F.layer_norm(x, (c,), p[f"{name}norm1.weight"], p[f"{name}norm1.bias"], 1e-6)
    if window:
        bottom, right = -h % window, -w % window
        y = F.pad(y, (0, 0, 0, right, 0, bottom))
        out = torch.empty_like(y)
        for top in range(0, h + bottom, window):
            for left in range(0, w + right, window):
                part = y[:, top : top + window, left : left + window]
                out[:, top : top + window, left : left + window] = attention(p, f"{name}attn.", part, heads=heads)
        y = out[:, :h, :w]
    else:
        y = attention(p, f"{name}attn.", y, heads=heads)
    x = x + y
    y = F.layer_norm(x, (c,), p[f"{name}norm2.weight"], p[f"{name}norm2.bias"], 1e-6)
    y = F.gelu(F.linear(y, p[f"{name}mlp.lin1.weight"], p[f"{name}mlp.lin1.bias"]))
    return x + F.linear(y, p[f"{name}mlp.lin2.weight"], p[f"{name}mlp.lin2.bias"])


def attention(p: Mapping[str, Tensor], name: str, x: Tensor, *, heads: int) -> Tensor:
    b, h, w, c = x.shape
    d = c // heads
    qkv = F.linear(x, p[f"{name}qkv.weight"], p[f"{name}qkv.bias"]).reshape(b, h * w, 3, heads, d)
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    down, across = p[f"{name}rel_pos_h"], p[f"{name}rel_pos_w"]
    rows, columns = torch.arange(h), torch.arange(w)
    at_rows = down[rows[:, None] - rows[None, :] + h - 1]  # (query row, key row, d)
    at_columns = across[columns[:, None] - columns[None, :] + w - 1]
    grid = q.reshape(b, heads, h, w, d)
    bias = (
        torch.einsum("bnhwd,hkd->bnhwk", grid, at_rows)[..., :, None]
        + (torch.einsum("bnhwd,wkd->bnhwk", grid, at_columns)[..., None, :])
    )
    scores = (q * d**-0.5) @ k.transpose(-1, -2) + bias.reshape(b, heads, h * w, h * w)
    mixed = scores.softmax(-1) @ v
    return F.linear(mixed.transpose(1, 2).reshape(b, h, w, c), p[f"{name}proj.weight"], p[f"{name}proj.bias"])


def logits(p: Mapping[str, Tensor], ids: Tensor, features: Tensor, *, pad: int, heads: int, theta: float) -> Tensor:
    """Prompt ids (b, t) and projected features (b, views * tokens, c) to logits (b, t, vocabulary)."""
    x = p["model.embed_tokens.weight"][ids].clone()
    for row in range(len(ids)):
        x[row, ids[row] == pad] = features[row]
    depth = 1 + max(int(k.split(".")[2]) for k in p if k.startswith("model.layers."))
    for n in range(depth):
        x = decoder_layer(p, f"model.layers.{n}.", x, heads=heads, theta=theta)
    return rms_norm(x, p["model.norm.weight"]) @ p["lm_head.weight"].T


def rms_norm(x: Tensor, weight: Tensor) -> Tensor:
    return weight * x / torch.sqrt((x**2).mean(-1, keepdim=True) + 1e-6)


def decoder_layer(p: Mapping[str, Tensor], name: str, x: Tensor, *, heads: int, theta: float) -> Tensor:
    b, t, c = x.shape
    d = c // heads
    y = rms_norm(x, p[f"{name}input_layernorm.weight"])
    q, k, v = (
        F.linear(y, p[f"{name}self_attn.{s}_proj.weight"], p[f"{name}self_attn.{s}_proj.bias"])
        .reshape(b, t, heads, d)
        .transpose(1, 2)
        for s in "qkv"
    )
    q, k = rotate(q, theta), rotate(k, theta)
    scores = q @ k.transpose(-1, -2) * d**-0.5
    scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -torch.inf)
    mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, c)
    x = x + mixed @ p[f"{name}self_attn.o_proj.weight"].T
    y = rms_norm(x, p[f"{name}post_attention_layernorm.weight"])
    gate = F.silu(y @ p[f"{name}mlp.gate_proj.weight"].T)
    return x + (gate * (y @ p[f"{name}mlp.up_proj.weight"].T)) @ p[f"{name}mlp.down_proj.weight"].T


def rotate(x: Tensor, theta: float) -> Tensor:
    """Rotary positions, first half of a head paired with the second."""
    t, d = x.shape[-2:]
    angles = torch.arange(t)[:, None] * theta ** (-torch.arange(0, d, 2) / d)
    cos, sin = angles.cos(), angles.sin()
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
