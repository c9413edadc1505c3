"""Real plots with known data: gallery scripts of Matplotlib and seaborn, run unaltered, their figures read back.

    PYTHONPATH=. python benchmarks/gallery.py SCRIPTS OUT

SCRIPTS is a folder of unpacked source archives (matplotlib-*.tar.gz, seaborn-*.tar.gz from the package index); every
example runs in a process of its own, without a display. Of each pair of axes that shows nothing but bars, lines or
slices, OUT gets the picture, as `savefig` writes it (of several in one figure, the part with these), and the data of
its artists: labels are tick labels where bars and points stand on ticks, else their places. Axes with more than 60
values, or with none, are left out, and so are lines of more than 20 points without markers, and several series that no
legend names.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

MOST_VALUES = 60
MOST_BENDS = 20  # of a line without markers: where a finer one was sampled does not show
SECONDS = 60  # for one script
# Folders of examples that show no such axes: they would only take time.
OTHERS = ("mplot3d", "animation", "event_handling", "user_interfaces", "widgets", "images_contours_and_fields")
PAD = 0.05  # inches around one of several pairs of axes
PATTERNS = ("galleries/examples/**/*.py", "examples/*.py", "doc/**/*.py")
ON_TICK = 0.02  # of an axis: how far from a tick's place counts as on it


def run_all(scripts: Path, out: Path) -> int:
    """Run every script; returns how many plots came out."""
    out.mkdir(parents=True, exist_ok=True)
    found = {p for folder in scripts.iterdir() if folder.is_dir() for q in PATTERNS for p in folder.glob(q)}
    paths = sorted(path for path in found if path.parent.name not in OTHERS)
    for path in paths:
        command = [
            sys.executable,
            "-W",
            "ignore",
            str(Path(__file__).resolve()),
            "--one",
            str(path.resolve()),
            str(out.resolve()),
        ]
        try:
            subprocess.run(command, cwd=path.parent, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            print(f"{path.name}: takes more than {SECONDS} s", file=sys.stderr)
    return len(list(out.glob("*.json")))


def run_one(path: Path, out: Path) -> None:
    """Run a script and write its plots."""
    import runpy

    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.show = lambda *args, **kwargs: None
    runpy.run_path(str(path), run_name="__main__")
    for number in plt.get_fignums():
        figure = plt.figure(number)
        figure.canvas.draw()
        alone = len(figure.axes) == 1
        for i, axes in enumerate(figure.axes):
            truth = read_axes(axes) if alone or is_apart(axes) else None
            if truth is not None:
                name = f"{path.stem}-{number}" if alone else f"{path.stem}-{number}-{i + 1}"
                figure.savefig(out / f"{name}.png", bbox_inches=None if alone else part_of(figure, axes))
                record = {"images": f"{name}.png", "gts": truth, "script": path.name}
                (out / f"{name}.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def is_apart(axes: Any) -> bool:
    """Say whether nothing of a figure's other axes reaches into the picture of these."""
    box = axes.get_tightbbox()
    return not any(box.overlaps(other.get_tightbbox()) for other in axes.figure.axes if other is not axes)


def part_of(figure: Any, axes: Any) -> Any:
    """Return the box around axes and their labels, inches."""
    return axes.get_tightbbox().transformed(figure.dpi_scale_trans.inverted()).padded(PAD)


def read_axes(axes: Any) -> dict[str, Any] | None:
    """Return the data of axes in our form; None if they show none of the kinds that are known."""
    figure = axes.figure
    if axes.images or type(axes).__name__ != "Axes" or axes.collections:
        return None
    values = read_slices(axes) or read_bars(axes) or read_lines(axes)
    if values is None or not 2 <= count_values(values) <= MOST_VALUES:
        return None
    several = any(isinstance(value, dict) for value in values.values())
    if several and (axes.get_legend() is None or any(name.startswith("series ") for name in values)):
        return None
    whole = len(figure.axes) == 1 and hasattr(figure, "get_suptitle")
    title = axes.get_title() or (figure.get_suptitle() if whole else "")
    texts = {"title": title, "x_title": axes.get_xlabel(), "y_title": axes.get_ylabel()}
    return {**{k: " ".join(t.split()) or "None" for k, t in texts.items()}, "source": "None", "values": values}


