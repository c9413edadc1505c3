"""Scores of a set of read pages, correct ones or as GOT's scripts print them; docs/eval.md has the definitions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from ocr2.metrics.markup_parts import Part, cut_part
from ocr2.metrics.overlap import bleu, meteor, set_overlap
from ocr2.metrics.pairs import Pair
from ocr2.metrics.text import bootstrap_interval, edit_counts, micro_error, normalise, normalised_distance
from ocr2.metrics.tokens import INSTALL, Level, has_package, is_chinese, tokenize
from ocr2.metrics.wordnet import WordNet

Metric = Literal["edit_distance", "precision", "recall", "f1", "bleu", "meteor"]
ErrorName = Literal["cer", "wer"]
METRICS: tuple[Metric, ...] = get_args(Metric)
ERRORS: tuple[ErrorName, ...] = get_args(ErrorName)
NLTK_METRICS: tuple[Metric, ...] = ("bleu", "meteor")
TOKEN_SCORES: tuple[Metric | ErrorName, ...] = ("precision", "recall", "f1", "bleu", "meteor", "wer")
PAGE_PARTS: tuple[Part, ...] = ("text", "formula", "table")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOptions:
    """What is scored and how."""

    part: Part | Literal["all"] = "text"  # all: the three parts of a page with markup
    level: Level | None = None  # of the tokens; None is characters for scene text and words otherwise
    compat: bool = False  # as GOT's scripts compute it, with their swapped arguments
    wordnet: WordNet | None = None  # METEOR's synonyms

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, one by one."""
        return PAGE_PARTS if self.part == "all" else (self.part,)

    def level_of(self, part: Part) -> Level:
        """Return the level of a part's tokens."""
        return self.level or ("char" if part == "scene" else "word")


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Edits that turn one answer into its truth."""

    edits: int
    length: int  # of the truth: characters or words


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """All edits of a set over all characters or words of its truths, percent, with the 95 % bootstrap interval."""

    percent: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ItemScores:
    """Scores of one item; what could not be computed is not in them."""

    name: str
    missing: bool  # there is no answer, which counts as an empty one
    scores: dict[Metric, float]
    errors: dict[ErrorName, ErrorCount] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartScores:
    """Scores of one part over a set."""

    part: Part
    level: Level
    items: tuple[ItemScores, ...]
    dropped: tuple[str, ...]  # names of items not scored: in the compat mode, as a side was empty
    without: tuple[str, ...]  # names of items not scored, as neither side has the part
    absent: dict[Metric | ErrorName, str]  # what is not reported, and why

    def mean(self, metric: Metric) -> float | None:
        """Return the mean over the items; None if it is absent or there are none."""
        if metric in self.absent or not self.items:
            return None
        return float(np.mean([item.scores[metric] for item in self.items]))

    def error_rate(self, name: ErrorName) -> ErrorRate | None:
        """Return character or word error; None if it is absent or there is nothing to count."""
        if name in self.absent:
            return None
        rows = [(item.errors[name].edits, item.errors[name].length) for item in self.items]
        counts = np.array(rows, np.int64).reshape(-1, 2)
        if not counts[:, 1].any():
            return None
        return ErrorRate(micro_error(counts), *bootstrap_interval(counts))


def score_pairs(pairs: Sequence[Pair], options: ScoreOptions) -> tuple[PartScores, ...]:
    """Score a set.

    A page counts for its formulas or tables if one side has any; in the compat mode, if both have.
    """
    return tuple(_score_part(pairs, part, options) for part in options.parts)


def _score_part(pairs: Sequence[Pair], part: Part, options: ScoreOptions) -> PartScores:
    level = options.level_of(part)
    kept: list[Pair] = []
    dropped: list[str] = []
    without: list[str] = []
    for pair in (_cut(pair, part, options) for pair in pairs):
        if part in ("formula", "table") and not (pair.truth or pair.answer):
            without.append(pair.name)
        elif options.compat and (_is_blank(pair.truth, level) or _is_blank(pair.answer, level)):
            dropped.append(pair.name)
        else:
            kept.append(pair)
    items = tuple(_score(pair, level, options) for pair in kept)
    return PartScores(part, level, items, tuple(dropped), tuple(without), dict(_absences(kept, level, options)))


def _is_blank(text: str, level: Level) -> bool:
    """Return whether GOT's scripts would have no tokens; they leave empty texts out, and fail on blank ones."""
    return not (text if level == "char" else text.strip())


def _cut(pair: Pair, part: Part, options: ScoreOptions) -> Pair:
    """Return the pair with a part of its texts, in the form in which they are compared."""
    truth, answer = pair.truth, pair.answer
    if not options.compat:
        truth, answer = (normalise(cut_part(text, part)) for text in (truth, answer))
    elif options.part not in ("text", "scene"):  # the script for pages with markup strips them, the others do not
        truth, answer = (cut_part(text.strip(), part, compat=True) for text in (truth, answer))
    return Pair(pair.name, truth, answer, missing=pair.missing)


def _score(pair: Pair, level: Level, options: ScoreOptions) -> ItemScores:
    scores: dict[Metric, float] = {"edit_distance": normalised_distance(pair.truth, pair.answer)}
    errors: dict[ErrorName, ErrorCount] = {}
    if not options.compat:
        errors["cer"] = _count_errors(pair.truth, pair.answer)
    tokens = tokenize(pair.truth, pair.answer, level=level, keep_blanks=options.compat)
    if tokens is not None:
        scores |= _score_tokens(*tokens, options)
        if level == "word" and not options.compat:
            errors["wer"] = _count_errors(*tokens)
    return ItemScores(pair.name, pair.missing, scores, errors)


def _score_tokens(truth: list[str], answer: list[str], options: ScoreOptions) -> dict[Metric, float]:
    reference, hypothesis = truth, answer
    if options.compat:  # GOT's scripts give the label where their functions expect the answer, and the reverse
        reference, hypothesis = answer, truth
    overlap = set_overlap(reference, hypothesis)
    scores: dict[Metric, float] = {"precision": overlap.precision, "recall": overlap.recall, "f1": overlap.f1}
    if has_package("nltk"):
        scores["bleu"] = bleu(reference, hypothesis, shorten=not options.compat)
        if options.wordnet is not None:
            scores["meteor"] = meteor(reference, hypothesis, options.wordnet)
    return scores


def _count_errors(truth: Sequence[str], answer: Sequence[str]) -> ErrorCount:
    edits, length = edit_counts([truth], [answer])[0]
    return ErrorCount(int(edits), int(length))


def _absences(pairs: Iterable[Pair], level: Level, options: ScoreOptions) -> Iterator[tuple[Metric | ErrorName, str]]:
    """Yield what cannot be reported for all items, and why; where there are two reasons, the first to be met last."""
    if options.wordnet is None:
        yield "meteor", "needs WordNet's files (--wordnet)"
    if not has_package("nltk"):
        for metric in NLTK_METRICS:
            yield metric, f"needs nltk: {INSTALL}"
    if options.compat:
        for name in ERRORS:
            yield name, "GOT's scripts do not compute it"
    elif level == "char":
        yield "wer", "tokens are characters"
    if level == "word" and not has_package("jieba"):
        count = sum(is_chinese(pair.truth, pair.answer) for pair in pairs)
        if count:
            for score in TOKEN_SCORES:
                yield score, f"{count} of the texts are Chinese, their words need jieba: {INSTALL}"
