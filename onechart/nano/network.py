"""onechart-nano: an encoder-decoder that reads a chart by pointing (`ocr2.multimodal.pointing`).

Its input is the downscaled picture and the *elements* found in it: text lines (from a text detector and got-nano) and
data points (predicted by a dense head). The element encoder lets each attend to the others and to the picture. The
decoder emits numbers of elements, never digits or letters. Axis letters: b charts, v image tokens, l text lines,
m data points, n elements, f position features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.pointing import PointingNetwork, element_layers, sample_patches, with_null_element
from ocr2.multimodal.position_features import PLACE_FEATURES, SPLIT, point_features, split_cells
from ocr2.onechart.config import ElementConfig, OneChartConfig
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

POINT_SIZE = 0.012  # of the picture's sides: the box in and around which a data point's colours are looked for
POINT_OUTPUTS = 3  # of a cell: whether it holds a data point (logit), and where in it (logits of x and y)
FIRST_MATCH = 3.0  # initial weight of a colour that is found left of another element
COPIED = 48  # channels that an element takes over from the entry of the legend that it belongs to


@dataclass(frozen=True, slots=True)
class Elements:
    """Elements before they attend to each other."""

    vectors: Tensor  # (b, n, hidden)
    colours: Tensor  # (b, n, COLOUR_FEATURES)


class ChartNano(PointingNetwork):
    """The network of onechart-nano."""

    def __init__(self, config: OneChartConfig) -> None:
        super().__init__()
        assert config.elements is not None
        self.config = config
        hidden, patch = config.skeleton.decoder.hidden_size, config.skeleton.encoders[0].embed_dim
        self.model = OneChartModel(config)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.mark_head = nn.Linear(patch, SPLIT * SPLIT * POINT_OUTPUTS)
        self.line_reader = LineEncoder(hidden, config.elements.letter_size)
        self.mark_reader = nn.Linear(patch, hidden)
        self.colour_reader = nn.Sequential(
            nn.Linear(COLOUR_FEATURES, hidden // 2), nn.GELU(), nn.Linear(hidden // 2, hidden)
        )
        self.thing_encoder = ElementEncoder(hidden, config.elements)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)

    @property
    def multimodal(self) -> MultimodalModel:
        """The encoder and decoder that it is built on."""
        return self.model.skeleton

    @property
    def cells(self) -> int:
        """Cells a side of the grid in which data points are predicted."""
        return SPLIT * self.config.skeleton.encoders[0].grid[0]

    def predict_points(self, patches: Tensor) -> Tensor:
        """Predict where the chart's values are drawn: patches (b, h, w, c) to cells (b, 2h, 2w, POINT_OUTPUTS)."""
        return split_cells(self.mark_head(patches))

    def embed_lines(self, lines: LineBatch, pixel_values: Tensor) -> Elements:
        """Embed text lines, each by itself."""
        colours = colour_features(pixel_values, lines.boxes)
        return Elements(self.line_reader(lines) + self.place(lines.places) + self.colour_reader(colours), colours)

    def embed_points(self, places: Tensor, patches: Tensor, pixel_values: Tensor) -> Elements:
        """Embed data points at normalised positions (b, m, 2), each by itself."""
        half = torch.full_like(places, POINT_SIZE / 2)
        boxes = torch.cat([places - half, places + half], dim=-1)
        seen = sample_patches(patches, places[:, :, None])[:, :, 0]
        colours = colour_features(pixel_values, boxes)
        vectors = self.mark_reader(seen) + self.place(point_features(places)) + self.colour_reader(colours)
        return Elements(vectors, colours)

    def encode_elements(self, parts: Sequence[Elements], valid: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Let elements, False in `valid` (b, n) where padded, attend to each other and the picture (b, v, hidden).

        Returns:
            Their vectors (b, n, hidden), and logits (b, n, n): which element names the series that each belongs to.
        """
        vectors = torch.cat([part.vectors for part in parts], dim=1)
        colours = torch.cat([part.colours for part in parts], dim=1)
        encoded: tuple[Tensor, Tensor] = self.thing_encoder(vectors, match_colours(colours), valid, features)
        return encoded


class LineEncoder(nn.Module):
    """Embeds text lines: their letters, and what their number says."""

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
    """Tells by their colours which entry of the legend elements belong to, and lets them take over what that says."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(hidden, MATCHES)  # which colours of an element count: those below it, inside it, ...
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)
        self.gate.bias.data.view(REGIONS, len(SAMPLES), len(WIDTHS))[:, 0, 0] = FIRST_MATCH
        self.is_entry = nn.Linear(hidden, 1)
        self.copy = nn.Sequential(nn.Linear(hidden, COPIED, bias=False), nn.Linear(COPIED, hidden, bias=False))

    def forward(self, vectors: Tensor, matches: Tensor, absent: Tensor) -> tuple[Tensor, Tensor]:
        """Map elements (b, n, hidden), the similarity of their colours (b, n, n, MATCHES) and what is absent (b, n).

        Returns:
            What to add to them, and logits (b, n, n).
        """
        x = F.layer_norm(vectors, vectors.shape[-1:])
        logits = torch.einsum("bic,bijc->bij", self.gate(x).to(matches.dtype), matches)
        logits = logits + self.is_entry(x).to(matches.dtype).transpose(1, 2)
        logits = logits.masked_fill(absent[:, None], torch.finfo(logits.dtype).min)
        return self.copy(logits.softmax(dim=-1).to(x.dtype) @ x), logits


class ElementEncoder(nn.Module):
    """Layers in which elements attend to each other and to the picture; after the first, to the legend."""

    def __init__(self, hidden: int, config: ElementConfig) -> None:
        super().__init__()
        self.nobody = nn.Parameter(torch.zeros(hidden))  # the null element
        self.layers = element_layers(hidden, heads=config.heads, mlp=config.mlp, count=config.layers)
        self.norm = nn.LayerNorm(hidden)
        self.entries = EntryReader(hidden)

    def forward(self, vectors: Tensor, matches: Tensor, valid: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        """Encode elements.

        Args:
            vectors: Elements (b, n, hidden).
            matches: (b, n, n, MATCHES): how alike their colours are.
            valid: (b, n), boolean: False where padded.
            features: Image tokens (b, v, hidden).

        Returns:
            Vectors (b, n, hidden) and logits (b, n, n) of the entries they belong to.
        """
        x, missing = with_null_element(self.nobody, vectors, valid)
        x = self.layers[0](x, features, tgt_key_padding_mask=missing)
        taken, entries = self.entries(x[:, 1:], matches, ~valid)
        x = x + F.pad(taken, (0, 0, 1, 0))
        for layer in self.layers[1:]:
            x = layer(x, features, tgt_key_padding_mask=missing)
        return self.norm(x[:, 1:]), entries
