"""A decoder for reading: the weights of transformers' classes behind few products over rows of any length.

Queries, keys and values are one product, gate and up another; positions of all rows stand in one matrix without
padding. `tests/core/multimodal/test_runtime.py` holds it to transformers' own forward pass. Axis letters: n positions
of all rows, m positions whose logits are wanted, d channels of a head, v vocabulary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel

from ocr2.decoder.cache import SlotCache, Span
from ocr2.linear import Linear, Quantize, make_linear
from ocr2.multimodal.config import DecoderConfig

OPT_OFFSET = 2  # rows of OPT's position table before position 0

Map = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """Root mean square norm, computed in float32."""

    weight: Tensor
    eps: float

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, hidden) to the weight's type."""
        rate = torch.rsqrt(x.float().square().mean(dim=-1, keepdim=True) + self.eps)
        return (x * rate).to(self.weight.dtype) * self.weight


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Layer norm."""

    weight: Tensor
    bias: Tensor
    eps: float

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, hidden) to the weight's type."""
        return F.layer_norm(x.to(self.weight.dtype), self.weight.shape, self.weight, self.bias, self.eps)


@dataclass(frozen=True, slots=True)
class Layer:
    """One block: attention and a perceptron, each behind a norm and added to its input."""

    attention_norm: Map
    qkv: Linear  # to queries, scaled, then keys, then values
    out: Linear
    mlp_norm: Map
    up: Linear
    activate: Map
    down: Linear


