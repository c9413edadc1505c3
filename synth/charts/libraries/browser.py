"""Charts by Plotly, ECharts and Chart.js with hardly any settings, printed by a browser without a window."""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium

from ocr2.synth.charts.content import ROUND, Content

Rng = np.random.Generator
SCRIPTS = {"plotly": "plotly.min.js", "echarts": "echarts.min.js", "chartjs": "chart.umd.min.js"}
SIZES = {
    "plotly": ((700, 450), (700, 450), (700, 450), (500, 400), (400, 300), (1000, 500), (300, 250)),
    "echarts": ((600, 400), (600, 400), (800, 500), (400, 300), (300, 240), (500, 500)),
    "chartjs": ((600, 300), (600, 300), (400, 400), (300, 150), (800, 400)),
}
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
    "echarts": 'echarts.init(at, s.theme, {renderer: "svg"}).setOption(s.option);',
    "chartjs": 'const c = document.createElement("canvas"); at.appendChild(c); s.options.animation = false; '
    "s.options.devicePixelRatio = s.ratio; new Chart(c, s);",
}


def print_charts(library: str, scripts: Path, contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a page for each content; returns their numbers.

    Args:
        library: plotly, echarts or chartjs.
        scripts: Folder with the files of SCRIPTS.
        contents: Of the charts.
        rng: For sizes and themes.
        path: Of the PDF.
    """
    build = {"plotly": plotly_spec, "echarts": echarts_spec, "chartjs": chartjs_spec}[library]
    sizes = [SIZES[library][int(rng.integers(len(SIZES[library])))] for _ in contents]
    specs = [build(content, rng, size) for content, size in zip(contents, sizes, strict=True)]
    rules = "\n".join(
        f"@page p{i} {{ size: {w}px {h}px }} #c{i} {{ page: p{i}; width: {w}px; height: {h}px; break-after: page }}"
        for i, (w, h) in enumerate(sizes)
    )
    divs = "".join(f'<div id="c{i}"></div>' for i in range(len(specs)))
    script = (scripts / SCRIPTS[library]).read_text(encoding="utf-8").replace("</script>", r"<\/script>")
    page = PAGE.format(
        rules=rules, script=script, divs=divs, specs=json.dumps(specs).replace("</", r"<\/"), draw=DRAW[library]
    )
    with tempfile.TemporaryDirectory() as folder:
        html = Path(folder, "charts.html")
        html.write_text(page, encoding="utf-8")
        command = [
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            "--virtual-time-budget=20000",
            f"--print-to-pdf={path}",
            html.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    pdf = pdfium.PdfDocument(path.read_bytes())
    if len(pdf) > len(contents):  # a browser may add an empty page at the end
        del pdf[len(contents)]
        pdf.save(path)
    pdf.close()
    return list(range(len(contents)))


def _labels(content: Content) -> list[Any]:
    return list(content.places) if content.places is not None else list(content.labels)


def plotly_spec(content: Content, rng: Rng, size: tuple[int, int]) -> dict[str, Any]:
    """Return data and layout of Plotly."""
    labels = _labels(content)
    names = [s.name for s in content.series]
    layout: dict[str, Any] = {"width": size[0], "height": size[1]}
    if content.title:
        layout["title"] = {"text": content.title[:60]}
    if content.kind in ROUND:
        shares = [abs(v or 0) for v in content.series[0].values]
        data = [{"type": "pie", "labels": labels, "values": shares, "hole": 0.4 if content.kind == "donut" else 0}]
        if rng.random() < 0.4:
            data[0]["textinfo"] = ("label+percent", "value", "none", "label")[int(rng.integers(4))]
        return {"data": data, "layout": layout}
    data = []
    for series in content.series:
        values: list[Any] = list(series.values)
        trace: dict[str, Any] = {"x": labels, "y": values, **({"name": series.name} if series.name else {})}
        if content.kind == "hbar":
            trace.update(x=values, y=labels, type="bar", orientation="h")
        elif content.kind in ("bar", "combo") and not series.line:
            trace.update(type="bar", **({"text": [str(v) for v in values]} if rng.random() < 0.2 else {}))
        elif content.kind == "scatter":
            trace.update(type="scatter", mode="markers")
        elif content.kind == "area":
            trace.update(type="scatter", fill="tozeroy" if content.arrangement != "stacked" else None, mode="lines")
            trace.update({"stackgroup": "one"} if content.arrangement == "stacked" else {})
        else:
            trace.update(type="scatter", mode=("lines", "lines+markers")[int(rng.integers(2))])
        data.append(trace)
    if content.arrangement == "stacked":
        layout["barmode"] = "stack"
    axis = {"type": "category"} if content.places is None and rng.random() < 0.7 else {}
    layout["yaxis" if content.kind == "hbar" else "xaxis"] = axis
    for name, title in (("xaxis", content.x_title), ("yaxis", content.y_title)):
        if title:
            layout[name] = {**layout.get(name, {}), "title": {"text": title}}
    if len(names) == 1 and names[0] and rng.random() < 0.3:
        layout["showlegend"] = True
    return {"data": data, "layout": layout}


def echarts_spec(content: Content, rng: Rng, size: tuple[int, int]) -> dict[str, Any]:
    """Return an option of ECharts and its theme."""
    option: dict[str, Any] = {"animation": False}
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
        data = [
            {"name": n, "value": abs(v or 0)} for n, v in zip(content.labels, content.series[0].values, strict=True)
        ]
        radius: Any = ["40%", "70%"] if content.kind == "donut" else "50%"
        label = {"label": {"formatter": "{b}: {d}%"}} if rng.random() < 0.4 else {}
        option["series"] = [{"type": "pie", "radius": radius, "data": data, **label}]
        return {"option": option, "theme": theme}
    numeric = content.places is not None
    base: dict[str, Any] = {"type": "value"} if numeric else {"type": "category", "data": list(content.labels)}
    value: dict[str, Any] = {"type": "value"}
    if content.x_title:
        (value if content.kind == "hbar" else base).update(name=content.x_title)
    if content.y_title:
        (base if content.kind == "hbar" else value).update(name=content.y_title)
    if content.kind in ("line", "area") and not numeric:
        base["boundaryGap"] = bool(rng.random() < 0.4)
    option["xAxis"], option["yAxis"] = (value, base) if content.kind == "hbar" else (base, value)
    option["series"] = []
    for series in content.series:
        values: list[Any] = list(series.values)
        if numeric:
            values = [[x, y] for x, y in zip(content.places or (), values, strict=True)]
        kind = (
            "bar"
            if content.kind in ("bar", "hbar", "combo") and not series.line
            else "scatter"
            if content.kind == "scatter"
            else "line"
        )
        entry: dict[str, Any] = {"type": kind, "data": values, **({"name": series.name} if series.name else {})}
        if content.arrangement == "stacked":
            entry["stack"] = "total"
        if content.kind == "area":
            entry["areaStyle"] = {}
        if kind == "line" and rng.random() < 0.15:
            entry["step"] = "middle"
        if rng.random() < 0.2:
            entry["label"] = {"show": True, "position": "inside" if content.arrangement == "stacked" else "top"}
        option["series"].append(entry)
    return {"option": option, "theme": theme}


def chartjs_spec(content: Content, rng: Rng, size: tuple[int, int]) -> dict[str, Any]:
    """Return a configuration of Chart.js."""
    colours = ("#36A2EB", "#FF6384", "#FF9F40", "#FFCD56", "#4BC0C0", "#9966FF", "#C9CBCF")
    pale = rng.random() < 0.5
    options: dict[str, Any] = {"responsive": True, "maintainAspectRatio": False, "plugins": {}}
    if content.title:
        options["plugins"]["title"] = {"display": True, "text": content.title[:50]}
    kind = {"pie": "pie", "donut": "doughnut", "scatter": "scatter", "line": "line", "area": "line"}.get(
        content.kind, "bar"
    )
    sets = []
    for i, series in enumerate(content.series):
        color = colours[i % len(colours)]
        values: list[Any] = list(series.values)
        if content.places is not None and kind in ("scatter", "line"):
            values = [{"x": x, "y": y} for x, y in zip(content.places, values, strict=True)]
        if content.kind in ROUND:
            sets.append({"data": [abs(v or 0) for v in series.values], "backgroundColor": list(colours)})
            continue
        entry: dict[str, Any] = {
            "label": series.name or "Dataset 1",
            "data": values,
            "borderColor": color,
            "backgroundColor": color + ("80" if pale else ""),
            "borderWidth": 1 if kind == "bar" else 2,
        }
        if content.kind == "area":
            entry["fill"] = True
        if series.line:
            entry["type"] = "line"
        sets.append(entry)
    if content.kind not in ROUND and content.series[0].name is None and rng.random() < 0.6:
        options["plugins"]["legend"] = {"display": False}
    if content.kind == "hbar":
        options["indexAxis"] = "y"
    if content.kind not in ROUND:
        stacked = content.arrangement == "stacked"
        options["scales"] = {
            "x": {"stacked": stacked},
            "y": {"stacked": stacked, **({"beginAtZero": True} if rng.random() < 0.7 else {})},
        }
        if content.places is not None and kind == "line":
            options["scales"]["x"]["type"] = "linear"
        for name, title in (("x", content.x_title), ("y", content.y_title)):
            if title:
                options["scales"][name]["title"] = {"display": True, "text": title}
    data = {"labels": list(content.labels), "datasets": sets}
    return {"type": kind, "data": data, "options": options, "ratio": float(rng.choice([1, 1, 2]))}


def script_files(folder: Path) -> dict[str, Path]:
    """Return the scripts of a folder of unpacked npm packages, wherever they lie in it."""
    return {name: next(folder.rglob(re.sub(r"\[|\]", "", file))) for name, file in SCRIPTS.items()}
