"""The training command: one for all models; runs start, stop, go on, decay and are exported."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ocr2.checkpoints.shipped import load_shipped
from ocr2.synth.groups import write_group
from ocr2.synth.layouts.engine import LayoutSample
from ocr2.synth.layouts.records import PageRecord
from ocr2.train import vary_nano as training
from ocr2.train.__main__ import MODELS, main, recipe_of
from ocr2.train.export import POINTING
from ocr2.vary.config import PRESETS
from ocr2.vary.nano.network import LayoutNano

TINY = PRESETS["vary-nano-tiny"]
RECORD: PageRecord = {"layout": "columns", "width": 64, "height": 96, "skew": 0.0, "regions": [["title", 8, 8, 56, 16]]}


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(training, "PRESETS", {"vary-nano": TINY})
    monkeypatch.setattr(training, "BATCH", 2)
    monkeypatch.setattr(training, "EVALUATED", 1)
    monkeypatch.setitem(POINTING, "vary-nano", lambda: LayoutNano(TINY))
    folder = tmp_path / "pool"
    folder.mkdir()
    pages = [LayoutSample(np.random.default_rng(i).integers(0, 256, (96, 64), np.uint8), RECORD) for i in range(4)]
    write_group(folder / "group-00000.npz", pages)
    write_group(folder / "frozen.npz", pages[:1])
    return folder


def steps_of(folder: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_run_is_trained_continued_decayed_and_exported(pool: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "run", tmp_path / "out.safetensors"
    common = ["--pool", str(pool), "--val", str(pool)]
    main(["vary-nano", "train", str(folder), *common, "--steps", "1"])
    main(["vary-nano", "train", str(folder), *common, "--steps", "2", "--evaluate-steps", "2"])
    assert max(steps_of(folder)) == 2
    main(["vary-nano", "decay", str(folder), *common, "--steps", "1"])
    main(["vary-nano", "export", str(folder / "decayed-3.pt"), str(out)])
    trained = torch.load(folder / "decayed-3.pt", weights_only=True)["nano.kind_head.weight"]
    weight = load_shipped(lambda: LayoutNano(TINY), out).network.kind_head.weight
    torch.testing.assert_close(weight, trained, atol=1e-3, rtol=1e-2)


def test_a_new_run_starts_from_weights_that_ship(pool: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "run", tmp_path / "out.safetensors"
    common = ["--pool", str(pool), "--val", str(pool)]
    main(["vary-nano", "train", str(folder), *common, "--steps", "1"])
    main(["vary-nano", "export", str(folder / "state.pt"), str(out)])
    main(["vary-nano", "train", str(tmp_path / "next"), *common, "--steps", "1", "--initial", str(out)])
    main(["vary-nano", "export", str(tmp_path / "next" / "state.pt"), str(tmp_path / "same.safetensors")])
    one, other = (load_shipped(lambda: LayoutNano(TINY), path).network for path in (out, tmp_path / "same.safetensors"))
    fresh = LayoutNano(TINY)  # one step moves weights little, compared with another start
    near = (one.to_head.weight - other.to_head.weight).norm()
    assert near < 0.2 * (one.to_head.weight - fresh.to_head.weight).norm()


@pytest.mark.parametrize("model", MODELS)
def test_every_model_has_a_recipe(model: str) -> None:
    assert callable(recipe_of(model).make_task)


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (["train", "run", "--pool", "nowhere", "--val", "nowhere", "--steps", "1"], "nowhere"),
        (["export", "nowhere.pt", "out"], "nowhere.pt"),
    ],
)
def test_what_is_missing_is_named_in_one_line(
    rest: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["vary-nano", *rest])
    assert told in capsys.readouterr().err.splitlines()[-1]


def test_a_detector_ships_within_its_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({}, tmp_path / "state.pt")
    with pytest.raises(SystemExit):
        main(["onechart-text-detector", "export", str(tmp_path / "state.pt"), str(tmp_path / "out")])
    assert "ships within another model" in capsys.readouterr().err
