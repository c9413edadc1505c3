"""Self-attention over a grid of patches, with positions inside the logits.

Two kinds of position: SAM's decomposed tables (one vector a relative row, one a relative column) and
rotary angles over both axes. The decomposed bias of a 64 x 64 grid is as large as the attention
matrix itself, so it is built for a few heads at a time (`BIAS_BUDGET`). Axis letters: b images,
n heads, t patches, d channels of a head, h rows, w columns.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.vision.config import Size

# Elements of position bias alive at once: one head of a 1024 px view, the fastest cut measured
# (benchmarks/RESULTS.md, "Attention").
BIAS_BUDGET = 2**24
ROTARY_BASE = 1000.0  # longest wavelength, patches; grids have at most a few hundred


class SelfAttention(nn.Module):
    """Multi-head attention over (b, h, w, c), each image or window for itself."""

    def __init__(self, embed_dim: int, num_heads: int, *, position: Literal["relative", "rotary"], grid: Size) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.position = position
        self.qkv = nn.Linear(embed_dim, 3 * embed_dim)
        self.proj = nn.Linear(embed_dim, embed_dim)
        if position == "relative":
            self.rel_pos_h = nn.Parameter(torch.zeros(2 * grid[0] - 1, self.head_dim))
            self.rel_pos_w = nn.Parameter(torch.zeros(2 * grid[1] - 1, self.head_dim))

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, h, w, c) to (b, h, w, c)."""
        b, h, w, c = x.shape
        qkv = self.qkv(x).view(b, h * w, 3, self.num_heads, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (b, n, t, d)
        if self.position == "rotary":
            cos, sin = rotary_table((h, w), self.head_dim, device=x.device, dtype=x.dtype)
            out = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v)
        else:
            out = self._attend_relative(q, k, v, (h, w))
        return self.proj(out.transpose(1, 2).reshape(b, h, w, c))  # type: ignore[no-any-return]

    def _attend_relative(self, q: Tensor, k: Tensor, v: Tensor, size: Size) -> Tensor:
        table_h = relative_table(self.rel_pos_h, size[0])
        table_w = relative_table(self.rel_pos_w, size[1])
        b, n, t, _ = q.shape
        heads = max(1, min(n, BIAS_BUDGET // (b * t * t)))
        parts = []
        for start in range(0, n, heads):
            part = slice(start, start + heads)
            bias = decomposed_bias(q[:, part], table_h, table_w, size)
            parts.append(F.scaled_dot_product_attention(q[:, part], k[:, part], v[:, part], attn_mask=bias))
        return torch.cat(parts, dim=1)


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
    b, n, t, d = q.shape
    h, w = size
    grid = q.reshape(b, n, h, w, d)
    along_h = torch.einsum("bnhwd,hkd->bnhwk", grid, table_h)
    along_w = torch.einsum("bnhwd,wkd->bnhwk", grid, table_w)
    return (along_h[..., :, None] + along_w[..., None, :]).reshape(b, n, t, t)


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
