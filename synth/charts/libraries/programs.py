"""Charts by LibreOffice (as spreadsheets print them), gnuplot, ggplot2 and Vega-Lite with their own settings."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ocr2.json_types import Json
from ocr2.synth.charts.content import ROUND, Content

if TYPE_CHECKING:
    from vl_convert import VegaThemes
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

Rng = np.random.Generator
THEMES: "tuple[VegaThemes | None, ...]" = (None, None, None, None, "excel", "ggplot2", "quartz", "vox")  # of Vega-Lite
SECONDS = 300
EDGE = 3.0  # points of paper around a chart of a sheet


def print_sheets(contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a chart of a workbook a page."""
    import pypdfium2 as pdfium
    import xlsxwriter

    with tempfile.TemporaryDirectory() as folder:
        book_path = Path(folder, "charts.xlsx")
        book = xlsxwriter.Workbook(book_path, {"nan_inf_to_errors": True})
        sheets = [book.add_worksheet(f"C{i}") for i in range(len(contents))]  # first, so that data follow all charts
        sizes = []
        for i, content in enumerate(contents):
            data = book.add_worksheet(f"D{i}")
            data.hide()
            sizes.append(_fill(book, sheets[i], data, content, rng, i))
        book.close()
        command = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            folder,
            str(book_path),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        pdf = pdfium.PdfDocument(Path(folder, "charts.pdf"))
        for page, (width, height) in zip(list(pdf), sizes, strict=False):
            _, bottom, _, top = page.get_mediabox()
            page.set_cropbox(0, max(bottom, top - 0.75 * height - 2 * EDGE), 0.75 * width + 2 * EDGE, top)
        pdf.save(path)
        pdf.close()
    return list(range(len(contents)))


def _fill(
    book: "Workbook", sheet: "Worksheet", data: "Worksheet", content: Content, rng: Rng, number: int
) -> tuple[int, int]:
    count = len(content.labels)
    data.write_column(0, 0, list(content.places) if content.places is not None else list(content.labels))
    kind = {
        "bar": {"type": "column"},
        "hbar": {"type": "bar"},
        "line": {"type": "line"},
        "area": {"type": "area"},
        "scatter": {"type": "scatter"},
        "pie": {"type": "pie"},
        "donut": {"type": "doughnut"},
    }.get(content.kind, {"type": "column"})
    if content.arrangement == "stacked":
        kind["subtype"] = "stacked" if rng.random() < 0.7 else "percent_stacked"
    chart = book.add_chart(kind)
    for i, series in enumerate(content.series):
        values = [None if v is None else abs(v) if content.kind in ROUND else v for v in series.values]
        data.write_column(0, i + 1, values)
        entry: dict[str, Json] = {
            "categories": [f"D{number}", 0, 0, count - 1, 0],
            "values": [f"D{number}", 0, i + 1, count - 1, i + 1],
        }
        if series.name:
            entry["name"] = series.name
        if rng.random() < 0.2 or (content.kind in ROUND and rng.random() < 0.5):
            entry["data_labels"] = {"percentage": True} if content.kind in ROUND else {"value": True}
        if content.kind == "line" and rng.random() < 0.4:
            entry["marker"] = {"type": "automatic"}
        chart.add_series(entry)
    if content.title:
        chart.set_title({"name": content.title[:60]})
    else:
        chart.set_title({"none": True})
    if content.x_title:
        chart.set_x_axis({"name": content.x_title})
    if content.y_title:
        chart.set_y_axis(
            {"name": content.y_title, **({"major_gridlines": {"visible": False}} if rng.random() < 0.3 else {})}
        )
    if content.series[0].name is None and content.kind not in ROUND and rng.random() < 0.7:
        chart.set_legend({"none": True})
    elif rng.random() < 0.4:
        chart.set_legend({"position": ("bottom", "top", "left")[int(rng.integers(3))]})
    if rng.random() < 0.5:
        chart.set_style(int(rng.integers(1, 49)))
    size = ((480, 288), (480, 288), (480, 288), (600, 400), (360, 220), (700, 350))[int(rng.integers(6))]
    chart.set_size({"width": size[0], "height": size[1]})
    sheet.insert_chart("A1", chart)
    sheet.set_margins(0, 0, 0, 0)
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 1)
    return size


