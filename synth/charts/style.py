"""Random looks of a chart, which every renderer follows as far as it can."""

import colorsys
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.fonts import Face, FontLibrary

Rng = np.random.Generator
Color = tuple[int, int, int]
Place = Literal["none", "end", "inside", "center"]
LegendPlace = Literal["none", "right", "top", "bottom", "inside"]
Grid = Literal["none", "x", "y", "both"]
Frame = Literal["box", "corner", "bottom", "none"]

LEGENDS: tuple[LegendPlace, ...] = ("right", "top", "bottom", "inside")
GRIDS: tuple[Grid, ...] = ("none", "x", "y", "both")
FRAMES: tuple[Frame, ...] = ("box", "corner", "bottom", "none")

PALETTES = (
    ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"),
    ("#4c78a8", "#f58518", "#e45756", "#72b7b2", "#54a24b", "#eeca3b", "#b279a2", "#ff9da6", "#9d755d", "#bab0ac"),
    ("#4472c4", "#ed7d31", "#a5a5a5", "#ffc000", "#5b9bd5", "#70ad47", "#264478", "#9e480e", "#636363", "#997300"),
    ("#5470c6", "#91cc75", "#fac858", "#ee6666", "#73c0de", "#3ba272", "#fc8452", "#9a60b4", "#ea7ccc", "#c23531"),
    ("#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f", "#e5c494", "#b3b3b3", "#1b9e77", "#d95f02"),
    ("#264653", "#2a9d8f", "#e9c46a", "#f4a261", "#e76f51", "#8ab17d", "#287271", "#efb366", "#ee8959", "#b5838d"),
    ("#000000", "#555555", "#888888", "#aaaaaa", "#cccccc", "#333333", "#666666", "#999999", "#bbbbbb", "#444444"),
    ("#08306b", "#2171b5", "#4292c6", "#6baed6", "#9ecae1", "#c6dbef", "#08519c", "#3182bd", "#6baed6", "#bdd7e7"),
)  # fmt: skip
HELD_OUT_PALETTES = 2  # the last so many of a shuffled list are the validation set's, with colours drawn at random


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Everything about a chart's looks that is not its renderer's own."""

    width: int  # pixels
    height: int
    scale: float  # scale of text and lines: 1 at 100 dpi
    face: Face
    title_face: Face
    font_size: float  # points at scale 1
    palette: tuple[Color, ...]
    paper: Color  # around the axes
    ground: Color  # background inside the axes
    ink: Color
    grid: Grid
    grid_color: Color
    frame: Frame
    ticks: int  # approximate number of ticks on the value axis
    log: bool  # whether the value axis is logarithmic
    axis_labels: bool  # whether the value axis has numbers
    from_zero: bool
    value_labels: Place
    label_angle: int  # degrees counter-clockwise of category labels
    legend: LegendPlace
    legend_frame: bool
    bar_share: float  # fraction of a category that its bars fill
    outline: bool  # whether bars and slices are outlined
    markers: bool  # whether lines have markers
    dashes: bool  # whether lines differ in dashes
    smooth: bool
    line_width: float
    title_left: bool
    title_below: bool
    legend_on_slices: bool  # round charts: labels beside the slices instead of a legend
    title_size: float  # relative to the font size
    explode: bool

    def points(self, factor: float = 1.0) -> float:
        """Return the em in pixels."""
        return self.font_size * factor * self.scale * 100 / 72


def draw_style(content: Content, fonts: FontLibrary, rng: Rng, *, held_out: bool) -> Style:
    """Draw a style that suits a content.

    Args:
        content: The chart's data and words.
        fonts: Fonts to choose from.
        rng: Source of every choice.
        held_out: Whether palettes are those of the validation split.
    """
    paper, ground, ink = _theme(rng)
    scale = float(np.exp(rng.uniform(np.log(0.75), np.log(2.2))))
    width, height = _size(content, scale, rng)
    count = len(content.series)
    labels = max(map(len, content.labels))
    crowded = len(content.labels) * min(labels, 14) > 52 and not content.horizontal
    dense = len(content.labels) * max(1, count if content.arrangement == "grouped" else 1)
    families, shares = fonts.names_and_shares()
    faces = fonts.families[families[int(rng.choice(len(families), p=shares))]]
    face = plain_face(faces, content, rng)
    printed = rng.random() < (0.5 if dense < 34 else 0.15)
    place = _value_place(content, rng) if printed else "none"
    log = _is_log(content, rng)
    named = any(s.name is not None for s in content.series)
    value_grid: Grid = "x" if content.horizontal else "y"
    return Style(
        width=width,
        height=height,
        scale=scale,
        face=face,
        title_face=plain_face(faces, content, rng),
        font_size=float(rng.uniform(8, 12)),
        palette=draw_palette(rng, held_out=held_out),
        paper=paper,
        ground=ground,
        ink=ink,
        grid=value_grid if rng.random() < 0.45 else GRIDS[int(rng.integers(4))],
        grid_color=_mix(ground, ink, rng.uniform(0.08, 0.3)),
        frame=FRAMES[int(rng.choice(4, p=[0.4, 0.3, 0.2, 0.1]))],
        ticks=int(rng.integers(4, 9)),
        log=log,
        axis_labels=not printed or rng.random() < 0.75,
        from_zero=rng.random() < 0.6,
        value_labels=place,
        label_angle=int(rng.choice([30, 45, 60, 90], p=[0.25, 0.4, 0.1, 0.25]))
        if crowded or rng.random() < 0.06
        else 0,
        legend=LEGENDS[int(rng.integers(4))] if named or count > 1 else "none",
        legend_frame=rng.random() < 0.4,
        bar_share=float(rng.uniform(0.45, 0.95)),
        outline=rng.random() < 0.25,
        markers=rng.random() < 0.55,
        dashes=rng.random() < 0.15,
        smooth=rng.random() < 0.06,
        line_width=float(rng.uniform(1.0, 3.0)),
        title_left=rng.random() < 0.3,
        title_below=rng.random() < 0.04,
        legend_on_slices=rng.random() < 0.6,
        title_size=float(rng.uniform(1.0, 1.7)),
        explode=content.kind in ROUND and rng.random() < 0.12,
    )


def _value_place(content: Content, rng: Rng) -> Place:
    """Choose where values are printed."""
    if content.arrangement == "stacked":
        return "center"
    if content.kind in ("bar", "hbar") and rng.random() < 0.2:
        return "inside" if rng.random() < 0.6 else "center"
    return "end"


def _is_log(content: Content, rng: Rng) -> bool:
    """Choose whether the value axis is logarithmic, where the values allow it."""
    return (
        content.kind in ("bar", "hbar", "line", "scatter")
        and content.arrangement != "stacked"
        and min((v for s in content.series for v in s.values if v is not None), default=0) > 0
        and rng.random() < 0.04
    )


def plain_face(faces: list[Face], content: Content, rng: Rng) -> Face:
    """Choose a face of a family that can draw all words of a content, a regular one as a rule."""
    regular = [f for f in faces if "regular" in f.path.lower() or "book" in f.path.lower()]
    pool = regular if regular and rng.random() < 0.8 else faces
    return pool[int(rng.integers(len(pool)))]


def draw_palette(rng: Rng, *, held_out: bool) -> tuple[Color, ...]:
    """Draw colours of series: a known palette in any order, shades of one colour, or random ones."""
    known = PALETTES[-HELD_OUT_PALETTES:] if held_out else PALETTES[:-HELD_OUT_PALETTES]
    if rng.random() < 0.65:
        colors = known[int(rng.integers(len(known)))]
        first = int(rng.integers(len(colors))) if rng.random() < 0.5 else 0
        return tuple(parse_color(colors[(first + i) % len(colors)]) for i in range(len(colors)))
    hue, spread = rng.random(), rng.uniform(0.04, 0.2)
    colors_rgb = [
        colorsys.hls_to_rgb((hue + i * spread) % 1, float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 0.95)))
        for i in range(10)
    ]
    return tuple((int(255 * r), int(255 * g), int(255 * b)) for r, g, b in colors_rgb)


def parse_color(text: str) -> Color:
    """Turn "#rrggbb" into numbers.

    Examples:
        >>> parse_color("#0a0b0c")
        (10, 11, 12)
    """
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _theme(rng: Rng) -> tuple[Color, Color, Color]:
    pick = rng.random()
    if pick < 0.62:
        ink = int(rng.integers(0, 90))
        return (255, 255, 255), (255, 255, 255), (ink, ink, ink)
    if pick < 0.74:
        return (255, 255, 255), _gray(rng.integers(225, 250)), _gray(rng.integers(20, 80))
    if pick < 0.88:
        tint = tuple(int(x) for x in rng.integers(228, 256, 3))
        return (tint[0], tint[1], tint[2]), (tint[0], tint[1], tint[2]), _gray(rng.integers(0, 80))
    dark = tuple(int(x) for x in rng.integers(8, 60, 3))
    return (dark[0], dark[1], dark[2]), (dark[0], dark[1], dark[2]), _gray(rng.integers(190, 256))


def _gray(level: np.integer) -> Color:
    return int(level), int(level), int(level)


def _mix(a: Color, b: Color, share: float) -> Color:
    mixed = [round(x + (y - x) * share) for x, y in zip(a, b, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _size(content: Content, scale: float, rng: Rng) -> tuple[int, int]:
    width = rng.uniform(380, 760)
    aspect = rng.uniform(0.5, 0.95)
    if content.kind in ROUND:
        aspect = rng.uniform(0.65, 1.0)
    if content.horizontal:
        aspect = max(aspect, min(1.4, 0.25 + 0.045 * len(content.labels) * (1 + 0.4 * (len(content.series) - 1))))
    else:
        room = len(content.labels) * (1 + 0.5 * (len(content.series) - 1) * (content.arrangement == "grouped"))
        width = max(width, min(1000.0, 22 * room))
    return int(width * scale), int(min(width * aspect, 900) * scale)
