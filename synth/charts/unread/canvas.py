"""A Matplotlib figure without a window: style, size, titles, and the picture that it becomes."""

import string
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib import rcParams, style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

Rng = np.random.Generator
RGB = NDArray[np.uint8]  # (height, width, 3)
Draw = Callable[[Figure, Rng], None]

SHEETS = ("default",) * 7 + (
    "ggplot", "classic", "bmh", "fivethirtyeight", "seaborn-v0_8", "seaborn-v0_8-whitegrid", "dark_background",
    "tableau-colorblind10", "grayscale", "seaborn-v0_8-white",
)  # fmt: skip
SIZES = ((6.4, 4.8),) * 4 + ((5, 5), (8, 4), (4, 3), (8, 6), (10, 4), (4, 5))  # inches
MIN_SIDE, MAX_SIDE = 200, 1600  # pixels of the longer side
MAPS = (
    "viridis", "viridis", "viridis", "plasma", "magma", "coolwarm", "Blues", "Reds", "YlGnBu", "RdBu", "gray", "jet",
    "hot", "Greens", "PuBu", "Spectral", "terrain", "inferno",
)  # fmt: skip
WORDS = (
    "value", "speed", "count", "Temperature (C)", "share", "weight [kg]", "time (s)", "Score", "sales", "mass", "x",
    "y", "Results", "density", "Length of stay", "Model", "group", "frequency", "age", "Total cost", "Rate (%)",
)  # fmt: skip
JPEG = 0.35  # share of the pictures that were compressed with loss


def draw_picture(draw: Draw, rng: Rng) -> RGB:
    """Draw with Matplotlib under one of its style sheets, at one of many sizes."""
    figsize = SIZES[int(rng.integers(len(SIZES)))]
    side = float(np.exp(rng.uniform(np.log(MIN_SIDE), np.log(MAX_SIDE))))
    side = side if rng.random() < 0.6 else 100.0 * max(figsize)  # Matplotlib's own resolution
    with warnings.catch_warnings(), style.context(SHEETS[int(rng.integers(len(SHEETS)))]):
        warnings.simplefilter("ignore")
        figure = Figure(figsize=figsize, dpi=side / max(figsize), layout="tight" if rng.random() < 0.3 else None)
        canvas = FigureCanvasAgg(figure)
        draw(figure, rng)
        canvas.draw()  # type: ignore[no-untyped-call]  # Matplotlib has no type here
        return worn(np.asarray(canvas.buffer_rgba())[..., :3].copy(), rng)  # type: ignore[no-untyped-call]


def worn(picture: RGB, rng: Rng) -> RGB:
    """Return a picture (height, width, 3), or what lossy compression leaves of it."""
    if rng.random() >= JPEG:
        return picture
    quality = int(rng.integers(35, 96))
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1], np.uint8)


def resized(picture: RGB, rng: Rng) -> RGB:
    """Return a picture at one of many sizes, at most twice its own or the least."""
    longer = max(picture.shape[:2])
    most = max(MIN_SIDE, min(MAX_SIDE, 2 * longer))
    side = float(np.exp(rng.uniform(np.log(MIN_SIDE), np.log(most))))
    size = max(8, round(picture.shape[1] * side / longer)), max(8, round(picture.shape[0] * side / longer))
    how = cv2.INTER_AREA if side < longer else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def ink() -> str:
    """Return the colour in which the style sheet writes."""
    return str(rcParams["text.color"])


def axes_of(figure: Figure, rng: Rng, *, titled: float = 0.5) -> Axes:
    """Return axes with titles, or without."""
    axes = figure.add_subplot()
    if rng.random() < titled:
        axes.set_title(title(rng))
    if rng.random() < titled:
        axes.set_xlabel(word(rng))
    if rng.random() < titled:
        axes.set_ylabel(word(rng))
    return axes


def word(rng: Rng) -> str:
    """Return the name of a quantity."""
    return WORDS[int(rng.integers(len(WORDS)))]


def title(rng: Rng) -> str:
    """Return a title of one to five words."""
    return " ".join(word(rng) for _ in range(int(rng.integers(1, 4))))


def names(rng: Rng, count: int) -> list[str]:
    """Return labels for a number of groups: letters, numbers, years, words."""
    first = int(rng.integers(5))
    match int(rng.integers(5)):
        case 0:
            return [(string.ascii_uppercase * 4)[first + i] for i in range(count)]
        case 1:
            return [str(first + i) for i in range(count)]
        case 2:
            return [str(1995 + 3 * first + i) for i in range(count)]
        case 3:
            return [f"Group {i + 1}" for i in range(count)]
    return ["".join(rng.choice(list(string.ascii_lowercase), int(rng.integers(3, 10)))) for _ in range(count)]


def color_map(rng: Rng) -> str:
    """Return the name of a colour map that Matplotlib has."""
    return MAPS[int(rng.integers(len(MAPS)))]


def colors(rng: Rng, count: int) -> list[tuple[float, float, float]]:
    """Return colours of a palette."""
    if rng.random() < 0.5:
        cycle = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22")
        return [hex_color(cycle[i % len(cycle)]) for i in range(count)]
    base = rng.uniform(0.15, 0.95, (count, 3))
    return [(float(r), float(g), float(b)) for r, g, b in base]


def hex_color(text: str) -> tuple[float, float, float]:
    """Return red, green and blue, 0 to 1, of "#rrggbb"."""
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:], 16) / 255


@dataclass(frozen=True, slots=True)
class Field:
    """A smooth function of two variables on a grid."""

    x: NDArray[np.float64]  # (rows, columns)
    y: NDArray[np.float64]
    z: NDArray[np.float64]


def field(rng: Rng, side: int) -> Field:
    """Return a sum of a few waves and hills on a grid of `side` by `side`."""
    low, high = -float(rng.choice([1, 2, 3, 5])), float(rng.choice([1, 2, 3, 5]))
    x, y = np.meshgrid(np.linspace(low, high, side), np.linspace(low, high, side))
    z = np.zeros_like(x)
    for _ in range(int(rng.integers(1, 4))):
        a, b, c = rng.normal(0, 1.2, 3)
        u, v = rng.uniform(low, high, 2)
        hill = np.exp(-((x - u) ** 2 + (y - v) ** 2) / rng.uniform(0.3, 4))
        z += np.sin(a * x + c) * np.cos(b * y) if rng.random() < 0.5 else hill * rng.choice([-1, 1])
    return Field(x, y, z * 10 ** float(rng.integers(-1, 3)))


def samples(rng: Rng, count: int) -> list[NDArray[np.float64]]:
    """Return numbers of several groups, of one of three distributions."""
    scale, size = 10 ** float(rng.integers(-1, 4)), int(rng.integers(15, 200))
    middles = rng.uniform(-1, 4, count)
    kind = int(rng.integers(3))
    return [
        scale * (m + (rng.normal(0, rng.uniform(0.3, 1.5), size) if kind < 2 else rng.exponential(1.2, size)))
        for m in middles
    ]
