"""Perceptual preference optimisation (arXiv 2502.04371): answers ranked by their reward; DPO is the case of two."""

from typing import TypeVar

import torch

from ocr2.rewards.groups import listwise_weights
from ocr2.train.posttraining.candidates import CandidateTask
from ocr2.train.posttraining.config import PerPOConfig
from ocr2.train.posttraining.losses import backward_listwise
from ocr2.train.posttraining.sampled import Group

S = TypeVar("S")
E = TypeVar("E")


class PerPOTask(CandidateTask[S, E, PerPOConfig]):
    """The listwise loss of candidates."""

    def learn(self, group: Group[E], scale: float) -> dict[str, float]:
        """Go backwards from a group's loss, one answer at a time; an answer that was sampled twice counts once."""
        numbers = {answer.ids: i for i, answer in enumerate(group.answers)}
        answers = [group.answers[i] for i in numbers.values()]
        weights = listwise_weights([group.rewards[i] for i in numbers.values()], gamma=self.config.gamma)
        assert weights is not None  # rewards differ in a group that is learnt from
        with torch.no_grad():
            references = self.reference.log_probs(group.encoded, answers).sums()
        loss = backward_listwise(
            lambda i: self.policy.log_probs(group.encoded, [answers[i]]).sums()[0],
            references,
            torch.from_numpy(weights).to(references),
            beta=self.config.beta,
            scale=scale,
        )
        return {"loss": loss, "distinct": float(len(answers))}
