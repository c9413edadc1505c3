"""The weights that ship: what a newcomer sees first must be right."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

import ocr2
from ocr2.documents.pdf import PdfFile
from ocr2.metrics.text import normalise
from ocr2.models.loading import weights_of
from ocr2.models.registry import find, load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.page import LineOptions, read_page
from ocr2.results.document import Page
from ocr2.synth.empty import draw_blank, draw_noise, draw_photo
from ocr2.tiling.upright import turn

EXAMPLE = Path(__file__).parents[2] / "examples" / "page.pdf"
MIB = 2**20


@pytest.fixture(scope="module")
def reader() -> object:
    return load_line_reader("got-nano", LoadOptions(device="cpu", dtype="float32"))


@pytest.fixture(scope="module")
def pdf() -> PdfFile:
    return PdfFile(EXAMPLE.read_bytes(), name="page.pdf")


def truth(pdf: PdfFile) -> str:
    return normalise("".join(c.text for c in pdf.text_layer(1)), fold=True)


def lines_of(page: Page) -> str:
    return normalise(" ".join(line.text for block in page.blocks for line in block.lines), fold=True)


def error(page: Page, pdf: PdfFile) -> float:
    expected = truth(pdf)
    return Levenshtein.distance(expected, lines_of(page)) / len(expected)


def test_the_weights_keep_to_their_budget() -> None:
    assert weights_of(find("got-nano")).stat().st_size <= 12 * MIB


@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
def test_the_example_page_reads_right_at_usual_resolutions(dpi: int, reader: object, pdf: PdfFile) -> None:
    page = read_page(pdf.render(1, dpi=dpi)[0], reader)  # type: ignore[arg-type]
    assert error(page, pdf) <= 0.015


def inverted(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return 255 - gray


def skewed(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    h, w = gray.shape
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), 1.4, 1.0)
    return np.asarray(cv2.warpAffine(gray, matrix, (w, h), borderValue=255.0), np.uint8)


def noisy(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).normal(0, 12, gray.shape)
    return np.clip(gray * 0.8 + 30 + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("change", [inverted, skewed, noisy])
def test_the_example_page_reads_right_in_bad_shape(change: object, reader: object, pdf: PdfFile) -> None:
    gray = change(pdf.render(1, dpi=170)[0])  # type: ignore[operator]
    assert error(read_page(gray, reader), pdf) <= 0.02  # type: ignore[arg-type]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_the_example_page_reads_right_however_it_lies(turns: int, reader: object, pdf: PdfFile) -> None:
    page = read_page(turn(pdf.render(1, dpi=150)[0], turns), reader)  # type: ignore[arg-type]
    assert page.rotation == (360 - 90 * turns) % 360
    assert error(page, pdf) <= 0.02


@pytest.mark.parametrize("lines", [["Chapter One"], ["Invoice 2041", "paid in full"]])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_page_of_few_words_reads_right_however_it_lies(lines: list[str], turns: int, reader: object) -> None:
    image = Image.new("L", (827, 1169), 255)
    for i, line in enumerate(lines):
        ImageDraw.Draw(image).text((100, 150 + 60 * i), line, font=ImageFont.load_default(size=30), fill=0)
    page = read_page(turn(np.asarray(image, np.uint8), turns), reader)  # type: ignore[arg-type]
    assert lines_of(page) == " ".join(lines)
    assert page.rotation == (360 - 90 * turns) % 360


def test_a_line_cut_out_of_a_page_reads_right(reader: object) -> None:
    image = Image.new("L", (560, 44), 255)
    ImageDraw.Draw(image).text(
        (3, 3), "A line cut close around its words", font=ImageFont.load_default(size=30), fill=0
    )
    assert lines_of(read_page(np.asarray(image, np.uint8), reader)) == "A line cut close around its words"  # type: ignore[arg-type]


def test_a_limit_of_characters_holds_and_is_said(reader: object, pdf: PdfFile) -> None:
    page = read_page(pdf.render(1, dpi=100)[0], reader, options=LineOptions(max_new_tokens=3))  # type: ignore[arg-type]
    strips = [len(line.text.replace(" ", "")) for block in page.blocks for line in block.lines]
    assert 0 < max(strips) <= 3 * 6  # strips of a line
    assert any("cut short at the most characters allowed" in warning for warning in page.warnings)


def test_the_example_page_becomes_markdown() -> None:
    lines = ocr2.read(EXAMPLE).to_markdown().splitlines()
    assert "# Reading a page the short way" in lines
    assert "## Why lines" in lines
    assert "```" in lines
    assert sum(line.startswith("- ") for line in lines) == 3


def test_drafts_do_not_change_the_text(pdf: PdfFile) -> None:
    gray = pdf.render(1, dpi=150)[0]
    alone = load_line_reader("got-nano", LoadOptions(device="cpu", dtype="float32"))
    drafted = load_line_reader("got-nano", LoadOptions(device="cpu", dtype="float32"))
    drafted.rescue = alone.rescue = alone.use_drafts = False  # type: ignore[attr-defined]
    with_drafts, without = read_page(gray, drafted), read_page(gray, alone)
    assert lines_of(with_drafts) == lines_of(without)


def test_pages_without_writing_give_no_text(reader: object) -> None:
    for draw in (draw_blank, draw_noise, draw_photo):
        for seed in range(4):
            gray = draw(np.random.default_rng([5, seed]), 400, 560)
            assert read_page(gray, reader).blocks == ()  # type: ignore[arg-type]
