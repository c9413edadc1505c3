"""`MODEL all`: what is there is not made again, hashes are checked, and only better weights ship."""

import argparse
import json
import shlex
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from ocr2.train import plan as plans
from ocr2.train.__main__ import MODELS
from ocr2.train.plan import Plan, Render, Score


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_plan(folder: Path, **others: object) -> Plan:
    bench = folder / "bench.py"
    bench.write_text("import sys; print('errors', len(open(sys.argv[1]).read()))", encoding="utf-8")
    score = Score(name="errors", command=f"{bench} {{weights}}", pattern=r"^errors (\d+)", better="lower")
    told = {"ships": folder / "shipped.safetensors", "val": Path("val"), "pools": [Path("pool")], "scores": [score]}
    return Plan(**{**told, **others})  # type: ignore[arg-type]


class Runs:
    """Stands for the modules that are run: makes what they would make."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, command: str, *, processes: int = 1, commit: str = "") -> None:
        words = shlex.split(command)
        self.calls.append(words)
        if words[:1] == ["make"]:
            Path(words[1]).write_text("made", encoding="utf-8")
        elif words[2] == "train":
            run = Path(words[3])
            run.mkdir(parents=True, exist_ok=True)
            run.joinpath("state.pt").touch()
            row = {"kind": "train", "step": 300, "samples": 9000, "core_hours": 3.0}
            run.joinpath("log.jsonl").write_text(json.dumps(row), encoding="utf-8")
        elif words[2] == "decay":
            Path(words[3], f"decayed-{300 + int(words[words.index('--steps') + 1])}.pt").touch()
        elif words[2] == "export":
            Path(words[4]).write_text("new", encoding="utf-8")

    def names(self) -> list[str]:
        return [words[2] for words in self.calls if words[0] == "ocr2.train"]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Modules that are noted instead of run."""
    noted = Runs()
    monkeypatch.setattr(plans, "run_module", noted)
    return noted


def all_arguments(*, ship: bool) -> argparse.Namespace:
    return argparse.Namespace(hours=4.0, folder=None, data=None, processes=2, ship=ship)


def make(plan: Plan, monkeypatch: pytest.MonkeyPatch, *, ship: bool = True) -> None:
    monkeypatch.setattr(plans, "load_plan", lambda model: plan)
    Path("train").mkdir(exist_ok=True)
    plans.make_all("a-model", all_arguments(ship=ship))


def test_every_plan_belongs_to_a_model_and_is_whole() -> None:
    planned = tomllib.loads(resources.files("ocr2.train").joinpath("plans.toml").read_text(encoding="utf-8"))
    assert set(planned) <= set(MODELS)
    for model in planned:
        plan = plans.load_plan(model)
        assert plan.render
        assert plan.scores
        assert plan.ships.suffix == ".safetensors"


def test_a_model_without_a_plan_is_told_which_have_one() -> None:
    with pytest.raises(ValueError, match=r"no plan for 'got-tiny'.*; there are got-nano, "):
        plans.load_plan("got-tiny")


def test_what_is_there_is_not_rendered_again(folder: Path, runs: Runs) -> None:
    plan = a_plan(folder, render=[Render(command="make one", makes=Path("one"))])
    plans.render(plan)
    plans.render(plan)
    assert runs.calls == [["make", "one"]]


def test_a_frozen_set_of_another_hash_is_refused(folder: Path, runs: Runs) -> None:
    plan = a_plan(folder, render=[Render(command="make one", makes=Path("one"), sha256="00ff")])
    with pytest.raises(ValueError, match=r"one has sha256 .*, the frozen set has 00ff"):
        plans.render(plan)


def test_better_weights_ship_and_a_second_call_does_nothing_twice(
    folder: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = a_plan(folder, begin=["--initial", "first"])
    plan.ships.write_text("old weights", encoding="utf-8")
    make(plan, monkeypatch)
    assert runs.names() == ["train", "decay", "export"]
    assert "--initial" in runs.calls[0]
    assert plan.ships.read_text(encoding="utf-8") == "new"
    assert "| errors (lower is better) | 11.0 | 3.0 |" in capsys.readouterr().out
    make(plan, monkeypatch)
    assert runs.names() == ["train", "decay", "export"]
    rows = [json.loads(line) for line in Path("train/ledger.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["core_hours"], row["outcome"]) for row in rows] == [(3.0, "shipped")]


def test_the_decay_takes_its_share_of_the_hours(folder: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan(folder, decay=0.25)
    plan.ships.write_text("old weights", encoding="utf-8")
    make(plan, monkeypatch, ship=False)
    decay = next(words for words in runs.calls if words[2] == "decay")
    assert decay[decay.index("--steps") + 1] == "100"  # 300 steps took the three hours of four
    train = runs.calls[0]
    assert train[train.index("--seconds") + 1] == str(3 * 3600 // 2)


def test_weights_that_are_no_better_stay_where_they_are(
    folder: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = a_plan(folder)
    plan.ships.write_text("x", encoding="utf-8")
    make(plan, monkeypatch)
    assert plan.ships.read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize(
    ("old", "new", "better"),
    [
        ({"errors": 10.0}, {"errors": 9.0}, True),
        ({"errors": 10.0}, {"errors": 9.95}, False),  # by chance
        ({"errors": 10.0}, {"errors": 11.0}, False),
        ({}, {}, False),
    ],
)
def test_better_is_one_score_up_and_none_down(
    folder: Path, old: dict[str, float], new: dict[str, float], better: bool
) -> None:
    assert plans.is_better(a_plan(folder), old, new) is better


def test_a_benchmark_that_prints_something_else_is_an_error(folder: Path) -> None:
    plan = a_plan(folder)
    weights = folder / "w"
    weights.write_text("abc", encoding="utf-8")
    assert plans.score(plan, weights, folder / "scores", data=None) == {"errors": 3.0}
    f1 = Score(name="f1", command=plan.scores[0].command, pattern="f1 (.*)", better="higher")
    other = a_plan(folder, scores=[f1])
    with pytest.raises(ValueError, match="f1: no 'f1"):
        plans.score(other, weights, folder / "scores", data=None)


def test_scores_on_real_pictures_are_left_out_without_them(folder: Path) -> None:
    plan = a_plan(folder, scores=[Score(name="real", command="x.py {data}", pattern="(.)", better="lower")])
    assert plans.score(plan, folder / "w", folder / "scores", data=None) == {}
