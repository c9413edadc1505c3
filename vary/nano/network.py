"""vary-nano: an encoder-decoder that finds the regions of a page by pointing (`ocr2.multimodal.pointing`).

A dense head predicts for every cell the kind of its region and the distances to its sides (FCOS, Tian et al. 2019,
arXiv 1904.01355). Boxes on which cells agree are *candidates*; their encoder lets each attend to the others and to the
page, and the decoder names them in reading order. Axis letters: b pages, v image tokens, n candidates.
"""

import torch
from torch import Tensor, nn

from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.pointing import PointingNetwork, element_layers, sample_patches, with_null_element
from ocr2.multimodal.position_features import PLACE_FEATURES, SPLIT, point_features, split_cells
from ocr2.vary.config import LayoutConfig
from ocr2.vary.nano.candidates import CELL_OUTPUTS, KINDS


class LayoutNano(PointingNetwork):
    """The network of vary-nano."""

    def __init__(self, config: LayoutConfig) -> None:
        super().__init__()
        self.config = config
        hidden, patch = config.skeleton.decoder.hidden_size, config.skeleton.document.embed_dim
        self.skeleton = MultimodalModel(config.skeleton)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.cell_head = nn.Sequential(
            nn.LayerNorm(patch), nn.Linear(patch, patch), nn.GELU(), nn.Linear(patch, SPLIT * SPLIT * CELL_OUTPUTS)
        )
        self.reader = nn.Linear(patch, hidden)
        self.box = nn.Linear(2 * PLACE_FEATURES + KINDS, hidden)
        self.nobody = nn.Parameter(torch.zeros(hidden))  # the null element
        self.region_encoder = element_layers(
            hidden, heads=config.region_heads, mlp=2 * hidden, count=config.region_layers
        )
        self.norm = nn.LayerNorm(hidden)
        self.kind_head = nn.Linear(hidden, KINDS)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)

    @property
    def multimodal(self) -> MultimodalModel:
        """The encoder and decoder that it is built on."""
        return self.skeleton

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of the grid in which regions are predicted."""
        rows, columns = self.config.skeleton.document.grid
        return SPLIT * rows, SPLIT * columns

    def predict_cells(self, patches: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Predict regions: patches (b, h, w, c) to logits of kinds (b, 2h, 2w, KINDS), sides (.., 4), quality (..)."""
        cells = split_cells(self.cell_head(patches))
        return cells[..., :KINDS], cells[..., KINDS : KINDS + 4], cells[..., KINDS + 4]

    def encode_candidates(
        self, boxes: Tensor, kinds: Tensor, valid: Tensor, patches: Tensor, features: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Embed candidates, and let them attend to each other and the page.

        Args:
            boxes: (b, n, 4), normalised.
            kinds: (b, n, KINDS): probabilities.
            valid: (b, n), boolean: False where padded.
            patches: From `encode_picture`.
            features: From `encode_picture`.

        Returns:
            Vectors (b, n, hidden), logits of their kinds (b, n, KINDS).
        """
        middle = (boxes[..., :2] + boxes[..., 2:]) / 2
        inner = boxes[..., :2] + (boxes[..., 2:] - boxes[..., :2]) * 0.15
        points = torch.stack([middle, inner, boxes[..., 2:] - (inner - boxes[..., :2])], dim=2)  # (b, n, 3, 2)
        seen = sample_patches(patches, points).mean(dim=2)
        corners = torch.cat([point_features(boxes[..., :2]), point_features(boxes[..., 2:]), kinds], dim=-1)
        own = self.reader(seen) + self.box(corners)
        x, absent = with_null_element(self.nobody, own, valid)
        for layer in self.region_encoder:
            x = layer(x, features, tgt_key_padding_mask=absent)
        vectors = self.norm(x[:, 1:])
        return vectors, self.kind_head(vectors)
