"""A server under load, with hostile uploads in between: seconds of answers, pages a second beside a batch, memory.

    python -m benchmarks.serve_load [--pages 100] [--hostile 200] [--clients 4]

Starts `ocr2 serve` on this machine, sends pages from several clients at once, and hostile uploads among them: bombs,
pieces of files, other types, slow senders, names that are paths. Then the same pages through `ocr2 batch` with one
process. Every page must be answered with 200 and its text, every hostile upload with an error of its own, but for the
drawing in SVG, which is a picture without text.
"""

import argparse
import io
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

from benchmarks.batch import write_pages
from benchmarks.soak import memory_of

WAITS = 120.0  # seconds for one answer
SLOW_PIECES = 3  # of an upload that dawdles


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def png_bomb(side: int = 60_000) -> bytes:
    """Return a small PNG that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    )


def hostile(number: int, page: bytes) -> tuple[str, bytes]:
    """Return the name and the content of one upload that must be refused."""
    rng = np.random.default_rng(number)
    kinds = (
        ("bomb.png", png_bomb()),
        ("cut.png", page[: int(rng.integers(8, len(page) // 2))]),
        ("noise.pdf", b"%PDF-1.7\n" + rng.bytes(5000)),
        ("../../etc/passwd", b"root:x:0:0"),
        ("empty.png", b""),
        ("program.exe", b"MZ" + rng.bytes(2000)),
        ("page.docx", b"PK\x03\x04" + rng.bytes(3000)),
        ("svg.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg" + bytes([60])),
    )
    return kinds[number % len(kinds)]


def slow(data: bytes) -> io.BufferedReader:
    """Return a file that is sent in pieces, with pauses."""

    class Dawdling(io.RawIOBase):
        def __init__(self) -> None:
            self.rest = data

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            time.sleep(0.3)
            size = min(len(buffer), max(1, len(data) // SLOW_PIECES), len(self.rest))
            buffer[:size], self.rest = self.rest[:size], self.rest[size:]
            return size

    return io.BufferedReader(Dawdling())


class Load:
    """What clients send, and what they were told."""

    def __init__(self, address: str, pages: list[bytes], hostile_count: int) -> None:
        self.address = address
        self.jobs = [("page", i) for i in range(len(pages))] + [("hostile", i) for i in range(hostile_count)]
        random.Random(1).shuffle(self.jobs)
        self.pages = pages
        self.seconds: list[float] = []
        self.answers: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def send(self, job: tuple[str, int]) -> None:
        """Send one upload; one that finds the queue full is sent again, as it was told."""
        kind, number = job
        if kind == "page":
            name, data = f"page{number}.png", self.pages[number]
        else:
            name, data = hostile(number, self.pages[0])
        started = time.perf_counter()
        while True:
            content = slow(data) if kind == "page" and number % 20 == 0 else data
            answer = httpx.post(
                f"{self.address}/v1/read", files={"file": (name, content)}, data={"format": "text"}, timeout=WAITS
            )
            if answer.status_code != 429:
                break
            time.sleep(float(answer.headers.get("Retry-After", "1")))
        good = kind == "hostile" or "page" in answer.text
        with self._lock:
            self.answers[kind if good else "page without its text", answer.status_code] += 1
            if kind == "page":
                self.seconds.append(time.perf_counter() - started)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers."""
    for _ in range(300):
        try:
            if httpx.get(f"{address}/health", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            if process.poll() is not None:
                raise SystemExit("the server ended") from None
        time.sleep(0.2)
    raise SystemExit("the server does not answer")


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--hostile", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    args = parser.parse_args()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "pages"
        place.mkdir()
        write_pages(place, args.pages)
        pages = [path.read_bytes() for path in sorted(place.iterdir())]
        port = free_port()
        command = [sys.executable, "-m", "ocr2", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            load = Load(f"http://127.0.0.1:{port}", pages, args.hostile)
            wait_for(load.address, process)
            load.send(("page", 0))  # loads the model
            load.answers.clear()
            load.seconds.clear()
            before, started = memory_of([process.pid]), time.perf_counter()
            with ThreadPoolExecutor(args.clients) as clients:
                list(clients.map(load.send, load.jobs))
            served, after = time.perf_counter() - started, memory_of([process.pid])
        finally:
            process.terminate()
            process.wait(60)
        batch = [
            sys.executable,
            "-m",
            "ocr2",
            "batch",
            str(place),
            "-o",
            str(Path(folder) / "work"),
            "--workers",
            "1",
            "--quiet",
        ]
        started = time.perf_counter()
        subprocess.run(batch, check=True, env=environment)
        batched = time.perf_counter() - started
    p50, p95 = np.percentile(load.seconds, (50, 95))
    print(f"{args.pages} pages and {args.hostile} hostile uploads by {args.clients} clients: {served:.1f} s, "
          f"{args.pages / served:.2f} pages a second, p50 {p50:.2f} s, p95 {p95:.2f} s")  # fmt: skip
    print(f"ocr2 batch, one process, with its start: {batched:.1f} s, {args.pages / batched:.2f} pages a second; "
          f"server / batch {batched / served:.2f}")  # fmt: skip
    print(f"memory of the server: {before / 2**20:,.0f} MiB after the first page, {after / 2**20:,.0f} MiB at the end")
    for (kind, code), count in sorted(load.answers.items()):
        print(f"  {kind}: {code} x {count}")


if __name__ == "__main__":
    main()
