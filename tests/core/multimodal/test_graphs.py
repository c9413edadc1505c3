"""Steps of fixed shape give the logits of ragged passes, also when recorded operations are repeated."""

import dataclasses
import gc
import weakref
from collections.abc import Callable
from typing import Any, Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ocr2.compute import linear
from ocr2.decoder.cache import Span
from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler, generate
from ocr2.multimodal import graphs
from ocr2.multimodal.graphs import StepCache, StepRunner
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.runtime import DecoderRuntime
from tests.core.decoder.test_flash import flash_attn_with_kvcache
from tests.core.multimodal.test_runtime import FAMILIES, small

RUNTIMES = {family: small(family).runtime(dtype=torch.float32) for family in FAMILIES}
How = Literal["plain", "recorded", "flash"]


class Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Stands in for a CUDA graph: operations with the very tensors they had, to be repeated."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, out))
        return out

    def replay(self) -> None:
        for func, args, kwargs, out in self.calls:
            for old, new in zip(tree_leaves(out), tree_leaves(func(*args, **kwargs)), strict=True):
                if isinstance(old, Tensor) and old is not new and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


def record(self: StepRunner, run: Callable[[], Tensor]) -> Any:
    recording = Recording()
    with recording:
        states = run()
    states.fill_(torch.nan)  # a capture computes nothing
    return graphs._Captured(recording, states)  # type: ignore[arg-type]


