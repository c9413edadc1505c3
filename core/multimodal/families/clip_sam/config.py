"""Dimensions of the family: those of the released Vary-toy (Wei et al. 2024, arXiv 2401.12503), which Fox has too.

Source: docs/models/vary.md.
"""

import dataclasses
from dataclasses import dataclass

from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD, QWEN_05B
from ocr2.vision.config import CLIP_L, SAM_B, TINY_CLIP, TINY_SAM


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSamConfig:
    """One model of the family: the shared skeleton, and what only its pipeline needs."""

    skeleton: MultimodalConfig
    side: int  # pixels of the square that the document network sees
    context: int  # tokens of prompt and answer together
    max_new_tokens: int

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a picture."""
        return self.skeleton.document.num_tokens((self.side, self.side))


# Qwen-1.8B, the first generation's, under the names of the second; docs/models/vary.md, "Decoder".
# It has layers, heads and words as many as Qwen-0.5B.
QWEN_18B = dataclasses.replace(
    QWEN_05B,
    hidden_size=2048,
    intermediate_size=5504,
    max_position_embeddings=8192,
    rope_theta=1e4,
    tie_word_embeddings=False,
)
_TINY_QWEN = dataclasses.replace(
    QWEN_18B, hidden_size=64, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4
)

# The released checkpoint, 2,237,365,504 parameters.
PUBLISHED = ClipSamConfig(
    skeleton=MultimodalConfig(encoders=(CLIP_L, SAM_B), decoder=QWEN_18B, image_token_id=IMAGE_PAD),
    side=1024,
    context=8192,
    max_new_tokens=4096,
)
# For tests: the published tensor names and ids, twenty million parameters, nearly all of them the vocabulary's.
MINI = ClipSamConfig(
    skeleton=MultimodalConfig(encoders=(TINY_CLIP, TINY_SAM), decoder=_TINY_QWEN, image_token_id=IMAGE_PAD),
    side=256,
    context=8192,
    max_new_tokens=4096,
)
