"""Keeping a process that reads many documents small."""

import ctypes
import functools
import os
from collections.abc import Callable

PRIMITIVES = "128"  # layers for inputs of one size that oneDNN keeps ready; pages differ in size, so few are met again


def keep_few_primitives() -> None:
    """Let oneDNN keep little for sizes of past pages; of use before torch computes, and where nothing is set."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", PRIMITIVES)


def give_back() -> None:
    """Give memory that is free back to the system, where the C library keeps it (glibc); elsewhere do nothing."""
    _trim()()


@functools.cache
def _trim() -> Callable[[], object]:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # another C library, or another system
        return lambda: None
    return lambda: trim(0)
