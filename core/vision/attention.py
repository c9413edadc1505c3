"""Self-attention over a grid of patches, with positions inside the logits.

Two kinds of position: SAM's decomposed tables (one vector a relative row, one a relative column) and
rotary angles over both axes. The decomposed bias of a 64 x 64 grid is as large as the attention
matrix itself, so it is built for a few heads at a time (`BIAS_BUDGET`), or, where matrix products of
two bytes are fast, never: it is part of the product of queries and keys. Axis letters: b images,
n heads, t patches, d channels of a head, h rows, w columns.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.compute.linear import FrozenLinear
from ocr2.vision.config import Size

# Elements of position bias alive at once: one head of a 1024 px view, the fastest cut measured
# (benchmarks/RESULTS.md, "Attention").
BIAS_BUDGET = 2**24
LOGITS_BUDGET = 2**21  # logits alive at once where they are products alone: they stay in the cache
ROTARY_BASE = 1000.0  # longest wavelength, patches; grids have at most a few hundred


class SelfAttention(nn.Module):
    """Multi-head attention over (b, h, w, c), each image or window for itself."""

    def __init__(self, embed_dim: int, num_heads: int, *, position: Literal["relative", "rotary"], grid: Size) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.position = position
        self.qkv: nn.Module = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj: nn.Module = nn.Linear(embed_dim, embed_dim)
        if position == "relative":
            self.rel_pos_h = nn.Parameter(torch.zeros(2 * grid[0] - 1, self.head_dim))
            self.rel_pos_w = nn.Parameter(torch.zeros(2 * grid[1] - 1, self.head_dim))

    def freeze(self) -> None:
        """Exchange the linear modules for products that the machine reads fastest."""
        self.qkv, self.proj = FrozenLinear(self.qkv), FrozenLinear(self.proj)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, h, w, c) to (b, h, w, c)."""
        b, h, w, c = x.shape
        qkv = self.qkv(x).view(b, h * w, 3, self.num_heads, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (b, n, t, d)
        if self.position == "rotary":
            cos, sin = rotary_table((h, w), self.head_dim, device=x.device, dtype=x.dtype)
            out = attend(rotate(q, cos, sin), rotate(k, cos, sin), v)
        else:
            out = self._attend_relative(q, k, v, (h, w))
        return self.proj(out.transpose(1, 2).reshape(b, h, w, c))  # type: ignore[no-any-return]

    def _attend_relative(self, q: Tensor, k: Tensor, v: Tensor, size: Size) -> Tensor:
        table_h = relative_table(self.rel_pos_h, size[0])
        table_w = relative_table(self.rel_pos_w, size[1])
        if q.device.type == "cpu" and q.dtype == torch.bfloat16 and not torch.is_grad_enabled():
            return attend_in_products(q, k, v, *relative_terms(q, table_h, table_w, size))
        b, n, t, _ = q.shape
        heads = max(1, min(n, BIAS_BUDGET // (b * t * t)))
        parts = []
        for start in range(0, n, heads):
            part = slice(start, start + heads)
            bias = decomposed_bias(q[:, part], table_h, table_w, size)
            parts.append(F.scaled_dot_product_attention(q[:, part], k[:, part], v[:, part], attn_mask=bias))
        return torch.cat(parts, dim=1)


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attend without positions: (b, n, t, d) each.

    To train on a CPU by plain products, in the type that autocast chooses: torch's fused kernel has a slow backward.
    """
    if q.device.type != "cpu" or not torch.is_grad_enabled():
        return F.scaled_dot_product_attention(q, k, v)
    b, n, t, d = q.shape
    logits = torch.bmm((q * d**-0.5).reshape(b * n, t, d), k.reshape(b * n, -1, d).transpose(1, 2))
    return torch.bmm(logits.softmax(dim=-1).to(v.dtype), v.reshape(b * n, -1, d)).view(b, n, t, d)


def relative_table(table: Tensor, size: int) -> Tensor:
    """Look up a (2 * side - 1, d) table for every query and key along one axis.

    Returns:
        (size, size, d): entry [query, key]. A table of another side is interpolated linearly.
    """
    length = 2 * size - 1
    if table.shape[0] != length:
        resized = F.interpolate(table.float().T[None], size=length, mode="linear", align_corners=False)
        table = resized[0].T.to(table.dtype)
    index = torch.arange(size, device=table.device)
    return table[index[:, None] - index[None, :] + size - 1]


def decomposed_bias(q: Tensor, table_h: Tensor, table_w: Tensor, size: Size) -> Tensor:
    """Return the additive logits (b, n, t, t) of the unscaled queries (b, n, t, d)."""
    along_h, along_w = relative_terms(q, table_h, table_w, size)
    return (along_h[..., :, None] + along_w[..., None, :]).flatten(3)


def relative_terms(q: Tensor, table_h: Tensor, table_w: Tensor, size: Size) -> tuple[Tensor, Tensor]:
    """Return what each unscaled query (b, n, t, d) adds for every row, (b, n, t, h), and column, (b, n, t, w)."""
    b, n, t, d = q.shape
    grid = q.reshape(b, n, *size, d)
    along_h = torch.einsum("bnhwd,hkd->bnhwk", grid, table_h)
    along_w = torch.einsum("bnhwd,wkd->bnhwk", grid, table_w)
    return along_h.reshape(b, n, t, -1), along_w.reshape(b, n, t, -1)


def attend_in_products(q: Tensor, k: Tensor, v: Tensor, along_h: Tensor, along_w: Tensor) -> Tensor:
    """Attend with decomposed positions by matrix products alone.

    A query is lengthened by its terms for all rows and columns, a key by the marks of its own row and column, so
    that their product is the whole logit. Logits are made for a few queries or heads at a time.

    Args:
        q: (b, n, t, d), as are `k` and `v`.
        k: Keys.
        v: Values.
        along_h: (b, n, t, h), what a query adds for every row; of unscaled queries.
        along_w: (b, n, t, w), the same for columns.

    Returns:
        (b, n, t, d).
    """
    b, n, t, d = q.shape
    h, w = along_h.shape[-1], along_w.shape[-1]
    place = torch.arange(t, device=q.device)
    marks = torch.cat([F.one_hot(place // w, h), F.one_hot(place % w, w)], dim=-1).to(q.dtype)
    queries = torch.cat([q * d**-0.5, along_h, along_w], dim=-1).flatten(0, 1)
    keys = torch.cat([k, marks.expand(b, n, t, h + w)], dim=-1).flatten(0, 1).transpose(1, 2)
    values = v.reshape(b * n, t, d)
    mixed = torch.empty_like(values)
    rows = max(1, min(t, LOGITS_BUDGET // t))
    heads = max(1, LOGITS_BUDGET // (rows * t))
    for i in range(0, b * n, heads):
        for j in range(0, t, rows):
            logits = torch.bmm(queries[i : i + heads, j : j + rows], keys[i : i + heads])
            mixed[i : i + heads, j : j + rows] = torch.bmm(logits.softmax(dim=-1), values[i : i + heads])
    return mixed.view(b, n, t, d)


def rotary_table(size: Size, head_dim: int, *, device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return cosine and sine, each (h * w, head_dim), of the angles of every patch.

    A quarter of the frequencies turns with the row and the rest with the column, since lines of
    writing are long and low; a grid of one row simply leaves the first quarter unturned.
    """
    h, w = size
    pairs = head_dim // 2
    row_pairs = pairs // 4
    inverse_h = ROTARY_BASE ** (-torch.arange(row_pairs, device=device) / max(row_pairs, 1))
    inverse_w = ROTARY_BASE ** (-torch.arange(pairs - row_pairs, device=device) / (pairs - row_pairs))
    rows = torch.arange(h, device=device)[:, None, None] * inverse_h
    columns = torch.arange(w, device=device)[None, :, None] * inverse_w
    angles = torch.cat([rows.expand(h, w, -1), columns.expand(h, w, -1)], dim=-1).reshape(h * w, pairs)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (i, i + d / 2) of (b, n, t, d) by its patch's angles."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin
