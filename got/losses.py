"""Loss terms of got-nano: next-token cross-entropy of the decoder, CTC of the draft head."""

import torch
from torch import Tensor
from torch.nn import functional as F

IGNORE = -100


def next_token_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits (b, t, vocab) against labels (b, t), -100 ignored."""
    return F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORE)


def draft_loss(draft_logits: Tensor, targets: Tensor, lengths: Tensor, *, blank: int) -> Tensor:
    """Return the CTC loss per target character (Graves et al. 2006).

    Args:
        draft_logits: (b, columns, vocab).
        targets: (b, longest), padded.
        lengths: (b,) characters of each target; 0 is allowed.
        blank: Id of the blank.

    Rows whose text cannot fit the columns (repeated characters need a blank between them) count as zero.
    """
    log_probs = draft_logits.float().log_softmax(dim=-1).transpose(0, 1)  # (columns, b, vocab)
    columns = torch.full_like(lengths, log_probs.shape[0])
    losses = F.ctc_loss(log_probs, targets, columns, lengths, blank=blank, reduction="none", zero_infinity=True)
    return losses.sum() / lengths.sum().clamp(min=1)
