"""Several processes that train one model together: each on its share of every batch, gradients averaged.

`torchrun --nproc-per-node 2 -m ocr2.train.onechart_nano ...`: on CPUs two processes of one thread each do nearly twice
the work of one process of two threads, whose every operation waits for both.
"""

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import nn


class Workers:
    """The processes of a run; one, unless torchrun started more."""

    def __init__(self) -> None:
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        if self.count > 1 and not dist.is_initialized():
            dist.init_process_group("gloo")
        self.rank = dist.get_rank() if self.count > 1 else 0

    @property
    def is_first(self) -> bool:
        """Whether this process logs, evaluates and saves."""
        return self.rank == 0

    @torch.no_grad()
    def average_gradients(self, parameters: Iterable[nn.Parameter], *, stop: bool) -> bool:
        """Average the gradients of all processes in place; says whether any of them is asked to stop."""
        if self.count == 1:
            return stop
        learnt = [p for p in parameters if p.requires_grad]
        for p in learnt:
            if p.grad is None:
                p.grad = torch.zeros_like(p)
        grads = [p.grad for p in learnt if p.grad is not None]
        flat = torch.cat([*(g.flatten() for g in grads), torch.tensor([float(stop)], device=grads[0].device)])
        dist.all_reduce(flat)
        first = 0
        for g in grads:
            g.copy_(flat[first : first + g.numel()].view_as(g) / self.count)
            first += g.numel()
        return bool(flat[-1] > 0)
