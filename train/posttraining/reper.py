"""Reflective unlikelihood (RePer, arXiv 2504.07165) of answers in one turn: likely by reward, unlikely by its lack."""

from typing import TypeVar

import torch

from ocr2.train.posttraining.candidates import CandidateTask
from ocr2.train.posttraining.config import RePerConfig
from ocr2.train.posttraining.losses import reflective_loss
from ocr2.train.posttraining.sampled import Group

S = TypeVar("S")
E = TypeVar("E")


class RePerTask(CandidateTask[S, E, RePerConfig]):
    """The reflective loss of candidates."""

    def learn(self, group: Group[E], scale: float) -> dict[str, float]:
        """Go backwards from a group's loss."""
        now = self.policy.log_probs(group.encoded, group.answers)
        rewards = torch.tensor(group.rewards, device=now.values.device)
        loss = reflective_loss(now.values, rewards / rewards.max(), now.valid, alpha=self.config.alpha)
        (scale * loss).backward()  # type: ignore[no-untyped-call]
        return {"loss": float(loss.detach())}
