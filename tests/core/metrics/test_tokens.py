"""Cutting texts into tokens."""

import sys

import pytest

from ocr2.metrics.tokens import Level, is_chinese, tokenize


@pytest.mark.parametrize(("text", "expected"), [("一", True), ("龥", True), ("a", False), ("ア", False), ("龦", False)])
def test_the_range_of_chinese_characters_is_the_published_one(text: str, expected: bool) -> None:
    assert is_chinese(text) is expected


def test_chinese_on_one_side_has_both_cut_by_jieba() -> None:
    assert tokenize("我来到北京清华大学", "in Beijing", level="word") == (
        ["我", "来到", "北京", "清华大学"],
        ["in", "Beijing"],
    )


@pytest.mark.parametrize(
    ("text", "level", "expected"),
    [
        ("来到 北京\n", "word", ["来到", " ", "北京", "\n"]),
        ("a b\n", "char", ["a", " ", "b", "\n"]),
        ("a b\n", "word", ["a", "b"]),  # blanks are what words stand between
    ],
)
def test_blanks_are_kept_where_it_is_wanted(text: str, level: Level, expected: list[str]) -> None:
    assert tokenize(text, "", level=level, keep_blanks=True) == (expected, [])
    assert tokenize(text, "", level=level) == ([token for token in expected if token.strip()], [])


def test_chinese_words_are_not_made_up_without_jieba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    assert tokenize("来到北京", "x", level="word") is None
    assert tokenize("来到", "x", level="char") == (["来", "到"], ["x"])
    assert tokenize("a b", "x", level="word") == (["a", "b"], ["x"])


def test_jieba_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    tokenize("来到北京", "", level="word")
    assert capfd.readouterr() == ("", "")
