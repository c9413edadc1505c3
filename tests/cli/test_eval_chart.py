"""`ocr2 eval chart`: scores of charts that were read."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import the_line

Run = Callable[..., subprocess.CompletedProcess[str]]

TABLE = """\
                            strict    slight      high
AP                          0.4750    0.6500    0.6500
AP50                        0.7500    0.7500    0.7500
AP75                        0.5000    0.7500    0.7500
AP90                        0.2500    0.5000    0.5000
EM                          0.2500
charts                           4
structure accuracy          0.7500
title                       0.5000
source                           -
x title                          -
y title                          -
RNSS                        0.6850
RMS precision               0.7480
RMS recall                  0.6480
RMS F1                      0.6924
AUROC of 3 reliabilities    0.5000
"""


def write(path: str, content: Any) -> None:
    Path(path).write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def evaluate(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `ocr2 eval chart` in a folder with charts and ChartSE's lists."""
    monkeypatch.chdir(tmp_path)
    values = {"a": "10", "b": "20", "c": "30", "d": "40"}
    part = {label: value for label, value in values.items() if label != "d"}
    near = values | {"d": "41.6"}
    write("gt.json", [{"images": f"{n}.png", "gts": {"title": "Sales", "values": values}} for n in range(4)])
    Path("out").mkdir()
    for number, (read, score) in enumerate(((values, 0.9), ({"S": part}, 0.8), (near, 0.7))):
        chart = {"file": f"plots/{number}.png", "page": 1, "title": "Sales" if number else None, "values": read}
        write(f"out/{number}.json", chart | {"reliability": {"score": score}, "error": None})
    write("list.json", [{"imagename": f"{n}.png", "answer": json.dumps({"values": values})} for n in range(3)])
    return lambda *arguments: run("eval", "chart", *arguments)


def test_scores_are_a_table(evaluate: Run) -> None:
    done = evaluate("--gt", "gt.json", "--pred", "out")
    assert (done.returncode, done.stdout) == (0, TABLE)
    assert done.stderr == "ocr2: without a prediction, so counted as wrong, of 4 charts: 1 (3.png)\n"


def test_the_modes_differ_and_say_so(evaluate: Run) -> None:
    done = evaluate("--gt", "gt.json", "--pred", "out", "--compat", "onechart")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("as the scripts of OneChart and DePlot: ")
    scores = json.loads(evaluate("--gt", "gt.json", "--pred", "out", "--compat", "onechart", "--json").stdout)
    assert scores["mode"] == "onechart"
    assert scores["ap"] == {"strict": 0.3, "slight": 0.625, "high": 0.625}
    assert scores["texts"]["source"] == 9999


def test_scores_are_json(evaluate: Run) -> None:
    write("list.json", [*json.loads(Path("list.json").read_text()), {"imagename": "x/9.png", "answer": "{}"}])
    done = evaluate("--gt", "gt.json", "--pred", "list.json", "--json")
    assert json.loads(done.stdout) == {
        "mode": "correct",
        "charts": 4,
        "missing": ["3.png"],
        "unmatched": ["x/9.png"],
        "unreadable": {},
        "structure_accuracy": 0.75,
        "ap": {"strict": 0.75, "slight": 0.75, "high": 0.75},
        "ap50": {"strict": 0.75, "slight": 0.75, "high": 0.75},
        "ap75": {"strict": 0.75, "slight": 0.75, "high": 0.75},
        "ap90": {"strict": 0.75, "slight": 0.75, "high": 0.75},
        "em": 0.75,
        "texts": {"title": 0.0, "source": None, "x_title": None, "y_title": None},
        "rnss": 0.75,
        "rms": {"precision": 0.75, "recall": 0.6, "f1": 0.666667},
        "reliability": {"charts": 0, "auroc": None},
    }
    assert done.stderr.splitlines()[1] == "ocr2: without a ground truth, so not scored: 1 (x/9.png)"


def test_answers_that_are_not_understood_are_named(evaluate: Run) -> None:
    write("list.json", [{"imagename": "0.png", "answer": "words"}])
    done = evaluate("--gt", "gt.json", "--pred", "list.json", "--json", "--per-item", "items.jsonl")
    assert "ocr2: not understood, so counted as wrong, of 4 charts: 1 (0.png)" in done.stderr
    assert json.loads(done.stdout)["unreadable"]["0.png"].startswith("the answer: not JSON")
    rows = [json.loads(line) for line in Path("items.jsonl").read_text().splitlines()]
    assert [row["missing"] for row in rows] == [False, True, True, True]
    assert rows[1] == {
        "name": "1.png",
        "missing": True,
        "reason": "there is none",
        "overlap": {"strict": 0.0, "slight": 0.0, "high": 0.0},
        "texts": {"title": 0.0},
        "rnss": 0.0,
        "rms": {"precision": 0.0, "recall": 0.0, "f1": 0.0},
        "reliability": None,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--pred out", "Missing option '--gt'."),
        ("--gt gt.json --pred gone", "gone: No such file or directory"),
        ("--gt gt.json --pred bad.json", "bad.json: not JSON (Expecting value: line 1 column 1 (char 0))"),
        ("--gt bad.json --pred out", "bad.json: not JSON"),
        ("--gt gt.json --pred binary.json", "binary.json: not UTF-8 text (byte 0)"),
        ("--gt gt.json --pred empty", "empty: expected charts (.json), found none"),
        ("--gt gt.json --pred other.json", "no name of gt.json is one of other.json: '0.png', '1.png', ..."),
        ("--gt gt.json --pred text.json", "record 1 of text.json: expected one of answer, gts, values, data"),
        ("--gt gt.json --pred out --per-item out/1.json", "cannot write to out/1.json: it is a file"),
        ("--gt gt.json --pred out --compat got", "Invalid value for '--compat': "),
    ],
)
def test_wrong_use_is_one_line_and_code_2(evaluate: Run, arguments: str, message: str) -> None:
    Path("empty").mkdir()
    Path("bad.json").write_text("no")
    Path("binary.json").write_bytes(b"\xff\xfe\x00")
    write("other.json", [{"file": "z.png", "values": {}}])
    write("text.json", [{"file": "0.png", "text": "words"}])
    done = evaluate(*arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert the_line(done).startswith(message)
