"""The character vocabulary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.decoder.tokenizer import CharacterTokenizer
from ocr2.got.nano.reader import load_vocabulary
from ocr2.got.prompts import NANO_SPECIALS


@given(st.text(alphabet=load_vocabulary().characters))
def test_decoding_undoes_encoding(text: str) -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_the_shipped_vocabulary_has_the_specials_of_the_prompts() -> None:
    vocabulary = load_vocabulary()
    assert tuple(vocabulary.specials) == NANO_SPECIALS
    assert [vocabulary.special(name) for name in NANO_SPECIALS] == list(range(len(NANO_SPECIALS)))
    assert vocabulary.covers("Größe: 3 €, “naïve” → façade, Łódź")


def test_unknown_characters_become_other() -> None:
    assert load_vocabulary().decode(load_vocabulary().encode("a中b")) == "a\ufffdb"


def test_without_other_unknown_characters_are_refused() -> None:
    with pytest.raises(ValueError, match="no character '!'"):
        CharacterTokenizer(["end"], "abc").encode("a!")


def test_a_character_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="names a character twice"):
        CharacterTokenizer([], "aba")
