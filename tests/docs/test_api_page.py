"""docs/api.md: its examples run, and it names everything that is public."""

import doctest
from pathlib import Path

import pytest

import ocr2

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_example_of_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    example = doctest.DocTestParser().get_doctest(PAGE, {}, "api.md", "docs/api.md", 0)
    told: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(example, out=told.append)
    assert results.attempted > 25
    assert not results.failed, "".join(told)


@pytest.mark.parametrize("name", sorted(set(ocr2.__all__) - {"__version__"}))
def test_every_public_name_is_on_the_page(name: str) -> None:
    assert f"`{name}" in PAGE or f"ocr2.{name}" in PAGE
