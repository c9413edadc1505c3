"""Slow Perception: the shared skeleton, nothing else. Axis letters: b figures, t positions, v image tokens."""

from torch import Tensor, nn

from ocr2.multimodal.model import MultimodalModel
from ocr2.slowperception.config import SlowConfig


class SlowModel(nn.Module):
    """Slow Perception (Wei et al. 2024, arXiv 2412.20631)."""

    def __init__(self, config: SlowConfig) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)

    def encode(self, pixel_values: Tensor) -> Tensor:
        """Encode views (b, 3, side, side) into decoder features (b, v, hidden_size)."""
        return self.skeleton.project(self.skeleton.encode([pixel_values]))

    def forward(self, input_ids: Tensor, pixel_values: Tensor) -> Tensor:
        """Return logits (b, t, vocab_size) of prompts (b, t) for views (b, 3, side, side)."""
        return self.skeleton.decode(self.skeleton.embed(input_ids, self.encode(pixel_values)))
