"""The encoder against transformers' GOT encoder, and its shapes."""

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.got_ocr2.configuration_got_ocr2 import GotOcr2VisionConfig
from transformers.models.got_ocr2.modeling_got_ocr2 import GotOcr2VisionEncoder

from ocr2.got.config import PRESETS
from ocr2.vision import attention
from ocr2.vision.config import SAM_B, VisionConfig
from ocr2.vision.encoder import VisionEncoder, merge_windows, partition_windows

# Parameters of the published encoder with its two strided convolutions; docs/models/got.md, "Vision encoder".
SAM_B_PARAMETERS = 89_670_912 + 512 * 256 * 9 + 1024 * 512 * 9


def small_sam(neck: int = 2) -> VisionConfig:
    """The published wiring at a size that runs in milliseconds: 8 x 8 patches, windows of 3."""
    mini = PRESETS["got-mini"].skeleton.document
    return dataclasses.replace(mini, neck=tuple(dataclasses.replace(s, out_chans=16) for s in mini.neck[:neck]))


def fill(model: torch.nn.Module) -> None:
    """Give every parameter random values, tables of zeros too."""
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) * 0.2


def transformers_names(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Rename our tensors to those of transformers' encoder."""
    pairs = (
        ("patch_embed.0", "patch_embed.projection"),
        ("blocks.", "layers."),
        ("norm1", "layer_norm1"),
        ("norm2", "layer_norm2"),
        ("neck.0", "neck.conv1"),
        ("neck.1", "neck.layer_norm1"),
        ("neck.2", "neck.conv2"),
        ("neck.3", "neck.layer_norm2"),
    )
    renamed = {}
    for name, value in state.items():
        for ours, theirs in pairs:
            name = name.replace(ours, theirs)
        renamed[name] = value
    return renamed


def test_the_published_wiring_equals_transformers() -> None:
    ours = VisionEncoder(small_sam()).eval()
    fill(ours)
    theirs = GotOcr2VisionEncoder(
        GotOcr2VisionConfig(
            hidden_size=24,
            output_channels=16,
            num_hidden_layers=4,
            num_attention_heads=2,
            image_size=128,
            patch_size=16,
            window_size=3,
            global_attn_indexes=[1, 3],
            mlp_dim=96,
            attn_implementation="eager",
        )
    ).eval()
    theirs.load_state_dict(transformers_names(ours.state_dict()))
    pixels = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = theirs(pixels).last_hidden_state  # (b, c, h, w)
        tokens = ours(pixels).tokens
    torch.testing.assert_close(tokens, expected.flatten(2).transpose(1, 2), rtol=1e-4, atol=1e-4)


def test_the_published_encoder_has_its_published_size_and_tokens() -> None:
    with torch.device("meta"):
        encoder = VisionEncoder(SAM_B)
    assert sum(p.numel() for p in encoder.parameters()) == SAM_B_PARAMETERS
    assert SAM_B.token_grid((1024, 1024)) == (16, 16)
    assert SAM_B.num_tokens((1024, 1024)) == 256
    assert SAM_B.out_dim == 1024


@pytest.mark.parametrize("size", [(128, 128), (96, 160), (64, 48), (160, 224)])
def test_any_image_size_gives_the_computed_number_of_tokens(size: tuple[int, int]) -> None:
    config = small_sam(neck=4)
    encoder = VisionEncoder(config).eval()
    output = encoder(torch.zeros(1, 3, *size))
    assert output.tokens.shape == (1, config.num_tokens(size), 16)
    assert output.patches.shape[1:3] == config.patch_grid(size)


def test_an_image_without_a_token_is_refused() -> None:
    with pytest.raises(ValueError, match="gives no image token"):
        SAM_B.num_tokens((8, 1024))


def test_cutting_the_bias_by_heads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = VisionEncoder(small_sam()).eval()
    fill(encoder)
    pixels = torch.randn(1, 3, 128, 128)
    with torch.no_grad():
        whole = encoder(pixels).tokens
        monkeypatch.setattr(attention, "BIAS_BUDGET", 1)  # one head at a time
        cut = encoder(pixels).tokens
    torch.testing.assert_close(cut, whole)


def test_explicit_softmax_attention_agrees() -> None:
    module = attention.SelfAttention(24, 2, position="relative", grid=(4, 5)).eval()
    fill(module)
    x = torch.randn(2, 4, 5, 24)
    q, k, v = module.qkv(x).view(2, 20, 3, 2, 12).permute(2, 0, 3, 1, 4)
    logits = (q * 12**-0.5) @ k.mT
    for i in range(20):
        for j in range(20):
            (y, x_), (y2, x2) = divmod(i, 5), divmod(j, 5)
            logits[:, :, i, j] += q[:, :, i] @ module.rel_pos_h[y - y2 + 3] + q[:, :, i] @ module.rel_pos_w[x_ - x2 + 4]
    expected = module.proj((logits.softmax(-1) @ v).transpose(1, 2).reshape(2, 4, 5, 24))
    torch.testing.assert_close(module(x), expected, rtol=1e-4, atol=1e-4)


def test_rotary_attention_sees_relative_positions_only() -> None:
    module = attention.SelfAttention(24, 2, position="rotary", grid=(1, 16)).eval()
    strip = torch.randn(1, 1, 6, 24)
    cos, sin = attention.rotary_table((1, 9), 12, device=strip.device, dtype=strip.dtype)
    q, k, _ = module.qkv(strip).view(1, 6, 3, 2, 12).permute(2, 0, 3, 1, 4)
    here = attention.rotate(q, cos[:6], sin[:6]) @ attention.rotate(k, cos[:6], sin[:6]).mT
    there = attention.rotate(q, cos[3:], sin[3:]) @ attention.rotate(k, cos[3:], sin[3:]).mT
    torch.testing.assert_close(here, there, rtol=1e-4, atol=1e-5)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))
