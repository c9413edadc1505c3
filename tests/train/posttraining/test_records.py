"""A user's records: each strip of a picture gets what the record says there."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr2.errors import DocumentError
from ocr2.train.posttraining.records import align_texts, read_strip_records
from tests.fakes import FixedReader


def page(path: Path) -> None:
    """Draw a line of two words."""
    font = ImageFont.load_default(size=28)
    with Image.new("L", (320, 80), 255) as image:
        ImageDraw.Draw(image).text((20, 20), "Total 12.50", fill=0, font=font)
        image.save(path)


@pytest.mark.parametrize(
    ("readings", "truth", "expected"),
    [
        (["Total 12.50", "Thank you"], "Total 12.50\nThank you", ["Total 12.50", "Thank you"]),
        (["Tota1 due", "12.50"], "Total due 12.50", ["Total due", "12.50"]),
        (["Tot"], "Total", [None]),  # a piece of a word
        (["15.0"], "75.9", [None]),  # short and unlike
        (["Total", "12.50", "xyzw"], "Total 12.50", ["Total", "12.50", None]),
        (["Total", "12.50"], "Invoice 7 from Bonn, Total 12.50", ["Total", "12.50"]),
        (["ABC", "qqqq", "DEF"], "ABC something DEF", ["ABC", None, "DEF"]),
        (["Totals 12", "Thank y0u"], "Thank you\nSomewhere else\nTotals 12", ["Totals 12", "Thank you"]),
        ([], "Total", []),
        (["Total"], "", [None]),
        (["Tot中l"], "Tot中l", [None]),  # not in the alphabet
    ],
)
def test_readings_are_aligned_with_the_truth(readings: list[str], truth: str, expected: list[str | None]) -> None:
    assert align_texts(readings, truth) == expected


@pytest.mark.parametrize("form", ["got", "swift", "messages"])
def test_records_of_all_forms_give_strips(form: str, tmp_path: Path) -> None:
    page(tmp_path / "a.png")
    rows: dict[str, object] = {
        "got": {
            "image": "a.png",
            "conversations": [{"from": "human", "value": "<image>\nOCR: "}, {"from": "gpt", "value": "Total 12.50"}],
        },
        "swift": {"query": "<image>OCR: ", "response": "Total 12.50", "images": ["a.png"]},
        "messages": {
            "messages": [
                {"role": "user", "content": "<image>OCR: "},
                {"role": "assistant", "content": "Total 12.50"},
            ],
            "images": ["a.png"],
        },
    }
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps([rows["got"]] if form == "got" else rows[form]))
    ((strip, text),) = read_strip_records(path, FixedReader("Tota1 12.50"))
    assert text == "Total 12.50"
    assert strip.shape[0] == 32
    assert strip.shape[1] in (128, 256, 384, 512)
    assert strip.dtype == np.uint8


def test_records_that_are_read_otherwise_are_told(tmp_path: Path) -> None:
    page(tmp_path / "a.png")
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"query": "<image>OCR: ", "response": "Total", "images": ["a.png"]}))
    with pytest.raises(DocumentError, match="no strip of 1 records was read like what its record says"):
        read_strip_records(path, FixedReader("something else"))
    path.write_text(json.dumps({"query": "<image>" * 2, "response": "Total", "images": ["a.png", "a.png"]}))
    with pytest.raises(DocumentError, match="learns from records of one image each"):
        read_strip_records(path, FixedReader("Total"))


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no image")
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps({"query": "<image>OCR: ", "response": "Total", "images": ["a.png"]}))
    with pytest.raises(DocumentError, match=r"a\.png is no image that can be read"):
        read_strip_records(path, FixedReader("Total"))
