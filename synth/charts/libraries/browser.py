"""Charts by Plotly, ECharts and Chart.js with hardly any settings, printed by a headless browser."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium

from ocr2.json_types import Json, JsonObject
from ocr2.synth.browser import print_html
from ocr2.synth.charts.content import ROUND, Content, SeriesContent

Rng = np.random.Generator
SCRIPTS = {"plotly": "plotly.min.js", "echarts": "echarts.min.js", "chartjs": "chart.umd.min.js"}
SIZES = {
    "plotly": ((700, 450), (700, 450), (700, 450), (500, 400), (400, 300), (1000, 500), (300, 250)),
    "echarts": ((600, 400), (600, 400), (800, 500), (400, 300), (300, 240), (500, 500)),
    "chartjs": ((600, 300), (600, 300), (400, 400), (300, 150), (800, 400)),
}
COLOURS = ("#36A2EB", "#FF6384", "#FF9F40", "#FFCD56", "#4BC0C0", "#9966FF", "#C9CBCF")  # of Chart.js
SECONDS = 240
PAGE = """<!doctype html><meta charset="utf-8"><style>@page {{ margin: 0 }} body {{ margin: 0 }}
{rules}</style><script>{script}</script><body>{divs}<script>
const specs = {specs};
specs.forEach((s, i) => {{
  const at = document.getElementById("c" + i);
  try {{ {draw} }} catch (e) {{ at.remove(); }}
}});
</script>"""
DRAW = {
    "plotly": "Plotly.newPlot(at, s.data, s.layout, {displayModeBar: false, staticPlot: true});",
    "echarts": "if (s.map) echarts.registerMap(s.name, s.map); "
    'echarts.init(at, s.theme, {renderer: "svg"}).setOption(s.option);',
    "chartjs": 'const c = document.createElement("canvas"); at.appendChild(c); s.options.animation = false; '
    "s.options.devicePixelRatio = s.ratio; new Chart(c, s);",
}


def print_charts(library: str, scripts: Path, contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a page for each content; returns their numbers.

    Args:
        library: plotly, echarts or chartjs.
        scripts: Folder with the files of SCRIPTS.
        contents: Content of each chart.
        rng: Source of sizes and settings.
        path: The PDF.
    """
    build = {"plotly": plotly_spec, "echarts": echarts_spec, "chartjs": chartjs_spec}[library]
    sizes = [SIZES[library][int(rng.integers(len(SIZES[library])))] for _ in contents]
    specs = [build(content, rng, size) for content, size in zip(contents, sizes, strict=True)]
    print_specs(library, scripts, specs, sizes, path)
    return list(range(len(contents)))


def print_specs(
    library: str, scripts: Path, specs: Sequence[JsonObject], sizes: Sequence[tuple[int, int]], path: Path
) -> None:
    """Write a PDF with a page for each specification of a library.

    Args:
        library: plotly, echarts or chartjs.
        scripts: Folder with the files of SCRIPTS.
        specs: What DRAW makes a chart of, each.
        sizes: Width and height of each, CSS pixels.
        path: The PDF.
    """
    rules = "\n".join(
        f"@page p{i} {{ size: {w}px {h}px }} #c{i} {{ page: p{i}; width: {w}px; height: {h}px; break-after: page }}"
        for i, (w, h) in enumerate(sizes)
    )
    divs = "".join(f'<div id="c{i}"></div>' for i in range(len(specs)))
    script = (scripts / SCRIPTS[library]).read_text(encoding="utf-8").replace("</script>", r"<\/script>")
    page = PAGE.format(
        rules=rules, script=script, divs=divs, specs=json.dumps(specs).replace("</", r"<\/"), draw=DRAW[library]
    )
    print_html(page, path, seconds=SECONDS, script_seconds=20)
    pdf = pdfium.PdfDocument(path.read_bytes())
    if len(pdf) > len(specs):  # a browser may add an empty page at the end
        del pdf[len(specs)]
        pdf.save(path)
    pdf.close()


