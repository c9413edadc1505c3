"""Dimensions of vary-nano; those of published Vary-toy are in `ocr2.multimodal.families.clip_sam`."""

from dataclasses import dataclass

from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.families.clip_sam.config import MINI, PUBLISHED, ClipSamConfig
from ocr2.multimodal.nano import nano_decoder, nano_vision
from ocr2.vary.nano.candidates import IDS, VOCAB_SIZE
from ocr2.vision.config import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutConfig:
    """vary-nano: the shared skeleton under a language of regions, and the encoder of regions."""

    skeleton: MultimodalConfig
    size: Size  # pixels (rows, columns) that a page is squashed to: more rows, since lines lie across
    region_layers: int
    region_heads: int

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a page."""
        return self.skeleton.document.num_tokens(self.size)


def _nano(*, size: Size, dim: int, depth: int, hidden: int, layers: int) -> LayoutConfig:
    vision = nano_vision(size=size, dim=dim, depth=depth)
    decoder = nano_decoder(vocab_size=VOCAB_SIZE, hidden=hidden, mlp=2 * hidden, layers=layers, positions=1024)
    skeleton = MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=IDS["image"])
    return LayoutConfig(skeleton=skeleton, size=size, region_layers=2, region_heads=4)


PUBLISHED_PRESETS: dict[str, ClipSamConfig] = {"vary-toy": PUBLISHED, "vary-toy-mini": MINI}

PRESETS = {
    # Ships with weights. Source: docs/models/vary-nano.md.
    "vary-nano": _nano(size=(512, 384), dim=192, depth=4, hidden=192, layers=2),
    # For tests: the same wiring, well under a second on a laptop.
    "vary-nano-tiny": _nano(size=(96, 64), dim=24, depth=2, hidden=32, layers=2),
}
