"""onechart-nano: OneChart's wiring, shown a small picture of the chart and the things found in it.

Things are the lines of writing and the marks where values end. An encoder of their own turns each, seen together with
the others and the picture, into one vector. The decoder reads these vectors behind the picture's tokens, and names a
thing by pointing at it (Vinyals et al. 2015, arXiv 1506.03134). Axis letters: b charts, t positions, v image tokens,
l lines, m marks, n things, f place features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.multimodal.position_features import PLACE_FEATURES, SPLIT, grid_places, point_features, split_cells
from ocr2.onechart.config import OneChartConfig, ThingConfig
from ocr2.onechart.nano.colours import (
    COLOUR_FEATURES,
    MATCHES,
    REGIONS,
    SAMPLES,
    WIDTHS,
    colour_features,
    match_colours,
)
from ocr2.onechart.nano.text_lines import ALPHABET_SIZE, FACTS, NO_LETTER, LineBatch
from ocr2.onechart.network import OneChartModel

MARK_SIZE = 0.012  # of the picture's sides: the box in and around which a mark's colours are looked for
MARK_OUTPUTS = 3  # of a cell: whether a value ends there (logit), and where in it (logits of x and y)
FIRST_MATCH = 3.0  # weight, at the start, of a colour that is found left of another thing
COPIED = 48  # values that a thing takes over from the entry of the legend that it belongs to


@dataclass(frozen=True, slots=True)
class Things:
    """Things by themselves."""

    vectors: Tensor  # (b, n, hidden)
    colours: Tensor  # (b, n, COLOUR_FEATURES)


class ChartNano(nn.Module):
    """The network of onechart-nano."""

    def __init__(self, config: OneChartConfig) -> None:
        super().__init__()
        assert config.things is not None
        self.config = config
        hidden, patch = config.skeleton.decoder.hidden_size, config.skeleton.encoders[0].embed_dim
        self.model = OneChartModel(config)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.mark_head = nn.Linear(patch, SPLIT * SPLIT * MARK_OUTPUTS)
        self.line_reader = LineEncoder(hidden, config.things.letter_size)
        self.mark_reader = nn.Linear(patch, hidden)
        self.colour_reader = nn.Sequential(
            nn.Linear(COLOUR_FEATURES, hidden // 2), nn.GELU(), nn.Linear(hidden // 2, hidden)
        )
        self.thing_encoder = ThingEncoder(hidden, config.things)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)

    @property
    def cells(self) -> int:
        """Cells a side of the grid in which marks are told."""
        return SPLIT * self.config.skeleton.encoders[0].grid[0]

    def encode(self, pixel_values: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pictures (b, 3, side, side), ground 0: patches (b, h, w, c) and placed features (b, v, hidden)."""
        skeleton = self.model.skeleton
        encoded = skeleton.encode([pixel_values])
        grid = self.config.skeleton.encoders[0].token_grid((self.config.image_side, self.config.image_side))
        return encoded[0].patches, skeleton.project(encoded) + self.place(grid_places(*grid).to(pixel_values.device))

    def find_marks(self, patches: Tensor) -> Tensor:
        """Tell where values end: patches (b, h, w, c) to cells (b, SPLIT * h, SPLIT * w, MARK_OUTPUTS)."""
        return split_cells(self.mark_head(patches))

    def read_lines(self, lines: LineBatch, pixel_values: Tensor) -> Things:
        """Describe lines by themselves."""
        colours = colour_features(pixel_values, lines.boxes)
        return Things(self.line_reader(lines) + self.place(lines.places) + self.colour_reader(colours), colours)

    def read_marks(self, places: Tensor, patches: Tensor, pixel_values: Tensor) -> Things:
        """Describe marks at places (b, m, 2), shares of the sides, by themselves."""
        half = torch.full_like(places, MARK_SIZE / 2)
        boxes = torch.cat([places - half, places + half], dim=-1)
        grid = 2 * places[:, :, None] - 1
        maps = patches.permute(0, 3, 1, 2).float()
        seen = F.grid_sample(maps, grid.float(), align_corners=False, padding_mode="border")[..., 0].transpose(1, 2)
        colours = colour_features(pixel_values, boxes)
        vectors = self.mark_reader(seen) + self.place(point_features(places)) + self.colour_reader(colours)
        return Things(vectors, colours)

    def read_things(self, parts: Sequence[Things], there: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Let things, those that are there (b, n), see each other and the picture (b, v, hidden).

        Returns:
            Their vectors (b, n, hidden), and logits (b, n, n): which thing names the series that each belongs to.
        """
        vectors = torch.cat([part.vectors for part in parts], dim=1)
        colours = torch.cat([part.colours for part in parts], dim=1)
        seen: tuple[Tensor, Tensor] = self.thing_encoder(vectors, match_colours(colours), there, features)
        return seen

    def words(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Return how things (..., hidden) are read once named, and what a state is multiplied with to name them."""
        return self.to_word(vectors), self.to_head(vectors) * vectors.shape[-1] ** -0.5


class LineEncoder(nn.Module):
    """Lines of writing to vectors: their letters, and what their number says."""

    def __init__(self, hidden: int, letter_size: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(ALPHABET_SIZE, letter_size, padding_idx=NO_LETTER)
        self.spell = nn.Conv1d(letter_size, hidden, 3, padding=1)
        self.facts = nn.Linear(FACTS, hidden)

    def forward(self, lines: LineBatch) -> Tensor:
        """Map lines to (b, l, hidden)."""
        b, count, _ = lines.letters.shape
        known = (lines.letters != NO_LETTER).flatten(0, 1)
        letters = self.letters(lines.letters.flatten(0, 1)).transpose(1, 2)
        spelt = F.gelu(self.spell(letters)) * known[:, None]
        means = spelt.sum(dim=2) / known.sum(dim=1, keepdim=True).clamp(min=1)
        vectors: Tensor = means.view(b, count, means.shape[-1]) + self.facts(lines.facts)
        return vectors


class EntryReader(nn.Module):
    """Tells by their colours which entry of the legend things belong to, and lets them take over what that says."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(hidden, MATCHES)  # which colours of a thing count: those below it, inside it, ...
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        self.gate.bias.data.view(REGIONS, len(SAMPLES), len(WIDTHS))[:, 0, 0] = FIRST_MATCH
        self.is_entry = nn.Linear(hidden, 1)
        self.copy = nn.Sequential(nn.Linear(hidden, COPIED, bias=False), nn.Linear(COPIED, hidden, bias=False))

    def forward(self, vectors: Tensor, matches: Tensor, absent: Tensor) -> tuple[Tensor, Tensor]:
        """Map things (b, n, hidden), the likeness of their colours (b, n, n, MATCHES) and what is absent (b, n).

        Returns:
            What to add to them, and logits (b, n, n).
        """
        x = F.layer_norm(vectors, vectors.shape[-1:])
        logits = torch.einsum("bic,bijc->bij", self.gate(x).to(matches.dtype), matches)
        logits = logits + self.is_entry(x).to(matches.dtype).transpose(1, 2)
        logits = logits.masked_fill(absent[:, None], torch.finfo(logits.dtype).min)
        return self.copy(logits.softmax(dim=-1).to(x.dtype) @ x), logits


class ThingEncoder(nn.Module):
    """Layers in which things look at all things and at the picture; behind the first, at the legend."""

    def __init__(self, hidden: int, config: ThingConfig) -> None:
        super().__init__()
        self.nobody = nn.Parameter(torch.zeros(hidden))  # stands in front of all: a picture may have no things
        self.layers = nn.ModuleList(
            nn.TransformerDecoderLayer(
                hidden, config.heads, config.mlp, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(hidden)
        self.entries = EntryReader(hidden)

    def forward(self, vectors: Tensor, matches: Tensor, there: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Map (b, n, hidden), of which some are there (b, n).

        Args:
            vectors: Things.
            matches: (b, n, n, MATCHES): how alike their colours are.
            there: Which of them are there.
            features: The picture's (b, v, hidden).

        Returns:
            Vectors (b, n, hidden) and logits (b, n, n) of the entries they belong to.
        """
        x = torch.cat([self.nobody.to(vectors.dtype).expand(len(vectors), 1, -1), vectors], dim=1)
        missing = torch.cat([there.new_zeros(len(there), 1), ~there], dim=1)
        x = self.layers[0](x, features, tgt_key_padding_mask=missing)
        taken, entries = self.entries(x[:, 1:], matches, ~there)
        x = x + F.pad(taken, (0, 0, 1, 0))
        for layer in self.layers[1:]:
            x = layer(x, features, tgt_key_padding_mask=missing)
        return self.norm(x[:, 1:]), entries
