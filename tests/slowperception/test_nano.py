"""slowperception-nano at toy size: tokens, keypoints, circles, ink, the network, its one path."""

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.checkpoints.shipped import load_shipped, save_shipped
from ocr2.errors import CheckpointError, ModelError
from ocr2.models.protocols import FigureTracer
from ocr2.models.registry import find_published, load_tracer
from ocr2.options import LoadOptions
from ocr2.results.figure import Mark
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.grammar import Writing, read_figure
from ocr2.slowperception.nano.circles import MOST_CIRCLES, fit_circles
from ocr2.slowperception.nano.ink import RING, WAY, ink_around, ink_between, ink_of, spread_ink
from ocr2.slowperception.nano.keypoints import (
    CIRCLE,
    END,
    LETTERS,
    MARKS,
    MAX_KEYPOINTS,
    Keypoint,
    Letter,
    SeenMark,
    Signs,
    order_keypoints,
    read_keypoints,
    read_letters,
    read_marks,
    read_signs,
)
from ocr2.slowperception.nano.network import FigureNano
from ocr2.slowperception.nano.output_language import (
    DIRECTIONS,
    FIRST_DIRECTION,
    FIRST_KEYPOINT,
    IDS,
    RULERS,
    VOCAB_SIZE,
    Sketch,
    SketchCircle,
    SketchStroke,
    read_sketch,
    ruler_id,
    sketch_strokes,
    to_writing,
    write_sketch,
)
from ocr2.slowperception.nano.reader import BORDER, NanoTracer, Sight, keypoint_tensors, make_prompt
from ocr2.slowperception.nano.texts import SIDES, STEP, merge_text_boxes
from ocr2.slowperception.square_view import frame_picture
from ocr2.slowperception.to_pixels import to_reading

TINY = PRESETS["slowperception-tiny"]
WIDTH = math.pi / DIRECTIONS
NO_SIGNS = Signs([], [], [], [])


@pytest.fixture(scope="module")
def tracer() -> NanoTracer:
    torch.manual_seed(0)
    nano = FigureNano(TINY).eval()
    return NanoTracer(nano, name="slowperception-tiny", weights_sha256="0" * 64, dtype=torch.float32)


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


middles = st.integers(0, DIRECTIONS - 1).map(lambda number: ((number + 0.5) / DIRECTIONS - 0.5) * math.pi)
strokes = st.builds(
    SketchStroke,
    st.integers(0, MAX_KEYPOINTS - 1),
    st.integers(0, MAX_KEYPOINTS - 1),
    st.lists(middles, max_size=4).map(tuple),
).filter(lambda stroke: stroke.start != stroke.end)


@given(
    st.lists(strokes, max_size=8, unique_by=lambda s: (min(s.start, s.end), max(s.start, s.end))),
    st.lists(st.integers(0, MAX_KEYPOINTS - 1), max_size=4, unique=True),
)
def test_a_sketch_is_read_as_it_was_written(parts: list[SketchStroke], circles: list[int]) -> None:
    sketch = Sketch(tuple(parts), tuple(SketchCircle(keypoint) for keypoint in circles))
    ids = write_sketch(sketch)
    assert read_sketch(ids) == sketch
    assert max(ids) < VOCAB_SIZE


@given(st.lists(st.integers(0, VOCAB_SIZE - 1), max_size=60))
def test_any_ids_are_read_without_an_error(ids: list[int]) -> None:
    sketch = read_sketch(ids, [0.5] * len(ids))
    written = to_writing(
        sketch, [Keypoint((0.0, 0.0), END), Keypoint((1.0, 2.0), END), Keypoint((2.0, 2.0), CIRCLE, 1.5)], 4.0
    )
    assert all(len(stroke) >= 2 for stroke in written.writing.strokes)
    assert len(written.strokes_sure) == len(written.writing.strokes)


