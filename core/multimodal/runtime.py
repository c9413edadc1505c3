"""A decoder for reading: the weights of transformers' classes behind few products over rows of any length.

Queries, keys and values are one product, gate and up another; positions of all rows stand in one matrix without
padding. `tests/core/multimodal/test_runtime.py` holds it to transformers' own forward pass. Axis letters: n positions
of all rows, m positions whose logits are wanted, d channels of a head, v vocabulary.
"""

import dataclasses
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PreTrainedModel

from ocr2.compute.linear import DenseLinear, Linear, make_linear
from ocr2.decoder.cache import CacheShape, SlotCache, Span
from ocr2.decoder.flash import flash_attention
from ocr2.decoder.static import MAX_CHUNK, StaticStore
from ocr2.multimodal.config import DecoderConfig
from ocr2.multimodal.graphs import Attend, RunnerPool, StepCache, StepRunner, plan_step, send, to_device
from ocr2.options import Quantize

if TYPE_CHECKING:
    from transformers.models.opt.modeling_opt import OPTAttention, OPTDecoderLayer
    from transformers.models.qwen2.modeling_qwen2 import Qwen2Attention, Qwen2DecoderLayer, Qwen2RMSNorm

OPT_OFFSET = 2  # rows of OPT's position table before position 0

Map = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """Root mean square norm, computed in float32."""

    weight: Tensor
    eps: float

    def __call__(self, x: Tensor) -> Tensor:
        """Map (n, hidden) to the weight's type."""
        if x.is_cuda and x.dtype == self.weight.dtype:  # one kernel; on a CPU the products below are as fast
            return F.rms_norm(x, self.weight.shape, self.weight, self.eps)
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
        consume: Take the layers out of `decoder`, one by one, so that weights are never held twice. But for `table`,
            which the decoder keeps, nothing of the runtime lies in a mapped file then.
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
        body = decoder.base_model
        read = {"qwen2": _qwen2_layer, "opt": _opt_layer}[config.family]
        if config.family == "opt":
            body = body.decoder
            self.norm: Map = _layer_norm(body.final_layer_norm, dtype)
            self.positions: Tensor | None = body.embed_positions.weight[OPT_OFFSET:].detach().to(dtype, copy=True)
        else:
            self.norm = RMSNorm(body.norm.weight.detach().to(dtype, copy=True), config.norm_eps)
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
        self.use_graphs = True  # of steps, on CUDA; takes effect for caches to come
        self.add_in_place = self.device.type == "cuda"  # a product adds to what is there without a kernel of its own
        self._turn: Callable[[Tensor, Tensor, Tensor, int], Tensor] = _turn_in_place
        self._pool = RunnerPool()

    def new_cache(self, *, slots: int, capacity: int) -> SlotCache:
        """Make room for `slots` rows of `capacity` positions; of fixed shape on CUDA, for graphs."""
        if self.device.type == "cuda":
            return self.new_static_cache(slots=slots, capacity=capacity)
        return SlotCache(self._cache_shape(), slots=slots, capacity=capacity)

    def _cache_shape(self) -> CacheShape:
        return CacheShape(
            layers=len(self.layers),
            heads=self.config.num_key_value_heads,
            head_dim=self.head_dim,
            dtype=self.dtype,
            device=self.device,
        )

    def new_static_cache(self, *, slots: int, capacity: int) -> StepCache:
        """Make room in tensors of fixed shape; steps over them are captured as graphs, on CUDA."""
        return self._pool.lend(self._new_runner, slots=slots, capacity=capacity, use_graphs=self.use_graphs)

    def embed(self, ids: Sequence[int]) -> Tensor:
        """Return embeddings (n, hidden)."""
        if len(ids) == 1:  # a view: nothing to copy, and on CUDA nothing to wait for
            return self.table[ids[0]][None]
        return self.table[to_device(ids, self.device)]

    def forward(self, embeds: Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]) -> Tensor:
        """Run spans of rows; arguments as of `states`, result logits (m, v)."""
        return self.head(self.states(embeds, spans, cache, keep))

    def states(self, embeds: Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]) -> Tensor:
        """Run spans of rows.

        Over a static cache, spans of up to `MAX_CHUNK` positions are one step of fixed shape, and longer ones, which
        are prompts, are run beside it.

        Args:
            embeds: (n, hidden), the spans' positions one after the other.
            spans: Which rows they belong to, by ascending slot.
            cache: What the rows hold so far; extended in place.
            keep: The m positions whose states are wanted.

        Returns:
            States (m, hidden) behind the last norm.

        Raises:
            ValueError: If a span ends behind the capacity of a static cache.
        """
        if isinstance(cache, StepCache):
            return self.norm(self._static(embeds, spans, cache, keep))
        return self.norm(self._ragged(embeds, spans, cache, keep))

    def _ragged(self, embeds: Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]) -> Tensor:
        """Return states (m, hidden) of spans, each of its own length."""
        places = send(torch.cat([torch.arange(s.start, s.end) for s in spans]), self.device)
        states = self._run_layers(embeds, places, lambda layer, q, kv: cache.attend(layer, q, kv, spans))
        return states[to_device(keep, self.device)]

    @torch.inference_mode()
    def _static(self, embeds: Tensor, spans: Sequence[Span], cache: StepCache, keep: Sequence[int]) -> Tensor:
        """Return states (m, hidden) of spans over a static cache."""
        cache.note(spans)
        short = [span.count <= MAX_CHUNK for span in spans]
        if all(short):
            return cache.runner.run(self._run_padded, embeds, plan_step(spans, cache), keep)
        if not any(short):
            return self._ragged(embeds, spans, cache, keep)
        firsts = [0, *accumulate(span.count for span in spans)]
        states: list[Tensor] = []
        rows: dict[int, int] = {}  # where the state of a kept position stands
        for kind in (False, True):
            group = [i for i in range(len(spans)) if short[i] == kind]
            part = torch.cat([embeds[firsts[i] : firsts[i + 1]] for i in group])
            inside = dict(zip(group, accumulate((spans[i].count for i in group), initial=0), strict=False))
            kept: list[int] = []
            for position in keep:
                i = bisect_right(firsts, position) - 1
                if short[i] == kind:
                    rows[position] = len(rows)
                    kept.append(inside[i] + position - firsts[i])
            members = [spans[i] for i in group]
            if kind:
                states.append(cache.runner.run(self._run_padded, part, plan_step(members, cache), kept))
            else:
                states.append(self._ragged(part, members, cache, kept))
        order = to_device([rows[position] for position in keep], self.device)
        return torch.cat(states)[order]

    def _run_padded(self, x: Tensor, places: Tensor, attend: Attend) -> Tensor:
        """Run the layers over positions of which padding may lie behind the last that the model knows."""
        return self._run_layers(x, places.clamp(max=len(self._cos) - 1), attend)

    def _run_layers(self, x: Tensor, places: Tensor, attend: Attend) -> Tensor:
        """Map embeddings (n, hidden) at places (n,) to states (n, hidden), not yet normed."""
        if self.positions is not None:
            x = x + self.positions[places].to(x.dtype)
        cos, sin = self._cos[places][:, None].to(self.dtype), self._sin[places][:, None].to(self.dtype)
        heads, pairs = self.config.num_attention_heads, self.config.num_key_value_heads
        if self.add_in_place:
            x = x.clone()
        for i, layer in enumerate(self.layers):
            qkv = layer.qkv(layer.attention_norm(x)).view(len(x), heads + 2 * pairs, self.head_dim)
            if self.positions is None:
                qkv = self._turn(qkv, cos, sin, heads + pairs)
            mixed = attend(i, qkv[:, :heads], qkv[:, heads:])
            x = self._add(x, layer.out, mixed.reshape(len(x), -1))
            x = self._add(x, layer.down, layer.activate(layer.up(layer.mlp_norm(x))))
        return x

    def _add(self, x: Tensor, linear: Linear, inputs: Tensor) -> Tensor:
        """Add a product to x (n, hidden)."""
        if self.add_in_place and isinstance(linear, DenseLinear) and linear.bias is None and x.dtype == inputs.dtype:
            return x.addmm_(inputs, linear.weight.t())  # one kernel; the sum is rounded once
        return x + linear(inputs)

    def compile_operations(self, *, backend: str = "inductor") -> None:
        """Compile the small operations between products, each into one kernel, when a pass first needs them.

        That takes seconds, and pays where thousands of steps follow. Results change within rounding.

        Args:
            backend: Of torch.compile; inductor needs Triton on CUDA.
        """
        self._pool = RunnerPool()  # the graphs of the one before have the operations as they were
        self._turn = torch.compile(_turned, dynamic=True, backend=backend)
        activations = {layer.activate for layer in self.layers}
        compiled = {activate: torch.compile(activate, dynamic=True, backend=backend) for activate in activations}
        self.layers = [dataclasses.replace(layer, activate=compiled[layer.activate]) for layer in self.layers]

    def _new_runner(self, slots: int, capacity: int) -> StepRunner:
        flash = flash_attention(self.device, self.dtype)
        store = StaticStore(self._cache_shape(), slots=slots, capacity=capacity, flash=flash)
        shared = self.config.num_attention_heads // self.config.num_key_value_heads
        return StepRunner(store, hidden_size=self.config.hidden_size, shared=shared)


