"""Layers compiled for training, where a C++ compiler is: their products stay oneDNN's, what lies between is one kernel.

Transformer layers alone are compiled: they are most of a step and come in few shapes. Convolutions and CTC are as fast
as torch has them. The first steps of a new machine wait for the compiler, about 15 seconds a shape; torch keeps what
was compiled (TORCHINDUCTOR_CACHE_DIR).
"""

import logging

import torch
from torch import Tensor, nn
from transformers.models.qwen2.modeling_qwen2 import Qwen2DecoderLayer

from ocr2.vision.encoder import Block

COMPILED = (Block, Qwen2DecoderLayer)
MAX_SHAPES = 16  # compiled for one layer; others run plain
logger = logging.getLogger(__name__)


class _Forward:
    """A layer's forward pass: compiled in training, plain in evaluation and for shapes beyond the first few."""

    def __init__(self, layer: nn.Module) -> None:
        self._layer = layer
        self._plain = layer.forward
        self._compiled = torch.compile(layer.forward, dynamic=False)
        self._shapes: set[torch.Size] = set()

    def __call__(self, x: Tensor, **others: object) -> object:
        if self._layer.training and torch.is_grad_enabled() and self._is_compiled_for(x.shape):
            return self._compiled(x, **others)
        return self._plain(x, **others)

    def _is_compiled_for(self, shape: torch.Size) -> bool:
        if shape not in self._shapes and len(self._shapes) < MAX_SHAPES:
            self._shapes.add(shape)
        return shape in self._shapes


def compile_layers(model: nn.Module) -> int:
    """Let a model's transformer layers run compiled while it trains; returns how many do.

    Where nothing can be compiled the model is left as it is, and a log line says so.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, COMPILED)]
    if not layers or not can_compile():
        return 0
    torch._dynamo.config.recompile_limit = MAX_SHAPES * len(layers)  # layers of one class count together
    for layer in layers:
        layer.forward = _Forward(layer)  # type: ignore[method-assign]
    return len(layers)


def can_compile() -> bool:
    """Try to compile one sum; says in the log what is lacking."""
    try:
        torch.compile(_one_more)(torch.zeros(8))
    except (RuntimeError, OSError, ImportError) as error:
        reason = str(error).strip().splitlines()[0]
        logger.warning(
            "layers are not compiled, which costs a third of the speed; a C++ compiler is needed: %s", reason
        )
        return False
    return True


def _one_more(x: Tensor) -> Tensor:
    return x + 1
