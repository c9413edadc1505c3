"""Notations are told apart, taken out of an answer, and checked."""

import importlib
import importlib.util
import subprocess
from typing import Any

import pytest

from ocr2.markup import describe, detect, extract
from ocr2.markup.kern import kern_problem
from ocr2.markup.literals import read_literal
from ocr2.markup.notation import Kind
from ocr2.markup.structure import markup_problem
from ocr2.markup.tikz import tikz_problem

TIKZ = "\\begin{tikzpicture}\n\\draw (0,0) -- (1,1);\n\\end{tikzpicture}"
KERN = "**kern\t**kern\n*clefF4\t*clefG2\n=1\t=1\n4c\t4e 4g\n.\t8ff#L\n*-\t*-"
CHART = "{'title': 'A', 'values': {'b': '1', 'c': None}}"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Just words.\n\nAnd more, 50% of them.", "text"),
        ("", "text"),
        ("# Title", "mmd"),
        (r"Words and \(x\).", "mmd"),
        (r"Words \textbf{that end", "mmd"),
        (r"5\% of it", "mmd"),
        (r"\[ x \] and \(y\)", "mmd"),
        (r"\[ x \]" "\n\n" r"\(y\), \(z\).", "latex"),
        (r"\begin{tabular}{l} a \end{tabular}", "latex"),
        (TIKZ, "tikz"),
        (f"Look:\n{TIKZ}", "mmd"),
        ("<smiles>CCO</smiles>", "smiles"),
        ("CC(=O)Oc1ccccc1C(=O)O", "smiles"),
        ("[Na+].[Cl-]", "smiles"),
        *((word, "text") for word in ("CO2", "B12", "ICON", "I", "No", "C60", "COIN")),
        (KERN, "kern"),
        (CHART, "chart"),
        ('{"title": "cut of', "chart"),
    ],
)
def test_notations_are_told_apart(text: str, kind: Kind) -> None:
    assert detect(text) == kind


