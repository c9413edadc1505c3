"""Everything that makes one model's weights, in order, from `plans.toml`: `python -m ocr2.train MODEL all --hours 4`.

What is there already is not made again: pools by their last group, the frozen set by its hash, the run by its state,
the decay by its file, scores by their output. So the same call goes on after a stop. The constant phase takes the hours
but the decay's share; scores are those of the benchmarks, of the shipped weights and the new ones alike. New weights
take the place of the shipped ones only with `--ship`, and only if no score is worse and one is better.
"""

import argparse
import hashlib
import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypedDict

from ocr2.train.packages import take_package

logger = logging.getLogger(__name__)

LEDGER = Path("train/ledger.jsonl")
MANY_STEPS = 10**9
WORSE = 0.01  # share of a score that may be lost by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Render:
    """A command that makes a file."""

    command: str
    makes: Path
    sha256: str = ""
    commit: str = ""  # whose code draws it; the present code if empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A number in the output of a benchmark; `{data}` and `{weights}` are filled in."""

    name: str
    command: str
    pattern: str  # a regular expression with one group
    better: Literal["lower", "higher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one model is made; paths are relative to the repository."""

    ships: Path
    val: Path
    pools: Sequence[Path]
    begin: Sequence[str] = ()  # arguments of `train`, for a run that is new
    others: Sequence[str] = ()  # arguments of every call of `train` and `decay`
    export: Sequence[str] = ()
    decay: float = 0.25  # share of the hours
    render: Sequence[Render] = field(default_factory=tuple)
    scores: Sequence[Score] = field(default_factory=tuple)


def load_plan(model: str) -> Plan:
    """Read a model's plan.

    Raises:
        ValueError: If it has none.
    """
    plans = tomllib.loads(resources.files("ocr2.train").joinpath("plans.toml").read_text(encoding="utf-8"))
    if model not in plans:
        raise ValueError(f"no plan for {model!r} in train/plans.toml; there are {', '.join(plans)}")
    return plan_of(plans[model])


def plan_of(table: Mapping[str, Any]) -> Plan:
    """Make a plan of a table of `plans.toml`."""
    rows = dict(table)
    return Plan(
        ships=Path(rows.pop("ships")),
        val=Path(rows.pop("val")),
        pools=[Path(pool) for pool in rows.pop("pools")],
        render=[Render(**{**row, "makes": Path(row["makes"])}) for row in rows.pop("render", [])],
        scores=[Score(**row) for row in rows.pop("scores", [])],
        **rows,
    )


def render(plan: Plan) -> None:
    """Make what is missing, one after the other.

    Raises:
        ValueError: If a file with a known hash is another one.
    """
    for item in plan.render:
        if not item.makes.exists():
            run_module(item.command, commit=item.commit)
        if item.sha256 and (found := hashlib.sha256(item.makes.read_bytes()).hexdigest()) != item.sha256:
            raise ValueError(
                f"{item.makes} has sha256 {found[:12]}..., the frozen set has {item.sha256[:12]}...: it was drawn with "
                "other fonts or packages than train/plans.toml names"
            )


def run_module(command: str, *, processes: int = 1, commit: str = "") -> None:
    """Run a module of the package with arguments, under torchrun if there are several processes.

    Args:
        command: Module and arguments.
        processes: That share the work.
        commit: Whose package is run; the present one if empty.

    Raises:
        ValueError: If it fails.
    """
    words = shlex.split(command)
    start = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)] if processes > 1 else []
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if commit:
        environment["PYTHONPATH"] = str(take_package(commit, Path("runs/packages") / commit).absolute())
    logger.info("%s", command)
    done = subprocess.run([sys.executable, "-P", *start, "-m", *words], env=environment)
    if done.returncode:
        raise ValueError(f"{words[0]} ended with code {done.returncode}")


class LogRow(TypedDict, total=False):
    """A line of a run's log, without its losses and scores."""

    kind: str  # "train", "eval" or "eval-decay"
    step: int
    samples: int
    core_hours: float


def last_row(folder: Path, kind: str = "") -> LogRow:
    """Return the last line of a run's log, of a kind if one is named; empty without one."""
    path = folder / "log.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    found: LogRow = next((row for row in reversed(rows) if kind in ("", row["kind"])), LogRow())
    return found


def train(model: str, plan: Plan, folder: Path, *, hours: float, processes: int) -> None:
    """Run the constant phase until it has had its hours of cores."""
    left = hours * (1 - plan.decay) - last_row(folder).get("core_hours", 0.0)
    if left <= 0 or (folder / "decay.json").exists():
        return
    seconds = ["--seconds", str(round(left * 3600 / processes))]
    run_module(shlex.join(call(model, "train", plan, folder, MANY_STEPS, [*seconds, *plan.begin])), processes=processes)


