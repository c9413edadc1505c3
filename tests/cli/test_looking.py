"""`ocr2 detect`, `ask`, `focus`: what goes where, and what is refused."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ocr2
from ocr2.errors import ModelError
from tests.cli.conftest import FakeReader, the_line
from tests.fakes import use_model
from tests.looking import FakeAsker, FakeDetector, written_page

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], object]:
    """Return a function that makes every model name load something."""
    return lambda model: use_model(monkeypatch, model)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    Image.fromarray(written_page()).save(path)
    return path


def test_regions_as_lines_and_as_json(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeDetector())
    done = run("detect", sheet)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["1\ttitle\t10 10 200 40\t0.900", "1\tchart\t10 60 200 160\t0.600"]
    content = json.loads(run("detect", sheet, "--json").stdout)
    assert [r["kind"] for r in content["regions"]] == ["title", "chart"]
    assert content["regions"][0]["box"] == [10, 10, 200, 40]
    assert (content["width"], content["height"], content["error"]) == (800, 400, None)


def test_only_what_is_asked_for_and_sure_enough(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeDetector())
    assert run("detect", sheet, "chart").stdout == "1\tchart\t10 60 200 160\t0.600\n"
    assert run("detect", sheet, "chart", "--min-confidence", "0.7").stdout == ""
    done = run("detect", sheet, "cat")
    assert (done.returncode, done.stdout) == (2, "")
    assert "finds title, paragraph" in done.stderr
    assert "got 'cat'; vary-toy finds any named thing" in done.stderr
    assert run("detect", sheet, "--min-confidence", "7").returncode == 2


def test_several_files_come_before_the_names(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeDetector())
    other = sheet.with_name("other.png")
    other.write_bytes(sheet.read_bytes())
    found = json.loads(run("detect", sheet, other, "chart", "--json").stdout)
    assert [(Path(page["file"]).name, len(page["regions"])) for page in found] == [("page.png", 1), ("other.png", 1)]
    done = run("detect", sheet, "missing.png")
    assert (done.returncode, done.stderr) == (2, "ocr2: no such file or folder: missing.png\n")


def test_the_overlay_outlines_regions(run: Run, use: Callable[[Any], object], sheet: Path, tmp_path: Path) -> None:
    use(FakeDetector())
    assert run("detect", sheet, "--overlay", tmp_path / "over.png").returncode == 0
    with Image.open(tmp_path / "over.png") as image:
        assert image.size == (800, 400)
        drawn = np.asarray(image.convert("RGB"), int)
    assert (np.abs(drawn - written_page().astype(int)).sum(axis=2) > 60).sum() > 300


def test_named_things_come_out_of_an_answer(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    asker = FakeAsker("Dog: [100, 250, 500, 750]; Cat: [000, 0, 10, 10], [5, 5, 5, 9].")
    use(asker)
    content = json.loads(run("detect", sheet, "Dog", "Cat", "--model", "vary-toy", "--json").stdout)
    assert asker.asked[0].text == "Detect Dog and Cat in this image"
    assert [(r["kind"], r["box"]) for r in content["regions"]] == [("Dog", [80, 100, 400, 300]), ("Cat", [0, 0, 8, 4])]
    assert content["regions"][0]["confidence"] is None
    assert content["raw"] == asker.text


def test_a_broken_page_is_told_and_the_others_looked_at(
    run: Run, use: Callable[[Any], object], sheet: Path, tmp_path: Path
) -> None:
    use(FakeDetector())
    (sheet.parent / "broken.png").write_bytes(b"\x89PNG no")
    done = run("detect", sheet.parent, "--json")
    assert done.returncode == 1
    assert "broken.png" in done.stderr
    broken, fine = json.loads(done.stdout)
    assert broken["error"]
    assert len(fine["regions"]) == 2


def test_questions_are_asked_about_every_page(run: Run, use: Callable[[Any], object], sheet: Path, pdf: Path) -> None:
    asker = FakeAsker()
    use(asker)
    done = run("ask", sheet, "What is this?")
    assert (done.returncode, done.stdout, done.stderr) == (0, "What is this?\n", "")
    replies = json.loads(run("ask", pdf, "And this?", "--json").stdout)
    assert [r["page"] for r in replies] == list(range(1, len(replies) + 1))
    assert replies[0]["confidence"] == 0.75
    assert run("ask", sheet, " ").returncode == 2


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("ask Why? --model got-nano", "got-nano reads pages; vary-toy answers questions"),
        ("detect --model got-nano", "got-nano reads pages; vary-nano finds regions"),
        ("detect --model onechart", "onechart reads charts; vary-nano finds regions"),
        ("chart --model got", "got reads pages, not charts; onechart-nano does"),
        ("trace --model got", "got reads pages; slowperception-nano traces figures"),
        ("read --model vary-toy", "vary-toy finds regions and answers questions; got-nano reads pages"),
        ("read --model onechart-nano", "onechart-nano reads charts, not pages; got-nano does"),
        ("focus --model vary-toy", "vary-toy finds regions and answers questions; got-nano reads places"),
        ("focus --model vary-nano", "vary-nano finds regions; got-nano reads places of pages"),
    ],
)
def test_models_that_cannot_do_a_task_say_which_can_before_anything_is_loaded(
    run: Run, sheet: Path, monkeypatch: pytest.MonkeyPatch, command: str, message: str
) -> None:
    monkeypatch.setattr("ocr2.checkpoints.weights.Weights", lambda *_, **__: pytest.fail("weights were opened"))
    name, *rest = command.split()
    done = run(name, sheet, *rest)
    assert (done.returncode, done.stdout) == (3, "")
    assert message in done.stderr


def test_weights_that_are_nowhere_are_told_with_the_way_to_them(run: Run, sheet: Path) -> None:
    done = run("ask", sheet, "Why?")
    assert (done.returncode, done.stdout) == (3, "")
    assert "HaoranWei/Vary-toy: fetch its config.json, qwen.tiktoken and pytorch_model.bin" in done.stderr
    assert "name their folder, --weights" in done.stderr


def test_focus_says_how_it_looked(run: Run, use: Callable[[Any], object], sheet: Path, tmp_path: Path) -> None:
    use(FakeReader())
    done = run("focus", sheet, "--box", "40,60,760,120")
    assert (done.returncode, done.stdout, done.stderr) == (0, "fixed words\n", "ocr2: focus: crop\n")
    content = json.loads(run("focus", sheet, "--box", "40,60,760,120", "--json", "-q").stdout)
    assert (content["focus"], content["task"]) == ("crop", "ocr")
    assert content["places"] == [{"file": str(sheet), "page": 1, "box": [40, 60, 760, 120]}]
    assert run("focus", sheet, "--line", "100,90", "-o", tmp_path / "line.txt", "-q").stdout == ""
    assert (tmp_path / "line.txt").read_text() == "fixed words\n"
    asker = FakeAsker("said")
    use(asker)
    done = run("focus", sheet, sheet, "--box", "0,0,800,400", "--box", "0,0,400,400", "--unit", "px")
    assert (done.stdout, done.stderr) == ("said\n", "ocr2: focus: prompt\n")
    assert asker.asked[0].text.endswith("Page 1: [0, 0, 1000, 1000], Page 2: [0, 0, 500, 1000].")
    assert run("focus", sheet, "--task", "translate", "--box", "0,0,800,400", "-q").stdout == "said\n"
    assert asker.asked[1].text == "Translate the content of the box [0, 0, 1000, 1000]."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--box 1,2,3", "a box is four numbers"),
        ("--line 1", "a point is two numbers"),
        ("--color pink", "'pink' is not one of"),
        ("--box 0,0,9,9 --box 0,0,9,9", "got 2 boxes for 1 pages"),
        ("--box 0,0,9000,9", "not inside a page of 800 x 400"),
        ("--box 0,0,9,9 --line 1,1", "give one, not boxes and point"),
        ("--task dance", "'dance' is not one of"),
    ],
)
def test_bad_places_are_one_line_and_a_usage_error(
    run: Run, use: Callable[[Any], object], sheet: Path, arguments: str, message: str
) -> None:
    use(FakeReader())
    done = run("focus", sheet, *arguments.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert message in the_line(done)


def test_a_task_that_was_not_taught_names_who_was(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeReader())
    done = run("focus", sheet, "--task", "translate", "--box", "0,0,9,9")
    assert (done.returncode, done.stdout) == (3, "")
    assert "fake reads what stands there" in done.stderr
    assert "fox was taught to: --model fox" in done.stderr


def test_a_colour_that_is_not_there_fails_the_page(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeReader())
    done = run("focus", sheet, "--color", "red")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no red frame was found" in done.stderr


def test_a_place_for_the_result_is_tried_before_anything_is_read(
    run: Run, use: Callable[[Any], object], sheet: Path, tmp_path: Path
) -> None:
    reader = FakeReader()
    use(reader)
    for target in (tmp_path, tmp_path / "x.pdf", sheet):
        assert run("focus", sheet, "-o", target).returncode == 2
    assert reader.calls == 0
    assert run("focus", sheet, "-o", tmp_path / "new" / "x.JSON", "-q").returncode == 0
    assert json.loads((tmp_path / "new" / "x.JSON").read_text())["text"]


def test_options_that_a_model_cannot_honour_are_refused(run: Run, use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeDetector())
    assert "points at regions" in run("detect", sheet, "--max-new-tokens", "5").stderr
    use(FakeAsker("[0, 0, 500, 500]"))
    assert "gives none" in run("detect", sheet, "--min-confidence", "0.5").stderr
    assert run("detect", sheet, "the left woman").stdout.startswith("1\tthe left woman\t0 0 400 200")
    assert run("ask", sheet, "Why?", "--quantize", "int-4").returncode == 2


def test_lines_of_several_files_name_them(run: Run, use: Callable[[Any], object], sheet: Path, tmp_path: Path) -> None:
    use(FakeDetector())
    Image.fromarray(written_page()).save(sheet.parent / "other.png")
    lines = run("detect", sheet.parent, "title").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [str(sheet.parent / n) for n in ("other.png", "page.png")]


def test_the_same_from_python(use: Callable[[Any], object], sheet: Path) -> None:
    use(FakeDetector())
    (found,) = ocr2.detect(sheet, ["chart"])
    assert found.to_dict() == json.loads(found.to_json())
    assert [r.kind for r in found.regions] == ["chart"]
    with pytest.raises(ModelError, match="x finds regions; vary-toy answers questions"):
        ocr2.ask(sheet, "Why?", model="x")
    use(FakeAsker("so"))
    (reply,) = ocr2.ask(sheet, "Why?")
    assert (reply.text, reply.question) == ("so", "Why?")
    assert reply.to_dict() == json.loads(reply.to_json())
    focused = ocr2.focus(sheet, sheet, boxes=[(0, 0, 9, 9), (0, 0, 9, 9)])
    assert focused.text == "so"
    assert focused.to_dict() == json.loads(focused.to_json())
    with pytest.raises(TypeError, match="needs a page"):
        ocr2.focus()
