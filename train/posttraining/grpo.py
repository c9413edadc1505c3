"""Group-relative policy optimisation (arXiv 2402.03300) as Perception-R1 (arXiv 2504.07954) runs it."""

from collections.abc import Sequence
from typing import TypeVar

import torch

from ocr2.rewards import Reward
from ocr2.rewards.groups import group_advantages
from ocr2.train.posttraining.config import GRPOConfig
from ocr2.train.posttraining.losses import grpo_loss, kl_k3, token_mean
from ocr2.train.posttraining.policy import Policy, Sampling, sampled_log_probs
from ocr2.train.posttraining.sampled import Group, SampledTask
from ocr2.train.posttraining.task import growing, sampling_seed

S = TypeVar("S")
E = TypeVar("E")


class GRPOTask(SampledTask[S, E]):
    """Answers of the policy as it is, one step on them, advantages within the group.

    Args:
        policy: What is trained.
        samples: What it is trained on.
        val: What it is scored on.
        reward: How answers are judged.
        config: See `GRPOConfig`.
        steps: Steps of the run, over which the number of answers grows if it does.
        seed: Of the order and of sampling.
        order: See `PostTrainingTask`; of a curriculum.
    """

    def __init__(
        self,
        policy: Policy[S, E],
        samples: Sequence[S],
        val: Sequence[S],
        *,
        reward: Reward,
        config: GRPOConfig,
        steps: int,
        seed: int = 1,
        order: Sequence[int] | None = None,
    ) -> None:
        super().__init__(policy, samples, val, reward=reward, batch=config.groups, seed=seed, order=order)
        self.config = config
        self.steps = steps

    def sampling(self, step: int, place: int, number: int) -> Sampling:
        """Return how answers are sampled: anew at every place of the run."""
        config = self.config
        count = growing(config.answers, config.most_answers or config.answers, step / self.steps)
        return Sampling(
            temperatures=(config.temperature,) * count,
            top_p=config.top_p,
            max_new_tokens=config.max_new_tokens,
            seed=sampling_seed(self.seed, place),
        )

    def learn(self, group: Group[E], scale: float) -> dict[str, float]:
        """Go backwards from a group's loss."""
        config = self.config
        advantages = torch.from_numpy(group_advantages(group.rewards, scale=config.scale)).float()
        with torch.no_grad():
            reference = self.reference.log_probs(group.encoded, group.answers).values
        now = self.policy.log_probs(group.encoded, group.answers)
        device = now.values.device
        loss = grpo_loss(
            now.values,
            reference,
            advantages.to(device),
            now.valid,
            beta=config.beta,
            sampled=sampled_log_probs(group.answers, device) if config.clip is not None else None,
            clip=config.clip,
        )
        (scale * loss).backward()  # type: ignore[no-untyped-call]
        divergence = token_mean(kl_k3(now.values.detach(), reference), now.valid).mean()
        return {"loss": float(loss.detach()), "kl": float(divergence)}
