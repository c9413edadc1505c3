"""What a new run starts from: weights that ship, the state of another run, the encoder of another model."""

import logging
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor, nn

from ocr2.checkpoints.eight_bits import from_eight_bits
from ocr2.checkpoints.weights import load_safetensors
from ocr2.train.trainer import read_weights

logger = logging.getLogger(__name__)
ENCODER = "skeleton.encoders.0."  # in the names of all nano models


def start_from(model: nn.Module, path: Path, *, shipped: nn.Module) -> None:
    """Load weights that ship (`.safetensors`, strictly), or a run's state (`.pt`, where names and shapes fit).

    Args:
        model: What is trained.
        path: The file.
        shipped: The part of it that ships.
    """
    if path.suffix == ".safetensors":
        load_safetensors(shipped, path)
        return
    taken = _take(model.state_dict(), read_weights(path))
    logger.info("%d tensors from %s", taken, path)


def take_encoder(encoder: nn.Module, weights: Path) -> int:
    """Take over the encoder of exported weights where names and shapes fit; returns how many tensors.

    Where one sees three colours and the other grey, the first convolution's weights are added or shared out.
    """
    own = dict(encoder.named_parameters())
    given: dict[str, Tensor] = {}
    for name, value in from_eight_bits(load_file(weights)).items():
        _, found, short = name.rpartition(ENCODER)
        if not found or short not in own:
            continue
        value = value.float()
        if value.dim() == 4:
            there, here = value.shape[1], own[short].shape[1]
            if (there, here) == (3, 1):
                value = value.sum(dim=1, keepdim=True)
            elif (there, here) == (1, 3):
                value = value.expand(-1, 3, -1, -1) / 3
        given[short] = value
    return _take(own, given)


def _take(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> int:
    fit = [name for name, value in given.items() if name in own and own[name].shape == value.shape]
    for name in fit:
        own[name].data.copy_(given[name])
    return len(fit)
