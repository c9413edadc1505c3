"""Dimensions of a vision encoder: data only, importable without torch.

One class describes every encoder of documents: the SAM-B network of the published OCR-2.0 models and the small ones
trained here differ in these fields and in nothing else. Another describes CLIP, the second vocabulary of Vary and Fox.
"""

import dataclasses
from dataclasses import dataclass
from typing import Literal

Size = tuple[int, int]  # (rows, columns) or (height, width)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvStage:
    """One convolution of a stem or neck with what follows it."""

    out_chans: int
    kernel: Size  # pixels or patches, (height, width)
    stride: Size
    padding: Size
    norm: Literal["none", "batch", "layer"]  # "layer" is LayerNorm over channels, eps 1e-6
    gelu: bool
    bias: bool

    def out_size(self, size: Size) -> Size:
        """Return the (height, width) this stage makes of an input of `size`."""
        rows, columns = (
            (n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, self.kernel, self.stride, self.padding, strict=True)
        )
        return rows, columns


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionConfig:
    """Dimensions of one vision encoder; every field decides a tensor shape or a count."""

    in_chans: int
    stem: tuple[ConvStage, ...]  # pixels -> patches; the last stage must give `embed_dim`
    embed_dim: int
    depth: int
    num_heads: int
    mlp_dim: int
    window_size: Size  # patches; blocks outside `global_attn_indexes` attend inside windows
    global_attn_indexes: tuple[int, ...]
    position: Literal["relative", "rotary"]  # SAM's decomposed tables, or rotary angles per axis
    grid: Size  # patches of the trained view: sizes of the learned tables
    absolute_position: bool  # a learned table added after the stem
    neck: tuple[ConvStage, ...]  # patches -> image tokens

    def __post_init__(self) -> None:
        if self.embed_dim % self.num_heads:
            raise ValueError(f"embed_dim must be a multiple of num_heads = {self.num_heads}, got {self.embed_dim}")
        if self.stem[-1].out_chans != self.embed_dim:
            raise ValueError(
                f"the last stem stage must give embed_dim = {self.embed_dim} channels, got {self.stem[-1].out_chans}"
            )
        if self.position == "rotary" and (self.embed_dim // self.num_heads) % 4:
            raise ValueError(
                f"rotary positions need a head size that is a multiple of 4, got {self.embed_dim // self.num_heads}"
            )

    @property
    def out_dim(self) -> int:
        """Channels of one image token."""
        return self.neck[-1].out_chans if self.neck else self.embed_dim

    def patch_grid(self, image_size: Size) -> Size:
        """Return the (rows, columns) of patches for an image of (height, width) pixels."""
        size = image_size
        for stage in self.stem:
            size = stage.out_size(size)
        return size

    def token_grid(self, image_size: Size) -> Size:
        """Return the (rows, columns) of image tokens for an image of (height, width) pixels.

        Raises:
            ValueError: If the image is too small to give one token.
        """
        size = self.patch_grid(image_size)
        for stage in self.neck:
            size = stage.out_size(size)
        if min(size) < 1:
            raise ValueError(f"an image of {image_size} pixels (height, width) gives no image token")
        return size

    def num_tokens(self, image_size: Size) -> int:
        """Return how many image tokens an image of (height, width) pixels becomes."""
        rows, columns = self.token_grid(image_size)
        return rows * columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipConfig:
    """Dimensions of one CLIP tower, and which of its states are the features."""

    side: int  # pixels of the square it sees
    patch: int  # pixels of a patch's side
    embed_dim: int
    depth: int
    num_heads: int
    mlp_dim: int
    select_layer: int = -2  # of the states before, between and behind the blocks

    @property
    def out_dim(self) -> int:
        """Channels of one image token."""
        return self.embed_dim

    @property
    def grid(self) -> Size:
        """Rows and columns of patches."""
        return self.side // self.patch, self.side // self.patch

    def token_grid(self, image_size: Size) -> Size:
        """Return the (rows, columns) of image tokens, the same for all pictures."""
        return self.grid

    def num_tokens(self, image_size: Size) -> int:
        """Return how many image tokens a picture becomes: always as many."""
        return self.grid[0] * self.grid[1]


def _neck_conv(out_chans: int, side: int, stride: int, norm: Literal["none", "layer"]) -> ConvStage:
    return ConvStage(
        out_chans=out_chans,
        kernel=(side, side),
        stride=(stride, stride),
        padding=(side // 2, side // 2),
        norm=norm,
        gelu=False,
        bias=False,
    )


# The SAM-B document encoder that Vary, GOT, OneChart and Slow Perception share: 1024 x 1024 pixels in,
# 16 x 16 tokens of 1024 channels out. Source: docs/models/got.md, "Vision encoder".
SAM_B = VisionConfig(
    in_chans=3,
    stem=(
        ConvStage(out_chans=768, kernel=(16, 16), stride=(16, 16), padding=(0, 0), norm="none", gelu=False, bias=True),
    ),
    embed_dim=768,
    depth=12,
    num_heads=12,
    mlp_dim=3072,
    window_size=(14, 14),
    global_attn_indexes=(2, 5, 8, 11),
    position="relative",
    grid=(64, 64),
    absolute_position=True,
    neck=(
        _neck_conv(256, 1, 1, "layer"),
        _neck_conv(256, 3, 1, "layer"),
        _neck_conv(512, 3, 2, "none"),
        _neck_conv(1024, 3, 2, "none"),
    ),
)

# The same wiring at a size that runs in milliseconds: 8 x 8 patches of 16 pixels, windows of 3.
TINY_SAM = dataclasses.replace(
    SAM_B,
    stem=(dataclasses.replace(SAM_B.stem[0], out_chans=24),),
    embed_dim=24,
    depth=4,
    num_heads=2,
    mlp_dim=96,
    window_size=(3, 3),
    global_attn_indexes=(1, 3),
    grid=(8, 8),
    neck=tuple(dataclasses.replace(stage, out_chans=n) for stage, n in zip(SAM_B.neck, (16, 16, 32, 32), strict=True)),
)

# The published tower; docs/models/vary.md, "CLIP".
CLIP_L = ClipConfig(side=224, patch=14, embed_dim=1024, depth=24, num_heads=16, mlp_dim=4096)
TINY_CLIP = ClipConfig(side=56, patch=14, embed_dim=32, depth=3, num_heads=2, mlp_dim=64)
