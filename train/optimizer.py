"""The optimizer of all runs: Muon for hidden matrices, AdamW for the rest, over flat tensors that processes share.

Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers") replaces the momentum of a matrix by the nearest
orthogonal one, found with a quintic Newton-Schulz iteration. Matrices of equal shape are orthogonalised in one batch;
convolutions count as matrices (out, in * kernel). Of several processes each updates the matrices that it owns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ocr2.compute.device import choose_dtype
from ocr2.train.parallel import Workers

# Coefficients of the iteration, from the Muon write-up: steep at zero, singular values end in 0.7..1.2.
QUINTIC = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5
MOMENTUM = 0.95
WEIGHT_DECAY = 0.02  # of matrices
ADAM_BETAS = (0.9, 0.98)
ADAM_EPS = 1e-8

# Parts of names: embeddings, output heads and first convolutions, which AdamW trains though they are matrices.
OUTER = (
    "embed_tokens",
    "lm_head",
    "draft_head",
    "patch_embed.0.",
    "num_decoder.4.",
    "cell_head",
    "window_head",
    "role_head",
    "core_head",
    "map_head",
    "stem.0.",
    "entries.gate",
    "entries.is_entry",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerConfig:
    """Rates and bounds of one run."""

    muon_lr: float | None = 0.02  # spectral norm of a step before the shape factor; None: AdamW trains all
    adam_lr: float = 2e-3
    clip_norm: float = 1.0  # of the gradients of AdamW's parameters together
    average: float | None = 0.999  # decay of the weights' moving average; None keeps none


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a parameter lies in the flat tensors."""

    name: str
    start: int
    end: int
    shape: tuple[int, ...]
    channels_last: bool  # a convolution's weight, stored (out, rows, columns, in)

    @property
    def matrix(self) -> tuple[int, int]:
        """Rows and columns as Muon sees it."""
        rows = self.shape[0]
        return rows, (self.end - self.start) // rows

    def view(self, flat: Tensor) -> Tensor:
        """Return the parameter's part of a flat tensor, in the parameter's shape."""
        part = flat[self.start : self.end]
        if not self.channels_last:
            return part.view(self.shape)
        out, channels, rows, columns = self.shape
        return part.view(out, rows, columns, channels).permute(0, 3, 1, 2)


