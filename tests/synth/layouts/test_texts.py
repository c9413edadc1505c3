"""Windows of text are seeded, and their record says which character stands where."""

from pathlib import Path

import numpy as np
import pytest

from ocr2.synth.fonts import FontLibrary
from ocr2.synth.layouts import texts
from ocr2.synth.layouts.records import WindowRecord
from ocr2.synth.layouts.targets import CROWDED, FIRST_LETTER, OTHER, text_cells
from ocr2.synth.layouts.texts import HEIGHT, WIDTH, WindowEngine


@pytest.fixture(scope="module")
def engine() -> WindowEngine:
    matplotlib = Path(pytest.importorskip("matplotlib").__file__).parent / "mpl-data" / "fonts" / "ttf"
    fonts = FontLibrary.find([matplotlib], held_out=False)
    return WindowEngine(fonts, ["The reading of pages is an old art, and 17 hands did it. " * 6])


def test_characters_stand_where_the_record_says(engine: WindowEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "SCANNED", 0.0)
    on_ink = total = 0
    for seed in range(8):
        window = engine.draw(np.random.default_rng(seed))
        record, gray = window.record, window.pixels
        assert gray.shape == (HEIGHT, WIDTH)
        assert len(record["text"]) == len(record["x"]) == len(record["y"]) > 0
        assert not any(c.isspace() for c in record["text"])
        ground = np.median(gray)
        for x, y in zip(record["x"], record["y"], strict=True):
            if 4 <= x < WIDTH - 4 and 4 <= y < HEIGHT - 4:
                near = gray[int(y) - 4 : int(y) + 5, int(x) - 4 : int(x) + 5]
                on_ink += bool((np.abs(near - ground) > 80).any())
                total += 1
    assert on_ink > 0.95 * total > 100


def test_one_seed_is_one_window(engine: WindowEngine) -> None:
    one, again, other = (engine.draw(np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one.record == again.record
    np.testing.assert_array_equal(one.pixels, again.pixels)
    assert one.record != other.record


def test_cells_tell_letters_once_inside_the_window() -> None:
    record: WindowRecord = {
        "width": 40, "height": 20, "text": "aé~!ij", "x": [1, 12, 39.9, 41, 6, 8], "y": [1, 19, 10, 5, 2, 3],
    }  # fmt: skip
    cells = text_cells(record, (4, 8))
    assert cells[0, 0] == ord("a") - FIRST_LETTER + 1
    assert cells[3, 2] == OTHER
    assert cells[2, 7] == ord("~") - FIRST_LETTER + 1
    assert cells[0, 1] == CROWDED  # two share it
    assert int((cells > 0).sum()) == 3  # one stands outside
