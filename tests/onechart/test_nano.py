"""onechart-nano's network at toy size: prompts, places, scales, finding and reading text."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.checkpoints.shipped import load_shipped, save_shipped
from ocr2.models.protocols import ChartReader, TextBox
from ocr2.multimodal.position_features import PLACE_FEATURES
from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.axis_scales import fit_scale
from ocr2.onechart.nano.colours import COLOUR_FEATURES, REGIONS, SAMPLES, WIDTHS, colour_features, match_colours
from ocr2.onechart.nano.data_points import read_points
from ocr2.onechart.nano.network import Elements
from ocr2.onechart.nano.output_language import IDS
from ocr2.onechart.nano.parts import NanoParts
from ocr2.onechart.nano.reader import NanoChartReader, make_prompt
from ocr2.onechart.nano.slices import measure_slices
from ocr2.onechart.nano.text_detector import TextFinder, find_lines, finder_input
from ocr2.onechart.nano.text_lines import MAX_LINES, MOST_LETTERS, batch_lines, facts_of, lying_box, order_lines

TINY = PRESETS["onechart-tiny"]


@pytest.fixture(scope="module")
def reader() -> NanoChartReader:
    torch.manual_seed(0)
    parts = NanoParts("onechart-tiny").eval()
    return NanoChartReader(parts.nano, parts.finder, name="onechart-tiny", weights_sha256="0" * 64, dtype=torch.float32)


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


TEXTS = [TextBox("b", (10, 40, 30, 50)), TextBox("a", (10, 5, 30, 15)), TextBox("c", (50, 5, 70, 15), 90.0)]


def test_the_reader_is_a_chart_reader_and_gives_json(reader: NanoChartReader) -> None:
    assert isinstance(reader, ChartReader)
    readings = reader.read_charts([picture(60, 90), picture(90, 60, 1)], [TEXTS, []], max_new_tokens=12)
    assert [reading.answer[:9] for reading in readings] == ['{"title":', '{"title":']


def test_charts_read_together_are_read_as_alone(reader: NanoChartReader) -> None:
    pictures = [picture(60, 90), picture(90, 60, 1), picture(80, 80, 2)]
    texts = [TEXTS, [], TEXTS[:1]]
    together = reader.read_charts(pictures, texts, max_new_tokens=9)
    alone = [reader.read_charts([p], [t], max_new_tokens=9)[0] for p, t in zip(pictures, texts, strict=True)]
    assert [r.answer for r in together] == [r.answer for r in alone]


def test_lines_are_numbered_from_the_top_left() -> None:
    ordered = order_lines(TEXTS, 60)
    assert [text.text for text in ordered] == ["a", "c", "b"]
    assert len(order_lines(TEXTS * 50, 60)) == MAX_LINES


def test_lines_are_padded_behind() -> None:
    lines = batch_lines([(TEXTS, 90, 60), ([], 90, 60), ([TextBox("x" * 99, (0, 0, 1, 1))], 90, 60)])
    assert lines.letters.shape == (3, 3, MOST_LETTERS)
    assert lines.places.shape == (3, 3, PLACE_FEATURES)
    assert lines.valid.sum(dim=1).tolist() == [3, 0, 1]
    assert (lines.letters[2, 0] > 0).all()


def test_facts_tell_numbers_from_words() -> None:
    assert facts_of("Sales")[:4] == [0, 0, 0, 0]
    assert facts_of("-12%") == pytest.approx([1, 1, np.log10(13) / 3, 1, 0.2])


def test_a_prompt_ends_with_its_elements(reader: NanoChartReader) -> None:
    places = [(0.2, 0.4), (0.7, 0.1)]
    prompt = make_prompt(reader.nano, picture(60, 90), TEXTS, dtype=torch.float32, points=places)
    assert prompt.points == places
    assert len(prompt.embeds) == TINY.num_image_tokens + 5
    torch.testing.assert_close(prompt.embeds[-5:], prompt.pointers.embeddings)
    alone = make_prompt(reader.nano, picture(60, 90), [], dtype=torch.float32, points=[])
    torch.testing.assert_close(alone.embeds, prompt.embeds[:-5])
    assert len(alone.pointers.heads) == 0


def test_elements_do_not_depend_on_padding(reader: NanoChartReader) -> None:
    features, vectors = torch.rand(2, TINY.num_image_tokens, 32), torch.rand(2, 4, 32)
    colours = torch.rand(2, 4, COLOUR_FEATURES)
    valid = torch.tensor([[True] * 4, [True, False, True, False]])
    both, entries = reader.nano.encode_elements([Elements(vectors, colours)], valid, features)
    part = Elements(vectors[1:, ::2], colours[1:, ::2])
    alone, entries_alone = reader.nano.encode_elements([part], valid[1:, ::2], features[1:])
    torch.testing.assert_close(both[1, ::2], alone[0])
    torch.testing.assert_close(entries[1, ::2, ::2], entries_alone[0])


def test_a_value_sees_the_entry_of_its_colour() -> None:
    """Regions inside the first element and left of the second have one colour; the third's is another."""
    colours = torch.zeros(1, 3, REGIONS, 6)
    colours[0, 0, 4, :3] = colours[0, 1, 0, :3] = torch.tensor([0.9, 0.1, 0.3])
    colours[0, 2, 0, :3] = torch.tensor([0.1, 0.9, 0.3])
    matches = match_colours(colours.flatten(2)).view(3, 3, REGIONS, len(SAMPLES), len(WIDTHS))
    torch.testing.assert_close(matches[0, 1, 4, 0], torch.ones(2))
    torch.testing.assert_close(matches[0, 2, 4, 0], torch.exp(-1.28 / torch.tensor(WIDTHS) ** 2))
    torch.testing.assert_close(matches[0, 1, 3, 1], torch.ones(2))  # ground below the one and right of the other


