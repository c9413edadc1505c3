"""onechart-nano: OneChart's wiring, shown a small picture of the chart and the lines of writing found in it.

The picture's tokens and the lines carry the place where they stand, as sines of several wavelengths (Vaswani et al.
2017, arXiv 1706.03762, in two dimensions). Axis letters: b charts, t positions, v image tokens, f place features.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ocr2.onechart.config import OneChartConfig
from ocr2.onechart.model import OneChartModel
from ocr2.onechart.sketch import FINE, FIRST_COARSE, FIRST_FINE, FIRST_LINE, IDS, LEVELS, MOST_LINES, letters
from ocr2.reader import PlacedText

WAVES = 8  # wavelengths of 2, 1, 1/2, ... sides of the picture
PLACE_FEATURES = 4 * WAVES + 4
NOWHERE = [0.0] * PLACE_FEATURES  # of positions without a place
ORDERED_SCALE = 0.15  # of embeddings that begin ordered: large enough to outlast the first steps
MOST_LETTERS = 20  # of a line, shown to the decoder


class ChartNano(nn.Module):
    """The network of onechart-nano."""

    def __init__(self, config: OneChartConfig) -> None:
        super().__init__()
        self.config = config
        self.model = OneChartModel(config)
        self.place = nn.Linear(PLACE_FEATURES, config.skeleton.decoder.hidden_size)
        order_embeddings(self.model.skeleton.embed_tokens.weight)  # type: ignore[arg-type]

    def encode(self, pixel_values: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pictures (b, 3, side, side), ground 0: patches (b, h, w, c) and placed features (b, v, hidden)."""
        skeleton = self.model.skeleton
        encoded = skeleton.encode([pixel_values])
        grid = self.config.skeleton.encoders[0].token_grid((self.config.image_side, self.config.image_side))
        return encoded[0].patches, skeleton.project(encoded) + self.place(grid_places(*grid).to(pixel_values.device))

    def embed(self, input_ids: Tensor, places: Tensor, features: Tensor) -> Tensor:
        """Embed prompts.

        Args:
            input_ids: (b, t).
            places: (b, t, f), zero where a position has no place.
            features: (b, v, hidden).
        """
        embeds = self.model.skeleton.embed(input_ids, features)
        placed = places.abs().sum(dim=-1, keepdim=True) > 0
        placed_embeds: Tensor = embeds + self.place(places) * placed
        return placed_embeds


@torch.no_grad()
def order_embeddings(table: Tensor) -> None:
    """Give the tokens of lines and places embeddings (vocab, hidden) that show their order from the start.

    Neighbours are alike, and the step from one to the next is the same turn everywhere (lines, whose numbers wrap
    around) or nearly so (places).
    """
    spans = ((FIRST_LINE, MOST_LINES, 1.0), (FIRST_COARSE, LEVELS // FINE, 0.5), (FIRST_FINE, FINE, 0.5))
    for first, count, circle in spans:
        numbers = torch.arange(count)[:, None] / count * circle
        waves = 2 * math.pi * numbers * torch.arange(1, table.shape[1] // 4 + 1)
        ordered = torch.cat([waves.cos(), waves.sin()], dim=1)
        table[first : first + count, : ordered.shape[1]] = ordered * ORDERED_SCALE * math.sqrt(2)


def grid_places(rows: int, columns: int) -> Tensor:
    """Return the place features (rows * columns, f) of a grid's middles, row-major."""
    cells = [
        place_features((c + 0.5) / columns, (r + 0.5) / rows, 1 / columns, 1 / rows, 0.0)
        for r in range(rows)
        for c in range(columns)
    ]
    return torch.tensor(cells)


def place_features(x: float, y: float, width: float, height: float, angle: float) -> list[float]:
    """Describe a box by its middle and size, as shares of the picture's sides, and its angle in degrees."""
    waves = []
    for i in range(WAVES):
        for share in (x, y):
            phase = math.pi * share * 2**i
            waves += [math.sin(phase), math.cos(phase)]
    turn = math.radians(angle)
    return [*waves, math.sqrt(abs(width)), math.sqrt(abs(height)), math.cos(turn), math.sin(turn)]


def line_place(text: PlacedText, width: int, height: int) -> list[float]:
    """Return the place features of a line of writing in a picture of so many pixels."""
    left, top, right, bottom = text.box
    middle = (left + right) / 2 / width, (top + bottom) / 2 / height
    return place_features(*middle, (right - left) / width, (bottom - top) / height, text.angle)


def order_lines(texts: Sequence[PlacedText], height: int) -> list[PlacedText]:
    """Sort lines of writing from top to bottom, then left to right, and keep as many as have numbers."""

    def key(text: PlacedText) -> tuple[int, float]:
        return round(48 * (text.box[1] + text.box[3]) / 2 / height), text.box[0]

    return sorted(texts, key=key)[:MOST_LINES]


def write_prompt(
    texts: Sequence[PlacedText], *, width: int, height: int, image_tokens: int, first: int = 0
) -> tuple[list[int], list[list[float]]]:
    """Return the ids of a prompt and the place features of its positions.

    Args:
        texts: Lines of writing, in the order of their numbers.
        width: Of the picture they were found in, pixels.
        height: As above.
        image_tokens: Slots of the picture.
        first: Number of the first line; those beyond the last number go on from 0.
    """
    ids, places = [IDS["image"]] * image_tokens, [NOWHERE] * image_tokens
    for i, text in enumerate(texts):
        shown = letters(text.text, MOST_LETTERS)
        ids += [*shown, FIRST_LINE + (first + i) % MOST_LINES]
        places += [NOWHERE] * len(shown)
        places.append(line_place(text, width, height))
    return ids, places
