"""The public calls: what they show, which models they load with which options, and what they refuse."""

import dataclasses
import inspect
import logging
import subprocess
import sys
import threading
import typing
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pytest

import ocr2
from ocr2 import api, options
from ocr2.errors import ModelError
from ocr2.models.spec import DEFAULTS, TASKS
from tests.cli.conftest import FakeReader
from tests.fakes import use_model
from tests.looking import FakeAsker, FakeDetector

EXAMPLES = Path(__file__).parents[2] / "examples"
CALLS = ("load", "read", "chart", "read_charts", "trace", "read_traces", "detect", "ask", "focus", "page_dependence")
PAIRS = [
    (options.LoadOptions, options.LoadChanges, {"weights"}),  # as a keyword a string too
    (options.PageOptions, options.PageChanges, set()),
    (options.ReadOptions, options.ReadChanges, set()),
    (options.ChartOptions, options.ChartChanges, set()),
    (options.FigureOptions, options.FigureChanges, set()),
    (options.DetectOptions, options.DetectChanges, {"names"}),  # a parameter of its own
    (options.AskOptions, options.AskChanges, {"question"}),
    (options.FocusOptions, options.FocusChanges, {"boxes", "point"}),  # as keywords any sequences
]


@pytest.mark.parametrize(("kind", "changes", "other"), PAIRS)
def test_keywords_are_the_fields_of_the_options(kind: type, changes: type, other: set[str]) -> None:
    fields = typing.get_type_hints(kind)
    keys = typing.get_type_hints(changes)
    assert set(keys) | other == set(fields) | (other & set(keys))
    assert all(keys[name] == fields[name] for name in keys if name not in other)
    assert dataclasses.is_dataclass(kind)


@pytest.mark.parametrize("name", CALLS)
def test_types_and_documentation_of_every_keyword_can_be_shown(name: str) -> None:
    call = getattr(ocr2, name)
    hints = typing.get_type_hints(call)
    assert "return" in hints
    shown = inspect.signature(call).parameters
    assert "device" in shown
    assert not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in shown.values())
    documented = inspect.getdoc(call) or ""
    for parameter in shown:
        assert f"    {parameter}: " in documented, parameter


def test_unpacked_keywords_are_told_to_type_checkers() -> None:
    hints = typing.get_type_hints(api.read)
    assert hints["changes"] == Unpack[api.ReadCall]


def test_all_public_names_are_there() -> None:
    assert all(hasattr(ocr2, name) for name in ocr2.__all__)
    assert {"Engine", "ModelError", "ReadOptions", "Where"} <= set(ocr2.__all__)


def test_every_task_has_a_default_that_can_do_it() -> None:
    from ocr2.models.registry import find

    assert all(task in find(DEFAULTS[task]).tasks for task in TASKS)


def test_models_of_a_call_share_its_device_and_type(monkeypatch: pytest.MonkeyPatch) -> None:
    from ocr2.got.models import MODELS

    seen: list[options.LoadOptions] = []
    real = {name: MODELS[name] for name in ("got-nano-charts", "got-nano")}  # of charts' text, and of figures'

    def load(one: Any, how: options.LoadOptions) -> Any:
        seen.append(how)
        return real[one.name].load(one, how)

    for name, spec in real.items():
        monkeypatch.setitem(MODELS, name, dataclasses.replace(spec, load=load))
    ocr2.chart(EXAMPLES / "chart.png", device="cpu", dtype="float32")
    ocr2.trace(EXAMPLES / "figure.png", device="cpu", dtype="float32")
    assert [(how.device, how.dtype, how.weights) for how in seen] == [("cpu", "float32", None)] * 2


def test_an_engine_loads_each_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.full((80, 200), 255, np.uint8)
    loaded = use_model(monkeypatch, FakeReader(), FakeDetector(), FakeAsker("so"))
    with ocr2.load("got-nano", device="cpu") as engine:
        for _ in range(2):
            engine.read(page)
            engine.detect(page, names=("chart",))
            engine.ask(page, "Why?")
            engine.focus(page, boxes=[(0, 0, 50, 50)])
    assert [name for name, _ in loaded] == ["got-nano", "vary-nano", "vary-toy"]
    assert {how.device for _, how in loaded} == {"cpu"}
    with pytest.raises(ModelError, match="the engine is closed"):
        engine.read(page)


def test_a_model_that_is_loaded_does_its_own_task() -> None:
    with ocr2.load("onechart-nano", device="cpu", dtype="float32") as engine:
        assert engine.chart(EXAMPLES / "chart.png").model == "onechart-nano"
        assert engine.model_for("chart") == "onechart-nano"
        assert engine.model_for("read") == "got-nano"


def test_an_engine_is_shared_by_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    use_model(monkeypatch, FakeReader())
    engine, page, done = ocr2.load("got-nano"), np.full((80, 200), 255, np.uint8), list[int]()

    def work() -> None:
        done.append(len(engine.read(page).pages))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [1] * 4


def test_options_as_an_object_and_as_keywords_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    use_model(monkeypatch, FakeReader())
    pages = [np.full((80, 200), 255, np.uint8)] * 3
    one = ocr2.read(pages, ocr2.ReadOptions(pages="2"))
    assert [page.number for page in one.pages] == [page.number for page in ocr2.read(pages, pages="2").pages] == [2]
    both = ocr2.read(pages, ocr2.ReadOptions(pages="2"), pages="3")  # a keyword wins
    assert both.pages[0].number == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ocr2.chart("x.png", model="got"), "got reads pages, not charts; onechart-nano does"),
        (lambda: ocr2.load("gpt"), "unknown model 'gpt'"),
        (lambda: ocr2.Engine(models={"chart": "got-nano"}), "got-nano reads pages, not charts"),
    ],
)
def test_a_model_that_cannot_do_a_task_is_refused_before_it_is_loaded(call: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        call()


def test_the_package_can_be_run_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "ocr2", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"ocr2 {ocr2.__version__}\n")


def test_rooms_log_in_silence_by_default() -> None:
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("ocr2").handlers)


@pytest.mark.parametrize("tag", ["english language", "e", "en_GB", ""])
def test_a_language_that_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="language must be a tag such as en or pt-BR"):
        options.ReadOptions(language=tag)
