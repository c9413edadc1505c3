"""`ocr2 trace`: where geometry goes, and what fails."""

import json
import math
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ocr2
from ocr2.cli.options import TraceFormat
from ocr2.errors import ModelError
from ocr2.formats.figure.render import TRACE_SUFFIXES
from ocr2.reading.figures.redraw import GAP
from tests.cli.conftest import command_with
from tests.fakes import in_use
from tests.reading.figures.test_read import FakeTracer, drawn

Run = Callable[..., subprocess.CompletedProcess[str]]
STARTS = {
    "tikz": "\\documentclass[tikz", "svg": "<svg ", "json": "{\n", "text": "Line:\n", "ggb-script": "P_{1} = (",
}  # fmt: skip
SUFFIXES = {"tikz": ".tex", "svg": ".svg", "json": ".json", "text": ".txt"}  # that say the format


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> FakeTracer:
    """The reader that every model name loads."""
    return in_use(monkeypatch, FakeTracer())


trace = command_with("tracer", "trace")


@pytest.fixture
def figure(tmp_path: Path) -> Path:
    path = tmp_path / "figure.png"
    Image.fromarray(drawn()).save(path)
    return path


@pytest.mark.parametrize("format", STARTS)
def test_every_format_goes_to_standard_output_or_a_file(trace: Run, figure: Path, tmp_path: Path, format: str) -> None:
    done = trace(figure, "--format", format)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(STARTS[format])
    target = tmp_path / f"out{SUFFIXES.get(format, '.ggb.txt')}"
    asked = [] if format in SUFFIXES else ["--format", format]
    assert trace(figure, "-o", target, *asked).returncode == 0
    assert target.read_text() == done.stdout or format == "json"  # times differ


def test_every_format_that_is_written_can_be_asked_for() -> None:
    assert {format.value for format in TraceFormat} == set(TRACE_SUFFIXES) == set(STARTS)


def test_tikz_is_the_default_and_may_be_the_body_alone(trace: Run, figure: Path) -> None:
    assert trace(figure).stdout.startswith(STARTS["tikz"])
    assert trace(figure, "--body-only").stdout.startswith("\\begin{tikzpicture}")


def test_json_is_in_pixels(trace: Run, figure: Path) -> None:
    content = json.loads(trace(figure, "--json").stdout)
    assert len(content["segments"]) == 4
    assert {"start", "end", "dashed", "arrows", "confidence"} == set(content["segments"][0])
    assert content["circles"][0]["radius"] == pytest.approx(81, abs=1)
    assert (content["width"], content["height"], content["ruler"]) == (400, 360, None)


def test_several_figures_share_a_document_or_a_folder(trace: Run, figure: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    Image.fromarray(drawn()).save(other)
    assert trace(figure, other).stdout.count("\\begin{tikzpicture}") == 2
    assert len(json.loads(trace(figure, other, "--json").stdout)) == 2
    root = ElementTree.fromstring(trace(figure, other, "--format", "svg").stdout)
    assert root.get("height") == str(2 * 360 + 16)
    done = trace(figure, other, "-f", "svg", "-f", "json", "-o", tmp_path / "out")
    assert done.returncode == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "figure.json", "figure.svg", "other.json", "other.svg",
    ]  # fmt: skip


def test_the_overlay_is_drawn_over_the_picture(trace: Run, figure: Path, tmp_path: Path) -> None:
    assert trace(figure, "--overlay", tmp_path / "over.png").returncode == 0
    with Image.open(tmp_path / "over.png") as image:
        assert image.size == (480, 432)
        pixels = np.asarray(image.convert("RGB"), np.int64)
    blue = (pixels[..., 2] > 150) & (pixels[..., 0] < 80)
    assert blue[round(300 * 1.2), 100:300].mean() > 0.8  # the base
    done = trace(figure, "--overlay", tmp_path / "over.jpg")
    assert (done.returncode, "ends in .png" in done.stderr) == (2, True)


