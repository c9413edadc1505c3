"""Steps of a decoder in fixed shapes, each captured once as a CUDA graph and then repeated.

A step has several hundred small kernels; launching them one by one takes the host longer than the GPU needs for them.
A graph launches all at once, but repeats exact shapes and addresses: inputs are copied into buffers of their own, and
there is a graph for every size of chunk and every bound of what is read (`ocr2.decoder.static`). On a CPU, and where a
capture fails, the same function runs as it is. Axis letters: s slots, c positions of a chunk, n new positions, m
positions whose states are wanted.
"""

import logging
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ocr2.decoder.cache import Span
from ocr2.decoder.static import CHUNKS, MAX_CHUNK, Method, StaticCache, StaticStore, Step

LOG = logging.getLogger(__name__)

WARM_UPS = 2  # runs before a capture, in which libraries choose kernels and take memory

Attend = Callable[[int, Tensor, Tensor], Tensor]  # layer, queries (n, h, d), keys and values (n, 2g, d)
Body = Callable[[Tensor, Tensor, Attend], Tensor]  # embeddings (n, hidden), places (n,) to states (n, hidden)


@dataclass(frozen=True, slots=True)
class StepPlan:
    """How spans fill the fixed shape of a step."""

    chunk: int
    end: int  # positions that the longest row has after it
    starts: list[int]  # of every slot
    targets: list[int]  # row of the padded step (s * c) of every new position


@dataclass(frozen=True, slots=True)
class _Captured:
    graph: torch.cuda.CUDAGraph
    states: Tensor  # (s * c, hidden), written by every replay


class StepRunner:
    """Runs the steps of one store.

    Args:
        store: Whose slots take part.
        hidden_size: Channels of an embedding.
        shared: Heads of queries for each head of keys.
    """

    def __init__(self, store: StaticStore, *, hidden_size: int, shared: int) -> None:
        self.store = store
        self.shared = shared
        self.can_capture = store.device.type == "cuda"
        self.use_graphs = self.can_capture
        self.embeds = torch.zeros(store.slots * MAX_CHUNK, hidden_size, dtype=store.dtype, device=store.device)
        self.starts = torch.zeros(store.slots, dtype=torch.long, device=store.device)
        self._graphs: dict[tuple[int, int, Method], _Captured] = {}
        self._version = store.version
        self._pool: torch.cuda._POOL_HANDLE | None = None  # memory that all graphs share, for they never run at once

    def run(self, body: Body, embeds: Tensor, plan: StepPlan, keep: Sequence[int]) -> Tensor:
        """Run a step.

        Args:
            body: The decoder's layers.
            embeds: (n, hidden), the spans' positions one after the other.
            plan: Where they go.
            keep: The m positions whose states are wanted.

        Returns:
            States (m, hidden).
        """
        slots, count = self.store.slots, len(plan.targets)
        wanted = [plan.targets[i] for i in keep]
        # One copy to the device for all numbers of the step.
        numbers = to_device([*plan.starts, *plan.targets, *wanted], self.store.device)
        self.starts.copy_(numbers[:slots])
        self.embeds.index_copy_(0, numbers[slots : slots + count], embeds.to(self.embeds.dtype))
        visible = self.store.visible_length(plan.end)
        states = self._replay(body, plan.chunk, visible) if self.use_graphs else self._step(body, plan.chunk, visible)
        return states.index_select(0, numbers[slots + count :])

    def _step(self, body: Body, chunk: int, visible: int) -> Tensor:
        """Compute states (s * c, hidden) from the buffers, with nothing that depends on their values on the host."""
        step: Step = self.store.step(self.starts, chunk=chunk, visible=visible, shared=self.shared)

        def attend(layer: int, q: Tensor, kv: Tensor) -> Tensor:
            return self.store.attend(layer, q, kv, step)

        return body(self.embeds[: self.store.slots * chunk], step.places.flatten(), attend)

    def _replay(self, body: Body, chunk: int, visible: int) -> Tensor:
        if self._version != self.store.version:  # the graphs write into tensors that are no more
            self._graphs.clear()
            self._version = self.store.version
        key = (chunk, visible, self.store.method)
        if key not in self._graphs:
            try:
                self._graphs[key] = self._capture(lambda: self._step(body, chunk, visible))
            except RuntimeError as error:
                LOG.warning("steps run without CUDA graphs: capturing one failed: %s", error)
                self.use_graphs = self.can_capture = False
                self._graphs.clear()
                return self._step(body, chunk, visible)
        captured = self._graphs[key]
        captured.graph.replay()
        return captured.states

    def _capture(self, run: Callable[[], Tensor]) -> _Captured:
        """Capture a step; running it more than once with the same inputs writes the same."""
        with torch.cuda.device(self.store.device):
            if self._pool is None:
                self._pool = torch.cuda.graph_pool_handle()
            here, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(here)
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    run()
            here.wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            # Other threads may use the device meanwhile, for example to load pictures.
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                states = run()
        return _Captured(graph, states)


class StepCache(StaticCache):
    """A static cache with what runs its steps."""

    def __init__(self, runner: StepRunner) -> None:
        super().__init__(runner.store)
        self.runner = runner


class RunnerPool:
    """Lends caches and takes them back when they are dropped: a new one has the graphs of the one before.

    At most one store waits for its next use.
    """

    def __init__(self) -> None:
        self._idle: list[StepRunner] = []

    def lend(self, make: Callable[[int, int], StepRunner], *, slots: int, capacity: int, use_graphs: bool) -> StepCache:
        """Return an empty cache.

        Args:
            make: Builds a runner for (slots, capacity), if none waits that fits.
            slots: Rows at once.
            capacity: Positions of a slot.
            use_graphs: Capture graphs, if the device is CUDA.
        """
        runner = self._idle.pop() if self._idle else None
        if runner is None or runner.store.slots != slots or runner.store.capacity < capacity:
            del runner  # its memory first
            runner = make(slots, capacity)
        runner.use_graphs = use_graphs and runner.can_capture
        cache = StepCache(runner)
        weakref.finalize(cache, _take_back, self._idle, runner).atexit = False
        return cache


def _take_back(idle: list[StepRunner], runner: StepRunner) -> None:
    idle[:] = [runner]


def plan_step(spans: Sequence[Span], cache: StaticCache) -> StepPlan:
    """Place spans of at most `MAX_CHUNK` positions, one a slot at most, in a step."""
    longest = max(span.count for span in spans)
    chunk = next(size for size in CHUNKS if size >= longest)
    starts = list(cache.ends)  # what idle slots write lies behind what they hold
    targets: list[int] = []
    for span in spans:
        starts[span.slot] = span.start
        first = span.slot * chunk
        targets += range(first, first + span.count)
    return StepPlan(chunk, max(span.end for span in spans), starts, targets)


def to_device(numbers: Sequence[int], device: torch.device) -> Tensor:
    """Return whole numbers (n,) on a device without waiting for it."""
    return send(torch.tensor(numbers, dtype=torch.long), device)


def send(x: Tensor, device: torch.device) -> Tensor:
    """Bring a tensor of the host to a device without waiting for it."""
    return x.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else x.to(device)
