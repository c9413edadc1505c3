"""Charts by Matplotlib, pandas, seaborn and plotnine as a few lines of a notebook draw them."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypedDict

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ocr2.synth.charts.content import ROUND, Content, SeriesContent

Rng = np.random.Generator
SHEETS = ("default",) * 6 + ("ggplot", "classic", "bmh", "fivethirtyeight", "seaborn-v0_8-whitegrid", "dark_background")
SIZES: tuple[tuple[float, float], ...] = ((6.4, 4.8),) * 4 + ((4, 3), (3, 2.4), (8, 4), (5, 5), (2.4, 1.8), (10, 4))


def draw_pages(draw: Callable[[Content, Rng], Figure], contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a page for each content that can be drawn; returns their numbers."""
    import matplotlib.pyplot as plt

    drawn = []
    with PdfPages(path) as pages, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i, content in enumerate(contents):
            with matplotlib.rc_context({"pdf.fonttype": 3}):
                try:
                    figure = draw(content, rng)
                    pages.savefig(figure, dpi=100, bbox_inches="tight" if rng.random() < 0.3 else None)
                    drawn.append(i)
                except (ValueError, KeyError, TypeError, IndexError, RuntimeError):
                    pass  # a library may refuse a content; its number is not among those returned
                finally:
                    plt.close("all")
    return drawn


def _places(content: Content) -> NDArray[np.float64] | NDArray[np.str_]:
    return np.array(content.places) if content.places is not None else np.array(content.labels)


def _values(series: SeriesContent) -> NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in series.values], float)


def draw_matplotlib(content: Content, rng: Rng) -> Figure:
    """Draw as `plt.bar`, `plt.plot`, ... with hardly any settings do."""
    import matplotlib.pyplot as plt
    from matplotlib import style

    sheet = SHEETS[int(rng.integers(len(SHEETS)))]
    with style.context(sheet):
        matplotlib.rcParams["pdf.fonttype"] = 3
        figure, axes = plt.subplots(
            figsize=SIZES[int(rng.integers(len(SIZES)))], layout="constrained" if rng.random() < 0.5 else None
        )
        names = content.series[0].name is not None
        if content.kind in ROUND:
            _pie(content, axes, rng)
        elif content.kind in ("bar", "hbar", "combo"):
            _bars(content, axes, rng)
        else:
            _lines(content, axes, rng)
        if content.kind not in ROUND:
            if names and (len(content.series) > 1 or rng.random() < 0.6):
                axes.legend(**({} if rng.random() < 0.7 else {"loc": "upper left", "bbox_to_anchor": (1, 1)}))
            if rng.random() < 0.2:
                axes.grid()
            if content.x_title:
                axes.set_xlabel(content.x_title)
            if content.y_title:
                axes.set_ylabel(content.y_title)
            if (
                content.kind == "line"
                and rng.random() < 0.08
                and min(v or 1 for s in content.series for v in s.values) > 0
            ):
                axes.set_yscale("log")
        if content.title:
            axes.set_title(content.title[:60], loc="center" if rng.random() < 0.7 else "left")
        if len(content.labels) > 8 and content.kind != "hbar" and content.kind not in ROUND and rng.random() < 0.7:
            axes.tick_params(axis="x", rotation=float(rng.choice([45, 90, 30, 60])))
    return figure


def _pie(content: Content, axes: Axes, rng: Rng) -> None:
    values = np.abs(_values(content.series[0]))
    autopct = ("%1.1f%%", "%d%%")[int(rng.integers(2))] if rng.random() < 0.4 else None
    wedge = {"width": float(rng.uniform(0.25, 0.6))} if content.kind == "donut" else None
    if rng.random() < 0.6:
        start = float(rng.choice([0, 0, 90, 140]))
        axes.pie(values, labels=content.labels, startangle=start, autopct=autopct, wedgeprops=wedge)
    else:
        axes.pie(values, autopct=autopct, wedgeprops=wedge)
        axes.legend(content.labels, loc="center left", bbox_to_anchor=(1, 0.5))


