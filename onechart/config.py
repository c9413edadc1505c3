"""Dimensions of OneChart (Chen et al. 2024, arXiv 2404.09987)."""

import dataclasses
from dataclasses import dataclass

from ocr2.multimodal.config import DecoderConfig, MultimodalConfig
from ocr2.multimodal.families import sam_opt
from ocr2.multimodal.nano import nano_decoder, nano_vision
from ocr2.onechart.nano.output_language import IDS, VOCAB_SIZE
from ocr2.vision.config import SAM_B, TINY_SAM, VisionConfig

NUMBER = 50_268  # id of <Number>


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementConfig:
    """The encoder of text lines and marks, of onechart-nano alone."""

    layers: int
    heads: int
    mlp: int  # width
    letter_size: int  # of a letter's embedding


@dataclass(frozen=True, slots=True, kw_only=True)
class OneChartConfig:
    """One OneChart model: the shared skeleton, the head on its auxiliary token, and what its pipeline needs."""

    skeleton: MultimodalConfig
    image_side: int  # pixels of the square that a chart is resized to
    number_token_id: int  # of the auxiliary token, whose state becomes numbers
    number_hidden_size: int  # width of the head's two inner layers
    num_numbers: int  # outputs of the head: values of a chart at most
    max_new_tokens: int
    elements: ElementConfig | None = None

    def __post_init__(self) -> None:
        size = self.skeleton.decoder.vocab_size
        if not 0 <= self.number_token_id < size:
            raise ValueError(f"number_token_id must lie in a vocabulary of {size}, got {self.number_token_id}")

    @property
    def num_image_tokens(self) -> int:
        """Image tokens of a chart."""
        return self.skeleton.encoders[0].num_tokens((self.image_side, self.image_side))


def _published(vision: VisionConfig, decoder: DecoderConfig, *, side: int, number_hidden: int) -> OneChartConfig:
    return OneChartConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=sam_opt.IMAGE_PAD),
        image_side=side,
        number_token_id=NUMBER,
        number_hidden_size=number_hidden,
        num_numbers=256,
        max_new_tokens=4096,
    )


OPT_125M = dataclasses.replace(sam_opt.OPT_125M, vocab_size=NUMBER + 1)
_TINY_OPT = dataclasses.replace(sam_opt.TINY_OPT, vocab_size=NUMBER + 1)


def _nano(*, side: int, dim: int, depth: int, hidden: int, element_layers: int, layers: int) -> OneChartConfig:
    """Wire a reader of small pictures: an image token for two patches one above the other."""
    vision = nano_vision(size=(side, side), dim=dim, depth=depth, in_chans=3, neck_stride=(2, 1))
    decoder = nano_decoder(vocab_size=VOCAB_SIZE, hidden=hidden, mlp=29 * hidden // 16, layers=layers, positions=4096)
    return OneChartConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=IDS["image"]),
        image_side=side,
        number_token_id=IDS["number"],
        number_hidden_size=hidden // 4,
        num_numbers=256,
        max_new_tokens=1536,
        elements=ElementConfig(layers=element_layers, heads=4, mlp=2 * hidden, letter_size=hidden // 4),
    )


PRESETS = {
    # The released checkpoint, 223,707,904 parameters. Source: docs/models/onechart.md.
    "onechart": _published(SAM_B, OPT_125M, side=1024, number_hidden=384),
    # For tests: the published tensor names and ids, two million parameters, nearly all of them the vocabulary's.
    "onechart-mini": _published(TINY_SAM, _TINY_OPT, side=128, number_hidden=20),
    # Ships with weights. Source: docs/models/onechart-nano.md.
    "onechart-nano": _nano(side=384, dim=192, depth=4, hidden=256, element_layers=2, layers=3),
    # For tests: the same wiring, well under a second on a laptop.
    "onechart-tiny": _nano(side=64, dim=24, depth=2, hidden=32, element_layers=1, layers=1),
}
