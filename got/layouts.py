"""How published GOT checkpoints name their tensors; docs/models/got.md, "Tensor names".

Only names differ between the layouts, but for the MLX conversion, which stores convolutions channels last.
"""

from ocr2.layout import Layout, Rename, Tied
from ocr2.multimodal.sam_qwen import DECODER, DEPTH, ENCODER, PROJECTOR, original_layout


def _transformers(name: str, *, prefix: str, decoder: str, head: str) -> Layout:
    tower, projector = f"{prefix}vision_tower.", f"{prefix}multi_modal_projector."
    return Layout(
        name,
        (
            Rename(f"{tower}pos_embed", f"{ENCODER}pos_embed"),
            Rename(f"{tower}patch_embed.projection.", f"{ENCODER}patch_embed.0."),
            *(
                Rename(f"{tower}layers.{n}.{theirs}.", f"{ENCODER}blocks.{n}.{ours}.")
                for n in range(DEPTH)
                for theirs, ours in (
                    ("layer_norm1", "norm1"),
                    ("layer_norm2", "norm2"),
                    ("attn", "attn"),
                    ("mlp", "mlp"),
                )
            ),
            Rename(f"{tower}neck.conv1.", f"{ENCODER}neck.0."),
            Rename(f"{tower}neck.layer_norm1.", f"{ENCODER}neck.1."),
            Rename(f"{tower}neck.conv2.", f"{ENCODER}neck.2."),
            Rename(f"{tower}neck.layer_norm2.", f"{ENCODER}neck.3."),
            Rename(f"{projector}conv_upsampler1.", f"{ENCODER}neck.4."),
            Rename(f"{projector}conv_upsampler2.", f"{ENCODER}neck.5."),
            Rename(f"{projector}multimodal_projector.", PROJECTOR),
            Rename(decoder, f"{DECODER}model."),
            Rename(head, f"{DECODER}lm_head."),
        ),
        (Tied(f"{decoder}embed_tokens.weight", f"{head}weight"),),
    )


def _mlx() -> Layout:
    tower = "vision_tower."
    return Layout(
        "mlx",
        (
            Rename(f"{tower}pos_embed", f"{ENCODER}pos_embed"),
            Rename(f"{tower}patch_embed.proj.", f"{ENCODER}patch_embed.0."),
            Rename(f"{tower}blocks.", f"{ENCODER}blocks."),
            Rename(f"{tower}conv1.", f"{ENCODER}neck.0."),
            Rename(f"{tower}norm1.", f"{ENCODER}neck.1."),
            Rename(f"{tower}conv2.", f"{ENCODER}neck.2."),
            Rename(f"{tower}norm2.", f"{ENCODER}neck.3."),
            Rename(f"{tower}net_2.", f"{ENCODER}neck.4."),
            Rename(f"{tower}net_3.", f"{ENCODER}neck.5."),
            Rename("multi_modal_projector.", PROJECTOR),
            Rename("language_model.model.", f"{DECODER}model."),
            Rename("language_model.lm_head.", f"{DECODER}lm_head."),
        ),
        (Tied("language_model.model.embed_tokens.weight", "language_model.lm_head.weight"),),
        channels_last=tuple(f"{tower}{name}." for name in ("patch_embed.proj", "conv1", "conv2", "net_2", "net_3")),
        file_format="mlx",
    )


LAYOUTS = (
    original_layout(),
    _transformers("transformers", prefix="", decoder="language_model.model.", head="language_model.lm_head."),
    _transformers("transformers 5", prefix="model.", decoder="model.language_model.", head="lm_head."),
    _mlx(),
)
