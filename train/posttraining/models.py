"""The models that can be post-trained: what builds a policy, reads its samples, and judges its answers by default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ocr2.train.posttraining.nano_policy import NanoPolicy

PUBLISHED = "got"  # by `ocr2.train.finetune`, supervised alone


@dataclass(frozen=True, slots=True)
class Trainable:
    """A model. Samples are of a kind of its own, which its policy takes."""

    build: Callable[[str], NanoPolicy[Any, Any]]  # by preset
    read: Callable[..., Sequence[Any]]  # paths, limit, seed
    reward: str


def find(name: str) -> Trainable:
    """Return a model by name, also a preset of tests; what one model needs is imported for it alone.

    Raises:
        ValueError: If it cannot be post-trained.
    """
    if name in ("got-nano", "got-nano-charts", "got-tiny"):
        from ocr2.train.posttraining.strips import build_strips, read_strips

        return Trainable(build_strips, read_strips, "page_text")
    if name in ("onechart-nano", "onechart-tiny"):
        from ocr2.train.posttraining.charts import build_charts, read_charts

        return Trainable(build_charts, read_charts, "chart_ap")
    if name in ("slowperception-nano", "slowperception-tiny"):
        from ocr2.train.posttraining.figures import build_figures, read_figures

        return Trainable(build_figures, read_figures, "geometry_f1")
    known = "got-nano, got-nano-charts, onechart-nano, slowperception-nano"
    raise ValueError(f"no post-training of {name!r}; there are {known}, and with sft {PUBLISHED}")