class MuonAdamW:
    """Update a model's trained parameters, which become views of one flat tensor.

    Args:
        model: Network; parameters without gradient are left alone.
        config: Rates.
        workers: Processes that train it together.

    Raises:
        ValueError: If a trained parameter is not fp32.
    """

    def __init__(self, model: nn.Module, config: OptimizerConfig, workers: Workers) -> None:
        self.config = config
        self.workers = workers
        params = {name: p for name, p in model.named_parameters() if p.requires_grad}
        other = next((f"{name} is {p.dtype}" for name, p in params.items() if p.dtype != torch.float32), None)
        if other is not None:
            raise ValueError(f"trained parameters are kept in float32; {other}")
        self.device = next(iter(params.values())).device
        matrices, rest = split_parameters(params.items()) if config.muon_lr is not None else ([], list(params))
        owned = share_matrices({name: tuple(params[name].shape) for name in matrices}, workers.count)
        self.slots: dict[str, Slot] = {}
        size = self._place(rest, params, 0)
        self.rest = slice(0, size)
        self.matrices: list[slice] = []  # by owner
        for names in owned:
            start, size = size, self._place(names, params, size)
            self.matrices.append(slice(start, size))
        self.steps = 0
        self.weights, self.momentum = (workers.allocate([size], device=self.device) for _ in range(2))
        # AdamW's first moments lie where matrices have their momentum; second moments are AdamW's alone.
        self.second = workers.allocate([self.rest.stop], device=self.device)
        self.gradients = workers.allocate([workers.count, size], device=self.device)
        self.average = workers.allocate([size], device=self.device) if config.average is not None else None
        self._stop_flags = workers.allocate([workers.count], device=torch.device("cpu"))
        self._adopt(params)

    def _place(self, names: Sequence[str], params: Mapping[str, nn.Parameter], start: int) -> int:
        """Give parameters their slots, matrices of equal shape side by side; returns the end."""
        for name in sorted(names, key=lambda name: (params[name].shape[0], params[name].numel())):
            param, end = params[name], start + params[name].numel()
            last = param.ndim == 4 and not param.is_contiguous()
            self.slots[name] = Slot(name, start, end, tuple(param.shape), last)
            start = end
        return start

    @torch.no_grad()
    def _adopt(self, params: Mapping[str, nn.Parameter]) -> None:
        for name, slot in self.slots.items():
            view = slot.view(self.weights)
            if self.workers.is_first:
                view.copy_(params[name])
            params[name].data = view
            params[name].grad = slot.view(self.gradients[self.workers.rank])
        self.restart_average()
        self.workers.wait()

    @torch.no_grad()
    def restart_average(self) -> None:
        """Let the moving average begin with the weights as they are."""
        if self.average is not None and self.workers.is_first:
            self.average.copy_(self.weights)

    def zero_grad(self) -> None:
        """Forget this process's gradients."""
        self.gradients[self.workers.rank].zero_()

    @torch.no_grad()
    def step(self, factor: float, *, stop: bool = False) -> bool:
        """Update all parameters by the mean of all processes' gradients.

        Args:
            factor: Factor of both rates, 0..1.
            stop: Whether this process was asked to stop.

        Returns:
            Whether any process was asked to stop.
        """
        self._stop_flags[self.workers.rank] = float(stop)
        self.workers.wait()
        stopped = bool(self._stop_flags.any())
        self.steps += 1
        self._step_adam(self.config.adam_lr * factor)
        if self.config.muon_lr is not None:
            self._step_muon(self.config.muon_lr * factor)
        self.workers.wait()
        return stopped

    def _gradient(self, part: slice) -> Tensor:
        parts = self.gradients[:, part]
        return parts[0] if len(parts) == 1 else parts.mean(dim=0)

    def _step_adam(self, lr: float) -> None:
        gradient = self._gradient(self.rest)
        scale = (self.config.clip_norm / (gradient.norm() + 1e-6)).clamp(max=1.0)
        # Every process clips alike; each then updates a piece of its own.
        bounds = [self.rest.stop * i // self.workers.count for i in range(self.workers.count + 1)]
        mine = slice(bounds[self.workers.rank], bounds[self.workers.rank + 1])
        gradient = gradient[mine] * scale
        first, second = self.momentum[mine], self.second[mine]
        first.lerp_(gradient, 1 - ADAM_BETAS[0])
        second.mul_(ADAM_BETAS[1]).addcmul_(gradient, gradient, value=1 - ADAM_BETAS[1])
        root = (second / (1 - ADAM_BETAS[1] ** self.steps)).sqrt_().add_(ADAM_EPS)
        self.weights[mine].addcdiv_(first, root, value=-lr / (1 - ADAM_BETAS[0] ** self.steps))
        self._follow(mine)

    def _step_muon(self, lr: float) -> None:
        mine = self.matrices[self.workers.rank]
        gradient, momentum, weights = self._gradient(mine), self.momentum[mine], self.weights[mine]
        momentum.lerp_(gradient, 1 - MOMENTUM)
        update = torch.lerp(gradient, momentum, MOMENTUM)  # Nesterov
        weights.mul_(1 - lr * WEIGHT_DECAY)
        for (rows, columns), part in self._shapes(mine):
            orthogonal = orthogonalise(update[part].view(-1, rows, columns))
            weights[part].add_(orthogonal.reshape(-1), alpha=-lr * max(1.0, rows / columns) ** 0.5)
        self._follow(mine)

    def _shapes(self, region: slice) -> list[tuple[tuple[int, int], slice]]:
        """Return the shapes of a region's matrices, each with the part of the region that has it."""
        parts: dict[tuple[int, int], slice] = {}
        for slot in self.slots.values():
            if region.start <= slot.start < region.stop:
                start = parts[slot.matrix].start if slot.matrix in parts else slot.start - region.start
                parts[slot.matrix] = slice(start, slot.end - region.start)
        return list(parts.items())

    def _follow(self, part: slice) -> None:
        """Let the moving average of a part follow its weights."""
        if self.average is not None and self.config.average is not None:
            self.average[part].lerp_(self.weights[part], 1 - average_decay(self.config.average, self.steps))

    def averaged(self) -> dict[str, Tensor]:
        """Return the moving average by parameter, as views; nothing where none is kept."""
        return self._named(self.average) if self.average is not None else {}

    def state(self) -> dict[str, dict[str, Tensor]]:
        """Return copies of what a resumed run needs besides the weights, by parameter."""
        parts = {"momentum": self._named(self.momentum), "second": self._named(self.second)}
        parts["average"] = self.averaged()
        copies = {kind: {name: value.clone() for name, value in values.items()} for kind, values in parts.items()}
        return copies | {"steps": {"all": torch.tensor(self.steps)}}

    def load_state(self, state: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Put back what `state` gave, also in two bytes a number.

        Raises:
            ValueError: If it is the state of another model.
        """
        parts = {"momentum": self._named(self.momentum), "second": self._named(self.second)}
        parts["average"] = self.averaged()
        self.steps = int(state["steps"]["all"])
        for kind, values in parts.items():
            if set(values) != set(state[kind]):
                raise ValueError(
                    f"the saved optimizer is another model's: {sorted(set(values) ^ set(state[kind]))[:3]}"
                )
            for name, value in values.items() if self.workers.is_first else ():
                value.copy_(state[kind][name])
        self.workers.wait()

    def _named(self, flat: Tensor) -> dict[str, Tensor]:
        return {name: slot.view(flat) for name, slot in self.slots.items() if slot.end <= len(flat)}


def average_decay(decay: float, steps: int) -> float:
    """Return the decay of a moving average after so many steps: a young one follows fast, else it would carry the
    random start for thousands of steps.
    """
    return min(decay, (1 + steps) / (10 + steps))


def orthogonalise(matrices: Tensor) -> Tensor:
    """Push the singular values of (n, rows, columns) towards 1, in bfloat16 where the hardware multiplies it."""
    a, b, c = QUINTIC
    x = matrices if choose_dtype("auto", matrices.device) == torch.float32 else matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = torch.bmm(x, x.mT)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    restored: Tensor = (x.mT if tall else x).to(matrices.dtype)
    return restored


def share_matrices(shapes: Mapping[str, tuple[int, ...]], owners: int) -> list[list[str]]:
    """Give each owner matrices of about the same cost in all: the most costly first, each to who has least.

    Examples:
        >>> share_matrices({"a": (64, 64), "b": (32, 32), "c": (32, 32), "d": (48, 64)}, 2)
        [['a'], ['d', 'b', 'c']]
    """

    def cost(shape: tuple[int, ...]) -> int:
        size = torch.Size(shape).numel()
        short = min(shape[0], size // shape[0])
        return 4 * short * size + 2 * short**3

    shares: list[list[str]] = [[] for _ in range(owners)]
    loads = [0] * owners
    for name in sorted(shapes, key=lambda name: (-cost(shapes[name]), name)):
        least = loads.index(min(loads))
        shares[least].append(name)
        loads[least] += cost(shapes[name])
    return shares


def split_parameters(named: Iterable[tuple[str, nn.Parameter]]) -> tuple[list[str], list[str]]:
    """Return the names of Muon's matrices, and of the rest: embeddings, heads, first convolution, norms, biases."""
    matrices: list[str] = []
    rest: list[str] = []
    for name, param in named:
        outer = any(part in name for part in OUTER)
        (rest if outer or param.ndim < 2 or "pos" in name else matrices).append(name)
    return matrices, rest
