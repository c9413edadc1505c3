"""The vision encoder: convolutional stem, transformer blocks with local windows, convolutional neck.

The published encoder is SAM's ViT-B (Kirillov et al. 2023, arXiv 2304.02643) with two strided
convolutions behind its neck (Wei et al. 2023, arXiv 2312.06109). Axis letters: b images, c channels,
h rows, w columns, n heads, d channels of a head, t tokens.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.compute.linear import FrozenLinear
from ocr2.vision.attention import SelfAttention
from ocr2.vision.config import ConvStage, Size, VisionConfig

LAYER_NORM_EPS = 1e-6  # docs/models/got.md, "Vision encoder"


@dataclass(frozen=True, slots=True)
class EncoderOutput:
    """What the encoder makes of a batch of images."""

    patches: Tensor  # (b, h, w, embed_dim): after the blocks, before the neck
    tokens: Tensor  # (b, t, out_dim): image tokens, row-major


class VisionEncoder(nn.Module):
    """Images to image tokens; the input may have any size that gives a token."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.config = config
        self.patch_embed = build_stages(config.stem, config.in_chans)
        self.pos_embed = (
            nn.Parameter(torch.zeros(1, *config.grid, config.embed_dim)) if config.absolute_position else None
        )
        self.blocks = nn.ModuleList(
            Block(config, window_size=None if i in config.global_attn_indexes else config.window_size)
            for i in range(config.depth)
        )
        self.neck = build_stages(config.neck, config.embed_dim)

    def forward(self, pixel_values: Tensor) -> EncoderOutput:
        """Encode images.

        Args:
            pixel_values: (b, in_chans, height, width), normalised.

        Returns:
            Patches (b, h, w, embed_dim) and tokens (b, t, out_dim).
        """
        return self.encode_patches(self.patch_embed(pixel_values))

    def encode_patches(self, embedded: Tensor) -> EncoderOutput:
        """Encode what the stem made of images: (b, embed_dim, h, w); for models that use the stem's steps as well."""
        # Contiguous once, or every norm would copy it.
        x = embedded.permute(0, 2, 3, 1).contiguous()  # (b, h, w, c)
        if self.pos_embed is not None:
            x = x + resize_position(self.pos_embed, (x.shape[1], x.shape[2]))
        for block in self.blocks:
            x = block(x)
        features = self.neck(x.permute(0, 3, 1, 2))  # (b, c, h, w)
        return EncoderOutput(patches=x, tokens=features.flatten(2).transpose(1, 2))

    def freeze(self) -> None:
        """Exchange all linear modules for products that the machine reads fastest; for inference, not reversible."""
        for module in list(self.modules()):
            if isinstance(module, SelfAttention | MLP):
                module.freeze()

    def fuse_norms(self) -> None:
        """Fold batch norms into the convolutions before them; for inference only, not reversible."""
        for stages in (self.patch_embed, self.neck):
            fuse_norms_of(stages)


def fuse_norms_of(stages: nn.Sequential) -> None:
    """Fold the batch norms of a sequence into the convolutions right before them."""
    layers = list(stages)
    for i in range(len(layers) - 1):
        conv, norm = layers[i], layers[i + 1]
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            stages[i] = nn.utils.fusion.fuse_conv_bn_eval(conv.eval(), norm.eval())
            stages[i + 1] = nn.Identity()


class Block(nn.Module):
    """A pre-norm transformer block over a grid of patches, global or inside windows."""

    def __init__(self, config: VisionConfig, *, window_size: Size | None) -> None:
        super().__init__()
        self.window_size = window_size
        self.norm1 = nn.LayerNorm(config.embed_dim, eps=LAYER_NORM_EPS)
        self.attn = SelfAttention(
            config.embed_dim,
            config.num_heads,
            position=config.position,
            grid=window_size or config.grid,
        )
        self.norm2 = nn.LayerNorm(config.embed_dim, eps=LAYER_NORM_EPS)
        self.mlp = MLP(config.embed_dim, config.mlp_dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, h, w, c) to (b, h, w, c)."""
        y = self.norm1(x)
        if self.window_size is None:
            y = self.attn(y)
        else:
            windows = partition_windows(y, self.window_size)
            y = merge_windows(self.attn(windows), self.window_size, (x.shape[1], x.shape[2]))
        x = x + y
        mixed: Tensor = self.mlp(self.norm2(x))
        return x + mixed


class MLP(nn.Module):
    """Two linear layers with an exact GELU between them."""

    def __init__(self, embed_dim: int, mlp_dim: int) -> None:
        super().__init__()
        self.lin1: nn.Module = nn.Linear(embed_dim, mlp_dim)
        self.lin2: nn.Module = nn.Linear(mlp_dim, embed_dim)
        self.activate: nn.Module = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., embed_dim) to (..., embed_dim)."""
        return self.lin2(self.activate(self.lin1(x)))  # type: ignore[no-any-return]

    def freeze(self) -> None:
        """Exchange the linear modules for products that the machine reads fastest."""
        self.lin1, self.lin2 = FrozenLinear(self.lin1, activation="gelu"), FrozenLinear(self.lin2)
        self.activate = nn.Identity()


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of (b, c, h, w), biased variance."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (b, c, h, w) to (b, c, h, w)."""
        normalised: Tensor = super().forward(x.permute(0, 2, 3, 1))
        return normalised.permute(0, 3, 1, 2)


def build_stages(stages: tuple[ConvStage, ...], in_chans: int) -> nn.Sequential:
    """Build a stem or neck; each convolution, norm and activation is one numbered layer."""
    layers: list[nn.Module] = []
    for stage in stages:
        layers.append(
            nn.Conv2d(
                in_chans,
                stage.out_chans,
                kernel_size=stage.kernel,
                stride=stage.stride,
                padding=stage.padding,
                bias=stage.bias,
            )
        )
        if stage.norm == "batch":
            layers.append(nn.BatchNorm2d(stage.out_chans))
        elif stage.norm == "layer":
            layers.append(LayerNorm2d(stage.out_chans, eps=LAYER_NORM_EPS))
        if stage.gelu:
            layers.append(nn.GELU())
        in_chans = stage.out_chans
    return nn.Sequential(*layers)


def resize_position(table: Tensor, size: Size) -> Tensor:
    """Fit a learned position table (1, rows, columns, c) to another grid, bicubic; equal sizes pass through."""
    if table.shape[1:3] == size:
        return table
    resized = F.interpolate(table.permute(0, 3, 1, 2), size=size, mode="bicubic", align_corners=False)
    return resized.permute(0, 2, 3, 1)


def partition_windows(x: Tensor, window: Size) -> Tensor:
    """Cut (b, h, w, c) into windows (b * windows, rows, columns, c), padding bottom and right with zeros.

    Padded positions take part in attention: the published encoder does not mask them.
    """
    b, h, w, c = x.shape
    rows, columns = window
    x = F.pad(x, (0, 0, 0, -w % columns, 0, -h % rows))
    x = x.view(b, x.shape[1] // rows, rows, x.shape[2] // columns, columns, c)
    return x.transpose(2, 3).reshape(-1, rows, columns, c)


def merge_windows(windows: Tensor, window: Size, size: Size) -> Tensor:
    """Undo `partition_windows` for a grid of `size` (h, w), dropping the padding."""
    (rows, columns), (h, w) = window, size
    down, across = -(-h // rows), -(-w // columns)
    x = windows.view(-1, down, across, rows, columns, windows.shape[-1]).transpose(2, 3)
    return x.reshape(-1, down * rows, across * columns, windows.shape[-1])[:, :h, :w]