def plot_gnuplot(contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a plot of gnuplot a page; pies are drawn as bars."""
    wide, high, em = (
        (6.4, 5.0, 8.0)[int(rng.integers(3))],
        (4.8, 3.5)[int(rng.integers(2))],
        (10, 12, 8)[int(rng.integers(3))],
    )
    lines = [
        f"set terminal pdfcairo size {wide},{high} font 'Sans,{em}' color",
        f'set output "{path}"',
        "set datafile missing 'NaN'",
    ]
    for content in contents:
        lines += _gnuplot(content, rng)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "plots.gp")
        script.write_text("\n".join([*lines, "unset output"]) + "\n", encoding="utf-8")
        subprocess.run(["gnuplot", str(script)], check=True, capture_output=True, timeout=SECONDS)
    return list(range(len(contents)))


def _quoted(text: str) -> str:
    return (
        '"'
        + text.replace("\\", "")
        .replace('"', "'")
        .replace("_", " ")
        .replace("{", "(")
        .replace("}", ")")
        .replace("^", " ")
        .replace("@", "a")
        .replace("&", "+")
        .replace("~", "-")
        + '"'
    )


def _gnuplot(content: Content, rng: Rng) -> list[str]:
    lines = [
        "reset",
        f"set title {_quoted(content.title[:60] if content.title else '')}",
        f"set xlabel {_quoted(content.x_title or '')}",
        f"set ylabel {_quoted(content.y_title or '')}",
    ]
    lines += ["set grid"] if rng.random() < 0.3 else []
    lines += ["set key outside"] if rng.random() < 0.3 else []
    numeric = content.places is not None and content.kind in ("line", "area", "scatter")
    rows = []
    for j, label in enumerate(content.labels):
        x = f"{content.places[j]}" if numeric and content.places is not None else _quoted(label)
        rows.append(" ".join([x, *("NaN" if s.values[j] is None else f"{s.values[j]}" for s in content.series)]))
    lines += ["$data << EOD", *rows, "EOD"]
    if content.kind in ("line", "area", "scatter"):
        how = {
            "line": "linespoints" if rng.random() < 0.6 else "lines",
            "area": "filledcurves y1=0",
            "scatter": "points",
        }[content.kind]
        columns = "1:{c}" if numeric else "0:{c}:xtic(1)"
    else:
        how = "histograms"
        columns = "{c}:xtic(1)"
        lines += [
            f"set style histogram {'rowstacked' if content.arrangement == 'stacked' else 'clustered gap 1'}",
            f"set style fill {'solid 0.8' if rng.random() < 0.7 else 'pattern'} border -1",
            "set yrange [*:*]",
            f"set xtics {'rotate by -45' if len(content.labels) > 7 else ''}",
        ]
    parts = [
        f"$data using {columns.format(c=i + 2)} with {how} {'title ' + _quoted(s.name) if s.name else 'notitle'}"
        for i, s in enumerate(content.series)
    ]
    return [*lines, "plot " + ", ".join(parts)]


def plot_ggplot(contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a plot of ggplot2, or of R's own graphics, a page."""
    size = ((7, 7), (7, 5), (6, 4), (4, 3))[int(rng.integers(4))]
    lines = [
        "suppressMessages(library(ggplot2))",
        f'cairo_pdf("{path}", width={size[0]}, height={size[1]}, onefile=TRUE)',
    ]
    lines += [f"try({{ {_ggplot(content, rng)} }}, silent=TRUE)" for content in contents]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "plots.R")
        script.write_text("\n".join([*lines, "invisible(dev.off())"]) + "\n", encoding="utf-8")
        subprocess.run(["Rscript", str(script)], check=True, capture_output=True, timeout=SECONDS)
    return list(range(len(contents)))


def _strings(items: Sequence[str]) -> str:
    return "c(" + ", ".join('"' + str(i).replace("\\", "").replace('"', "'") + '"' for i in items) + ")"


def _numbers(items: Sequence[float | None]) -> str:
    return (
        "c("
        + ", ".join("NA" if v is None else f"{v!r}" for v in (None if i is None else float(i) for i in items))
        + ")"
    )


def _ggplot(content: Content, rng: Rng) -> str:
    names = [s.name or "value" for s in content.series]
    values = [v for s in content.series for v in s.values]
    if rng.random() < 0.2 and content.kind not in ("area", "scatter"):
        return _base_r(content, names, rng)
    labels = list(content.labels) * len(names)
    groups = [n for n in names for _ in content.labels]
    x = (
        _numbers(list(content.places or ()) * len(names))
        if content.places is not None
        else f"factor({_strings(labels)}, levels={_strings(list(dict.fromkeys(content.labels)))})"
    )
    levels = _strings(list(dict.fromkeys(names)))
    frame = f"d <- data.frame(x={x}, y={_numbers(values)}, s=factor({_strings(groups)}, levels={levels}))"
    fill = ", fill=s" if len(names) > 1 else ""
    color = ", color=s, group=s" if len(names) > 1 else ", group=1"
    geom = {
        "line": f"geom_line(aes(x, y{color})){' + geom_point(aes(x, y' + color + '))' if rng.random() < 0.4 else ''}",
        "scatter": f"geom_point(aes(x, y{color.replace(', group=1', '')}))",
        "area": "geom_area(aes(x, y, fill=s, group=s))",
        "pie": 'geom_col(aes(x="", y=abs(y), fill=x), width=1) + coord_polar("y")',
        "donut": 'geom_col(aes(x="", y=abs(y), fill=x), width=1) + coord_polar("y") + theme_void()',
    }.get(
        content.kind,
        f'geom_col(aes(x, y{fill}), position="{"stack" if content.arrangement == "stacked" else "dodge"}")',
    )
    flip = " + coord_flip()" if content.kind == "hbar" else ""
    theme = ("", "", "", " + theme_bw()", " + theme_minimal()", " + theme_classic()")[int(rng.integers(6))]
    turned = (
        " + theme(axis.text.x = element_text(angle=45, hjust=1))"
        if len(content.labels) > 7 and not flip and content.kind not in ROUND
        else ""
    )
    title = f", title={_strings([content.title[:50]])}" if content.title else ""
    labs = (
        f" + labs(x={_strings([content.x_title or 'x'])}, y={_strings([content.y_title or 'y'])}{title})"
        if content.kind not in ROUND
        else ""
    )
    return f"{frame}; print(ggplot(d) + {geom}{flip}{theme}{turned}{labs})"


