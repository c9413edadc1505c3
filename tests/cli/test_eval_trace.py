"""`ocr2 eval trace`: both forms of figures, what is missing, and what cannot be understood."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def ours(name: str, segments: list[Any], circles: list[Any] = [], **more: Any) -> dict[str, Any]:  # noqa: B006
    """A trace in a picture of 400 x 200 pixels: a unit is 20 of them."""
    return {
        "file": name,
        "width": 400,
        "height": 200,
        "segments": [{"start": a, "end": b} for a, b in segments],
        "circles": [{"center": c, "radius": r} for c, r in circles],
        **more,
    }


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


def scores(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def test_traces_are_scored_by_ends_circles_and_the_authors_rule(run: Run, tmp_path: Path) -> None:
    truth = [
        ours("a.png", [((0, 0), (200, 100)), ((200, 100), (400, 0))], [((200, 100), 60)]),
        ours("b.png", [((0, 0), (400, 200))]),
    ]
    answer = [
        # The first is 0.3 units off at one end, turned around; the circle is 0.4 units too large.
        ours("out/a.png", [((200, 100), (0, 6)), ((200, 100), (400, 0))], [((200, 100), 68)]),
        ours("c.png", []),
    ]
    done = run(
        "eval",
        "trace",
        "--gt",
        write(tmp_path / "gt.json", truth),
        "--pred",
        write(tmp_path / "p.json", answer),
        "--json",
    )
    assert done.returncode == 0
    found = scores(done)
    assert found["figures"] == 2
    assert found["segments_f1"] == {"0.5": 0.5, "0.25": 0.25}
    assert found["circles_f1"] == {"0.5": 1.0, "0.25": 0.0}
    assert found["sp1_f1"]["0.75"] == 0.5
    assert (found["missing"], found["unmatched"]) == (["b.png"], ["c.png"])
    assert "without a prediction, so counted as wrong, of 2 figures: 1 (b.png)" in done.stderr


def test_the_authors_form_is_read_and_equals_ours(run: Run, tmp_path: Path) -> None:
    theirs = write(tmp_path / "gt.json", [{"a": [[[-10, 5], [0, 0]], [[0, 0], [10, 5]]]}])
    mine = write(tmp_path / "a.json", ours("a.png", [((0, 0), (200, 100)), ((200, 100), (400, 0))]))
    done = run("eval", "trace", "--gt", theirs, "--pred", mine, "--json", "--per-item", tmp_path / "items.jsonl")
    assert scores(done)["segments_f1"] == {"0.5": 1.0, "0.25": 1.0}
    assert scores(done)["circles_f1"] == {"0.5": None, "0.25": None}
    (item,) = map(json.loads, (tmp_path / "items.jsonl").read_text().splitlines())
    assert (item["name"], item["sp1"]["0.9"]["found"]) == ("a", 2)


def test_the_table_has_every_mean(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", ours("a.png", [((0, 0), (200, 100))]))
    table = run("eval", "trace", "--gt", path, "--pred", path).stdout
    assert [line.split()[0] for line in table.splitlines()] == [
        "0.5", "segments", "circles", "0.75", "SP-1", "SP-1", "SP-1", "SP-1", "SP-1", "figures",
    ]  # fmt: skip
    assert "segments F1         1.0000    1.0000" in table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "record 1 of {path}: expected an object, got int"),
        ("[]", "{path}: there are no figures in it"),
        ("{", "{path}: not JSON"),
        ('{"segments": []}', "{path}: neither a trace nor {{name: [[[x, y], [x, y]], ...]}} (no 'width')"),
        ('{"a": [[1, 2]]}', "{path}: neither a trace nor"),
        ('{"a": [[[0, 0], [1, NaN]]]}', "{path}: neither a trace nor"),
        ('[{"x": []}, {"y": []}]', "no name of {path} is one of"),
    ],
)
def test_what_is_no_figure_is_told(run: Run, tmp_path: Path, content: str, message: str) -> None:
    good = write(tmp_path / "good.json", [ours("a.png", []), ours("b.png", [])])
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    done = run("eval", "trace", "--gt", bad, "--pred", good)
    assert (done.returncode, done.stdout) == (2, "")
    assert message.format(path=bad) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_pages_are_matched_whatever_the_ending(run: Run, tmp_path: Path) -> None:
    line = [((0, 0), (200, 100))]
    gt = write(tmp_path / "gt.json", [ours("a.tif", line), ours("a.tif", line, page=2)])
    pred = write(tmp_path / "pred.json", [ours("out/a.pdf", line), ours("out/a.pdf", line, page=2)])
    done = run("eval", "trace", "--gt", gt, "--pred", pred, "--json")
    assert (done.stderr, scores(done)["segments_f1"]["0.5"]) == ("", 1.0)
