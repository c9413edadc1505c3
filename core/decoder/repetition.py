"""Guards on what a decoder writes: the n-gram ban of published models, and a detector of endless loops."""

from collections import defaultdict
from collections.abc import Sequence


class NgramBan:
    """Forbid every n-gram from appearing twice, in constant time a token.

    Args:
        size: n; 0 forbids nothing.
        ids: The prompt, which counts.
    """

    def __init__(self, size: int, ids: Sequence[int] = ()) -> None:
        self.size = size
        self._next: dict[tuple[int, ...], set[int]] = defaultdict(set)
        self._tail: tuple[int, ...] = ()
        for token in ids:
            self.add(token)

    def add(self, token: int) -> None:
        """Take note of a token that was written."""
        if self.size < 1:
            return
        if len(self._tail) == self.size - 1:
            self._next[self._tail].add(token)
        self._tail = (*self._tail, token)[-(self.size - 1) :] if self.size > 1 else ()

    def banned(self) -> set[int]:
        """Return the tokens that would repeat an n-gram now."""
        if self.size < 1 or len(self._tail) < self.size - 1:
            return set()
        return self._next.get(self._tail, set())


# A loop is a period that comes back this often and fills this many tokens. Legitimate repeats stay below:
# dotted leaders (period 1 or 2) fill a line; equal rows fill a table, so that 40 rows of 24 tokens are kept.
MIN_REPEATS = 8
MIN_TOKENS = 1000
MIN_TOKENS_SHORT_PERIOD = 400
SHORT_PERIOD = 2
MAX_PERIOD = 256


def find_loop(ids: Sequence[int]) -> int | None:
    """Return the length of `ids` up to the end of a loop's first period, or None if the tail is no loop.

    Examples:
        >>> find_loop([7] + [1, 2, 3] * 400)
        4
        >>> find_loop([1, 2, 3] * 70) is None
        True
    """
    total = len(ids)
    for period in range(1, min(MAX_PERIOD, total // MIN_REPEATS) + 1):
        needed = MIN_TOKENS_SHORT_PERIOD if period <= SHORT_PERIOD else MIN_TOKENS
        needed = max(needed, period * MIN_REPEATS)
        if total < needed or ids[-1] != ids[-1 - period]:
            continue
        start = total - period
        while start > 0 and ids[start - 1] == ids[start - 1 + period]:
            start -= 1
        if total - start >= needed:
            return start + period
    return None