def test_probabilities_go_with_strokes_and_circles() -> None:
    up = FIRST_DIRECTION + DIRECTIONS // 2  # nearly to the right, a little up
    ids = [FIRST_KEYPOINT, up, up, FIRST_KEYPOINT + 1, IDS["circles"], FIRST_KEYPOINT + 2, IDS["end"], 7]
    sketch = read_sketch(ids, [0.5, 0.1, 0.1, 0.8, 0.9, 0.25])
    assert [stroke.sure for stroke in sketch.strokes] == [0.4]
    assert [circle.sure for circle in sketch.circles] == [0.25]
    keypoints = [Keypoint((-5.0, 0.0), END), Keypoint((5.0, 0.0), END), Keypoint((0.0, 0.0), CIRCLE, 2.0)]
    written = to_writing(sketch, keypoints, 4.0)
    y = round(4 * math.sin(WIDTH / 2), 2)
    path = ((-5.0, 0.0), (-1.0, y), (3.0, 2 * y), (5.0, 0.0))
    assert written.writing == Writing((path,), ((0.0, 0.0, 2.0),))
    assert (written.strokes_sure, written.circles_sure) == ((0.4,), (0.25,))
    assert to_writing(sketch, keypoints, math.inf).writing.strokes == (((-5.0, 0.0), (5.0, 0.0)),)


def test_strokes_are_split_by_the_ruler_and_sorted() -> None:
    places = [(0.0, 0.0), (9.0, 0.0), (0.0, 3.0)]
    one, other = sketch_strokes([(2, 0), (0, 1), (1, 0)], places, 4.0)
    assert one == SketchStroke(0, 1, (0.0, 0.0))
    assert other == SketchStroke(0, 2)
    assert len({ruler_id(ruler) for ruler in RULERS}) == len(RULERS)
    with pytest.raises(ValueError, match=r"one of inf, 12, 10, 8, 4, got 5"):
        ruler_id(5.0)


def test_things_are_where_the_cells_say() -> None:
    cells = np.zeros((48, 48, 4), np.float32)
    cells[10, 20] = 0.9, 0.0, 0.1, 0.25
    cells[10, 21] = 0.8, 0.0, 0.0, 0.25  # 0.375 units farther: another
    cells[10, 19] = 0.7, 0.0, 0.99, 0.25  # as good as on the first
    keypoints = read_keypoints(cells, np.zeros((384, 384), np.float32))
    x, y = 20.1 / 48 * 20 - 10, 10 - 10.25 / 48 * 20
    assert [t.place for t in keypoints] == [(round(x, 2), round(y, 2)), (round(x + 0.375, 2), round(y, 2))]
    assert order_keypoints([Keypoint((1.004, 0.0), END), Keypoint((1.0, -1.0), END)])[0].place == (1.0, -1.0)


def test_an_end_at_a_circles_middle_needs_less() -> None:
    ink = np.zeros((384, 384), np.uint8)
    cv2.circle(ink, (192, 192), 90, 255, 2, cv2.LINE_AA)
    cells = np.zeros((48, 48, 4), np.float32)
    cells[..., 1] = (ink.reshape(48, 8, 48, 8).max(axis=(1, 3)) > 0).astype(np.float32)
    strong = ink.astype(np.float32) / np.float32(255)
    assert [t.kind for t in read_keypoints(cells, strong)] == [CIRCLE]
    cells[24, 24, 0] = cells[5, 5, 0] = 0.1  # in the middle, and elsewhere
    end, circle = read_keypoints(cells, strong)
    assert (end.kind, circle.kind) == (END, CIRCLE)
    assert end.place == circle.place
    cells[24, 24] = 0.9, 0.0, 0.5, 0.5  # found anyway: once
    assert sum(t.kind == END for t in read_keypoints(cells, strong)) == 1


