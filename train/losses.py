"""Losses that several nano models share."""

import torch
from torch import Tensor
from torch.nn import functional as F


def letter_loss(letters: Tensor, wanted: Tensor, *, none: float) -> Tensor:
    """Return the cross-entropy of letters told cell by cell.

    Args:
        letters: (b, h, w, c): logits; 0 stands for no letter.
        wanted: (b, h, w); cells of -100 do not count.
        none: Weight of cells that have no letter: most have none.
    """
    weights = torch.ones(letters.shape[-1], device=letters.device)
    weights[0] = none
    return F.cross_entropy(letters.flatten(0, 2), wanted.flatten(), weight=weights)
