"""Charts without axes by Matplotlib: treemaps, Sankey diagrams, networks, maps, word clouds and the like."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle

from ocr2.synth.charts.unread.canvas import Rng, axes_of, color_map, colors, ink, names, samples, title, word

Box = tuple[float, float, float, float]  # x, y, width, height


def _bare(figure: Figure, rng: Rng) -> Axes:
    axes = figure.add_subplot()
    axes.axis("off")
    if rng.random() < 0.4:
        axes.set_title(title(rng))
    return axes


def treemap(figure: Figure, rng: Rng) -> None:
    """Draw a rectangle cut into parts, and these into theirs."""
    axes = _bare(figure, rng)
    count = int(rng.integers(3, 9))
    nested = rng.random() < 0.5
    for (x, y, w, h), shade in zip(_cut((0, 0, 1, 1), count, rng), colors(rng, count), strict=True):
        inside = _cut((x, y, w, h), int(rng.integers(1, 7)), rng) if nested else [(x, y, w, h)]
        for part in inside:
            tint = np.clip(np.array(shade) * rng.uniform(0.85, 1.15), 0, 1)
            axes.add_patch(Rectangle(part[:2], part[2], part[3], facecolor=tint, edgecolor="w", lw=1.5))
            if part[2] > 0.1 and part[3] > 0.05:
                text = names(rng, 1)[0] + (f"\n{rng.integers(1, 999)}" if rng.random() < 0.4 else "")
                where = (part[0] + part[2] / 2, part[1] + part[3] / 2)
                axes.text(*where, text, ha="center", va="center", size=8, color="w" if sum(tint) < 1.6 else "k")


def _cut(box: Box, count: int, rng: Rng) -> list[Box]:
    """Cut a box into `count` parts, each time along its longer side."""
    if count == 1:
        return [box]
    x, y, w, h = box
    first = count // 2
    share = float(np.clip(rng.normal(first / count, 0.12), 0.25, 0.75))
    if w >= h:
        return _cut((x, y, w * share, h), first, rng) + _cut((x + w * share, y, w - w * share, h), count - first, rng)
    return _cut((x, y, w, h * share), first, rng) + _cut((x, y + h * share, w, h - h * share), count - first, rng)


def sankey(figure: Figure, rng: Rng) -> None:
    """Draw columns of nodes and curved bands between them."""
    axes = _bare(figure, rng)
    columns = [int(rng.integers(2, 6)) for _ in range(int(rng.integers(2, 5)))]
    gray, wide = rng.random() < 0.4, float(rng.uniform(0.02, 0.08))
    ends: list[list[list[float]]] = []
    t = np.linspace(0, 1, 30)
    bend = 3 * t**2 - 2 * t**3
    for i, count in enumerate(columns):
        heights = rng.dirichlet(np.full(count, 3.0)) * 0.8
        bases = np.cumsum(np.r_[0, heights[:-1] + 0.2 / max(1, count)])
        ends.append([[float(b), float(b + h), float(b)] for b, h in zip(bases, heights, strict=True)])
        for (low, high, _), shade in zip(ends[i], colors(rng, count), strict=True):
            axes.add_patch(Rectangle((i, low), wide, high - low, facecolor=shade, zorder=3))
            axes.text(i + wide * 1.3, (low + high) / 2, names(rng, 1)[0], va="center", size=8, zorder=4)
    for i in range(len(columns) - 1):
        shades = colors(rng, columns[i])
        shares = rng.dirichlet(np.full(columns[i + 1], 1.0), columns[i])
        heights = np.array([high - low for low, high, _ in ends[i]])
        arriving = shares * heights[:, None]
        for j, target in enumerate(ends[i + 1]):
            arriving[:, j] *= (target[1] - target[0]) / arriving[:, j].sum()
        left = [low for low, _, _ in ends[i]]
        for a, b in np.ndindex(*shares.shape):
            out, into, start = float(shares[a, b] * heights[a]), float(arriving[a, b]), ends[i + 1][b][2]
            lower = left[a] + (start - left[a]) * bend
            upper = left[a] + out + (start + into - left[a] - out) * bend
            axes.fill_between(i + wide + (1 - wide) * t, lower, upper, alpha=0.45, lw=0,
                              color="0.6" if gray else shades[a])  # fmt: skip
            left[a] += out
            ends[i + 1][b][2] += into


def network(figure: Figure, rng: Rng) -> None:
    """Draw nodes and links: at random, around a circle, or as a tree."""
    axes = _bare(figure, rng)
    count = int(rng.integers(5, 40))
    match int(rng.integers(3)):
        case 0:
            places = rng.uniform(0, 1, (count, 2))
            links = [(i, j) for i in range(count) for j in np.argsort(np.abs(places - places[i]).sum(1))[1:3]]
        case 1:
            t = np.linspace(0, 2 * np.pi, count, endpoint=False)
            places = np.stack([np.cos(t), np.sin(t)], axis=1)
            links = [(int(a), int(b)) for a, b in rng.integers(0, count, (2 * count, 2))]
        case _:
            links = [((i - 1) // 3, i) for i in range(1, count)]
            depth = np.array([int(np.log(2 * i + 1) / np.log(3) + 1e-9) for i in range(count)])
            spread = [(k + 0.5) / np.sum(depth == d) for d in range(depth.max() + 1) for k in range(np.sum(depth == d))]
            places = np.stack([np.array(spread), -depth], axis=1)
    for a, b in links:
        arrow = {"arrowstyle": "->" if rng.random() < 0.2 else "-", "color": "0.5"}
        axes.annotate("", places[b], places[a], arrowprops=arrow)
    sizes = rng.uniform(30, 600, count) if rng.random() < 0.6 else np.full(count, float(rng.choice([60, 300])))
    x, y = places.T
    axes.scatter(x, y, s=sizes, c=colors(rng, count) if rng.random() < 0.5 else None, zorder=3)
    if rng.random() < 0.6:
        for (left, top), name in zip(places.tolist(), names(rng, count), strict=True):
            axes.text(left, top, name, ha="center", va="center", size=8, zorder=4)


def region_map(figure: Figure, rng: Rng) -> None:
    """Draw made-up countries in the colours of their values, or land with points on it."""
    axes = _bare(figure, rng)
    if rng.random() < 0.4:
        axes.axis("on")
    axes.set_aspect("equal")
    shapes = countries(rng)
    edge, plain = ("w", "k", "0.5")[int(rng.integers(3))], rng.random() < 0.35
    drawn = PolyCollection(shapes, edgecolors=edge, linewidths=float(rng.uniform(0.3, 1)))
    if plain:
        drawn.set_facecolor("0.85")
    else:
        drawn.set_cmap(color_map(rng))
        drawn.set_array(rng.random(len(shapes)))
        if rng.random() < 0.5:
            figure.colorbar(drawn, ax=axes, shrink=0.7)
    axes.add_collection(drawn)
    if plain or rng.random() < 0.2:
        x, y = np.array([shape.mean(axis=0) for shape in shapes]).T
        axes.scatter(x, y, s=rng.uniform(5, 150, len(x)), alpha=0.7, zorder=3)
    axes.autoscale_view()


def countries(rng: Rng) -> list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Return outlines (points, 2) of neighbouring lands with rough borders and coasts; some parts are sea."""
    side = int(rng.integers(3, 10))
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    corners += rng.uniform(-0.33, 0.33, corners.shape)
    edges: dict[tuple[int, int, int, int], np.ndarray[tuple[int, int], np.dtype[np.float64]]] = {}

    def border(i: int, j: int, k: int, m: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        if (k, m, i, j) in edges:
            return edges[k, m, i, j][::-1]
        line = corners[[i, k], [j, m]]
        for roughness in (0.12, 0.06, 0.03, 0.015):  # each piece is broken in the middle
            middle = (line[1:] + line[:-1]) / 2 + rng.normal(0, roughness, (len(line) - 1, 2))
            line = np.insert(line, np.arange(1, len(line)), middle, axis=0)
        edges[i, j, k, m] = line
        return line

    shapes = []
    middle, reach = side / 2, side / 2 * rng.uniform(0.7, 1.2)
    for i, j in np.ndindex(side, side):
        if np.hypot(i + 0.5 - middle, j + 0.5 - middle) > reach or rng.random() < 0.08:
            continue
        around = ((i, j, i, j + 1), (i, j + 1, i + 1, j + 1), (i + 1, j + 1, i + 1, j), (i + 1, j, i, j))
        shapes.append(np.concatenate([border(*ends)[:-1] for ends in around]))
    return shapes or [corners[[0, 0, 1, 1], [0, 1, 1, 0]]]


def parallel(figure: Figure, rng: Rng) -> None:
    """Draw many lines across several upright axes."""
    axes = axes_of(figure, rng, titled=0.3)
    count, lines = int(rng.integers(3, 9)), int(rng.integers(15, 160))
    groups = int(rng.integers(1, 5))
    middles = rng.uniform(0, 1, (groups, count))
    for shade, middle in zip(colors(rng, groups), middles, strict=True):
        values = middle + rng.normal(0, 0.12, (lines // groups + 1, count))
        axes.plot(np.arange(count), values.T, color=shade, alpha=float(rng.uniform(0.3, 0.9)), lw=0.8)
    for i in range(count):
        axes.axvline(i, color=ink(), lw=1)
    axes.set_xticks(range(count), [word(rng) for _ in range(count)] if rng.random() < 0.5 else names(rng, count))
    axes.set_xlim(0, count - 1)
    if rng.random() < 0.4:
        axes.set_yticks([])


def other(figure: Figure, rng: Rng) -> None:
    """Draw a chart of a rarer kind: events as strokes, ridges, a cloud of words, circles that overlap, a funnel."""
    match int(rng.integers(5)):
        case 0:
            axes = axes_of(figure, rng)
            times = [rng.uniform(0, 10, int(rng.integers(5, 60))) for _ in range(int(rng.integers(2, 16)))]
            axes.eventplot(times, colors=colors(rng, len(times)) if rng.random() < 0.5 else None)
        case 1:
            axes = axes_of(figure, rng)
            groups = samples(rng, int(rng.integers(4, 10)))
            x = np.linspace(min(map(np.min, groups)), max(map(np.max, groups)), 150)
            for i, (group, shade) in enumerate(zip(groups, colors(rng, len(groups)), strict=True)):
                hill = np.exp(-0.5 * ((x[:, None] - group) / (0.3 * group.std())) ** 2).sum(axis=1)
                axes.fill_between(
                    x, -i, -i + 1.6 * hill / hill.max(), facecolor=shade, edgecolor="k", zorder=i, alpha=0.8
                )
            axes.set_yticks(-np.arange(len(groups)), names(rng, len(groups)))
        case 2:
            axes = _bare(figure, rng)
            count = int(rng.integers(25, 70))
            for text, shade in zip(names(rng, count), colors(rng, count), strict=True):
                size, turn = float(rng.uniform(7, 34)), float(rng.choice([0, 0, 90]))
                x, y = rng.uniform(0, 1, 2).tolist()
                axes.text(x, y, text, size=size, color=shade, rotation=turn, ha="center", va="center")
        case 3:
            axes = _bare(figure, rng)
            axes.set_aspect("equal")
            count = int(rng.integers(2, 4))
            for i, shade in enumerate(colors(rng, count)):
                place = 0.6 * np.cos(2 * np.pi * i / count), 0.6 * np.sin(2 * np.pi * i / count)
                axes.add_patch(Circle(place, float(rng.uniform(0.8, 1)), facecolor=shade, alpha=0.45, edgecolor="k"))
                axes.text(1.4 * place[0], 1.4 * place[1], f"{names(rng, 1)[0]}\n{rng.integers(1, 99)}", ha="center")
            axes.set_xlim(-1.7, 1.7)
            axes.set_ylim(-1.7, 1.7)
        case _:
            axes = _bare(figure, rng)
            count = int(rng.integers(3, 8))
            wide = np.sort(rng.uniform(0.1, 1, count + 1))[::-1]
            for i, (shade, name) in enumerate(zip(colors(rng, count), names(rng, count), strict=True)):
                y = -i, -i - 0.94
                corners = [(-wide[i], y[0]), (wide[i], y[0]), (wide[i + 1], y[1]), (-wide[i + 1], y[1])]
                axes.add_patch(Polygon(corners, facecolor=shade, edgecolor="none"))
                axes.text(0, -i - 0.47, name, ha="center", va="center", color="w")
            axes.set_xlim(-1.2, 1.2)
            axes.set_ylim(-count, 0.2)
