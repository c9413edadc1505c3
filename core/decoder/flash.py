"""flash-attn (Dao 2023, arXiv 2307.08691), where it is installed: one kernel that writes keys and attends to them.

It is never required: `ocr2.decoder.static` attends by torch without it. Axis letters: b rows, c new positions of a row,
h heads of queries, g heads of keys, d channels of a head, t positions of the cache.
"""

import importlib
import logging
from typing import Protocol

import torch
from torch import Tensor

LOG = logging.getLogger(__name__)

TYPES = (torch.float16, torch.bfloat16)
MIN_CAPABILITY = (8, 0)  # Ampere; older chips have no kernel
MAX_HEAD_DIM = 256


class FlashAttention(Protocol):
    """What is used of `flash_attn.flash_attn_with_kvcache`."""

    def __call__(
        self,
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
        """Write new keys and values behind the held ones, and attend causally.

        Args:
            q: Queries (b, c, h, d).
            k_cache: (b, t, g, d), written in place.
            v_cache: (b, t, g, d), written in place.
            k: New keys (b, c, g, d).
            v: New values (b, c, g, d).
            cache_seqlens: Positions held by each row before, (b,) int32.
            softmax_scale: Factor of the logits.
            causal: The last query sees all keys, the one before it one less, and so on.

        Returns:
            (b, c, h, d).
        """


def flash_attention(device: torch.device, dtype: torch.dtype) -> FlashAttention | None:
    """Return flash-attn's function over a cache, or None where this device, type or installation has none."""
    if device.type != "cuda" or dtype not in TYPES:
        return None
    if torch.cuda.is_available() and torch.cuda.get_device_capability(device) < MIN_CAPABILITY:
        return None
    try:
        function: FlashAttention = importlib.import_module("flash_attn").flash_attn_with_kvcache
    except Exception as error:  # a build for another torch fails in many ways, and each means that there is none
        LOG.debug("flash-attn is not used: %s: %s", type(error).__name__, error)
        return None
    return function


def fits_flash(head_dim: int) -> bool:
    """Say whether flash-attn has a kernel for heads of so many channels."""
    return head_dim % 8 == 0 and head_dim <= MAX_HEAD_DIM
