"""Tasks whose samples lie in pools on disk: groups in a random order, and batches within each."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor, nn

from ocr2.synth.groups import read_group
from ocr2.train.parallel import Workers
from ocr2.train.pointing import to_device

R = TypeVar("R")  # record of a picture
M = TypeVar("M", bound=nn.Module)
B = TypeVar("B")  # batch
Drawn: TypeAlias = tuple[NDArray[np.uint8], R]  # a picture's PNG, and its record


def find_groups(pools: Sequence[Path]) -> list[Path]:
    """Return the files of all pools.

    Raises:
        FileNotFoundError: If there are none.
    """
    groups = [path for pool in pools for path in sorted(pool.glob("group-*.npz"))]
    if not groups:
        raise FileNotFoundError(f"no group-*.npz in {', '.join(map(str, pools))}; render a pool first")
    return groups


class PoolTask(ABC, Generic[R]):
    """What tasks of `Trainer` have in common that walk through pools.

    Args:
        model: To be trained; moved to the device.
        pools: Folders of groups; taken in turn.
        val: Folder of `frozen.npz`.
        evaluated: One frozen sample in so many is looked at while training.
        seed: Of the order.
        device: To train on.
    """

    def __init__(
        self, model: nn.Module, pools: Sequence[Path], val: Path, *, evaluated: int, seed: int, device: str = "cpu"
    ) -> None:
        self.device = torch.device(device)
        self.model = model.to(self.device)
        self.pools = pools
        self.seed = seed
        self.workers = Workers()
        self.frozen: list[Drawn[R]] = read_group(val / "frozen.npz")[::evaluated]
        self.group, self.batch, self.seen = 0, 0, 0
        self._loaded: tuple[int, list[Drawn[R]], list[NDArray[np.int64]]] | None = None

    @property
    def samples_seen(self) -> int:
        """Samples consumed so far, by all processes."""
        return self.seen

    def position(self) -> dict[str, int]:
        """Return where in the data it stands."""
        return {"group": self.group, "batch": self.batch, "seen": self.seen}

    def seek(self, position: dict[str, int]) -> None:
        """Go on from there."""
        self.group, self.batch, self.seen = position["group"], position["batch"], position["seen"]

    def next_share(self, step: int) -> tuple[list[Drawn[R]], Generator]:
        """Return this process's share of the next batch, and what decides its noise."""
        samples, rows = self._next()
        self.seen += len(rows)
        share = rows[self.workers.rank :: self.workers.count]
        return [samples[int(i)] for i in share], np.random.default_rng([self.seed, step, self.workers.rank])

    @abstractmethod
    def cut_batches(self, samples: Sequence[Drawn[R]], rng: Generator) -> list[NDArray[np.int64]]:
        """Cut a group into batches, in a random order: the numbers of their samples."""

    def _next(self) -> tuple[list[Drawn[R]], NDArray[np.int64]]:
        while True:
            if self._loaded is None or self._loaded[0] != self.group:
                samples = self._load(self.group)
                batches = self.cut_batches(samples, np.random.default_rng([self.seed, self.group]))
                self._loaded = self.group, samples, batches
            _, samples, batches = self._loaded
            if self.batch < len(batches):
                self.batch += 1
                return samples, batches[self.batch - 1]
            self.group, self.batch = self.group + 1, 0

    def _load(self, number: int) -> list[Drawn[R]]:
        groups = find_groups(self.pools)
        order = np.random.default_rng([self.seed, number // len(groups)]).permutation(len(groups))
        return read_group(groups[int(order[number % len(groups)])])


@dataclass(frozen=True)  # no slots: with them a generic alias cannot be called
class Steps(Generic[R, M, B]):
    """What a network is trained by."""

    cut_batches: Callable[[Sequence[Drawn[R]], Generator], list[NDArray[np.int64]]]  # in a random order
    make_batch: Callable[[Sequence[Drawn[R]], Generator], B]  # a dataclass of tensors
    losses: Callable[[M, B], dict[str, Tensor]]
    score: Callable[[M, Sequence[Drawn[R]]], dict[str, float]]


class StepsTask(PoolTask[R], Generic[R, M, B]):
    """A task whose steps are functions.

    Args:
        model: To be trained; moved to the device.
        steps: What it is trained by.
        pools: Folders of groups; taken in turn.
        val: Folder of `frozen.npz`.
        evaluated: One frozen sample in so many is looked at while training.
        seed: Of the order and the noise.
        device: To train on.
    """

    def __init__(
        self,
        model: M,
        steps: Steps[R, M, B],
        pools: Sequence[Path],
        val: Path,
        *,
        evaluated: int,
        seed: int = 1,
        device: str = "cpu",
    ) -> None:
        super().__init__(model, pools, val, evaluated=evaluated, seed=seed, device=device)
        self.steps = steps
        self.kind = type(model)

    def cut_batches(self, samples: Sequence[Drawn[R]], rng: Generator) -> list[NDArray[np.int64]]:
        """Cut a group into batches, in a random order: the numbers of their samples."""
        return self.steps.cut_batches(samples, rng)

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss terms of the next batch."""
        samples, rng = self.next_share(step)
        assert isinstance(self.model, self.kind)
        return self.steps.losses(self.model, to_device(self.steps.make_batch(samples, rng), self.device))

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Score a fixed share of the frozen samples."""
        assert isinstance(model, self.kind)
        return self.steps.score(model, self.frozen)
