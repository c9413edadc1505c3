"""Traces as TikZ, SVG and JSON."""

import json
import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ocr2.formats.figure.json import traces_to_json
from ocr2.formats.figure.svg import trace_to_svg
from ocr2.formats.figure.tikz import trace_to_tikz, traces_to_tikz
from ocr2.results.figure import Circle, Relation, Segment, Trace
from ocr2.synth.geometry.scenes import SCENES, build_scene
from tests.core.formats.figure.test_textbook_parts import TEXTBOOK

A, B, C, D = (20.0, 180.0), (180.0, 180.0), (100.0, 20.0), (100.0, 180.0)
TRACE = Trace(
    file="figure.png",
    page=1,
    width=200,
    height=200,
    model="slowperception-nano",
    weights_sha256="0" * 64,
    ruler=4.0,
    segments=(
        Segment(A, B, dashed=False, confidence=0.98765),
        Segment(B, C, dashed=False),
        Segment(C, A, dashed=False),
        Segment(C, D, dashed=True),
    ),
    circles=(Circle((100.0, 126.0), 54.0),),
    points={"A": A, "B'": B, "C_1": C, "100%": D},
    letters=("A", "B'", "C_1", "100%"),
    relations=(Relation("perpendicular", ("AB'", "C_1D")),),
)


def test_tikz_names_every_end_and_draws_every_part() -> None:
    text = trace_to_tikz(TRACE)
    coordinates = dict(re.findall(r"\\coordinate \((\w+)\) at \(([-\d.,]+)\)", text))
    assert coordinates == {"A": "1.000,1.000", "P1": "9.000,1.000", "P2": "5.000,9.000", "P3": "5.000,1.000"}
    drawn = re.findall(r"\\draw(\[dashed\])? \((\w+)\) -- \((\w+)\);", text)
    assert drawn == [("", "A", "P1"), ("", "P1", "P2"), ("", "P2", "A"), ("[dashed]", "P2", "P3")]
    assert r"\draw (5.000,3.700) circle[radius=2.700];" in text
    assert r"\node[below left] at (A) {$A$};" in text or r"\node[left] at (A) {$A$};" in text
    assert r"{$C\_1$}" in text
    assert r"{$100\%$}" in text
    assert text.startswith(r"\documentclass[tikz")
    body = trace_to_tikz(TRACE, body_only=True)
    assert body.startswith(r"\begin{tikzpicture}")
    assert body in text


@pytest.mark.tex
def test_twenty_one_traces_compile(tmp_path: Path) -> None:
    """One run of pdflatex: scenes of all kinds, letters, dashes, circles, odd names, and all that textbooks draw."""
    assert shutil.which("pdflatex")
    traces = [TRACE, TEXTBOOK, *(scene_trace(seed) for seed in range(19))]
    (tmp_path / "figure.tex").write_text(traces_to_tikz(traces))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "figure.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-500:]
    assert b"(21 pages" in done.stdout
    assert b"Missing character" not in done.stdout


def scene_trace(seed: int) -> Trace:
    rng = np.random.default_rng(seed)
    _, figure = build_scene(rng, list(SCENES)[seed % len(SCENES)])

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return 200 + 12 * point[0], 200 - 12 * point[1]

    return replace(
        TRACE,
        segments=tuple(Segment(at(a), at(b), dashed=bool(rng.random() < 0.3)) for a, b in figure.segments),
        circles=tuple(Circle(at((x, y)), 12 * r) for x, y, r in figure.circles),
        points={chr(65 + i): at(p) for i, p in enumerate(figure.named[:26])},
        letters=tuple(chr(65 + i) for i in range(min(26, len(figure.named)))),
    )


def test_svg_is_xml_with_the_same_parts() -> None:
    root = ElementTree.fromstring(trace_to_svg(TRACE))
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert (tags.count("line"), tags.count("circle"), tags.count("text")) == (4, 1, 4)
    dashed = [e for e in root.iter() if e.get("stroke-dasharray")]
    assert [e.get("x1") for e in dashed] == ["100.00"]
    assert root.get("viewBox") == "0 0 200 200"


def test_json_has_pixels_confidences_and_relations() -> None:
    content = json.loads(traces_to_json([TRACE]))
    assert content["segments"][0] == {
        "start": [20.0, 180.0],
        "end": [180.0, 180.0],
        "dashed": False,
        "arrows": [False, False],
        "confidence": 0.9877,
    }
    assert content["circles"] == [{"center": [100.0, 126.0], "radius": 54.0, "confidence": None}]
    assert content["relations"] == [{"kind": "perpendicular", "of": ["AB'", "C_1D"], "marked": False}]
    assert content["ruler"] == 4.0
    both = json.loads(traces_to_json([TRACE, replace(TRACE, ruler=math.inf)]))
    assert both[1]["ruler"] is None


def test_an_empty_trace_is_still_a_document() -> None:
    empty = Trace(file="x", page=1, width=0, height=0, model="m", weights_sha256="", ruler=4.0, error="nothing")
    assert r"\end{tikzpicture}" in trace_to_tikz(empty)
    ElementTree.fromstring(trace_to_svg(empty))
    assert json.loads(traces_to_json([empty]))["error"] == "nothing"
