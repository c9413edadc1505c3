"""Figures as textbooks show them are whole, seeded, and drawn as their records say."""

import colorsys
import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.geometry.parts import Point, is_on
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry import pool
from ocr2.synth.geometry.draw import UNITS, to_pixel
from ocr2.synth.geometry.figure import arc_points, box_of, merge_lines, placed
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.targets import REACH
from ocr2.synth.geometry.textbook import look
from ocr2.synth.geometry.textbook.engine import FigurePicture, TextbookEngine
from ocr2.synth.geometry.textbook.look import FAINTEST, HELD_OUT_HUES, STYLES, contrast, face_sets, pick_look
from ocr2.synth.geometry.textbook.scenes import SCENES, build_textbook_scene
from ocr2.synth.groups import decode, read_group

SEEDS = range(24)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def folder() -> Path:
    """The fonts that Matplotlib ships."""
    return Path(pytest.importorskip("matplotlib").__file__).parent / "mpl-data" / "fonts" / "ttf"


@pytest.fixture(scope="module")
def library(folder: Path) -> FontLibrary:
    """Those that are faces of text."""
    families = FontLibrary.find([folder], held_out=False).families
    return FontLibrary({name: families[name] for name in ("DejaVu Sans", "DejaVu Sans Mono", "STIXGeneral")})


@pytest.fixture(scope="module")
def engine(library: FontLibrary) -> TextbookEngine:
    return TextbookEngine(library)


@pytest.fixture(scope="module")
def samples(engine: TextbookEngine) -> list[FigurePicture]:
    """Clean figures of all styles."""
    styles = list(STYLES)
    return [engine.draw(np.random.default_rng(i), style=styles[i % len(styles)], strength=0.0) for i in SEEDS]


def points_in(values: list[str | float]) -> list[Point]:
    numbers = [float(v) for v in values]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def away_from_ground(sample: FigurePicture) -> NDArray[np.float64]:
    """Return how far each pixel is from the picture's usual colour, the farthest within some pixels."""
    ground = np.median(sample.pixels.reshape(-1, 3), axis=0)
    off = np.abs(sample.pixels.astype(np.float64) - ground).max(axis=2)
    reach = 3 + math.ceil(sample.record["width"] / 2 + 3 * sample.record["wobble"])
    return np.asarray(cv2.dilate(off, np.ones((2 * reach + 1, 2 * reach + 1))), np.float64)


def seen_along(sample: FigurePicture, path: list[Point]) -> float:
    """Return the share of a path's points in the picture that ink is at."""
    side, off = sample.record["side"], away_from_ground(sample)
    pixels = [to_pixel(p, side) for p in path]
    inside = [(int(x), int(y)) for x, y in pixels if 0 <= x < side and 0 <= y < side]
    return float(np.mean([off[y, x] > 12 for x, y in inside])) if inside else 1.0


@given(seeds, st.sampled_from(sorted(SCENES)))
@settings(max_examples=300, deadline=None)
def test_every_scene_builds_for_any_seed(seed: int, name: str) -> None:
    found, figure = build_textbook_scene(np.random.default_rng(seed), name)
    assert found == name
    assert figure.segments or figure.circles
    assert all(math.dist(a, b) > 1e-3 for a, b in figure.segments)
    assert figure.segments == merge_lines(figure.segments)
    assert all(r > 0.1 for _, _, r in figure.circles)
    assert all(r > 0.1 and 1 < end - start <= 360 for *_, r, start, end in figure.arcs)
    left, bottom, right, top = box_of(figure)
    assert 1 < max(right - left, top - bottom) < 60
    ends = [p for s in figure.segments for p in s]
    assert all(min(math.dist(p, q) for q in ends) < 1e-6 for p in figure.arrows)