def count_values(values: dict[str, Any]) -> int:
    """Count the values of a chart, nested or flat."""
    return sum(len(v) if isinstance(v, dict) else 1 for v in values.values())


def read_slices(axes: Any) -> dict[str, Any] | None:
    """Return the shares of a pie by the words beside its slices."""
    from matplotlib.patches import Wedge

    wedges = [p for p in axes.patches if isinstance(p, Wedge)]
    words = [t.get_text() for t in axes.texts if t.get_text() and "%" not in t.get_text()]
    if len(wedges) < 2 or len(words) != len(wedges) or len(set(words)) != len(words):
        return None
    return {word: f"{(w.theta2 - w.theta1) / 3.6:.1f}%" for word, w in zip(words, wedges, strict=True)}


def read_bars(axes: Any) -> dict[str, Any] | None:
    """Return bars by series and label."""
    from matplotlib.container import BarContainer

    groups = [c for c in axes.containers if isinstance(c, BarContainer)]
    if not groups or sum(len(g) for g in groups) != len(axes.patches) or axes.lines:
        return None
    parts: dict[str, dict[str, str]] = {}
    for i, group in enumerate(groups):
        flat = group.orientation == "horizontal"
        part: dict[str, str] = {}
        for bar in group:
            middle = bar.get_y() + bar.get_height() / 2 if flat else bar.get_x() + bar.get_width() / 2
            label = label_at(
                axes.yaxis if flat else axes.xaxis, middle, width=bar.get_height() if flat else bar.get_width()
            )
            if label is None or label in part:
                return None
            part[label] = f"{bar.get_width() if flat else bar.get_height():.6g}"
        parts[named(group, i)] = part
    return only_or_all(parts)


def read_lines(axes: Any) -> dict[str, Any] | None:
    """Return the points of lines by series and place."""
    if not axes.lines or axes.patches or axes.containers:
        return None
    parts: dict[str, dict[str, str]] = {}
    for i, line in enumerate(axes.lines):
        xs, ys = line.get_xdata(), line.get_ydata()
        if len(xs) < 2 or (len(xs) > MOST_BENDS and line.get_marker() in ("None", "", " ", None)):
            return None
        part: dict[str, str] = {}
        for x, y in zip(axes.convert_xunits(xs), axes.convert_yunits(ys), strict=True):
            label = label_at(axes.xaxis, float(x), width=0.0) or f"{float(x):.6g}"
            part[label] = f"{float(y):.6g}"
        parts[named(line, i)] = part
    return only_or_all(parts)


def label_at(axis: Any, place: float, *, width: float) -> str | None:
    """Return the tick label at a place of an axis."""
    low, high = axis.get_view_interval()
    near = max(ON_TICK * abs(high - low), width)
    ticks = [
        (abs(at - place), label.get_text())
        for at, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False)
    ]
    distance, text = min(ticks, default=(near + 1, ""))
    return " ".join(text.split()) if distance <= near and text else None


def named(artist: Any, number: int) -> str:
    """Return an artist's legend entry, or a number."""
    label = str(artist.get_label())
    return f"series {number + 1}" if label.startswith("_") else label


def only_or_all(parts: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return a single series without its made-up name, or all."""
    if len(parts) == 1 and next(iter(parts)).startswith("series "):
        return dict(next(iter(parts.values())))
    return dict(parts)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--one", action="store_true", help="SCRIPTS is one script")
    args = parser.parse_args()
    if args.one:
        run_one(args.scripts, args.out)
    else:
        print(f"{run_all(args.scripts, args.out)} plots")


if __name__ == "__main__":
    main()
