"""Two vocabularies of vision on the shared skeleton. Axis letters: b pictures, t positions, v image tokens."""

from torch import Tensor, nn

from ocr2.multimodal.families.clip_sam.config import ClipSamConfig
from ocr2.multimodal.model import MultimodalModel


class ClipSamModel(nn.Module):
    """Vary-toy (Wei et al. 2024, arXiv 2401.12503); Fox (Liu et al. 2024, arXiv 2405.14295) is built alike."""

    def __init__(self, config: ClipSamConfig) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)

    def encode(self, natural: Tensor, document: Tensor) -> Tensor:
        """Encode pictures into decoder features (b, v, hidden_size), CLIP's half of the channels first.

        Args:
            natural: (b, 3, side, side), as CLIP sees them.
            document: (b, 3, side, side), as the document network sees them.
        """
        return self.skeleton.project(self.skeleton.encode([natural, document]))

    def forward(self, input_ids: Tensor, natural: Tensor, document: Tensor) -> Tensor:
        """Return logits (rows, t, vocab_size) of prompts (rows, t) that hold the pictures' slots, in order."""
        return self.skeleton.decode(self.skeleton.embed(input_ids, self.encode(natural, document)))