@pytest.mark.parametrize(
    ("text", "notation", "reason"),
    [
        ("Just words.", "tikz", "no TikZ: the answer is plain text"),
        ("# Title", "kern", "no **kern: the answer is Mathpix Markdown"),
        (CHART, "smiles", "no SMILES: the answer is chart"),
        (KERN, "mmd", "no Mathpix Markdown: the answer is **kern"),
        ("words", "latex", "no LaTeX: the answer is plain text"),
        ("words", "chart", "no chart: the answer is plain text"),
        (" ", "tikz", "no TikZ: the answer is empty"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(text: str, notation: Kind, reason: str) -> None:
    found = extract(text, notation)
    assert (found.kind, found.text, found.valid, found.reason) == (notation, "", False, reason)


@pytest.mark.parametrize("notation", ["text", "html"])
def test_an_unknown_notation_is_refused(notation: Any) -> None:
    with pytest.raises(ValueError, match=f"notation must be one of mmd, latex, .*, got '{notation}'"):
        extract("x", notation)


def test_plain_text_needs_no_check() -> None:
    found = describe(" words ")
    assert (found.kind, found.text, found.valid, found.reason) == ("text", "words", None, None)


@pytest.mark.parametrize(
    ("text", "notation", "taken"),
    [
        (f"a\n{TIKZ}\nb\n{TIKZ}", "tikz", f"{TIKZ}\n\n{TIKZ}"),
        (f"```latex\n{TIKZ}\n```", "tikz", TIKZ),
        (f"\\begin{{figure}}\n{TIKZ}\n\\caption{{A}}\\end{{figure}}", "tikz", TIKZ),
        ("a <smiles>CCO</smiles>\n- <smiles>C#N</smiles>", "smiles", "CCO\nC#N"),
        (f"```\n{KERN}\n```", "kern", KERN),
        (f"Chart:\n\n```json\n{CHART}\n```", "chart", CHART),
        (r"a \(x\) b \[ y \] $z$", "latex", "\\(x\\)\n\n\\[ y \\]\n\n$z$"),
        (r"a \begin{tabular}{l} \(x\) \end{tabular}", "latex", r"\begin{tabular}{l} \(x\) \end{tabular}"),
        (" # A ", "mmd", "# A"),
    ],
)
def test_a_notation_is_taken_out_of_its_surroundings(text: str, notation: Kind, taken: str) -> None:
    assert extract(text, notation).text == taken


@pytest.mark.parametrize(
    ("text", "notation", "valid", "reason"),
    [
        (r"a \(x\)", "mmd", True, "environments, delimiters and formulas are whole"),
        (r"\begin{tabular}{l} a", "mmd", False, r"\begin{tabular} has no end"),
        (r"\[ x_1 \]", "latex", True, "latex2mathml reads the formulas"),
        (r"\[ x_a_b \]", "latex", False, "x_a_b: latex2mathml: DoubleSubscripts"),
        (r"\[ \ce{H2O} \]", "latex", None, r"latex2mathml does not know \ce"),
        (r"\[ \frac{1 \]", "latex", False, r"\frac{1: { is not closed"),
        (TIKZ, "tikz", True, "TeX was not run"),
        (TIKZ.replace(";", ""), "tikz", False, r"\draw does not end with ;"),
        (CHART, "chart", True, "it is a dictionary"),
        ('{"title": "cut of', "chart", False, "neither JSON nor a Python dictionary"),
        (KERN.replace("*-\t*-", "*-"), "kern", False, "line 6 has 1 columns, expected 2"),
    ],
)
def test_a_notation_is_checked(text: str, notation: Kind, valid: bool | None, reason: str) -> None:
    found = extract(text, notation)
    assert found.valid is valid
    assert reason in str(found.reason)


def without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a library not be installed."""
    load, find = importlib.import_module, importlib.util.find_spec

    def import_module(module: str, package: str | None = None) -> Any:
        if module.partition(".")[0] == name:
            raise ModuleNotFoundError(module)
        return load(module, package)

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None if module == name else find(module))


def test_without_rdkit_a_molecule_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    without("rdkit", monkeypatch)
    found = extract("<smiles>CCO</smiles>", "smiles")
    assert (found.text, found.valid, found.reason) == ("CCO", None, "rdkit is not installed")


def test_without_verovio_music_is_checked_by_its_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    without("verovio", monkeypatch)
    found = extract(KERN, "kern")
    assert (found.valid, found.reason) == (True, "spines and notes are whole; verovio is not installed")


def test_a_blank_in_a_molecule_is_none() -> None:
    assert extract("<smiles>CC O</smiles>", "smiles").reason == "'CC O' holds a blank"


@pytest.mark.extras
def test_rdkit_reads_molecules() -> None:
    pytest.importorskip("rdkit", reason="needs rdkit")
    good, bad = (extract(f"<smiles>{s}</smiles>", "smiles") for s in ("CC(=O)O", "C1CC"))
    assert (good.valid, good.reason) == (True, "rdkit reads CC(=O)O")
    assert (bad.valid, bad.reason) == (False, "rdkit does not read C1CC")


@pytest.mark.extras
def test_the_worst_of_several_pieces_speaks_for_all() -> None:
    pytest.importorskip("rdkit", reason="needs rdkit")
    found = extract("<smiles>CCO</smiles> <smiles>C(</smiles>", "smiles")
    assert (found.text, found.valid) == ("CCO\nC(", False)


@pytest.mark.extras
def test_verovio_draws_music() -> None:
    pytest.importorskip("verovio", reason="needs verovio")
    found = extract(KERN, "kern")
    assert (found.valid, found.reason) == (True, "spines and notes are whole; verovio draws it")


@pytest.mark.parametrize(
    ("code", "valid", "reason"), [(0, True, "draws it"), (4, False, "does not"), (-6, False, "does not")]
)
def test_a_crash_of_verovio_is_its_answer(monkeypatch: pytest.MonkeyPatch, code: int, valid: bool, reason: str) -> None:
    """Its parser ends the process on some broken input."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: object())
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess([], code))
    found = extract(KERN, "kern")
    assert found.valid is valid
    assert reason in str(found.reason)


def test_a_verovio_that_does_not_answer_leaves_the_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*arguments: Any, **how: Any) -> None:
        raise subprocess.TimeoutExpired("verovio", 60)

    monkeypatch.setattr(importlib.util, "find_spec", lambda module: object())
    monkeypatch.setattr(subprocess, "run", wait)
    found = extract(KERN, "kern")
    assert (found.valid, found.reason) == (True, "spines and notes are whole; verovio did not answer: TimeoutExpired")


@pytest.mark.parametrize(
    "text",
    [
        KERN,
        "!!!COM: Bach\n**kern\n4c\n!! a comment\n*-",
        "**kern\n*^\n4c\t4e\n*v\t*v\n4c\n*-",
        "**kern\t**dynam\n4c\tp\n*-\t*-",
        "**kern\n4c\n*-\n**kern\n4d\n*-",
        "**kern\n16ccc#LL\n[2.d-/\n8r\n4e 4g 4cc;\nqq8a\n*-",
    ],
)
def test_whole_music_has_no_problem(text: str) -> None:
    assert kern_problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("**kern\n4c", "1 spines are not ended by *-"),
        ("**kern\n\n4c\n*-", "line 2 is empty"),
        ("4c\n*-", "line 1 stands outside of all spines"),
        ("**kern\n4c\n*-\n4d", "line 4 stands outside of all spines"),
        ("**dynam\np\n*-", "there is no **kern spine"),
        ("**kern\t**kern\n4c\n*-\t*-", "line 2 has 1 columns, expected 2"),
        ("**kern\t**kern\n=1\t4c\n*-\t*-", "line 2: bar lines stand beside something else"),
        ("**kern\t**kern\n*\t4c\n*-\t*-", "line 2: interpretations stand beside something else"),
        ("**kern\t**kern\n4c\t\n*-\t*-", "line 2: a column is empty"),
        ("**kern\n4xyz\n*-", "line 2: '4xyz' is no note"),
        ("**kern\n4cd\n*-", "line 2: '4cd' is no note"),
    ],
)
def test_the_problem_of_music_is_named(text: str, problem: str) -> None:
    assert kern_problem(text) == problem


