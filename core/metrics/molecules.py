"""Molecules in SMILES compared: the same or not, and how many circular substructures two share. Needs RDKit.

Source: Weininger 1988 (SMILES), Rogers and Hahn 2010 (circular fingerprints), Tanimoto coefficient.
"""

import importlib
import importlib.util
from dataclasses import dataclass
from typing import Any

INSTALL = "molecules need rdkit: pip install 'ocr2[chem]'"
MAX_LENGTH = 2000  # characters; longer ones are a loop
RADIUS = 2  # bonds around an atom that a substructure reaches
BITS = 2048  # of a fingerprint


@dataclass(frozen=True, slots=True)
class MoleculeScore:
    """How two molecules agree."""

    valid: bool  # RDKit reads the answer
    exact: bool  # both are the same molecule
    similarity: float  # Tanimoto coefficient of circular fingerprints, 0..1


def can_compare_molecules() -> bool:
    """Return whether RDKit is installed."""
    return importlib.util.find_spec("rdkit") is not None


def compare_molecules(answer: str, truth: str) -> MoleculeScore:
    """Compare two molecules; several in one text are parted by a full stop and may stand in any order.

    Args:
        answer: SMILES.
        truth: SMILES.

    Raises:
        ValueError: If the truth is no molecule.
        ModuleNotFoundError: If RDKit is missing.
    """
    if not can_compare_molecules():
        raise ModuleNotFoundError(INSTALL, name="rdkit")
    wanted, given = _molecule(truth), _molecule(answer)
    if wanted is None:
        raise ValueError(f"rdkit does not read {truth[:MAX_LENGTH]!r}")
    if given is None:
        return MoleculeScore(False, False, 0.0)
    write = importlib.import_module("rdkit.Chem").MolToSmiles
    if write(given) == write(wanted):
        return MoleculeScore(True, True, 1.0)
    generators = importlib.import_module("rdkit.Chem.rdFingerprintGenerator")
    generator = generators.GetMorganGenerator(radius=RADIUS, fpSize=BITS)
    prints = [generator.GetFingerprint(molecule) for molecule in (given, wanted)]
    return MoleculeScore(True, False, float(importlib.import_module("rdkit.DataStructs").TanimotoSimilarity(*prints)))


def _molecule(text: str) -> Any:
    """Return RDKit's molecule; None if it is none."""
    if not text or len(text) > MAX_LENGTH or not text.isascii() or any(c.isspace() or c < "!" for c in text):
        return None
    with importlib.import_module("rdkit.rdBase").BlockLogs():
        return importlib.import_module("rdkit.Chem").MolFromSmiles(text)
