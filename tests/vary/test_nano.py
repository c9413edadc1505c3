"""vary-nano's candidates, prompt and answers, without its weights."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ocr2.checkpoints.shipped import load_shipped, save_shipped
from ocr2.decoder.generate import PointerVocabulary
from ocr2.results.region import REGION_KINDS
from ocr2.vary.config import PRESETS
from ocr2.vary.nano.candidates import CELL_OUTPUTS, FIRST_CANDIDATE, IDS, KINDS, STEP, VOCAB_SIZE, merge_cell_boxes
from ocr2.vary.nano.network import LayoutNano
from ocr2.vary.nano.reader import NanoDetector, Prompt, make_prompt, read_regions
from ocr2.vary.nano.view import page_ink, squash_gray

MINI = PRESETS["vary-nano-tiny"]


def told(boxes: list[tuple[float, float, float, float]], rows: int = 32, columns: int = 24) -> tuple[np.ndarray, ...]:
    """Return cells that tell of boxes, shares of the sides, each of its own kind."""
    kinds = np.zeros((rows, columns, KINDS), np.float32)
    kinds[..., 0] = 1
    sides, fits = np.zeros((rows, columns, 4), np.float32), np.zeros((rows, columns), np.float32)
    for i, (left, top, right, bottom) in enumerate(boxes):
        for r in range(rows):
            for c in range(columns):
                x, y = c + 0.5, r + 0.5
                if left * columns <= x < right * columns and top * rows <= y < bottom * rows:
                    kinds[r, c] = 0
                    kinds[r, c, 1 + i] = 1
                    far = [x - left * columns, y - top * rows, right * columns - x, bottom * rows - y]
                    sides[r, c] = np.arcsinh(np.array(far) / STEP)
                    fits[r, c] = 0.9
    return kinds, sides, fits


def test_cells_that_agree_are_one_candidate() -> None:
    boxes = [(0.1, 0.1, 0.9, 0.2), (0.1, 0.3, 0.5, 0.8), (0.55, 0.3, 0.9, 0.8)]
    found = merge_cell_boxes(*told(boxes))
    assert len(found.scores) == 3
    order = [int(np.abs(found.boxes - box).sum(axis=1).argmin()) for box in boxes]
    np.testing.assert_allclose(found.boxes[order], boxes, atol=1e-5)
    assert found.kinds[order].argmax(axis=1).tolist() == [1, 2, 3]


def test_a_page_without_regions_has_no_candidates() -> None:
    found = merge_cell_boxes(*told([]))
    assert found.boxes.shape == (0, 4)
    assert found.kinds.shape == (0, KINDS)


def test_no_more_candidates_than_asked_the_surest_first() -> None:
    boxes = [(0.1, 0.1, 0.9, 0.2), (0.1, 0.3, 0.5, 0.8), (0.55, 0.3, 0.9, 0.8)]
    kinds, sides, fits = told(boxes)
    fits[kinds[..., 2] == 1] = 0.99
    found = merge_cell_boxes(kinds, sides, fits, most=1)
    np.testing.assert_allclose(found.boxes, boxes[1:2], atol=1e-5)


def test_a_thin_region_is_not_lost_on_a_page_full_of_surer_cells() -> None:
    boxes = [(0.0, 0.0, 0.5, 0.9), (0.5, 0.0, 1.0, 0.9), (0.2, 0.93, 0.6, 0.96)]
    kinds, sides, fits = told(boxes, rows=64, columns=48)
    fits[kinds[..., 3] == 1] = 0.4
    found = merge_cell_boxes(kinds, sides, fits)
    assert len(found.scores) == 3
    np.testing.assert_allclose(found.boxes[-1], boxes[2], atol=1e-5)


@given(st.integers(0, 2**31), st.booleans())
def test_ink_is_told_from_the_ground_on_light_and_dark_paper(seed: int, dark: bool) -> None:
    rng = np.random.default_rng(seed)
    page = np.full((40, 30), 250, np.uint8)
    page[5:10, 5:20] = rng.integers(0, 60)
    page = 255 - page if dark else page
    ink = page_ink(page)[0].numpy()
    assert ink.min() >= 0
    assert ink.max() <= 1
    assert (ink[5:10, 5:20] > 0.9).all()
    assert (ink[20:] == 0).all()


def test_specks_on_an_empty_page_are_not_blown_up() -> None:
    page = np.random.default_rng(0).integers(250, 256, (64, 48)).astype(np.uint8)
    assert page_ink(page).max() < 0.2


@pytest.fixture(scope="module")
def nano() -> LayoutNano:
    torch.manual_seed(0)
    return LayoutNano(MINI).eval()


def test_a_prompt_is_image_tokens_candidates_and_the_task(nano: LayoutNano, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ocr2.vary.nano.reader.merge_cell_boxes", lambda *cells: merge_cell_boxes(*told([(0, 0, 1, 1)]))
    )
    prompt = make_prompt(nano, page_ink(np.zeros(MINI.size, np.uint8)), dtype=torch.float32)
    assert prompt.embeds.shape == (MINI.num_image_tokens + 1 + 1, MINI.skeleton.decoder.hidden_size)
    torch.testing.assert_close(prompt.embeds[-1], nano.skeleton.embed_tokens(torch.tensor(IDS["regions"])))
    assert prompt.pointers.first == FIRST_CANDIDATE
    assert prompt.pointers.end == VOCAB_SIZE
    np.testing.assert_allclose(prompt.kinds.sum(axis=1), 1, rtol=1e-5)


def prompt_of(boxes: list[tuple[float, float, float, float]], probability: float) -> Prompt:
    """Return candidates that are charts with a probability, else nothing."""
    kinds = np.zeros((len(boxes), KINDS), np.float32)
    kinds[:, 0], kinds[:, 1 + REGION_KINDS.index("chart")] = 1 - probability, probability
    empty = torch.zeros(len(boxes), 4)
    pointers = PointerVocabulary(FIRST_CANDIDATE, VOCAB_SIZE, empty, empty)
    shares = np.array(boxes, np.float32).reshape(-1, 4)
    return Prompt(embeds=empty, pointers=pointers, boxes=shares, kinds=kinds)


COLUMNS = [(0.0, 0.0, 1.0, 0.25), (0.0, 0.5, 0.45, 1.0), (0.5, 0.3, 1.0, 0.5), (0.5, 0.6, 1.0, 1.0)]


def test_answers_name_candidates_once_in_their_order() -> None:
    ids = [FIRST_CANDIDATE + 2, FIRST_CANDIDATE, FIRST_CANDIDATE + 2, FIRST_CANDIDATE + 90, IDS["end"]]
    regions = read_regions(ids, prompt_of(COLUMNS, 0.4), (200, 100))
    assert [r.box.as_list() for r in regions] == [[50, 60, 100, 100], [0, 0, 100, 50]]
    assert [r.confidence for r in regions] == pytest.approx([0.4, 0.4])
    assert {r.kind for r in regions} == {"chart"}
    assert read_regions([IDS["end"]], prompt_of([], 0.9), (200, 100)) == []


def test_what_was_overlooked_comes_where_it_belongs_unless_it_lies_on_something() -> None:
    named = [FIRST_CANDIDATE + i for i in (0, 1, 3)]
    regions = read_regions([*named, IDS["end"]], prompt_of(COLUMNS, 0.9), (200, 100))
    assert [r.box.top for r in regions] == [0, 60, 100, 120]
    crowded = prompt_of([*COLUMNS, (0.0, 0.52, 0.45, 0.95)], 0.9)
    assert len(read_regions([*named, IDS["end"]], crowded, (200, 100))) == 4
    unsure = prompt_of(COLUMNS, 0.4)
    assert len(read_regions([*named, IDS["end"]], unsure, (200, 100))) == 3


def test_pages_of_any_shape_are_read_together_in_order(nano: LayoutNano) -> None:
    detector = NanoDetector(nano, name="x", weights_sha256="", dtype=torch.float32)
    rng = np.random.default_rng(0)
    pages = [rng.integers(0, 256, size, np.uint8) for size in ((40, 300), (500, 200), (96, 64))]
    together = [r.regions for r in detector.find_regions(pages)]
    assert together == [detector.find_regions([page])[0].regions for page in pages]
    for page, regions in zip(pages, together, strict=True):
        for region in regions:
            assert 0 <= region.box.left < region.box.right <= page.shape[1]
            assert 0 <= region.box.top < region.box.bottom <= page.shape[0]


def test_weights_survive_their_file(nano: LayoutNano, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("weights") / "nano.safetensors"
    save_shipped(nano, path, details={"weights": "test"})
    shipped = load_shipped(lambda: LayoutNano(PRESETS["vary-nano-tiny"]), path)
    again, digest = shipped.network, shipped.sha256
    assert len(digest) == 64
    ink = page_ink(squash_gray(np.random.default_rng(0).integers(0, 256, (100, 80), np.uint8), MINI.size))
    with torch.inference_mode():
        one, other = (
            nano.predict_cells(nano.encode_picture(ink[None])[0]),
            again.predict_cells(again.encode_picture(ink[None])[0]),
        )
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b, atol=2e-2, rtol=2e-2)


def test_a_cell_tells_kinds_sides_and_fit() -> None:
    assert CELL_OUTPUTS == KINDS + 5
    assert len(REGION_KINDS) == KINDS - 1 == 10
