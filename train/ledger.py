"""What was trained: `python -m ocr2.train ledger` prints core-hours by model and draws the learning curves.

`train/ledger.jsonl` has an object a run; `train/logs/MODEL.jsonl` holds shortened logs of runs, whose evaluations are
the curves.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def read_rows(path: Path) -> list[Row]:
    """Return the objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def hours_table(rows: Iterable[Row]) -> str:
    """Return core-hours, samples and runs by model as a Markdown table; runs without a figure are counted apart."""
    hours: dict[str, float] = defaultdict(float)
    samples: dict[str, int] = defaultdict(int)
    runs: dict[str, int] = defaultdict(int)
    unknown = 0
    for row in rows:
        unknown += row["core_hours"] is None
        hours[row["model"]] += row["core_hours"] or 0.0
        samples[row["model"]] += row["samples"] or 0
        runs[row["model"]] += 1
    lines = ["| Model | Runs | Core-hours | Samples |", "| --- | --- | --- | --- |"]
    lines += [f"| {model} | {runs[model]} | {hours[model]:.2f} | {samples[model]:,} |" for model in sorted(hours)]
    total = f"| all | {sum(runs.values())} | {sum(hours.values()):.2f} | {sum(samples.values()):,} |"
    return "\n".join([*lines, total, *([f"{unknown} runs have no figure"] if unknown else [])])


def curves_of(rows: Sequence[Row]) -> dict[str, list[tuple[float, float]]]:
    """Return (core-hours, score) of every score that a log's evaluations hold, constant phases and decays apart."""
    known = {"kind", "step", "samples", "core_hours", "gpu_hours", "time", "pid"}
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        if row["kind"].startswith("eval"):
            phase = " (decay)" if row["kind"] == "eval-decay" else ""
            for name in row.keys() - known:
                curves[name + phase].append((row["core_hours"], row[name]))
    return {name: sorted(points) for name, points in sorted(curves.items())}


def draw_curves(logs: Sequence[Path], out: Path) -> None:
    """Draw the curves of logs, a panel each, into a picture.

    Raises:
        ValueError: If matplotlib is not installed, or no log has a score.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ValueError("the picture needs matplotlib: pip install 'ocr2[charts]'") from None
    curves = {log.stem: found for log in logs if (found := curves_of(read_rows(log)))}
    if not curves:
        raise ValueError("no log has a score")
    figure = Figure(figsize=(8, 2.6 * len(curves)), layout="constrained")
    for axes, (model, scores) in zip(figure.subplots(len(curves), squeeze=False)[:, 0], curves.items(), strict=True):
        for name, points in scores.items():
            axes.plot(*zip(*points, strict=True), marker=".", label=name)
        axes.set(title=model, xlabel="core-hours")
        axes.legend(fontsize="small")
        axes.grid(alpha=0.3)
    figure.savefig(out)


def main(arguments: Sequence[str]) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m ocr2.train ledger", description=__doc__)
    parser.add_argument("--ledger", type=Path, default=Path("train/ledger.jsonl"))
    parser.add_argument("--logs", type=Path, default=Path("train/logs"))
    parser.add_argument("--picture", type=Path, help="draw the learning curves into this file")
    args = parser.parse_args(arguments)
    try:
        print(hours_table(read_rows(args.ledger)))
        if args.picture is not None:
            draw_curves(sorted(args.logs.glob("*.jsonl")), args.picture)
            print(args.picture)
    except (OSError, ValueError) as error:
        parser.error(str(error))
