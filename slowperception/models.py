"""The models of this room, and what loads them; torch is imported when one is loaded."""

from typing import TYPE_CHECKING

from ocr2.models.spec import ModelSpec, Task
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.slowperception.nano.reader import NanoTracer
    from ocr2.slowperception.reader import PublishedTracer

TASKS: frozenset[Task] = frozenset(("trace",))


def _load_nano(spec: ModelSpec, options: LoadOptions) -> "NanoTracer":
    from ocr2.models.loading import load_nano
    from ocr2.slowperception.config import PRESETS
    from ocr2.slowperception.nano.network import FigureNano
    from ocr2.slowperception.nano.reader import NanoTracer

    found = load_nano(spec, options, lambda: FigureNano(PRESETS[spec.name]))
    return NanoTracer(found.network, name=spec.name, weights_sha256=found.shipped.sha256, dtype=found.dtype)


def _load_published(spec: ModelSpec, options: LoadOptions) -> "PublishedTracer":
    from ocr2.models.loading import load_folder
    from ocr2.slowperception.checkpoint import load_published
    from ocr2.slowperception.reader import PublishedTracer

    published = load_folder(spec, options, load_published)
    return PublishedTracer(published, name=spec.name, quantize=options.quantize, consume=True)


def _checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.multimodal.published import checkpoint_spec
    from ocr2.slowperception.checkpoint import checkpoint_format

    return checkpoint_spec(name, checkpoint_format(name))


MODELS = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="slowperception-nano",
            tasks=TASKS,
            summary="traces plane figures, 6 M parameters, five rulers; got-nano-charts reads their letters",
            licence="Apache-2.0",
            load=_load_nano,
            assets="ocr2.slowperception.assets",
            companions=("got-nano-charts",),
        ),
        ModelSpec(
            name="slowperception",
            tasks=TASKS,
            summary="the published Slow Perception, 560 M parameters, traces figures; `--weights` names its folder",
            licence="unknown (weights by their authors)",
            load=_load_published,
            elsewhere="its authors share them beside their repository Ucas-HaoranWei/Slow-Perception, not on the hub",
            checkpoint=_checkpoint,
            companions=("got-nano-charts",),
        ),
    )
}
