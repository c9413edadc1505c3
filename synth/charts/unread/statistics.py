"""Distributions and tables of numbers by Matplotlib: box plots, violins, heat maps, binned points, candlesticks."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ocr2.synth.charts.unread.canvas import Rng, axes_of, color_map, colors, field, ink, names, samples


def box(figure: Figure, rng: Rng) -> None:
    """Draw box plots: upright or lying, open, filled or notched, alone or in groups, with their points."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(1, 12))
    data = samples(rng, count)
    upright = rng.random() < 0.7
    groups = int(rng.integers(2, 4)) if count < 6 and rng.random() < 0.3 else 1
    filled = rng.random() < 0.55 or groups > 1
    palette = colors(rng, max(count, groups))
    for group in range(groups):
        shifted = [d + rng.normal(0, abs(d).mean() / 3) for d in data]
        drawn = axes.boxplot(
            shifted,
            positions=np.arange(count) + (group - (groups - 1) / 2) * 0.8 / groups,
            widths=float(rng.uniform(0.25, 0.8)) / groups,
            notch=bool(rng.random() < 0.2),
            showfliers=bool(rng.random() < 0.8),
            showmeans=bool(rng.random() < 0.2),
            patch_artist=bool(filled),
            orientation="vertical" if upright else "horizontal",
        )
        for i, patch in enumerate(drawn["boxes"] if filled else []):
            patch.set_facecolor(palette[group] if groups > 1 or rng.random() < 0.3 else palette[i])
    ticks = names(rng, count)
    (axes.set_xticks if upright else axes.set_yticks)(np.arange(count), ticks)
    if rng.random() < 0.2:
        for i, d in enumerate(data):
            spread = i + rng.uniform(-0.15, 0.15, len(d))
            axes.plot(*((spread, d) if upright else (d, spread)), ".", alpha=0.4)
    _grid(axes, rng)


def seaborn_box(figure: Figure, rng: Rng) -> None:
    """Draw box plots as seaborn does."""
    import pandas as pd
    import seaborn as sns

    axes = axes_of(figure, rng)
    data = samples(rng, int(rng.integers(2, 9)))
    labels = names(rng, len(data))
    frame = pd.concat([pd.DataFrame({"g": n, "v": d}) for n, d in zip(labels, data, strict=True)])
    frame["h"] = rng.choice(["a", "b"], len(frame))
    hue = "h" if rng.random() < 0.35 else "g" if rng.random() < 0.4 else None
    x, y = ("g", "v") if rng.random() < 0.7 else ("v", "g")
    (sns.boxplot if rng.random() < 0.8 else sns.boxenplot)(frame, x=x, y=y, hue=hue, ax=axes)


def violin(figure: Figure, rng: Rng) -> None:
    """Draw violins: Matplotlib's, or seaborn's with boxes, quartiles or halves."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(1, 9))
    data = samples(rng, count)
    if rng.random() < 0.5:
        upright = rng.random() < 0.7
        axes.violinplot(
            data,
            positions=np.arange(count),
            widths=float(rng.uniform(0.4, 0.95)),
            showmedians=bool(rng.random() < 0.5),
            showmeans=bool(rng.random() < 0.2),
            showextrema=bool(rng.random() < 0.8),
            orientation="vertical" if upright else "horizontal",
        )
        if rng.random() < 0.7:
            (axes.set_xticks if upright else axes.set_yticks)(np.arange(count), names(rng, count))
    else:
        import pandas as pd
        import seaborn as sns

        frame = pd.concat([pd.DataFrame({"g": n, "v": d}) for n, d in zip(names(rng, count), data, strict=True)])
        frame["h"] = rng.choice(["a", "b"], len(frame))
        hue = "h" if rng.random() < 0.35 else "g" if rng.random() < 0.4 else None
        inner = ("box", "quart", "point", None)[int(rng.integers(4))]
        x, y = ("g", "v") if rng.random() < 0.7 else ("v", "g")
        halves = hue == "h" and rng.random() < 0.5
        sns.violinplot(frame, x=x, y=y, hue=hue, split=halves, inner=inner, ax=axes)
    _grid(axes, rng)


def heat_map(figure: Figure, rng: Rng) -> None:
    """Draw a matrix as cells: with numbers in them or a colour bar, a half of it, seaborn's, or a smooth image."""
    axes = axes_of(figure, rng, titled=0.4)
    rows, columns = int(rng.integers(2, 21)), int(rng.integers(2, 25))
    cells = rng.random((rows, columns))
    match int(rng.integers(5)):
        case 0:
            cells = np.asarray(np.corrcoef(rng.normal(size=(rows, 12)) + rng.normal(size=12)), np.float64)
        case 1:
            side = int(rng.integers(15, 80))
            cells = field(rng, side).z
        case 2:
            cells = np.cumsum(cells, axis=1)
    rows, columns = cells.shape
    numbered = max(rows, columns) < 13 and rng.random() < 0.5
    colouring = color_map(rng)
    if rng.random() < 0.3 and max(rows, columns) < 25:
        import seaborn as sns

        mask = np.triu(np.ones_like(cells, bool)) if rows == columns > 3 and rng.random() < 0.4 else None
        sns.heatmap(
            cells, annot=bool(numbered), fmt=".2f" if rng.random() < 0.6 else ".1f", cmap=colouring, mask=mask,
            linewidths=float(rng.choice([0, 0, 0.5, 1])), square=bool(rng.random() < 0.4),
            cbar=bool(rng.random() < 0.8), ax=axes,
        )  # fmt: skip
        return
    mesh = rng.random() < 0.3
    drawn = (
        axes.pcolormesh(cells, cmap=colouring)
        if mesh
        else axes.imshow(cells, cmap=colouring, aspect="auto" if rng.random() < 0.5 else "equal")
    )
    shift = 0.5 if mesh else 0.0
    if numbered:
        for i, j in np.ndindex(rows, columns):
            white = cells[i, j] < np.median(cells)
            axes.text(j + shift, i + shift, f"{cells[i, j]:.2g}", ha="center", va="center",
                      color="w" if white else "k")  # fmt: skip
    if max(rows, columns) < 16 and rng.random() < 0.6:
        axes.set_xticks(np.arange(columns) + shift, names(rng, columns), rotation=float(rng.choice([0, 45, 90])))
        axes.set_yticks(np.arange(rows) + shift, names(rng, rows))
    if rng.random() < 0.7:
        figure.colorbar(drawn, ax=axes)