def test_a_mark_is_read_where_it_stands(reader: NanoChartReader) -> None:
    """The patches of the right half are changed: marks of the left half do not notice."""
    patches = torch.rand(1, 4, 4, 24)
    changed = patches.clone()
    changed[:, :, 2:] += 1
    places = torch.tensor([[[0.2, 0.3], [0.9, 0.3]]])
    pixels = torch.rand(1, 3, 64, 64)
    before, after = (reader.nano.embed_points(places, p, pixels) for p in (patches, changed))
    torch.testing.assert_close(before.vectors[:, 0], after.vectors[:, 0])
    assert (before.vectors[:, 1] - after.vectors[:, 1]).abs().max() > 1e-3


def test_colours_are_those_beside_a_box() -> None:
    """A legend: a red sample left of a word; the ground is 0, as pixels come."""
    pixels = torch.zeros(1, 3, 100, 200)
    red = torch.tensor([0.1, 0.9, 0.9])  # ink of red
    pixels[0, :, 40:50, 60:80] = red[:, None, None]
    boxes = torch.tensor([[[0.45, 0.4, 0.7, 0.5], [0.1, 0.8, 0.3, 0.9]]])
    beside, far = colour_features(pixels, boxes)[0]
    left, right = beside[:3], beside[6:9]
    torch.testing.assert_close(left, red)
    assert right.abs().max() == 0
    assert far.abs().max() == 0


def test_the_box_of_a_turned_line_is_as_it_lies() -> None:
    assert lying_box(TextBox("", (40, 45, 60, 55), 90.0), 100, 200) == pytest.approx((0.45, 0.2, 0.55, 0.3))


def test_marks_are_read_off_cells_once_each() -> None:
    cells = np.zeros((4, 4, 3), np.float32)
    cells[1, 2] = 0.9, 0.95, 0.5
    cells[1, 3] = 0.7, 0.05, 0.5  # the same one, told by its neighbour
    cells[3, 0] = 0.6, 0.5, 0.5
    cells[0, 0] = 0.4, 0.5, 0.5  # not sure enough
    assert read_points(cells) == [pytest.approx((0.125, 0.875)), pytest.approx((0.7375, 0.375))]


@pytest.mark.parametrize("hole", [0, 40])
def test_slices_are_measured_by_their_area(hole: int) -> None:
    import cv2

    canvas = np.full((200, 300, 3), 255, np.uint8)
    shares, start, marks = [0.5, 0.3, 0.15, 0.05], 20.0, []
    for i, share in enumerate(shares):
        colour = [(200, 60, 60), (60, 200, 60), (60, 60, 200), (200, 200, 60)][i]
        cv2.ellipse(canvas, (150, 100), (80, 80), 0, start, start + 360 * share, colour, -1)
        middle = np.radians(start + 180 * share)
        marks.append(((150 + 80 * np.cos(middle)) / 300, (100 + 80 * np.sin(middle)) / 200))
        start += 360 * share
    cv2.circle(canvas, (150, 100), hole, (255, 255, 255), -1)
    assert measure_slices(canvas, marks) == pytest.approx(shares, abs=0.01)


