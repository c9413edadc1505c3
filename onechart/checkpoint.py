"""How the published OneChart checkpoint names its tensors; docs/models/onechart.md, "Tensor names"."""

from ocr2.layout import Layout, Rename, Tied

ENCODER, PROJECTOR, DECODER = "skeleton.encoders.0.", "skeleton.projectors.0.", "skeleton.decoder."
TOWER = "model.vision_tower."

LAYOUTS = (
    Layout(
        "original",
        (
            Rename(f"{TOWER}pos_embed", f"{ENCODER}pos_embed"),
            Rename(f"{TOWER}patch_embed.proj.", f"{ENCODER}patch_embed.0."),
            Rename(f"{TOWER}blocks.", f"{ENCODER}blocks."),
            *(Rename(f"{TOWER}neck.{i}.", f"{ENCODER}neck.{i}.") for i in range(4)),
            Rename(f"{TOWER}net_2.", f"{ENCODER}neck.4."),
            Rename(f"{TOWER}net_3.", f"{ENCODER}neck.5."),
            Rename("model.mm_projector.", PROJECTOR),
            Rename("model.decoder.", f"{DECODER}model.decoder."),
            Rename("num_decoder.", "num_decoder."),
            Rename("lm_head.", f"{DECODER}lm_head."),
        ),
        (Tied("model.decoder.embed_tokens.weight", "lm_head.weight", stored=True),),
    ),
)
