"""Processes of one thread each that train one model together, on CPUs: `torchrun --nproc-per-node 2 -m ocr2.train ...`.

Each process computes the gradients of its share of every batch. Weights, gradients and the optimizer's state lie in
memory that all processes map, so nothing is sent: a barrier before the update, and one behind it. On two cores this
does nearly twice the work of one process of two threads, whose every operation waits for both.
"""

import math
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor

T = TypeVar("T", Tensor, NDArray[np.int64])
SHARED_MEMORY = Path("/dev/shm")  # Linux keeps files there in memory


class Workers:
    """The processes of a run: one, unless torchrun started more."""

    def __init__(self) -> None:
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        if self.count > 1 and not dist.is_initialized():
            dist.init_process_group("gloo")
        self.rank = dist.get_rank() if self.count > 1 else 0

    @property
    def is_first(self) -> bool:
        """Whether this process logs, evaluates and saves."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait until all processes have come here."""
        if self.count > 1:
            dist.barrier()

    def share_of(self, rows: T) -> T:
        """Return every n-th row, beginning with this process's number."""
        return rows[self.rank :: self.count]

    def allocate(self, shape: Sequence[int], *, device: torch.device) -> Tensor:
        """Return a tensor of zeros, fp32, that all processes see; all have to call this alike.

        Args:
            shape: Shape of the tensor.
            device: Device of the tensor; several processes need the CPU.

        Raises:
            ValueError: If there are several processes, and the device is not the CPU.
        """
        if self.count == 1:
            return torch.zeros(*shape, device=device)
        if device.type != "cpu":
            raise ValueError(f"several processes train together on the CPU alone, the device is {device}")
        folder = SHARED_MEMORY if SHARED_MEMORY.is_dir() else Path(tempfile.gettempdir())
        names = [str(folder / f"ocr2-{os.getpid()}-{secrets.token_hex(4)}")]
        dist.broadcast_object_list(names, src=0)
        size = math.prod(shape)
        if self.is_first:
            with Path(names[0]).open("wb") as file:
                file.truncate(4 * max(1, size))
        self.wait()
        mapped = torch.from_file(names[0], shared=True, size=size, dtype=torch.float32)
        self.wait()
        if self.is_first:
            Path(names[0]).unlink()  # the memory stays until the last process ends
        return mapped.view(*shape)