class DecoderRuntime:
    """A causal decoder over the spans of many rows.

    Args:
        decoder: transformers' model.
        config: Its dimensions.
        dtype: To compute in.
        quantize: Keep the matrices in fewer bits; the head has eight at least.
        consume: Take the layers out of `decoder`, one by one, so that weights are never held twice; it keeps its
            embedding table alone.
    """

    def __init__(
        self,
        decoder: PreTrainedModel,
        config: DecoderConfig,
        *,
        dtype: torch.dtype,
        quantize: Quantize = "none",
        consume: bool = False,
    ) -> None:
        self.config = config
        self.dtype = dtype
        self.table: Tensor = decoder.get_input_embeddings().weight.detach()
        self.device = self.table.device
        self.head_dim = config.hidden_size // config.num_attention_heads
        body: Any = decoder.base_model
        read = {"qwen2": _qwen2_layer, "opt": _opt_layer}[config.family]
        if config.family == "opt":
            body = body.decoder
            self.norm: Map = _layer_norm(body.final_layer_norm, dtype)
            self.positions: Tensor | None = body.embed_positions.weight[OPT_OFFSET:].detach()
        else:
            self.norm = RMSNorm(body.norm.weight.detach().to(dtype), config.norm_eps)
            self.positions = None
        self.layers: list[Layer] = []
        with torch.inference_mode():
            for i in range(len(body.layers)):
                self.layers.append(read(body.layers[i], config, dtype, quantize))
                if consume:
                    body.layers[i] = nn.Identity()
            head = decoder.get_output_embeddings().weight.detach().to(dtype)
            self.head = make_linear(head, quantize="none" if quantize == "none" else "int8")
        self._cos, self._sin = _rotary_tables(config, self.head_dim, self.device)

    def new_cache(self, *, slots: int, capacity: int) -> SlotCache:
        """Make room for `slots` rows of `capacity` positions."""
        return SlotCache(
            layers=len(self.layers),
            slots=slots,
            capacity=capacity,
            heads=self.config.num_key_value_heads,
            head_dim=self.head_dim,
            dtype=self.dtype,
            device=self.device,
        )

    def embed(self, ids: Sequence[int]) -> Tensor:
        """Return embeddings (n, hidden)."""
        return self.table[torch.tensor(ids, device=self.device)]

    def forward(self, embeds: Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]) -> Tensor:
        """Run spans of rows.

        Args:
            embeds: (n, hidden), the spans' positions one after the other.
            spans: Which rows they belong to, by ascending slot.
            cache: What the rows hold so far; extended in place.
            keep: The m positions whose logits are wanted.

        Returns:
            Logits (m, v).
        """
        places = torch.cat([torch.arange(s.start, s.end) for s in spans]).to(self.device)
        x = embeds if self.positions is None else embeds + self.positions[places].to(embeds.dtype)
        cos, sin = self._cos[places][:, None].to(self.dtype), self._sin[places][:, None].to(self.dtype)
        heads, pairs = self.config.num_attention_heads, self.config.num_key_value_heads
        for i, layer in enumerate(self.layers):
            qkv = layer.qkv(layer.attention_norm(x)).view(len(x), heads + 2 * pairs, self.head_dim)
            if self.positions is None:
                turned = qkv[:, : heads + pairs]
                turned.copy_(torch.addcmul(turned * cos, turned.roll(self.head_dim // 2, dims=-1), sin))
            mixed = cache.attend(i, qkv[:, :heads], qkv[:, heads:], spans)
            x = x + layer.out(mixed.view(len(x), -1))
            x = x + layer.down(layer.activate(layer.up(layer.mlp_norm(x))))
        wanted = torch.tensor(keep, device=self.device)
        return self.head(self.norm(x[wanted]))


def _qwen2_layer(block: Any, config: DecoderConfig, dtype: torch.dtype, quantize: Quantize) -> Layer:
    attention, mlp = block.self_attn, block.mlp

    def norm(module: Any) -> Map:
        return RMSNorm(module.weight.detach().to(dtype), config.norm_eps)

    return Layer(
        norm(block.input_layernorm),
        _joined_qkv(attention, config, dtype, quantize),
        _join([attention.o_proj], dtype, quantize),
        norm(block.post_attention_layernorm),
        _join([mlp.gate_proj, mlp.up_proj], dtype, quantize),
        _swiglu,
        _join([mlp.down_proj], dtype, quantize),
    )


def _opt_layer(block: Any, config: DecoderConfig, dtype: torch.dtype, quantize: Quantize) -> Layer:
    return Layer(
        _layer_norm(block.self_attn_layer_norm, dtype),
        _joined_qkv(block.self_attn, config, dtype, quantize),
        _join([block.self_attn.out_proj], dtype, quantize),
        _layer_norm(block.final_layer_norm, dtype),
        _join([block.fc1], dtype, quantize),
        F.relu,
        _join([block.fc2], dtype, quantize),
    )


def _layer_norm(module: Any, dtype: torch.dtype) -> LayerNorm:
    return LayerNorm(module.weight.detach().to(dtype), module.bias.detach().to(dtype), module.eps)


def _joined_qkv(attention: Any, config: DecoderConfig, dtype: torch.dtype, quantize: Quantize) -> Linear:
    """Join queries, keys and values; the queries' weights carry the scale of attention."""
    scale = (config.hidden_size // config.num_attention_heads) ** -0.5
    return _join([attention.q_proj, attention.k_proj, attention.v_proj], dtype, quantize, scales=(scale, 1.0, 1.0))


def _join(
    modules: Sequence[Any], dtype: torch.dtype, quantize: Quantize, scales: Sequence[float] | None = None
) -> Linear:
    """Make one product of several linear modules on the same input."""
    factors = scales or [1.0] * len(modules)
    parts = list(zip(modules, factors, strict=True))
    weight = torch.cat([(m.weight.detach() * f).to(dtype) for m, f in parts])
    bias = None
    if modules[0].bias is not None:
        bias = torch.cat([(m.bias.detach() * f).to(dtype) for m, f in parts])
    return make_linear(weight, bias, quantize=quantize)


def _swiglu(x: Tensor) -> Tensor:
    gate, up = x.chunk(2, dim=-1)
    return F.silu(gate) * up


def _rotary_tables(config: DecoderConfig, head_dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the cosine and the signed sine of every position, each (positions, head_dim), in float32.

    The second factor of a channel is the channel half a head away, with a minus for the first half.
    """
    rates = config.rope_theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angles = torch.arange(config.max_position_embeddings, dtype=torch.float32)[:, None] * rates
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([cos, cos], dim=-1).to(device), torch.cat([-sin, sin], dim=-1).to(device)
