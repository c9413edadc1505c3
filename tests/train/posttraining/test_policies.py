"""Policies: what is sampled has the log-probabilities that the decoder gave it, and what is frozen stays."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ocr2.errors import DocumentError
from ocr2.rewards import get_reward
from ocr2.slowperception.grammar import read_figure
from ocr2.synth.charts.records import ChartRecord
from ocr2.synth.geometry.records import FigureRecord
from ocr2.train.pools import Drawn
from ocr2.train.posttraining.charts import ChartPolicy, read_charts
from ocr2.train.posttraining.figures import FigurePolicy
from ocr2.train.posttraining.models import find
from ocr2.train.posttraining.nano_policy import NanoPolicy
from ocr2.train.posttraining.policy import Sampling
from ocr2.train.posttraining.strips import StripPolicy, read_strips
from tests.train.posttraining.conftest import WORDS, strips

SAMPLING = Sampling(temperatures=(0.0, 0.7, 1.0, 1.3), max_new_tokens=12, seed=5)
Case = tuple[NanoPolicy[Any, Any], Any]


@pytest.fixture(params=["strip", "figure", "chart"])
def case(
    request: pytest.FixtureRequest,
    strip_policy: StripPolicy,
    figure_policy: FigurePolicy,
    chart_policy: ChartPolicy,
    figure: Drawn[FigureRecord],
    chart: Drawn[ChartRecord],
) -> Case:
    cases: dict[str, Case] = {
        "strip": (strip_policy, strips(1)[0]),
        "figure": (figure_policy, figure),
        "chart": (chart_policy, chart),
    }
    return cases[request.param]


def test_answers_have_the_log_probabilities_they_were_sampled_with(case: Case) -> None:
    policy, sample = case
    encoded = policy.encode(sample)
    (answers,) = policy.sample([encoded], [SAMPLING])
    assert len(answers) == len(SAMPLING.temperatures)
    found = policy.log_probs(encoded, answers)
    for row, mask, answer in zip(found.values, found.valid, answers, strict=True):
        assert int(mask.sum()) == len(answer.ids)
        assert row[mask].tolist() == pytest.approx(answer.log_probs, abs=1e-4)
    alone = [policy.log_probs(encoded, [answer]).sums().item() for answer in answers]
    assert found.sums().tolist() == pytest.approx(alone, abs=1e-3)


def test_what_is_sampled_does_not_depend_on_company(case: Case) -> None:
    policy, sample = case
    encoded = policy.encode(sample)
    other = Sampling(temperatures=(1.0,), max_new_tokens=4, seed=9)
    (alone,) = policy.sample([encoded], [SAMPLING])
    _, beside = policy.sample([encoded, encoded], [other, SAMPLING])
    assert [answer.ids for answer in alone] == [answer.ids for answer in beside]


def test_decoder_and_projector_learn_and_encoder_and_heads_do_not(case: Case) -> None:
    policy, sample = case
    encoded = policy.encode(sample)
    (answers,) = policy.sample([encoded], [SAMPLING])
    policy.log_probs(encoded, answers).values.sum().backward()  # type: ignore[no-untyped-call]
    moved = {name for name, p in policy.network.named_parameters() if p.grad is not None and p.grad.any()}
    assert any("decoder" in name for name in moved)
    assert any("projectors" in name for name in moved)
    assert not any(part in name for name in moved for part in ("encoders.", "draft_head", "cell_head", "mark_head"))


def test_the_reference_stays_when_the_policy_moves(case: Case) -> None:
    policy, sample = case
    encoded = policy.encode(sample)
    (answers,) = policy.sample([encoded], [SAMPLING])
    reference = policy.frozen_copy()
    before = reference.log_probs(encoded, answers).sums()
    torch.testing.assert_close(before, policy.log_probs(encoded, answers).sums().detach(), rtol=1e-4, atol=1e-4)
    with torch.no_grad():
        for parameter in policy.network.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    assert torch.equal(reference.log_probs(encoded, answers).sums(), before)
    assert not torch.allclose(policy.log_probs(encoded, answers).sums(), before)


def test_decoding_gives_what_the_reward_takes_and_the_truth_has_the_full_one(case: Case) -> None:
    policy, sample = case
    reward = get_reward(find(policy.name).reward)
    encoded = policy.encode(sample)
    (answers,) = policy.sample([encoded], [SAMPLING])
    truth = policy.truth(sample)
    assert reward(truth, truth).total == pytest.approx(1.0)
    assert all(0 <= reward(policy.decode(encoded, answer), truth).total <= 1 for answer in answers)


def test_supervised_training_lowers_its_loss(case: Case) -> None:
    policy, sample = case
    optimizer = torch.optim.AdamW([p for p in policy.network.parameters() if p.requires_grad], lr=3e-3)
    losses = []
    for _ in range(6):
        loss = policy.supervised_loss([sample, sample], np.random.default_rng(0))
        losses.append(loss.item())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    assert math.isfinite(losses[0])
    assert losses[-1] < losses[0]


def test_truths_are_in_the_published_forms(
    figure_policy: FigurePolicy, figure: Drawn[FigureRecord], chart_policy: ChartPolicy, chart: Drawn[ChartRecord]
) -> None:
    written = read_figure(figure_policy.truth(figure))
    assert len(written.strokes) == 3
    assert written.circles == ((0.0, -0.5, 2.5),)
    assert json.loads(chart_policy.truth(chart))["values"] == {"a": "3", "b": "9"}


def test_strips_of_a_pool_are_read_in_a_fixed_order(pool: Path) -> None:
    first, again = (read_strips([pool], limit=10, seed=3) for _ in range(2))
    assert [s.text for s in first] == [s.text for s in again]
    assert len(first) == 10
    assert {s.text for s in read_strips([pool], limit=1000, seed=3)} == set(WORDS)


def test_what_is_no_pool_of_charts_is_told(pool: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no folder of groups"):
        read_charts([tmp_path / "absent.jsonl"], limit=1, seed=0)
    with pytest.raises(DocumentError, match="is no group that this model learns from"):
        read_charts([pool], limit=1, seed=0)


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no post-training of 'fox'; there are got-nano, got-nano-charts, onechart"):
        find("fox")
