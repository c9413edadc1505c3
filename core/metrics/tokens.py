"""Cutting texts into tokens: words between blanks, Chinese words found by jieba, or characters."""

import functools
import importlib.util
import logging
import re
import tempfile
import warnings
from collections.abc import Callable
from typing import Literal

Level = Literal["word", "char"]

INSTALL = 'pip install "ocr2[eval]"'
CHINESE = re.compile("[\u4e00-\u9fa5]")  # the range that GOT's scripts look for


def is_chinese(*texts: str) -> bool:
    """Return whether any of the texts holds a Chinese character.

    Examples:
        >>> is_chinese("page 3", "第3页"), is_chinese("page 3", "ページ")
        (True, False)
    """
    return any(CHINESE.search(text) for text in texts)


def tokenize(truth: str, answer: str, *, level: Level, keep_blanks: bool = False) -> tuple[list[str], list[str]] | None:
    """Cut a truth and its answer the same way.

    If either of them is Chinese, words are found by jieba in both; otherwise they stand between blanks.

    Args:
        truth: What the page says.
        answer: What was read.
        level: Words or characters.
        keep_blanks: Whether white space is a token too, where characters or Chinese words are wanted.

    Returns:
        Tokens of the truth and of the answer; None if Chinese words are wanted and jieba is not installed.

    Examples:
        >>> tokenize("a big  dog", "a bag", level="word")
        (['a', 'big', 'dog'], ['a', 'bag'])
        >>> tokenize("a b", "ab", level="char")
        (['a', 'b'], ['a', 'b'])
    """
    if level == "char":
        cut: Callable[[str], list[str]] = list
    elif not is_chinese(truth, answer):
        return truth.split(), answer.split()
    elif has_package("jieba"):
        cut = _chinese_cutter()
    else:
        return None
    first, second = ([token for token in cut(text) if keep_blanks or not token.isspace()] for text in (truth, answer))
    return first, second


def has_package(name: str) -> bool:
    """Return whether a package can be imported, without doing so."""
    return importlib.util.find_spec(name) is not None


@functools.cache
def _chinese_cutter() -> Callable[[str], list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42 has string escapes that Python frowns at
        import jieba
    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        # Not jieba's cache in the common temporary folder, which anyone could have put there.
        cutter.tmp_dir = folder
        cutter.initialize()
    cut: Callable[[str], list[str]] = cutter.lcut
    return cut
