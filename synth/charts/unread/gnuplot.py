"""Unread charts by gnuplot: a script that writes a PDF with a chart a page."""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ocr2.synth.charts.unread.canvas import Rng, field, names, samples, title

SECONDS = 300
PALETTES = ("7,5,15", "33,13,10", "21,22,23", "30,31,32")  # of `set palette rgbformulae`


def plot_gnuplot(kinds: Sequence[str], rng: Rng, path: Path) -> None:
    """Write a PDF with a page for each of some kinds, of `GNUPLOT_KINDS`."""
    wide, high = float(rng.choice([6.4, 5, 8])), float(rng.choice([4.8, 3.5, 5]))
    lines = [f"set terminal pdfcairo size {wide},{high} font 'Sans,{rng.choice([8, 10, 12])}' color"]
    lines.append(f'set output "{path}"')
    for kind in kinds:
        lines += ["reset", f'set title "{title(rng)}"' if rng.random() < 0.5 else "", *PLOTS[kind](rng)]
    run_script(["gnuplot"], "plots.gp", "\n".join([*lines, "unset output"]))


def run_script(command: Sequence[str], name: str, script: str) -> None:
    """Run a program on a script.

    Raises:
        subprocess.SubprocessError: If it fails or takes too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(script + "\n", encoding="utf-8")
        subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=SECONDS)


def _block(rows: Sequence[str]) -> list[str]:
    return ["$d << EOD", *rows, "EOD"]


def _box(rng: Rng) -> list[str]:
    groups = samples(rng, int(rng.integers(1, 8)))
    rows = [" ".join(f"{v:.4g}" for v in row) for row in zip(*groups, strict=True)]
    fill = "set style fill solid 0.4 border -1" if rng.random() < 0.5 else "set style fill empty"
    each = [f"$d using ({i + 1}):{i + 1} with boxplot notitle" for i in range(len(groups))]
    ticks = ", ".join(f'"{n}" {i + 1}' for i, n in enumerate(names(rng, len(groups))))
    return [*_block(rows), fill, f"set xtics ({ticks})", "plot " + ", ".join(each)]


def _candlestick(rng: Rng) -> list[str]:
    first = 100 + np.cumsum(rng.normal(0, 2, int(rng.integers(10, 60))))
    last = first + rng.normal(0, 2, len(first))
    high, low = np.maximum(first, last) + rng.random(len(first)), np.minimum(first, last) - rng.random(len(first))
    columns = zip(range(len(first)), first, low, high, last, strict=True)
    rows = [" ".join(f"{v:.2f}" for v in row) for row in columns]
    how = "financebars" if rng.random() < 0.3 else "candlesticks"
    style = ["set boxwidth 0.7", "set style fill solid 0.6"]
    return [*_block(rows), *style, f"plot $d using 1:2:3:4:5 with {how} notitle"]


def _radar(rng: Rng) -> list[str]:
    if rng.random() < 0.5:
        line = f"plot abs(cos({int(rng.integers(1, 6))}*t))+{rng.random():.2f} notitle"
        return ["set polar", "set grid polar", "set border 0", "unset tics", line]
    labels = names(rng, int(rng.integers(3, 8)))
    axes = [f'set paxis {i} range [0:10]; set paxis {i} label "{n}"' for i, n in enumerate(labels, start=1)]
    rows = [" ".join(f"{v:.3g}" for v in rng.uniform(1, 10, len(labels))) for _ in range(int(rng.integers(1, 4)))]
    fill = f"set style spiderplot fs transparent solid {rng.choice([0.0, 0.3])} border lw 2"
    each = ", ".join(f"$d using {i + 1}" for i in range(len(labels)))
    return [*_block(rows), "set spiderplot", *axes, fill, "set grid spider lt 0", f"plot {each} notitle"]


def _vectors(rng: Rng) -> list[str]:
    made = field(rng, int(rng.integers(8, 20)))
    v, u = np.gradient(made.z)
    longest = max(float(np.hypot(u, v).max()), 1e-12) / (made.x[0, 1] - made.x[0, 0])
    columns = zip(made.x.ravel(), made.y.ravel(), (u / longest).ravel(), (v / longest).ravel(), strict=True)
    return [*_block([" ".join(f"{n:.4g}" for n in row) for row in columns]), "plot $d with vectors notitle"]


def _grid(rng: Rng) -> list[str]:
    made = field(rng, int(rng.integers(8, 45)))
    rows: list[str] = []
    for line in zip(made.x, made.y, made.z, strict=True):
        rows += [f"{a:.4g} {b:.4g} {c:.4g}" for a, b, c in zip(*line, strict=True)]
        rows.append("")
    return [*_block(rows), f"set palette rgbformulae {PALETTES[int(rng.integers(len(PALETTES)))]}"]


def _heat_map(rng: Rng) -> list[str]:
    return [*_grid(rng), "set autoscale fix", "plot $d with image notitle"]


def _contour(rng: Rng) -> list[str]:
    levels = f"set cntrparam levels {rng.integers(5, 15)}"
    key = " notitle" if rng.random() < 0.5 else ""
    return [*_grid(rng), "set view map", "set contour base", "unset surface", levels, f"splot $d with lines{key}"]


def _surface(rng: Rng) -> list[str]:
    how = ("lines", "pm3d", "points")[int(rng.integers(3))]
    hidden = "set hidden3d" if how == "lines" and rng.random() < 0.6 else ""
    return [*_grid(rng), hidden, f"splot $d with {how} notitle"]


PLOTS: dict[str, Callable[[Rng], list[str]]] = {
    "box": _box,
    "heat-map": _heat_map,
    "contour": _contour,
    "vector-field": _vectors,
    "3-d": _surface,
    "candlestick": _candlestick,
    "radar": _radar,
}
GNUPLOT_KINDS = tuple(PLOTS)