@pytest.mark.parametrize(
    "body",
    [
        r"\draw (0,0) node {a; b} -- (1,1); % \draw",
        r"\foreach \x in {1,2} { \fill (\x,0) circle (1pt); }",
        r"\begin{scope}[shift={(1,1)}] \node at (0,0) {$x$}; \end{scope}",
        r"\matrix { \node {a}; & \node {b}; \\ };",
        r"\definecolor{a}{rgb}{1,0,0} \coordinate (A) at (0,0);",
        "",
    ],
)
def test_whole_pictures_have_no_problem(body: str) -> None:
    assert tikz_problem(rf"\begin{{tikzpicture}}[scale=2] {body}" "\n" r"\end{tikzpicture}") is None


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (r"\begin{tikzpicture} \draw (0,0); ", "tikzpicture is not closed"),
        (r"\begin{tikzpicture} \draw (0,0) \node {a}; \end{tikzpicture}", r"\draw does not end with ;"),
        (r"\begin{tikzpicture} \node {a; \end{tikzpicture}", r"\end{tikzpicture} closes what is not open"),
        (r"\begin{tikzpicture} } \end{tikzpicture}", "} closes what is not open"),
        (r"\draw (0,0);", r"\begin{tikzpicture} is missing"),
    ],
)
def test_the_problem_of_a_picture_is_named(source: str, problem: str) -> None:
    assert tikz_problem(source) == problem


@pytest.mark.parametrize(
    "text", ['{"a": [1, -2.5e3, null, true]}', "{'a': ('b', None, False), 'c': {}}", ' {"a": "\\"}"} ']
)
def test_charts_are_read(text: str) -> None:
    assert "a" in read_literal(text)


@pytest.mark.parametrize(
    "text",
    [
        *("[1]", "words", "", "{'a': __import__('os')}", "{'a': 1 + 1}", "{'a': [" + "[" * 100 + "]" * 100 + "]}"),
        *("{'a': " + "-" * 9999 + "1}", "{" * 100_000, '{"a": 1', "{'a': b'x'}", "{'a': {1: 2}: 3}", "{[]: 1}"),
    ],
)
def test_what_is_no_dictionary_of_values_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"dictionary|brackets|characters"):
        read_literal(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (r"\textbf{a \(x\)", r"the argument of \textbf has no end"),
        (r"\[ x", r"\[ has no counterpart"),
        ("$$ x", "$$ has no counterpart"),
        (r"a \end{center}", r"\end{center} has no begin"),
        (rf"a {TIKZ.replace(';', '')}", r"\draw does not end with ;"),
        ("# a\n- b $x$", None),
    ],
)
def test_the_problem_of_markup_is_named(text: str, problem: str | None) -> None:
    assert markup_problem(text) == problem
