"""Checkpoints that others released: into memory, and from there into the form that reading needs."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypedDict, TypeVar, Unpack

import torch
from torch import nn

from ocr2.checkpoints.tensor_names import CheckpointSpec, Layout
from ocr2.checkpoints.weights import Weights, check_architecture, choose_layout, load_layout, shapes_of
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.runtime import DecoderRuntime
from ocr2.options import Quantize
from ocr2.vision.clip import ClipEncoder

M = TypeVar("M", bound=nn.Module)
T = TypeVar("T")
CONFIG = "config.json"


@dataclass(frozen=True)  # no slots: with them a generic alias cannot be called
class Published(Generic[M, T]):
    """A checkpoint in memory."""

    model: M
    tokenizer: T
    layout: str  # name of the layout it was stored in
    sha256: str


@dataclass(frozen=True)
class CheckpointFormat(Generic[M, T]):
    """How a published model is stored: all that loading, checking and converting its folder needs.

    Attributes:
        build: Makes the model, whose part `skeleton` is the shared one.
        load_tokenizer: Reads the tokenizer of a folder.
        architectures: Names that `config.json` may give the model.
        layouts: Names that its tensors may have.
        write_companions: Writes the files beside the weights, from (source folder, target folder, layout, dtype);
            returns remarks for the user.
        open_weights: Opens the weights of a folder; safetensors without it.
    """

    build: Callable[[], M]
    load_tokenizer: Callable[[Path], T]
    architectures: Sequence[str]
    layouts: Sequence[Layout]
    write_companions: Callable[[Path, Path, str, str], list[str]]
    open_weights: Callable[[Path], Weights] = Weights


class Placement(TypedDict, total=False):
    """Where parameters are put, and as what."""

    device: torch.device
    dtype: torch.dtype  # float32 by default


def load_checkpoint(folder: Path, format: CheckpointFormat[M, T], **placement: Unpack[Placement]) -> Published[M, T]:
    """Load a published checkpoint of any known layout.

    Args:
        folder: Folder with `config.json`, weights, and the tokenizer's files.
        format: How the model is stored.
        placement: Where the parameters are put, and as what.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    check_architecture(folder, format.architectures)
    tokenizer = format.load_tokenizer(folder)
    weights = format.open_weights(folder)
    layout = choose_layout(weights, format.layouts)
    with torch.device("meta"):
        model = format.build()
    load_layout(model, weights, layout, dtype=placement.get("dtype", torch.float32))
    skeleton = skeleton_of(model)
    if skeleton.config.decoder.tie_word_embeddings:
        skeleton.decoder.tie_weights()
    restore_buffers(skeleton.decoder)
    for encoder in skeleton.encoders:
        if isinstance(encoder, ClipEncoder):
            encoder.restore_buffers()
    return Published(model.to(placement.get("device")).eval(), tokenizer, layout.name, weights.sha256())


def checkpoint_spec(name: str, format: CheckpointFormat[M, T]) -> CheckpointSpec:
    """Return what the folders of a published model must hold."""
    with torch.device("meta"):
        shapes = shapes_of(format.build())
    return CheckpointSpec(
        name=name,
        architectures=tuple(format.architectures),
        layouts=tuple(format.layouts),
        shapes=shapes,
        check_tokenizer=format.load_tokenizer,
        write_companions=format.write_companions,
        open_weights=format.open_weights,
    )


def companion_writer(*names: str) -> Callable[[Path, Path, str, str], list[str]]:
    """Return a `write_companions` for a model with one layout: it copies the config and files of the tokenizer.

    The number type in the config is brought up to date; no code is copied, and there is nothing to remark.

    Args:
        names: Files of the tokenizer; those that a folder lacks are left out.
    """

    def write(source: Path, target: Path, layout: str, dtype: str) -> list[str]:
        """Copy what stands beside the weights from `source` to `target`."""
        config = source / CONFIG
        values = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
        values.pop("auto_map", None)
        (target / CONFIG).write_text(json.dumps({**values, "torch_dtype": dtype}, indent=2) + "\n", encoding="utf-8")
        for name in names:
            if (source / name).is_file():
                shutil.copyfile(source / name, target / name)
        return []

    return write


def skeleton_of(model: nn.Module) -> MultimodalModel:
    """Return the shared part of a model."""
    skeleton = model.skeleton
    assert isinstance(skeleton, MultimodalModel)
    return skeleton


def reading_runtime(model: nn.Module, *, quantize: Quantize = "none", consume: bool = False) -> DecoderRuntime:
    """Return a model's decoder as reading runs it.

    Args:
        model: Whose part `skeleton` is the shared one.
        quantize: Keep the decoder's matrices in fewer bits.
        consume: Take the weights out of the model as they are brought into the form that reading needs, so that they
            are never held twice; the model cannot be used otherwise then.
    """
    skeleton = skeleton_of(model)
    parameter = next(skeleton.projectors.parameters())
    runtime = skeleton.runtime(dtype=parameter.dtype, quantize=quantize, consume=consume)
    if consume:
        skeleton.freeze_encoders()
        if parameter.device.type == "cpu":  # the rest too leaves the mapped file
            for kept in model.parameters():
                kept.data = kept.data.clone()
            runtime.table = skeleton.embed_tokens.weight.detach()  # type: ignore[operator]
    return runtime