def _qwen2_layer(block: "Qwen2DecoderLayer", config: DecoderConfig, dtype: torch.dtype, quantize: Quantize) -> Layer:
    attention, mlp = block.self_attn, block.mlp

    def norm(module: "Qwen2RMSNorm") -> Map:
        return RMSNorm(module.weight.detach().to(dtype, copy=True), config.norm_eps)

    return Layer(
        norm(block.input_layernorm),
        _joined_qkv(attention, config, dtype, quantize),
        _join([attention.o_proj], dtype, quantize),
        norm(block.post_attention_layernorm),
        _join([mlp.gate_proj, mlp.up_proj], dtype, quantize),
        _swiglu,
        _join([mlp.down_proj], dtype, quantize),
    )


def _opt_layer(block: "OPTDecoderLayer", config: DecoderConfig, dtype: torch.dtype, quantize: Quantize) -> Layer:
    return Layer(
        _layer_norm(block.self_attn_layer_norm, dtype),
        _joined_qkv(block.self_attn, config, dtype, quantize),
        _join([block.self_attn.out_proj], dtype, quantize),
        _layer_norm(block.final_layer_norm, dtype),
        _join([block.fc1], dtype, quantize),
        F.relu,
        _join([block.fc2], dtype, quantize),
    )


def _layer_norm(module: nn.LayerNorm, dtype: torch.dtype) -> LayerNorm:
    weight, bias = (x.detach().to(dtype, copy=True) for x in (module.weight, module.bias))
    return LayerNorm(weight, bias, module.eps)