def test_letters_are_the_surest_and_apart() -> None:
    cells = np.zeros((48, 48, 27), np.float32)
    cells[..., 0] = 1
    cells[5, 5, 0], cells[5, 5, 3] = 0.1, 0.85
    cells[5, 6, 0], cells[5, 6, 4] = 0.3, 0.6  # of the same letter
    cells[40, 8, 0], cells[40, 8, 1] = 0.45, 0.4
    c, a = read_letters(cells)
    assert (c.text, a.text) == ("C", "A")
    assert c.sure == pytest.approx(0.85)
    assert c.place == pytest.approx((5.5 / 48 * 20 - 10, 10 - 5.5 / 48 * 20))


def place_of(row: int, column: int) -> tuple[float, float]:
    """Return the middle of a cell of 48 by 48, model units."""
    return (column + 0.5) / 48 * 20 - 10, 10 - (row + 0.5) / 48 * 20


def sides_to(box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """Return what every cell of 48 by 48 tells of the sides of a box: left, top, right, bottom in cells."""
    x, y = np.meshgrid(np.arange(48) + 0.5, np.arange(48) + 0.5)
    far = np.stack([x - box[0], y - box[1], box[2] - x, box[3] - y], axis=-1)
    return np.asarray(np.arcsinh(far / STEP), np.float32)


def units_of(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return a box in cells as left, bottom, right and top in model units."""
    left, top, right, bottom = (v * 20 / 48 for v in box)
    return left - 10, 10 - bottom, right - 10, 10 - top


def test_marks_are_the_surest_and_apart() -> None:
    cells = np.zeros((48, 48, 1 + len(MARKS)), np.float32)
    cells[..., 0] = 1
    tick, arc = 1 + MARKS.index(("tick", 2)), 1 + MARKS.index(("arc", 3))
    cells[5, 5, 0], cells[5, 5, tick] = 0.1, 0.7
    cells[5, 6, 0], cells[5, 6, arc] = 0.2, 0.8  # 0.4 units farther: the same mark
    cells[5, 9, 0], cells[5, 9, arc] = 0.3, 0.5
    cells[40, 8, 0], cells[40, 8, 1] = 0.55, 0.45  # more likely none
    one, other = read_marks(cells)
    assert [(m.kind, m.count) for m in (one, other)] == [("tick", 2), ("arc", 3)]
    assert [one.sure, other.sure] == pytest.approx([0.7, 0.5])
    assert one.place == pytest.approx(place_of(5, 5))
    assert other.place == pytest.approx(place_of(5, 9))
    assert read_marks(np.eye(1 + len(MARKS), dtype=np.float32)[[[0]]]) == []


def test_signs_are_letters_marks_arrows_and_writing() -> None:
    letters, marks = np.zeros((48, 48, 1 + len(LETTERS)), np.float32), np.zeros((48, 48, 1 + len(MARKS)), np.float32)
    letters[..., 0] = marks[..., 0] = 1
    letters[3, 4, 0], letters[3, 4, 26] = 0.0, 1.0
    marks[10, 10, 0], marks[10, 10, 1] = 0.0, 1.0
    writing = np.zeros((48, 48, 2), np.float32)
    writing[20:22, 30:34, 0] = 0.9
    writing[30, 30, 0] = 0.3
    writing[40, 7] = 0.0, 0.9
    writing[40, 8] = 0.0, 0.8  # the same head
    writing[8, 7] = 0.0, 0.4
    signs = read_signs(letters, marks, writing, sides_to((30, 20, 34, 22)))
    assert signs.letters == [Letter("Z", place_of(3, 4), 1.0)]
    assert signs.marks == [SeenMark("square", 1, place_of(10, 10), 1.0)]
    assert signs.arrows == [pytest.approx(place_of(40, 7))]
    assert signs.texts == [pytest.approx(units_of((30, 20, 34, 22)), abs=1e-4)]


@given(st.integers(0, 36), st.integers(0, 44), st.integers(1, 12), st.integers(1, 4))
def test_the_box_that_cells_agree_on_is_theirs(left: int, top: int, width: int, height: int) -> None:
    box = (left, top, left + width, top + height)
    writing = np.zeros((48, 48), np.float32)
    writing[top : top + height, left : left + width] = 0.8
    assert merge_text_boxes(writing, sides_to(box), threshold=0.5) == [pytest.approx(units_of(box), abs=1e-3)]
    assert merge_text_boxes(writing, sides_to(box), threshold=0.9) == []


def test_boxes_of_several_texts_stay_apart_and_the_surest_comes_first() -> None:
    one, other = (4, 10, 10, 12), (11, 10, 15, 12)
    writing, sides = np.zeros((48, 48), np.float32), sides_to(one)
    writing[10:12, 4:10], writing[10:12, 11:15] = 0.7, 0.9
    sides[:, 11:15] = sides_to(other)[:, 11:15]
    found = merge_text_boxes(writing, sides, threshold=0.5)
    assert found == [pytest.approx(units_of(other), abs=1e-3), pytest.approx(units_of(one), abs=1e-3)]


def test_a_cell_that_is_far_off_does_not_move_a_box_much() -> None:
    box = (4, 10, 16, 12)
    writing, sides = np.zeros((48, 48), np.float32), sides_to(box)
    writing[10:12, 4:16] = 0.8
    sides[10, 4, 2] = math.asinh(15 / STEP)  # the first cell takes the right side for three cells farther
    (found,) = merge_text_boxes(writing, sides, threshold=0.5)
    assert found == pytest.approx(units_of(box), abs=0.1)
    assert merge_text_boxes(writing, np.zeros_like(sides), threshold=0.5) == []  # boxes of no size


@pytest.mark.parametrize(("side", "sides"), [(5.0, 5.0), (-9.0, 200.0)])
def test_sides_beyond_reason_are_finite(side: float, sides: float) -> None:
    told = np.full((4, 4, SIDES), sides, np.float32)
    told[..., 0] = side
    found = merge_text_boxes(np.ones((4, 4), np.float32), told, threshold=0.5)
    assert np.isfinite(np.array(found)).all()


@pytest.mark.parametrize(("thick", "count"), [(1, 2), (5, 2)])
def test_circles_are_fitted_to_round_ink(thick: int, count: int) -> None:
    """A thick stroke is one circle, not two; straight lines through it do no harm."""
    ink = np.zeros((384, 384), np.uint8)
    for center, radius in (((150, 200), 90), ((250, 120), 40)):
        cv2.circle(ink, center, radius, 255, thick, cv2.LINE_AA)
    cells = (ink.reshape(48, 8, 48, 8).max(axis=(1, 3)) > 0).astype(np.float32)
    cv2.line(ink, (20, 200), (300, 200), 255, thick, cv2.LINE_AA)
    found = fit_circles(ink.astype(np.float32) / np.float32(255), cells)
    assert len(found) == count
    expected = {(150.5 / 19.2 - 10, 10 - 200.5 / 19.2, 90 / 19.2), (250.5 / 19.2 - 10, 10 - 120.5 / 19.2, 40 / 19.2)}
    for circle in expected:
        assert min(math.dist(circle, other) for other in found) < 0.06


@pytest.mark.parametrize("kind", ["blank", "line", "noise"])
def test_no_circles_where_none_are(kind: str) -> None:
    ink = np.zeros((384, 384), np.float32)
    if kind == "line":
        cv2.line(ink, (20, 30), (350, 300), 1.0, 2)
    if kind == "noise":
        ink = (np.random.default_rng(0).random((384, 384)) < 0.01).astype(np.float32)
    found = fit_circles(ink, np.ones((48, 48), np.float32))
    assert len(found) <= MOST_CIRCLES if kind == "noise" else not found


def test_ink_is_what_is_rarer_than_the_ground() -> None:
    page = np.full((96, 96), 200, np.uint8)
    page[40:44] = 20
    dark, light = ink_of(page, 96), ink_of(255 - page, 96)
    assert torch.equal(dark, light)
    assert dark[0, 42].tolist() == [1.0] * 96
    assert float(dark[0, :38].max()) == 0.0
    assert float(ink_of(np.full((50, 50), 7, np.uint8), 64).max()) == 0.0
    assert ink_of(page, 64).shape == (1, 64, 64)


def test_ink_of_colour_is_what_differs_in_any_channel() -> None:
    page = np.full((96, 96, 3), 200, np.uint8)
    page[20:23] = (200, 40, 200)
    page[60:63] = (230, 200, 200)  # pale
    page[:, 84:87] = 0  # a black line beside: what is pale stays visible
    ink = ink_of(page, 96)[0]
    assert ink[21, 10:80].tolist() == pytest.approx([(160 / 200) ** 0.6] * 70, abs=0.01)
    assert ink[61, 10:80].tolist() == pytest.approx([(30 / 200) ** 0.6] * 70, abs=0.01)
    assert float(ink[30:50, 10:80].max()) == 0.0
    gray = np.full((96, 96), 200, np.uint8)
    gray[20:23] = 40
    assert torch.equal(ink_of(gray, 96), ink_of(np.repeat(gray[..., None], 3, axis=2), 96))


def test_faint_noise_is_not_made_strong() -> None:
    noise = np.random.default_rng(0).integers(198, 202, (96, 96, 3)).astype(np.uint8)
    assert float(ink_of(noise, 96).max()) < 0.35


def test_ink_between_and_around() -> None:
    ink = torch.zeros(1, 1, 100, 100)
    ink[0, 0, 50, 20:80] = 1
    spread = spread_ink(ink)
    assert spread.shape == (1, 100, 100)
    assert float(spread[0, 49:52, 50].min()) == 1.0
    places = torch.tensor([[[0.2, 0.505], [0.8, 0.505], [0.5, 0.1]]])
    ways = ink_between(spread, places)
    assert ways.shape == (1, 3, 3, WAY)
    assert ways[0, 0, 1].mean() == 1.0
    assert ways[0, 0, 2, 2:].max() == 0.0
    assert torch.equal(ways[0, 0, 2], ways[0, 2, 0].flip(0))
    ring = torch.zeros(100, 100)
    turns = torch.linspace(0, 2 * math.pi, 1000)
    ring[(50 + 30 * turns.sin()).long(), (50 + 30 * turns.cos()).long()] = 1
    around = ink_around(
        spread_ink(ring[None, None]), torch.tensor([[[0.505, 0.505], [2.0, 0.5]]]), torch.tensor([[0.3, 0.1]])
    )
    assert around.shape == (1, 2, RING)
    assert around[0].mean(dim=1).tolist() == [1.0, 0.0]  # nothing outside


def test_the_tracer_traces_and_its_answer_is_the_published_language(tracer: NanoTracer) -> None:
    assert isinstance(tracer, FigureTracer)
    readings = tracer.trace_figures([picture(60, 90), picture(90, 60, 1)], ruler=4.0, max_new_tokens=30)
    for reading in readings:
        assert reading.raw.startswith("Line:\n")
        assert len(read_figure(reading.raw).strokes) <= len(reading.segments)
    assert readings[0].unit == frame_picture(60, 90, border=BORDER).unit
    for reading in readings:
        assert reading.texts is not None
        assert all(mark.of == () and mark.confidence is not None for mark in reading.marks)


def test_figures_traced_together_are_traced_as_alone(tracer: NanoTracer) -> None:
    pictures = [picture(60, 90), picture(90, 60, 1), picture(80, 80, 2)]
    together = tracer.trace_figures(pictures, max_new_tokens=12)
    alone = [tracer.trace_figures([p], max_new_tokens=12)[0] for p in pictures]
    assert [r.raw for r in together] == [r.raw for r in alone]


def test_joined_pairs_that_the_decoder_left_out_are_strokes_too() -> None:
    keypoints = [Keypoint((float(i), 0.0), END) for i in range(3)] + [Keypoint((5.0, 0.0), CIRCLE, 1.0)]
    joined = np.zeros((4, 4), np.float32)
    for a, b, p in ((0, 1, 0.95), (0, 2, 0.93), (1, 2, 0.4), (2, 3, 0.99)):
        joined[a, b] = joined[b, a] = p
    sight = Sight(Sketch((SketchStroke(1, 0),)), keypoints, NO_SIGNS, joined, "end", math.inf)
    ((start, end, sure),) = sight.overlooked()
    assert (start, end) == (keypoints[0], keypoints[2])
    assert sure == pytest.approx(0.93)


def test_marks_arrows_and_boxes_of_writing_are_in_pixels(tracer: NanoTracer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The square has sides of 220 pixels, with the picture in its middle."""
    signs = Signs([], [SeenMark("tick", 2, (-5.0, 0.0), 0.75)], [(5.0, 1.0)], [(-2.0, 1.0, 1.0, 2.0)])
    sight = Sight(Sketch(()), [], signs, np.zeros((0, 0), np.float32), "end", math.inf)
    monkeypatch.setattr(tracer, "trace_inks", lambda inks, **how: [sight])
    (found,) = tracer.trace_figures([picture(100, 200)])
    assert found.marks == (Mark("tick", 2, (45.0, 50.0), (), 0.75),)
    assert found.arrows == ((155.0, 39.0),)
    assert found.texts is not None
    assert list(found.texts) == [pytest.approx((78.0, 28.0, 111.0, 39.0))]


def test_a_ruler_it_does_not_have_is_refused(tracer: NanoTracer) -> None:
    with pytest.raises(ValueError, match="got 7"):
        tracer.trace_figures([picture(9, 9)], ruler=7.0)


def test_the_ruler_is_asked_for_behind_the_things(tracer: NanoTracer) -> None:
    ink = ink_of(picture(64, 64)[..., 0], TINY.side)
    keypoints = [Keypoint((0.0, 0.0), END), Keypoint((1.0, 1.0), CIRCLE, 1.0)]
    none, four = (make_prompt(tracer.nano, ink, r, dtype=torch.float32, keypoints=keypoints) for r in (math.inf, 4.0))
    assert none.embeds.shape == (TINY.num_image_tokens + 2 + 1, TINY.skeleton.decoder.hidden_size)
    assert torch.equal(none.embeds[:-1], four.embeds[:-1])
    table = tracer.nano.skeleton.embed_tokens
    assert torch.equal(four.embeds[-1], table(torch.tensor(ruler_id(4.0))))


def test_keypoints_know_what_ink_leads_to() -> None:
    """A line drawn between two of three ends changes how they are seen."""
    torch.manual_seed(1)
    nano = FigureNano(TINY).eval()
    places, radii = keypoint_tensors([Keypoint((-5.0, 0.0), END), Keypoint((5.0, 0.0), END), Keypoint((0.0, 5.0), END)])
    bare, lined = torch.zeros(1, 1, 64, 64), torch.zeros(1, 1, 64, 64)
    lined[0, 0, 32, 16:48] = 1
    patches, features = nano.encode_picture(bare)
    valid = torch.ones(1, 3, dtype=torch.bool)
    with torch.no_grad():
        one, other = (
            nano.encode_keypoints(places[None], radii[None], valid, patches, features, i) for i in (bare, lined)
        )
    assert one.joined.shape == (1, 3, 3)
    assert not torch.allclose(one.joined[0, 0, 1], other.joined[0, 0, 1])
    assert torch.allclose(one.joined, one.joined.transpose(1, 2), atol=1e-5)  # what joins two joins them both ways


def test_absent_things_change_nothing() -> None:
    torch.manual_seed(1)
    nano = FigureNano(TINY).eval()
    places, radii = torch.rand(1, 3, 2), torch.zeros(1, 3)
    ink = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        patches, features = nano.encode_picture(ink)
        few = nano.encode_keypoints(
            places[:, :2], radii[:, :2], torch.ones(1, 2, dtype=torch.bool), patches, features, ink
        )
        valid = torch.tensor([[True, True, False]])
        padded = nano.encode_keypoints(places, radii, valid, patches, features, ink)
    torch.testing.assert_close(few.vectors, padded.vectors[:, :2], atol=1e-5, rtol=1e-5)


def test_directions_beside_each_other_start_alike() -> None:
    numbers = torch.arange(FIRST_DIRECTION, FIRST_DIRECTION + DIRECTIONS)
    unit = torch.nn.functional.normalize(FigureNano(TINY).skeleton.embed_tokens(numbers).detach(), dim=1)
    near, far = (unit[1:] * unit[:-1]).sum(1), (unit[60:] * unit[:-60]).sum(1)
    assert float(near.min()) > float(far.mean()) + 0.1


def test_weights_are_written_and_read_back(tracer: NanoTracer, tmp_path: Path) -> None:
    path = tmp_path / "nano.safetensors"
    save_shipped(tracer.nano, path, details={})
    shipped = load_shipped(lambda: FigureNano(TINY), path)
    nano, digest = shipped.network, shipped.sha256
    assert len(digest) == 64
    table, again = (network.skeleton.embed_tokens.weight for network in (tracer.nano, nano))
    assert isinstance(table, torch.Tensor)
    assert isinstance(again, torch.Tensor)
    step = table.abs().amax(dim=1, keepdim=True) / 127  # of eight bits
    assert ((again - table).abs() <= 0.51 * step).all()
    assert nano.skeleton.decoder.lm_head.weight is nano.skeleton.embed_tokens.weight


def test_readings_are_in_pixels_with_their_confidence() -> None:
    frame = frame_picture(200, 100, border=BORDER)  # a square of 220 with the picture in its middle
    writing = Writing((((-5.0, 0.0), (0.0, 0.5), (5.0, 0.0)),), ((0.0, 0.0, 2.0),), {"A": (0.0, 0.0)})
    reading = to_reading(
        writing, frame, stopped="end", strokes_sure=[0.8], circles_sure=[0.7], letters=[Letter("A", (0.0, 0.0), 0.6)]
    )
    (segment,), (circle,) = reading.segments, reading.circles
    assert (segment.start, segment.end) == ((45.0, 50.0), (155.0, 50.0))
    assert segment.confidence == pytest.approx(0.8 * 0.5)
    assert (circle.center, circle.radius, circle.confidence) == ((100.0, 50.0), 22.0, 0.7)
    assert reading.labels == {"A": (100.0, 50.0)}
    assert reading.letters is not None
    assert reading.letters[0].box == pytest.approx((96.15, 46.15, 103.85, 53.85))
    plain = to_reading(replace(writing, labels={}), frame, stopped="loop")
    assert plain.segments[0].confidence == pytest.approx(0.5)
    assert (plain.letters, plain.circles[0].confidence, plain.stopped) == (None, None, "loop")


def test_the_released_model_says_where_its_weights_are(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"not on the hub; name their folder, --weights"):
        load_tracer("slowperception")
    with pytest.raises(CheckpointError, match="no folder"):
        load_tracer("slowperception", LoadOptions(weights=tmp_path / "missing"))
    assert find_published("slowperception").releases == ()
    with pytest.raises(ModelError, match="come with the package"):
        find_published("slowperception-nano")
    with pytest.raises(ModelError, match="got-nano reads pages; slowperception-nano traces figures"):
        load_tracer("got-nano")


def test_a_figure_without_things_has_an_empty_trace(tracer: NanoTracer) -> None:
    ink = ink_of(np.full((64, 64), 255, np.uint8), TINY.side)
    prompt = make_prompt(tracer.nano, ink, math.inf, dtype=torch.float32, keypoints=[])
    assert prompt.embeds.shape[0] == TINY.num_image_tokens + 1
    assert prompt.joined.shape == (0, 0)
    sight = Sight(read_sketch([IDS["end"]]), [], NO_SIGNS, prompt.joined, "end", 4.0)
    assert (sight.writing().writing, sight.overlooked()) == (Writing(), [])