def _bars(content: Content, axes: Axes, rng: Rng) -> None:
    flat = content.kind == "hbar"
    bars = [s for s in content.series if not s.line]
    at = np.arange(len(content.labels))
    stacked = content.arrangement == "stacked"
    share = 0.8 if stacked or len(bars) == 1 else 0.8 / len(bars)
    base = np.zeros(len(at))
    for i, series in enumerate(bars):
        values = np.nan_to_num(_values(series))
        spot = at if stacked else at + (i - (len(bars) - 1) / 2) * share
        error = np.abs(values) * rng.uniform(0.05, 0.2) if rng.random() < 0.08 else None
        if flat:
            drawn = axes.barh(spot, values, share, left=base if stacked else 0, label=series.name, xerr=error)
        else:
            drawn = axes.bar(spot, values, share, bottom=base if stacked else 0, label=series.name, yerr=error)
        if rng.random() < 0.25:
            axes.bar_label(drawn, label_type="center" if stacked else "edge")
        if stacked:
            base = base + values
    for series in content.series:
        if series.line:
            axes.plot(at, _values(series), label=series.name, color="C3", marker=("", "o")[int(rng.integers(2))])
    (axes.set_yticks if flat else axes.set_xticks)(at, content.labels)


def _lines(content: Content, axes: Axes, rng: Rng) -> None:
    x = _places(content)
    if content.kind == "area" and content.arrangement == "stacked":
        areas = axes.stackplot(x, *[np.abs(np.nan_to_num(_values(s))) for s in content.series])
        for area, series in zip(areas, content.series, strict=True):
            if series.name is not None:
                area.set_label(series.name)
        return
    marker = ("o", "s", "^", "x", "*", ".", "D")[int(rng.integers(7))] if rng.random() < 0.4 else ""
    for series in content.series:
        y = _values(series)
        if content.kind == "scatter":
            axes.scatter(x, y, label=series.name)
        elif content.kind == "area":
            axes.fill_between(x, y, alpha=0.6, label=series.name)
        elif rng.random() < 0.1:
            axes.step(x, y, label=series.name)
        else:
            axes.plot(
                x, y, label=series.name, marker=marker, linestyle=("-", "-", "-", "--", ":")[int(rng.integers(5))]
            )


def _frame(content: Content) -> pd.DataFrame:
    names = [s.name or "value" for s in content.series]
    index = list(content.places) if content.places is not None else list(content.labels)
    return pd.DataFrame({n: _values(s) for n, s in zip(names, content.series, strict=True)}, index=index)


class _PlotStyle(TypedDict):
    """Keywords of `DataFrame.plot`."""

    figsize: tuple[float, float]
    title: str | None
    xlabel: str | None
    ylabel: str | None


def draw_pandas(content: Content, rng: Rng) -> Figure:
    """Draw as `DataFrame.plot` does."""
    frame = _frame(content)
    stacked = content.arrangement == "stacked"
    figsize = SIZES[int(rng.integers(len(SIZES)))]
    more: _PlotStyle = {
        "figsize": figsize,
        "title": content.title,
        "xlabel": content.x_title,
        "ylabel": content.y_title,
    }
    if content.kind in ("bar", "hbar", "combo"):
        kind = "barh" if content.kind == "hbar" else "bar"
        axes = frame.plot(kind=kind, stacked=stacked, rot=float(rng.choice([0, 90, 45])), **more)
    elif content.kind in ROUND:
        axes = (
            frame.abs()
            .iloc[:, 0]
            .plot(kind="pie", legend=bool(rng.random() < 0.4), figsize=figsize, title=content.title)
        )
    elif content.kind == "area":
        axes = frame.abs().fillna(0).plot(kind="area", stacked=stacked, **more)
    elif content.kind == "scatter":
        frame = frame.reset_index(names="x")
        axes = frame.plot(kind="scatter", x="x", y=frame.columns[1], figsize=figsize)
    else:
        axes = frame.plot(kind="line", **more)
    figure: Figure = axes.figure
    return figure