def _joined_qkv(
    attention: "Qwen2Attention | OPTAttention", config: DecoderConfig, dtype: torch.dtype, quantize: Quantize
) -> Linear:
    """Join queries, keys and values; the queries' weights carry the scale of attention."""
    scale = (config.hidden_size // config.num_attention_heads) ** -0.5
    return _join([attention.q_proj, attention.k_proj, attention.v_proj], dtype, quantize, scales=(scale, 1.0, 1.0))


def _join(
    modules: Sequence[nn.Linear], dtype: torch.dtype, quantize: Quantize, scales: Sequence[float] | None = None
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


def _turn_in_place(qkv: Tensor, cos: Tensor, sin: Tensor, turns: int) -> Tensor:
    """Turn the first `turns` heads of (n, heads, d) by rotary angles, in few operations."""
    part = qkv[:, :turns]
    rolled = part.roll(qkv.shape[-1] // 2, dims=-1)
    part.mul_(cos).addcmul_(rolled, sin)
    return qkv


def _turned(qkv: Tensor, cos: Tensor, sin: Tensor, turns: int) -> Tensor:
    """Do the same without writing to the input, which compiles into one kernel."""
    part = qkv[:, :turns]
    return torch.cat([part * cos + part.roll(qkv.shape[-1] // 2, dims=-1) * sin, qkv[:, turns:]], dim=1)


def _rotary_tables(config: DecoderConfig, head_dim: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the cosine and the signed sine of every position, each (positions, head_dim), in float32.

    The second factor of a channel is the channel half a head away, with a minus for the first half.
    """
    rates = config.rope_theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angles = torch.arange(config.max_position_embeddings, dtype=torch.float32)[:, None] * rates
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([cos, cos], dim=-1).to(device), torch.cat([-sin, sin], dim=-1).to(device)
