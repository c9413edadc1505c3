"""Dimensions of Vary-tiny (Wei et al. 2023, arXiv 2312.06109): the document vocabulary under OPT-125M.

Source: docs/models/vary.md, "Vary-tiny".
"""

from dataclasses import dataclass

from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.families.sam_opt import IMAGE_PAD, OPT_125M, TINY_OPT
from ocr2.vision.config import SAM_B, TINY_SAM


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyConfig:
    """One Vary-tiny."""

    skeleton: MultimodalConfig
    side: int  # pixels of the square that a picture is squashed to
    max_new_tokens: int

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a picture."""
        return self.skeleton.document.num_tokens((self.side, self.side))


PRESETS = {
    # The released checkpoint, 223,165,440 parameters.
    "vary-tiny": TinyConfig(
        skeleton=MultimodalConfig(encoders=(SAM_B,), decoder=OPT_125M, image_token_id=IMAGE_PAD),
        side=1024,
        max_new_tokens=4096,
    ),
    # For tests: the published tensor names and ids.
    "vary-tiny-mini": TinyConfig(
        skeleton=MultimodalConfig(encoders=(TINY_SAM,), decoder=TINY_OPT, image_token_id=IMAGE_PAD),
        side=128,
        max_new_tokens=4096,
    ),
}