@given(seeds, st.sampled_from(sorted(SCENES)), st.floats(0, 360), st.booleans())
@settings(max_examples=60, deadline=None)
def test_arcs_and_arrows_move_with_their_figure(seed: int, name: str, turn: float, mirror: bool) -> None:
    _, figure = build_textbook_scene(np.random.default_rng(seed), name)
    moved = placed(figure, extent=12.0, at=(1.0, -2.0), turn=turn, mirror=mirror)
    left, bottom, right, top = box_of(moved)
    assert max(right - left, top - bottom) == pytest.approx(12, rel=0.02)
    ends = [p for s in moved.segments for p in s]
    assert all(min(math.dist(p, q) for q in ends) < 1e-6 for p in moved.arrows)
    scale = math.dist(*moved.segments[0]) / math.dist(*figure.segments[0]) if figure.segments else 0.0
    for arc, other in zip(figure.arcs, moved.arcs, strict=True):
        assert other[4] - other[3] == pytest.approx(arc[4] - arc[3])
        for end, again in ((0, 1), (1, 0)) if mirror else ((0, 0), (1, 1)):  # an end stays as far from an end
            a, b = arc_points(arc, 2)[end], arc_points(other, 2)[again]
            if figure.segments:
                away = math.dist(a, figure.segments[0][0]) * scale
                assert math.dist(b, moved.segments[0][0]) == pytest.approx(away, abs=1e-6)


def test_one_seed_is_one_figure(engine: TextbookEngine) -> None:
    one, other = (engine.draw(np.random.default_rng(7)) for _ in range(2))
    assert one.record == other.record
    np.testing.assert_array_equal(one.pixels, other.pixels)
    assert one.pixels.shape == (one.record["side"], one.record["side"], 3)


def test_records_survive_json(samples: list[FigurePicture]) -> None:
    for sample in samples:
        assert json.loads(json.dumps(sample.record)) == sample.record


def test_segments_circles_and_arcs_are_inked(samples: list[FigurePicture]) -> None:
    for sample in samples:
        record = sample.record
        paths = [[(x0 + k * (x1 - x0), y0 + k * (y1 - y0)) for k in np.linspace(0, 1, 25).tolist()]
                 for x0, y0, x1, y1 in record["segments"]]  # fmt: skip
        paths += [arc_points((x, y, r, 0.0, 360.0), 40) for x, y, r in record["circles"]]
        paths += [arc_points((x, y, r, a, b), 25) for x, y, r, a, b in record["arcs"]]
        dashed = [*record["dashed"], *[False] * (len(paths) - len(record["dashed"]))]
        for path, is_dashed in zip(paths, dashed, strict=True):
            assert seen_along(sample, path) > (0.4 if is_dashed else 0.9), record["scene"]


def test_writing_is_inked_in_its_box(samples: list[FigurePicture]) -> None:
    boxes = 0
    for sample in samples:
        side = sample.record["side"]
        for text, _, *box in sample.record["texts"]:
            left, bottom, right, top = (float(v) for v in box[:4])
            (x0, y1), (x1, y0) = to_pixel((left, bottom), side), to_pixel((right, top), side)
            piece = sample.pixels[round(y0) : round(y1), round(x0) : round(x1)].astype(np.int64)
            assert piece.shape[0] > 2, text
            assert piece.shape[1] > 0, text
            assert np.ptp(piece.reshape(-1, 3), axis=0).max() > 15, text  # some stands on a filled area
            boxes += 1
    assert boxes > 3 * len(samples)


def test_marks_stand_on_the_figure(samples: list[FigurePicture]) -> None:
    kinds = set()
    for sample in samples:
        segments = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in sample.record["segments"]]
        for kind, count, x, y, *on in sample.record["marks"]:
            points = points_in(on)
            kinds.add(kind)
            assert 1 <= int(count) <= 3
            assert len(points) == (2 if kind in ("tick", "chevron") else 3)
            if kind in ("tick", "chevron"):
                assert math.dist((float(x), float(y)), ((points[0][0] + points[1][0]) / 2,
                                                        (points[0][1] + points[1][1]) / 2)) < 1e-3  # fmt: skip
                assert any(all(is_on(p, s, 0.05) for p in points) for s in segments)
            else:
                vertex, *ways = points
                assert math.dist((float(x), float(y)), vertex) > 0.05
                assert all(any(is_on(vertex, s, 0.05) and is_on(way, s, 0.05) for s in segments) for way in ways)
        assert len(sample.record["marks"]) == sample.record["signs"]
    assert kinds == {"square", "tick", "arc", "chevron"}


def test_measures_name_parts_of_the_figure(samples: list[FigurePicture]) -> None:
    kinds = set()
    for sample in samples:
        record = sample.record
        segments = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in record["segments"]]
        for _, kind, *values in record["texts"]:
            points = points_in(values[4:])
            kinds.add(kind)
            assert len(points) == {"point": 1, "side": 2, "line": 2, "angle": 3, "arc": 2, "free": 0}[str(kind)]
            if kind in ("side", "line"):
                assert any(all(is_on(p, s, 0.06) for p in points) for s in segments)
        letters = {str(name): (float(x), float(y)) for name, x, y, _, _ in record["letters"]}
        named = {str(text): points_in(values[4:])[0] for text, kind, *values in record["texts"] if kind == "point"}
        assert all(math.dist(named[name], at) < 1e-2 for name, at in letters.items())
    assert kinds == {"point", "side", "line", "angle", "arc", "free"}


