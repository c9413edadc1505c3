"""Commands that draw a trace in GeoGebra."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ocr2.formats.figure.ggb_script import RESERVED, trace_to_ggb_script
from ocr2.formats.figure.render import render_traces
from ocr2.results.figure import Arc, Circle, Label, Segment, Trace

A, B, C, D = (20.0, 180.0), (180.0, 180.0), (100.0, 20.0), (100.0, 180.0)
TRACE = Trace(
    file="figure.png",
    page=1,
    width=200,
    height=200,
    model="m",
    weights_sha256="",
    ruler=None,
    segments=(
        Segment(A, B),
        Segment(B, C, arrows=(False, True)),
        Segment(C, A, arrows=(True, False), dashed=True),
        Segment(C, D, arrows=(True, True)),
    ),
    circles=(Circle((100.0, 126.0), 54.0),),
    arcs=(Arc((100.0, 100.0), 40.0, 0.0, 90.0),),
    points={"A": A, "B'": B, "C12": C, "P1": D},
    letters=("A", "B'", "C12"),
    labels=(
        Label("A", (0.0, 0.0, 9.0, 9.0), "point", ("A",)),
        Label('he said "x\\y"', (20.0, 20.0, 60.0, 40.0), "free"),
    ),
)
NAME = re.compile(r"[A-Z]'*(_\{\d+\})?")


def lines_of(trace: Trace) -> list[str]:
    return trace_to_ggb_script(trace).splitlines()


def test_points_have_the_names_that_geogebra_takes() -> None:
    points = dict(re.findall(r"(?m)^(\S+) = (\(.*\))$", trace_to_ggb_script(TRACE)))
    assert points == {
        "A": "(1.000, 1.000)", "B'": "(9.000, 1.000)", "C_{12}": "(5.000, 9.000)", "P_{1}": "(5.000, 1.000)",
    }  # fmt: skip
    assert [line for line in lines_of(TRACE) if line.startswith("ShowLabel") and "s_" not in line] == [
        "ShowLabel(P_{1}, false)"  # a made-up name is hidden
    ]


def test_strokes_are_segments_rays_and_lines() -> None:
    lines = lines_of(TRACE)
    assert [line.partition(" = ")[2] for line in lines if line.startswith("s_")] == [
        "Segment(A, B')", "Ray(B', C_{12})", "Ray(A, C_{12})", "Line(C_{12}, P_{1})",
    ]  # fmt: skip
    assert [line for line in lines if "SetLineStyle" in line] == ["SetLineStyle(s_{3}, 1)"]


def test_circles_arcs_and_writing_follow() -> None:
    lines = lines_of(TRACE)
    assert "Circle((5.000, 3.700), 2.700)" in lines
    assert "CircularArc((5.000, 5.000), (7.000, 5.000), (5.000, 7.000))" in lines  # counter-clockwise, y up
    assert [line for line in lines if line.startswith("Text")] == ["Text(\"he said 'xy'\", (1.000, 8.000))"]


def test_names_that_geogebra_keeps_are_not_given() -> None:
    for name in ("O", "x", "e", "i", "xAxis", "α", "A B", "a", "AB"):
        trace = replace(TRACE, points={name: A}, letters=(name,), segments=(), labels=())
        assert lines_of(trace)[0] == "P_{1} = (1.000, 1.000)"


def test_two_names_of_a_point_and_one_name_of_two_are_one_each() -> None:
    same = replace(TRACE, points={"A": A, "B": A}, letters=("A",), segments=(Segment(A, D),))
    assert [line for line in lines_of(same) if re.match(r"\S+ = \(", line)] == [
        "A = (1.000, 1.000)", "P_{1} = (5.000, 1.000)",
    ]  # fmt: skip


names = st.one_of(st.from_regex(r"[A-Z]'?[0-9]{0,2}", fullmatch=True), st.text(min_size=1, max_size=3))


@given(st.lists(names, max_size=6, unique=True))
def test_every_point_gets_a_name_of_its_own(labels: list[str]) -> None:
    points = {label: (10.0 * i, 5.0) for i, label in enumerate(labels)}
    trace = replace(TRACE, points=points, letters=tuple(labels))
    given_names = [line.partition(" = ")[0] for line in lines_of(trace) if re.match(r"\S+ = \(", line)]
    assert len(given_names) == len(set(given_names)) == len({*points.values(), A, B, C, D})
    assert all(NAME.fullmatch(name) and name not in RESERVED for name in given_names)


def test_what_was_not_traced_is_a_comment_and_left_out_of_several() -> None:
    failed = replace(TRACE, error="page 1:\nnothing")
    assert trace_to_ggb_script(failed) == "# page 1: nothing\n"
    assert render_traces([TRACE, failed], "ggb-script").decode() == TRACE.to_ggb_script()
