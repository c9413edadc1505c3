"""What figures of textbooks have besides strokes and letters: arrows, arcs, marks, measures, in every notation."""

import json
import math
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.formats.figure.json import traces_to_json
from ocr2.formats.figure.mark_paths import SIZE, mark_paths
from ocr2.formats.figure.svg import trace_to_svg
from ocr2.formats.figure.tikz import escape_math, trace_to_tikz
from ocr2.results.figure import Arc, Label, Mark, Point, Relation, Segment, Trace

A, B, C = (20.0, 180.0), (180.0, 180.0), (20.0, 20.0)
ODD = "37° √5−x′ º–αβγθπℓ <&%$#_{}^~\\ °°′ üé½²∠×Δ≠λ'"
TEXTBOOK = Trace(
    file="figure.png",
    page=1,
    width=200,
    height=200,
    model="slowperception-nano",
    weights_sha256="0" * 64,
    ruler=None,
    segments=(
        Segment(A, B, arrows=(True, True)),
        Segment(B, C, dashed=True, arrows=(False, True)),
        Segment(C, A, arrows=(True, False)),
    ),
    arcs=(Arc((100.0, 100.0), 50.0, 90.0, 180.0, 0.91234), Arc((100.0, 100.0), 20.0, 300.0, 400.0)),
    points={"A": A, "B": B, "C": C},
    letters=("A", "B", "C"),
    polygons=(("A", "B", "C"),),
    marks=(
        Mark("square", 1, (30.0, 170.0), ("B", "A", "C"), 0.81239),
        Mark("tick", 2, (100.0, 180.0), ("A", "B")),
        Mark("chevron", 2, (20.0, 100.0), ("A", "C")),
        Mark("arc", 3, (150.0, 170.0), ("A", "B", "C")),
        Mark("tick", 1, (9.0, 9.0), ()),  # that names nothing
    ),
    labels=(
        Label("A", (5.0, 182.0, 15.0, 196.0), "point", ("A",), 0.98766),
        Label(ODD, (80.0, 184.0, 120.123, 198.0), "side", ("A", "B")),
        Label("<b>&\"'", (100.0, 20.0, 130.0, 34.0), "free"),
    ),
    texts=(ODD, "<b>&\"'"),
    relations=(Relation("perpendicular", ("AB", "AC"), marked=True), Relation("equal", ("AB", "AC"))),
)


def distance_to(line: tuple[Point, Point], p: Point) -> float:
    (ax, ay), (bx, by) = line
    return abs((p[0] - ax) * (by - ay) - (p[1] - ay) * (bx - ax)) / math.dist(*line)


def test_json_has_arrows_arcs_polygons_marks_and_labels() -> None:
    content = json.loads(traces_to_json([TEXTBOOK]))
    assert content["schema_version"] == "1.1"
    assert [s["arrows"] for s in content["segments"]] == [[True, True], [False, True], [True, False]]
    assert content["arcs"][0] == {
        "center": [100.0, 100.0], "radius": 50.0, "start": 90.0, "end": 180.0, "confidence": 0.9123,
    }  # fmt: skip
    assert content["polygons"] == [["A", "B", "C"]]
    assert content["marks"][0] == {
        "kind": "square", "count": 1, "place": [30.0, 170.0], "of": ["B", "A", "C"], "confidence": 0.8124,
    }  # fmt: skip
    assert content["marks"][4]["of"] == []
    assert content["labels"][1] == {
        "text": ODD, "box": [80.0, 184.0, 120.12, 198.0], "kind": "side", "of": ["A", "B"], "confidence": None,
    }  # fmt: skip
    assert [label["kind"] for label in content["labels"]] == ["point", "side", "free"]
    assert [r["marked"] for r in content["relations"]] == [True, False]
    assert content == TEXTBOOK.to_dict()