def test_a_slice_that_cannot_be_told_from_the_ground_has_no_share() -> None:
    assert measure_slices(np.full((50, 50, 3), 255, np.uint8), [(0.5, 0.1)]) == [None]


def test_every_parameter_learns() -> None:
    torch.manual_seed(0)
    parts = NanoParts("onechart-tiny").train()
    nano, skeleton = parts.nano, parts.nano.model.skeleton
    pixels = torch.rand(1, 3, TINY.image_side, TINY.image_side)
    patches, features = nano.encode_picture(pixels)
    own = (
        nano.embed_lines(batch_lines([(TEXTS, 90, 60)]), pixels),
        nano.embed_points(torch.rand(1, 2, 2), patches, pixels),
    )
    vectors, entries = nano.encode_elements(own, torch.ones(1, 5, dtype=torch.bool), features)
    words, heads = nano.pointers(vectors)
    embeds = torch.cat([features, words, skeleton.embed_tokens(torch.tensor([[IDS["number"]]]))], dim=1)
    hidden = skeleton.hidden_states(embeds)
    loss = skeleton.head(hidden[0]).logsumexp(-1).sum() + (hidden[0] @ heads[0].T).logsumexp(-1).sum()
    loss = loss + nano.model.read_numbers(hidden[:, -1]).sum() + parts.finder(torch.rand(2, 3, 32, 48)).sum()
    loss = loss + nano.predict_points(patches).square().sum() + entries.softmax(-1)[..., 0].sum()
    loss.backward()
    silent = [n for n, p in parts.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert silent == []


def test_saving_and_loading_keeps_the_parts(tmp_path: Path) -> None:
    torch.manual_seed(1)
    parts = NanoParts("onechart-tiny").eval()
    save_shipped(parts, tmp_path / "tiny.safetensors", details={"note": 1})
    shipped = load_shipped(lambda: NanoParts("onechart-tiny"), tmp_path / "tiny.safetensors")
    loaded = shipped.network
    assert len(shipped.sha256) == 64
    assert shipped.details == {"note": 1}
    pixels = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(loaded.finder(pixels), parts.finder(pixels), rtol=2e-2, atol=2e-2)


@given(st.floats(-50, 50), st.floats(0.5, 40), st.booleans())
def test_a_scale_is_found_from_its_ticks_though_one_is_misread(start: float, step: float, log: bool) -> None:
    values = [10.0 ** (i - 1) for i in range(5)] if log else [start + step * i for i in range(5)]
    ticks = [(0.9 - 0.2 * i, v) for i, v in enumerate(values)]
    ticks[2] = (ticks[2][0], values[2] * 7 + 1000)
    scale = fit_scale(ticks)
    assert scale is not None
    assert scale.log == log
    assert scale.value(0.9) == pytest.approx(values[0], rel=1e-6, abs=1e-6)
    assert scale.value(0.1) == pytest.approx(values[4], rel=1e-6, abs=1e-6)


def test_one_tick_makes_no_scale() -> None:
    assert fit_scale([(0.5, 3.0)]) is None
    assert fit_scale([(0.5, 3.0), (0.2, 3.0)]) is None


@pytest.mark.parametrize("angle", [0, 45, 90, -90])
def test_a_core_grows_back_to_its_line(angle: int) -> None:
    """A core of 60 x 9 cells, turned, is the line of 66 x 15 cells that it was shrunk from."""
    import cv2

    maps = np.zeros((3, 120, 120), np.float32)
    corners = cv2.boxPoints(((59.5, 59.5), (60, 9), -angle))
    cv2.fillPoly(maps[0], [np.rint(corners * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    maps[1], maps[2] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    (line,) = find_lines(maps, 1.0)
    left, top, right, bottom = line.box
    assert line.angle == pytest.approx(angle, abs=0.5)
    assert [(left + right) / 2, (top + bottom) / 2] == pytest.approx([120, 120], abs=2)
    assert right - left == pytest.approx(132, abs=8)
    assert bottom - top == pytest.approx(30, abs=5)


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (2000, 300), (480, 640)])
def test_pictures_of_any_size_fit_the_finder(size: tuple[int, int]) -> None:
    given_input = finder_input(picture(*size))
    assert all(side % 16 == 0 and side >= 16 for side in given_input.pixels.shape[2:])
    with torch.no_grad():
        maps = TextFinder((4, 4, 4, 4)).eval()(given_input.pixels)
    assert maps.shape[2] * 2 == given_input.pixels.shape[2]
