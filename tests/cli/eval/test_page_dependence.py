"""`ocr2 eval page-dependence`: records in, means out."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ocr2.models.protocols import PageReading, ScoredAnswer
from ocr2.options import PageInstructions
from tests.cli.conftest import Run, the_line
from tests.fakes import use_model


class FakeScorer:
    """Gives every token of a character the probability of what the shown pages are worth."""

    name = "got"
    weights_sha256 = "0" * 64
    device_type = "cpu"

    def __init__(self) -> None:
        self.questions: list[str | None] = []

    def read_pictures(self, tasks: object, *, batch_size: int | None = None) -> list[object]:
        raise NotImplementedError

    def read_pages(
        self, pictures: Sequence[NDArray[np.uint8]], instructions: PageInstructions, **more: object
    ) -> PageReading:
        raise NotImplementedError

    def score_answer(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        answer: str,
        selections: Sequence[Sequence[int]],
        *,
        question: str | None = None,
    ) -> ScoredAnswer:
        self.questions.append(question)
        rows = tuple((len(shown) - 4.0,) * len(answer) for shown in selections)
        return ScoredAnswer(tuple(answer), rows)


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> FakeScorer:
    scorer = FakeScorer()
    use_model(monkeypatch, scorer)
    return scorer


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that writes records of (answer, pages) into records.jsonl."""
    monkeypatch.chdir(tmp_path)
    for i in range(3):
        Image.new("RGB", (20, 30), (80 * i, 0, 0)).save(f"{i}.png")

    def records(*pairs: tuple[str, int]) -> None:
        rows = [
            {"query": "<image>" * count + "Sum?", "response": answer, "images": [f"{i}.png" for i in range(count)]}
            for answer, count in pairs
        ]
        Path("records.jsonl").write_text("\n".join(map(json.dumps, rows)))

    return records


TABLE = """\
no picture            2.0000
best page alone       1.0000
worst page alone      1.0000
several pages (%)    50.0000
records                    2
"""


def test_means_over_records_are_a_table(run: Run, scorer: FakeScorer, write: Callable[..., None]) -> None:
    write(("ab", 3), ("c", 1))
    done = run("eval", "page-dependence", "--data", "records.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, TABLE, "ocr2: 2 of 2\n")
    assert scorer.questions == ["Sum?", "Sum?"]


def test_json_has_the_means_and_lines_every_token(run: Run, scorer: FakeScorer, write: Callable[..., None]) -> None:
    write(("ab", 3), ("c", 1))
    done = run(
        "eval", "page-dependence", "--data", "records.jsonl", "--json", "--per-item", "lines.jsonl", "-q",
        "--limit", "1", "--margin", "2",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "records": 1, "model": "got", "margin": 2.0, "control": 3.0, "least": 2.0, "greatest": 2.0, "several_pages": 0.0
    }  # fmt: skip
    (line,) = Path("lines.jsonl").read_text().splitlines()
    assert json.loads(line)["tokens"][1] == {"text": "b", "nll": 1.0, "control": 3.0, "pages": [2.0, 2.0, 2.0]}


@pytest.mark.parametrize(
    ("pairs", "arguments", "code", "message"),
    [
        ([("ab", 3), ("", 2)], "", 1, "record 2 of records.jsonl: the answer is empty"),
        ([("ab", 0)], "", 1, "record 1 of records.jsonl: the first query must hold <image>"),
        ([], "", 1, "records.jsonl holds no records"),
        ([("ab", 2)], "--per-item records.jsonl", 2, "cannot write to records.jsonl: it is a file that is scored"),
        ([("ab", 2)], "--margin -1", 2, "Invalid value for '--margin': "),
    ],
)
def test_wrong_use_is_one_line(
    run: Run,
    scorer: FakeScorer,
    write: Callable[..., None],
    pairs: list[tuple[str, int]],
    arguments: str,
    code: int,
    message: str,
) -> None:
    write(*pairs)
    done = run("eval", "page-dependence", "--data", "records.jsonl", *arguments.split())
    assert (done.returncode, done.stdout) == (code, "")
    assert the_line(done).startswith(message)


def test_a_model_that_cannot_is_one_line(run: Run, write: Callable[..., None]) -> None:
    write(("ab", 2))
    done = run("eval", "page-dependence", "--data", "records.jsonl", "--model", "got-nano")
    assert (done.returncode, done.stdout) == (3, "")
    assert the_line(done) == "got-nano reads pages, but not several pages as one text; got does"
