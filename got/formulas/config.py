"""Dimensions of got-nano-formulas."""

from dataclasses import dataclass

from ocr2.got.formulas.output_language import IDS, VOCAB_SIZE
from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.nano import nano_decoder, nano_vision


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaConfig:
    """One reader of formulas: the shared skeleton, and what only its pipeline needs."""

    skeleton: MultimodalConfig
    em: float  # pixels that an em of the picture is brought to
    fine: int  # channels of the map in which signs are found
    lifted: int  # of those that each patch gives to a cell of it
    layers: int  # of the encoder of signs
    heads: int
    mlp: int
    max_new_tokens: int


def _nano(*, dim: int, depth: int, hidden: int, layers: int, fine: int) -> FormulaConfig:
    vision = nano_vision(size=(256, 1024), dim=dim, depth=depth)
    decoder = nano_decoder(vocab_size=VOCAB_SIZE, hidden=hidden, mlp=29 * hidden // 16, layers=layers, positions=2048)
    return FormulaConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=IDS["image"]),
        em=24.0,
        fine=fine,
        lifted=fine // 4,
        layers=3,
        heads=4,
        mlp=2 * hidden,
        max_new_tokens=768,
    )


PRESETS = {
    # Ships with weights. Source: docs/models/got-nano-formulas.md.
    "got-nano-formulas": _nano(dim=192, depth=4, hidden=256, layers=3, fine=96),
    # For tests: the same wiring, well under a second on a laptop.
    "got-tiny-formulas": _nano(dim=24, depth=2, hidden=32, layers=1, fine=16),
}
