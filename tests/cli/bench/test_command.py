"""`ocr2 bench`: its table, its JSON, what it refuses; no time is asserted."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocr2.compute.roofline import Limits
from ocr2.got.config import PRESETS
from tests.got.test_published import original_state, random_model, write_checkpoint

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMON = {"ocr2", "torch", "model", "weights", "device", "dtype", "threads", "machine", "stages", "pages_per_s"}
SMALL = ("--slots", "2", "--tokens", "9", "--device", "cpu", "--dtype", "float32")


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose rates are known."""
    monkeypatch.setattr("ocr2.compute.roofline.measure_limits", lambda dtype, *, device: Limits(2e12, 4e10))


@pytest.fixture
def mini(monkeypatch: pytest.MonkeyPatch, hub_cache: Path) -> None:
    """GOT of a tiny size, whose weights are not on this machine."""
    monkeypatch.setitem(PRESETS, "got", PRESETS["got-mini"])


def numbers(found: object) -> list[float]:
    if isinstance(found, dict):
        return [n for value in found.values() for n in numbers(value)]
    return [found] if isinstance(found, int | float) else []


@pytest.mark.usefixtures("mini")
@pytest.mark.parametrize("quantize", ["none", "int8", "int4"])
def test_views_as_json(run: Run, quantize: str) -> None:
    done = run("bench", *SMALL, "--quantize", quantize, "--json")
    assert done.returncode == 0
    assert done.stderr == "ocr2: the weights of got are not on this machine: random ones of that size are as fast\n"
    found = json.loads(done.stdout)
    assert set(found) == COMMON | {"quantize", "slots", "tokens", "positions"}
    assert found["machine"] == {"gemm_tflops": 2, "copy_gb_s": 40}
    assert (found["model"], found["weights"], found["quantize"]) == ("got", "random", quantize)
    assert (found["slots"], found["tokens"], found["positions"]) == (2, 9, 34)
    stages = found["stages"]
    assert list(stages) == ["encoder", "prefill", "decode", "decode_batched"]
    assert all(n > 0 and math.isfinite(n) for n in numbers(found))
    for name, work, rate in (("encoder", "tflop", 2), ("prefill", "tflop", 2), ("decode", "gb", 40)):
        stage = stages[name]
        assert stage["limit_seconds"] == pytest.approx(stage[work] / rate)
        assert stage["share"] == pytest.approx(stage["limit_seconds"] / stage["seconds"])
    assert stages["decode_batched"]["tokens_per_s"] == pytest.approx(2 / stages["decode_batched"]["seconds"])


@pytest.mark.usefixtures("mini")
def test_views_as_a_table(run: Run) -> None:
    lines = run("bench", *SMALL, "--quantize", "int8").stdout.splitlines()
    assert lines[0].startswith("got, random weights, cpu, float32, int8 decoder, ")
    assert lines[1] == "machine: 2 TFLOP/s of matrix products, 40 GB/s copied"
    assert lines[3].split() == ["seconds", "work", "at", "least", "share"]
    assert [line.split("  ")[0] for line in lines[4:8]] == [
        "encoder, one view",
        "prefill, 34 positions",
        "decode, a token of one stream",
        "decode, a token of 2 streams",
    ]
    assert [line.split()[-3] for line in lines[4:8]] == ["TFLOP", "TFLOP", "GB", "GB"]
    assert lines[-1].endswith(" pages/s from pictures to ids: 2 pages of 9 tokens")


@pytest.mark.usefixtures("mini")
def test_weights_that_are_named_are_used(run: Run, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "mini", original_state(random_model()))
    done = run("bench", *SMALL, "--weights", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("got, published weights, cpu, float32, ")


@pytest.mark.usefixtures("mini")
def test_weights_that_are_not_there_are_code_3(run: Run, tmp_path: Path) -> None:
    done = run("bench", *SMALL, "--weights", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"ocr2: no folder {tmp_path / 'nowhere'}\n"


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that take a moment."""
    from ocr2.cli.bench import measure as bench

    whole = bench.bench_pages
    monkeypatch.setattr(bench, "bench_pages", lambda read: whole(read, characters=60, pages=1))


@pytest.mark.usefixtures("short_pages", "reader")
def test_lines_as_json_and_as_a_table(run: Run) -> None:
    done = run("bench", "--model", "got-nano", "--device", "cpu", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found) == COMMON | {"characters", "page_seconds"}
    assert set(found["stages"]) >= {"layout", "model", "structure"}
    assert all(n >= 0 and math.isfinite(n) for n in numbers(found))
    assert found["pages_per_s"] == pytest.approx(1 / found["page_seconds"])
    lines = run("bench", "--model", "got-nano", "--device", "cpu").stdout.splitlines()
    assert lines[0].startswith("got-nano, shipped weights, cpu, ")
    assert lines[-1].endswith(f" pages/s, A4 pages of {found['characters']} characters")


@pytest.mark.parametrize(("option", "value"), [("--tokens", "1"), ("--slots", "0"), ("--quantize", "int2")])
def test_values_out_of_range_are_wrong_use(run: Run, option: str, value: str) -> None:
    done = run("bench", option, value)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ocr2: Invalid value for '{option}': ")


def test_quantising_off_the_cpu_is_code_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr("ocr2.compute.device.choose_device", lambda name: torch.device("meta"))
    done = run("bench", "--quantize", "int4", "--dtype", "float32")
    assert (done.returncode, done.stderr) == (3, "ocr2: quantize=int4 works on the CPU alone, the device is meta\n")


def test_its_help_imports_nothing_heavy() -> None:
    code = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from ocr2.cli.main import main; sys.argv = ['ocr2', 'bench', '--help']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: ocr2 bench" in done.stdout
    assert set(done.stderr.split()).isdisjoint({"torch", "transformers", "numpy", "PIL", "ocr2.compute.roofline"})
