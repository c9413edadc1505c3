"""Plain supervised training on the true answers, to compare with."""

from typing import TypeVar

import numpy as np
from torch import Tensor

from ocr2.train.posttraining.task import PostTrainingTask

S = TypeVar("S")
E = TypeVar("E")


class SupervisedTask(PostTrainingTask[S, E]):
    """The cross-entropy of true answers; the reward is measured on validation samples alone."""

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss of a step."""
        samples = [self.samples[number] for _, number in self.draw(step)]
        rng = np.random.default_rng([self.seed, step, self.workers.rank])
        return {"loss": self.policy.supervised_loss(samples, rng)}
