"""Loss terms against their definitions."""

import math

import pytest
import torch

from ocr2.onechart.losses import IGNORE, chart_loss, next_labels, number_loss, number_targets

NAN = math.nan


def test_values_share_the_scale_of_their_chart() -> None:
    targets = number_targets([[10, 20, 15], [-5, 5, 0, 1, 2]], size=4)
    expected = torch.tensor([[0, 1, 0.5, NAN], [0, 1, 0.5, 0.6]])
    torch.testing.assert_close(targets, expected, equal_nan=True)


@pytest.mark.parametrize("values", [[], [7.0], [3.0, 3.0, 3.0], [NAN]])
def test_charts_without_a_scale_teach_nothing(values: list[float]) -> None:
    assert number_targets([values], size=3).isnan().all()


def test_no_charts_are_no_rows() -> None:
    assert number_targets([], size=3).shape == (0, 3)


def test_the_number_loss_is_a_mean_over_all_taught_numbers_of_the_batch() -> None:
    numbers = torch.tensor([[0.1, 0.9, 5.0], [0.5, 7.0, 7.0]])
    targets = torch.tensor([[0.0, 1.0, NAN], [1.0, NAN, NAN]])
    assert float(number_loss(numbers, targets)) == pytest.approx((0.1 + 0.1 + 0.5) / 3)


def test_nothing_taught_is_no_loss_and_no_gradient() -> None:
    numbers = torch.randn(2, 3, requires_grad=True)
    loss = number_loss(numbers, torch.full((2, 3), NAN))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0
    assert numbers.grad is not None
    assert not numbers.grad.any()


def test_masked_numbers_get_no_gradient() -> None:
    numbers = torch.randn(1, 3, requires_grad=True)
    number_loss(numbers, torch.tensor([[0.5, NAN, 0.0]])).backward()  # type: ignore[no-untyped-call]
    assert numbers.grad is not None
    assert numbers.grad.ne(0).tolist() == [[True, False, True]]


def test_the_terms_are_added_as_they_are() -> None:
    logits, numbers = torch.randn(1, 3, 5), torch.tensor([[0.25, 9.0]])
    labels = torch.tensor([[IGNORE, 2, 4]])
    words = -(logits[0].log_softmax(-1)[1, 2] + logits[0].log_softmax(-1)[2, 4]) / 2
    loss = chart_loss(logits, labels, numbers, torch.tensor([[0.5, NAN]]))
    torch.testing.assert_close(loss, words + 0.25)


def test_nothing_is_taught_up_to_the_colon_of_the_prompt() -> None:
    prompt, answer = list(range(10, 18)), [50268, 5, 2]
    labels = next_labels(prompt, answer)
    assert len(labels) == len(prompt) + len(answer)
    assert labels == [*[IGNORE] * 7, 50268, 5, 2, IGNORE]