def _base_r(content: Content, names: Sequence[str], rng: Rng) -> str:
    title = _strings([content.title[:50] if content.title else ""])
    first = _numbers([v or 0 for v in content.series[0].values])
    if content.kind in ROUND:
        return f"pie(abs({first}), labels={_strings(content.labels)}, main={title})"
    if content.kind == "line":
        titles = f"xlab={_strings([content.x_title or 'Index'])}, ylab={_strings([content.y_title or 'y'])}"
        return f'plot({first}, type="{"bol"[int(rng.integers(3))]}", main={title}, {titles})'
    rows = "rbind(" + ", ".join(_numbers([v or 0 for v in s.values]) for s in content.series) + ")"
    beside = "FALSE" if content.arrangement == "stacked" else "TRUE"
    legend = f", legend.text={_strings(names)}" if len(names) > 1 else ""
    flat = ", horiz=TRUE, las=1" if content.kind == "hbar" else ""
    return f"barplot({rows}, names.arg={_strings(content.labels)}, beside={beside}{legend}{flat}, main={title})"


def vega_spec(content: Content, rng: Rng) -> dict[str, Json]:
    """Return a Vega-Lite specification with its own settings."""
    x, y = content.x_title or "x", content.y_title or "y"
    if x == y:
        y += " value"
    names = {
        "x": x.replace(".", " ").replace("[", "(").replace("]", ")"),
        "y": y.replace(".", " ").replace("[", "(").replace("]", ")"),
    }
    labels: Sequence[Json] = list(content.places) if content.places is not None else list(content.labels)
    rows = [
        {names["x"]: label, names["y"]: abs(value) if content.kind in ROUND else value, "series": s.name or "value"}
        for s in content.series
        for label, value in zip(labels, s.values, strict=True)
        if value is not None
    ]
    numeric = content.places is not None
    label_type = "quantitative" if numeric else ("ordinal" if rng.random() < 0.7 else "nominal")
    base: dict[str, Json] = {"field": names["x"], "type": label_type}
    if not numeric and rng.random() < 0.6:
        base["sort"] = None
    if not numeric and rng.random() < 0.3:
        base["axis"] = {"labelAngle": float(rng.choice([0, -45]))}
    value: dict[str, Json] = {"field": names["y"], "type": "quantitative"}
    several = {"color": {"field": "series", "type": "nominal"}} if len(content.series) > 1 else {}
    spec: dict[str, Json] = {"data": {"values": rows}, **({"title": content.title[:50]} if content.title else {})}
    if content.kind in ROUND:
        mark: Json = {"type": "arc", "innerRadius": 40} if content.kind == "donut" else "arc"
        spec.update(
            mark=mark, encoding={"theta": value, "color": {"field": names["x"], "type": "nominal", "sort": None}}
        )
    else:
        dotted: tuple[Json, Json] = "line", {"type": "line", "point": True}
        marks: dict[str, Json] = {
            "line": dotted[int(rng.integers(2))],
            "area": "area",
            "scatter": ("point", "circle", "square")[int(rng.integers(3))],
        }
        mark = marks.get(content.kind, "bar")
        encoding: dict[str, Json] = {"x": base, "y": value, **several}
        if content.kind == "hbar":
            encoding = {"y": base, "x": value, **several}
        if content.kind in ("bar", "hbar", "combo") and content.arrangement == "grouped" and several:
            encoding["yOffset" if content.kind == "hbar" else "xOffset"] = {"field": "series"}
        spec.update(mark=mark, encoding=encoding)
    if rng.random() < 0.5:
        spec.update(width=int(rng.choice([100, 150, 200, 300, 400])), height=int(rng.choice([100, 150, 200, 300])))
    return spec


def print_vega(contents: Sequence[Content], rng: Rng, path: Path) -> list[int]:
    """Write a PDF with a Vega-Lite chart a page."""
    import pypdfium2 as pdfium
    import vl_convert

    whole = pdfium.PdfDocument.new()
    drawn = []
    for i, content in enumerate(contents):
        theme = THEMES[int(rng.integers(len(THEMES)))]
        try:
            data = vl_convert.vegalite_to_pdf(vega_spec(content, rng), theme=theme)
        except ValueError:
            continue
        part = pdfium.PdfDocument(data)
        if len(part) == 1:
            whole.import_pages(part)
            drawn.append(i)
        part.close()
    whole.save(path)
    whole.close()
    return drawn
