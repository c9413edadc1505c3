"""Kinds of charts that are not read: the shipped weights name charts drawn here, and leave readable ones alone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ocr2.charts.kinds import UNREAD_KINDS, describe_unread
from ocr2.models.protocols import UnreadKind
from ocr2.models.registry import load_chart_reader
from ocr2.onechart.nano.chart_kinds import (
    KindClassifier,
    Layer,
    load_classifier,
    parse_classifier,
    pool_patches,
    write_classifier,
)
from ocr2.onechart.nano.reader import NanoChartReader
from ocr2.reading.charts.unread import LIKELY

Draw = Callable[[Figure, np.random.Generator], object]


def plain(draw: Callable[[Axes, np.random.Generator], object]) -> Draw:
    """Draw into the axes of a figure."""
    return lambda figure, rng: draw(figure.add_subplot(), rng)


def groups(rng: np.random.Generator) -> list[NDArray[np.float64]]:
    return [rng.normal(middle, 1, 80) for middle in (1, 2, 4, 3)]


def grid() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-3, 3, 25))
    return x, y, np.sin(x) * np.cos(y)


def candles(axes: Axes, rng: np.random.Generator) -> None:
    first = 50 + np.cumsum(rng.normal(0, 1, 30))
    last = first + rng.normal(0, 1, 30)
    colour = np.where(last > first, "g", "r")
    axes.bar(np.arange(30), last - first, 0.6, bottom=first, color=colour.tolist())
    low, high = np.minimum(first, last) - rng.random(30), np.maximum(first, last) + rng.random(30)
    axes.vlines(np.arange(30), low, high, color=colour.tolist(), lw=1)


def radar(figure: Figure, rng: np.random.Generator) -> None:
    axes = figure.add_subplot(projection="polar")
    t, r = np.linspace(0, 2 * np.pi, 6), rng.uniform(0.3, 1, 6)
    axes.plot(t, [*r[:-1], r[0]])
    axes.fill(t, [*r[:-1], r[0]], alpha=0.3)
    axes.set_xticks(t[:-1], ["speed", "power", "range", "cost", "mass"])


UNREAD: dict[str, Draw] = {
    "box": plain(lambda axes, rng: axes.boxplot(groups(rng))),
    "violin": plain(lambda axes, rng: axes.violinplot(groups(rng), showmedians=True)),
    "heat-map": plain(lambda axes, rng: axes.figure.colorbar(axes.imshow(rng.random((6, 8))))),
    "contour": plain(lambda axes, rng: axes.contourf(*grid())),
    "vector-field": plain(lambda axes, rng: axes.quiver(*(g[::2, ::2] for g in (*grid()[:2], grid()[1], -grid()[0])))),
    "3-d": lambda figure, rng: figure.add_subplot(projection="3d").plot_surface(*grid(), cmap="viridis"),
    "candlestick": plain(candles),
    "radar": radar,
}
READABLE: dict[str, Draw] = {
    "bars": plain(lambda axes, rng: axes.bar(list("abcdef"), rng.uniform(1, 9, 6))),
    "lying bars": plain(lambda axes, rng: axes.barh(list("abcd"), rng.uniform(1, 9, 4))),
    "line": plain(lambda axes, rng: axes.plot(np.cumsum(rng.normal(size=30)))),
    "points": plain(lambda axes, rng: axes.scatter(*rng.normal(size=(2, 40)))),
    "pie": plain(lambda axes, rng: axes.pie([3, 4, 5], labels=["x", "y", "z"], autopct="%.0f%%")),
    "histogram": plain(lambda axes, rng: axes.hist(rng.normal(size=300), 30)),
    "error bars": plain(lambda axes, rng: axes.errorbar(range(8), rng.uniform(1, 9, 8), 0.7, fmt="o", capsize=4)),
    "areas": plain(lambda axes, rng: axes.stackplot(range(9), rng.uniform(1, 5, (3, 9)))),
}


@pytest.fixture(scope="module")
def reader() -> NanoChartReader:
    reader = load_chart_reader("onechart-nano")
    assert isinstance(reader, NanoChartReader)
    return reader


def kind_of(draw: Draw, reader: NanoChartReader) -> UnreadKind:
    figure = Figure(figsize=(5, 4), dpi=100)
    canvas = FigureCanvasAgg(figure)
    draw(figure, np.random.default_rng(5))
    canvas.draw()  # type: ignore[no-untyped-call]  # Matplotlib has no type here
    picture = np.asarray(canvas.buffer_rgba())[..., :3].copy()  # type: ignore[no-untyped-call]
    (reading,) = reader.read_charts([picture], [[]], max_new_tokens=1)
    assert reading.unread is not None
    return reading.unread


@pytest.mark.parametrize("name", UNREAD)
def test_a_chart_of_an_unread_kind_is_named(name: str, reader: NanoChartReader) -> None:
    found = kind_of(UNREAD[name], reader)
    assert (found.name, found.probability >= LIKELY) == (name, True)


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_chart_is_of_no_unread_kind(name: str, reader: NanoChartReader) -> None:
    assert kind_of(READABLE[name], reader).probability < LIKELY / 2


def test_the_shipped_classifier_knows_all_kinds() -> None:
    assert set(UNREAD_KINDS) < set(load_classifier().names)


def test_a_classifier_is_written_as_text_and_read_again() -> None:
    rng = np.random.default_rng(0)
    layers = [Layer(rng.normal(size=s).astype(np.float32), np.ones(s[1], np.float32)) for s in ((12, 5), (10, 3))]
    before = KindClassifier(("readable", "box", "map"), layers[0], layers[1])
    text = write_classifier(before)
    assert text.isascii()
    after = parse_classifier(text)
    features = rng.normal(size=(4, 9, 12)).astype(np.float32)
    np.testing.assert_allclose(after.probabilities(features), before.probabilities(features), atol=0.05)
    assert after.names == before.names
    assert write_classifier(after) == text


def test_the_probability_is_that_of_all_unread_kinds_together() -> None:
    bias = np.log(np.array([0.3, 0.5, 0.2], np.float32))
    none = Layer(np.zeros((4, 1), np.float32), np.zeros(1, np.float32))
    classifier = KindClassifier(("readable", "box", "map"), none, Layer(np.zeros((2, 3), np.float32), bias))
    found = classifier.classify(torch.rand(1, 4, 6, 4))
    assert found.name == "box"
    assert found.probability == pytest.approx(0.7, abs=1e-6)


def test_one_cell_is_enough_to_name_a_kind() -> None:
    hidden = Layer(np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    by_maximum = np.array([[0, 0], [0, 0], [0, 9], [0, 0]], np.float32)
    classifier = KindClassifier(("readable", "box"), hidden, Layer(by_maximum, np.array([4, 0], np.float32)))
    patches = torch.zeros(1, 8, 8, 2)
    assert classifier.classify(patches).probability < 0.1
    patches[0, 2:4, 4:6, 0] = 1.0
    assert classifier.classify(patches).probability > 0.9


def test_patches_are_averaged_in_squares() -> None:
    patches = torch.arange(16.0).view(1, 4, 4, 1)
    assert pool_patches(patches).tolist() == [[[2.5], [4.5], [10.5], [12.5]]]


def test_every_kind_is_described_in_one_line() -> None:
    for kind in UNREAD_KINDS:
        assert "not read" in describe_unread(kind)
        assert "\n" not in describe_unread(kind)
