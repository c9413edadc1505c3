"""A static cache attends as the ragged one does, whatever idle slots, padding and failed drafts write."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.decoder.cache import CacheShape, SlotCache, Span
from ocr2.decoder.static import CHUNKS, LEAP, LONG, LONG_LEAP, MAX_CHUNK, Method, StaticCache, StaticStore
from tests.core.decoder.test_flash import flash_attn_with_kvcache

D = 8
SHAPE = CacheShape(layers=1, heads=2, head_dim=D, dtype=torch.float32, device=torch.device("cpu"))


def new_store(slots: int, capacity: int, method: Method) -> StaticStore:
    store = StaticStore(
        SHAPE, slots=slots, capacity=capacity, flash=flash_attn_with_kvcache if method == "flash" else None
    )
    store.method = method
    return store


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_steps_attend_like_spans(data: st.DataObject) -> None:
    slots, shared = data.draw(st.integers(1, 4)), data.draw(st.sampled_from([1, 3]))
    store = new_store(slots, 300, data.draw(st.sampled_from(["flash", "fused", "products"])))
    cache, plain = StaticCache(store), SlotCache(SHAPE, slots=slots, capacity=300)
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    held = [0] * slots
    for _ in range(4):
        rows = [slot for slot in range(slots) if data.draw(st.booleans())] or [0]
        long = data.draw(st.booleans())
        counts = [data.draw(st.integers(1, 70 if long else MAX_CHUNK)) for _ in rows]
        spans = [Span(slot, held[slot], n) for slot, n in zip(rows, counts, strict=True)]
        cache.note(spans)
        chunk = next((size for size in CHUNKS if size >= max(counts)), 0)
        q = torch.randn(slots, chunk or 70, 2 * shared, D, generator=generator)
        kv = torch.randn(slots, chunk or 70, 4, D, generator=generator)
        some_q, some_kv = (torch.cat([x[s.slot, : s.count] for s in spans]) for x in (q, kv))
        if chunk:
            starts = list(cache.ends)
            for span in spans:
                starts[span.slot] = span.start
            step = store.step(
                torch.tensor(starts),
                chunk=chunk,
                visible=store.visible_length(max(s.end for s in spans)),
                shared=shared,
            )
            out = store.attend(0, q.flatten(0, 1), kv.flatten(0, 1), step).view_as(q)
            mixed = torch.cat([out[s.slot, : s.count] for s in spans])
        else:
            mixed = cache.attend(0, some_q, some_kv, spans)
        torch.testing.assert_close(mixed, plain.attend(0, some_q, some_kv, spans), rtol=1e-4, atol=1e-4)
        for span in spans:
            held[span.slot] = span.start + data.draw(st.integers(0, span.count))  # the rest was a draft that failed


def test_growing_keeps_what_is_written() -> None:
    store = new_store(2, 40, "fused")
    cache = StaticCache(store)
    q, kv = torch.randn(2 * 40, 2, D), torch.randn(2 * 40, 4, D)
    whole = cache.attend(0, q, kv, [Span(0, 0, 40), Span(1, 0, 40)])
    before, version = store.layers[0], store.version
    cache.grow(cache.capacity, used=39)
    assert (store.layers[0] is before, store.version) == (True, version)
    cache.grow(400, used=39)
    assert cache.capacity >= 400
    assert store.version != version
    step = store.step(torch.tensor([39, 39]), chunk=1, visible=LEAP, shared=1)
    last = store.attend(0, q[39::40], kv[39::40], step)
    torch.testing.assert_close(last, whole[39::40])


@pytest.mark.parametrize(
    ("end", "visible"), [(1, LEAP), (LEAP, LEAP), (LEAP + 1, 2 * LEAP), (LONG + 1, LONG + LONG_LEAP)]
)
def test_what_is_read_grows_in_leaps(end: int, visible: int) -> None:
    assert new_store(1, 8000, "fused").visible_length(end) == visible


def test_no_more_is_read_than_there_is_and_flash_reads_what_rows_have() -> None:
    assert new_store(1, 4200, "products").visible_length(4200) == 4352
    assert new_store(1, 1000, "flash").visible_length(1) == 1280


def test_few_heads_attend_by_products_and_many_in_one_kernel() -> None:
    shape = dataclasses.replace(SHAPE, heads=16)
    methods = [StaticStore(shape, slots=s, capacity=1).method for s in (1, 8)]
    assert methods == ["products", "fused"]


def test_heads_that_flash_has_no_kernel_for_go_without() -> None:
    shape = dataclasses.replace(SHAPE, head_dim=12)
    store = StaticStore(shape, slots=1, capacity=1, flash=flash_attn_with_kvcache)
    assert store.method == "products"


def test_a_span_behind_the_capacity_is_refused() -> None:
    cache = StaticCache(new_store(1, 10, "fused"))
    with pytest.raises(ValueError, match="a slot has 224 positions, a span of slot 0 ends at 225"):
        cache.note([Span(0, 220, 5)])
