"""The OneChart network: the shared skeleton, and a head that reads numbers off one token.

Axis letters: b charts, t positions, v image tokens, n numbers.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ocr2.multimodal.model import MultimodalModel
from ocr2.onechart.config import OneChartConfig


@dataclass(frozen=True, slots=True)
class ChartOutput:
    """What one pass over prompts and answers yields."""

    logits: Tensor  # (b, t, vocab_size)
    numbers: Tensor  # (b, n): of each row's first auxiliary token; of no meaning in rows without
    has_numbers: Tensor  # (b,), boolean: whether the row has the token


class OneChartModel(nn.Module):
    """OneChart (Chen et al. 2024, arXiv 2404.09987)."""

    def __init__(self, config: OneChartConfig) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)
        inner = config.number_hidden_size
        self.num_decoder = nn.Sequential(
            nn.Linear(config.skeleton.decoder.hidden_size, inner),
            nn.ReLU(),
            nn.Linear(inner, inner),
            nn.ReLU(),
            nn.Linear(inner, config.num_numbers),
        )

    def encode(self, pixel_values: Tensor) -> Tensor:
        """Encode charts (b, 3, side, side) into decoder features (b, v, hidden_size)."""
        return self.skeleton.project(self.skeleton.encode([pixel_values]))

    def read_numbers(self, states: Tensor) -> Tensor:
        """Map states (..., hidden_size) behind the decoder's last norm to numbers (..., n), about 0 to 1."""
        numbers: Tensor = self.num_decoder(states)
        return numbers

    def forward(self, input_ids: Tensor, pixel_values: Tensor) -> ChartOutput:
        """Run prompts with answers (b, t) for charts (b, 3, side, side), padded on the right."""
        hidden = self.skeleton.hidden_states(self.skeleton.embed(input_ids, self.encode(pixel_values)))
        marked = input_ids == self.config.number_token_id
        first = marked.int().argmax(dim=1)  # of equal values the first
        states = hidden[torch.arange(len(hidden), device=hidden.device), first]
        logits = self.skeleton.head(hidden.flatten(0, 1)).view(*hidden.shape[:2], -1)
        return ChartOutput(logits, self.read_numbers(states), marked.any(dim=1))
