"""Labels that follow each other as letters, months or numbers do: what was misread in such a row is put right."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

SEQUENCES = (
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"),
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    tuple("abcdefghijklmnopqrstuvwxyz"),
    ("q1", "q2", "q3", "q4"),
)  # fmt: skip
ALIKE = (
    "iIlL1|!jJtT[]",
    "oO0QDa",
    "cCGe(",
    "sS58",
    "gq98",
    "bB86",
    "zZ2",
    "uUvV",
    "rTfF",
    "nmhN",
    "wWM",
    "kKxX",
    "pPF",
)
MIN_LABELS, MIN_SHARE = 4, 0.6  # labels of a row that is repaired; share of them that are where the sequence says
TICKS = "-–—_~|•·"  # what the mark of a tick beside a label is read as
LEADER = re.compile(r"^(?:[Il|] |[I|](?=[A-Z][a-z]))")  # a stroke before a name
MIN_LEADERS = 2  # names with one
NUMBERED = re.compile(r"(\D*?)(\d+)(\D*)")


def without_ticks(text: str) -> str:
    """Return a label without the tick's mark that was read with it; numbers stay as they are.

    Examples:
        >>> without_ticks("left-"), without_ticks("_Fri"), without_ticks("-5"), without_ticks("A-B")
        ('left', 'Fri', '-5', 'A-B')
    """
    if not any(c.isalpha() for c in text):
        return text
    return text.strip(TICKS + " ") or text


def without_leaders(labels: Sequence[str | None]) -> list[str | None]:
    """Return names beside slices without the lines that lead to them, where several were read as a stroke.

    Examples:
        >>> without_leaders(["May", "I Jan", "IFeb", None]), without_leaders(["I Jan", "Feb"])
        (['May', 'Jan', 'Feb', None], ['I Jan', 'Feb'])
    """
    strokes = [LEADER.match(label or "") is not None for label in labels]
    if sum(strokes) < MIN_LEADERS:
        return list(labels)
    return [LEADER.sub("", label) if label and stroke else label for label, stroke in zip(labels, strokes, strict=True)]


def repair_sequence(labels: Sequence[str]) -> list[str]:
    """Put right what was misread in labels that mostly follow each other, forwards or backwards.

    A label is changed only to what stands at its place in the sequence and looks like what was read.

    Examples:
        >>> repair_sequence(["G", "d", "e", "f", "9"]), repair_sequence(["P1r", "P2", "P3", "P4", "p5"])
        (['c', 'd', 'e', 'f', 'g'], ['P1', 'P2', 'P3', 'P4', 'P5'])
    """
    if len(labels) < MIN_LABELS:
        return list(labels)
    for sequence in SEQUENCES:
        places = {name: i for i, name in enumerate(sequence)}
        found = _repaired(labels, [places.get(label.lower()) for label in labels], sequence.__getitem__, len(sequence))
        if found is not None:
            return found
    matches = [NUMBERED.fullmatch(label) for label in labels]
    frames = Counter((m[1], m[3]) for m in matches if m is not None and (m[1] or m[3]))
    if not frames:
        return list(labels)
    (before, behind), _ = frames.most_common(1)[0]
    frame = before.lower(), behind.lower()
    numbers = [int(m[2]) if m is not None and (m[1].lower(), m[3].lower()) == frame else None for m in matches]
    found = _repaired(labels, numbers, lambda number: f"{before}{number}{behind}", None)
    return found if found is not None else list(labels)


def _repaired(
    labels: Sequence[str], numbers: Sequence[int | None], name: Callable[[int], str], period: int | None
) -> list[str] | None:
    """Return labels with those replaced that look like their place's name; None if too few are in sequence.

    Args:
        labels: As they were read.
        numbers: Their places in the sequence; None for those that are not in it.
        name: Returns the name at a place of the sequence.
        period: Length after which the sequence begins again; None if it does not.
    """
    best: tuple[int, int, int] = (0, 0, 1)
    for step in (1, -1):
        starts = [number - step * i for i, number in enumerate(numbers) if number is not None]
        for start, count in Counter(s % period if period else s for s in starts).most_common(1):
            best = max(best, (count, start, step))
    count, start, step = best
    if count < max(MIN_LABELS - 1, MIN_SHARE * len(labels)):
        return None
    wanted = [start + step * i for i in range(len(labels))]
    names = [name(n % period if period else max(0, n)) for n in wanted]
    sample = next(label for label, n in zip(labels, names, strict=True) if label.lower() == n.lower())
    case = str.upper if sample.isupper() else str.capitalize if sample[:1].isupper() else str
    return [case(n) if _look_alike(label, case(n)) else label for label, n in zip(labels, names, strict=True)]


def _look_alike(read: str, wanted: str) -> bool:
    """Say whether a label may be a misreading of another: letters alike, or one sign too many at its end."""
    if read.lower() == wanted.lower():
        return True
    if len(read) == len(wanted) + 1 and read.lower().startswith(wanted.lower()):
        return len(wanted) > 1 and not read[-1].isdigit()
    return len(read) == len(wanted) and all(
        a == b or any(a in group and b in group for group in ALIKE) for a, b in zip(read, wanted, strict=True)
    )
