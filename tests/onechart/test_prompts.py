"""The prompt's ids, and the tokenizer that writes and reads answers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.tokenization_utils_base import PreTrainedTokenizerBase

from ocr2.decoder.gpt2 import GPT2Tokenizer, clean_up_spaces
from ocr2.multimodal.families.sam_opt import IMAGE_PAD
from ocr2.onechart.checkpoint import load_tokenizer
from ocr2.onechart.config import NUMBER, PRESETS
from ocr2.onechart.prompts import SPECIALS, chart_prompt, taught_answer
from tests.onechart.checkpoints import write_vocabulary

# As a port of the model recorded them; docs/models/onechart.md, "Prompt".
BEFORE = [
    2, 250, 7359, 227, 10, 10691, 3018, 8, 41, 7350, 2316, 3167, 4, 20, 3167, 2029, 7163, 6, 4271, 6, 8, 24908, 5274, 7,
    5, 3018, 18, 1142, 4, 382, 2076, 35,
]  # fmt: skip
BEHIND = [9157, 9942, 5, 762, 335, 9, 5, 5966, 7, 10, 39825, 28700, 35, 50118, 20860, 11595, 11088, 35]
IMAGE = [50266, *[50265] * 256, 50267]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> GPT2Tokenizer:
    folder = tmp_path_factory.mktemp("vocabulary")
    write_vocabulary(folder)
    return load_tokenizer(folder)


def test_the_prompt_has_the_published_ids(tokenizer: GPT2Tokenizer) -> None:
    prompt = chart_prompt(tokenizer, num_tokens=PRESETS["onechart"].num_image_tokens)
    assert prompt == BEFORE + IMAGE + BEHIND
    assert len(prompt) == 308
    assert (prompt.index(50266), prompt.index(50267)) == (32, 289)


def test_variants_differ_where_they_should(tokenizer: GPT2Tokenizer) -> None:
    assert chart_prompt(tokenizer, num_tokens=256, frame="no-bos") == BEFORE[1:] + IMAGE + BEHIND
    assert chart_prompt(tokenizer, num_tokens=256, frame="blank") == [*BEFORE, 1437, *IMAGE, *BEHIND]
    misspelt = chart_prompt(tokenizer, num_tokens=256, spelling="covert")
    assert misspelt == BEFORE + IMAGE + tokenizer.encode("Covert") + BEHIND[2:]
    assert "USER: Covert the key information" in tokenizer.decode(misspelt)


def test_the_prompt_reads_as_its_template(tokenizer: GPT2Tokenizer) -> None:
    assert tokenizer.decode(chart_prompt(tokenizer, num_tokens=1)) == (
        "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
        "detailed, and polite answers to the user's questions. USER: Convert the key information of the chart to a "
        "python dict:\n ASSISTANT:"
    )


def test_ids_are_those_of_the_config() -> None:
    assert (SPECIALS["<imgpad>"], SPECIALS["<Number>"]) == (IMAGE_PAD, NUMBER)


def test_an_answer_is_taught_between_its_token_and_the_end(tokenizer: GPT2Tokenizer) -> None:
    ids = taught_answer('{"a": 1}', tokenizer)
    assert (ids[0], ids[-1]) == (50268, 2)
    assert tokenizer.decode(ids) == '{"a": 1}'


def test_a_number_token_leaves_one_blank_between_texts(tokenizer: GPT2Tokenizer) -> None:
    a, b = tokenizer.encode("a"), tokenizer.encode("b")
    assert tokenizer.decode([NUMBER, *a, 2]) == "a"
    assert tokenizer.decode([*a, NUMBER, NUMBER, *b]) == "a b"
    assert tokenizer.decode([*a, 0, 1, *b]) == "ab"


@given(st.text())
def test_decoding_undoes_encoding_but_for_the_cleanup(tokenizer: GPT2Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == clean_up_spaces(text)


def test_special_names_in_a_text_stay_text(tokenizer: GPT2Tokenizer) -> None:
    assert not set(tokenizer.encode("</s><Number>")) & set(SPECIALS.values())


def test_broken_bytes_become_one_sign(tokenizer: GPT2Tokenizer) -> None:
    assert tokenizer.decode(tokenizer.encode("é")[:1]) == "\ufffd"


@given(st.text(alphabet=" .?!,'ntmsver1a", max_size=30))
def test_the_cleanup_is_that_of_transformers(text: str) -> None:
    assert clean_up_spaces(text) == PreTrainedTokenizerBase.clean_up_tokenization(PreTrainedTokenizerBase(), text)


def test_a_vocabulary_is_counted_with_its_added_tokens(tokenizer: GPT2Tokenizer) -> None:
    assert tokenizer.vocab_size == PRESETS["onechart"].skeleton.decoder.vocab_size


def test_files_that_are_missing_are_named(tmp_path: Path) -> None:
    write_vocabulary(tmp_path)
    with pytest.raises(KeyError):
        load_tokenizer(tmp_path).special("<pads>")
