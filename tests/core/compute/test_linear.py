"""Products with packed and quantised matrices stay near the plain product."""

import pytest
import torch
from torch.nn import functional as F

from ocr2.compute import linear as module
from ocr2.compute.linear import DenseLinear, Int4Linear, Int8Linear, PackedLinear, can_pack, make_linear

SIZES = [(64, 128), (192, 256)]


def matrices(o: int, i: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(o)
    weight = torch.randn(o, i, generator=generator) * torch.rand(o, 1, generator=generator)
    return (weight / i**0.5).to(dtype), torch.randn(o, generator=generator).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("n", [1, 3, 40])
@pytest.mark.parametrize("size", SIZES)
@torch.inference_mode()
def test_a_packed_product_is_the_product(size: tuple[int, int], n: int, dtype: torch.dtype) -> None:
    if not can_pack(dtype):
        pytest.skip("this build does not pack")
    weight, bias = matrices(*size, dtype)
    x = torch.randn(n, size[1]).to(dtype)
    tolerance = 1e-5 if dtype == torch.float32 else 0.03
    torch.testing.assert_close(PackedLinear(weight, bias)(x), F.linear(x, weight, bias), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n", [1, module.FEW_ROWS, module.FEW_ROWS + 1])
@pytest.mark.parametrize(("kind", "steps"), [(Int8Linear, 254), (Int4Linear, 15)])
@torch.inference_mode()
def test_a_quantised_matrix_is_off_by_half_a_step_at_most(
    kind: type[Int8Linear] | type[Int4Linear], steps: int, n: int
) -> None:
    weight, bias = matrices(64, 128, torch.bfloat16)
    linear = kind(weight, bias)
    # Columns of the unit matrix give back the matrix itself.
    back = torch.cat([linear(rows) for rows in torch.split(torch.eye(128, dtype=torch.bfloat16), n)]).T - bias[:, None]
    exact = weight.float() + 0
    width = exact.amax(1) - exact.amin(1) if kind is Int4Linear else 2 * exact.abs().amax(1)
    rounding = 0.01 * (exact.abs() + bias.float().abs()[:, None]) + 0.01 * width[:, None]  # of bfloat16
    assert ((back.float() - exact).abs() <= 0.5 * (width / steps)[:, None] + rounding).all()


def test_a_matrix_of_zeros_is_kept() -> None:
    weight = torch.zeros(64, 128, dtype=torch.bfloat16)
    with torch.inference_mode():
        for kind in (Int8Linear, Int4Linear):
            assert not kind(weight)(torch.ones(2, 128, dtype=torch.bfloat16)).any()


def test_four_bits_fall_back_to_eight_where_they_do_not_fit() -> None:
    assert isinstance(make_linear(torch.randn(64, 128).bfloat16(), quantize="int4"), Int4Linear)
    assert isinstance(make_linear(torch.randn(64, 96).bfloat16(), quantize="int4"), Int4Linear)
    assert isinstance(make_linear(torch.randn(64, 40).bfloat16(), quantize="int4"), Int8Linear)


def test_quantising_off_the_cpu_is_refused() -> None:
    with pytest.raises(ValueError, match="works on the CPU; the weights are on meta"):
        make_linear(torch.empty(64, 128, device="meta"), quantize="int8")


def test_a_build_without_packing_multiplies_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    can_pack.cache_clear()
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    try:
        assert isinstance(make_linear(torch.randn(4, 4)), DenseLinear)
    finally:
        can_pack.cache_clear()
