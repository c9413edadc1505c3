"""The models of this room, and what loads them; torch is imported when one is loaded."""

from typing import TYPE_CHECKING

from ocr2.models.spec import ModelSpec, Task, by_name, shipped_model
from ocr2.onechart.releases import LICENCE, RELEASES
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.onechart.nano.reader import NanoChartReader
    from ocr2.onechart.reader import PublishedReader

TASKS: frozenset[Task] = frozenset(("chart",))


def _load_nano(spec: ModelSpec, options: LoadOptions) -> "NanoChartReader":
    from ocr2.models.loading import load_nano
    from ocr2.onechart.nano.chart_kinds import load_classifier
    from ocr2.onechart.nano.parts import NanoParts
    from ocr2.onechart.nano.reader import NanoChartReader
    from ocr2.onechart.nano.reliability import trust_from

    found = load_nano(spec, options, lambda: NanoParts(spec.name))
    return NanoChartReader(
        found.network.nano,
        found.network.finder,
        name=spec.name,
        weights_sha256=found.shipped.sha256,
        dtype=found.dtype,
        trust=trust_from(found.shipped.details),
        kinds=load_classifier() if options.weights is None else None,  # it was fitted to the shipped encoder
    )


def _load_published(spec: ModelSpec, options: LoadOptions) -> "PublishedReader":
    from ocr2.onechart.checkpoint import load_published
    from ocr2.onechart.reader import PublishedReader

    return PublishedReader.load(spec, options, load_published)


def _checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.multimodal.published import checkpoint_spec
    from ocr2.onechart.checkpoint import checkpoint_format

    return checkpoint_spec(name, checkpoint_format(name))


MODELS = by_name(
    shipped_model(
        "onechart",
        name="onechart-nano",
        tasks=TASKS,
        summary="charts to data, 6 M parameters; got-nano-charts reads their text",
        load=_load_nano,
        companions=("got-nano-charts",),
    ),
    ModelSpec(
        name="onechart",
        tasks=TASKS,
        summary="the published OneChart, 224 M parameters, reads charts; `ocr2 models download onechart`",
        licence=LICENCE,
        load=_load_published,
        releases=RELEASES,
        checkpoint=_checkpoint,
    ),
)
