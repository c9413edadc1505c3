"""Tiny models and samples of every kind that can be post-trained."""

import string
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ocr2.got.nano.reader import load_vocabulary
from ocr2.onechart.config import PRESETS as CHARTS
from ocr2.slowperception.config import PRESETS as FIGURES
from ocr2.synth.charts.records import ChartRecord, TextRecord
from ocr2.synth.charts.rendered import Role
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.groups import group_path
from ocr2.synth.pool import Bucket, write_group
from ocr2.train import onechart_nano, slowperception_nano
from ocr2.train.pools import Drawn
from ocr2.train.posttraining.charts import ChartPolicy, build_charts
from ocr2.train.posttraining.figures import FigurePolicy, build_figures
from ocr2.train.posttraining.strips import StripPolicy, StripSample, build_strips

LETTERS = string.ascii_letters + string.digits
# Most letters, in some order: a random answer is likely to hold one of them, so that rewards differ.
WORDS = tuple(LETTERS[i:] + LETTERS[:i] for i in (0, 20, 40, 55))


def strips(count: int = 6) -> list[StripSample]:
    """Return strips of noise and what they say."""
    rng = np.random.default_rng(0)
    return [StripSample(rng.integers(0, 255, (32, 64), dtype=np.uint8), WORDS[i % len(WORDS)]) for i in range(count)]


@pytest.fixture
def strip_policy() -> StripPolicy:
    """got-tiny with random weights."""
    torch.manual_seed(0)
    return build_strips("got-tiny")


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    """A pool of one group of such strips."""
    vocabulary = load_vocabulary()
    samples = strips(24)
    ids = [vocabulary.encode(sample.text) for sample in samples]
    targets = np.zeros((len(ids), len(LETTERS)), np.uint16)
    for row, one in zip(targets, ids, strict=True):
        row[: len(one)] = one
    bucket = Bucket(np.stack([s.pixels for s in samples]), targets, np.array([len(one) for one in ids]))
    folder = tmp_path / "pool"
    folder.mkdir()
    write_group(group_path(folder, 0), {64: bucket})
    return folder


def _png(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.imencode(".png", pixels)[1].ravel(), np.uint8)


@pytest.fixture
def figure_policy(monkeypatch: pytest.MonkeyPatch) -> FigurePolicy:
    """slowperception-tiny with random weights; training's batches are made for it."""
    monkeypatch.setattr(
        slowperception_nano, "PRESETS", {**FIGURES, "slowperception-nano": FIGURES["slowperception-tiny"]}
    )
    torch.manual_seed(0)
    return build_figures("slowperception-tiny")


@pytest.fixture
def figure() -> Drawn[FigureRecord]:
    """A triangle and a circle."""
    record: FigureRecord = {
        "scene": "tri",
        "segments": [[-6, -3, 6, -3], [-6, -3, 0, 5], [0, 5, 6, -3]],
        "dashed": [False] * 3,
        "circles": [[0.0, -0.5, 2.5]],
        "letters": [],
        "signs": 0,
        "side": 96,
        "width": 1.0,
        "wobble": 0.0,
    }
    return _png(np.random.default_rng(0).integers(0, 256, (96, 96), np.uint8)), record


@pytest.fixture
def chart_policy(monkeypatch: pytest.MonkeyPatch) -> ChartPolicy:
    """onechart-tiny with random weights; training's batches are made for it."""
    monkeypatch.setattr(onechart_nano, "PRESETS", {**CHARTS, "onechart-nano": CHARTS["onechart-tiny"]})
    torch.manual_seed(0)
    return build_charts("onechart-tiny")


def _text(text: str, x: float, y: float, role: Role, series: int = -1, index: int = -1) -> TextRecord:
    box = {"x": x, "y": y, "width": 20.0, "height": 8.0, "angle": 0.0}
    return {"text": text, **box, "role": role, "series": series, "index": index}  # type: ignore[typeddict-item]


@pytest.fixture
def chart() -> Drawn[ChartRecord]:
    """Two bars whose values are printed."""
    record: ChartRecord = {
        "width": 200,
        "height": 100,
        "renderer": "fast",
        "kind": "bar",
        "arrangement": "single",
        "printed": True,
        "log": False,
        "numeric_labels": False,
        "labels": ["a", "b"],
        "series": [{"name": None, "line": False, "second": False, "values": [3.0, 9.0]}],
        "answer": {
            "title": "Sales",
            "source": "None",
            "x_title": "None",
            "y_title": "None",
            "values": {"a": "3", "b": "9"},
        },
        "texts": [
            _text("Sales", 100, 8, "title"),
            _text("a", 50, 92, "label", index=0),
            _text("b", 150, 92, "label", index=1),
            _text("3", 50, 60, "value", 0, 0),
            _text("9", 150, 28, "value", 0, 1),
        ],
        "points": [
            {"series": 0, "index": 0, "x": 50.0, "y": 62.5, "base_x": 50.0, "base_y": 80.0},
            {"series": 0, "index": 1, "x": 150.0, "y": 31.25, "base_x": 150.0, "base_y": 80.0},
        ],
    }
    return _png(np.random.default_rng(0).integers(0, 256, (100, 200, 3), np.uint8)), record
