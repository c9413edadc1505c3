"""The models of this room, and what loads them; torch is imported when one is loaded."""

from typing import TYPE_CHECKING

from ocr2.models.spec import ModelSpec, Task, by_name, shipped_model
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.vary.nano.reader import NanoDetector
    from ocr2.vary.reader import VaryToyReader
    from ocr2.vary.tiny.reader import TinyReader

PUBLISHED_TASKS: frozenset[Task] = frozenset(("ask", "detect"))


def _load_nano(spec: ModelSpec, options: LoadOptions) -> "NanoDetector":
    from ocr2.vary.config import PRESETS
    from ocr2.vary.nano.network import LayoutNano
    from ocr2.vary.nano.reader import NanoDetector

    return NanoDetector.load(spec, options, lambda: LayoutNano(PRESETS[spec.name]))


def _load_tiny(spec: ModelSpec, options: LoadOptions) -> "TinyReader":
    from ocr2.vary.tiny.checkpoint import load_published
    from ocr2.vary.tiny.reader import TinyReader

    return TinyReader.load(spec, options, load_published)


def _load_toy(spec: ModelSpec, options: LoadOptions) -> "VaryToyReader":
    from ocr2.vary.checkpoint import load_published
    from ocr2.vary.reader import VaryToyReader

    return VaryToyReader.load(spec, options, load_published)


def _tiny_checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.multimodal.published import checkpoint_spec
    from ocr2.vary.tiny.checkpoint import checkpoint_format

    return checkpoint_spec(name, checkpoint_format())


def _toy_checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.multimodal.published import checkpoint_spec
    from ocr2.vary.checkpoint import checkpoint_format

    return checkpoint_spec(name, checkpoint_format())


MODELS = by_name(
    shipped_model(
        "vary",
        name="vary-nano",
        tasks=frozenset(("detect",)),
        summary="finds the regions of pages and their order: text, tables, charts, molecules, ...; 4 M parameters",
        load=_load_nano,
    ),
    ModelSpec(
        name="vary-tiny",
        tasks=PUBLISHED_TASKS,
        summary="the published Vary-tiny, 223 M parameters, reads pages, finds things; `--weights` names it",
        licence="unknown (weights by their authors)",
        load=_load_tiny,
        elsewhere="the hub has them as HaoranWei/Vary-tiny-opt125M, in its folder Vary-tiny",
        checkpoint=_tiny_checkpoint,
    ),
    ModelSpec(
        name="vary-toy",
        tasks=PUBLISHED_TASKS,
        summary="the published Vary-toy, 2.2 B parameters, answers questions, finds things; `--weights` names it",
        licence="unknown (weights by their authors)",
        load=_load_toy,
        elsewhere=(
            "the hub has them as HaoranWei/Vary-toy: fetch its config.json, qwen.tiktoken and pytorch_model.bin, a "
            "pickle that is read without being run"
        ),
        checkpoint=_toy_checkpoint,
    ),
)
