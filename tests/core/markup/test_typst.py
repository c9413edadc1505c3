"""Formulas in Typst's notation."""

import builtins
from typing import Any

import pytest

from ocr2.markup.formulas import MAX_LENGTH, FormulaError
from ocr2.markup.typst import formula_to_typst


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **how: Any) -> Any:
        if name == "tex2typst":
            raise ModuleNotFoundError(name)
        return real(name, *rest, **how)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ModuleNotFoundError, match=r"ocr2\[typst\]"):
        formula_to_typst("x")


@pytest.mark.extras
@pytest.mark.parametrize(
    ("source", "parts"),
    [
        (r"\frac{a}{b}", ("a", "b", "/")),
        (r"{ \rm sin } ^ 2 x \over 2", ("sin", "x", "2")),
        (r"\sqrt[3]{x}+\alpha", ("root", "3", "alpha")),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", ("mat", "1", "4")),
        (r"\surd x", ("sqrt", "x")),
    ],
)
def test_formulas_become_typst(source: str, parts: tuple[str, ...]) -> None:
    found = formula_to_typst(source)
    assert all(part in found for part in parts), found
    assert "\\" not in found


@pytest.mark.extras
def test_what_is_no_formula_is_told_in_one_line() -> None:
    with pytest.raises(FormulaError, match=r"\Atex2typst: [^\n]+\Z"):
        formula_to_typst(r"\frac{")


@pytest.mark.extras
def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(FormulaError, match="longer"):
        formula_to_typst("x" * (MAX_LENGTH + 1))