def binned(figure: Figure, rng: Rng) -> None:
    """Draw the density of points in hexagons or squares."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(300, 5000))
    x = rng.normal(size=count) * 10 ** float(rng.integers(0, 3))
    y = x * rng.uniform(-1, 1) + rng.normal(size=count)
    if rng.random() < 0.6:
        drawn = axes.hexbin(x, y, gridsize=int(rng.integers(8, 45)), cmap=color_map(rng),
                            mincnt=1 if rng.random() < 0.4 else None)  # fmt: skip
        if rng.random() < 0.7:
            figure.colorbar(drawn, ax=axes)
    else:
        *_, image = axes.hist2d(x, y, bins=int(rng.integers(8, 60)), cmap=color_map(rng))
        if rng.random() < 0.7:
            figure.colorbar(image, ax=axes)


def candlestick(figure: Figure, rng: Rng) -> None:
    """Draw prices as candles, or as bars with ticks for first and last, with averages and volumes or without."""
    axes = axes_of(figure, rng)
    count = int(rng.integers(8, 90))
    x = np.arange(count)
    first = 10 ** float(rng.uniform(0, 3)) * np.exp(np.cumsum(rng.normal(0, 0.02, count)))
    last = first * np.exp(rng.normal(0, 0.02, count))
    high = np.maximum(first, last) * (1 + rng.exponential(0.008, count))
    low = np.minimum(first, last) * (1 - rng.exponential(0.008, count))
    pairs = (("g", "r"), ("#26a69a", "#ef5350"), ("w", ink()), ("tab:green", "tab:red"), (ink(), "r"), ("C0", "C1"))
    up, down = pairs[int(rng.integers(len(pairs)))]
    shades = [up if rises else down for rises in last >= first]
    edges = [ink()] * count if "w" in (up, down) else shades
    axes.vlines(x, low, high, color=edges, linewidth=float(rng.uniform(0.6, 1.6)))
    if rng.random() < 0.8:
        axes.bar(x, last - first, float(rng.uniform(0.45, 0.9)), bottom=first, color=shades, edgecolor=edges)
    else:
        axes.hlines(first, x - 0.35, x, color=edges)
        axes.hlines(last, x, x + 0.35, color=edges)
    axes.set_ylim(low.min() * 0.985, high.max() * 1.015)
    if rng.random() < 0.3:
        axes.plot(x, np.convolve(last, np.ones(5) / 5, "same"), color="C0", lw=1)
        axes.set_xlim(3, count - 3)
    if rng.random() < 0.5:
        ticks = x[:: max(1, count // 6)]
        axes.set_xticks(ticks, [f"{1 + int(i) // 28:02}-{1 + int(i) % 28:02}" for i in ticks],
                        rotation=float(rng.choice([0, 30, 45])))  # fmt: skip
    _grid(axes, rng)


def _grid(axes: Axes, rng: Rng) -> None:
    if rng.random() < 0.25:
        axes.grid(True, alpha=0.6)
