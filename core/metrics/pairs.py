"""Truths and answers brought together by their names."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, Protocol, TypeVar

from ocr2.metrics.inputs import Item, item_of, read_records, read_texts

KINDS: tuple[Literal["path", "id", "name"], ...] = ("path", "id", "name")  # tried in this order


@dataclass(frozen=True, slots=True)
class Pair:
    """What a page says and what was read on it."""

    name: str
    truth: str
    answer: str
    missing: bool = False  # there is no answer, so it is empty


class Named(Protocol):
    """A truth and what became of it."""

    @property
    def name(self) -> str:
        """Name of the truth."""

    @property
    def missing(self) -> bool:
        """Whether there is no answer."""


P = TypeVar("P", bound=Named)


@dataclass(frozen=True)  # no slots: with them a generic alias cannot be called
class PairSet(Generic[P]):
    """A set to be scored."""

    items: tuple[P, ...]  # one a truth
    unmatched: tuple[str, ...] = ()  # names of answers without a truth
    files: tuple[Path, ...] = ()  # that were read

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the truths without an answer."""
        return tuple(pair.name for pair in self.items if pair.missing)


Pairs = PairSet[Pair]


def load_pairs(truths: Path | None, answers: Path) -> Pairs:
    """Read both sides and match them.

    Args:
        truths: See `ocr2.metrics.inputs.read_texts`; None if `answers` is a list whose records have a label beside
            the answer, as GOT's scripts write it.
        answers: See `ocr2.metrics.inputs.read_texts`.

    Raises:
        ValueError: If a side cannot be understood, nothing matches, or several items have one name.
        OSError: If a file cannot be read.
    """
    if truths is None:
        if answers.is_dir():
            raise ValueError(f"{answers}: a folder needs ground truths beside it (--gt)")
        return Pairs(tuple(_labelled(record, where) for where, record in read_records(answers)), files=(answers,))
    left, right = read_texts(truths, "truth"), read_texts(answers, "answer")
    files = (*left.files, *right.files)
    if left.is_single and right.is_single:
        return Pairs((Pair(_printable(left.items[0].name), left.items[0].text, right.items[0].text),), files=files)
    found = match_items(left.items, right.items)
    if not found:
        raise ValueError(
            f"no name of {truths} is one of {answers}: {_examples(left.items)} there, {_examples(right.items)} here"
        )
    matches = [right.items[found[number]] if number in found else None for number in range(len(left.items))]
    pairs = tuple(_pair(truth, answer) for truth, answer in zip(left.items, matches, strict=True))
    taken = set(found.values())
    unmatched = (item for number, item in enumerate(right.items) if number not in taken)
    return Pairs(pairs, tuple(_printable(item.name) for item in unmatched), files)


def match_items(truths: Sequence[Item], answers: Sequence[Item]) -> dict[int, int]:
    """Return the number of the answer for each truth's number that has one.

    Items belong together if they alone share a path, else an id, else the last part of a path or an id.

    Raises:
        ValueError: If items share a name and others have it too.
    """
    found: dict[int, int] = {}
    taken: set[int] = set()
    for kind in KINDS:
        left, right = _index(truths, kind, found.keys()), _index(answers, kind, taken)
        for key in sorted(left.keys() & right.keys()):
            (truth, *twins), (answer, *others) = left[key], right[key]
            if not twins and not others and truth not in found and answer not in taken:
                found[truth] = answer
                taken.add(answer)
    left, right = _index(truths, "name", found.keys()), _index(answers, "name", taken)
    for key in sorted(left.keys() & right.keys()):
        known = ", ".join([truths[i].where for i in left[key]][:2] + [answers[i].where for i in right[key]][:2])
        raise ValueError(f"several items are called {key!r} ({known}); give each a name of its own")
    return found


def _index(items: Sequence[Item], kind: Literal["path", "id", "name"], taken: Container[int]) -> dict[str, list[int]]:
    """Return which of the items that are left have a key."""
    index: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        for key in item.keys(kind) if number not in taken else ():
            index[key].append(number)
    return index


def _pair(truth: Item, answer: Item | None) -> Pair:
    return Pair(_printable(truth.name), truth.text, answer.text if answer else "", missing=answer is None)


def _labelled(record: Mapping[str, object], where: str) -> Pair:
    """Return the pair that a record of GOT's scripts holds."""
    if not {"label", "answer"} <= record.keys():
        raise ValueError(f"{where}: without ground truths (--gt) it needs a label and an answer")
    truth = item_of(record, where, "truth")
    return _pair(truth, item_of(record, where, "answer"))


def _examples(items: Sequence[Item]) -> str:
    names = [repr(_printable(item.name)) for item in items[:2]]
    return ", ".join(names) + (", ..." if len(items) > 2 else "")


def _printable(name: str) -> str:
    """Return a name without halves of characters, which file names and JSON can have and no output takes."""
    return name.encode("utf-8", "replace").decode("utf-8")
