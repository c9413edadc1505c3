"""Molecules."""

import pytest

from ocr2.metrics import molecules as metric
from ocr2.rewards import molecules
from ocr2.rewards.molecules import score_smiles

INSTALL = "compared as text: molecules need rdkit: pip install 'ocr2[chem]'"


@pytest.mark.extras
@pytest.mark.parametrize(
    ("answer", "truth"), [("OCC", "CCO"), ("C1=CC=CC=C1", "c1ccccc1"), ("O.CC", "CC.O"), (" CCO\n", "CCO")]
)
def test_one_molecule_may_be_written_in_many_ways(answer: str, truth: str) -> None:
    result = score_smiles(answer, truth)
    assert result.total == 1
    assert result.parts["exact"] == 1


@pytest.mark.extras
def test_a_similar_molecule_has_half_of_its_similarity() -> None:
    near, far = score_smiles("CCCO", "CCCCO"), score_smiles("c1ccccc1", "CCCCO")
    assert 0 <= far.total < near.total < 0.5
    assert near.parts["similarity"] == 2 * near.total
    assert score_smiles("CCCCO", "CCCO").total == near.total


@pytest.mark.extras
@pytest.mark.parametrize("answer", ["", "C1CC", "C(C", "ethanol and more", "CCO name", "Cé", "C" * 2001, "C\0"])
def test_what_is_no_molecule_has_no_reward(answer: str) -> None:
    result = score_smiles(answer, "CCO")
    assert (result.total, result.problem) == (0, "rdkit does not read the answer")


@pytest.mark.extras
def test_a_truth_that_rdkit_does_not_read_is_compared_as_text() -> None:
    result = score_smiles("C1CC", "C1CO")
    assert result.total == 0.75
    assert result.unchecked == ("compared as text: rdkit does not read 'C1CO'",)


def test_without_rdkit_texts_are_compared_and_the_reward_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(molecules, "can_compare_molecules", lambda: False)
    monkeypatch.setattr(metric, "can_compare_molecules", lambda: False)
    assert score_smiles("CCO", "CCO").unchecked == ()
    result = score_smiles("CCN", "CCCC")
    assert (result.total, result.unchecked) == (0.5, (INSTALL,))
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ocr2\[chem\]'"):
        metric.compare_molecules("CCN", "CCO")
