"""got-nano-formulas: finds the signs of a formula, names them, and writes its structure by pointing at them.

A fine map, made of the stem's second step and of what the encoder's patches say of their cells, tells where signs are.
Each sign is read from this map, attends to the others, biased by how they stand to each other, and to the picture; the
decoder points at signs and writes where scripts and other parts begin and end (`ocr2.multimodal.pointing`).
Axis letters: b pictures, c channels, h rows, w columns, n signs, v image tokens.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.got.formulas.config import FormulaConfig
from ocr2.got.formulas.elements import CELL, CELL_OUTPUTS, CLASSES
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.nano import PATCH
from ocr2.multimodal.pointing import PointingNetwork, element_layers, sample_patches, with_null_element
from ocr2.multimodal.position_features import PLACE_FEATURES, grid_places, point_features
from ocr2.vision.encoder import VisionEncoder

FINE_STAGES = 6  # layers of the stem's first two steps: convolution, norm and activation each
GLIMPSE = 4  # points a side at which a sign is looked at
GROWN = 1.25  # how much larger than its box
PLACE_UNIT = 1024.0  # pixels that count as the side of a picture
SIZE_SCALE = 128.0  # pixels
PAIR_FEATURES = 8
RARE = -5.0  # logit of a sign in a cell before anything is learnt


@dataclass(frozen=True, slots=True)
class Seen:
    """What the encoder makes of pictures."""

    fine: Tensor  # (b, fine, 4 h, 4 w): a cell for CELL x CELL pixels
    patches: Tensor  # (b, h, w, c)
    features: Tensor  # image tokens with their positions (b, v, hidden)


@dataclass(frozen=True, slots=True)
class EncodedSigns:
    """Signs that have attended to each other."""

    vectors: Tensor  # (b, n, hidden)
    classes: Tensor  # (b, n, classes): logits


class FormulaNano(PointingNetwork):
    """The network of got-nano-formulas."""

    def __init__(self, config: FormulaConfig) -> None:
        super().__init__()
        self.config = config
        vision, hidden = config.skeleton.encoders[0], config.skeleton.decoder.hidden_size
        patch = vision.embed_dim
        self.skeleton = MultimodalModel(config.skeleton)
        self.place = nn.Linear(PLACE_FEATURES, hidden)
        self.lift = nn.Linear(patch, (PATCH // CELL) ** 2 * config.lifted)
        self.fuse = nn.Sequential(
            nn.Conv2d(patch // 3 + config.lifted, config.fine, 3, padding=1, bias=False),
            nn.BatchNorm2d(config.fine),
            nn.GELU(),
        )
        self.cell_head = nn.Conv2d(config.fine, CELL_OUTPUTS, 1)
        nn.init.constant_(self.cell_head.bias[0], RARE)  # type: ignore[index]
        self.reader = nn.Linear(GLIMPSE**2 * config.fine, hidden)
        self.patch_reader = nn.Linear(patch, hidden)
        self.class_head = nn.Sequential(nn.LayerNorm(hidden), nn.GELU(), nn.Linear(hidden, len(CLASSES)))
        self.class_words = nn.Linear(len(CLASSES), hidden, bias=False)
        self.thing_encoder = SignEncoder(hidden, config)
        self.to_word = nn.Linear(hidden, hidden)
        self.to_head = nn.Linear(hidden, hidden)

    @property
    def multimodal(self) -> MultimodalModel:
        """The encoder and decoder that it is built on."""
        return self.skeleton

    def look(self, pixels: Tensor) -> Seen:
        """Encode pictures (b, 1, height, width), sides multiples of 16, ground 0 and ink 1."""
        encoder = self.skeleton.encoders[0]
        assert isinstance(encoder, VisionEncoder)
        stem = encoder.patch_embed
        near = stem[:FINE_STAGES](pixels)
        encoded = encoder.encode_patches(stem[FINE_STAGES:](near))
        b, h, w, _ = encoded.patches.shape
        side = PATCH // CELL
        lifted = self.lift(encoded.patches).view(b, h, w, side, side, self.config.lifted)
        far = lifted.permute(0, 5, 1, 3, 2, 4).reshape(b, self.config.lifted, h * side, w * side)
        fine = self.fuse(torch.cat([near, far.to(near.dtype)], dim=1))
        rows, columns = encoder.config.token_grid((pixels.shape[2], pixels.shape[3]))
        features = self.skeleton.project([encoded]) + self.place(grid_places(rows, columns).to(pixels.device))
        return Seen(fine, encoded.patches, features)

    def predict_cells(self, seen: Seen) -> Tensor:
        """Predict where signs are: (b, 4 h, 4 w, CELL_OUTPUTS), logits and logarithms."""
        return self.cell_head(seen.fine).permute(0, 2, 3, 1)  # type: ignore[no-any-return]

    def encode_signs(self, boxes: Tensor, valid: Tensor, seen: Seen) -> EncodedSigns:
        """Read signs, and let them attend to each other and the picture.

        Args:
            boxes: (b, n, 4): left, top, right, bottom, pixels.
            valid: (b, n), boolean: False where padded.
            seen: Of `look`.
        """
        height, width = (CELL * side for side in seen.fine.shape[2:])
        middle, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
        whole = boxes.new_tensor([width, height])
        steps = (torch.arange(GLIMPSE, device=boxes.device) + 0.5) / GLIMPSE - 0.5
        grid = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1).reshape(-1, 2)
        points = middle[:, :, None] + grid * (size[:, :, None] * GROWN + CELL / 2)
        glimpse = sample_patches(seen.fine.permute(0, 2, 3, 1), points / whole).flatten(2)
        around = sample_patches(seen.patches, (middle / whole)[:, :, None])[:, :, 0]
        place = point_features(middle / PLACE_UNIT)
        place = torch.cat([place[..., :-4], (size.clamp(min=0.5) / SIZE_SCALE).sqrt(), place[..., -2:]], dim=-1)
        own = self.reader(glimpse) + self.patch_reader(around) + self.place(place)
        classes = self.class_head(own)
        own = own + self.class_words(classes.float().softmax(dim=-1).to(own.dtype))
        return EncodedSigns(self.thing_encoder(own, pair_features(boxes), valid, seen.features), classes)


def pair_features(boxes: Tensor) -> Tensor:
    """Describe how each sign stands to each other: boxes (b, n, 4) to (b, n, n, PAIR_FEATURES)."""
    middle, size = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]).clamp(min=1.0)
    away = middle[:, None, :, :] - middle[:, :, None, :]  # from the first to the second
    unit = 12.0  # pixels
    near = torch.asinh(away / unit)
    ratio = (size[:, None] / size[:, :, None]).log()
    edges = torch.asinh((boxes[:, None, :, [1, 3]] - boxes[:, :, None, [3, 1]]) / unit)
    across = torch.minimum(boxes[:, None, :, 2], boxes[:, :, None, 2]) - torch.maximum(
        boxes[:, None, :, 0], boxes[:, :, None, 0]
    )
    common = (across / torch.minimum(size[:, None, :, 0], size[:, :, None, 0])).clamp(-1, 1)
    distance = torch.log1p(away.square().sum(dim=-1) / unit**2)
    return torch.cat([near, ratio, edges, common[..., None], distance[..., None]], dim=-1)


class SignEncoder(nn.Module):
    """Layers in which signs attend to each other, biased by how they stand, and to the picture."""

    def __init__(self, hidden: int, config: FormulaConfig) -> None:
        super().__init__()
        self.heads, self.count = config.heads, config.layers
        self.nobody = nn.Parameter(torch.zeros(hidden))  # the null element
        self.pairs = nn.Sequential(nn.Linear(PAIR_FEATURES, 48), nn.GELU(), nn.Linear(48, config.heads * config.layers))
        self.layers = element_layers(hidden, heads=config.heads, mlp=config.mlp, count=config.layers)
        self.norm = nn.LayerNorm(hidden)

    def forward(self, vectors: Tensor, pairs: Tensor, valid: Tensor, features: Tensor) -> Tensor:
        """Encode signs (b, n, hidden), valid or not (b, n), that stand so to each other (b, n, n, PAIR_FEATURES)."""
        b, n, _ = vectors.shape
        biases = self.pairs(pairs).view(b, n, n, self.count, self.heads).permute(3, 0, 4, 1, 2)
        biases = F.pad(biases, (1, 0, 1, 0)).float()
        x, absent = with_null_element(self.nobody, vectors, valid)
        biases = biases.masked_fill(absent[None, :, None, None], -1e4).flatten(1, 2)
        for i, layer in enumerate(self.layers):
            x = layer(x, features.to(x.dtype), tgt_mask=biases[i].to(x.dtype))
        encoded: Tensor = self.norm(x[:, 1:])
        return encoded
