"""The SAM and Qwen family, which GOT and Slow Perception share: dimensions, and names of released tensors.

Source: docs/models/got.md, "Decoder", "Tensor names".
"""

import dataclasses

from ocr2.checkpoints.tensor_names import Layout, Rename, Tied
from ocr2.multimodal.config import DecoderConfig, MultimodalConfig
from ocr2.multimodal.families.sam_names import sam_renames
from ocr2.vision.config import SAM_B, TINY_SAM

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

TINY_QWEN = dataclasses.replace(
    QWEN_05B, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4
)

PUBLISHED = MultimodalConfig(encoders=(SAM_B,), decoder=QWEN_05B, image_token_id=IMAGE_PAD)
MINI = MultimodalConfig(encoders=(TINY_SAM,), decoder=TINY_QWEN, image_token_id=IMAGE_PAD)

ENCODER, PROJECTOR, DECODER = "skeleton.encoders.0.", "skeleton.projectors.0.", "skeleton.decoder."
DEPTH = 12  # blocks of the published encoder; rules of blocks that a smaller one lacks match nothing


def original_layout() -> Layout:
    """Return how the authors' own files name their tensors."""
    return Layout(
        "original",
        (
            *sam_renames("model.vision_tower_high.", ENCODER),
            Rename("model.mm_projector_vary.", PROJECTOR),
            Rename("model.embed_tokens.", f"{DECODER}model.embed_tokens."),
            Rename("model.layers.", f"{DECODER}model.layers."),
            Rename("model.norm.", f"{DECODER}model.norm."),
            Rename("lm_head.", f"{DECODER}lm_head."),
        ),
        (Tied("model.embed_tokens.weight", "lm_head.weight", stored=True),),
    )