def test_a_figure_is_drawn_anew_beside_its_picture(trace: Run, figure: Path, tmp_path: Path) -> None:
    assert trace(figure, "--redraw", tmp_path / "anew.png").returncode == 0
    with Image.open(tmp_path / "anew.png") as image:
        pixels = np.asarray(image.convert("L"))
    assert pixels.shape == (360, 2 * 400 + GAP)
    np.testing.assert_array_equal(pixels[:, :400], drawn()[..., 0])
    assert pixels[300, 400 + GAP + 100 : 400 + GAP + 300].max() < 100  # the base
    done = trace(figure, "--redraw", tmp_path / "anew.jpg")
    assert (done.returncode, "ends in .png" in done.stderr) == (2, True)


def test_one_drawing_at_a_time(trace: Run, tracer: FakeTracer, figure: Path, tmp_path: Path) -> None:
    done = trace(figure, "--overlay", tmp_path / "a.png", "--redraw", tmp_path / "b.png")
    assert (done.returncode, done.stdout, tracer.asked) == (2, "", [])
    assert "give --overlay or --redraw" in done.stderr
    assert not list(tmp_path.glob("[ab].png"))


def test_several_figures_are_commands_below_each_other(trace: Run, figure: Path, tmp_path: Path) -> None:
    alone = trace(figure, "--format", "ggb-script").stdout
    assert alone.count("Segment(") == 4
    assert "SetLineStyle(s_{4}, 1)" in alone
    Image.fromarray(drawn()).save(tmp_path / "other.png")
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    both = trace(figure, tmp_path / "blank.png", tmp_path / "other.png", "--format", "ggb-script").stdout
    assert both == f"{alone}\n{alone}"


def test_rulers_and_raw_strokes(trace: Run, tracer: FakeTracer, figure: Path) -> None:
    assert trace(figure, "--ruler", "4", "--max-new-tokens", "50").returncode == 0
    assert trace(figure, "--ruler", "none", "--raw", "--no-letters").returncode == 0
    assert tracer.asked == [(4.0, 50), (math.inf, None)]
    done = trace(figure, "--ruler", "5")
    assert (done.returncode, "'5' is not one of" in done.stderr) == (2, True)
    done = trace(figure, "--ruler", "8")  # the fake has none such
    assert (done.returncode, done.stdout) == (2, "")
    assert "a ruler of fake must be one of inf, 4, got 8" in done.stderr


def test_pictures_without_a_figure_are_told_and_the_others_traced(trace: Run, figure: Path, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "white").save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG no")
    done = trace(tmp_path / "blank.png", tmp_path / "broken.png", figure, "--json")
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first == f"ocr2: page 1 of {tmp_path / 'blank.png'}: no figure was found: the picture is blank"
    assert "broken.png" in second
    blank, broken, fine = json.loads(done.stdout)
    assert blank["error"]
    assert broken["error"]
    assert (fine["error"], len(fine["segments"])) == (None, 4)
    tikz = trace(tmp_path / "blank.png").stdout
    assert "% page 1 of" in tikz


def test_the_same_from_python(tracer: FakeTracer, figure: Path, pdf: Path) -> None:
    found = ocr2.trace(figure, ruler=4.0)
    assert found.to_dict() == json.loads(found.to_json())
    assert found.to_tikz(body_only=True) in found.to_tikz()
    assert found.to_svg().startswith("<svg ")
    seen: list[int] = []
    both = ocr2.read_traces(f"{figure.parent}/f*.png", on_trace=lambda trace, picture, count: seen.append(count))
    assert (len(both), seen) == (1, [1])
    with pytest.raises(ValueError, match=r"name one with page, or trace them all with ocr2.read_traces"):
        ocr2.trace(pdf)


def test_a_model_of_figures_is_asked_for_nothing_else(tracer: FakeTracer) -> None:
    with pytest.raises(ModelError, match="x traces figures; onechart-nano reads charts"):
        ocr2.chart("x.png", model="x")
    with pytest.raises(ModelError, match="x traces figures; got-nano reads pages"):
        ocr2.read("x.png", model="x")
