"""Functions of two variables by Matplotlib: contours, vector fields, and everything drawn in three dimensions."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from ocr2.synth.charts.unread.canvas import Rng, axes_of, color_map, colors, field, ink, names, title, word


def contour(figure: Figure, rng: Rng) -> None:
    """Draw lines of equal height, filled or not, of a function or of the density of points."""
    axes = axes_of(figure, rng)
    if rng.random() < 0.2:
        import seaborn as sns

        x = rng.normal(size=120)
        sns.kdeplot(x=x, y=x * rng.uniform(-1, 1) + rng.normal(size=120), fill=bool(rng.random() < 0.5), ax=axes)
        return
    made = field(rng, int(rng.integers(25, 70)))
    levels = int(rng.integers(5, 20))
    filled = rng.random() < 0.6
    if filled:
        drawn = axes.contourf(made.x, made.y, made.z, levels, cmap=color_map(rng))
    if not filled or rng.random() < 0.3:
        shade = None if filled or rng.random() < 0.3 else color_map(rng)
        wide, color = float(rng.uniform(0.6, 1.8)), ink() if shade is None else None
        lines = axes.contour(made.x, made.y, made.z, levels, linewidths=wide, colors=color, cmap=shade)
        if rng.random() < 0.5:
            axes.clabel(lines, fontsize=8)
        drawn = drawn if filled else lines
    if rng.random() < 0.5:
        figure.colorbar(drawn, ax=axes)


def vector_field(figure: Figure, rng: Rng) -> None:
    """Draw arrows on a grid, wind barbs or stream lines."""
    axes = axes_of(figure, rng)
    made = field(rng, int(rng.integers(8, 26)))
    v, u = np.gradient(made.z)
    if rng.random() < 0.5:
        u, v = -v, u
    strength = np.hypot(u, v)
    coloured = rng.random() < 0.4
    match int(rng.integers(5)):
        case 0 | 1:
            if coloured:
                axes.quiver(made.x, made.y, u, v, strength, cmap=color_map(rng))
            else:
                axes.quiver(made.x, made.y, u, v, color=colors(rng, 1)[0] if rng.random() < 0.4 else ink())
        case 2 | 3:
            shade = strength if coloured else colors(rng, 1)[0]
            density = float(rng.uniform(0.5, 1.3))
            axes.streamplot(made.x[0], made.y[:, 0], u, v, density=density, color=shade, cmap=color_map(rng))
        case _:
            axes.barbs(made.x, made.y, 30 * u / strength.max(), 30 * v / strength.max(), length=5, color=ink())


def surface(figure: Figure, rng: Rng) -> None:
    """Draw a surface, a wire frame, points, lines or bars between three axes."""
    axes = figure.add_subplot(projection="3d")
    made = field(rng, int(rng.integers(12, 32)))
    match int(rng.integers(6)):
        case 0 | 1:
            drawn = axes.plot_surface(made.x, made.y, made.z, cmap=color_map(rng) if rng.random() < 0.8 else None)
            if rng.random() < 0.4:
                figure.colorbar(drawn, ax=axes, shrink=0.6)
        case 2:
            axes.plot_wireframe(made.x, made.y, made.z, color=colors(rng, 1)[0], lw=0.8)
        case 3:
            points = rng.normal(size=(3, int(rng.integers(20, 250))))
            axes.scatter(*points, c=points[2] if rng.random() < 0.5 else None)
        case 4:
            t = np.linspace(0, 20, 150)
            axes.plot(np.cos(t), np.sin(t) * rng.uniform(0.3, 1), t * rng.uniform(0.1, 3))
        case _:
            across, deep = int(rng.integers(2, 7)), int(rng.integers(1, 6))
            x, y = (g.ravel().astype(float) for g in np.meshgrid(np.arange(across), np.arange(deep)))
            shade = colors(rng, len(x)) if rng.random() < 0.6 else None
            axes.bar3d(x, y, np.zeros_like(x), 0.6, 0.6, rng.uniform(1, 9, len(x)), color=shade)
    if rng.random() < 0.5:
        axes.set_title(title(rng))
    if rng.random() < 0.5:
        axes.set(xlabel=word(rng), ylabel=word(rng), zlabel=word(rng))
    if rng.random() < 0.5:
        axes.view_init(float(rng.uniform(10, 60)), float(rng.uniform(-80, 80)))


def solid_bars(figure: Figure, rng: Rng) -> None:
    """Draw bars as office programs do in three dimensions: a front, a top and a side each."""
    axes = axes_of(figure, rng)
    count, deep = int(rng.integers(3, 9)), float(rng.uniform(0.15, 0.4))
    series = int(rng.integers(1, 4))
    heights = rng.uniform(1, 10, (count, series))
    rise = 0.6 * deep * heights.max() / 4
    wide = 0.75 / series
    palette = colors(rng, series)
    for level in np.linspace(0, heights.max(), 6) if rng.random() < 0.7 else []:
        axes.plot([-0.6, -0.6 + deep, count + deep], [level, level + rise, level + rise], color="0.75", lw=0.8)
    for i, j in np.ndindex(count, series):
        x, h = i + j * wide, heights[i, j]
        base = np.array(palette[j])
        parts = (
            ([(x, 0), (x + wide * 0.95, 0), (x + wide * 0.95, h), (x, h)], 1.0),
            ([(x, h), (x + wide * 0.95, h), (x + wide * 0.95 + deep, h + rise), (x + deep, h + rise)], 1.15),
            ([(x + wide * 0.95, 0), (x + wide * 0.95 + deep, rise), (x + wide * 0.95 + deep, h + rise),
              (x + wide * 0.95, h)], 0.7),
        )  # fmt: skip
        for corners, light in parts:
            outline = np.array(corners, np.float64)
            axes.add_patch(Polygon(outline, facecolor=np.clip(base * light, 0, 1), edgecolor="none", zorder=i + 2))
    axes.set_xlim(-0.6, count + deep)
    axes.set_ylim(0, heights.max() * 1.15 + rise)
    axes.set_xticks(np.arange(count) + 0.35, names(rng, count))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def solid_pie(figure: Figure, rng: Rng) -> None:
    """Draw a pie as a disc seen from the side, with a rim."""
    axes = axes_of(figure, rng, titled=0.3)
    axes.axis("off")
    axes.set_aspect("equal")
    shares = rng.dirichlet(np.full(int(rng.integers(3, 8)), 2.0))
    flat, thick = float(rng.uniform(0.4, 0.7)), float(rng.uniform(0.12, 0.3))
    ends = np.cumsum(np.concatenate([[rng.uniform(0, 1)], shares])) * 2 * np.pi
    palette = colors(rng, len(shares))
    labels = names(rng, len(shares))
    for i, shade in enumerate(palette):
        t = np.linspace(ends[i], ends[i + 1], 60)
        rim = t[np.sin(t) < 0.02]
        for part in np.split(rim, np.nonzero(np.diff(rim) > 0.3)[0] + 1) if len(rim) else []:
            around = [*zip(np.cos(part), flat * np.sin(part), strict=True),
                      *zip(np.cos(part[::-1]), flat * np.sin(part[::-1]) - thick, strict=True)]  # fmt: skip
            axes.add_patch(Polygon(around, facecolor=0.65 * np.array(shade), edgecolor="none"))
        top = [(0.0, 0.0), *zip(np.cos(t), flat * np.sin(t), strict=True)]
        axes.add_patch(Polygon(top, facecolor=shade, edgecolor="w" if rng.random() < 0.5 else "none"))
        middle = (ends[i] + ends[i + 1]) / 2
        text = f"{100 * shares[i]:.0f}%" if rng.random() < 0.4 else labels[i]
        axes.text(1.2 * np.cos(middle), 1.3 * flat * np.sin(middle), text, ha="center")
    axes.set_xlim(-1.4, 1.4)
    axes.set_ylim(-1.2, 1.0)
