"""Muon for hidden matrices and AdamW for the rest, behind one optimizer.

Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers") replaces the momentum of a matrix by the
nearest orthogonal one, found with a quintic Newton-Schulz iteration. Matrices of equal shape are
orthogonalised in one batch; convolutions count as matrices (out, in * kernel).
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ocr2.device import choose_dtype

# Coefficients of the iteration, from the Muon write-up: steep at zero, singular values end in 0.7..1.2.
QUINTIC = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5


class Muon(Optimizer):
    """Momentum, orthogonalised; `lr` is the step's spectral norm before the shape factor."""

    def __init__(
        self, params: Iterable[nn.Parameter], *, lr: float, momentum: float = 0.95, weight_decay: float = 0.02
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[tuple[int, int], list[nn.Parameter]] = defaultdict(list)
            for param in group["params"]:
                if param.grad is not None:
                    by_shape[(param.shape[0], param[0].numel())].append(param)
            for (rows, columns), params in by_shape.items():
                updates = torch.stack([self._momentum(p, group["momentum"]) for p in params])
                scale = max(1.0, rows / columns) ** 0.5
                for param, update in zip(params, orthogonalise(updates).unbind(0), strict=True):
                    param.mul_(1 - group["lr"] * group["weight_decay"])
                    param.add_(update.view_as(param), alpha=-group["lr"] * scale)

    def _momentum(self, param: nn.Parameter, momentum: float) -> Tensor:
        state = self.state[param]
        gradient = param.grad
        assert gradient is not None
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradient)
        buffer: Tensor = state["momentum"]
        buffer.lerp_(gradient, 1 - momentum)
        return torch.lerp(gradient, buffer, momentum).flatten(1)  # Nesterov


def orthogonalise(matrices: Tensor) -> Tensor:
    """Push the singular values of (n, rows, columns) towards 1, in bfloat16 where the hardware multiplies it."""
    a, b, c = QUINTIC
    x = matrices if choose_dtype("auto", matrices.device) == torch.float32 else matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    restored: Tensor = (x.mT if tall else x).to(matrices.dtype)
    return restored


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
    "entries.gate",
    "entries.is_entry",
)


def split_parameters(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Return the matrices Muon trains and the rest: embeddings, heads, first convolution, norms, biases."""
    matrices: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, param in model.named_parameters():
        outer = any(part in name for part in OUTER)
        (rest if outer or param.ndim < 2 or "pos" in name else matrices).append(param)
    return matrices, rest