def static_cache(runtime: DecoderRuntime, slots: int, capacity: int, how: How) -> StepCache:
    cache = runtime.new_static_cache(slots=slots, capacity=capacity)
    cache.runner.use_graphs = how == "recorded"
    if how == "flash":
        cache.store.flash, cache.store.method = flash_attn_with_kvcache, "flash"
    else:
        cache.store.method = "fused"
    return cache


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=30, deadline=None)
@given(st.data())
@torch.inference_mode()
def test_passes_equal_ragged_passes(family: str, data: st.DataObject) -> None:
    runtime = RUNTIMES[family]
    slots = data.draw(st.integers(1, 4))
    how: How = data.draw(st.sampled_from(["plain", "recorded", "flash"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StepRunner, "_capture", record)
        static = static_cache(runtime, slots, 280, how)
        plain = runtime.new_cache(slots=slots, capacity=280)
        generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
        held = [0] * slots
        for _ in range(5):
            rows = [slot for slot in range(slots) if data.draw(st.booleans())] or [0]
            longest = data.draw(st.sampled_from([1, 3, 32, 50]))
            spans = [Span(slot, held[slot], data.draw(st.integers(1, longest))) for slot in rows]
            total = sum(span.count for span in spans)
            keep = sorted(data.draw(st.sets(st.integers(0, total - 1), min_size=1)))
            embeds = torch.randn(total, 24, generator=generator)
            found = runtime.forward(embeds, spans, static, keep)
            expected = runtime.forward(embeds, spans, plain, keep)
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
            for span in spans:
                held[span.slot] = span.start + data.draw(st.integers(0, span.count))


@pytest.mark.parametrize("how", ["plain", "recorded", "flash"])
def test_whole_texts_equal_those_of_the_ragged_cache(monkeypatch: pytest.MonkeyPatch, how: How) -> None:
    """Rows of different length, more than there are slots, some with a draft that is wrong in its middle."""
    monkeypatch.setattr(StepRunner, "_capture", record)
    runtime = RUNTIMES["qwen2"]
    prompts = [torch.randn(n, 24, generator=torch.Generator().manual_seed(n)) for n in (40, 3, 50, 12, 60)]
    settings = [GenerationConfig(end_ids=(), max_new_tokens=n, stop_loops=False) for n in (20, 3, 30, 9, 17)]
    alone = [generate(runtime, p[None], s)[0].ids for p, s in zip(prompts, settings, strict=True)]
    monkeypatch.setattr(runtime, "new_cache", lambda slots, capacity: static_cache(runtime, slots, capacity, how))
    requests = [
        Request(
            inputs_embeds=prompts[i],
            config=settings[i],
            number=i,
            drafter=TextDraft([*alone[i][:7], 5, *alone[i][8:]]) if i % 2 == 0 else None,
        )
        for i in range(5)
    ]
    found = {request.number: written.ids for request, written in Scheduler(runtime, slots=2).run(requests)}
    assert [found[i] for i in range(5)] == alone


@torch.inference_mode()
def test_one_graph_serves_many_steps_and_growing_makes_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    captures: list[int] = []

    def count(self: StepRunner, run: Callable[[], Tensor]) -> Any:
        captures.append(1)
        return record(self, run)

    monkeypatch.setattr(StepRunner, "_capture", count)
    runtime = small("qwen2").runtime(dtype=torch.float32)  # whose caches no test had before
    cache = static_cache(runtime, 2, 100, "recorded")
    embeds = torch.randn(2, 24)
    for start in range(6):
        runtime.forward(embeds, [Span(0, start, 1), Span(1, start, 1)], cache, [0, 1])
    assert len(captures) == 1
    runtime.forward(embeds, [Span(0, 6, 2)], cache, [0, 1])  # another chunk
    cache.grow(1000, used=8)
    runtime.forward(embeds, [Span(0, 8, 1), Span(1, 6, 1)], cache, [0, 1])
    assert len(captures) == 3


@torch.inference_mode()
def test_a_capture_that_fails_leaves_plain_steps(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: StepRunner, run: Callable[[], Tensor]) -> Any:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(StepRunner, "_capture", fail)
    runtime = small("qwen2").runtime(dtype=torch.float32)
    cache = static_cache(runtime, 1, 10, "recorded")
    embeds = torch.randn(1, 24)
    found = runtime.forward(embeds, [Span(0, 0, 1)], cache, [0])
    expected = runtime.forward(embeds, [Span(0, 0, 1)], runtime.new_cache(slots=1, capacity=10), [0])
    torch.testing.assert_close(found, expected)
    assert "capturing one failed: operation not permitted" in caplog.text
    assert not cache.runner.can_capture  # nor is it tried again


def test_a_dropped_cache_is_lent_again_with_its_graphs() -> None:
    runtime = small("qwen2").runtime(dtype=torch.float32)
    first = runtime.new_static_cache(slots=2, capacity=100)
    second = runtime.new_static_cache(slots=2, capacity=100)
    assert first.store is not second.store  # both are in use
    kept = first.runner
    first.ends[1] = 7
    del first
    gc.collect()
    again = runtime.new_static_cache(slots=2, capacity=50)
    assert again.runner is kept
    assert again.ends == [0, 0]
    del again
    gc.collect()
    assert runtime.new_static_cache(slots=3, capacity=50).runner is not kept


def test_a_runtime_and_its_caches_leave_no_cycle() -> None:
    """Memory of a device is free as soon as nothing uses it, not when the collector runs."""
    runtime = small("qwen2").runtime(dtype=torch.float32)
    cache = runtime.new_static_cache(slots=1, capacity=10)
    runtime.forward(torch.randn(1, 24), [Span(0, 0, 1)], cache, [0])
    gone: list[int] = []
    weakref.finalize(runtime, gone.append, 1)
    gc.disable()
    try:
        del runtime, cache
        assert gone == [1]
    finally:
        gc.enable()


@torch.inference_mode()
def test_padding_behind_the_last_known_position_does_no_harm() -> None:
    runtime = small("qwen2").runtime(dtype=torch.float32)
    runtime._cos, runtime._sin = runtime._cos[:40], runtime._sin[:40]
    embeds = torch.randn(40, 24)
    static, plain = runtime.new_static_cache(slots=1, capacity=40), runtime.new_cache(slots=1, capacity=40)
    for span in (Span(0, 0, 38), Span(0, 38, 2)):
        part = embeds[span.start : span.end]
        found = runtime.forward(part, [span], static, [0])
        torch.testing.assert_close(found, runtime.forward(part, [span], plain, [0]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_products_that_add_in_place_change_no_input_and_no_result(family: str) -> None:
    model = small(family)
    plain, adding = (model.runtime(dtype=torch.float32) for _ in range(2))
    adding.add_in_place = True
    adding.layers = [
        dataclasses.replace(
            layer,
            out=linear.DenseLinear(*joined(block, family, "out")),
            down=linear.DenseLinear(*joined(block, family, "down")),
        )
        for layer, block in zip(adding.layers, blocks(model, family), strict=True)
    ]
    embeds = torch.randn(40, 24)
    before = embeds.clone()
    for count in (40, 3):
        spans = [Span(0, 0, count)]
        found = adding.forward(embeds[:count], spans, adding.new_static_cache(slots=1, capacity=40), range(count))
        expected = plain.forward(embeds[:count], spans, plain.new_cache(slots=1, capacity=40), range(count))
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(embeds, before, rtol=0, atol=0)


def blocks(model: MultimodalModel, family: str) -> list[Any]:
    body: Any = model.decoder.base_model
    return list((body.decoder if family == "opt" else body).layers)


def joined(block: Any, family: str, name: Literal["out", "down"]) -> tuple[Tensor, Tensor | None]:
    """Return weight and bias of a product."""
    modules = {
        ("qwen2", "out"): lambda: block.self_attn.o_proj,
        ("qwen2", "down"): lambda: block.mlp.down_proj,
        ("opt", "out"): lambda: block.self_attn.out_proj,
        ("opt", "down"): lambda: block.fc2,
    }
    module = modules[family, name]()
    return module.weight.detach(), module.bias.detach() if module.bias is not None else None


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_the_operations_that_are_compiled_compute_the_same(monkeypatch: pytest.MonkeyPatch, family: str) -> None:
    compiled: list[object] = []

    def note(function: Any, *, dynamic: bool, backend: str) -> Any:
        assert dynamic  # one kernel for chunks of all sizes
        assert backend == "inductor"
        compiled.append(function)
        return lambda *args: function(*args)

    monkeypatch.setattr(torch, "compile", note)
    model = small(family)
    plain, other = (model.runtime(dtype=torch.float32) for _ in range(2))
    other.compile_operations()
    assert len(compiled) == 2
    embeds = torch.randn(9, 24)
    found, expected = (
        r.forward(embeds, [Span(0, 0, 9)], r.new_static_cache(slots=1, capacity=9), range(9)) for r in (other, plain)
    )
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
