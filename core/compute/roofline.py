"""What a machine does at most, and how long something takes on it: the yardsticks of benchmarks.

Two rates bound what a network costs: of matrix products, where many rows share the weights (encoders, prompts), and of
memory, where few do (one token after the other). A share says how near a measured time comes to its bound.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch

GEMM_SIDE = 4096  # rows and columns of the matrices whose product is timed
COPIED = 2**29  # bytes of the block that is copied: far more than any cache holds
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates of one machine, of one number type, with the threads torch uses."""

    gemm_flops: float  # FLOP of a matrix product, a second
    copy_bytes: float  # bytes read and written by a copy, a second

    def gemm_share(self, flops: float, seconds: float) -> float:
        """Return the share of the product's rate at which `flops` were done.

        Examples:
            >>> Limits(gemm_flops=2e12, copy_bytes=4e10).gemm_share(1e12, 2.0)
            0.25
        """
        return flops / self.gemm_flops / seconds

    def copy_share(self, size: float, seconds: float) -> float:
        """Return the share of the copy's rate at which `size` bytes went by.

        Examples:
            >>> Limits(gemm_flops=2e12, copy_bytes=4e10).copy_share(1e10, 0.5)
            0.5
        """
        return size / self.copy_bytes / seconds


def measure_limits(
    dtype: torch.dtype,
    *,
    device: torch.device = CPU,
    side: int = GEMM_SIDE,
    copied: int = COPIED,
    repeats: int = 3,
) -> Limits:
    """Measure a device's rates.

    Args:
        dtype: Number type of the product.
        device: Where to measure.
        side: Rows and columns of the two matrices.
        copied: Bytes of the block that is copied; as many are written as are read.
        repeats: Times each is measured; the median counts.
    """
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    block = torch.ones(copied, dtype=torch.uint8, device=device)
    other = torch.zeros_like(block)
    product = median_seconds(lambda: a @ b, repeats=repeats, device=device)
    copy = median_seconds(lambda: other.copy_(block), repeats=repeats, device=device)
    return Limits(gemm_flops=2 * side**3 / product, copy_bytes=2 * copied / copy)


def median_seconds(run: Callable[[], object], *, repeats: int, device: torch.device = CPU) -> float:
    """Return the median seconds of a call, after one that does not count."""
    return seconds_in_turn({"": run}, repeats=repeats, device=device)[""]


def seconds_in_turn(
    runs: Mapping[str, Callable[[], object]], *, repeats: int, device: torch.device = CPU
) -> dict[str, float]:
    """Return median seconds of several calls that take turns, so that a busy spell of the machine meets them alike.

    Args:
        runs: What to time, by name; each is called once more before, which does not count.
        repeats: Turns.
        device: Whose work has to be done when a call counts as over.

    Raises:
        ValueError: If there is no turn.
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}")
    for run in runs.values():
        run()
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            found[name].append(seconds_of(run, device=device))
    return {name: statistics.median(values) for name, values in found.items()}


def seconds_of(run: Callable[[], object], *, device: torch.device = CPU) -> float:
    """Return the seconds of one call, until its device has done the work."""
    _synchronise(device)
    started = time.perf_counter()
    run()
    _synchronise(device)
    return time.perf_counter() - started


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
