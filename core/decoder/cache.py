"""A key-value cache allocated once, from which finished rows can leave."""

import torch
from torch import Tensor
from transformers import Cache
from transformers.cache_utils import CacheLayerMixin


class PreallocatedLayer(CacheLayerMixin):  # type: ignore[misc]  # transformers is not typed
    """Keys and values of one layer in buffers of fixed capacity; `update` returns views, never copies."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self.capacity = capacity  # positions
        self.length = 0

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Allocate (b, heads, capacity, d) like the first keys and values."""
        b, heads, _, d = key_states.shape
        self.keys = key_states.new_empty(b, heads, self.capacity, d)
        self.values = value_states.new_empty(b, heads, self.capacity, value_states.shape[-1])
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        """Append (b, heads, t, d) and return everything so far."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None
        assert self.values is not None
        end = self.length + key_states.shape[2]
        if end > self.capacity:
            raise ValueError(f"the cache holds {self.capacity} positions, {end} were needed")
        self.keys[:, :, self.length : end] = key_states
        self.values[:, :, self.length : end] = value_states
        self.length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def keep_rows(self, rows: Tensor) -> None:
        """Drop all rows but these."""
        if self.keys is not None and self.values is not None:
            self.keys, self.values = self.keys[rows], self.values[rows]

    def get_seq_length(self) -> int:
        """Return the number of positions filled."""
        return self.length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Return the keys a query sees and their offset."""
        return self.length + query_length, 0

    def get_max_length(self) -> int:
        """Return the capacity."""
        return self.capacity


class PreallocatedCache(Cache):  # type: ignore[misc]  # transformers is not typed
    """A cache for transformers' decoders; see `PreallocatedLayer`."""

    def __init__(self, *, num_layers: int, capacity: int) -> None:
        self._own_layers = [PreallocatedLayer(capacity) for _ in range(num_layers)]
        super().__init__(layers=list(self._own_layers))

    @property
    def length(self) -> int:
        """Positions filled."""
        return self._own_layers[0].length

    def keep_rows(self, rows: Tensor) -> None:
        """Drop all rows of the batch but these (row numbers, 1-D)."""
        for layer in self._own_layers:
            layer.keep_rows(rows)


def chunk_mask(valid: Tensor, query_length: int) -> Tensor:
    """Return which keys the last `query_length` positions may see: (b, 1, query_length, keys), boolean.

    Args:
        valid: (b, keys): False for padding and rejected drafts.
        query_length: New positions at the end of the keys; causal among themselves.
    """
    keys = valid.shape[1]
    position = torch.arange(keys, device=valid.device)
    causal = position <= position[keys - query_length :, None]
    return valid[:, None, None, :] & causal[None, None]
