"""Dimensions of vary-nano; those of the released Vary-toy are the family's (`ocr2.multimodal.clip_sam.config`)."""

from dataclasses import dataclass

from ocr2.multimodal.config import DecoderConfig, MultimodalConfig
from ocr2.vary.layout import IDS, VOCAB_SIZE
from ocr2.vision.config import ConvStage, Size, VisionConfig


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
    """Wire a reader of small pages: patches of 16 px, an image token for four of them."""

    def conv(out_chans: int) -> ConvStage:
        return ConvStage(
            out_chans=out_chans, kernel=(3, 3), stride=(2, 2), padding=(1, 1), norm="batch", gelu=True, bias=False
        )

    vision = VisionConfig(
        in_chans=1,
        stem=tuple(conv(n) for n in (dim // 8, dim // 3, 2 * dim // 3, dim)),
        embed_dim=dim,
        depth=depth,
        num_heads=6,
        mlp_dim=3 * dim,
        window_size=(8, 8),
        global_attn_indexes=tuple(range(1, depth, 2)),
        position="rotary",
        grid=(size[0] // 16, size[1] // 16),
        absolute_position=False,
        neck=(
            ConvStage(
                out_chans=dim, kernel=(3, 3), stride=(2, 2), padding=(1, 1), norm="layer", gelu=False, bias=False
            ),
        ),
    )
    decoder = DecoderConfig(
        family="qwen2",
        vocab_size=VOCAB_SIZE,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        rope_theta=1e4,
        norm_eps=1e-6,
        tie_word_embeddings=True,
    )
    skeleton = MultimodalConfig(encoders=(vision,), decoder=decoder, image_token_id=IDS["image"])
    return LayoutConfig(skeleton=skeleton, size=size, region_layers=2, region_heads=4)


PRESETS = {
    # Ships with weights. Source: docs/models/vary-nano.md.
    "vary-nano": _nano(size=(512, 384), dim=192, depth=4, hidden=192, layers=2),
    # For tests: the same wiring, well under a second on a laptop.
    "vary-nano-tiny": _nano(size=(96, 64), dim=24, depth=2, hidden=32, layers=2),
}
