"""GOT: the shared skeleton and, for nano, a CTC head that drafts the text of a strip."""

from dataclasses import dataclass

from torch import Tensor, nn

from ocr2.got.config import GOTConfig
from ocr2.multimodal.model import MultimodalModel


@dataclass(frozen=True, slots=True)
class EncodedImages:
    """What one encoder pass yields."""

    image_features: Tensor  # (b, v, hidden_size)
    draft_logits: Tensor | None  # (b, columns, vocab_size), for CTC; None without a draft head


class GOTModel(nn.Module):
    """GOT (Wei et al. 2024, arXiv 2409.01704)."""

    def __init__(self, config: GOTConfig) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)
        dim = config.skeleton.encoders[0].embed_dim
        self.draft_head = (
            nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, config.skeleton.decoder.vocab_size))
            if config.draft_head
            else None
        )

    def encode(self, pixel_values: Tensor) -> EncodedImages:
        """Encode images (b, channels, height, width) into decoder features and draft logits."""
        encoded = self.skeleton.encode([pixel_values])
        draft = None
        if self.draft_head is not None:
            draft = self.draft_head(encoded[0].patches.mean(dim=1))  # rows of a strip: one
        return EncodedImages(image_features=self.skeleton.project(encoded), draft_logits=draft)

    def forward(self, input_ids: Tensor, pixel_values: Tensor) -> Tensor:
        """Return logits (b, t, vocab_size) of prompts (b, t) for images (b, channels, height, width)."""
        features = self.encode(pixel_values).image_features
        return self.skeleton.decode(self.skeleton.embed(input_ids, features))
