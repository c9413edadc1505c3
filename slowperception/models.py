"""The models of this room, and what loads them; torch is imported when one is loaded."""

from typing import TYPE_CHECKING

from ocr2.models.spec import ModelSpec, Task, by_name, shipped_model
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.slowperception.nano.reader import NanoTracer
    from ocr2.slowperception.reader import PublishedTracer

TASKS: frozenset[Task] = frozenset(("trace",))


def _load_nano(spec: ModelSpec, options: LoadOptions) -> "NanoTracer":
    from ocr2.slowperception.config import PRESETS
    from ocr2.slowperception.nano.network import FigureNano
    from ocr2.slowperception.nano.reader import NanoTracer

    return NanoTracer.load(spec, options, lambda: FigureNano(PRESETS[spec.name]))


def _load_published(spec: ModelSpec, options: LoadOptions) -> "PublishedTracer":
    from ocr2.slowperception.checkpoint import load_published
    from ocr2.slowperception.reader import PublishedTracer

    return PublishedTracer.load(spec, options, load_published)


def _checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.multimodal.published import checkpoint_spec
    from ocr2.slowperception.checkpoint import checkpoint_format

    return checkpoint_spec(name, checkpoint_format(name))


MODELS = by_name(
    shipped_model(
        "slowperception",
        name="slowperception-nano",
        tasks=TASKS,
        summary="traces plane figures, 6 M parameters, five rulers; got-nano reads their writing",
        load=_load_nano,
        companions=("got-nano",),
    ),
    ModelSpec(
        name="slowperception",
        tasks=TASKS,
        summary="the published Slow Perception, 560 M parameters, traces figures; `--weights` names its folder",
        licence="unknown (weights by their authors)",
        load=_load_published,
        elsewhere="its authors share them beside their repository Ucas-HaoranWei/Slow-Perception, not on the hub",
        checkpoint=_checkpoint,
        companions=("got-nano",),
    ),
)
