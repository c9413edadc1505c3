"""Dimensions of Slow Perception (Wei et al. 2024, arXiv 2412.20631): GOT's, for another language."""

from dataclasses import dataclass

from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.families import sam_qwen
from ocr2.multimodal.nano import nano_decoder, nano_vision
from ocr2.slowperception.nano.output_language import IDS, VOCAB_SIZE


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementConfig:
    """The encoder of ends and middles, of slowperception-nano alone."""

    layers: int
    heads: int
    mlp: int  # width


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowConfig:
    """One Slow Perception model: the shared skeleton, and what only its pipeline needs."""

    skeleton: MultimodalConfig
    side: int  # pixels of the square view
    max_new_tokens: int
    elements: ElementConfig | None = None

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a view."""
        return self.skeleton.encoders[0].num_tokens((self.side, self.side))


def _nano(*, side: int, dim: int, depth: int, hidden: int, layers: int) -> SlowConfig:
    """Wire a reader of small figures: an image token for four patches."""
    vision = nano_vision(size=(side, side), dim=dim, depth=depth)
    decoder = nano_decoder(vocab_size=VOCAB_SIZE, hidden=hidden, mlp=29 * hidden // 16, layers=layers, positions=2048)
    return SlowConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=IDS["image"]),
        side=side,
        max_new_tokens=768,
        elements=ElementConfig(layers=2, heads=4, mlp=2 * hidden),
    )


PRESETS = {
    # The released checkpoints, 560,528,640 parameters each. Source: docs/models/slowperception.md.
    "slowperception": SlowConfig(skeleton=sam_qwen.PUBLISHED, side=1024, max_new_tokens=4096),
    # For tests: the published tensor names and ids, five million parameters, nearly all of them the vocabulary's.
    "slowperception-mini": SlowConfig(skeleton=sam_qwen.MINI, side=128, max_new_tokens=4096),
    # Ships with weights. Source: docs/models/slowperception-nano.md.
    "slowperception-nano": _nano(side=384, dim=192, depth=4, hidden=256, layers=3),
    # For tests: the same wiring, well under a second on a laptop.
    "slowperception-tiny": _nano(side=64, dim=24, depth=2, hidden=32, layers=2),
}
