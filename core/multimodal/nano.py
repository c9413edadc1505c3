"""How nano models are wired: a convolutional stem of four steps in front of a small encoder, a small Qwen2 decoder."""

from ocr2.multimodal.config import DecoderConfig
from ocr2.vision.config import ConvStage, Size, VisionConfig

PATCH = 16  # pixels


def nano_vision(*, size: Size, dim: int, depth: int, in_chans: int = 1, neck_stride: Size = (2, 2)) -> VisionConfig:
    """Wire an encoder of small pictures: patches of 16 px, windows of 8 x 8 and every second block global.

    Args:
        size: Rows and columns of a picture, pixels.
        dim: Width.
        depth: Blocks.
        in_chans: Colours.
        neck_stride: How many patches become one image token, rows and columns.
    """

    def conv(out_chans: int) -> ConvStage:
        return ConvStage(
            out_chans=out_chans, kernel=(3, 3), stride=(2, 2), padding=(1, 1), norm="batch", gelu=True, bias=False
        )

    neck = ConvStage(
        out_chans=dim, kernel=(3, 3), stride=neck_stride, padding=(1, 1), norm="layer", gelu=False, bias=False
    )
    return VisionConfig(
        in_chans=in_chans,
        stem=tuple(conv(n) for n in (dim // 8, dim // 3, 2 * dim // 3, dim)),
        embed_dim=dim,
        depth=depth,
        num_heads=6,
        mlp_dim=3 * dim,
        window_size=(8, 8),
        global_attn_indexes=tuple(range(1, depth, 2)),
        position="rotary",
        grid=(size[0] // PATCH, size[1] // PATCH),
        absolute_position=False,
        neck=(neck,),
    )


def nano_decoder(*, vocab_size: int, hidden: int, mlp: int, layers: int, positions: int) -> DecoderConfig:
    """Wire a decoder of four wide heads: on CPUs attention costs by the head."""
    return DecoderConfig(
        family="qwen2",
        vocab_size=vocab_size,
        hidden_size=hidden,
        intermediate_size=mlp,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=positions,
        rope_theta=1e4,
        norm_eps=1e-6,
        tie_word_embeddings=True,
    )
