"""What `ocr2 bench` counts, against counts by hand, and what it measures, in structure."""

import math

import pytest
import torch

from ocr2.cli.bench.measure import (
    ViewEngine,
    bench_pages,
    bench_views,
    cache_bytes,
    draw_page,
    encoder_flops,
    make_prompt,
    prefill_flops,
    random_model,
    view_flops,
    weight_bytes,
)
from ocr2.compute.roofline import Limits
from ocr2.errors import ModelError
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.multimodal.runtime import DecoderRuntime
from ocr2.options import Quantize

LIMITS = Limits(gemm_flops=1e12, copy_bytes=1e10)
GOT, MINI = PRESETS["got"], PRESETS["got-mini"]


@pytest.fixture(scope="module")
def mini() -> GOTModel:
    return random_model("got-mini", torch.float32)


@pytest.fixture(scope="module")
def runtime(mini: GOTModel) -> DecoderRuntime:
    return mini.skeleton.runtime(dtype=torch.float32)


def test_flop_of_the_published_encoder() -> None:
    """By hand, in multiply-adds: 64 x 64 patches; 25 windows of 14 x 14 with padding; 8 blocks have them."""
    patches, padded = 4096, 25 * 196
    mlp = patches * 768 * 3072 * 2
    inside = padded * 768 * 768 * 4 + 25 * 12 * 2 * 196 * 196 * 64 + 12 * padded * (14 + 14) * 64
    across = patches * 768 * 768 * 4 + 12 * 2 * 4096 * 4096 * 64 + 12 * patches * (64 + 64) * 64
    stem = patches * 3 * 16 * 16 * 768
    neck = patches * 768 * 256 + patches * 256 * 256 * 9 + 32 * 32 * 256 * 512 * 9 + 16 * 16 * 512 * 1024 * 9
    macs = stem + 8 * (inside + mlp) + 4 * (across + mlp) + neck
    assert encoder_flops(GOT.skeleton.document, (1024, 1024)) == 2 * macs
    assert view_flops(GOT) == 2 * (macs + 256 * 1024 * 1024)
    assert view_flops(GOT) == pytest.approx(0.97e12, rel=0.01)


def test_flop_of_an_encoder_of_strips() -> None:
    """got-tiny by hand: 1 x 32 patches, rotary positions cost no product, the last block is global."""
    patches, dim = 32, 24
    stem = (16 * 64 * 3 * 1 * 9) + (8 * 32 * 8 * 3 * 9) + (4 * 32 * 16 * 8 * 9) + (1 * 32 * 24 * 16 * 12)
    block = patches * dim * dim * 4 + 2 * patches * 32 * dim + patches * dim * 72 * 2
    neck = 16 * dim * dim * 3
    assert encoder_flops(PRESETS["got-tiny"].skeleton.document, (32, 128)) == 2 * (stem + 2 * block + neck)


def test_flop_of_a_prompt() -> None:
    """By hand: 286 positions, keys up to one's own, one row of logits."""
    layer = 286 * (4 * 1024 * 1024 + 3 * 1024 * 2816) + sum(range(1, 287)) * 2 * 1024
    assert prefill_flops(GOT.skeleton.decoder, 286) == 2 * (24 * layer + 1024 * 151_860)


@pytest.mark.parametrize(
    ("dtype", "quantize", "expected"),
    [
        (torch.bfloat16, "none", 2 * 463_785_984),
        (torch.float32, "none", 4 * 463_785_984),
        # A byte a weight, and two for each row's factor: 3072 + 1024 + 5632 + 1024 rows a layer, 151,860 of the head.
        (torch.bfloat16, "int8", 463_785_984 + 2 * (24 * 10_752 + 151_860)),
        # Half a byte a weight of the layers, and four for each 128 of them; the head as with eight bits.
        (torch.bfloat16, "int4", 308_281_344 / 2 + 308_281_344 / 32 + 155_504_640 + 2 * 151_860),
    ],
)
def test_bytes_of_the_published_decoder(dtype: torch.dtype, quantize: Quantize, expected: float) -> None:
    assert weight_bytes(GOT.skeleton.decoder, dtype, quantize) == expected


def test_bytes_of_matrices_that_four_bits_do_not_fit() -> None:
    decoder = MINI.skeleton.decoder
    assert weight_bytes(decoder, torch.bfloat16, "int4") == weight_bytes(decoder, torch.bfloat16, "int8")