def _labels(content: Content) -> Sequence[Json]:
    return list(content.places) if content.places is not None else list(content.labels)


def plotly_spec(content: Content, rng: Rng, size: tuple[int, int]) -> JsonObject:
    """Return data and layout of Plotly."""
    labels = _labels(content)
    names = [s.name for s in content.series]
    layout: dict[str, Json] = {"width": size[0], "height": size[1]}
    if content.title:
        layout["title"] = {"text": content.title[:60]}
    if content.kind in ROUND:
        shares = [abs(v or 0) for v in content.series[0].values]
        hole = 0.4 if content.kind == "donut" else 0
        pie: dict[str, Json] = {"type": "pie", "labels": labels, "values": shares, "hole": hole}
        if rng.random() < 0.4:
            pie["textinfo"] = ("label+percent", "value", "none", "label")[int(rng.integers(4))]
        return {"data": [pie], "layout": layout}
    data = [_plotly_trace(content, series, labels, rng) for series in content.series]
    if content.arrangement == "stacked":
        layout["barmode"] = "stack"
    axis: dict[str, Json] = {"type": "category"} if content.places is None and rng.random() < 0.7 else {}
    axes = {"yaxis" if content.kind == "hbar" else "xaxis": axis}
    for name, title in (("xaxis", content.x_title), ("yaxis", content.y_title)):
        if title:
            axes[name] = {**axes.get(name, {}), "title": {"text": title}}
    layout.update(axes)
    if len(names) == 1 and names[0] and rng.random() < 0.3:
        layout["showlegend"] = True
    return {"data": data, "layout": layout}


def _plotly_trace(content: Content, series: SeriesContent, labels: Sequence[Json], rng: Rng) -> JsonObject:
    values = list(series.values)
    trace: dict[str, Json] = {"x": labels, "y": values}
    if series.name:
        trace["name"] = series.name
    if content.kind == "hbar":
        trace.update(x=values, y=labels, type="bar", orientation="h")
    elif content.kind in ("bar", "combo") and not series.line:
        trace["type"] = "bar"
        if rng.random() < 0.2:
            trace["text"] = [str(v) for v in values]
    elif content.kind == "scatter":
        trace.update(type="scatter", mode="markers")
    elif content.kind == "area":
        trace.update(type="scatter", fill="tozeroy" if content.arrangement != "stacked" else None, mode="lines")
        if content.arrangement == "stacked":
            trace["stackgroup"] = "one"
    else:
        trace.update(type="scatter", mode=("lines", "lines+markers")[int(rng.integers(2))])
    return trace


def echarts_spec(content: Content, rng: Rng, size: tuple[int, int]) -> JsonObject:
    """Return an option of ECharts and its theme."""
    option: dict[str, Json] = {"animation": False}
    if content.title:
        option["title"] = {"text": content.title[:40]}
    if any(s.name for s in content.series) and content.kind not in ROUND:
        option["legend"] = {} if not content.title else {"top": 26}
    elif content.kind in ROUND and rng.random() < 0.6:
        option["legend"] = (
            {"orient": "vertical", "left": "left"} if rng.random() < 0.5 else {"top": "5%", "left": "center"}
        )
    theme = "dark" if rng.random() < 0.07 else None
    if content.kind in ROUND:
        slices = zip(content.labels, content.series[0].values, strict=True)
        pie: dict[str, Json] = {
            "type": "pie",
            "radius": ["40%", "70%"] if content.kind == "donut" else "50%",
            "data": [{"name": n, "value": abs(v or 0)} for n, v in slices],
        }
        if rng.random() < 0.4:
            pie["label"] = {"formatter": "{b}: {d}%"}
        option["series"] = [pie]
        return {"option": option, "theme": theme}
    numeric = content.places is not None
    base: dict[str, Json] = {"type": "value"} if numeric else {"type": "category", "data": list(content.labels)}
    value: dict[str, Json] = {"type": "value"}
    if content.x_title:
        (value if content.kind == "hbar" else base).update(name=content.x_title)
    if content.y_title:
        (base if content.kind == "hbar" else value).update(name=content.y_title)
    if content.kind in ("line", "area") and not numeric:
        base["boundaryGap"] = bool(rng.random() < 0.4)
    option["xAxis"], option["yAxis"] = (value, base) if content.kind == "hbar" else (base, value)
    option["series"] = [_echarts_series(content, series, rng) for series in content.series]
    return {"option": option, "theme": theme}


