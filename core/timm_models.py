"""Vision encoders of GOT and Vary as timm backbones.

    import timm
    import ocr2.timm_models  # registers the names

    model = timm.create_model("got_ocr2_vit_base", weights="GOT-OCR2_0")  # a folder with the published checkpoint
    features = model.forward_features(pixels)  # (b, 1024, 16, 16) of pixels (b, 3, 1024, 1024)

Both are SAM's ViT-B with two strided convolutions behind its neck (Wei et al. 2023, arXiv 2312.06109); GOT's was
trained on text of all kinds, Vary's on pages and charts. Needs the extra `timm`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from torch import Tensor, nn

from ocr2.checkpoints.tensor_names import Layout
from ocr2.checkpoints.weights import Weights, choose_layout, load_strict
from ocr2.errors import CheckpointError, MissingToolError
from ocr2.got.config import MEAN, STD
from ocr2.vision.config import SAM_B, VisionConfig
from ocr2.vision.encoder import VisionEncoder

try:
    from timm.models import register_model
except ImportError as error:
    raise MissingToolError("timm is not installed: pip install 'ocr2[timm]'") from error

if TYPE_CHECKING:
    from ocr2.multimodal.published import CheckpointFormat

__all__ = ["DocumentEncoder", "got_ocr2_vit_base", "vary_vit_base"]


class DocumentEncoder(nn.Module):
    """A document encoder with timm's interface.

    Args:
        config: Dimensions of the encoder.
        num_classes: Outputs of a linear head over the mean of the features; 0 for none.
    """

    def __init__(self, config: VisionConfig, *, num_classes: int = 0) -> None:
        super().__init__()
        self.encoder = VisionEncoder(config)
        self.num_features = self.head_hidden_size = config.out_dim
        side = 16 * config.grid[0]
        self.pretrained_cfg = self.default_cfg = {
            "input_size": (config.in_chans, side, side),
            "mean": MEAN,
            "std": STD,
            "interpolation": "bicubic",
            "num_classes": num_classes,
        }
        self.num_classes = num_classes
        self.head: nn.Module = nn.Identity()
        self.reset_classifier(num_classes)

    def reset_classifier(self, num_classes: int, global_pool: str | None = None) -> None:
        """Exchange the head for one of so many classes; 0 for none."""
        self.num_classes = num_classes
        self.head = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()

    def get_classifier(self) -> nn.Module:
        """Return the head."""
        return self.head

    def forward_features(self, x: Tensor) -> Tensor:
        """Map images (b, 3, height, width), normalised, to features (b, c, height / 64, width / 64)."""
        tokens: Tensor = self.encoder(x).tokens
        rows, columns = self.encoder.config.token_grid((x.shape[2], x.shape[3]))
        return tokens.transpose(1, 2).reshape(len(x), self.num_features, rows, columns)

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Map features (b, c, h, w) to their mean (b, c), or to logits (b, num_classes)."""
        pooled = x.mean(dim=(2, 3))
        return pooled if pre_logits else self.head(pooled)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (b, 3, height, width) to logits, or without a head to features of the whole image."""
        return self.forward_head(self.forward_features(x))


def load_encoder(
    encoder: VisionEncoder, folder: Path, formats: Sequence["CheckpointFormat[nn.Module, object]"]
) -> None:
    """Fill an encoder from the folder of a published checkpoint that holds it; its other tensors are not read.

    Raises:
        CheckpointError: If the folder holds another model's weights, or the encoder's are missing or of another shape.
    """
    refused: list[str] = []
    for format in formats:
        try:
            weights = format.open_weights(folder)
            layout = choose_layout(weights, format.layouts)
        except CheckpointError as error:
            refused.append(str(error))
            continue
        found = encoder_tensors(weights, layout)
        load_strict(encoder, found, origin=str(folder))
        return
    raise CheckpointError(refused[0])


def encoder_tensors(weights: Weights, layout: Layout) -> Mapping[str, Tensor]:
    """Return the tensors of a checkpoint's document encoder, by the encoder's own names; it is the last of several."""
    prefix = "skeleton.encoders."
    ours = {published: layout.to_ours(published) for published in weights.shapes}
    numbers = {name.removeprefix(prefix).split(".")[0] for name in ours.values() if name and name.startswith(prefix)}
    last = f"{prefix}{max(numbers, default='0')}."
    chosen = {published: name for published, name in ours.items() if name and name.startswith(last)}
    return {
        str(chosen[published]).removeprefix(last): layout.from_stored(published, tensor)
        for published, tensor in weights.tensors(list(chosen))
    }


def _create(
    formats: Sequence["CheckpointFormat[nn.Module, object]"],
    *,
    pretrained: bool,
    weights: str | Path | None = None,
    config: VisionConfig = SAM_B,
    num_classes: int = 0,
    **others: object,
) -> DocumentEncoder:
    if pretrained and weights is None:
        raise CheckpointError("nothing is downloaded unasked: name the folder of a published checkpoint with weights=")
    unknown = sorted(name for name, value in others.items() if value is not None and name not in IGNORED)
    if unknown:
        raise TypeError(f"a document encoder takes weights, config and num_classes, got {', '.join(unknown)}")
    model = DocumentEncoder(config, num_classes=num_classes)
    if weights is not None:
        load_encoder(model.encoder, Path(weights), formats)
    return model


# What timm passes to every model.
IGNORED = ("pretrained_cfg", "pretrained_cfg_overlay", "cache_dir")


class EncoderArguments(TypedDict, total=False):
    """What an encoder is built with, and what timm passes to every model."""

    weights: str | Path | None  # folder of a published checkpoint; random without
    config: VisionConfig  # SAM-B without
    num_classes: int
    pretrained_cfg: object
    pretrained_cfg_overlay: object
    cache_dir: object


@register_model  # type: ignore[untyped-decorator]  # timm has no types
def got_ocr2_vit_base(
    pretrained: bool = False,
    **arguments: Unpack[EncoderArguments],
) -> DocumentEncoder:
    """Build GOT's document encoder, 95.5 M parameters.

    Args:
        pretrained: Refused without `weights`: nothing is downloaded.
        arguments: Their `weights` are of a published GOT or Slow Perception checkpoint, of any layout.

    Raises:
        CheckpointError: If the folder does not hold this encoder.
    """
    from ocr2.got.checkpoint import checkpoint_format

    return _create([checkpoint_format()], pretrained=pretrained, **arguments)  # type: ignore[list-item]


@register_model  # type: ignore[untyped-decorator]  # timm has no types
def vary_vit_base(
    pretrained: bool = False,
    **arguments: Unpack[EncoderArguments],
) -> DocumentEncoder:
    """Build Vary's document encoder, 95.5 M parameters.

    Args:
        pretrained: As of `got_ocr2_vit_base`, whose errors are raised here too.
        arguments: Their `weights` are of a published Vary-toy, Vary-tiny or OneChart checkpoint.
    """
    from ocr2.onechart.checkpoint import checkpoint_format as onechart_format
    from ocr2.vary.checkpoint import checkpoint_format as toy_format
    from ocr2.vary.tiny.checkpoint import checkpoint_format as tiny_format

    formats = [toy_format(), tiny_format(), onechart_format()]
    return _create(formats, pretrained=pretrained, **arguments)  # type: ignore[arg-type]
