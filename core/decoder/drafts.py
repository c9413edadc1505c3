"""Drafts: guesses at what a decoder will write next, for it to confirm many tokens in one pass.

A drafter is asked before every pass and may guess nothing. What it guesses changes the time, never the text: the loop
keeps only what greedy decoding would have written (Leviathan et al. 2023, arXiv 2211.17192).
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

FIRST_REACH = 8  # tokens guessed before it is known how good the guesses are
LEAST_REACH = 4


class Drafter(Protocol):
    """Guesses the next tokens of one row."""

    def propose(self, written: Sequence[int], limit: int) -> list[int]:
        """Return at most `limit` tokens that may follow those written; `written` only ever grows."""


class _Reach:
    """How far guesses go: twice as far after one that held, half as far after one that failed early."""

    def __init__(self, first: int) -> None:
        self.length = first
        self._guessed = 0
        self._written = 0

    def allow(self, written: int, limit: int) -> int:
        """Return how many tokens to guess, given how many are written by now."""
        if self._guessed:
            held = written - self._written - 1  # the last one was the decoder's own
            if held >= self._guessed:
                self.length *= 2
            elif held < self._guessed // 2:
                self.length = max(LEAST_REACH, self.length // 2)
        self.length = max(LEAST_REACH, min(self.length, limit))
        return min(self.length, limit)

    def note(self, written: int, guessed: int) -> None:
        """Remember a guess."""
        self._written, self._guessed = written, guessed


class TextDraft:
    """Guesses from a text that is nearly what will be written, such as another reader's.

    It finds its place again after tokens that were exchanged, added, left out, or stand elsewhere.

    Args:
        ids: The text, without an end token.
        first_reach: Tokens of the first guess; pass the text's length where guesses cost next to nothing.
    """

    CONTEXT = 3  # tokens that identify a place anywhere in the text
    NEAR = 32  # tokens around the expected place where two are enough
    CLOSE = 3  # tokens ahead where one is enough

    def __init__(self, ids: Sequence[int], *, first_reach: int = FIRST_REACH) -> None:
        self.ids = list(ids)
        self._at = 0  # the token expected next
        self._seen = 0  # tokens written when last asked
        self._reach = _Reach(first_reach)
        self._places: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i in range(len(self.ids) - self.CONTEXT + 1):
            self._places[tuple(self.ids[i : i + self.CONTEXT])].append(i + self.CONTEXT)

    def propose(self, written: Sequence[int], limit: int) -> list[int]:
        """Return the tokens that follow the place in the text where the writing is."""
        for i in range(self._seen, len(written)):
            self._follow(written, i)
        self._seen = len(written)
        guess = self.ids[self._at : self._at + self._reach.allow(len(written), limit)]
        self._reach.note(len(written), len(guess))
        return guess

    def _follow(self, written: Sequence[int], i: int) -> None:
        """Take note of token `i` of the writing."""
        token = written[i]
        if self._at < len(self.ids) and self.ids[self._at] == token:
            self._at += 1
            return
        places = self._places.get(tuple(written[max(0, i + 1 - self.CONTEXT) : i + 1]))
        if places:
            self._at = min(places, key=lambda place: abs(place - self._at))
            return
        near = range(max(2, self._at - self.NEAR), min(len(self.ids), self._at + self.NEAR) + 1)
        pairs = [p for p in near if i and self.ids[p - 1] == token and self.ids[p - 2] == written[i - 1]]
        close = self.ids[self._at : self._at + self.CLOSE]
        if pairs:
            self._at = min(pairs, key=lambda place: abs(place - self._at))
        elif token in close:  # tokens of the draft were left out
            self._at += close.index(token) + 1
        else:  # one was exchanged, as far as can be seen
            self._at = min(self._at + 1, len(self.ids))


class LookupDraft:
    """Guesses that what followed the last tokens before follows them again (rows of tables, repeated headings).

    Source: prompt lookup, Saxena 2023; docs/models/got.md, "Drafts".
    """

    CONTEXT = 3

    def __init__(self) -> None:
        self._places: dict[tuple[int, ...], int] = {}  # the token after the latest of equal contexts
        self._seen = 0
        self._reach = _Reach(LEAST_REACH)

    def propose(self, written: Sequence[int], limit: int) -> list[int]:
        """Return what followed the last tokens when they stood before."""
        for i in range(max(self._seen, self.CONTEXT), len(written)):
            self._places[tuple(written[i - self.CONTEXT : i])] = i
        self._seen = max(self._seen, len(written))
        place = self._places.get(tuple(written[-self.CONTEXT :])) if len(written) >= self.CONTEXT else None
        guess = list(written[place : place + self._reach.allow(len(written), limit)]) if place is not None else []
        self._reach.note(len(written), len(guess))
        return guess


class FirstOf:
    """The first guess that any of several drafters makes."""

    def __init__(self, drafters: Sequence[Drafter]) -> None:
        self.drafters = drafters

    def propose(self, written: Sequence[int], limit: int) -> list[int]:
        """Ask each in turn."""
        for drafter in self.drafters:
            guess = drafter.propose(written, limit)
            if guess:
                return guess
        return []
