"""One chart from a seed: content, style, renderer, and a record of what a reader should find."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ocr2.synth.charts.content import ROUND, Content, Kind, NumberStyle
from ocr2.synth.charts.pillow_axes import draw_fast
from ocr2.synth.charts.rendered import Drawn, TextMark
from ocr2.synth.charts.sampler import ContentSampler
from ocr2.synth.charts.style import draw_style
from ocr2.synth.fonts import FontLibrary

Renderer = Literal["fast", "matplotlib", "vega-lite"]
SHARES: dict[Renderer, float] = {"fast": 0.55, "matplotlib": 0.27, "vega-lite": 0.18}
TRIES = 12
OUTSIDE = 2.0  # pixels that writing may reach over the picture's edge
SMALLEST = 4.5  # pixels of height below which writing cannot be read
MOST_TEXTS = 120


@dataclass(frozen=True, slots=True)
class ChartSample:
    """A chart and its truth."""

    pixels: NDArray[np.uint8]  # (height, width, 3)
    record: dict[str, Any]  # what `describe` gives


class ChartEngine:
    """Draws charts.

    Args:
        sampler: Of contents.
        fonts: To write with.
        held_out: Use the validation split's looks.
        shares: Of the renderers.
    """

    def __init__(
        self,
        sampler: ContentSampler,
        fonts: FontLibrary,
        *,
        held_out: bool,
        shares: dict[Renderer, float] | None = None,
    ) -> None:
        self.sampler = sampler
        self.fonts = fonts
        self.held_out = held_out
        self.shares = shares or SHARES

    def draw(self, rng: np.random.Generator, kind: Kind | None = None, printed: bool | None = None) -> ChartSample:
        """Draw charts until one can be read, and return it.

        Args:
            rng: Of this chart.
            kind: Only of this kind.
            printed: Only with values beside their marks, or only without.

        Raises:
            RuntimeError: If a dozen charts in turn are unreadable.
        """
        renderer = list(self.shares)[int(rng.choice(len(self.shares), p=list(self.shares.values())))]
        for _ in range(TRIES * (1 if printed is None else 4)):
            content = self.sampler.draw(rng, kind)
            by: Renderer = "fast" if content.kind == "rose" else renderer  # the others have none
            style = draw_style(content, self.fonts, rng, held_out=self.held_out)
            if printed is not None and content.kind != "rose" and printed != (style.value_labels != "none"):
                continue
            drawn = self._render(by, content, style, rng)
            if is_readable(drawn) and (printed is None or printed == drawn.printed):
                return ChartSample(drawn.pixels, describe(content, drawn))
        raise RuntimeError(f"no readable chart of kind {kind} by {renderer}")

    def _render(self, renderer: Renderer, content: Content, style: Any, rng: np.random.Generator) -> Drawn:
        if renderer == "fast":
            return draw_fast(content, style, rng)
        if renderer == "matplotlib":
            from ocr2.synth.charts.mpl import draw_mpl

            return draw_mpl(content, style, rng, held_out=self.held_out)
        from ocr2.synth.charts.vega import draw_vega

        return draw_vega(content, style, rng, held_out=self.held_out)


def is_readable(drawn: Drawn) -> bool:
    """Say whether all writing lies in the picture, is large enough and does not lie on other writing."""
    height, width = drawn.pixels.shape[:2]
    boxes = []
    for text in drawn.texts:
        if text.role in ("other",):
            continue
        left, top, right, bottom = extent(text)
        if left < -OUTSIDE or top < -OUTSIDE or right > width + OUTSIDE or bottom > height + OUTSIDE:
            return False
        if text.height < SMALLEST * 0.7 or text.width < 1:
            return False
        boxes.append((left, top, right, bottom, text.angle))
    if not 1 <= len(boxes) <= MOST_TEXTS or not drawn.points:
        return False
    return not _crowded(np.array(boxes))


def extent(text: TextMark) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of a line of writing as it lies."""
    turn = np.radians(text.angle)
    wide = (abs(text.width * np.cos(turn)) + abs(text.height * np.sin(turn))) / 2
    high = (abs(text.width * np.sin(turn)) + abs(text.height * np.cos(turn))) / 2
    return text.x - wide, text.y - high, text.x + wide, text.y + high


def _crowded(boxes: NDArray[np.float64]) -> bool:
    """Say whether two upright lines cover each other by a quarter of the smaller."""
    flat = boxes[np.isin(boxes[:, 4] % 360, (0, 90, 270))]
    low = np.maximum(flat[:, None, :2], flat[None, :, :2])
    high = np.minimum(flat[:, None, 2:4], flat[None, :, 2:4])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area = (flat[:, 2:4] - flat[:, :2]).prod(axis=1)
    smaller = np.minimum(area[:, None], area[None, :])
    np.fill_diagonal(shared, 0)
    return bool((shared > 0.25 * smaller).any())


def describe(content: Content, drawn: Drawn) -> dict[str, Any]:
    """Return a chart's truth as plain data: the answer, and where everything stands."""
    height, width = drawn.pixels.shape[:2]
    return {
        "width": width,
        "height": height,
        "renderer": drawn.renderer,
        "kind": content.kind,
        "arrangement": content.arrangement,
        "printed": drawn.printed,
        "log": drawn.log,
        "numeric_labels": content.places is not None,
        "labels": list(content.labels),
        "series": [
            {"name": s.name, "line": s.line, "second": s.second_axis, "values": list(s.values)} for s in content.series
        ],
        "answer": answer_of(content, printed=drawn.printed),
        "texts": [_rounded(asdict(t)) for t in drawn.texts],
        "points": [_rounded(asdict(p)) for p in drawn.points],
    }


def answer_of(content: Content, *, printed: bool) -> dict[str, Any]:
    """Return the answer in OneChart's form: values as they are printed, or would be; silent slices are shares."""
    if content.kind in ROUND and not printed:
        content = _as_shares(content)
    parts: list[dict[str, str]] = []
    for series in content.series:
        show = content.numbers_of(series).show
        parts.append({n: show(v) for n, v in zip(content.labels, series.values, strict=True) if v is not None})
    if len(parts) == 1 and content.series[0].name is None:
        values: dict[str, Any] = parts[0]
    else:
        values = {
            s.name or f"series {i + 1}": part for i, (s, part) in enumerate(zip(content.series, parts, strict=True))
        }
    return {
        "title": content.title or "None",
        "source": content.source or "None",
        "x_title": content.x_title or "None",
        "y_title": content.y_title or "None",
        "values": values,
    }


def _as_shares(content: Content) -> Content:
    (series,) = content.series
    total = sum(v or 0.0 for v in series.values)
    shares = tuple(100 * (v or 0.0) / total for v in series.values)
    return replace(content, series=(replace(series, values=shares),), numbers=NumberStyle(1, suffix="%"))


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {k: round(float(v), 2) if isinstance(v, float) else v for k, v in row.items()}
