"""Fox's nine tasks on a stand-in: answered by reading the places, answered by a model, scored both ways."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocr2.metrics.fox import TASKS, load_records, rouge_l, score_task
from ocr2.options import FocusOptions
from ocr2.reading.questions.fox_benchmark import answer_records, options_of
from ocr2.results.answer import Focused
from tests.cli.conftest import FakeReader
from tests.fakes import use_model
from tests.fox_benchmark import write_benchmark
from tests.looking import FakeAsker

Run = Callable[..., subprocess.CompletedProcess[str]]
BY_NAME = {task.name: task for task in TASKS}


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_benchmark(tmp_path_factory.mktemp("fox"))


def test_there_are_nine_tasks_in_thirteen_lists() -> None:
    assert len(TASKS) == 9
    assert len({name for task in TASKS for name, _ in task.files}) == 13


def test_what_got_nano_can_is_run_and_what_it_cannot_is_named(run: Run, benchmark: Path, tmp_path: Path) -> None:
    done = run("eval", "fox", "--data", benchmark, "--save", tmp_path / "answers", "--json", "-q")
    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert set(content["not_run"]) == {"translation", "summary", "caption"}
    assert all("fox was taught to" in why for why in content["not_run"].values())
    scores = {one["list"]: one for one in content["lists"]}
    assert scores["en_box_ocr.json"]["correct"]["edit_distance"] == 0
    assert scores["en_line_ocr.json"]["correct"]["f1"] == 1
    assert scores["cn_onbox_ocr.json"]["correct"]["edit_distance"] == 0
    assert scores["encn-multi-8page-box-ocr.json"]["correct"]["edit_distance"] == 0
    assert scores["encn-multi-8page-cross-vqa.json"]["correct"]["accuracy"] == 1
    assert scores["en_page_ocr.json"]["correct"]["edit_distance"] < 0.05
    again = run("eval", "fox", "--answers", tmp_path / "answers", "--json")
    assert json.loads(again.stdout)["lists"] == content["lists"]


def test_a_model_that_takes_questions_gets_them_as_they_are(
    run: Run, benchmark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = FakeAsker("a line of writing")
    use_model(monkeypatch, asker)
    done = run("eval", "fox", "--data", benchmark, "--model", "fox", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(asker.asked) == 26
    assert {len(q.pictures) for q in asker.asked} == {1, 8}
    assert not any("<image>" in q.text for q in asker.asked)
    assert "en_page_indoc_caption.json" in done.stdout
    assert "rouge_l_f" in done.stdout
    few = run("eval", "fox", "--data", benchmark, "--model", "fox", "--task", "summary", "--limit", "1", "-q")
    assert len(asker.asked) == 27
    assert len(few.stdout.splitlines()) == 4


def test_the_most_tokens_reach_a_model_of_lines(benchmark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(sources: Any, reader: Any, options: FocusOptions) -> Focused:
        seen.append(options.max_new_tokens)
        return Focused(task="ocr", places=(), model="x", weights_sha256="", focus="crop", text="read")

    monkeypatch.setattr("ocr2.reading.questions.fox_benchmark.focus_pages", look)
    records = load_records(benchmark, BY_NAME["region"])[:2]
    assert list(answer_records("region", records, FakeReader(), max_new_tokens=9)) == ["read", "read"]
    assert seen == [9, 9]


def test_the_authors_scripts_take_the_answer_for_the_truth(benchmark: Path) -> None:
    task = BY_NAME["region"]
    records = [r for r in load_records(benchmark, task) if r.file == "en_box_ocr.json"]
    short = [record.label.rsplit(" ", 1)[0] for record in records]
    (correct,), (compat,) = (score_task(task, records, short, compat=c) for c in (False, True))
    assert correct.scores["precision"] == compat.scores["recall"] == 1
    assert correct.scores["recall"] == compat.scores["precision"] < 1
    assert correct.scores["f1"] == compat.scores["f1"]
    recall, precision, f = rouge_l("the first line of it", "the first line", compat=False)
    assert (recall < precision) is True
    assert rouge_l("the first line of it", "the first line", compat=True) == pytest.approx((precision, recall, f))
    assert rouge_l("", "x", compat=False) == (0, 0, 0)


def test_answers_that_name_a_page_need_not_be_written_alike(benchmark: Path) -> None:
    task = BY_NAME["cross-page"]
    records = load_records(benchmark, task)
    answers = ["page 4.", "Page 4"]
    assert score_task(task, records, answers, compat=False)[0].scores["accuracy"] == 1
    assert score_task(task, records, answers, compat=True)[0].scores["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("task", "question", "focus"),
    [
        ("page", "OCR this image.", {}),
        ("region", "Give the OCR results of the box [2, 2, 998, 998].", {"boxes": ((2.0, 2.0, 998.0, 998.0),)}),
        ("color", "OCR the blue box.", {"color": "blue"}),
        ("line", "Write the text of the line [507, 648].", {"point": (507.0, 648.0)}),
        ("multi-page", "Page 1: [1, 2, 3, 4], Page 2: [5, 6, 7, 8]", {"boxes": ((1, 2, 3, 4), (5, 6, 7, 8))}),
    ],
)
def test_questions_are_understood_without_their_words(task: str, question: str, focus: dict[str, object]) -> None:
    found = options_of(task, question)
    for name in ("boxes", "point", "color"):
        assert getattr(found, name) == focus.get(name, () if name == "boxes" else None)


def test_a_question_without_its_place_is_refused() -> None:
    with pytest.raises(ValueError, match="names no place that a color task has"):
        options_of("color", "OCR pink box")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "expected a list of records, got dict"),
        ("not json", "not JSON"),
        ('[{"image": "a.png"}]', "expected `image` and two `conversations`"),
        ('[{"image": 3, "conversations": [{"value": "a"}, {"value": "b"}]}]', "expected the name of a picture"),
        ('[{"image": "no.png", "conversations": [{"value": "a"}, {"value": "b"}]}]', "no picture"),
    ],
)
def test_lists_that_are_none_are_named(run: Run, tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "en_page_ocr.json").write_text(content)
    done = run("eval", "fox", "--data", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "en_page_ocr.json" in done.stderr
    assert message in done.stderr


def test_what_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    assert "holds none of the benchmark's lists" in run("eval", "fox", "--data", tmp_path).stderr
    assert "holds no answers" in run("eval", "fox", "--answers", tmp_path).stderr
    assert "either --data" in run("eval", "fox").stderr
    assert (
        "a task of the benchmark is one of page, region" in run("eval", "fox", "--data", tmp_path, "--task", "x").stderr
    )
    (tmp_path / "en_page_ocr.json").write_text('[{"label": 3, "answer": "x"}]')
    assert "`label` and `answer`" in run("eval", "fox", "--answers", tmp_path).stderr


def test_one_bad_record_costs_no_other(
    run: Run, benchmark: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "en_pdf_png").symlink_to(benchmark / "en_pdf_png")
    rows = json.loads((benchmark / "en_box_ocr.json").read_text())
    rows[0]["conversations"][0]["value"] = "Give the OCR results of the box [500, 9, 500, 90]."
    (data / "en_box_ocr.json").write_text(json.dumps(rows))
    done = run("eval", "fox", "--data", data, "--task", "region", "--save", tmp_path / "out", "-q")
    assert done.returncode == 0
    assert "record 1: no answer" in caplog.text
    answers = [row["answer"] for row in json.loads((tmp_path / "out" / "en_box_ocr.json").read_text())]
    assert answers == ["", rows[1]["conversations"][1]["value"]]
    rows = rows[:1]
    (data / "en_box_ocr.json").write_text(json.dumps(rows))
    table = run("eval", "fox", "--data", data, "--task", "region", "-q").stdout
    assert table.splitlines()[1].split()[-1] == "-"  # the authors' scripts leave empty answers out
    done = run("eval", "fox", "--data", data, "--task", "region", "--save", data, "-q")
    assert (done.returncode, "is the folder of the benchmark" in done.stderr) == (2, True)
    assert json.loads((data / "en_box_ocr.json").read_text()) == rows


def test_a_loop_without_a_stop_is_scored(benchmark: Path) -> None:
    recall, precision, _ = rouge_l("the first line " * 20, "word " * 1500 + "the first line", compat=False)
    assert 0 < precision < recall


def test_short_answers_have_their_own_scores(run: Run, tmp_path: Path) -> None:
    rows = [
        {"image": "a.png", "label": "12 May|May 12", "answer": "may 12"},
        {"image": "b.png", "label": "100", "answer": "104"},
    ]
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(rows))
    assert run("eval", "ask", "--pred", path, "--metric", "anls").stdout.startswith("anls  0.8333")
    assert json.loads(run("eval", "ask", "--pred", path, "--metric", "relaxed", "--json").stdout)["score"] == 0.5
    boxes = [{"image": "a.png", "label": "[0, 0, 500, 500]", "answer": "dog: [000, 000, 450, 500]"}]
    path.write_text(json.dumps(boxes))
    assert run("eval", "ask", "--pred", path, "--metric", "boxes").stdout.startswith("boxes  1.0000")
    path.write_text(json.dumps(rows))
    done = run("eval", "ask", "--pred", path, "--metric", "boxes")
    assert (done.returncode, "the truth holds no box" in done.stderr) == (2, True)
