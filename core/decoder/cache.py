"""Keys and values of rows of different length, and attention over them.

A row owns a slot, and a pass brings any number of new positions for each row (a span): a prompt, one token, or a token
and its draft. Nothing is padded. What a row wrote and gave up is overwritten by its next span. Axis letters: n
positions of all spans, h heads of queries, g heads of keys, d channels of a head, c positions of a span, t keys.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

FEW_QUERIES = 32  # a head: up to so many, keys times queries is faster than queries times keys (on CPUs)
KEY_LEAP = 64  # keys
QUERY_BLOCK = 512  # queries at once; bounds the logits of a long prompt


@dataclass(frozen=True, slots=True)
class Span:
    """New positions of one row in a pass."""

    slot: int
    start: int  # positions of the row before
    count: int

    @property
    def end(self) -> int:
        """Positions of the row after."""
        return self.start + self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheShape:
    """What a cache holds of every position."""

    layers: int  # each with keys and values of its own
    heads: int  # of keys (g)
    head_dim: int  # channels of a head (d)
    dtype: torch.dtype
    device: torch.device


class SlotCache:
    """Keys and values in slots of equal capacity.

    On a CPU memory is taken page by page as it is written, so that capacity costs nothing before it is used.

    Args:
        shape: What is held of every position.
        slots: Rows at once.
        capacity: Positions of a slot.
    """

    def __init__(self, shape: CacheShape, *, slots: int, capacity: int) -> None:
        self.slots = slots
        self.capacity = capacity
        self.heads = shape.heads
        # Keys, then values: (2, slots, g, t, d), so that both are written at once and slots and heads are one axis.
        size = (2, slots, shape.heads, capacity, shape.head_dim)
        self.layers = [_zeros(size, shape.dtype, shape.device) for _ in range(shape.layers)]

    def grow(self, capacity: int, *, used: int) -> None:
        """Give every slot at least `capacity` positions; the first `used` of each stay."""
        if capacity <= self.capacity:
            return
        for i, old in enumerate(self.layers):
            new = _zeros((*old.shape[:3], capacity, old.shape[4]), old.dtype, old.device)
            new[..., :used, :] = old[..., :used, :]
            self.layers[i] = new
        self.capacity = capacity

    def attend(self, layer: int, q: Tensor, kv: Tensor, spans: Sequence[Span]) -> Tensor:
        """Write the keys and values of spans and attend causally.

        Args:
            layer: Number of the layer.
            q: Queries (n, h, d), scaled.
            kv: Keys and values (n, 2g, d).
            spans: Whose n positions these are, in order, by ascending slot.

        Returns:
            (n, h, d).
        """
        mixed = torch.empty_like(q)
        store = self.layers[layer]
        first = 0
        for rows in _runs(spans):
            span, b = rows[0], len(rows)
            part = slice(first, first + b * span.count)
            first = part.stop
            held = store[:, span.slot : span.slot + b]  # (2, b, g, t, d)
            new = kv[part].view(b, span.count, 2, self.heads, -1).permute(2, 0, 3, 1, 4)
            held[..., span.start : span.end, :] = new
            queries = q[part].view(b, span.count, *q.shape[1:])
            for i in range(0, span.count, QUERY_BLOCK):
                end = min(i + QUERY_BLOCK, span.count)
                seen = span.start + end
                keys, values = held[..., : self.bound(seen), :]
                out = self.mix(queries[:, i:end], keys, values, seen=seen)
                mixed[part].view(queries.shape)[:, i:end] = out
        return mixed

    def bound(self, seen: int) -> int:
        """Return how many keys to multiply where `seen` are meant; in leaps: a new shape costs its preparation."""
        return min(-(-seen // KEY_LEAP) * KEY_LEAP, self.capacity)

    def mix(self, q: Tensor, keys: Tensor, values: Tensor, *, seen: int) -> Tensor:
        """Attend one rectangular block; arguments and result as of `attend_causally`."""
        return attend_causally(q, keys, values, seen=seen)


def _zeros(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return zeros: what is not written yet may be multiplied by zero, and must be finite."""
    if device.type != "cpu":
        return torch.zeros(shape, dtype=dtype, device=device)
    # The system's own zeros: a page of memory is taken when it is first written.
    return torch.from_numpy(np.zeros(math.prod(shape) * dtype.itemsize, np.uint8)).view(dtype).view(shape)


def _runs(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield runs of spans of equal start and count in neighbouring slots: each is one rectangular block."""
    run: list[Span] = []
    for span in spans:
        if run and (span.slot, span.start, span.count) != (run[-1].slot + 1, run[-1].start, run[-1].count):
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def attend_causally(q: Tensor, keys: Tensor, values: Tensor, *, seen: int) -> Tensor:
    """Attend to all keys up to one's own by matrix products.

    torch's fused attention reads a row's keys at a sixth of the rate of these products for one query on a CPU, and at
    a third for a prompt (benchmarks/RESULTS.md, "Products of the decoder").

    Args:
        q: (b, c, h, d), scaled.
        keys: (b, g, t, d); g divides h.
        values: (b, g, t, d).
        seen: Keys up to the last query's own; those behind it count for nothing, but must be finite.

    Returns:
        (b, c, h, d).
    """
    b, c, h, d = q.shape
    g, t = keys.shape[1:3]
    shared = h // g  # queries of one position that share a key
    # (b * g, shared * c, d)
    queries = q.view(b, c, g, shared, d).permute(0, 2, 3, 1, 4).reshape(b * g, shared * c, d)
    keys, values = keys.reshape(b * g, t, d), values.reshape(b * g, t, d)
    if shared * c <= FEW_QUERIES:
        logits = torch.bmm(keys, queries.transpose(1, 2)).transpose(1, 2).contiguous()
    else:
        logits = torch.bmm(queries, keys.transpose(1, 2))
    if c > 1:
        first = seen - c  # key of the first query
        later = torch.ones(c, t - first, dtype=torch.bool, device=q.device).triu_(1)
        logits.view(b * g, shared, c, t)[..., first:].masked_fill_(later, -torch.inf)
    elif t > seen:
        logits[..., seen:] = -torch.inf
    out = torch.bmm(logits.softmax(dim=-1), values)
    return out.view(b, g, shared, c, d).permute(0, 3, 1, 2, 4).reshape(b, c, h, d)
