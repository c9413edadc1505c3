"""Fitting the classifier of kinds: it separates what can be separated, and the seed decides everything else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr2.onechart.nano.chart_kinds import parse_classifier, write_classifier
from ocr2.synth.charts.unread.pages import NO_CHART
from ocr2.synth.groups import write_group
from ocr2.train.chart_kinds import NAMES, empty_samples, fit_classifier, matplotlib_samples

KINDS = ["readable", "box", "map"] * 40


def features() -> NDArray[np.float16]:
    """Return cells (n, 9, 12) that are noise, but one of each picture, anywhere, shows the kind."""
    rng = np.random.default_rng(3)
    marks = {kind: rng.normal(0, 4, 12) for kind in sorted(set(KINDS))}
    cells = rng.normal(0, 1, (len(KINDS), 9, 12))
    for i, kind in enumerate(KINDS):
        cells[i, rng.integers(9)] += marks[kind]
    return cells.astype(np.float16)


def test_kinds_apart_are_named_right_also_when_written_as_bytes() -> None:
    classifier = parse_classifier(write_classifier(fit_classifier(features(), KINDS, seed=1)))
    found = classifier.probabilities(features().astype(np.float32)).argmax(axis=1)
    assert np.mean([NAMES[i] == kind for i, kind in zip(found, KINDS, strict=True)]) > 0.95


def test_one_seed_gives_one_text() -> None:
    texts = [write_classifier(fit_classifier(features(), KINDS, seed=seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_samples_have_their_kind_and_depend_on_the_seed() -> None:
    drawn = [list(matplotlib_samples(1, 1, seed, empty=1)) for seed in (4, 4, 5)]
    assert {sample.kind for sample in drawn[0]} == set(NAMES)
    assert all((a.picture == b.picture).all() for a, b in zip(drawn[0], drawn[1], strict=True))
    assert any(a.picture.shape != b.picture.shape for a, b in zip(drawn[0], drawn[2], strict=True))


@dataclass(frozen=True)
class Gray:
    pixels: NDArray[np.uint8]
    record: Mapping[str, object]


def test_groups_of_gray_pictures_hold_no_charts(tmp_path: Path) -> None:
    write_group(tmp_path / "group-00000.npz", [Gray(np.full((40, 60), i, np.uint8), {}) for i in range(5)])
    samples = list(empty_samples([tmp_path], 3, seed=1))
    assert [(s.kind, s.picture.ndim, s.picture.shape[2]) for s in samples] == [(NO_CHART, 3, 3)] * 3
