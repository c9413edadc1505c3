"""How fast got-nano trains, beside an earlier commit: the same batches, in turns, on this machine.

    PYTHONPATH=. python -m benchmarks.train_speed --pool runs/pool --val runs/val [--commit 076ac84~1] [--steps 240]

Every variant trains from scratch with the decoder from the first step, and is scored on the held-out strips at the end;
strips a second are those of the last two thirds of its steps. The earlier commit runs as one process with all cores;
ours as one process a core. tcmalloc is preloaded for both where `--tcmalloc` names it.
The share is of this machine's bf16 (or fp32, if faster) matrix product.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from ocr2.compute.roofline import measure_limits
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.train.packages import take_package

DRIVER = """
import logging, sys, torch
from pathlib import Path
from ocr2.train.got_nano import Phases, TextTask
from ocr2.train.trainer import TrainConfig, Trainer
pool, val, folder, steps, seed = sys.argv[1:]
logging.basicConfig(level=logging.WARNING)
torch.manual_seed(int(seed))
task = TextTask(Path(pool), Path(val), phases=Phases(decoder_from=-1, wide_from=-1), seed=int(seed))
config = TrainConfig(log_steps=10, evaluate_steps=10**9)
Trainer(task, Path(folder), config).decay(steps=int(steps))
"""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to train."""

    name: str
    package: Path  # holds ocr2
    processes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave."""

    strips_per_second: float
    samples: int
    scores: dict[str, float]


def run(variant: Variant, args: argparse.Namespace, *, seed: int) -> Outcome:
    """Train one variant in a folder of its own."""
    threads = max(1, args.cores // variant.processes)
    environment = {**os.environ, "PYTHONPATH": str(variant.package), "OMP_NUM_THREADS": str(threads)}
    if args.tcmalloc:
        environment["LD_PRELOAD"] = str(args.tcmalloc)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "driver.py")
        script.write_text(DRIVER, encoding="utf-8")
        start = [sys.executable, "-P"]
        if variant.processes > 1:
            start += ["-m", "torch.distributed.run", "--nproc-per-node", str(variant.processes)]
        told = [args.pool, args.val, folder, args.steps, seed]
        subprocess.run([*start, script, *map(str, told)], check=True, env=environment)
        rows = [json.loads(line) for line in Path(folder, "log.jsonl").read_text(encoding="utf-8").splitlines()]
    steps = [row for row in rows if row["kind"] == "train"]
    late = steps[len(steps) // 3 :]
    seconds = sum((b["samples"] - a["samples"]) / b["samples_per_s"] for a, b in itertools.pairwise(late))
    scores = next(row for row in reversed(rows) if row["kind"].startswith("eval"))
    return Outcome((late[-1]["samples"] - late[0]["samples"]) / seconds, steps[-1]["samples"], scores)


def flops_of_strip() -> float:
    """Return the operations of one 384 px strip, forward and backward."""
    model = GOTModel(PRESETS["got-nano"])
    with FlopCounterMode(display=False) as counter:
        encoded = model.encode(torch.zeros(1, 1, 32, 384))
        embeds = torch.cat([encoded.image_features, encoded.image_features], dim=1)
        total = model.skeleton.decode(embeds).sum()
        assert encoded.draft_logits is not None
        (total + encoded.draft_logits.sum()).backward()  # type: ignore[no-untyped-call]
    return float(counter.get_total_flops())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", type=Path, required=True)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--commit", default="076ac84~1", help="the trainer before it was made faster")
    parser.add_argument("--steps", type=int, default=240)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--tcmalloc", type=Path, help="libtcmalloc_minimal.so.4, preloaded")
    args = parser.parse_args()
    peak = max(measure_limits(dtype=dtype).gemm_flops for dtype in (torch.float32, torch.bfloat16))
    print(f"matrix product {peak / 1e9:.0f} GFLOP/s; a 384 px strip {flops_of_strip() / 1e9:.2f} GFLOP")
    with tempfile.TemporaryDirectory() as folder:
        before, now = (take_package(c, Path(folder, n)) for c, n in ((args.commit, "before"), ("HEAD", "now")))
        variants = [Variant(args.commit, before, 1), Variant("ours", now, args.cores)]
        first = 0.0
        for seed in args.seeds:
            for variant in variants:
                outcome = run(variant, args, seed=seed)
                first = outcome.strips_per_second if variant is variants[0] else first
                share = 100 * outcome.strips_per_second * flops_of_strip() / peak
                print(
                    f"seed {seed}  {variant.name:20s} {outcome.strips_per_second:6.1f} strips/s"
                    f"  x {outcome.strips_per_second / first:4.2f}  {share:4.1f} % of the product"
                    f"  {outcome.samples} strips: draft head {outcome.scores['ctc_cer']:.2f} %,"
                    f" decoder {outcome.scores['ar_cer']:.2f} %",
                    flush=True,
                )


if __name__ == "__main__":
    main()
