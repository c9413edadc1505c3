"""Keys and values in tensors of fixed shape, for steps that a CUDA graph repeats.

A step brings the same number of new positions, a chunk, for every slot: rows with fewer are padded, and slots without a
row take part too. What padding and idle slots write lies behind everything that a row still needs, and the next span of
the row overwrites it; every slot has `MAX_CHUNK` spare positions for it. A step reads the positions up to a bound that
grows in leaps (`visible_length`), so that few graphs serve all lengths. Axis letters: s slots, c positions of a chunk,
h heads of queries, g heads of keys, d channels of a head, t positions of a slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from ocr2.decoder.cache import CacheShape, SlotCache, Span
from ocr2.decoder.flash import FlashAttention, fits_flash

CHUNKS = (1, 4, 8, 16, 32)  # a step is padded to one of these
MAX_CHUNK = CHUNKS[-1]
LEAP = 256  # positions; of the bound up to which a step reads
LONG_LEAP, LONG = 1024, 4096  # of longer rows
# Blocks (slots times heads) below which torch's fused attention, one block a multiprocessor, would leave most of a GPU
# idle, and products are split over the keys too.
FEW_BLOCKS = 128

Method = Literal["flash", "fused", "products"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where the new positions of one step lie."""

    chunk: int
    visible: int  # positions that are read
    starts: Tensor  # positions held before (s,), int32
    rows: Tensor  # numbers of the slots (s, 1), int64
    places: Tensor  # of the new positions (s, c), int64
    bias: Tensor | None  # what is added to logits (s, 1, queries of a key's head, t); flash-attn needs none


