"""vary-nano: the shared skeleton, shown a small picture of a page and the candidates found in it.

The encoder's patches tell, cell by cell, which kind of region is there and where its sides are (as Tian et al. 2019,
arXiv 1904.01355). What cells agree on are candidates; an encoder of their own lets them see each other, and the decoder
names them in reading order by pointing (Vinyals et al. 2015, arXiv 1506.03134). Axis letters: b pages, v image tokens,
n candidates.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.position_features import PLACE_FEATURES, SPLIT, grid_places, point_features, split_cells
from ocr2.vary.config import LayoutConfig
from ocr2.vary.nano.candidates import CELL_OUTPUTS, KINDS


class LayoutNano(nn.Module):
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
        self.nobody = nn.Parameter(torch.zeros(hidden))  # stands in front of all: a page may be empty
        self.region_encoder = nn.ModuleList(
            nn.TransformerDecoderLayer(
                hidden, config.region_heads, 2 * hidden, dropout=0.0, activation="gelu", batch_first=True,
                norm_first=True,
            )
            for _ in range(config.region_layers)
        )  # fmt: skip
        self.norm = nn.LayerNorm(hidden)
        self.kind_head = nn.Linear(hidden, KINDS)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of the grid in which regions are told."""
        rows, columns = self.config.skeleton.document.grid
        return SPLIT * rows, SPLIT * columns

    def encode(self, ink: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pages (b, 1, rows, columns), ground 0: patches (b, h, w, c) and placed features (b, v, hidden)."""
        encoded = self.skeleton.encode([ink])
        grid = self.config.skeleton.document.token_grid(self.config.size)
        return encoded[0].patches, self.skeleton.project(encoded) + self.place(grid_places(*grid).to(ink.device))

    def tell_cells(self, patches: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Tell what is where: patches (b, h, w, c) to logits of kinds (b, 2h, 2w, KINDS), sides (.., 4), fits (..)."""
        cells = split_cells(self.cell_head(patches))
        return cells[..., :KINDS], cells[..., KINDS : KINDS + 4], cells[..., KINDS + 4]

    def read_candidates(
        self, boxes: Tensor, kinds: Tensor, there: Tensor, patches: Tensor, features: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Describe candidates, and let them see each other and the page.

        Args:
            boxes: (b, n, 4): shares of the sides.
            kinds: (b, n, KINDS): probabilities.
            there: (b, n), boolean: which are candidates at all.
            patches: Of `encode`.
            features: Of `encode`.

        Returns:
            Vectors (b, n, hidden), logits of their kinds (b, n, KINDS).
        """
        maps = patches.permute(0, 3, 1, 2).float()
        middle = (boxes[..., :2] + boxes[..., 2:]) / 2
        inner = boxes[..., :2] + (boxes[..., 2:] - boxes[..., :2]) * 0.15
        points = torch.stack([middle, inner, boxes[..., 2:] - (inner - boxes[..., :2])], dim=2)  # (b, n, 3, 2)
        seen = F.grid_sample(maps, 2 * points.float() - 1, align_corners=False, padding_mode="border").mean(dim=-1)
        corners = torch.cat([point_features(boxes[..., :2]), point_features(boxes[..., 2:]), kinds], dim=-1)
        own = self.reader(seen.transpose(1, 2)) + self.box(corners)
        b = own.shape[0]
        x = torch.cat([self.nobody.to(own.dtype).expand(b, 1, -1), own], dim=1)
        absent = torch.cat([there.new_zeros(b, 1), ~there], dim=1)
        for layer in self.region_encoder:
            x = layer(x, features, tgt_key_padding_mask=absent)
        vectors = self.norm(x[:, 1:])
        return vectors, self.kind_head(vectors)

    def words(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Return how candidates (..., hidden) are read once named, and what a state is multiplied with to name them."""
        return self.to_word(vectors), self.to_head(vectors) * vectors.shape[-1] ** -0.5
