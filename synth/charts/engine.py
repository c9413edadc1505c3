"""The chart engine: content, style and renderer drawn from a seed, with a record of the truth."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ocr2.synth.charts.content import ROUND, Content, Kind, NumberStyle
from ocr2.synth.charts.pillow_axes import draw_fast
from ocr2.synth.charts.records import ChartAnswer, ChartRecord, PointRecord, TextRecord
from ocr2.synth.charts.rendered import DataPoint, RenderedChart, RenderedText
from ocr2.synth.charts.sampler import ContentSampler
from ocr2.synth.charts.style import Style, draw_style
from ocr2.synth.fonts import FontLibrary

Renderer = Literal["fast", "matplotlib", "vega-lite"]
SHARES: dict[Renderer, float] = {"fast": 0.55, "matplotlib": 0.27, "vega-lite": 0.18}
TRIES = 12
MAX_OUTSIDE = 2.0  # pixels that text may extend beyond the picture
MIN_HEIGHT = 4.5 * 0.7  # pixels of text that can be read
MAX_TEXTS = 120


@dataclass(frozen=True, slots=True)
class ChartSample:
    """A chart and its truth."""

    pixels: NDArray[np.uint8]  # (height, width, 3)
    record: ChartRecord


class ChartEngine:
    """Draws charts.

    Args:
        sampler: Source of the charts' content.
        fonts: Fonts for all text.
        held_out: Whether palettes, style sheets and themes are those of the validation split.
        shares: Share of each renderer.
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
        """Draw charts until one is readable, and return it.

        Args:
            rng: Source of every choice.
            kind: The chart's kind; any if None.
            printed: Whether values are printed beside their data points; either if None.

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

    def _render(self, renderer: Renderer, content: Content, style: Style, rng: np.random.Generator) -> RenderedChart:
        if renderer == "fast":
            return draw_fast(content, style, rng)
        if renderer == "matplotlib":
            from ocr2.synth.charts.mpl import draw_mpl

            return draw_mpl(content, style, rng, held_out=self.held_out)
        from ocr2.synth.charts.vega import draw_vega

        return draw_vega(content, style, rng, held_out=self.held_out)


def is_readable(drawn: RenderedChart) -> bool:
    """Say whether all text is inside the picture, large enough and not on top of other text."""
    height, width = drawn.pixels.shape[:2]
    boxes = []
    for text in drawn.texts:
        if text.role in ("other",):
            continue
        left, top, right, bottom = extent(text)
        if min(left, top) < -MAX_OUTSIDE or right > width + MAX_OUTSIDE or bottom > height + MAX_OUTSIDE:
            return False
        if text.height < MIN_HEIGHT or text.width < 1:
            return False
        boxes.append((left, top, right, bottom, text.angle))
    if not 1 <= len(boxes) <= MAX_TEXTS or not drawn.points:
        return False
    return not _crowded(np.array(boxes))


def extent(text: RenderedText) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of a rotated line of text."""
    turn = np.radians(text.angle)
    wide = (abs(text.width * np.cos(turn)) + abs(text.height * np.sin(turn))) / 2
    high = (abs(text.width * np.sin(turn)) + abs(text.height * np.cos(turn))) / 2
    return text.x - wide, text.y - high, text.x + wide, text.y + high


def _crowded(boxes: NDArray[np.float64]) -> bool:
    """Say whether two horizontal or vertical lines overlap by a quarter of the smaller."""
    flat = boxes[np.isin(boxes[:, 4] % 360, (0, 90, 270))]
    low = np.maximum(flat[:, None, :2], flat[None, :, :2])
    high = np.minimum(flat[:, None, 2:4], flat[None, :, 2:4])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area = (flat[:, 2:4] - flat[:, :2]).prod(axis=1)
    smaller = np.minimum(area[:, None], area[None, :])
    np.fill_diagonal(shared, 0)
    return bool((shared > 0.25 * smaller).any())


def describe(content: Content, drawn: RenderedChart) -> ChartRecord:
    """Return the record of a rendered chart."""
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
        "texts": [_text_record(t) for t in drawn.texts],
        "points": [_point_record(p) for p in drawn.points],
    }


def answer_of(content: Content, *, printed: bool) -> ChartAnswer:
    """Return the answer in OneChart's form; values that are not printed have the format that they would have."""
    if content.kind in ROUND and not printed:
        content = _as_shares(content)
    parts: list[dict[str, str]] = []
    for series in content.series:
        show = content.numbers_of(series).show
        parts.append({n: show(v) for n, v in zip(content.labels, series.values, strict=True) if v is not None})
    if len(parts) == 1 and content.series[0].name is None:
        values: dict[str, str] | dict[str, dict[str, str]] = parts[0]
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


def _text_record(t: RenderedText) -> TextRecord:
    return {
        "text": t.text,
        "x": _rounded(t.x),
        "y": _rounded(t.y),
        "width": _rounded(t.width),
        "height": _rounded(t.height),
        "angle": _rounded(t.angle),
        "role": t.role,
        "series": t.series,
        "index": t.index,
    }


def _point_record(p: DataPoint) -> PointRecord:
    return {
        "series": p.series,
        "index": p.index,
        "x": _rounded(p.x),
        "y": _rounded(p.y),
        "base_x": _rounded(p.base_x),
        "base_y": _rounded(p.base_y),
    }


def _rounded(value: float) -> float:
    return round(float(value), 2) if isinstance(value, float) else value  # whole numbers stay whole in JSON