def draw_seaborn(content: Content, rng: Rng) -> Figure:
    """Draw as seaborn's functions do, under one of its themes."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    theme = ("darkgrid", "whitegrid", "white", "ticks", "dark")[int(rng.integers(5))]
    context = ("notebook", "paper", "talk")[int(rng.integers(3))]
    with sns.axes_style(theme), sns.plotting_context(context):
        matplotlib.rcParams["pdf.fonttype"] = 3
        figure, axes = plt.subplots(figsize=SIZES[int(rng.integers(len(SIZES)))])
        x, y, hue = content.x_title or "x", content.y_title or "y", "hue"
        if x == y:
            y += " value"
        labels = list(content.places) if content.places is not None else list(content.labels)
        rows = [
            {x: label, y: value, hue: s.name or "value"}
            for s in content.series
            for label, value in zip(labels, s.values, strict=True)
            if value is not None
        ]
        frame = pd.DataFrame(rows)
        split = {"hue": hue} if len(content.series) > 1 else {}
        if content.kind in ("bar", "combo") or content.kind in ROUND:
            sns.barplot(frame, x=x, y=y, ax=axes, **split)
        elif content.kind == "hbar":
            sns.barplot(frame, x=y, y=x, ax=axes, orient="h", **split)
        elif content.kind == "scatter":
            sns.scatterplot(frame, x=x, y=y, ax=axes, **split)
        else:
            sns.lineplot(frame, x=x, y=y, ax=axes, **({"marker": "o"} if rng.random() < 0.4 else {}), **split)
        if content.title:
            axes.set_title(content.title[:60])
        if rng.random() < 0.4:
            sns.despine(figure)
        if len(content.labels) > 8 and content.kind != "hbar":
            axes.tick_params(axis="x", rotation=float(rng.choice([45, 90])))
    return figure


def draw_plotnine(content: Content, rng: Rng) -> Figure:
    """Draw as ggplot2's grammar does (plotnine), under one of its themes."""
    import plotnine as p9

    labels = list(content.places) if content.places is not None else list(content.labels)
    rows = [
        {"x": label, "y": value, "s": s.name or "value"}
        for s in content.series
        for label, value in zip(labels, s.values, strict=True)
        if value is not None
    ]
    frame = pd.DataFrame(rows)
    if content.places is None:
        frame["x"] = pd.Categorical(frame["x"], categories=list(dict.fromkeys(content.labels)))
    several = len(content.series) > 1
    fill = p9.aes("x", "y", fill="s") if several else p9.aes("x", "y")
    color = p9.aes("x", "y", color="s", group="s") if several else p9.aes("x", "y", group=1)
    plot = p9.ggplot(frame)
    if content.kind in ("bar", "hbar", "combo") or content.kind in ROUND:
        plot += p9.geom_col(fill, position="stack" if content.arrangement == "stacked" else "dodge")
        plot = plot + p9.coord_flip() if content.kind == "hbar" else plot
    elif content.kind == "scatter":
        plot += p9.geom_point(p9.aes("x", "y", color="s") if several else p9.aes("x", "y"))
    elif content.kind == "area":
        plot += p9.geom_area(p9.aes("x", "y", fill="s", group="s"))
    else:
        plot += p9.geom_line(color)
        plot = plot + p9.geom_point(color) if rng.random() < 0.4 else plot
    themes = (p9.theme_gray, p9.theme_gray, p9.theme_bw, p9.theme_minimal, p9.theme_classic, p9.theme_light)
    plot = (
        plot
        + themes[int(rng.integers(len(themes)))]()
        + p9.labs(title=content.title or "", x=content.x_title or "x", y=content.y_title or "y")
    )
    plot += p9.theme(figure_size=SIZES[int(rng.integers(len(SIZES)))])
    if len(content.labels) > 8 and content.kind != "hbar":
        plot += p9.theme(axis_text_x=p9.element_text(rotation=float(rng.choice([45, 90])), hjust=1))
    figure: Figure = plot.draw()
    return figure
