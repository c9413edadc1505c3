"""slowperception-nano: the shared skeleton, shown a small picture of the figure and the things found in it.

Things are ends of segments and circles. An encoder of their own lets them see each other, the ink on the
way between them, and the picture. The decoder reads them behind the picture's tokens, and names one by pointing at it
(Vinyals et al. 2015, arXiv 1506.03134). Axis letters: b figures, v image tokens, n things, k samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.position_features import PLACE_FEATURES, SPLIT, grid_places, point_features, split_cells
from ocr2.slowperception.config import SlowConfig, ThingConfig
from ocr2.slowperception.nano.ink import RING, WAY, ink_around, ink_between, spread_ink
from ocr2.slowperception.nano.keypoints import CELL_OUTPUTS, LETTERS
from ocr2.slowperception.nano.output_language import DIRECTIONS, FIRST_DIRECTION

START_SIZE = 0.06  # of the values of a direction's embedding
PASSED = 48  # values that a thing passes on to those it is joined to


@dataclass(frozen=True, slots=True)
class Seen:
    """Things that have seen each other."""

    vectors: Tensor  # (b, n, hidden)
    joined: Tensor  # (b, n, n): logits of a segment between two of them


class FigureNano(nn.Module):
    """The network of slowperception-nano."""

    def __init__(self, config: SlowConfig) -> None:
        super().__init__()
        assert config.things is not None
        self.config = config
        hidden, patch = config.skeleton.decoder.hidden_size, config.skeleton.encoders[0].embed_dim
        self.skeleton = MultimodalModel(config.skeleton)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.cell_head = nn.Linear(patch, SPLIT * SPLIT * CELL_OUTPUTS)
        self.kind = nn.Embedding(2, hidden)
        self.letter_head = nn.Linear(patch, SPLIT * SPLIT * (1 + len(LETTERS)))
        self.reader = nn.Linear(patch, hidden)
        self.ring = nn.Linear(RING + 1, hidden)  # of circles: their ink, and how large they are
        self.thing_encoder = ThingEncoder(hidden, config.things)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)
        start_directions(self.skeleton.embed_tokens)

    @property
    def cells(self) -> int:
        """Cells a side of the grid in which things are told."""
        return SPLIT * self.config.skeleton.encoders[0].grid[0]

    def encode(self, ink: Tensor) -> tuple[Tensor, Tensor]:
        """Encode figures (b, 1, side, side), ground 0: patches (b, h, w, c) and placed features (b, v, hidden)."""
        encoded = self.skeleton.encode([ink])
        grid = self.config.skeleton.encoders[0].token_grid((self.config.side, self.config.side))
        return encoded[0].patches, self.skeleton.project(encoded) + self.place(grid_places(*grid).to(ink.device))

    def find_things(self, patches: Tensor) -> Tensor:
        """Tell where things are: patches (b, h, w, c) to cells (b, SPLIT * h, SPLIT * w, CELL_OUTPUTS)."""
        return split_cells(self.cell_head(patches))

    def find_letters(self, patches: Tensor) -> Tensor:
        """Tell which letters are where: patches (b, h, w, c) to logits (b, SPLIT * h, SPLIT * w, 1 + letters)."""
        return split_cells(self.letter_head(patches))

    def read_things(
        self,
        places: Tensor,
        radii: Tensor,
        there: Tensor,
        patches: Tensor,
        features: Tensor,
        ink: Tensor,
    ) -> Seen:
        """Describe things, and let them see each other and the picture.

        Args:
            places: (b, n, 2): shares of the sides.
            radii: (b, n): of circles, shares of the sides; 0 of ends.
            there: (b, n), boolean: which are things at all.
            patches: Of `encode`.
            features: Of `encode`.
            ink: The figures (b, 1, side, side).
        """
        maps = patches.permute(0, 3, 1, 2).float()
        grid = (2 * places[:, :, None] - 1).float()
        patch = F.grid_sample(maps, grid, align_corners=False, padding_mode="border")[..., 0].transpose(1, 2)
        spread = spread_ink(ink)
        is_circle = radii > 0
        own = self.reader(patch) + self.place(point_features(places)) + self.kind(is_circle.long())
        ring = torch.cat([ink_around(spread, places, radii), radii[..., None]], dim=-1)
        own = own + self.ring(ring) * is_circle[..., None]
        seen: Seen = self.thing_encoder(own, ink_between(spread, places), there, features)
        return seen

    def words(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Return how things (..., hidden) are read once named, and what a state is multiplied with to name them."""
        return self.to_word(vectors), self.to_head(vectors) * vectors.shape[-1] ** -0.5


