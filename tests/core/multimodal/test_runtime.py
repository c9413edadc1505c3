"""The runtime computes what transformers' own forward pass computes."""

import dataclasses

import pytest
import torch
from torch import nn

from ocr2.decoder.cache import Span
from ocr2.got.config import PRESETS
from ocr2.multimodal.model import MultimodalModel
from tests.random_weights import randomise_decoder

FAMILIES: dict[str, dict[str, object]] = {
    "qwen2": {},
    "opt": {"family": "opt", "num_key_value_heads": 6},
}


def small(family: str) -> MultimodalModel:
    torch.manual_seed(4)
    config = PRESETS["got-tiny"].skeleton
    decoder = dataclasses.replace(config.decoder, num_hidden_layers=2, **FAMILIES[family])  # type: ignore[arg-type]
    return randomise_decoder(MultimodalModel(dataclasses.replace(config, decoder=decoder)))


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_logits_equal_transformers_in_pieces_of_any_size(family: str) -> None:
    model = small(family)
    runtime = model.runtime(dtype=torch.float32)
    embeds = torch.randn(12, 24)
    expected = model.decode(embeds[None])[0]
    for pieces in ([12], [1] * 12, [5, 3, 1, 3]):
        cache = runtime.new_cache(slots=2, capacity=12)
        start, parts = 0, []
        for count in pieces:
            part = embeds[start : start + count]
            parts.append(runtime.forward(part, [Span(1, start, count)], cache, range(count)))
            start += count
        torch.testing.assert_close(torch.cat(parts), expected, rtol=1e-4, atol=1e-4)


@torch.inference_mode()
def test_bfloat16_stays_near_transformers_bfloat16() -> None:
    """Two ways of rounding differ; neither may be farther from float32 than three times the other."""
    model = small("qwen2")
    embeds = torch.randn(20, 24).bfloat16()
    exact = model.decode(embeds[None].float())[0]
    runtime = model.runtime(dtype=torch.bfloat16)
    ours = runtime.forward(embeds, [Span(0, 0, 20)], runtime.new_cache(slots=1, capacity=20), range(20)).float()
    theirs = model.to(torch.bfloat16).decode(embeds[None])[0].float()
    error, their_error = (ours - exact).pow(2).mean(), (theirs - exact).pow(2).mean()
    assert 0 < error < 9 * their_error


@torch.inference_mode()
def test_eight_bits_change_little() -> None:
    model = small("qwen2")
    embeds = torch.randn(20, 24)
    spans = [Span(0, 0, 20)]
    full, eight = (model.runtime(dtype=torch.float32, quantize=kind) for kind in ("none", "int8"))
    a, b = (r.forward(embeds, spans, r.new_cache(slots=1, capacity=20), range(20)) for r in (full, eight))
    assert 0 < float((a - b).norm() / a.norm()) < 0.1


def test_consuming_leaves_the_decoder_without_layers() -> None:
    model = small("qwen2")
    before = sum(p.numel() for p in model.decoder.parameters())
    runtime = model.runtime(dtype=torch.float32, consume=True)
    assert all(isinstance(layer, nn.Identity) for layer in model.decoder.model.layers)
    assert sum(p.numel() for p in model.decoder.parameters()) < before
    assert len(runtime.layers) == 2
