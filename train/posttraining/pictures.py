"""Pictures of pools as samples."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ocr2.errors import DocumentError
from ocr2.synth.groups import read_group
from ocr2.train.pools import Drawn, find_groups

FROZEN = "frozen.npz"  # of a validation set


def read_pictures(
    paths: Sequence[Path], *, limit: int, seed: int, fits: Callable[[Any], bool] = lambda record: True
) -> list[Drawn[Any]]:
    """Return at most so many pictures of pools or validation sets, in a random order.

    Args:
        paths: Folders; as many pictures are taken of each.
        limit: Most pictures.
        seed: Of the order.
        fits: Whether a record is taken.

    Raises:
        DocumentError: If a path is no folder, or its records are of another kind.
        FileNotFoundError: If a folder holds no groups.
    """
    samples: list[Drawn[Any]] = []
    for path in paths:
        if not path.is_dir():
            raise DocumentError(f"{path} is no folder of groups; this model learns from pools")
        share = -(-limit // len(paths))
        taken: list[Drawn[Any]] = []
        for group in [path / FROZEN] if (path / FROZEN).is_file() else find_groups([path]):
            if len(taken) < share:
                found = _fitting(group, fits)
                order = np.random.default_rng(seed).permutation(len(found))
                taken += [found[int(i)] for i in order[: share - len(taken)]]
        samples += taken
    order = np.random.default_rng(seed).permutation(len(samples))
    return [samples[int(i)] for i in order[:limit]]


def _fitting(group: Path, fits: Callable[[Any], bool]) -> list[Drawn[Any]]:
    try:
        return [sample for sample in read_group(group) if fits(sample[1])]
    except KeyError as error:
        raise DocumentError(f"{group} is no group that this model learns from: it lacks {error}") from error