def test_tikz_draws_arrows_and_arcs() -> None:
    text = trace_to_tikz(TEXTBOOK)
    styles = re.findall(r"\\draw(\[[^]]*\])? \(\w+\) -- \(\w+\);", text)
    assert styles == ["[<->]", "[dashed,->]", "[<-]"]
    arcs = re.findall(r"\\draw \(([-\d.]+),([-\d.]+)\) arc\[(.*)\];", text)
    assert arcs == [
        ("5.000", "7.500", "start angle=90.00,end angle=180.00,radius=2.500"),
        ("5.500", "4.134", "start angle=300.00,end angle=400.00,radius=1.000"),
    ]


def test_tikz_draws_marks_that_name_something_and_writes_measures() -> None:
    text = trace_to_tikz(TEXTBOOK)
    assert text.count(r"\draw[thin]") == 1 + 2 + 2 + 3
    assert text.count(r"\node") == 3 + 2  # letters, and what names no point
    assert r"\node at (5.003,0.450) {$37{^{\circ}}\ \surd 5-x'" in text
    assert r"<\&\%\$\#\_\{\}\wedge \sim \backslash \ " in text


@pytest.mark.parametrize(
    ("label", "tex"), [("60°", r"60{^{\circ}}"), ("2√3", r"2\surd 3"), ("x − 1", r"x\ -\ 1"), ("ü", r"\mbox{ü}")]
)
def test_measures_are_written_as_tex_takes_them(label: str, tex: str) -> None:
    assert escape_math(label) == tex


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=8))
def test_what_tex_keeps_for_itself_never_stands_alone(text: str) -> None:
    bare = re.sub(r"\\[&%$#_{}]", "", escape_math(text))
    assert not set("&%$#_~") & set(bare)
    assert bare.count("{") == bare.count("}")


def test_svg_has_heads_arcs_marks_and_writing_once() -> None:
    root = ElementTree.fromstring(trace_to_svg(TEXTBOOK))
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert tags.count("line") == 3
    assert tags.count("polyline") == 4 + 2 + 8  # heads, arcs, lines of marks
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert sorted(map(str, texts)) == sorted(["A", "B", "C", ODD, "<b>&\"'"])
    lines = [e.get("points", "") for e in root.iter() if e.tag.endswith("polyline")]
    ends = {line.split()[1] for line in lines[:4]}
    assert ends == {"20.00,180.00", "180.00,180.00", "20.00,20.00"}  # each head's tip
    first, *_, last = lines[4].split()
    assert (first, last) == ("100.00,50.00", "50.00,100.00")  # counter-clockwise as seen, from the top to the left


def test_paths_of_marks_lie_where_the_marks_do() -> None:
    square, *ticks_and_more = mark_paths(TEXTBOOK)
    size = SIZE * 200
    assert len(square) == 3
    assert all(math.dist(p, A) <= size for p in square)
    ticks, chevrons, arcs = ticks_and_more[:2], ticks_and_more[2:4], ticks_and_more[4:]
    for tick in ticks:
        middle = (tick[0][0] + tick[1][0]) / 2, (tick[0][1] + tick[1][1]) / 2
        assert distance_to((A, B), middle) == pytest.approx(0, abs=1e-9)
        assert math.dist(*tick) == pytest.approx(size)
    for wing, tip, other in chevrons:
        assert distance_to((A, C), tip) == pytest.approx(0, abs=1e-9)
        assert distance_to((A, C), wing) == pytest.approx(distance_to((A, C), other))
    radii = sorted(math.dist(B, arc[0]) for arc in arcs)
    assert math.dist(B, (150.0, 170.0)) == pytest.approx(radii[1])
    assert len(set(radii)) == 3
    assert all(distance_to((B, C), arc[-1]) < 1e-6 for arc in arcs)


def test_marks_of_points_that_are_not_there_have_no_paths() -> None:
    lost = (Mark("tick", 1, (1.0, 1.0), ("A", "Z")), Mark("square", 1, (1.0, 1.0), ("A",)))
    same = Mark("tick", 1, (1.0, 1.0), ("A", "D"))
    trace = replace(TEXTBOOK, marks=(*lost, same), points={**TEXTBOOK.points, "D": A})
    assert mark_paths(trace) == []
