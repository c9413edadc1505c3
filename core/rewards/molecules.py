"""Molecules in SMILES: the same molecule, or a similar one."""

from ocr2.markup.nodes import Smiles
from ocr2.markup.parse import parse
from ocr2.markup.walk import iter_leaves
from ocr2.metrics.molecules import INSTALL, can_compare_molecules, compare_molecules
from ocr2.metrics.text import normalised_distance
from ocr2.rewards.reward import RewardResult


def score_smiles(answer: str, truth: str, /) -> RewardResult:
    """Return the mean of `exact`, 1 for the same molecule, and `similarity`, the Tanimoto coefficient; 0 if invalid.

    Of a page those in `<smiles>` count, all together and in any order; a text without them is a molecule itself.
    Without RDKit, or if RDKit does not read the truth, the reward is 1 - edit distance of the texts, and says so.

    Examples:
        >>> score_smiles("<smiles>CCO</smiles>", "CCO").total
        1.0
    """
    given, wanted = molecules_of(answer), molecules_of(truth)
    edit = 1 - normalised_distance(wanted, given)
    if given == wanted:
        return RewardResult(1.0, {"edit": edit, "exact": 1.0})
    if not can_compare_molecules():
        return RewardResult(edit, {"edit": edit, "exact": 0.0}, unchecked=(f"compared as text: {INSTALL}",))
    try:
        score = compare_molecules(given, wanted)
    except ValueError as error:
        return RewardResult(edit, {"edit": edit, "exact": 0.0}, unchecked=(f"compared as text: {error}",))
    parts = {
        "edit": edit, "valid": float(score.valid), "exact": float(score.exact), "similarity": score.similarity,
    }  # fmt: skip
    problem = None if score.valid else "rdkit does not read the answer"
    return RewardResult((parts["exact"] + parts["similarity"]) / 2, parts, problem)


def molecules_of(text: str) -> str:
    """Return the molecules of a page as one SMILES, parted by full stops.

    Examples:
        >>> molecules_of("Ethanol is <smiles>CCO</smiles>, water <smiles>O</smiles>."), molecules_of(" CCO ")
        ('CCO.O', 'CCO')
    """
    found = [leaf.source for leaf in iter_leaves(parse(text)) if isinstance(leaf, Smiles)]
    return ".".join(found) or text.strip()
