"""Readable charts by Matplotlib that look like unread ones: histograms, error bars, bubbles, roses, small multiples."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Wedge

from ocr2.synth.charts.unread.canvas import Rng, axes_of, colors, names, samples, title


def draw_readable(figure: Figure, rng: Rng) -> None:
    """Draw one of many charts that are read."""
    drawers = (
        histogram, error_bars, bubbles, steps, bands, rose, twin, multiples, stems, floating, dense, dots, rings,
    )  # fmt: skip
    drawers[int(rng.integers(len(drawers)))](figure, rng)


def histogram(figure: Figure, rng: Rng) -> None:
    """Draw one or several histograms, of up to eighty bins."""
    axes = axes_of(figure, rng)
    many = rng.random() < 0.3
    data = samples(rng, int(rng.integers(2, 4)) if many else 1)
    axes.hist(
        data if many else data[0], bins=int(rng.integers(5, 80)), alpha=float(rng.uniform(0.5, 1)),
        histtype=("bar", "bar", "step", "stepfilled")[int(rng.integers(4))],
        orientation="vertical" if rng.random() < 0.85 else "horizontal",
    )  # fmt: skip
    if rng.random() < 0.2:
        axes.axvline(data[0].mean(), color="r", ls="--")


def error_bars(figure: Figure, rng: Rng) -> None:
    """Draw points, lines or bars with error bars."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(3, 20))
    x = np.arange(count)
    for _ in range(int(rng.integers(1, 4))):
        y = rng.uniform(1, 10, count)
        spread = rng.uniform(0.1, 1.8, count)
        if rng.random() < 0.4:
            axes.bar(x, y, yerr=spread, capsize=float(rng.choice([0, 3, 5, 8])), color=colors(rng, 1)[0])
            axes.set_xticks(x, names(rng, count))
            return
        mark = ("o", "s", ".", "^")[int(rng.integers(4))]
        line = "-" if rng.random() < 0.4 else ""
        axes.errorbar(x, y, spread, fmt=mark + line, capsize=float(rng.choice([0, 2, 4])))


def bubbles(figure: Figure, rng: Rng) -> None:
    """Draw points of several sizes or colours, at times thousands."""
    axes = axes_of(figure, rng)
    count = int(np.exp(rng.uniform(np.log(5), np.log(1500))))
    x, y = rng.normal(size=(2, count))
    y = y + x * rng.uniform(-2, 2)
    coloured = rng.random() < 0.4
    sizes = rng.uniform(5, 500, count) if count < 60 and rng.random() < 0.6 else None
    drawn = axes.scatter(x, y, s=sizes, c=y if coloured else None, alpha=float(rng.uniform(0.4, 1)))
    if coloured and rng.random() < 0.6:
        figure.colorbar(drawn, ax=axes)
    if rng.random() < 0.2:
        axes.plot(x, np.polyval(np.polyfit(x, y, 1), x), "r")


def steps(figure: Figure, rng: Rng) -> None:
    """Draw stairs."""
    axes = axes_of(figure, rng)
    for _ in range(int(rng.integers(1, 4))):
        y = np.cumsum(rng.normal(0, 1, int(rng.integers(6, 60))))
        axes.step(np.arange(len(y)), y, where=("pre", "mid", "post")[int(rng.integers(3))])


def bands(figure: Figure, rng: Rng) -> None:
    """Draw lines with bands of confidence around them."""
    axes = axes_of(figure, rng)
    x = np.arange(int(rng.integers(8, 80)))
    for shade in colors(rng, int(rng.integers(1, 4))):
        y = np.cumsum(rng.normal(0, 1, len(x)))
        spread = rng.uniform(0.4, 1.5) * (1 + 0.05 * x)
        axes.plot(x, y, color=shade, label="fit")
        axes.fill_between(x, y - spread, y + spread, color=shade, alpha=0.25)
    if rng.random() < 0.3:
        axes.legend()


def rose(figure: Figure, rng: Rng) -> None:
    """Draw bars around a circle, with or without a polar grid."""
    count = int(rng.integers(4, 17))
    r = rng.uniform(1, 10, count)
    if rng.random() < 0.5:
        polar = figure.add_subplot(projection="polar")
        t = np.linspace(0, 2 * np.pi, count, endpoint=False)
        polar.bar(t, r, width=2 * np.pi / count * rng.uniform(0.7, 1), color=colors(rng, count))
        polar.set_xticks(t, names(rng, count))
        return
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_aspect("equal")
    hole = float(rng.choice([0, 1, 3]))
    for i, (far, shade, name) in enumerate(zip(r, colors(rng, count), names(rng, count), strict=True)):
        low, high = 360 * i / count, 360 * (i + 1) / count
        axes.add_patch(Wedge((0, 0), far + hole, low, high, width=far, facecolor=shade, edgecolor="w"))
        middle = np.radians((low + high) / 2)
        axes.text((far + hole + 1) * np.cos(middle), (far + hole + 1) * np.sin(middle), f"{name} {far:.1f}", size=8)
    axes.set_xlim(-14, 14)
    axes.set_ylim(-14, 14)


