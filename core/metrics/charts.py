"""Scores of a set of charts that were read: SCRM average precision, titles, RNSS, RMS, and what the trust is worth.

As defined in docs/eval.md, "Charts", or as the scripts published with OneChart and DePlot compute them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ocr2.metrics.chart_overlap import TOLERANCES, Level, point_overlap, published_overlap
from ocr2.metrics.chart_points import table_of
from ocr2.metrics.chart_records import ChartPair
from ocr2.metrics.chart_tables import rms, rnss
from ocr2.metrics.chart_text import TextField, compare_texts, mean_similarity
from ocr2.metrics.overlap import Agreement

SLACK = 1e-9  # what binary fractions may take from an overlap that just reaches a threshold
THRESHOLDS = tuple(step / 20 - SLACK for step in range(10, 20))  # .5, .55, ... .95
# As numpy counts: most of them come out a little higher, so that an overlap of 3/5, 3/4 or 4/5 misses its own.
PUBLISHED_THRESHOLDS: tuple[float, ...] = tuple(np.arange(0.5, 1, 0.05).tolist())


@dataclass(frozen=True, slots=True)
class ChartScore:
    """Scores of one chart, 0..1."""

    overlap: dict[Level, float]
    texts: dict[TextField, float]  # those that the chart has
    rnss: float
    rms: Agreement


@dataclass(frozen=True, slots=True)
class ChartScores:
    """Scores of a set."""

    pairs: tuple[ChartPair, ...]
    scores: tuple[ChartScore, ...]  # one a pair
    compat: bool

    @property
    def structure_accuracy(self) -> float:
        """The share of charts with an answer that could be understood."""
        return _mean(pair.answer is not None for pair in self.pairs)

    def average_precision(self, level: Level) -> float:
        """Return the share of charts whose overlap reaches a threshold, in the mean over ten thresholds.

        In the compat mode it is that of the answers that could be understood, times the structure accuracy.
        """
        if not self.compat:
            return _mean(self._share(level, threshold) for threshold in THRESHOLDS)
        return self.structure_accuracy * _mean(self._share(level, threshold) for threshold in PUBLISHED_THRESHOLDS)

    def precision_at(self, level: Level, threshold: float) -> float:
        """Return the share of charts whose overlap reaches a threshold.

        In the compat mode those charts count whose answer could be understood.
        """
        return self._share(level, threshold if self.compat else threshold - SLACK)

    @property
    def exact_match(self) -> float:
        """The share of charts of which every value is right and none is added."""
        return self.precision_at("strict", 1.0)

    def text(self, field: TextField) -> float | None:
        """Return the mean similarity of a text over the charts that have it; without any None, or 9999 as published."""
        scores = [score.texts[field] for score in self._counted() if field in score.texts]
        return mean_similarity(scores, compat=self.compat)

    @property
    def rnss(self) -> float:
        """Mean RNSS of all charts."""
        return _mean(score.rnss for score in self.scores)

    @property
    def rms(self) -> Agreement:
        """Mean RMS precision, recall and F1 of all charts."""
        parts = [score.rms for score in self.scores]
        return Agreement(
            _mean(part.precision for part in parts),
            _mean(part.recall for part in parts),
            _mean(part.f1 for part in parts),
        )

    @property
    def trusted(self) -> int:
        """How many answers say how far they are to be trusted."""
        return sum(pair.trust is not None for pair in self.pairs)

    @property
    def trust_auroc(self) -> float | None:
        """How well the trust in an answer parts charts read in full, within the high tolerance, from others."""
        rows = [
            (pair.trust, score.overlap["high"] >= 1 - SLACK)
            for pair, score in zip(self.pairs, self.scores, strict=True)
            if pair.trust is not None
        ]
        return auroc([trust for trust, _ in rows], [is_right for _, is_right in rows])

    def _share(self, level: Level, threshold: float) -> float:
        return _mean(score.overlap[level] >= threshold for score in self._counted())

    def _counted(self) -> list[ChartScore]:
        """Return the scores of all charts, in the compat mode without those whose answer could not be understood."""
        rows = zip(self.pairs, self.scores, strict=True)
        return [score for pair, score in rows if pair.answer is not None or not self.compat]


def score_charts(pairs: Sequence[ChartPair], *, compat: bool = False) -> ChartScores:
    """Score a set; a chart without an answer has all of it wrong."""
    scores = tuple(score_chart(pair.truth, pair.answer, compat=compat) for pair in pairs)
    return ChartScores(tuple(pairs), scores, compat)


def score_chart(
    truth: Mapping[str, object], answer: Mapping[str, object] | None, *, compat: bool = False
) -> ChartScore:
    """Score one chart.

    Args:
        truth: {title, source, x_title, y_title, values}; see `ocr2.metrics.chart_points.table_of`.
        answer: Likewise; None if there is none that could be understood.
        compat: Whether to compute what the published scripts do.

    Raises:
        ValueError: If one of them has no values.

    Examples:
        >>> score = score_chart({"values": {"a": 10, "b": 20}}, {"values": {"Sales": {"a": "10 %", "b": "21"}}})
        >>> {level: round(overlap, 3) for level, overlap in score.overlap.items()}
        {'strict': 0.333, 'slight': 1.0, 'high': 1.0}
    """
    wanted = table_of(truth)
    if answer is None:
        texts = compare_texts(truth, {}, compat=compat)
        return ChartScore(dict.fromkeys(TOLERANCES, 0.0), texts, 0.0, Agreement(0.0, 0.0, 0.0))
    given = table_of(answer)
    measure = published_overlap if compat else point_overlap
    return ChartScore(
        {level: measure(wanted.points, given.points, tolerance) for level, tolerance in TOLERANCES.items()},
        compare_texts(truth, answer, compat=compat),
        rnss(wanted, given, compat=compat),
        rms(wanted, given, compat=compat),
    )


def auroc(scores: Sequence[float], hits: Sequence[bool]) -> float | None:
    """Return how often a hit has a higher score than a miss, equal ones counted half; None without both.

    Examples:
        >>> auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
        0.875
    """
    values, is_hit = np.asarray(scores, np.float64), np.asarray(hits, bool)
    positives, negatives = int(is_hit.sum()), int((~is_hit).sum())
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # from 1; equal scores share the mean of theirs
    wins = ranks[is_hit].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * negatives))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return float(np.mean(listed)) if listed else 0.0
