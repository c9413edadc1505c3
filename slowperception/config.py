"""Dimensions of Slow Perception (Wei et al. 2024, arXiv 2412.20631): GOT's, for another language."""

from dataclasses import dataclass

from ocr2.multimodal import sam_qwen
from ocr2.multimodal.config import MultimodalConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowConfig:
    """One Slow Perception model: the shared skeleton, and what only its pipeline needs."""

    skeleton: MultimodalConfig
    side: int  # pixels of the square view
    max_new_tokens: int

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a view."""
        return self.skeleton.encoders[0].num_tokens((self.side, self.side))


PRESETS = {
    # The released checkpoints, 560,528,640 parameters each. Source: docs/models/slowperception.md.
    "slowperception": SlowConfig(skeleton=sam_qwen.PUBLISHED, side=1024, max_new_tokens=4096),
    # For tests: the published tensor names and ids, five million parameters, nearly all of them the vocabulary's.
    "slowperception-mini": SlowConfig(skeleton=sam_qwen.MINI, side=128, max_new_tokens=4096),
}
