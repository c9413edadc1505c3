"""Products with a constant matrix, each in the form that its machine reads fastest.

On a CPU a matrix is packed once for oneDNN: measured, a packed product reads the weights at the rate memory gives them,
a plain one at little more than half of it (benchmarks/RESULTS.md, "Products of the decoder"). Quantised ones keep one
or half a byte a weight with a factor a row, or a group of columns, and multiply in the activations' type. Axis letters:
n rows of activations, i inputs, o outputs.
"""

from functools import lru_cache
from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.options import Quantize

Activation = Literal["none", "gelu"]

GROUPS = (128, 64, 32)  # columns that share a factor in four bits: the first that fits
INNER_TILES = 1  # of the packed four-bit layout; the CPU's kernel knows this one alone
# Rows of activations above which a quantised matrix is unpacked and multiplied in full (measured, as above).
FEW_ROWS = 16


class Linear(Protocol):
    """A product with a constant matrix."""

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, i) to (n, o)."""


class DenseLinear:
    """A matrix as it is.

    Args:
        weight: (o, i).
        bias: (o,) or None.
        activation: Applied to the outputs.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None = None, *, activation: Activation = "none") -> None:
        self.weight = weight
        self.bias = bias
        self.activation = activation

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, i) to (n, o)."""
        product = F.linear(x, self.weight, self.bias)
        return F.gelu(product) if self.activation == "gelu" else product


class PackedLinear:
    """A matrix in oneDNN's own order; arguments as of `DenseLinear`. CPU, inference."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None, *, activation: Activation = "none") -> None:
        self.packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), None)
        self.bias = bias
        self.activation = activation

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, i) to (n, o)."""
        product: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.packed, self.bias, self.activation, [], "none")
        return product


class Int8Linear:
    """One byte a weight and one factor an output; arguments as of `DenseLinear`. CPU, inference."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        scale = (weight.float().abs().amax(dim=1) / 127).clamp(min=1e-12)
        self.scale = scale.to(weight.dtype)
        # Divided by the factor as it is stored, so that its rounding is not added to the weights'.
        steps = weight.float() / self.scale.float()[:, None]
        self.weight = steps.round_().clamp_(-127, 127).to(torch.int8)
        self.bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, i) to (n, o)."""
        if x.shape[0] > FEW_ROWS:
            product = F.linear(x, self.weight.to(x.dtype)) * self.scale  # bytes are exact in any type
        else:
            product = torch._weight_int8pack_mm(x, self.weight, self.scale)
        return product if self.bias is None else product + self.bias


class Int4Linear:
    """Half a byte a weight, a factor and a zero for each group of columns; arguments as of `DenseLinear`. CPU."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        o, i = weight.shape
        group = four_bit_group(o, i)
        assert group is not None
        self.group = group
        groups = weight.float().view(o, i // self.group, self.group)
        low, high = groups.amin(dim=2), groups.amax(dim=2)
        scale = ((high - low) / 15).clamp(min=1e-12).to(weight.dtype)
        zero = (low + 8 * scale.float()).to(weight.dtype)  # what the middle step, 8, stands for
        steps = ((groups - zero.float()[..., None]) / scale.float()[..., None]).round_().add_(8).clamp_(0, 15)
        self.weight = torch._convert_weight_to_int4pack_for_cpu(steps.view(o, i).to(torch.int32), INNER_TILES)
        self.factors = torch.stack([scale, zero], dim=-1).transpose(0, 1).contiguous()  # (groups, o, 2)
        self.bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, i) to (n, o)."""
        product = torch._weight_int4pack_mm_for_cpu(x, self.weight, self.group, self.factors)
        return product if self.bias is None else product + self.bias


class FrozenLinear(nn.Module):
    """A linear module for inference alone: its product without parameters, over any leading axes.

    Args:
        linear: Whose weights it takes.
        activation: Applied to the outputs.
    """

    def __init__(self, linear: nn.Module, *, activation: Activation = "none") -> None:
        super().__init__()
        assert isinstance(linear, nn.Linear)
        bias = linear.bias.detach().clone() if linear.bias is not None else None
        with torch.inference_mode():
            self.product = make_linear(linear.weight.detach(), bias, activation=activation)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., i) to (..., o)."""
        return self.product(x.flatten(0, -2)).view(*x.shape[:-1], -1)


def make_linear(
    weight: Tensor, bias: Tensor | None = None, *, quantize: Quantize = "none", activation: Activation = "none"
) -> Linear:
    """Build the product with a matrix that is fastest where the matrix is.

    Args:
        weight: (o, i), of the type to compute in.
        bias: (o,) or None.
        quantize: Keep fewer bits a weight. A matrix that four bits do not fit keeps eight.
        activation: Applied to the outputs; of matrices that are not quantised.

    Raises:
        ValueError: If a matrix that is not on the CPU is to be quantised.
    """
    if quantize != "none":
        if weight.device.type != "cpu":
            raise ValueError(f"quantize={quantize!r} works on the CPU; the weights are on {weight.device}")
        fits = four_bit_group(*weight.shape) is not None
        return Int4Linear(weight, bias) if quantize == "int4" and fits else Int8Linear(weight, bias)
    if weight.device.type == "cpu" and can_pack(weight.dtype):
        return PackedLinear(weight, bias, activation=activation)
    return DenseLinear(weight, bias, activation=activation)


def four_bit_group(o: int, i: int) -> int | None:
    """Return how many columns of a matrix (o, i) share a factor in four bits; None if four bits do not fit it."""
    return next((size for size in GROUPS if i % size == 0 and o % 64 == 0), None)


@lru_cache
def can_pack(dtype: torch.dtype) -> bool:
    """Say whether this build and CPU multiply packed matrices of a type, by trying."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    generator = torch.Generator().manual_seed(0)
    weight, x = (torch.randn(64, 64, generator=generator).to(dtype) for _ in range(2))
    try:
        with torch.inference_mode():
            packed = PackedLinear(weight)(x)
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    return torch.allclose(packed.float(), F.linear(x, weight).float(), rtol=0.02, atol=0.2)