def decay(model: str, plan: Plan, folder: Path, *, hours: float, processes: int) -> Path:
    """Run the decay, as many steps as its hours allow at the rate so far; returns its weights."""
    noted = folder / "decay.json"
    if not noted.exists():
        row = last_row(folder, "train")
        share = plan.decay / (1 - plan.decay)
        steps = round(share * row["step"] * hours * (1 - plan.decay) / max(row["core_hours"], 1e-9))
        noted.write_text(json.dumps({"from": row["step"], "steps": max(1, steps)}), encoding="utf-8")
    told = json.loads(noted.read_text(encoding="utf-8"))
    out = folder / f"decayed-{told['from'] + told['steps']}.pt"
    if not out.exists():
        run_module(shlex.join(call(model, "decay", plan, folder, told["steps"], [])), processes=processes)
    return out


def call(model: str, command: str, plan: Plan, folder: Path, steps: int, others: Sequence[str]) -> list[str]:
    """Return the words of a call of the trainer."""
    fixed = ["ocr2.train", model, command, str(folder), "--val", str(plan.val), "--steps", str(steps)]
    return [*fixed, "--pool", *map(str, plan.pools), *plan.others, *others]


def score(plan: Plan, weights: Path, out: Path, *, data: Path | None) -> dict[str, float]:
    """Run the benchmarks on a file of weights; outputs are kept in a folder and not made twice.

    Raises:
        ValueError: If a benchmark does not print what the plan looks for.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str] = {}
    found = {}
    for item in plan.scores:
        if "{data}" in item.command and data is None:
            logger.info("%s needs --data: left out", item.name)
            continue
        if item.command not in texts:
            kept = out / f"{hashlib.sha256(item.command.encode()).hexdigest()[:10]}.txt"
            if not kept.exists():
                words = shlex.split(item.command.format(data=data, weights=weights))
                logger.info("%s", shlex.join(words))
                environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", os.environ.get("PYTHONPATH", "")])}
                done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, text=True, env=environment)
                if done.returncode:
                    raise ValueError(f"{words[0]} ended with code {done.returncode}")
                kept.write_text(done.stdout, encoding="utf-8")
            texts[item.command] = kept.read_text(encoding="utf-8")
        match = re.search(item.pattern, texts[item.command], re.MULTILINE)
        if match is None:
            raise ValueError(f"{item.name}: no {item.pattern!r} in what {item.command.split()[0]} printed")
        found[item.name] = float(match[1])
    return found


def is_better(plan: Plan, old: Mapping[str, float], new: Mapping[str, float]) -> bool:
    """Say whether no score of the new weights is worse by more than chance, and one is better by more."""
    gains = []
    for item in plan.scores:
        if item.name in old and item.name in new:
            change = new[item.name] - old[item.name]
            gains.append((change if item.better == "higher" else -change) / max(abs(old[item.name]), 1e-9))
    return bool(gains) and min(gains) >= -WORSE and max(gains) > WORSE


def add_all_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `all` takes."""
    parser.add_argument("--hours", type=float, required=True, help="core-hours of the run, decay included")
    parser.add_argument("--folder", type=Path, help="of the run; runs/MODEL by default")
    parser.add_argument("--data", type=Path, help="folder of the sets of real pictures")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--ship", action="store_true", help="put better weights in the place of the shipped ones")


def make_all(model: str, args: argparse.Namespace) -> None:
    """Render, train, decay, export, score, note in the ledger; ship if asked and better."""
    plan = load_plan(model)
    folder: Path = args.folder or Path("runs") / model
    render(plan)
    train(model, plan, folder, hours=args.hours, processes=args.processes)
    state = decay(model, plan, folder, hours=args.hours, processes=args.processes)
    weights = folder / f"{state.stem}.safetensors"
    if not weights.exists():
        run_module(shlex.join(["ocr2.train", model, "export", str(state), str(weights), *plan.export]))
    old = score(plan, plan.ships, folder / "scores-shipped", data=args.data)
    new = score(plan, weights, folder / f"scores-{state.stem}", data=args.data)
    better = is_better(plan, old, new)
    print(results_table(plan, old, new))
    if better and args.ship:
        shutil.copyfile(weights, plan.ships)
    outcome = "shipped" if better and args.ship else "better than what ships" if better else "not better in all scores"
    note(model, folder, outcome, new, ledger=LEDGER)


def results_table(plan: Plan, old: Mapping[str, float], new: Mapping[str, float]) -> str:
    """Return rows of Markdown: score, shipped, new."""
    names = {s.name: f"{s.name} ({s.better} is better)" for s in plan.scores if s.name in new}
    rows = [f"| {told} | {old[name]} | {new[name]} |" for name, told in names.items()]
    return "\n".join(["| Score | shipped | new |", "| --- | --- | --- |", *rows])


def note(model: str, folder: Path, outcome: str, scores: Mapping[str, float], *, ledger: Path) -> None:
    """Add a run to the ledger, unless the same run stands there."""
    row = last_row(folder)
    entry = {
        "run": f"{model} {folder.name} {row.get('step', 0)}", "model": model, "start": date.today().isoformat(),
        "from": "train/plans.toml", "core_hours": round(row.get("core_hours", 0.0), 2),
        "samples": row.get("samples", 0), "machine": f"{os.cpu_count()} cores",
        "outcome": outcome, "scores": dict(scores),
    }  # fmt: skip
    known = ledger.read_text(encoding="utf-8") if ledger.exists() else ""
    if all(json.loads(line)["run"] != entry["run"] for line in known.splitlines()):
        with ledger.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
