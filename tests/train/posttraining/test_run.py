"""Configs, whole runs and the command: every failure is one line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ocr2.cli.failures import run_guarded
from ocr2.cli.main import app
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.train.finetune import Plan
from ocr2.train.posttraining import published
from ocr2.train.posttraining.config import METHODS, Method, read_config
from ocr2.train.posttraining.run import post_train

Write = Callable[..., Path]

SECTIONS = """
[sft]
batch = 4
[grpo]
groups = 2
answers = 3
max_new_tokens = 5
[perpo]
groups = 2
temperatures = [0.7, 1.0, 1.4]
max_new_tokens = 5
min_spread = 0.0
[reper]
groups = 2
min_spread = 0.0
max_new_tokens = 5
"""


@pytest.fixture
def write(tmp_path: Path, pool: Path) -> Write:
    """Write a config for got-tiny; keys given replace or add lines."""
    torch.manual_seed(0)
    save_file(
        GOTModel(PRESETS["got-tiny"]).state_dict(), tmp_path / "tiny.safetensors", {"ocr2": '{"temperature": 1.2}'}
    )

    def write(name: str = "run.toml", sections: str = SECTIONS, **keys: object) -> Path:
        rows: dict[str, object] = {
            "model": "got-tiny", "weights": str(tmp_path / "tiny.safetensors"), "data": [str(pool)], "val": str(pool),
            "out": str(tmp_path / "out"), "steps": 4, "samples": 12, "val_samples": 3, "rate": 1e-3,
            "evaluate_steps": 2, "log_steps": 1, **keys,
        }  # fmt: skip
        lines = [f"{key} = {json.dumps(value)}" for key, value in rows.items() if value is not None]
        path = tmp_path / name
        path.write_text("\n".join(lines) + sections)
        return path

    return write


@pytest.mark.parametrize("method", METHODS)
def test_a_run_writes_weights_that_can_be_loaded(method: Method, write: Write, tmp_path: Path) -> None:
    out = post_train(method, read_config(write()))
    assert out == tmp_path / "out" / "got-tiny.safetensors"
    before, after = load_file(tmp_path / "tiny.safetensors"), load_file(out)
    GOTModel(PRESETS["got-tiny"]).load_state_dict(after)
    assert any(not torch.equal(value, before[name]) for name, value in after.items())
    rows = [json.loads(row) for row in (tmp_path / "out" / "run" / "log.jsonl").read_text().splitlines()]
    assert {row["kind"] for row in rows} == {"train", "eval", "eval-decay"}
    assert all("reward" in row for row in rows if row["kind"] != "train" or method != "sft")


def test_a_stopped_run_goes_on_and_ends_the_same(write: Write, tmp_path: Path) -> None:
    whole = post_train("grpo", read_config(write()))
    assert whole is not None
    parts, calls = None, 0
    while parts is None:
        parts = post_train("grpo", read_config(write(out=str(tmp_path / "parts"), seconds=0.0)))
        calls += 1
        assert calls < 9
    assert calls > 1
    for name, value in load_file(whole).items():
        assert torch.equal(value, load_file(parts)[name]), name
    stamp = parts.stat().st_mtime_ns
    assert post_train("grpo", read_config(write(out=str(tmp_path / "parts")))) == parts
    assert parts.stat().st_mtime_ns == stamp  # it has ended


def test_a_constant_rate_can_be_gone_on_with(write: Write, tmp_path: Path) -> None:
    assert post_train("sft", read_config(write(schedule="constant"))) is not None
    assert post_train("sft", read_config(write(schedule="constant", steps=6))) is not None
    rows = [json.loads(row) for row in (tmp_path / "out" / "run" / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] == 6


def test_a_curriculum_is_kept_in_a_file(write: Write, tmp_path: Path) -> None:
    sections = SECTIONS.replace("answers = 3", "answers = 3\ncurriculum = true")
    assert post_train("grpo", read_config(write(sections=sections))) is not None
    kept = json.loads((tmp_path / "out" / "curriculum.json").read_text())
    assert sorted(kept["order"]) == list(range(12))
    assert kept["reward"] == sorted(kept["reward"], reverse=True)


def test_rewards_can_be_mixed(write: Write, tmp_path: Path) -> None:
    sections = "\n[reward]\npage_text = 1.0\nrepetition = 0.5\n" + SECTIONS
    post_train("grpo", read_config(write(sections=sections)))
    row = json.loads((tmp_path / "out" / "run" / "log.jsonl").read_text().splitlines()[0])
    assert {"reward_page_text", "reward_repetition", "reward_repetition.unique"} <= set(row)


def test_without_tensorboard_there_is_a_warning(
    write: Write, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch.utils.tensorboard", None)
    assert post_train("sft", read_config(write(tensorboard=True))) is not None
    assert "TensorBoard is not installed" in caplog.text


def test_the_published_model_is_tuned_by_its_own_command(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[Plan] = []
    monkeypatch.setattr(published, "finetune", lambda plan: plans.append(plan) or True)  # type: ignore[func-returns-value]
    config = read_config(write(model="got", data=["a.jsonl"], val=["b.jsonl"], lora_rank=8))
    assert post_train("sft", config) == tmp_path / "out" / "model.safetensors"
    (plan,) = plans
    assert (plan.records, plan.val, plan.rank, plan.batch_size) == (Path("a.jsonl"), Path("b.jsonl"), 8, 4)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["ocr2", "train", *arguments])
    return run_guarded(app, debug=False)


def test_the_command_prints_where_the_weights_are(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(write())
    assert run(monkeypatch, "grpo", config, "--quiet", "--seconds", "0") == 1
    assert capsys.readouterr().err == "ocr2: stopped before step 4; the same command goes on\n"
    assert run(monkeypatch, "sft", config, "-q", "-o", str(tmp_path / "other"), "--steps", "3") == 0
    assert capsys.readouterr() == (f"{tmp_path / 'other' / 'got-tiny.safetensors'}\n", "")


@pytest.mark.parametrize(
    ("keys", "sections", "line"),
    [
        ({"stepz": 3}, "", "run.toml: unknown key 'stepz'; expected one of model, data, out, "),
        ({}, "[grpo]\nbetta = 1\n", "run.toml: unknown key 'grpo.betta'; expected one of groups, answers, "),
        ({"out": None}, "", "run.toml: the key 'out' is missing"),
        ({"steps": "many"}, "", "run.toml: steps must be a whole number, got 'many'"),
        ({"steps": 1}, "", "run.toml: steps must be at least 2, got 1"),
        ({"rate": True}, "", "run.toml: rate must be a number, got True"),
        ({"grpo": 3}, "", "run.toml: grpo must be a table, got 3"),
        ({"schedule": "cosine"}, "", "run.toml: schedule must be one of linear, constant, got 'cosine'"),
        ({}, "[grpo]\nanswers = 1\n", "run.toml: grpo.answers must be at least 2, got 1"),
        ({}, "[perpo]\ntemperatures = [3]\n", "run.toml: temperatures must be at least 2, got [3.0]"),
        ({}, "[reward]\npage_text = 'x'\n", "run.toml: reward.page_text must be a number, got 'x'"),
        ({}, "[grpo\n", "run.toml: Expected ']' at the end of a table declaration"),
        ({"model": "fox"}, "", "no post-training of 'fox'; there are got-nano, "),
        ({}, "[reward]\nbeauty = 1\n", "unknown reward 'beauty'; expected one of page_text, "),
        ({"lora_rank": 4}, "", "low-rank adapters are for published models; got-tiny is small enough as it is"),
        ({"model": "got"}, "", "got is trained by sft alone; grpo is for nano models"),
        ({"data": ["nowhere.jsonl"]}, "", "cannot read nowhere.jsonl: No such file or directory"),
        ({"weights": "nowhere.safetensors"}, "", "nowhere.safetensors"),
    ],
)
def test_what_is_wrong_is_one_line(
    keys: dict[str, object],
    sections: str,
    line: str,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "grpo", str(write(sections="\n" + sections, **keys)), "-q") in (1, 2, 3)
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert line in error


def test_a_folder_of_another_run_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "sft", str(write()), "-q") == 0
    capsys.readouterr()
    assert run(monkeypatch, "grpo", str(write(seed=2)), "-q") == 2
    assert "holds a run with other method, seed, grpo; name another folder" in capsys.readouterr().err


def test_a_config_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "sft", str(tmp_path / "absent.toml")) == 2
    assert capsys.readouterr().err == f"ocr2: {tmp_path / 'absent.toml'}: No such file or directory\n"
