"""The text engine: seeded, covered by its fonts, and true to its labels."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from ocr2.got.nano.reader import load_vocabulary
from ocr2.synth.corpus import Corpus, read_document
from ocr2.synth.documents import RESERVED, find_pdfs
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.strips import StripEngine
from ocr2.synth.texts import FOREIGN, TextSampler, fold_foreign
from ocr2.tiling.strips import BACKGROUND, STRIP_HEIGHT, normalise_strip, pad_strip


@pytest.fixture(scope="session")
def font_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Pillow's built-in face, which every machine has."""
    folder = tmp_path_factory.mktemp("fonts")
    face = ImageFont.load_default(size=12)
    assert isinstance(face, ImageFont.FreeTypeFont)
    (folder / "builtin.ttf").write_bytes(face.path.getvalue())  # type: ignore[union-attr]
    return folder


@pytest.fixture(scope="session")
def sampler() -> TextSampler:
    """Texts of a small corpus of every kind."""
    corpus = Corpus()
    corpus.paragraphs["prose"] = [
        "The quick brown fox jumps over the lazy dog, again and again, all day long." * 3,
        "Der schöne Fuß über der Straße größer façade naïve déjà vu coöperate, très près du bord." * 3,
    ]
    corpus.paragraphs["code"] = ["for i in range(10): print(i, end='')" * 2]
    corpus.paragraphs["other"] = ["съешь ещё этих мягких французских булок да выпей же чаю" * 2]
    return TextSampler(corpus, "".join(load_vocabulary().characters))


@pytest.fixture(scope="session")
def engine(font_folder: Path, sampler: TextSampler) -> StripEngine:
    fonts = FontLibrary.find([font_folder], held_out=False)
    return StripEngine(fonts, [], [], sampler, max_width=512)


def test_the_same_seed_draws_the_same_strip(engine: StripEngine) -> None:
    for seed in range(20):
        one, two = (engine.draw(np.random.default_rng([1, seed])) for _ in range(2))
        assert one.text == two.text
        assert np.array_equal(one.pixels, two.pixels)
    texts = {engine.draw(np.random.default_rng([1, seed])).text for seed in range(40)}
    assert len(texts) > 20


def test_strips_fit_the_reader_and_its_alphabet(engine: StripEngine) -> None:
    vocabulary = load_vocabulary()
    for seed in range(150):
        strip = engine.draw(np.random.default_rng([2, seed]))
        assert strip.pixels.shape[0] == STRIP_HEIGHT
        assert 8 <= strip.pixels.shape[1] <= 512
        assert strip.pixels.dtype == np.uint8
        assert vocabulary.covers(strip.text)
        assert strip.text == strip.text.strip()


def test_a_written_strip_has_ink(engine: StripEngine) -> None:
    inked = [engine.draw(np.random.default_rng([3, seed])) for seed in range(60)]
    assert all(int(s.pixels.max()) - BACKGROUND > 60 for s in inked if len(s.text) > 2)


def test_foreign_runs_become_one_mark_each(sampler: TextSampler) -> None:
    known = frozenset(load_vocabulary().characters)
    assert fold_foreign("abc где там 12", known) == f"abc {FOREIGN} {FOREIGN} 12"
    rng = np.random.default_rng(0)
    lines = [sampler.draw(rng, 20) for _ in range(400)]
    foreign = [line for line in lines if line.kind == "foreign"]
    assert foreign
    assert all(FOREIGN in line.target for line in foreign)
    assert all(line.text == line.target for line in lines if line.kind != "foreign")


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("contrast", [40, 120, 250])
def test_normalising_makes_ink_bright_whatever_the_colours(inverted: bool, contrast: int) -> None:
    crop = np.full((48, 300), 255, np.uint8)
    crop[14:34, 30:270:9] = 255 - contrast
    crop = 255 - crop if inverted else crop
    strip = normalise_strip(crop)
    assert strip.shape == (32, 200)
    assert abs(int(np.median(strip)) - BACKGROUND) <= 2
    assert int(np.percentile(strip, 99)) > 180


def test_an_even_crop_stays_background() -> None:
    assert np.all(normalise_strip(np.full((20, 50), 137, np.uint8)) == BACKGROUND)
    assert np.all(pad_strip(np.full((32, 5), 9, np.uint8), 8)[:, 5:] == BACKGROUND)


def test_fonts_of_the_other_split_are_not_found(font_folder: Path) -> None:
    with pytest.raises(ValueError, match="no usable font"):
        FontLibrary.find([font_folder], held_out=True)


def test_documents_give_clean_paragraphs(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        "<html><script>var x = 'not text at all, never shown';</script><p>A paragraph of some length &amp; more.</p>"
        "<pre>code_line(1, 2)\nanother(3)</pre><p>съешь ещё этих мягких французских булок</p></html>",
        encoding="utf-8",
    )
    found = [(p.kind, p.text) for p in read_document(page)]
    assert found == [
        ("prose", "A paragraph of some length & more."),
        ("code", "code_line(1, 2)"),
        ("code", "another(3)"),
        ("other", "съешь ещё этих мягких французских булок"),
    ]


def test_no_training_strip_comes_from_a_pdf_that_reading_is_measured_on(tmp_path: Path) -> None:
    for name in (*RESERVED, "R-intro.pdf", "luatex.pdf", "other.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-")
    assert [path.name for path in find_pdfs([tmp_path])] == ["other.pdf"]
