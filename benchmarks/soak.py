"""A long batch of small pages whose processes are killed again and again: is every page there once, is the pace even?

    python -m benchmarks.soak --pages 20000 [--kill-every 20] [--parents 5]

Pages hold a line each. A process of the batch is killed (signal 9) every so many seconds, the parent now and then; then
the command is run again, as a user would. Printed: pages, deaths, memory and pages a second of every tenth of the run,
and whether the rows are exactly the pages.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

MOST_ROWS = 1000  # of a shard
PAUSE = 1.0  # seconds between looks


def write_pages(folder: Path, count: int) -> None:
    """Write pictures of one line each, all different."""
    font = ImageFont.load_default(size=30)
    for i in range(count):
        image = Image.new("L", (700, 120), 255)
        ImageDraw.Draw(image).text((40, 40), f"Small page {i} of {count}", fill=0, font=font)
        place = folder / f"{i // 1000:03}"
        place.mkdir(exist_ok=True)
        image.save(place / f"{i:06}.png")


def children_of(parent: int) -> list[int]:
    """Return the processes that a process began, by /proc."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def memory_of(pids: list[int]) -> int:
    """Return the bytes that processes hold together."""
    total = 0
    for pid in pids:
        path = Path(f"/proc/{pid}/statm")
        try:
            total += int(path.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):  # it has just ended
            continue
    return total


@dataclass
class Watch:
    """What was seen while the batch ran."""

    started: float = field(default_factory=time.monotonic)
    deaths: int = 0
    parents: int = 0
    seen: list[tuple[float, int, int]] = field(default_factory=list)  # seconds, pages done, bytes


def pages_done(workspace: Path) -> int:
    """Return the pages in the record; 0 before there is one."""
    try:
        with sqlite3.connect(f"file:{workspace / 'record.sqlite'}?mode=ro", uri=True, timeout=30) as record:
            return int(record.execute("SELECT COUNT(*) FROM pages").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def run_once(command: list[str], workspace: Path, watch: Watch, *, every: float, kill_parent: bool) -> int:
    """Run the batch until it ends or its parent is killed; returns its exit code."""
    rng = random.Random(watch.parents)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    next_kill = time.monotonic() + every
    parent_at = time.monotonic() + rng.uniform(2, 4) * every if kill_parent else float("inf")
    while process.poll() is None:
        time.sleep(PAUSE)
        workers = children_of(process.pid)
        watch.seen.append((time.monotonic() - watch.started, pages_done(workspace), memory_of([process.pid, *workers])))
        if time.monotonic() > parent_at:
            process.send_signal(signal.SIGKILL)
            watch.parents += 1
            parent_at = float("inf")  # it may take a moment to be gone
        elif time.monotonic() > next_kill and workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
            watch.deaths += 1
            next_kill = time.monotonic() + every
    return process.wait()


def report(watch: Watch, workspace: Path, count: int) -> None:
    """Print what came of it."""
    rows = [
        json.loads(line)["source"]
        for path in sorted((workspace / "results").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    seconds = watch.seen[-1][0]
    print(f"{count} pages in {seconds:.0f} s, {count / seconds:.1f} a second; killed: {watch.deaths} processes, "
          f"{watch.parents} parents")  # fmt: skip
    for tenth in range(10):
        part = [s for s in watch.seen if tenth <= 10 * s[0] / seconds < tenth + 1]
        if len(part) > 1:
            pace = (part[-1][1] - part[0][1]) / max(1e-9, part[-1][0] - part[0][0])
            held = sorted(memory for _, _, memory in part)[len(part) // 2] / 2**20
            print(f"  tenth {tenth + 1}: {pace:.1f} pages a second, {held:,.0f} MiB in all processes")
    exact = len(rows) == len(set(rows)) == count
    print(f"rows {len(rows)}, different {len(set(rows))}: {'every page once' if exact else 'NOT every page once'}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill-every", type=float, default=20.0, help="seconds between deaths of processes")
    parser.add_argument("--parents", type=int, default=5, help="how often the parent is killed")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages, workspace = Path(folder) / "pages", Path(folder) / "work"
        pages.mkdir()
        write_pages(pages, args.pages)
        command = [sys.executable, "-m", "ocr2", "batch", str(pages), "-o", str(workspace), "-f", "jsonl", "--workers",
                   str(args.workers), "--shard-rows", str(MOST_ROWS), "--quiet"]  # fmt: skip
        watch = Watch()
        while True:
            code = run_once(command, workspace, watch, every=args.kill_every, kill_parent=watch.parents < args.parents)
            if code >= 0:
                break
        print(f"exit code {code}")
        report(watch, workspace, args.pages)


if __name__ == "__main__":
    main()
