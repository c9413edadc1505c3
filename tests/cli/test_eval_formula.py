"""`ocr2 eval formula`: exact in the normal form, by edits, and drawn."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ocr2.cli.eval.formulas import score_formula_pairs
from ocr2.metrics.pairs import Pair, Pairs

Run = Callable[..., subprocess.CompletedProcess[str]]


def folder(path: Path, texts: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in texts.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_ways_to_write_the_same_are_exact_and_others_are_counted_by_edits(run: Run, tmp_path: Path) -> None:
    truth = folder(tmp_path / "gt", {"a.txt": r"\frac{a}{b}", "b.txt": "x^{2}+y", "c.txt": "z"})
    read = folder(tmp_path / "pred", {"a.txt": r"\[\frac ab \tag{3}\]", "b.txt": "$x^2 + z$"})
    done = run("eval", "formula", "--pred", str(read), "--gt", str(truth), "--json")
    content = json.loads(done.stdout)
    assert content["formulas"] == 3
    assert content["exact"] == pytest.approx(33.33, abs=0.01)
    assert 0 < content["edit"] < 100
    assert content["missing"] == ["c.txt"]
    assert content["alike"] is None


def test_the_table_and_the_lines(run: Run, tmp_path: Path) -> None:
    one = folder(tmp_path / "gt", {"a.txt": "x", "b.txt": "y"})
    lines = tmp_path / "items.jsonl"
    done = run("eval", "formula", "--pred", str(one), "--gt", str(one), "--per-item", str(lines))
    assert "exact %" in done.stdout
    assert "100.0" in done.stdout
    assert [json.loads(row)["exact"] for row in lines.read_text(encoding="utf-8").splitlines()] == [True, True]


def test_what_looks_alike_counts_though_it_is_written_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)  # Matplotlib draws
    pairs = Pairs((Pair("a", r"x\,y", "xy z"), Pair("b", r"\mathrm{ab}", r"\mathrm{a}\mathrm{b}"), Pair("c", "a", "b")))
    scores = score_formula_pairs(pairs, drawn=True)
    assert scores.drawn_by == "Matplotlib"
    assert [item.alike for item in scores.items] == [False, True, False]
