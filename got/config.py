"""Dimensions of GOT (General OCR Theory, Wei et al. 2024, arXiv 2409.01704) and of its nano sibling."""

import dataclasses
from dataclasses import dataclass

from ocr2.multimodal.config import DecoderConfig, MultimodalConfig
from ocr2.vision.config import SAM_B, ConvStage, VisionConfig

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
    vision = VisionConfig(
        in_chans=1,
        stem=(
            _conv(dim // 8, (3, 3), (2, 2), (1, 1)),
            _conv(dim // 3, (3, 3), (2, 2), (1, 1)),
            _conv(2 * dim // 3, (3, 3), (2, 1), (1, 1)),
            _conv(dim, (4, 3), (4, 1), (0, 1)),
        ),
        embed_dim=dim,
        depth=depth,
        num_heads=6,
        mlp_dim=3 * dim,
        window_size=(1, 32),
        global_attn_indexes=tuple(range(1, depth, 2)),
        position="rotary",
        grid=(1, widths[-1] // 4),
        absolute_position=False,
        neck=(
            ConvStage(
                out_chans=dim, kernel=(1, 3), stride=(1, 2), padding=(0, 1), norm="layer", gelu=False, bias=False
            ),
        ),
    )
    decoder = DecoderConfig(
        family="qwen2",
        vocab_size=VOCAB_SIZE_NANO,
        hidden_size=dim,
        intermediate_size=8 * dim // 3,
        num_hidden_layers=layers,
        num_attention_heads=6,
        num_key_value_heads=3,
        max_position_embeddings=512,
        rope_theta=1e4,
        norm_eps=1e-6,
        tie_word_embeddings=False,
    )
    return GOTConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=1),
        image_height=32,
        image_widths=widths,
        max_new_tokens=144,
        draft_head=True,
    )


def _view_config(vision: VisionConfig, decoder: DecoderConfig, *, side: int, image_token_id: int) -> GOTConfig:
    """Wire a reader of square views, as the published model is."""
    return GOTConfig(
        skeleton=MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=image_token_id),
        image_height=side,
        image_widths=(side,),
        max_new_tokens=4096,
        draft_head=False,
    )


# Dimensions of the published decoder; docs/models/got.md, "Decoder".
QWEN_05B = DecoderConfig(
    family="qwen2",
    vocab_size=151_860,
    hidden_size=1024,
    intermediate_size=2816,
    num_hidden_layers=24,
    num_attention_heads=16,
    num_key_value_heads=16,
    max_position_embeddings=32_768,
    rope_theta=1e6,
    norm_eps=1e-6,
    tie_word_embeddings=True,
)
IMAGE_PAD = 151_859  # id of <imgpad>

# The published wiring at a size that runs in milliseconds: 8 x 8 patches of 16 pixels, windows of 3.
_TINY_SAM = dataclasses.replace(
    SAM_B,
    stem=(dataclasses.replace(SAM_B.stem[0], out_chans=24),),
    embed_dim=24,
    depth=4,
    num_heads=2,
    mlp_dim=96,
    window_size=(3, 3),
    global_attn_indexes=(1, 3),
    grid=(8, 8),
    neck=tuple(dataclasses.replace(stage, out_chans=n) for stage, n in zip(SAM_B.neck, (16, 16, 32, 32), strict=True)),
)
_TINY_QWEN = dataclasses.replace(
    QWEN_05B, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4
)

PRESETS = {
    # The released checkpoint, 560,528,640 parameters. Source: docs/models/got.md.
    "got": _view_config(SAM_B, QWEN_05B, side=1024, image_token_id=IMAGE_PAD),
    # For tests: the published tensor names and ids, five million parameters, nearly all of them the vocabulary's.
    "got-mini": _view_config(_TINY_SAM, _TINY_QWEN, side=128, image_token_id=IMAGE_PAD),
    # Ships with weights. Source: docs/models/got-nano.md.
    "got-nano": _strip_config(widths=(128, 256, 384, 512), dim=192, depth=4, layers=3),
    # For tests: the same wiring, well under a second on a laptop.
    "got-tiny": _strip_config(widths=(64, 128), dim=24, depth=2, layers=1),
}
