"""Starting a run from what was trained before: encoders of other nanos."""

from pathlib import Path

from safetensors.torch import load_file
from torch import nn

CHARTS = "nano.model.skeleton.encoders.0."  # where onechart-nano's weights have its encoder


def take_encoder(encoder: nn.Module, weights: Path, *, prefix: str = CHARTS) -> int:
    """Take over the encoder of exported weights where names and shapes fit; returns how many tensors.

    Its first convolution may see three colours, of which a grey picture has one: their weights are added.

    Args:
        encoder: To be started.
        weights: A file that ships.
        prefix: In front of the encoder's names there.
    """
    own = dict(encoder.named_parameters())
    taken = 0
    for name, stored in load_file(weights).items():
        short = name.removeprefix(prefix)
        if short == name or short not in own:
            continue
        value = stored.float()
        if value.dim() == 4 and value.shape[1] == 3 and own[short].shape[1] == 1:
            value = value.sum(dim=1, keepdim=True)
        if value.shape == own[short].shape:
            own[short].data.copy_(value)
            taken += 1
    return taken
