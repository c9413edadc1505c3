"""The Vary-tiny network: the shared skeleton, nothing else. Axis letters: b pages, t positions, v image tokens."""

from torch import Tensor, nn

from ocr2.multimodal.model import MultimodalModel
from ocr2.vary.tiny.config import TinyConfig


class TinyModel(nn.Module):
    """Vary-tiny: nothing but the skeleton."""

    def __init__(self, config: TinyConfig) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)

    def encode(self, document: Tensor) -> Tensor:
        """Encode pictures (b, 3, side, side) into decoder features (b, v, hidden_size)."""
        return self.skeleton.project(self.skeleton.encode([document]))

    def forward(self, input_ids: Tensor, document: Tensor) -> Tensor:
        """Return logits (b, t, vocab_size) of prompts (b, t) that hold the pictures' slots."""
        return self.skeleton.decode(self.skeleton.embed(input_ids, self.encode(document)))
