"""Loss terms of got-nano: next-token cross-entropy of the decoder, CTC of the draft head."""

import torch
from torch import Tensor
from torch.nn import functional as F

IGNORE = -100


def next_token_loss(logits: Tensor, labels: Tensor, *, count: float | None = None) -> Tensor:
    """Return the mean cross-entropy of logits (b, t, vocab) against labels (b, t), -100 ignored.

    Args:
        logits: (b, t, vocab).
        labels: (b, t).
        count: Number to divide the sum by instead of the number of labels, where a batch is shared out.
    """
    flat, wanted = logits.flatten(0, 1).float(), labels.flatten()
    if count is None:
        return F.cross_entropy(flat, wanted, ignore_index=IGNORE)
    return F.cross_entropy(flat, wanted, ignore_index=IGNORE, reduction="sum") / max(count, 1)


def draft_loss(
    draft_logits: Tensor, targets: Tensor, lengths: Tensor, *, blank: int, characters: float | None = None
) -> Tensor:
    """Return the CTC loss per target character (Graves et al. 2006).

    Args:
        draft_logits: (b, columns, vocab).
        targets: (b, longest), padded.
        lengths: (b,) characters of each target; 0 is allowed.
        blank: Id of the blank.
        characters: Number to divide by instead of the sum of `lengths`, where a batch is shared out.

    Rows whose text cannot fit the columns (repeated characters need a blank between them) count as zero.
    """
    log_probs = draft_logits.float().log_softmax(dim=-1).transpose(0, 1)  # (columns, b, vocab)
    columns = torch.full_like(lengths, log_probs.shape[0])
    losses = F.ctc_loss(log_probs, targets, columns, lengths, blank=blank, reduction="none", zero_infinity=True)
    total = float(lengths.sum()) if characters is None else characters
    return losses.sum() / max(total, 1)
