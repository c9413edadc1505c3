"""Loss terms against their definitions."""

import torch

from ocr2.got.losses import IGNORE, draft_loss, next_token_loss


def test_ignored_labels_do_not_count() -> None:
    logits = torch.randn(1, 3, 5)
    labels = torch.tensor([[2, IGNORE, 4]])
    expected = -(logits[0].log_softmax(-1)[0, 2] + logits[0].log_softmax(-1)[2, 4]) / 2
    torch.testing.assert_close(next_token_loss(logits, labels), expected)


def test_the_draft_loss_is_the_sum_over_all_paths() -> None:
    logits = torch.randn(1, 3, 3)
    p = logits[0].softmax(-1)
    paths = [(1, 1, 1), (0, 1, 1), (1, 1, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]  # all that collapse to [1]
    total = sum(p[0, a] * p[1, b] * p[2, c] for a, b, c in paths)
    loss = draft_loss(logits, torch.tensor([[1]]), torch.tensor([1]), blank=0)
    torch.testing.assert_close(loss, -torch.log(torch.as_tensor(total)))


def test_a_text_that_cannot_fit_counts_as_zero() -> None:
    loss = draft_loss(torch.randn(1, 2, 3), torch.tensor([[1, 1, 1]]), torch.tensor([3]), blank=0)
    assert float(loss) == 0


def test_an_empty_target_is_allowed() -> None:
    loss = draft_loss(torch.randn(1, 4, 3), torch.zeros(1, 1, dtype=torch.long), torch.tensor([0]), blank=0)
    assert torch.isfinite(loss)