class ThingEncoder(nn.Module):
    """Layers in which things look at all things, the more at those to which ink leads, and at the picture."""

    def __init__(self, hidden: int, config: ThingConfig) -> None:
        super().__init__()
        self.heads, self.count = config.heads, config.layers
        self.nobody = nn.Parameter(torch.zeros(hidden))  # stands in front of all: a picture may have no things
        self.way = nn.Sequential(
            nn.Conv1d(1, 8, 5, padding=2), nn.GELU(), nn.Flatten(), nn.Linear(8 * WAY, 64), nn.GELU()
        )
        self.bias = nn.Linear(64, config.heads * config.layers)
        self.layers = nn.ModuleList(
            nn.TransformerDecoderLayer(
                hidden, config.heads, config.mlp, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(config.layers)
        )
        self.joined = nn.Linear(64, 1)
        self.pair = nn.Linear(hidden, 2 * PASSED)  # of both ends of a segment
        self.passed = nn.Linear(hidden, 2 * PASSED, bias=False)  # to those behind, and to those in front
        self.taken = nn.Linear(2 * PASSED, hidden, bias=False)
        self.norm = nn.LayerNorm(hidden)

    def forward(self, vectors: Tensor, ways: Tensor, there: Tensor, features: Tensor) -> Seen:
        """Map (b, n, hidden), of which some are there (b, n), with the ink between them (b, n, n, k)."""
        b, n, _ = vectors.shape
        known = self.way(ways.reshape(b * n * n, 1, WAY)).view(b, n, n, 64)
        biases = self.bias(known).view(b, n, n, self.count, self.heads).permute(3, 0, 4, 1, 2)
        biases = F.pad(biases, (1, 0, 1, 0)).float()
        absent = torch.cat([there.new_zeros(b, 1), ~there], dim=1)
        biases = biases.masked_fill(absent[None, :, None, None], -1e4).flatten(1, 2)
        x = torch.cat([self.nobody.to(vectors.dtype).expand(b, 1, -1), vectors], dim=1)
        joined = vectors.new_zeros(b, n, n)
        for i, layer in enumerate(self.layers):
            x = layer(x, features, tgt_mask=biases[i].to(x.dtype))
            if i == len(self.layers) - 2:
                passed, joined = self._pass_on(x[:, 1:], known, there)
                x = x + F.pad(passed, (0, 0, 1, 0))
        return Seen(self.norm(x[:, 1:]), joined)

    def _pass_on(self, vectors: Tensor, known: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """Let each thing take over what those pass on that it is joined to; returns that, and the logits."""
        x = F.layer_norm(vectors, vectors.shape[-1:])
        one, other = self.pair(x).split(PASSED, dim=-1)
        fits = torch.bmm(one, other.transpose(1, 2))
        joined = self.joined(known)[..., 0] + (fits + fits.transpose(1, 2)) * PASSED**-0.5
        both = there[:, :, None] & there[:, None, :]
        weights = joined.float().sigmoid().masked_fill(~both, 0.0).to(x.dtype)
        behind, front = self.passed(x).split(PASSED, dim=-1)
        sums = torch.cat([torch.bmm(weights.triu(1), behind), torch.bmm(weights.tril(-1), front)], dim=-1)
        return self.taken(sums), joined


@torch.no_grad()
def start_directions(table: nn.Module) -> None:
    """Let the embeddings of directions start as sums of waves, so that neighbouring ones are alike."""
    weight = table.weight
    assert isinstance(weight, Tensor)
    values = (torch.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    waves = point_features(torch.stack([values, values], dim=-1))
    mix = torch.randn(waves.shape[-1], weight.shape[1], generator=torch.Generator().manual_seed(0))
    weight[FIRST_DIRECTION : FIRST_DIRECTION + DIRECTIONS] = (waves @ mix) * (START_SIZE * waves.shape[-1] ** -0.5)
