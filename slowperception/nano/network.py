"""slowperception-nano: an encoder-decoder that traces a figure by pointing (`ocr2.multimodal.pointing`).

Its input is the downscaled picture and the *keypoints* found in it by a dense head: ends of segments, and circles. The
keypoint encoder lets each attend to the others, biased by the ink between them, and to the picture. Axis letters:
b figures, v image tokens, n keypoints, k samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.pointing import PointingNetwork, element_layers, sample_patches, with_null_element
from ocr2.multimodal.position_features import PLACE_FEATURES, SPLIT, point_features, split_cells
from ocr2.slowperception.config import ElementConfig, SlowConfig
from ocr2.slowperception.nano.ink import RING, WAY, ink_around, ink_between, spread_ink
from ocr2.slowperception.nano.keypoints import CELL_OUTPUTS, LETTERS, MARKS, WRITING_OUTPUTS
from ocr2.slowperception.nano.output_language import DIRECTIONS, FIRST_DIRECTION
from ocr2.slowperception.nano.texts import SIDES

START_SIZE = 0.06  # of the values of a direction's embedding
PASSED = 48  # channels that a keypoint passes on to those it is joined to


@dataclass(frozen=True, slots=True)
class EncodedKeypoints:
    """Keypoints that have attended to each other."""

    vectors: Tensor  # (b, n, hidden)
    joined: Tensor  # (b, n, n): logits of a segment between two of them


class FigureNano(PointingNetwork):
    """The network of slowperception-nano."""

    def __init__(self, config: SlowConfig) -> None:
        super().__init__()
        assert config.elements is not None
        self.config = config
        hidden, patch = config.skeleton.decoder.hidden_size, config.skeleton.encoders[0].embed_dim
        self.skeleton = MultimodalModel(config.skeleton)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.cell_head = nn.Linear(patch, SPLIT * SPLIT * CELL_OUTPUTS)
        self.kind = nn.Embedding(2, hidden)
        self.letter_head = nn.Linear(patch, SPLIT * SPLIT * (1 + len(LETTERS)))
        self.mark_head = nn.Linear(patch, SPLIT * SPLIT * (1 + len(MARKS)))
        self.writing_head = nn.Linear(patch, SPLIT * SPLIT * WRITING_OUTPUTS)
        self.text_head = nn.Linear(patch, SPLIT * SPLIT * SIDES)
        self.reader = nn.Linear(patch, hidden)
        self.ring = nn.Linear(RING + 1, hidden)  # of circles: their ink, and how large they are
        self.thing_encoder = KeypointEncoder(hidden, config.elements)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)
        start_directions(self.skeleton.embed_tokens)

    @property
    def multimodal(self) -> MultimodalModel:
        """The encoder and decoder that it is built on."""
        return self.skeleton

    @property
    def cells(self) -> int:
        """Cells a side of the grid in which keypoints are predicted."""
        return SPLIT * self.config.skeleton.encoders[0].grid[0]

    def predict_keypoints(self, patches: Tensor) -> Tensor:
        """Predict where keypoints are: patches (b, h, w, c) to cells (b, SPLIT * h, SPLIT * w, CELL_OUTPUTS)."""
        return split_cells(self.cell_head(patches))

    def predict_letters(self, patches: Tensor) -> Tensor:
        """Predict which letters are where: patches (b, h, w, c) to logits (b, SPLIT * h, SPLIT * w, 1 + letters)."""
        return split_cells(self.letter_head(patches))

    def predict_marks(self, patches: Tensor) -> Tensor:
        """Predict which marks are where: patches (b, h, w, c) to logits (b, SPLIT * h, SPLIT * w, 1 + marks)."""
        return split_cells(self.mark_head(patches))

    def predict_writing(self, patches: Tensor) -> Tensor:
        """Predict where writing and heads of arrows are: patches (b, h, w, c) to (b, SPLIT * h, SPLIT * w, 2)."""
        return split_cells(self.writing_head(patches))

    def predict_texts(self, patches: Tensor) -> Tensor:
        """Predict the sides of writing's boxes: patches (b, h, w, c) to (b, SPLIT * h, SPLIT * w, SIDES)."""
        return split_cells(self.text_head(patches))

    def encode_keypoints(
        self,
        places: Tensor,
        radii: Tensor,
        valid: Tensor,
        patches: Tensor,
        features: Tensor,
        ink: Tensor,
    ) -> EncodedKeypoints:
        """Embed keypoints, and let them attend to each other and the picture.

        Args:
            places: Positions (b, n, 2), normalised.
            radii: (b, n): of circles, normalised; 0 of ends.
            valid: (b, n), boolean: False where padded.
            patches: From `encode_picture`.
            features: From `encode_picture`.
            ink: The figures (b, 1, side, side).
        """
        patch = sample_patches(patches, places[:, :, None])[:, :, 0]
        spread = spread_ink(ink)
        is_circle = radii > 0
        own = self.reader(patch) + self.place(point_features(places)) + self.kind(is_circle.long())
        ring = torch.cat([ink_around(spread, places, radii), radii[..., None]], dim=-1)
        own = own + self.ring(ring) * is_circle[..., None]
        encoded: EncodedKeypoints = self.thing_encoder(own, ink_between(spread, places), valid, features)
        return encoded


