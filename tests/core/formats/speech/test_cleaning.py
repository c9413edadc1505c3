"""What speech programs would read wrongly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.formats.speech.cleaning import is_spoken, sentence, sentences, speakable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Introduction . . . . . . 12", "Introduction, 12"),
        ("Summary…… 3", "Summary, 3"),
        ("Wait...", "Wait..."),
        ("Signed: _______________", "Signed: blank"),
        ("snake_case", "snake_case"),
        ("above ------ below", "above, below"),
        ("• first • second", "first, second"),
        ("left | right", "left, right"),
        ("ﬁne e\u00adffort", "fine effort"),
        ("a \ufffd b", "a unreadable b"),
        ("☒ paid ☐ open", "ticked: paid not ticked: open"),
        ("–4.5 and −2 and 1–3", "minus 4.5 and minus 2 and 1–3"),
        ("2026-11-22", "2026-11-22"),
        ("5 % of € 3 & more", "5 % of € 3 & more"),
        ("\ue000\x00\ud800a", "a"),
    ],
)
def test_a_text_loses_what_would_be_read_wrongly(text: str, said: str) -> None:
    assert speakable(text) == said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three", ["One.", "Two!", "Three."]),
        ("Dr. Smith and A. Jones met. They spoke, e.g. In French.", ["Dr. Smith and A. Jones met.",
         "They spoke, e.g. In French."]),
        ("He said: “Go.” She went", ["He said: “Go.”", "She went."]),
        ("version 2.0 is out", ["version 2.0 is out."]),
        ("---", []),
    ],
)  # fmt: skip
def test_running_text_is_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text())
def test_a_sentence_is_one_line_or_nothing(text: str) -> None:
    said = sentence(text)
    assert said == " ".join(said.split())
    assert bool(said) == is_spoken(speakable(text))


@given(st.text())
def test_no_letter_or_digit_gets_lost_between_sentences(text: str) -> None:
    def letters(said: str) -> str:
        return "".join(c for c in said if c.isalnum())

    assert letters(" ".join(sentences(text))) == letters(sentence(text))
