"""The natural-image vocabulary: OpenAI's CLIP ViT (Radford et al. 2021, arXiv 2103.00020), transformers' own class.

Axis letters: b images, h rows, w columns, t tokens.
"""

import torch
from torch import Tensor, nn

from ocr2.vision.config import ClipConfig
from ocr2.vision.encoder import EncoderOutput


class ClipEncoder(nn.Module):
    """Squares of pixels to image tokens, the class token left out."""

    def __init__(self, config: ClipConfig) -> None:
        from transformers import CLIPVisionConfig, CLIPVisionModel

        super().__init__()
        self.config = config
        self.tower = CLIPVisionModel(
            CLIPVisionConfig(
                hidden_size=config.embed_dim,
                intermediate_size=config.mlp_dim,
                num_hidden_layers=config.depth,
                num_attention_heads=config.num_heads,
                image_size=config.side,
                patch_size=config.patch,
                hidden_act="quick_gelu",
                layer_norm_eps=1e-5,
                attn_implementation="sdpa",
            )
        )

    def forward(self, pixel_values: Tensor) -> EncoderOutput:
        """Encode images (b, 3, side, side), normalised; what lies behind the selected state is not computed."""
        hidden = self.tower.pre_layrnorm(self.tower.embeddings(pixel_values))
        blocks = self.tower.encoder.layers
        for block in blocks[: len(blocks) + 1 + self.config.select_layer]:
            hidden = block(hidden, attention_mask=None)
        tokens = hidden[:, 1:]
        return EncoderOutput(patches=tokens.unflatten(1, self.config.grid), tokens=tokens)

    def restore_buffers(self) -> None:
        """Compute what a tower built on the meta device lacks beside its weights: numbers of positions."""
        embeddings = self.tower.embeddings
        device = embeddings.position_embedding.weight.device
        embeddings.position_ids = torch.arange(embeddings.num_positions, device=device)[None]

    def freeze(self) -> None:
        """Leave the tower as it is: it takes a tenth of an encoding's time."""
