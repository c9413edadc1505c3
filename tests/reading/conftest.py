"""A reader that needs no weights."""

from collections.abc import Callable

import pytest

from tests.fakes import FixedReader


@pytest.fixture
def fixed_reader() -> Callable[..., FixedReader]:
    """Build a reader that answers every strip alike."""
    return FixedReader
