"""Dimensions of GOT (General OCR Theory, Wei et al. 2024, arXiv 2409.01704) and of its nano sibling."""

from dataclasses import dataclass, replace

from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.families import sam_qwen
from ocr2.multimodal.nano import nano_decoder, nano_vision
from ocr2.vision.config import ConvStage

# CLIP's channel means and deviations, of values in 0..1; docs/models/got.md, "Image preprocessing".
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
MAX_TOKENS = 8192  # prompt and answer together, as trained
VOCAB_SIZE_NANO = 384  # ids of assets/vocab.json, with room for task tokens to come


@dataclass(frozen=True, slots=True, kw_only=True)
class GOTConfig:
    """One GOT model: the shared skeleton, and what only its pipeline needs."""

    skeleton: MultimodalConfig
    image_height: int  # pixels of a strip or view
    image_widths: tuple[int, ...]  # pixels; a strip is padded to the next one, a view is resized to the only one
    max_new_tokens: int
    draft_head: bool  # a CTC head on the encoder's patches proposes text that the decoder verifies


def _conv(
    out_chans: int,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
) -> ConvStage:
    return ConvStage(
        out_chans=out_chans, kernel=kernel, stride=stride, padding=padding, norm="batch", gelu=True, bias=False
    )


def _strip_config(*, widths: tuple[int, ...], dim: int, depth: int, layers: int) -> GOTConfig:
    """Wire a reader of 32 px high strips: one patch a 4 px column, one image token a 8 px column."""
    vision = replace(
        nano_vision(size=(32, widths[-1]), dim=dim, depth=depth),
        stem=(
            _conv(dim // 8, (3, 3), (2, 2), (1, 1)),
            _conv(dim // 3, (3, 3), (2, 2), (1, 1)),
            _conv(2 * dim // 3, (3, 3), (2, 1), (1, 1)),
            _conv(dim, (4, 3), (4, 1), (0, 1)),
        ),
        window_size=(1, 32),
        grid=(1, widths[-1] // 4),
        neck=(
            ConvStage(
                out_chans=dim, kernel=(1, 3), stride=(1, 2), padding=(0, 1), norm="layer", gelu=False, bias=False
            ),
        ),
    )
    decoder = replace(
        nano_decoder(vocab_size=VOCAB_SIZE_NANO, hidden=dim, mlp=8 * dim // 3, layers=layers, positions=512),
        num_attention_heads=6,
        num_key_value_heads=3,
        tie_word_embeddings=False,
    )
    return GOTConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=1),
        image_height=32,
        image_widths=widths,
        max_new_tokens=144,
        draft_head=True,
    )


def _view_config(skeleton: MultimodalConfig, *, side: int) -> GOTConfig:
    """Wire a reader of square views, as the published model is."""
    return GOTConfig(
        skeleton=skeleton,
        image_height=side,
        image_widths=(side,),
        max_new_tokens=4096,
        draft_head=False,
    )


NANO = _strip_config(widths=(128, 256, 384, 512), dim=192, depth=4, layers=3)

PRESETS = {
    # The released checkpoint, 560,528,640 parameters. Source: docs/models/got.md.
    "got": _view_config(sam_qwen.PUBLISHED, side=1024),
    # For tests: the published tensor names and ids, five million parameters, nearly all of them the vocabulary's.
    "got-mini": _view_config(sam_qwen.MINI, side=128),
    # Ship with weights. Source: docs/models/got-nano.md.
    "got-nano": NANO,
    "got-nano-charts": NANO,
    # For tests: the same wiring, well under a second on a laptop.
    "got-tiny": _strip_config(widths=(64, 128), dim=24, depth=2, layers=1),
}