class KeypointEncoder(nn.Module):
    """Layers in which keypoints attend to each other, biased by the ink between them, and to the picture."""

    def __init__(self, hidden: int, config: ElementConfig) -> None:
        super().__init__()
        self.heads, self.count = config.heads, config.layers
        self.nobody = nn.Parameter(torch.zeros(hidden))  # the null element
        self.way = nn.Sequential(
            nn.Conv1d(1, 8, 5, padding=2), nn.GELU(), nn.Flatten(), nn.Linear(8 * WAY, 64), nn.GELU()
        )
        self.bias = nn.Linear(64, config.heads * config.layers)
        self.layers = element_layers(hidden, heads=config.heads, mlp=config.mlp, count=config.layers)
        self.joined = nn.Linear(64, 1)
        self.pair = nn.Linear(hidden, 2 * PASSED)  # of both ends of a segment
        self.passed = nn.Linear(hidden, 2 * PASSED, bias=False)  # to those behind, and to those in front
        self.taken = nn.Linear(2 * PASSED, hidden, bias=False)
        self.norm = nn.LayerNorm(hidden)

    def forward(self, vectors: Tensor, ways: Tensor, valid: Tensor, features: Tensor) -> EncodedKeypoints:
        """Encode keypoints (b, n, hidden), valid or not (b, n), with the ink between them (b, n, n, k)."""
        b, n, _ = vectors.shape
        known = self.way(ways.reshape(b * n * n, 1, WAY)).view(b, n, n, 64)
        biases = self.bias(known).view(b, n, n, self.count, self.heads).permute(3, 0, 4, 1, 2)
        biases = F.pad(biases, (1, 0, 1, 0)).float()
        x, absent = with_null_element(self.nobody, vectors, valid)
        biases = biases.masked_fill(absent[None, :, None, None], -1e4).flatten(1, 2)
        joined = vectors.new_zeros(b, n, n)
        for i, layer in enumerate(self.layers):
            x = layer(x, features, tgt_mask=biases[i].to(x.dtype))
            if i == len(self.layers) - 2:
                passed, joined = self._pass_on(x[:, 1:], known, valid)
                x = x + F.pad(passed, (0, 0, 1, 0))
        return EncodedKeypoints(self.norm(x[:, 1:]), joined)

    def _pass_on(self, vectors: Tensor, known: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each keypoint receives from those it is joined to, and the logits of being joined."""
        x = F.layer_norm(vectors, vectors.shape[-1:])
        one, other = self.pair(x).split(PASSED, dim=-1)
        fits = torch.bmm(one, other.transpose(1, 2))
        joined = self.joined(known)[..., 0] + (fits + fits.transpose(1, 2)) * PASSED**-0.5
        both = valid[:, :, None] & valid[:, None, :]
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
