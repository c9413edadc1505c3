"""What the registry asks of this room: its models, and how to load one. Imports torch only when loading."""

from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.checkpoints.hub import locate
from ocr2.errors import ModelError
from ocr2.models.registry import ModelInfo
from ocr2.onechart.releases import LICENCE, RELEASES

if TYPE_CHECKING:
    import torch

    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.compute.linear import Quantize
    from ocr2.onechart.nano.reader import NanoChartReader
    from ocr2.onechart.reader import PublishedReader

MODELS = {
    "onechart-nano": ModelInfo(
        name="onechart-nano",
        room="onechart",
        summary="charts to data, 6 M parameters; got-nano-charts reads their writing",
        shipped=True,
        licence="Apache-2.0",
    ),
    "onechart": ModelInfo(
        name="onechart",
        room="onechart",
        summary="the released OneChart, 224 M parameters, reads charts; `ocr2 models download onechart`",
        shipped=False,
        licence=LICENCE,
        releases=RELEASES,
    ),
}


def load(
    name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
) -> "PublishedReader | NanoChartReader":
    """Build the reader of a model; see `ocr2.models.registry.load_reader`."""
    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.onechart.checkpoint import load_published
    from ocr2.onechart.reader import PublishedReader

    where = choose_device(device)
    compute = choose_dtype(dtype, where)
    if MODELS[name].shipped:
        if quantize != "none":
            raise ModelError(f"{name} is small enough as it is: quantize must be none, got {quantize}")
        return _load_nano(name, weights, where, compute)
    folder = locate(name, weights, MODELS[name].releases).folder
    if quantize != "none" and where.type != "cpu":
        raise ModelError(f"quantize={quantize} works on the CPU alone, the device is {where}")
    published = load_published(folder, preset=name, device=where, dtype=compute)
    return PublishedReader(published, name=name, quantize=quantize, consume=True)


def _load_nano(name: str, weights: Path | None, device: "torch.device", dtype: "torch.dtype") -> "NanoChartReader":
    from ocr2.onechart.nano.reader import NanoChartReader
    from ocr2.onechart.nano.reliability import trust_from
    from ocr2.onechart.nano.weights import load_parts, shipped_weights

    parts, metadata, digest = load_parts(name, weights or shipped_weights())
    return NanoChartReader(
        parts.nano.to(device),
        parts.finder.to(device),
        name=name,
        weights_sha256=digest,
        dtype=dtype,
        trust=trust_from(metadata),
    )


def weights_path(name: str) -> Path:
    """Return where a model's weights lie: the shipped file, or the folder that was downloaded.

    Raises:
        CheckpointError: If it is not on this machine.
    """
    from ocr2.onechart.nano.weights import shipped_weights

    info = MODELS[name]
    return shipped_weights() if info.shipped else locate(name, None, info.releases).folder


def checkpoint_spec(name: str) -> "CheckpointSpec":
    """Return what the released checkpoint of a model must hold."""
    import functools

    import torch

    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.checkpoints.weights import shapes_of
    from ocr2.onechart.checkpoint import ARCHITECTURES, LAYOUTS, load_tokenizer, write_companions
    from ocr2.onechart.config import PRESETS
    from ocr2.onechart.network import OneChartModel

    with torch.device("meta"):
        shapes = shapes_of(OneChartModel(PRESETS[name]))
    return CheckpointSpec(
        name=name,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        shapes=shapes,
        check_tokenizer=load_tokenizer,
        write_companions=functools.partial(write_companions, config=PRESETS[name]),
    )