def test_windows_join_to_what_was_cut(h: int, w: int, rows: int, columns: int) -> None:
    x = torch.arange(2 * h * w * 3, dtype=torch.float32).view(2, h, w, 3)
    windows = partition_windows(x, (rows, columns))
    assert windows.shape[1:] == (rows, columns, 3)
    assert torch.equal(merge_windows(windows, (rows, columns), (h, w)), x)


def test_folding_batch_norms_keeps_the_features() -> None:
    encoder = VisionEncoder(PRESETS["got-tiny"].skeleton.document).eval()
    for name, buffer in encoder.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_()
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 2)
    pixels = torch.randn(1, 1, 32, 64)
    with torch.no_grad():
        before = encoder(pixels).tokens
        encoder.fuse_norms()
        after = encoder(pixels).tokens
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in encoder.modules())
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-5)


def test_a_stem_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="must give embed_dim = 32"):
        dataclasses.replace(small_sam(), embed_dim=32)


@pytest.mark.parametrize("budget", [1, 50, 200, 2**21])
@pytest.mark.parametrize(("b", "size"), [(1, (4, 5)), (3, (6, 2))])
def test_attention_in_products_is_the_same(
    budget: int, b: int, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "LOGITS_BUDGET", budget)
    t = size[0] * size[1]
    q, k, v = torch.randn(3, b, 2, t, 12).unbind(0)
    tables = [attention.relative_table(torch.randn(2 * side - 1, 12), side) for side in size]
    bias = attention.decomposed_bias(q, tables[0], tables[1], size)
    expected = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
    found = attention.attend_in_products(q, k, v, *attention.relative_terms(q, tables[0], tables[1], size))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_bfloat16_takes_products_and_agrees_with_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = VisionEncoder(small_sam()).eval()
    fill(encoder)
    pixels = torch.randn(2, 3, 128, 128)
    calls: list[torch.Size] = []
    products = attention.attend_in_products

    def spy(q: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        calls.append(q.shape)
        return products(q, *others)

    monkeypatch.setattr(attention, "attend_in_products", spy)
    with torch.inference_mode():
        exact = encoder(pixels).tokens
        assert not calls
        close = encoder.bfloat16()(pixels.bfloat16()).tokens.float()
    assert len(calls) == encoder.config.depth
    assert float((close - exact).norm() / exact.norm()) < 0.02
