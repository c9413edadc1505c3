"""The text detector: its targets, its losses, and the lines that are read off its maps."""

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ocr2.synth.text_lines.canvas import PICTURE, Band, TextPage
from ocr2.synth.text_lines.pdf import UNKNOWN
from ocr2.train.text_detector import SIDE, count_hits, cut_crops, detector_losses, draw_target
from ocr2.vision.text_detector import STRIDE, PageTextDetector, TextDetector, lines_of_maps

NOTHING = np.zeros((SIDE, SIDE), np.uint8)


def level(left: float, base: float, right: float, x_height: float = 16) -> Band:
    return np.array([[[left, base - x_height], [right, base - x_height]], [[left, base], [right, base]]], np.float32)


def turned(band: Band, degrees: float) -> Band:
    """Return a band turned counter-clockwise about the middle of the crop."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.asarray((band - SIDE / 2) @ np.array([[c, -s], [s, c]]) + SIDE / 2, np.float32)


def maps_of(target: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return maps that say what a target says, surely."""
    return np.concatenate([np.where(target[:3] > 0, 9.0, -9.0), target[3:6]]).astype(np.float32)


@pytest.mark.parametrize("degrees", [0.0, 7.0, 90.0, -90.0, 180.0, 40.0])
def test_lines_are_read_off_the_maps_that_they_should_give(degrees: float) -> None:
    bands = [turned(level(60, base, 400), degrees) for base in (120, 170, 220)]
    found = lines_of_maps(maps_of(draw_target(bands, NOTHING)), 1.0)
    assert len(found) == 3
    assert count_hits(found, bands) == 3
    for line in found:
        assert abs((line.angle - degrees + 180) % 360 - 180) < 3
        assert line.x_height == pytest.approx(16, rel=0.1)
        assert line.length == pytest.approx(340, abs=12)


def test_a_page_that_was_looked_at_smaller_gives_lines_in_its_own_pixels() -> None:
    found = lines_of_maps(maps_of(draw_target([level(60, 120, 400)], NOTHING)), 0.5)
    assert found[0].length == pytest.approx(680, abs=24)
    assert found[0].x_height == pytest.approx(32, rel=0.1)


def test_points_follow_a_bent_line() -> None:
    x = np.linspace(60, 400, 9)
    y = 200 + 20 * np.sin((x - 60) / 340 * math.pi)
    band = np.stack([np.stack([x, y - 16], 1), np.stack([x, y], 1)]).astype(np.float32)
    (line,) = lines_of_maps(maps_of(draw_target([band], NOTHING)), 1.0)
    points = np.array(line.points)
    wanted = 192 + 20 * np.sin((points[:, 0] - 60) / 340 * math.pi)
    assert float(np.abs(points[:, 1] - wanted).max()) < 4


def test_lines_that_are_near_part_the_white_between_them() -> None:
    weight = draw_target([level(60, 120, 400), level(60, 144, 400)], NOTHING)[6]
    assert weight[int(124 / STRIDE), int(200 / STRIDE)] > 1
    assert weight[int(300 / STRIDE), int(200 / STRIDE)] == 1


def test_the_core_of_a_single_letter_weighs_more_than_that_of_a_line() -> None:
    other = np.zeros((SIDE, SIDE), np.uint8)
    letter = np.array([[[100, 100], [112, 100]], [[100, 110], [112, 110]]], np.float32)
    line = np.array([[[100, 200], [300, 200]], [[100, 210], [300, 210]]], np.float32)
    target = draw_target([letter, line], other)
    cores = target[0] > 0
    weights = target[6]
    assert cores[25:28, 25:28].any()
    assert weights[25:28, 25:28][cores[25:28, 25:28]].min() > 4
    assert weights[50:53][cores[50:53]].max() == 1
    assert weights[~cores].max() == 1


def test_what_is_not_known_costs_nothing() -> None:
    other = NOTHING.copy()
    other[:240] = PICTURE
    other[240:] = UNKNOWN
    target = torch.from_numpy(draw_target([level(60, 120, 400)], other))[None]
    maps = torch.zeros(1, 6, SIDE // STRIDE, SIDE // STRIDE, requires_grad=True)
    torch.autograd.backward(detector_losses(maps, target)["other"])
    assert maps.grad is not None
    assert float(maps.grad[0, 1:3, 60:].abs().sum()) == 0
    assert float(maps.grad[0, 1:3, :60].abs().sum()) > 0


def test_crops_of_a_page_are_seeded_and_keep_its_lines() -> None:
    page = TextPage(
        np.full((900, 700), 255, np.uint8),
        [level(50, 40 * i, 650) for i in range(1, 20)],
        np.zeros((900, 700), np.uint8),
    )
    one, other = (cut_crops(page, np.random.default_rng(3), 4) for _ in range(2))
    for (ink, target), (same, also) in zip(one, other, strict=True):
        np.testing.assert_array_equal(ink, same)
        np.testing.assert_array_equal(target, also)
        assert target[0].sum() > 0


def test_losses_fall_on_one_crop() -> None:
    torch.manual_seed(0)
    network = TextDetector()
    target = draw_target([level(60, base, 400) for base in range(60, 460, 40)], NOTHING)
    rows = np.kron(target[0], np.ones((STRIDE, STRIDE), np.float32))
    pixels, wanted = torch.from_numpy(rows)[None, None], torch.from_numpy(target)[None]
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(25):
        total = torch.stack(list(detector_losses(network(pixels), wanted).values())).sum()
        optimizer.zero_grad()
        torch.autograd.backward(total)
        optimizer.step()
        losses.append(float(total.detach()))
    assert losses[-1] < 0.5 * losses[0]


def test_norms_folded_into_convolutions_change_nothing() -> None:
    torch.manual_seed(0)
    network = TextDetector()
    network(torch.rand(2, 1, 96, 96))  # norms have something to say
    network.eval()
    pixels = torch.rand(1, 1, 64, 96)
    with torch.inference_mode():
        before = network(pixels)
        network.fuse_norms()
        torch.testing.assert_close(network(pixels), before, atol=1e-4, rtol=1e-4)


def test_a_blank_page_has_no_lines() -> None:
    network = TextDetector().eval()
    torch.nn.init.zeros_(network.map_head.weight)
    assert network.map_head.bias is not None
    torch.nn.init.constant_(network.map_head.bias, -5.0)
    assert PageTextDetector(network, torch.float32).find(np.full((200, 300), 255, np.uint8), 10.0) == []
