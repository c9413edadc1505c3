"""onechart-nano: OneChart's wiring, shown a small picture of the chart and the lines of writing found in it.

An encoder of its own turns every line, seen together with the others and the picture, into one vector. The decoder
reads these vectors behind the picture's tokens, and names a line by pointing at it (Vinyals et al. 2015, arXiv
1506.03134). Axis letters: b charts, t positions, v image tokens, l lines, f place features.
"""

import math

import torch
from torch import Tensor, nn

from ocr2.onechart.config import LineConfig, OneChartConfig
from ocr2.onechart.lines import ALPHABET_SIZE, FACTS, NO_LETTER, PLACE_FEATURES, LineBatch, grid_places
from ocr2.onechart.model import OneChartModel
from ocr2.onechart.sketch import FINE, FIRST_COARSE, FIRST_FINE, LEVELS

ORDERED_SCALE = 0.15  # of embeddings that begin ordered: large enough to outlast the first steps
SPLIT = 2  # cells a side that a patch's marks are told in
MARK_OUTPUTS = 3  # of a cell: whether a value ends there (logit), and where in it (logits of x and y)


class ChartNano(nn.Module):
    """The network of onechart-nano."""

    def __init__(self, config: OneChartConfig) -> None:
        super().__init__()
        assert config.lines is not None
        self.config = config
        hidden = config.skeleton.decoder.hidden_size
        self.model = OneChartModel(config)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.line_encoder = LineEncoder(hidden, config.lines)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)
        self.mark_head = nn.Linear(config.skeleton.encoders[0].embed_dim, SPLIT * SPLIT * MARK_OUTPUTS)
        order_embeddings(self.model.skeleton.embed_tokens.weight)  # type: ignore[arg-type]

    def encode(self, pixel_values: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pictures (b, 3, side, side), ground 0: patches (b, h, w, c) and placed features (b, v, hidden)."""
        skeleton = self.model.skeleton
        encoded = skeleton.encode([pixel_values])
        grid = self.config.skeleton.encoders[0].token_grid((self.config.image_side, self.config.image_side))
        return encoded[0].patches, skeleton.project(encoded) + self.place(grid_places(*grid).to(pixel_values.device))

    def read_lines(self, lines: LineBatch, features: Tensor) -> Tensor:
        """Turn lines into vectors (b, l, hidden), given the features (b, v, hidden) of their charts."""
        vectors: Tensor = self.line_encoder(lines, self.place(lines.places), features)
        return vectors

    def words(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Return how lines (..., hidden) are read once they are named, and what a state is multiplied with to do so."""
        return self.to_word(vectors), self.to_head(vectors) * vectors.shape[-1] ** -0.5

    def find_marks(self, patches: Tensor) -> Tensor:
        """Tell where values end: patches (b, h, w, c) to cells (b, SPLIT * h, SPLIT * w, MARK_OUTPUTS)."""
        return split_cells(self.mark_head(patches))


class LineEncoder(nn.Module):
    """Lines of writing to vectors: their letters, then layers that look at all lines and at the picture."""

    def __init__(self, hidden: int, config: LineConfig) -> None:
        super().__init__()
        self.letters = nn.Embedding(ALPHABET_SIZE, config.letter_size, padding_idx=NO_LETTER)
        self.spell = nn.Conv1d(config.letter_size, hidden, 3, padding=1)
        self.facts = nn.Linear(FACTS, hidden)
        self.nobody = nn.Parameter(torch.zeros(hidden))  # stands in front of all lines: charts may have none
        self.layers = nn.ModuleList(
            nn.TransformerDecoderLayer(
                hidden, config.heads, config.mlp, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(hidden)

    def forward(self, lines: LineBatch, placed: Tensor, features: Tensor) -> Tensor:
        """Map lines, their places (b, l, hidden) and features of the picture (b, v, hidden) to (b, l, hidden)."""
        b, count, _ = lines.letters.shape
        known = (lines.letters != NO_LETTER).flatten(0, 1)
        letters = self.letters(lines.letters.flatten(0, 1)).transpose(1, 2)
        spelt = nn.functional.gelu(self.spell(letters)) * known[:, None]
        x = spelt.sum(dim=2) / known.sum(dim=1, keepdim=True).clamp(min=1)
        x = x.view(b, count, x.shape[-1]) + self.facts(lines.facts) + placed
        x = torch.cat([self.nobody.to(x.dtype).expand(b, 1, -1), x], dim=1)
        missing = torch.cat([lines.there.new_zeros(b, 1), ~lines.there], dim=1)
        for layer in self.layers:
            x = layer(x, features, tgt_key_padding_mask=missing)
        vectors: Tensor = self.norm(x[:, 1:])
        return vectors


@torch.no_grad()
def order_embeddings(table: Tensor) -> None:
    """Give the tokens of places embeddings (vocab, hidden) that show their order from the start.

    Neighbours are alike, and the step from one to the next is nearly the same turn everywhere.
    """
    for first, count in ((FIRST_COARSE, LEVELS // FINE), (FIRST_FINE, FINE)):
        waves = math.pi * torch.arange(count)[:, None] / count * torch.arange(1, table.shape[1] // 4 + 1)
        ordered = torch.cat([waves.cos(), waves.sin()], dim=1)
        table[first : first + count, : ordered.shape[1]] = ordered * ORDERED_SCALE * math.sqrt(2)


def split_cells(outputs: Tensor) -> Tensor:
    """Turn outputs of patches (b, h, w, SPLIT * SPLIT * c) into cells (b, SPLIT * h, SPLIT * w, c)."""
    b, h, w, _ = outputs.shape
    cells = outputs.view(b, h, w, SPLIT, SPLIT, -1).permute(0, 1, 3, 2, 4, 5)
    return cells.reshape(b, h * SPLIT, w * SPLIT, -1)
