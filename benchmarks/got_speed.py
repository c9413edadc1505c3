"""GOT against transformers on this machine: the same random weights, prompts and output lengths.

    PYTHONPATH=. python benchmarks/got_speed.py [--json [FILE]] [--only encoder,decode,batch,e2e,draft,nano,linear]
        [--preset got] [--dtype bfloat16|float32] [--scale 1.0] [--repeats 3] [--threads N]

Both engines run in this process, in turn; medians after one warm-up, sets of 32 pages once. A ratio is transformers'
time over ours: above 1 ours is faster. What else runs on the machine changes the figures.

| part | what |
| --- | --- |
| encoder | one 1024 px view; transformers in the faster of bfloat16 and float32 |
| decode | a prompt of 286 positions; 128 tokens of one stream; the same in 8 and 4 bits; equal outputs in float32 |
| batch | 32 prompts, answers of 100 to 1,500 tokens: ours 8 at a time, transformers in batches of 1, 2, 4 or 8, as |
| | a pilot of 24 steps at 1,000 positions is fastest; prompts, measured apart, are taken off on both sides |
| e2e | the same from 32 A4 pictures to ids; both encode one view at a time (more need much memory and are no faster) |
| draft | 1,000 tokens of one stream with a draft of which 5 % is wrong, and without |
| nano | got-nano and Tesseract 5 on one A4 page of 3,000 characters |
| linear | ours: seconds a page and memory of 1, 8 and 64 pages, with GOT (64 tokens a page) and with got-nano (a PDF) |

`--scale` shortens all lengths. Each part prints when it is done. The JSON holds the parts that were finished, whatever
became of the others, in FILE or on standard output (tables then go to standard error). A figure that a busy machine
spoilt, or that needs a program which is not installed, is null.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import torch
import transformers

from benchmarks.speed_pages import measure_linear, measure_nano
from benchmarks.speed_parts import (
    Bench,
    Figures,
    Settings,
    measure_batch,
    measure_decode,
    measure_draft,
    measure_e2e,
    measure_encoder,
)

PARTS: dict[str, Callable[[Bench], Figures]] = {
    "encoder": measure_encoder,
    "decode": measure_decode,
    "batch": measure_batch,
    "e2e": measure_e2e,
    "draft": measure_draft,
    "nano": measure_nano,
    "linear": measure_linear,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns 1 if a part failed, 130 if it was interrupted."""
    args = _parse(arguments)
    if args.threads:
        torch.set_num_threads(args.threads)
    transformers.logging.set_verbosity_error()
    tables = sys.stderr if args.json == "-" else sys.stdout
    dtype = getattr(torch, args.dtype)
    bench = Bench(Settings(preset=args.preset, dtype=dtype, scale=args.scale, repeats=args.repeats))
    found: Figures = _describe(args)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        return run_parts(bench, args.only, found, tables)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)
        if args.json is not None:
            _write(found, args.json)


def run_parts(bench: Bench, names: list[str], found: Figures, tables: TextIO) -> int:
    """Measure parts one by one into `found`; a part that fails is noted there and costs no other."""
    limits = bench.limits
    found["machine"] = {"gemm_tflops": limits.gemm_flops / 1e12, "copy_gb_s": limits.copy_bytes / 1e9}
    print(_heading(found), file=tables, flush=True)
    for name in names:
        started = time.perf_counter()
        try:
            figures = PARTS[name](bench)
        except Exception as error:  # what other parts have measured must not be lost
            traceback.print_exc()
            found["failed"][name] = f"{type(error).__name__}: {error}"
            continue
        found |= figures
        found["parts"].append(name)
        found["part_seconds"][name] = time.perf_counter() - started
        print(_table(name, figures, found["part_seconds"][name]), file=tables, flush=True)
    return 1 if found["failed"] else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE")
    parser.add_argument("--only", type=_names, default=list(PARTS), metavar="PART,...")
    parser.add_argument("--preset", choices=("got", "got-mini"), default="got")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args(arguments)
    if args.scale <= 0 or args.repeats < 1:
        parser.error(f"--scale and --repeats must be positive, got {args.scale} and {args.repeats}")
    return args


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no part {unknown[0]!r}; expected some of: {', '.join(PARTS)}")
    return names


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _describe(args: argparse.Namespace) -> Figures:
    return {
        "preset": args.preset,
        "dtype": args.dtype,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "scale": args.scale,
        "repeats": args.repeats,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "parts": [],
        "part_seconds": {},
        "failed": {},
    }


def _write(found: Figures, target: str) -> None:
    content = json.dumps(found, indent=1) + "\n"
    if target == "-":
        print(content, end="", flush=True)
    else:
        Path(target).write_text(content, encoding="utf-8")


def _heading(found: Figures) -> str:
    machine = found["machine"]
    return (
        f"{found['preset']}, {found['dtype']}, {found['threads']} threads, lengths x {found['scale']:g}; torch "
        f"{found['torch']}, transformers {found['transformers']}\n"
        f"machine: {machine['gemm_tflops']:.3g} TFLOP/s (matrix product 4096^3), {machine['copy_gb_s']:.3g} GB/s (copy)"
    )


def _table(name: str, figures: Figures, seconds: float) -> str:
    """Return a part's figures, one a line."""
    lines = [f"\n{name} ({seconds:.0f} s)"]
    for key, value in figures.items():
        if isinstance(value, dict):
            lines += [f"  {key}", *(f"    {k:<32}{_shown(v)}" for k, v in value.items())]
        elif isinstance(value, list):
            lines += [f"  {key}", *(f"    {_shown(v)}" for v in value)]
        else:
            lines.append(f"  {key:<34}{_shown(value)}")
    return "\n".join(lines)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    if value is None or value == "":
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
