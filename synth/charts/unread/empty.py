"""Pictures by Matplotlib without a chart, whose strokes look like one's: scores, molecules, tables, flow diagrams."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyBboxPatch

from ocr2.synth.charts.unread.canvas import Rng, names, word


def draw_empty(figure: Figure, rng: Rng) -> None:
    """Draw one of several pictures that are no charts."""
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    axes.axis("off")
    drawers = (staves, staves, molecule, table, flow)
    drawers[int(rng.integers(len(drawers)))](axes, rng)


def staves(axes: Axes, rng: Rng) -> None:
    """Draw systems of five lines with notes, stems, beams and bars."""
    systems, long = int(rng.integers(1, 9)), float(rng.uniform(8, 40))
    for system in range(systems):
        base = -10.0 * system
        for line in range(5):
            axes.plot([0, long], [base + line, base + line], color="k", lw=float(rng.choice([0.6, 1.0])))
        for bar in np.linspace(0, long, int(rng.integers(2, 7))):
            axes.plot([bar, bar], [base, base + 4], color="k", lw=1)
        x = np.sort(rng.uniform(1, long, int(rng.integers(4, 30))))
        for i, (place, height) in enumerate(zip(x, base + rng.integers(-2, 12, len(x)) / 2, strict=True)):
            filled = rng.random() < 0.75
            axes.add_patch(Ellipse((place, height), 0.7, 0.9, facecolor="k" if filled else "w", edgecolor="k"))
            up = 3.2 if rng.random() < 0.5 else -3.2
            axes.plot([place + 0.3, place + 0.3], [height, height + up], color="k", lw=1)
            if i % 3 == 0 and i + 1 < len(x):
                axes.plot([place + 0.3, x[i + 1] + 0.3], [height + up, height + up], color="k", lw=3)
    axes.set_xlim(-0.5, long + 0.5)
    axes.set_ylim(-10 * (systems - 1) - 4, 9)


def molecule(axes: Axes, rng: Rng) -> None:
    """Draw rings and chains of bonds with letters at some atoms."""
    axes.set_aspect("equal")
    for ring in range(int(rng.integers(1, 5))):
        middle = np.array([1.74 * ring, 1.0 * (ring % 2) * rng.integers(0, 2)])
        t = np.pi / 6 + np.linspace(0, 2 * np.pi, 7)
        axes.plot(middle[0] + np.cos(t), middle[1] + np.sin(t), color="k", lw=1.2)
        for i in range(0, 6, 2):
            inner = middle[:, None] + 0.82 * np.stack([np.cos(t[i : i + 2]), np.sin(t[i : i + 2])])
            axes.plot(*inner, color="k", lw=1.2)
        at = int(rng.integers(6))
        chain = middle + np.array([np.cos(t[at]), np.sin(t[at])])
        for _ in range(int(rng.integers(1, 6))):
            step = chain + np.array([np.cos(a := rng.choice(t)), np.sin(a)])
            axes.plot(*np.stack([chain, step], axis=1), color="k", lw=1.2)
            chain = step
        name = str(rng.choice(["O", "N", "OH", "NH", "Cl", "CH3"]))
        white = {"facecolor": "w", "edgecolor": "none", "pad": 1}
        axes.text(float(chain[0]), float(chain[1]), name, ha="center", va="center", bbox=white)


def table(axes: Axes, rng: Rng) -> None:
    """Draw rows and columns of words and numbers, with rules or without."""
    rows, columns = int(rng.integers(3, 14)), int(rng.integers(2, 8))
    heads = [word(rng)[:12] for _ in range(columns)]
    cells = [[names(rng, 1)[0], *(f"{v:.3g}" for v in rng.normal(0, 50, columns - 1))] for _ in range(rows)]
    edges = ("closed", "open", "horizontal")[int(rng.integers(3))]
    axes.table(cellText=cells, colLabels=heads, loc="center", edges=edges)


def flow(axes: Axes, rng: Rng) -> None:
    """Draw boxes with words, and arrows from each to the next."""
    count, across = int(rng.integers(2, 6)), rng.random() < 0.5
    shade = ("w", "#dbe9f6", "#fde8c8")[int(rng.integers(3))]
    for i, name in enumerate(names(rng, count)):
        x, y = (3.0 * i, 0.0) if across else (0.0, -2.0 * i)
        axes.add_patch(FancyBboxPatch((x - 1, y - 0.5), 2, 1, boxstyle="round,pad=0.1", facecolor=shade, edgecolor="k"))
        axes.text(x, y, f"{name}\n{word(rng)}", ha="center", va="center")
        if i + 1 < count:
            ends = ((x + 1.9, y), (x + 1.1, y)) if across else ((x, y - 1.4), (x, y - 0.6))
            axes.annotate("", *ends, arrowprops={"arrowstyle": "->"})
    axes.set_xlim(-1.5, 3.0 * count if across else 1.5)
    axes.set_ylim(-1 if across else -2.0 * count, 1)