def test_arrows_are_ends_of_segments(samples: list[FigurePicture]) -> None:
    arrows = 0
    for sample in samples:
        ends = [p for x0, y0, x1, y1 in sample.record["segments"] for p in ((x0, y0), (x1, y1))]
        for x, y in sample.record["arrows"]:
            assert min(math.dist((x, y), end) for end in ends) < 1e-3
            arrows += 1
    assert arrows > 10


def test_everything_lies_in_the_picture(samples: list[FigurePicture]) -> None:
    def places(record: FigureRecord) -> list[float]:
        rounds = [abs(v) + r for x, y, r in record["circles"] for v in (x, y)]
        return [*rounds, *(abs(v) for part in (record["segments"], record["arrows"]) for row in part for v in row)]

    assert max(v for sample in samples for v in places(sample.record)) < REACH
    assert UNITS == 2 * REACH


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("held_out", [False, True])
def test_strokes_marks_and_writing_can_be_seen(library: FontLibrary, style: str, held_out: bool) -> None:
    faces = face_sets(library)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        found = pick_look(rng, faces, 384, style=style, extent=12.0, held_out=held_out)
        for colour in (found.stroke, found.second, found.mark, found.text):
            assert contrast(colour, found.ground) >= FAINTEST >= 1.3, (seed, colour, found.ground)


def hues(library: FontLibrary, *, held_out: bool) -> list[float]:
    """Return the hues, of a turn, of strokes that have a colour."""
    faces, found = face_sets(library), []
    for seed in range(150):
        one = pick_look(np.random.default_rng(seed), faces, 384, style="screen", extent=12.0, held_out=held_out)
        for colour in (one.stroke, one.second, one.mark):
            hue, saturation, _ = colorsys.rgb_to_hsv(*(v / 255 for v in colour))
            found += [hue] if saturation > 0.2 else []
    return found


def is_kept_apart(hue: float, slack: float) -> bool:
    return any(low - slack <= hue <= high + slack for low, high in HELD_OUT_HUES)


def test_hues_of_the_validation_split_are_kept_apart(library: FontLibrary) -> None:
    trained, held_out = (hues(library, held_out=out) for out in (False, True))
    assert len(trained) > 100
    assert len(held_out) > 100
    assert not any(is_kept_apart(hue, -0.005) for hue in trained)
    assert all(is_kept_apart(hue, 0.005) for hue in held_out)


def test_families_without_the_signs_of_measures_are_left_out(
    library: FontLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = face_sets(library)
    assert all(f.upright.covers("°") for f in found)
    assert any(len({f.upright, f.italic, f.bold, f.bold_italic}) == 4 for f in found)  # DejaVu
    monkeypatch.setattr(look, "EXTRA_CHARACTERS", "漢")
    with pytest.raises(ValueError, match="no font family has the letters and signs"):
        face_sets(library)


def test_wear_changes_pictures_and_not_what_is_in_them(engine: TextbookEngine) -> None:
    changed = 0
    for seed in range(6):
        clean, worn = (engine.draw(np.random.default_rng(seed), style="pencil", strength=s) for s in (0.0, 1.0))
        assert clean.record == worn.record
        changed += int((clean.pixels != worn.pixels).any())
    assert changed == 6


def test_the_pool_command_writes_a_group(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: TextbookEngine
) -> None:
    monkeypatch.setattr(pool, "TEXTBOOK_GROUP_SIZE", 3)
    arguments = [str(tmp_path), "--groups", "1", "--fonts", str(folder), "--looks", "textbook", "--workers", "1"]
    monkeypatch.setattr("sys.argv", ["pool", *arguments])
    pool.main()
    (path,) = tmp_path.glob("group-*.npz")
    figures = read_group(path)
    assert len(figures) == 3
    for png, record in figures:
        assert decode(png).shape == (record["side"], record["side"], 3)
        assert record["style"] in STYLES
        assert {"arcs", "arrows", "marks", "texts"} <= set(record)
