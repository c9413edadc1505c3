"""Keeping a process small."""

import os
import sys

import pytest

from ocr2.compute import memory


def test_what_users_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    memory.keep_few_primitives()
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == memory.PRIMITIVES
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "7")
    memory.keep_few_primitives()
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "7"


@pytest.mark.parametrize("error", [OSError, AttributeError, TypeError])
def test_other_c_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def missing(name: object) -> object:
        raise error

    memory._trim.cache_clear()
    monkeypatch.setattr("ctypes.CDLL", missing)
    assert memory._trim()() is None
    memory.give_back()
    memory._trim.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_free_memory_can_be_given_back() -> None:
    assert memory._trim()() in (0, 1, None)  # whether there was any; None of another C library
