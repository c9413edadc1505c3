"""What is known of a model before a byte of its weights is read: a record, and what its room loads it with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from ocr2.checkpoints.releases import Release
from ocr2.options import LoadOptions

if TYPE_CHECKING:
    from ocr2.checkpoints.tensor_names import CheckpointSpec
    from ocr2.models.protocols import Model

Task = Literal["read", "chart", "trace", "detect", "ask", "focus"]
TASKS: tuple[Task, ...] = get_args(Task)

# What a model of each task does, and the models that are taken unless another is named.
VERBS: dict[Task, str] = {
    "read": "reads pages",
    "chart": "reads charts",
    "trace": "traces figures",
    "detect": "finds regions",
    "ask": "answers questions",
    "focus": "reads places of pages",
}
DEFAULTS: dict[Task, str] = {
    "read": "got-nano",
    "chart": "onechart-nano",
    "trace": "slowperception-nano",
    "detect": "vary-nano",
    "ask": "vary-toy",
    "focus": "got-nano",
}

MULTI_PAGE_READER = "got"  # reads several pages as one text

# What reads the text of charts, and of plane figures, for models that need it.
TEXT_IN_CHARTS = "got-nano-charts"
TEXT_IN_FIGURES = "got-nano"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One model: its tasks, where its weights are, and how it is loaded.

    Attributes:
        name: Name of the model, as `ocr2 models list` shows it.
        tasks: What it can do.
        summary: One line for people.
        licence: Licence of the weights.
        load: Loads the model; torch is imported when it is called.
        assets: Package that its weights ship in, as `<name>.safetensors`; None for published models.
        releases: Checkpoints on the hub that it can be loaded from, the preferred one first.
        elsewhere: Where its weights are, if they neither ship nor are on the hub.
        checkpoint: Says what a folder of the published checkpoint must hold; None for shipped models.
        reads_whole_pages: Whether it reads a page at a time, in markup and without boxes.
        companions: Models that it calls for a part of its work; they are loaded with the same options.
    """

    name: str
    tasks: frozenset[Task]
    summary: str
    licence: str
    load: "Callable[[ModelSpec, LoadOptions], Model]"
    assets: str | None = None
    releases: tuple[Release, ...] = ()
    elsewhere: str = ""
    checkpoint: "Callable[[str], CheckpointSpec] | None" = None
    reads_whole_pages: bool = False
    companions: tuple[str, ...] = ()

    @property
    def shipped(self) -> bool:
        """Whether its weights come with the package."""
        return self.assets is not None

    @property
    def does(self) -> str:
        """What it does, in words: "finds regions and answers questions"."""
        # Who reads pages reads places too; it is not worth a word.
        told = [VERBS[task] for task in TASKS if task in self.tasks and not (task == "focus" and "read" in self.tasks)]
        return " and ".join(told)


def shipped_model(
    room: str,
    *,
    name: str,
    tasks: frozenset[Task],
    summary: str,
    load: "Callable[[ModelSpec, LoadOptions], Model]",
    companions: tuple[str, ...] = (),
) -> ModelSpec:
    """Return a model of this project, whose weights lie in its room's package and have the package's licence."""
    return ModelSpec(
        name=name,
        tasks=tasks,
        summary=summary,
        licence="Apache-2.0",
        load=load,
        assets=f"ocr2.{room}.assets",
        companions=companions,
    )


def by_name(*models: ModelSpec) -> dict[str, ModelSpec]:
    """Return models by their names."""
    return {model.name: model for model in models}


def wrong_task(spec: ModelSpec, task: Task) -> str:
    """Say that a model cannot do a task, and which one can.

    Examples:
        >>> got = ModelSpec(name="got", tasks=frozenset({"read"}), summary="", licence="", load=lambda *_: None)
        >>> wrong_task(got, "chart")
        'got reads pages, not charts; onechart-nano does'
        >>> wrong_task(got, "detect")
        'got reads pages; vary-nano finds regions'
    """
    verb, _, what = VERBS[task].partition(" ")
    if verb == "reads" and spec.does.startswith("reads") and " and " not in spec.does:
        return f"{spec.name} {spec.does}, not {what}; {DEFAULTS[task]} does"
    return f"{spec.name} {spec.does}; {DEFAULTS[task]} {VERBS[task]}"
