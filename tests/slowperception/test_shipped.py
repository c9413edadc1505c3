"""The shipped weights: size, card, and what they make of the example figure."""

import json
import math
from pathlib import Path

import pytest

import ocr2
from ocr2.cli.models import describe_model
from ocr2.models.loading import weights_of
from ocr2.models.registry import find, load_tracer
from ocr2.results.figure import Trace
from ocr2.slowperception.nano.reader import NanoTracer

EXAMPLE = Path(__file__).parents[2] / "examples" / "figure.png"
# Where examples/draw_figure.py puts points, and the circle in the triangle.
POINTS = {"A": (70.0, 370.0), "B": (500.0, 370.0), "C": (200.0, 70.0), "D": (200.0, 370.0)}
LIMIT = 12 * 2**20  # bytes


@pytest.fixture(scope="module")
def trace() -> Trace:
    return ocr2.trace(EXAMPLE)


def test_the_weights_are_small_and_have_a_card() -> None:
    path = weights_of(find("slowperception-nano"))
    assert path.stat().st_size < LIMIT
    assert path.with_suffix(".md").is_file()
    described = describe_model("slowperception-nano")
    assert described["weights"] == str(path)
    tracer = load_tracer("slowperception-nano")
    assert isinstance(tracer, NanoTracer)
    assert tracer.weights_sha256 == described["sha256"]


def test_the_example_is_traced(trace: Trace) -> None:
    assert trace.error is None
    for name, place in POINTS.items():
        assert name in trace.letters
        assert math.dist(trace.points[name], place) < 4, name
    sides = {frozenset(k for k, p in trace.points.items() if p in (s.start, s.end)) for s in trace.segments}
    for pair in ("AB", "BC", "CA", "CD"):
        assert frozenset(pair) in sides, pair
    (dashed,) = [s for s in trace.segments if s.dashed]
    assert {dashed.start, dashed.end} == {trace.points["C"], trace.points["D"]}
    (circle,) = trace.circles
    assert math.dist(circle.center, (236.3, 261.4)) < 4
    assert circle.radius == pytest.approx(108.6, abs=3)


def test_what_holds_in_the_example_is_said(trace: Trace) -> None:
    said = {(relation.kind, frozenset(relation.of)) for relation in trace.relations}
    assert any(kind == "perpendicular" and any(set(name) == set("CD") for name in of) for kind, of in said)
    tangents = [of for kind, of in said if kind == "tangent"]
    assert len(tangents) == 3  # the sides


@pytest.mark.parametrize("ruler", [math.inf, 12.0, 10.0, 8.0, 4.0])
def test_every_ruler_traces_the_example(ruler: float) -> None:
    trace = ocr2.trace(EXAMPLE, ruler=ruler, letters=False)
    assert len(trace.circles) == 1
    assert len(trace.segments) >= 4
    strokes = trace.raw.split("Circle:")[0].count(" -- ")
    assert strokes >= len(trace.segments) if math.isinf(ruler) else strokes > len(trace.segments)


def test_the_trace_survives_its_json(trace: Trace) -> None:
    assert json.loads(trace.to_json()) == trace.to_dict()
