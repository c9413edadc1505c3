"""Attention over rows of different length equals attention of each row alone."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from ocr2.decoder import cache as module
from ocr2.decoder.cache import CacheShape, SlotCache, Span, attend_causally

D = 8


def new_cache(slots: int, capacity: int, heads: int) -> SlotCache:
    shape = CacheShape(layers=1, heads=heads, head_dim=D, dtype=torch.float32, device=torch.device("cpu"))
    return SlotCache(shape, slots=slots, capacity=capacity)


def expected(q: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """torch's attention of one row: q (c, h, d), keys and values (t, g, d)."""
    c, t = len(q), len(keys)
    mask = torch.ones(c, t, dtype=torch.bool).tril(t - c)
    queries, k, v = (x.transpose(0, 1)[None] for x in (q, keys, values))
    out = F.scaled_dot_product_attention(queries, k, v, attn_mask=mask, scale=1.0, enable_gqa=True)
    return out[0].transpose(0, 1)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_spans_attend_like_rows_alone(data: st.DataObject) -> None:
    heads, shared = data.draw(st.sampled_from([(1, 1), (2, 1), (2, 3)]))
    slots = data.draw(st.integers(1, 4))
    cache = new_cache(slots, 64, heads)
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    written: list[torch.Tensor] = [torch.zeros(0, 2 * heads, D)] * slots
    for _ in range(3):
        equal = data.draw(st.booleans())  # rows in step are one block
        count = data.draw(st.integers(1, 20))
        rows = [slot for slot in range(slots) if data.draw(st.booleans())] or [0]
        counts = [count if equal else data.draw(st.integers(1, 20)) for _ in rows]
        spans = [Span(slot, len(written[slot]), n) for slot, n in zip(rows, counts, strict=True)]
        q = torch.randn(sum(counts), heads * shared, D, generator=generator)
        kv = torch.randn(sum(counts), 2 * heads, D, generator=generator)
        mixed = cache.attend(0, q, kv, spans)
        first = 0
        for span in spans:
            part = slice(first, first + span.count)
            first = part.stop
            held = torch.cat([written[span.slot], kv[part]])
            torch.testing.assert_close(mixed[part], expected(q[part], held[:, :heads], held[:, heads:]))
            kept = data.draw(st.integers(0, span.count))  # the rest was a draft that failed
            written[span.slot] = held[: span.start + kept]


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("block", [3, 1000])
def test_a_prompt_in_blocks_attends_as_a_whole(monkeypatch: pytest.MonkeyPatch, few: int, block: int) -> None:
    monkeypatch.setattr(module, "FEW_QUERIES", few)
    monkeypatch.setattr(module, "QUERY_BLOCK", block)
    q, kv = torch.randn(2 * 10, 4, D), torch.randn(2 * 10, 4, D)
    mixed = new_cache(2, 10, 2).attend(0, q, kv, [Span(0, 0, 10), Span(1, 0, 10)])
    for part in (slice(0, 10), slice(10, 20)):
        torch.testing.assert_close(mixed[part], expected(q[part], kv[part, :2], kv[part, 2:]))


def test_a_cache_grows_and_keeps_what_is_written() -> None:
    cache = new_cache(1, 4, 1)
    kv = torch.randn(6, 2, D)
    cache.attend(0, torch.randn(3, 1, D), kv[:3], [Span(0, 0, 3)])
    cache.grow(8, used=3)
    q = torch.randn(3, 1, D)
    mixed = cache.attend(0, q, kv[3:], [Span(0, 3, 3)])
    torch.testing.assert_close(mixed, expected(q, kv[:, :1], kv[:, 1:]))


def test_a_query_sees_no_key_after_its_own() -> None:
    q, keys, values = torch.randn(1, 4, 2, D), torch.randn(1, 2, 4, D), torch.randn(1, 2, 4, D)
    before = attend_causally(q, keys, values, seen=4)
    keys[:, :, 3], values[:, :, 3] = 9.0, 9.0
    torch.testing.assert_close(attend_causally(q, keys, values, seen=4)[:, :3], before[:, :3])


@pytest.mark.parametrize("c", [1, 3])
def test_keys_behind_the_last_query_count_for_nothing(c: int) -> None:
    q, keys, values = torch.randn(2, c, 4, D), torch.randn(2, 2, 9, D), torch.randn(2, 2, 9, D)
    short = attend_causally(q, keys[:, :, :5], values[:, :, :5], seen=5)
    torch.testing.assert_close(attend_causally(q, keys, values, seen=5), short)
