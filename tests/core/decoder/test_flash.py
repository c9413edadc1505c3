"""flash-attn is used where it is, with its own arguments and layouts, and its absence in any form is no error."""

import sys
from types import ModuleType

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from ocr2.decoder.flash import fits_flash, flash_attention

CUDA = torch.device("cuda")


def flash_attn_with_kvcache(
    q: Tensor,
    k_cache: Tensor,
    v_cache: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    cache_seqlens: Tensor,
    softmax_scale: float,
    causal: bool,
) -> Tensor:
    """What flash-attn documents, row by row in torch."""
    b, c, _, d = q.shape
    t, g = k_cache.shape[1:3]
    assert causal
    assert k.shape == v.shape == (b, c, g, d)
    assert k_cache.shape == v_cache.shape == (b, t, g, d)
    assert cache_seqlens.dtype == torch.int32
    assert cache_seqlens.shape == (b,)
    assert all(x.stride(-1) == 1 for x in (q, k_cache, v_cache, k, v))
    out = torch.empty_like(q)
    for row in range(b):
        start = int(cache_seqlens[row])
        assert start + c <= t
        k_cache[row, start : start + c], v_cache[row, start : start + c] = k[row], v[row]
        keys, values = (x[row, : start + c].transpose(0, 1)[None] for x in (k_cache, v_cache))
        mask = torch.ones(c, start + c, dtype=torch.bool).tril(start)
        queries = q[row].transpose(0, 1)[None]
        mixed = F.scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask, scale=softmax_scale, enable_gqa=True
        )
        out[row] = mixed[0].transpose(0, 1)
    return out


def put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = ModuleType("flash_attn")
    fake.flash_attn_with_kvcache = flash_attn_with_kvcache  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "flash_attn", fake)


class BrokenBuild:
    """A finder whose module fails as a library that was built for another torch does."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def find_spec(self, name: str, *_: object) -> None:
        if name == "flash_attn":
            raise self.error


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_an_installed_package_is_used_on_cuda_with_two_bytes(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    put_in(monkeypatch)
    assert flash_attention(CUDA, dtype) is flash_attn_with_kvcache


@pytest.mark.parametrize(("device", "dtype"), [(torch.device("cpu"), torch.bfloat16), (CUDA, torch.float32)])
def test_elsewhere_it_is_not(monkeypatch: pytest.MonkeyPatch, device: torch.device, dtype: torch.dtype) -> None:
    put_in(monkeypatch)
    assert flash_attention(device, dtype) is None


def test_an_old_chip_has_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert flash_attention(CUDA, torch.float16) is None


@pytest.mark.parametrize("error", [ImportError("no"), OSError("undefined symbol"), RuntimeError("registered twice")])
def test_a_broken_build_counts_as_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    monkeypatch.delitem(sys.modules, "flash_attn", raising=False)
    monkeypatch.setattr(sys, "meta_path", [BrokenBuild(error), *sys.meta_path])
    with caplog.at_level("DEBUG", logger="ocr2.decoder.flash"):
        assert flash_attention(CUDA, torch.bfloat16) is None
    assert f"flash-attn is not used: {type(error).__name__}: {error}" in caplog.text


def test_a_package_without_the_function_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flash_attn", ModuleType("flash_attn"))
    assert flash_attention(CUDA, torch.bfloat16) is None


@pytest.mark.parametrize(("head_dim", "fits"), [(64, True), (256, True), (264, False), (20, False)])
def test_heads_have_a_multiple_of_eight_channels(head_dim: int, fits: bool) -> None:
    assert fits_flash(head_dim) == fits
