"""Answers under the constraint are well formed, whatever a network would write."""

from hypothesis import given
from hypothesis import strategies as st

from ocr2.formulas.parse import parse_formula
from ocr2.formulas.write import write_formula
from ocr2.got.formulas.constraint import WellFormed
from ocr2.got.formulas.elements import CLASSES, NONE, TAKING
from ocr2.got.formulas.output_language import FIRST_ELEMENT, FRACTION, IDS, NAMES, ROOT, assemble, linearise

SIGNS = ["x", FRACTION, ROOT, NONE, sorted(TAKING)[0], "2"]


@given(st.lists(st.sampled_from(SIGNS), max_size=8), st.data())
def test_any_answer_is_well_formed(signs: list[str], data: st.DataObject) -> None:
    constraint = WellFormed(signs)
    written: list[int] = []
    ids = range(FIRST_ELEMENT + len(signs))
    while len(written) < 60:
        allowed = sorted(set(ids) - constraint.banned())
        assert allowed
        token = data.draw(st.sampled_from(allowed))
        if token == IDS["end"]:
            break
        written.append(token)
        constraint.add(token)
    elements = [token for token in written if token >= FIRST_ELEMENT]
    assert len(elements) == len(set(elements))
    assert all(signs[token - FIRST_ELEMENT] != NONE for token in elements)
    names = [NAMES[token] for token in written if token < FIRST_ELEMENT]
    opened = sum(name in ("sub", "sup", "index", "stack", "table") for name in names)
    opened += sum(signs[token - FIRST_ELEMENT] in (FRACTION, ROOT, *TAKING) for token in elements)
    assert names.count("close") <= opened
    assert not {"pad", "image", "end"} & set(names)


def test_a_fraction_has_two_parts_before_it_closes_or_all_ends() -> None:
    constraint = WellFormed([FRACTION, "x", "2"])
    for token in (FIRST_ELEMENT, FIRST_ELEMENT + 1):
        constraint.add(token)
        assert {IDS["close"], IDS["end"], IDS["row"]} <= constraint.banned()
        assert IDS["next"] not in constraint.banned()
    constraint.add(IDS["next"])
    assert IDS["next"] in constraint.banned()
    assert not {IDS["close"], IDS["end"]} & constraint.banned()


def test_what_people_write_is_never_banned() -> None:
    for latex in (
        r"\frac{a_1}{\sqrt[3]{x+1}}",
        r"\begin{matrix} a & b \\ c & d \end{matrix}^2",
        r"\hat{x}\overset{a}{=}y",
    ):
        items = linearise(parse_formula(latex))
        signs = [name for kind, name in items if kind == "element"]
        assert set(signs) <= set(CLASSES)
        constraint, number = WellFormed(signs), 0
        for kind, name in items:
            token = IDS[name] if kind == "token" else FIRST_ELEMENT + number
            number += kind == "element"
            assert token not in constraint.banned(), (latex, name)
            constraint.add(token)
        assert IDS["end"] not in constraint.banned()
        assert write_formula(assemble(items, accents=TAKING)) == write_formula(parse_formula(latex))