class StaticStore:
    """The tensors of a cache; written in place, so that a graph finds them again.

    Args:
        shape: What is held of every position.
        slots: Rows at once.
        capacity: Positions of a slot at least.
        flash: flash-attn's function, if it is to be used.
    """

    def __init__(self, shape: CacheShape, *, slots: int, capacity: int, flash: FlashAttention | None = None) -> None:
        self.slots = slots
        self.heads, self.head_dim = shape.heads, shape.head_dim
        self.dtype, self.device = shape.dtype, shape.device
        self.flash = flash if fits_flash(self.head_dim) else None
        self.method = self.best_method()
        self.length = _stored_length(capacity)  # positions of a slot, spare ones included
        self.version = 0  # changes when the tensors do
        # Keys, then values: (2, s, g, t, d). Zeros, since a masked NaN would still spoil a sum.
        size = (2, slots, self.heads, self.length, self.head_dim)
        self.layers = [torch.zeros(size, dtype=self.dtype, device=self.device) for _ in range(shape.layers)]

    @property
    def capacity(self) -> int:
        """Positions of a slot that a row may fill."""
        return self.length - MAX_CHUNK

    def best_method(self) -> Method:
        """Choose how steps attend; `method` is this unless it was set."""
        if self.flash is not None:
            return "flash"
        return "fused" if self.slots * self.heads >= FEW_BLOCKS else "products"

    def grow(self, capacity: int, *, used: int) -> None:
        """Give every slot at least `capacity` positions; the first `used` of each stay, the tensors do not."""
        if capacity <= self.capacity:
            return
        self.length = _stored_length(capacity)
        self.version += 1
        for i, old in enumerate(self.layers):
            new = old.new_zeros(*old.shape[:3], self.length, self.head_dim)
            new[..., :used, :] = old[..., :used, :]
            self.layers[i] = new

    def visible_length(self, end: int) -> int:
        """Return how many positions a step reads whose rows have at most `end` positions after it."""
        if self.method == "flash":
            return self.length  # it reads what each row has
        leap = LEAP if end <= LONG else LONG_LEAP
        return min(-(-end // leap) * leap, self.length)

    def step(self, starts: Tensor, *, chunk: int, visible: int, shared: int) -> Step:
        """Work out what all layers of a step share.

        Args:
            starts: Positions held by each slot before the step, (s,).
            chunk: New positions of every slot.
            visible: Positions to read, at least as many as any row has after the step, padding left out.
            shared: Heads of queries for each head of keys.
        """
        places = starts[:, None] + torch.arange(chunk, device=starts.device)
        bias = None
        if self.method != "flash":
            hidden = torch.arange(visible, device=starts.device) > places[..., None]  # (s, c, t)
            bias = torch.zeros(hidden.shape, dtype=self.dtype, device=starts.device).masked_fill_(hidden, -torch.inf)
            bias = bias[:, None].expand(-1, shared, -1, -1).reshape(self.slots, 1, shared * chunk, visible)
        rows = torch.arange(self.slots, device=starts.device)[:, None]
        return Step(chunk, visible, starts.to(torch.int32), rows, places, bias)

    def attend(self, layer: int, q: Tensor, kv: Tensor, step: Step) -> Tensor:
        """Write the keys and values of a step and attend causally.

        Args:
            layer: Number of the layer.
            q: Queries (s * c, h, d), scaled.
            kv: Keys and values (s * c, 2g, d).
            step: Where they belong.

        Returns:
            (s * c, h, d).
        """
        s, c, g, d = self.slots, step.chunk, self.heads, self.head_dim
        store = self.layers[layer]
        new = kv.view(s, c, 2, g, d)
        queries = q.view(s, c, -1, d)
        if self.method == "flash":
            assert self.flash is not None
            held = store.transpose(2, 3)  # (2, s, t, g, d)
            out = self.flash(
                queries,
                held[0],
                held[1],
                new[:, :, 0],
                new[:, :, 1],
                cache_seqlens=step.starts,
                softmax_scale=1.0,
                causal=True,
            )
            return out.reshape(s * c, -1, d)
        store.permute(1, 3, 0, 2, 4).index_put_((step.rows, step.places), new)
        keys, values = store[..., : step.visible, :]
        # Queries that share a key stand below one another: (s, g, shared * c, d).
        grouped = queries.view(s, c, g, -1, d).permute(0, 2, 3, 1, 4).flatten(2, 3)
        assert step.bias is not None
        mix = _by_products if self.method == "products" else _fused
        mixed = mix(grouped, keys, values, step.bias)
        return mixed.reshape(s, g, -1, c, d).permute(0, 3, 1, 2, 4).reshape(s * c, -1, d)


class StaticCache(SlotCache):
    """A store as `SlotCache` is used: spans of any length, in a loop over rows; and how far its slots are written.

    Args:
        store: To write into; whatever it holds is forgotten.
    """

    def __init__(self, store: StaticStore) -> None:
        self.store = store
        self.slots = store.slots
        self.heads = store.heads
        self.capacity = store.capacity
        self.layers = store.layers
        self.ends = [0] * store.slots  # positions of each slot that may be needed still

    def grow(self, capacity: int, *, used: int) -> None:
        """Give every slot at least `capacity` positions; the first `used` of each stay."""
        self.store.grow(capacity, used=used)
        self.capacity = self.store.capacity

    def note(self, spans: Sequence[Span]) -> None:
        """Remember how far slots are written once the spans are.

        Raises:
            ValueError: If a span ends behind the capacity.
        """
        for span in spans:
            if span.end > self.capacity:
                raise ValueError(f"a slot has {self.capacity} positions, a span of slot {span.slot} ends at {span.end}")
            self.ends[span.slot] = span.end

    def bound(self, seen: int) -> int:
        """Return the number of keys as it is."""
        return seen

    def mix(self, q: Tensor, keys: Tensor, values: Tensor, *, seen: int) -> Tensor:
        """Attend to all keys up to one's own by torch's fused attention; shapes as of `attend_causally`."""
        c, h = q.shape[1:3]
        g, t = keys.shape[1:3]
        queries = q.transpose(1, 2)
        if h > g:  # not every kernel knows heads that share keys
            keys, values = (x.repeat_interleave(h // g, dim=1) for x in (keys, values))
        mask = None if c == t else torch.ones(c, t, dtype=torch.bool, device=q.device).tril_(t - c)
        out = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=c == t, scale=1.0)
        return out.transpose(1, 2)


def _stored_length(capacity: int) -> int:
    return -(-(capacity + MAX_CHUNK) // LEAP) * LEAP


def _fused(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(queries, keys, values, attn_mask=bias, scale=1.0)


def _by_products(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    logits = torch.matmul(queries, keys.transpose(2, 3)) + bias
    return torch.matmul(logits.softmax(dim=-1), values)
