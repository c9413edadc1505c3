"""The models of this room, and what loads them; torch is imported when one is loaded."""

from typing import TYPE_CHECKING

from ocr2.got.releases import RELEASES
from ocr2.models.spec import ModelSpec, Task, by_name, shipped_model
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.got.nano.reader import NanoReader
    from ocr2.got.reader import ViewReader

TASKS: frozenset[Task] = frozenset(("read", "focus"))
# Names of the files, beside those of the readers, that find lines for them.
TEXT_DETECTORS = {"got-nano": "text-detector", "got-nano-charts": "text-detector-charts"}

FORMULAS = "got-nano-formulas"  # reads formulas for got-nano


def _load_nano(spec: ModelSpec, options: LoadOptions) -> "NanoReader":
    from ocr2.got.config import PRESETS
    from ocr2.got.formulas.config import PRESETS as FORMULA_PRESETS
    from ocr2.got.formulas.network import FormulaNano
    from ocr2.got.formulas.reader import FormulaReader
    from ocr2.got.nano.reader import NanoReader
    from ocr2.got.network import GOTModel
    from ocr2.models.loading import load_nano, load_part
    from ocr2.vision.text_detector import PageTextDetector, TextDetector

    found = load_nano(spec, options, lambda: GOTModel(PRESETS[spec.name]))

    def load_detector() -> PageTextDetector:
        return PageTextDetector(load_part(spec, options, TEXT_DETECTORS[spec.name], TextDetector), found.dtype)

    def load_formulas() -> FormulaReader:
        network = load_part(spec, options, FORMULAS, lambda: FormulaNano(FORMULA_PRESETS[FORMULAS])).eval()
        return FormulaReader(network, name=FORMULAS, dtype=found.dtype)

    return NanoReader(
        found.network,
        name=spec.name,
        weights_sha256=found.shipped.sha256,
        dtype=found.dtype,
        load_detector=load_detector,
        load_formulas=load_formulas if spec.name == "got-nano" else None,
        temperature=float(str(found.shipped.details.get("temperature", 1.0))),
    )


def _load_published(spec: ModelSpec, options: LoadOptions) -> "ViewReader":
    from ocr2.got.checkpoint import load_published
    from ocr2.got.reader import ViewReader

    return ViewReader.load(spec, options, load_published)


def _checkpoint(name: str) -> "CheckpointSpec":
    from ocr2.got.checkpoint import checkpoint_format
    from ocr2.multimodal.published import checkpoint_spec

    return checkpoint_spec(name, checkpoint_format(name))


MODELS = by_name(
    shipped_model(
        "got",
        name="got-nano",
        tasks=TASKS,
        summary="reads Latin-script text lines cut from a page; 3.5 M parameters, for CPUs",
        load=_load_nano,
    ),
    shipped_model(
        "got",
        name="got-nano-charts",
        tasks=TASKS,
        summary="got-nano trained on text in charts: small, turned, on coloured background; `ocr2 chart` uses it",
        load=_load_nano,
    ),
    ModelSpec(
        name="got",
        tasks=TASKS,
        summary="the published GOT-OCR2.0, 560 M parameters, reads whole pages; `ocr2 models download got`",
        licence="Apache-2.0 (weights by their authors)",
        load=_load_published,
        releases=RELEASES,
        checkpoint=_checkpoint,
        reads_whole_pages=True,
        companions=("got-nano",),
    ),
)
