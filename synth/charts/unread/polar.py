"""Round charts by Matplotlib that are no pies: radar charts, gauges, sunbursts."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Wedge

from ocr2.synth.charts.unread.canvas import Rng, colors, ink, names, title, word


def radar(figure: Figure, rng: Rng) -> None:
    """Draw a radar chart on round or straight grid lines, filled or not, or a line in polar coordinates."""
    if rng.random() < 0.3:
        _straight_radar(figure, rng)
        return
    axes = figure.add_subplot(projection="polar")
    if rng.random() < 0.2:
        t = np.linspace(0, 2 * np.pi * rng.choice([1, 2]), 200)
        axes.plot(t, t if rng.random() < 0.5 else np.abs(np.cos(int(rng.integers(1, 5)) * t)))
    else:
        count = int(rng.integers(3, 11))
        t = np.linspace(0, 2 * np.pi, count, endpoint=False)
        for shade, name in zip(colors(rng, int(rng.integers(1, 5))), names(rng, 5), strict=False):
            r = rng.uniform(0.2, 1, count) * 10 ** float(rng.integers(0, 3))
            axes.plot(np.r_[t, t[0]], np.r_[r, r[0]], color=shade, label=name)
            if rng.random() < 0.6:
                axes.fill(t, r, color=shade, alpha=0.3)
        axes.set_xticks(t, names(rng, count) if rng.random() < 0.5 else [word(rng) for _ in t])
        if rng.random() < 0.3:
            axes.legend(loc="upper right", bbox_to_anchor=(1.3, 1.1))
        if rng.random() < 0.3:
            axes.set_yticklabels([])
    if rng.random() < 0.4:
        axes.set_title(title(rng))


def _straight_radar(figure: Figure, rng: Rng) -> None:
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_aspect("equal")
    count = int(rng.integers(3, 10))
    t = np.pi / 2 + np.linspace(0, 2 * np.pi, count + 1)
    for ring in np.linspace(0.2, 1, int(rng.integers(3, 7))):
        axes.plot(ring * np.cos(t), ring * np.sin(t), color="0.7", lw=0.8)
    for angle, name in zip(t[:-1], names(rng, count), strict=True):
        axes.plot([0, np.cos(angle)], [0, np.sin(angle)], color="0.7", lw=0.8)
        axes.text(1.13 * np.cos(angle), 1.13 * np.sin(angle), name, ha="center", va="center")
    for shade in colors(rng, int(rng.integers(1, 4))):
        r = rng.uniform(0.2, 1, count)
        r = np.r_[r, r[0]]
        axes.plot(r * np.cos(t), r * np.sin(t), color=shade, marker="o" if rng.random() < 0.4 else "")
        axes.fill(r * np.cos(t), r * np.sin(t), color=shade, alpha=float(rng.choice([0, 0.25, 0.5])))
    if rng.random() < 0.4:
        axes.set_title(title(rng))


def gauge(figure: Figure, rng: Rng) -> None:
    """Draw a dial: coloured zones or a bar around it, ticks, a needle or none, its value below."""
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_aspect("equal" if rng.random() < 0.7 else "auto")
    start, end = ((180, 0), (180, 0), (225, -45), (210, -30))[int(rng.integers(4))]
    thick, value = float(rng.uniform(0.1, 0.45)), float(rng.random())
    zones = int(rng.choice([1, 1, 3, 4, 5]))
    palette = (
        [(0.8, 0.2, 0.2), (0.9, 0.7, 0.2), (0.3, 0.7, 0.3), (0.2, 0.5, 0.8), (0.5, 0.5, 0.5)]
        if rng.random() < 0.5
        else colors(rng, 5)
    )
    if zones == 1:
        at = start + value * (end - start)
        axes.add_patch(Wedge((0, 0), 1, end, start, width=thick, facecolor="0.88", edgecolor="none"))
        axes.add_patch(Wedge((0, 0), 1, at, start, width=thick, facecolor=palette[0], edgecolor="none"))
    for i in range(zones if zones > 1 else 0):
        low, high = start + (i + 1) / zones * (end - start), start + i / zones * (end - start)
        axes.add_patch(Wedge((0, 0), 1, low, high, width=thick, facecolor=palette[i], edgecolor="w"))
    scale = float(rng.choice([1, 10, 100, 100, 200, 240, 1000]))
    for share in np.linspace(0, 1, int(rng.choice([2, 3, 5, 6, 11]))):
        angle = np.radians(start + share * (end - start))
        far = 1.12 if rng.random() < 0.7 else 0.8 * (1 - thick)
        axes.text(far * np.cos(angle), far * np.sin(angle), f"{share * scale:g}", ha="center", va="center")
        axes.plot([0.98 * np.cos(angle), np.cos(angle)], [0.98 * np.sin(angle), np.sin(angle)], color=ink(), lw=1)
    angle = np.radians(start + value * (end - start))
    if zones > 1 or rng.random() < 0.5:
        tip = {"arrowstyle": ("->", "-|>", "wedge,tail_width=0.5")[int(rng.integers(3))], "color": ink()}
        axes.annotate("", (0.75 * np.cos(angle), 0.75 * np.sin(angle)), (0, 0), arrowprops=tip)
        axes.add_patch(Circle((0, 0), float(rng.uniform(0.02, 0.1)), color=ink()))
    unit = (" %", "", "", " km/h")[int(rng.integers(4))]
    axes.text(0, -0.3, f"{value * scale:.0f}{unit}", ha="center", size=int(rng.integers(12, 30)))
    axes.set_xlim(-1.3, 1.3)
    axes.set_ylim(-0.45 if end == 0 else -0.9, 1.25)
    if rng.random() < 0.5:
        axes.set_title(title(rng))


def sunburst(figure: Figure, rng: Rng) -> None:
    """Draw rings of parts and their parts."""
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_aspect("equal")
    roots = int(rng.integers(3, 7))
    parts = [(0.0, 360.0)]
    shades: list[tuple[float, ...]] = [(0.8, 0.8, 0.8)]
    levels, inner = int(rng.integers(2, 4)), float(rng.choice([0.0, 0.2, 0.3]))
    wide = (1 - inner) / levels
    for level in range(levels):
        ends: list[tuple[float, float]] = []
        tints: list[tuple[float, ...]] = []
        for (low, high), shade in zip(parts, shades, strict=True):
            count = roots if level == 0 else int(rng.integers(1, 5))
            cuts = low + (high - low) * np.cumsum(np.r_[0, rng.dirichlet(np.full(count, 2.0))])
            whole = 1.0 if level == 0 or rng.random() < 0.8 else 0.7
            for i, base in enumerate(colors(rng, count) if level == 0 else [shade] * count):
                tint = tuple(c + (1 - c) * 0.25 * (level > 0) for c in base)
                ends.append((float(cuts[i]), float(cuts[i] + whole * (cuts[i + 1] - cuts[i]))))
                tints.append(tint)
        parts, shades = ends, tints
        for (low, high), shade in zip(parts, shades, strict=True):
            outer = inner + (level + 1) * wide
            axes.add_patch(Wedge((0, 0), outer, low, high, width=wide, facecolor=shade, edgecolor="w", lw=1))
            if high - low > 14 and rng.random() < 0.8:
                middle, far = np.radians((low + high) / 2), outer - wide / 2
                axes.text(
                    far * np.cos(middle), far * np.sin(middle), names(rng, 1)[0], ha="center", va="center", size=7
                )
    axes.set_xlim(-1.05, 1.05)
    axes.set_ylim(-1.05, 1.05)
