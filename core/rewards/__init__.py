"""Rewards: how good an answer of a model is, from 0 to 1, for training, choosing among answers and evaluation.

Pure, deterministic and without torch. docs/rewards.md has every formula and where it comes from.
"""

from ocr2.rewards.registry import REWARDS, get_reward
from ocr2.rewards.reward import Reward, RewardResult, weighted_mean

__all__ = ["REWARDS", "Reward", "RewardResult", "get_reward", "weighted_mean"]
