"""`ocr2 eval`: scores of results."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import the_line

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Truths and answers of two pages in folders `gt` and `out`."""
    for folder, texts in {"gt": ("a b c d e", "x y"), "out": ("a b c d", "x y")}.items():
        (tmp_path / folder).mkdir()
        for name, text in zip(("1.txt", "2.txt"), texts, strict=True):
            (tmp_path / folder / name).write_text(text + "\n")
    return tmp_path


@pytest.fixture
def evaluate(run: Run, pages: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `ocr2 eval read` in the folder with the pages."""
    monkeypatch.chdir(pages)
    return lambda *arguments: run("eval", "read", *arguments)


TABLE = """\
                             text
items                           2
edit_distance              0.1111
precision                  1.0000
recall                     0.9000
f1                         0.9444
bleu                       0.8894
meteor                          -
cer (%)        16.67 (0.00-22.22)
wer (%)        14.29 (0.00-20.00)
absent: meteor: needs WordNet's files (--wordnet)
"""
NAMED = ", ".join(f"{number}.txt" for number in range(30, 40))
GOT_TABLE = """\
                 text
items               1
dropped             1
edit_distance  0.2222
precision      0.8000
recall         1.0000
f1             0.8889
bleu           0.6687
meteor              -
as GOT's scripts: precision and recall in each other's place, BLEU and METEOR with the answer as truth
absent: meteor: needs WordNet's files (--wordnet)
"""


def test_scores_are_a_table(evaluate: Run) -> None:
    done = evaluate("--gt", "gt", "--pred", "out")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", TABLE)


def test_gots_scores_are_a_table(evaluate: Run) -> None:
    Path("out/2.txt").unlink()
    done = evaluate("--gt", "gt", "--pred", "out", "--compat", "got")
    assert (done.returncode, done.stdout) == (0, GOT_TABLE)
    assert done.stderr == "ocr2: without a prediction, so dropped, of 2 items: 1 (2.txt)\n"


def test_what_does_not_match_is_named(evaluate: Run) -> None:
    Path("out/2.txt").rename("out/3.txt")
    done = evaluate("--gt", "gt", "--pred", "out")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "ocr2: without a prediction, so counted as empty, of 2 items: 1 (2.txt)",
        "ocr2: without a ground truth, so not scored: 1 (3.txt)",
    ]


def test_many_names_are_cut_short(evaluate: Run) -> None:
    for number in range(30, 43):
        Path(f"gt/{number}.txt").write_text("a")
    assert evaluate("--gt", "gt", "--pred", "out").stderr.endswith(": 13 (" + NAMED + " and 3 more)\n")


def test_scores_are_json_with_all_parts(evaluate: Run) -> None:
    Path("out/2.txt").unlink()
    done = evaluate("--gt", "gt", "--pred", "out", "--json", "--part", "all")
    scores = json.loads(done.stdout)
    assert {key: scores[key] for key in ("mode", "items", "missing", "unmatched")} == {
        "mode": "correct",
        "items": 2,
        "missing": ["2.txt"],
        "unmatched": [],
    }
    assert scores["parts"]["text"] | {"bleu": None} == {
        "items": 2,
        "dropped": [],
        "without": 0,
        "tokens": "word",
        "edit_distance": 0.611111,
        "precision": 0.5,
        "recall": 0.4,
        "f1": 0.444444,
        "bleu": None,
        "meteor": None,
        "cer": {"percent": 41.666667, "low": 22.222222, "high": 100.0},
        "wer": {"percent": 42.857143, "low": 20.0, "high": 100.0},
        "absent": {"meteor": "needs WordNet's files (--wordnet)"},
    }
    assert scores["parts"]["table"]["f1"] is scores["parts"]["table"]["cer"] is None
    assert (scores["parts"]["formula"]["items"], scores["parts"]["formula"]["without"]) == (0, 2)


def test_scores_of_each_item_are_written(evaluate: Run, wordnet_folder: Path) -> None:
    done = evaluate("--gt", "gt", "--pred", "out", "--wordnet", wordnet_folder, "--per-item", "items.jsonl")
    assert "absent" not in done.stdout
    rows = [json.loads(line) for line in Path("items.jsonl").read_text().splitlines()]
    assert rows[1] == {
        "name": "2.txt",
        "part": "text",
        "missing": False,
        "edit_distance": 0.0,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "bleu": 1.0,
        "meteor": 1 - 0.5 / 8,
        "cer": {"edits": 0, "length": 3},
        "wer": {"edits": 0, "length": 2},
    }


def test_a_list_with_labels_needs_no_ground_truths(evaluate: Run) -> None:
    Path("got.json").write_text(json.dumps([{"label": "a b c d", "answer": "a b c d"}]))
    scores = json.loads(evaluate("--pred", "got.json", "--compat", "got", "--json").stdout)
    assert (scores["mode"], scores["parts"]["text"]["f1"], scores["parts"]["text"]["cer"]) == ("got", 1, None)


def test_tokens_can_be_chosen(evaluate: Run) -> None:
    done = evaluate("--gt", "gt", "--pred", "out", "--level", "char", "--json")
    assert json.loads(done.stdout)["parts"]["text"]["tokens"] == "char"


def test_without_the_extra_everything_else_is_scored(evaluate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("nltk", "jieba"):
        monkeypatch.setitem(sys.modules, package, None)
    Path("out/2.txt").write_text("来到")
    done = evaluate("--gt", "gt", "--pred", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert 'pip install "ocr2[eval]"' in done.stdout
    assert "edit_distance" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--gt gt", "Missing option '--pred'."),
        ("--gt gt --pred gone", "gone: No such file or directory"),
        ("--gt gt --pred empty", "empty: expected text files (.txt, .text, .md, .markdown, .mmd, .tex) or"),
        ("--gt gt --pred binary.txt", "binary.txt: not UTF-8 text (byte 0)"),
        ("--gt gt --pred broken.json", "broken.json: not JSON (Expecting value: line 1 column 1 (char 0))"),
        ("--gt gt --pred other", "no name of gt is one of other: '1.txt', '2.txt' there, 'z.txt' here"),
        ("--pred out", "out: a folder needs ground truths beside it (--gt)"),
        ("--gt gt --pred out --wordnet gt", "gt: expected a folder with WordNet's files (index.noun"),
        ("--gt gt --pred out --per-item out/1.txt", "cannot write to out/1.txt: it is a file that is"),
        ("--gt gt --pred out --part picture", "Invalid value for '--part': "),
    ],
)
def test_wrong_use_is_one_line_and_code_2(evaluate: Run, arguments: str, message: str) -> None:
    Path("empty").mkdir()
    Path("other").mkdir()
    Path("other/z.txt").write_text("z")
    Path("binary.txt").write_bytes(b"\xff\xfe\x00")
    Path("broken.json").write_text("text")
    done = evaluate(*arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert the_line(done).startswith(message)


def test_scores_are_shown_even_if_those_of_items_cannot_be_written(evaluate: Run) -> None:
    done = evaluate("--gt", "gt", "--pred", "out", "--per-item", "gone/items.jsonl")
    assert (done.returncode, done.stdout) == (2, TABLE)
    assert done.stderr == "ocr2: gone/items.jsonl: No such file or directory\n"