def test_bytes_of_the_decoder_are_those_of_its_parameters(mini: GOTModel) -> None:
    matrices = [p for name, p in mini.skeleton.decoder.named_parameters() if p.dim() == 2]
    assert weight_bytes(MINI.skeleton.decoder, torch.float32, "none") == sum(p.nbytes for p in matrices)


def test_bytes_of_keys_and_values(runtime: DecoderRuntime) -> None:
    assert cache_bytes(GOT.skeleton.decoder, torch.bfloat16, positions=10) == 24 * 2 * 10 * 1024 * 2
    nano = PRESETS["got-nano"].skeleton.decoder  # keys of 3 heads for 6 of queries
    assert cache_bytes(nano, torch.float32, positions=1) == 3 * 2 * 96 * 4


def test_a_prompt_of_the_published_model_has_286_positions() -> None:
    prompt = make_prompt(GOT)
    assert prompt.shape == (1, 286)
    assert int((prompt == GOT.skeleton.image_token_id).sum()) == 256


def test_answers_have_the_lengths_that_are_given(mini: GOTModel, runtime: DecoderRuntime) -> None:
    engine = ViewEngine(mini, runtime, slots=2)
    embeds = engine.embed(make_prompt(MINI), engine.encode(torch.zeros(1, 3, 128, 128)))
    rows = engine.write([embeds] * 3, [40, 1, 7])
    assert [len(row) for row in rows] == [40, 1, 7]
    assert rows[0][:7] == rows[2]


def test_steps_of_a_model_of_views(mini: GOTModel, runtime: DecoderRuntime) -> None:
    engine = ViewEngine(mini, runtime, slots=2)
    found = bench_views(engine, LIMITS, quantize="none", tokens=9, repeats=1)
    assert found.positions == 30 + 4
    stages = (found.encoder, found.prefill, found.decode, found.decode_batched)
    assert [stage.bound for stage in stages] == ["product", "product", "copy", "copy"]
    for stage, rate in zip(stages, (1e12, 1e12, 1e10, 1e10), strict=True):
        assert stage.seconds > 0
        assert stage.share == pytest.approx(stage.work / rate / stage.seconds)
        assert stage.least == pytest.approx(stage.work / rate)
    weights = weight_bytes(MINI.skeleton.decoder, torch.float32, "none")
    kept = 2 * 2 * 32 * 4 * (34 + 4.5)  # keys and values, layers, width, bytes, positions
    assert found.decode.work == weights + kept
    assert found.decode_batched.work == weights + 2 * kept
    assert found.pages_per_s > 0


def test_one_token_is_too_few(mini: GOTModel, runtime: DecoderRuntime) -> None:
    with pytest.raises(ValueError, match="tokens must be at least 2, so that one follows the prompt, got 1"):
        bench_views(ViewEngine(mini, runtime), LIMITS, quantize="none", tokens=1)


def test_a_machine_that_is_busy_is_not_measured(
    mini: GOTModel, runtime: DecoderRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr2.cli.bench.measure.median_seconds", lambda run, *, repeats, device: 0.5)
    with pytest.raises(ModelError, match=r"9 tokens took 0.5 s, the first alone 0.5 s: the machine is busy"):
        bench_views(ViewEngine(mini, runtime), LIMITS, quantize="none", tokens=9)


def test_a_page_has_the_median_of_its_stages() -> None:
    times = iter([(9.0, 9.0), (1.0, 4.0), (2.0, 1.0), (3.0, 3.0)])  # the first reading does not count
    found = bench_pages(lambda page: dict(zip(("layout", "model"), next(times), strict=True)), characters=50, pages=3)
    assert found.stages == {"layout": 2, "model": 3}
    assert found.seconds == 5
    assert found.pages_per_s == 0.2
    assert found.characters == len(draw_page(0, characters=50).text) >= 50


def test_a_drawn_page_is_a4_and_repeatable() -> None:
    page = draw_page(3, characters=200)
    assert page.picture.shape == (2339, 1654)
    assert (page.picture == draw_page(3, characters=200).picture).all()
    assert page.picture.min() == 0
    assert page.text != draw_page(4, characters=200).text


def test_random_weights_stay_finite(mini: GOTModel) -> None:
    features = mini.encode(torch.randn(1, 3, 128, 128)).image_features
    assert math.isfinite(float(features.abs().max()))
    assert float(features.std()) > 0