def twin(figure: Figure, rng: Rng) -> None:
    """Draw bars and a line on an axis of its own."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(4, 14))
    axes.bar(names(rng, count) if rng.random() < 0.5 else np.arange(count), rng.uniform(1, 9, count), color="tab:blue")
    axes.twinx().plot(np.arange(count), rng.uniform(10, 90, count), "o-", color="tab:red")


def multiples(figure: Figure, rng: Rng) -> None:
    """Draw a grid of small charts."""
    rows, columns = ((1, 2), (2, 1), (2, 2), (2, 3), (3, 3), (1, 3))[int(rng.integers(6))]
    kind = int(rng.integers(4))
    for axes in figure.subplots(rows, columns, squeeze=False).ravel():
        _small(axes, kind, rng)
    if rng.random() < 0.4:
        figure.suptitle(title(rng))


def _small(axes: Axes, kind: int, rng: Rng) -> None:
    if kind == 0:
        axes.bar(np.arange(5), rng.uniform(1, 9, 5))
    elif kind == 1:
        axes.plot(np.cumsum(rng.normal(size=40)))
    elif kind == 2:
        x, y = rng.normal(size=(2, 40))
        axes.scatter(x, y, s=9)
    else:
        axes.pie(rng.uniform(1, 5, 4))
    if rng.random() < 0.5:
        axes.set_title(names(rng, 1)[0])


def stems(figure: Figure, rng: Rng) -> None:
    """Draw lollipops."""
    axes = axes_of(figure, rng)
    axes.stem(rng.normal(2, 3, int(rng.integers(5, 40))))


def floating(figure: Figure, rng: Rng) -> None:
    """Draw bars that begin anywhere: ranges, or steps of a total."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(3, 12))
    change = rng.normal(1, 3, count)
    base = np.r_[0, np.cumsum(change)[:-1]] if rng.random() < 0.5 else rng.uniform(0, 6, count)
    shades = ["tab:green" if c > 0 else "tab:red" for c in change] if rng.random() < 0.5 else colors(rng, 1)[0]
    if rng.random() < 0.5:
        axes.bar(np.arange(count), change, bottom=base, color=shades)
        axes.set_xticks(np.arange(count), names(rng, count))
    else:
        axes.barh(np.arange(count), np.abs(change), left=base, color=shades)
        axes.set_yticks(np.arange(count), names(rng, count))


def dense(figure: Figure, rng: Rng) -> None:
    """Draw stacks of many parts, or groups of many bars."""
    axes = axes_of(figure, rng)
    series, count = int(rng.integers(3, 9)), int(rng.integers(5, 30))
    values = rng.uniform(0.5, 4, (series, count))
    values = values / values.sum(axis=0) * 100 if rng.random() < 0.4 else values
    base = np.zeros(count)
    upright, stacked = rng.random() < 0.7, rng.random() < 0.7
    wide = float(rng.choice([0.5, 0.8, 0.9, 1.0]))
    for i, (row, shade) in enumerate(zip(values, colors(rng, series), strict=True)):
        x = np.arange(count) + (0 if stacked else i * wide / series)
        thick, start = (wide, base) if stacked else (wide / series, np.zeros(count))
        if upright:
            axes.bar(x, row, thick, bottom=start, color=shade, label=f"s{i}")
        else:
            axes.barh(x, row, thick, left=start, color=shade, label=f"s{i}")
        base = base + row
    if rng.random() < 0.5:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def dots(figure: Figure, rng: Rng) -> None:
    """Draw the points of several groups in strips."""
    axes = axes_of(figure, rng)
    data = samples(rng, int(rng.integers(2, 8)))
    for i, group in enumerate(data):
        axes.plot(i + rng.uniform(-0.2, 0.2, len(group)), group, ".", ms=float(rng.uniform(3, 8)))
    axes.set_xticks(range(len(data)), names(rng, len(data)))


def rings(figure: Figure, rng: Rng) -> None:
    """Draw a pie or a ring with shares printed on it."""
    axes = figure.add_subplot()
    count = int(rng.integers(2, 9))
    hole = {"width": float(rng.uniform(0.25, 0.6))} if rng.random() < 0.5 else None
    labels = names(rng, count)
    axes.pie(rng.uniform(1, 9, count), labels=labels if rng.random() < 0.7 else None, colors=colors(rng, count),
             autopct="%.0f%%" if rng.random() < 0.6 else None, wedgeprops=hole,
             explode=[0.1 * (rng.random() < 0.2) for _ in labels], shadow=bool(rng.random() < 0.1))  # fmt: skip
    if rng.random() < 0.4:
        axes.legend(labels)
    if rng.random() < 0.4:
        axes.set_title(title(rng))