def _echarts_series(content: Content, series: SeriesContent, rng: Rng) -> JsonObject:
    points: Json = list(series.values)
    if content.places is not None:
        points = [[x, y] for x, y in zip(content.places, series.values, strict=True)]
    bars = content.kind in ("bar", "hbar", "combo") and not series.line
    kind = "bar" if bars else "scatter" if content.kind == "scatter" else "line"
    entry: dict[str, Json] = {"type": kind, "data": points}
    if series.name:
        entry["name"] = series.name
    if content.arrangement == "stacked":
        entry["stack"] = "total"
    if content.kind == "area":
        entry["areaStyle"] = {}
    if kind == "line" and rng.random() < 0.15:
        entry["step"] = "middle"
    if rng.random() < 0.2:
        entry["label"] = {"show": True, "position": "inside" if content.arrangement == "stacked" else "top"}
    return entry


def chartjs_spec(content: Content, rng: Rng, size: tuple[int, int]) -> JsonObject:
    """Return a configuration of Chart.js."""
    pale = rng.random() < 0.5
    plugins: dict[str, Json] = {}
    options: dict[str, Json] = {"responsive": True, "maintainAspectRatio": False, "plugins": plugins}
    if content.title:
        plugins["title"] = {"display": True, "text": content.title[:50]}
    kind = {"pie": "pie", "donut": "doughnut", "scatter": "scatter", "line": "line", "area": "line"}.get(
        content.kind, "bar"
    )
    sets = [_chartjs_set(content, i, kind, pale=pale) for i in range(len(content.series))]
    if content.kind not in ROUND and content.series[0].name is None and rng.random() < 0.6:
        plugins["legend"] = {"display": False}
    if content.kind == "hbar":
        options["indexAxis"] = "y"
    if content.kind not in ROUND:
        stacked = content.arrangement == "stacked"
        x: dict[str, Json] = {"stacked": stacked}
        y: dict[str, Json] = {"stacked": stacked}
        if rng.random() < 0.7:
            y["beginAtZero"] = True
        options["scales"] = {"x": x, "y": y}
        if content.places is not None and kind == "line":
            x["type"] = "linear"
        for axis, title in ((x, content.x_title), (y, content.y_title)):
            if title:
                axis["title"] = {"display": True, "text": title}
    data: Json = {"labels": list(content.labels), "datasets": sets}
    return {"type": kind, "data": data, "options": options, "ratio": float(rng.choice([1, 1, 2]))}


def _chartjs_set(content: Content, number: int, kind: str, *, pale: bool) -> JsonObject:
    series, color = content.series[number], COLOURS[number % len(COLOURS)]
    if content.kind in ROUND:
        return {"data": [abs(v or 0) for v in series.values], "backgroundColor": list(COLOURS)}
    points: Json = list(series.values)
    if content.places is not None and kind in ("scatter", "line"):
        points = [{"x": x, "y": y} for x, y in zip(content.places, series.values, strict=True)]
    entry: dict[str, Json] = {
        "label": series.name or "Dataset 1",
        "data": points,
        "borderColor": color,
        "backgroundColor": color + ("80" if pale else ""),
        "borderWidth": 1 if kind == "bar" else 2,
    }
    if content.kind == "area":
        entry["fill"] = True
    if series.line:
        entry["type"] = "line"
    return entry


def script_files(folder: Path) -> dict[str, Path]:
    """Return the scripts in a folder of unpacked npm packages, at any depth."""
    return {name: next(folder.rglob(re.sub(r"\[|\]", "", file))) for name, file in SCRIPTS.items()}
