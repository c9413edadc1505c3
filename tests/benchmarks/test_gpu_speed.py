"""The benchmark of a GPU runs whole on a CPU, without packages that such a machine may lack."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import gpu_speed
from benchmarks.gpu_speed import DRY, PARTS, Run, equal_tokens, main, run_parts

ROOT = Path(__file__).parents[2]
BLOCKED = ("rapidfuzz", "pypdfium2", "pdf2image", "tiktoken", "latex2mathml", "flash_attn", "nltk", "jieba")


def test_every_part_runs_without_packages_that_it_does_not_need(tmp_path: Path) -> None:
    code = f"""
import runpy, sys
sys.modules |= dict.fromkeys({BLOCKED!r})
sys.argv = ["gpu_speed.py", "--dry-run", "--json", {str(tmp_path / "found.json")!r}]
runpy.run_path({str(ROOT / "benchmarks" / "gpu_speed.py")!r}, run_name="__main__")
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["missing"] == {}
    assert list(found["parts"]) == list(PARTS)
    equal = found["parts"]["equal"]
    for name in ("one_slot", "many_slots", "drafted"):
        assert equal[f"float32_{name}_equal"] == equal["float32_tokens"]
    assert equal["bfloat16_graphs_equal"] == equal["bfloat16_tokens"]
    assert found["parts"]["peer"]["pages_ratio"] > 0


def parts(monkeypatch: pytest.MonkeyPatch, **measures: Callable[[Run], dict[str, float]]) -> None:
    monkeypatch.setattr(gpu_speed, "PARTS", {name: (measure, 1.0) for name, measure in measures.items()})


def test_a_part_that_fails_prints_its_error_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(run: Run) -> dict[str, float]:
        raise RuntimeError("no kernel")

    parts(monkeypatch, broken=fail, fine=lambda run: {"seconds": 0.5})
    assert main(["--dry-run", "--only", "broken,fine", "--json"]) == 1
    out = capsys.readouterr().out
    assert "RuntimeError: no kernel" in out
    found = json.loads(out.split("JSON:")[1])
    assert found["parts"] == {"fine": {"seconds": 0.5}}
    assert found["missing"] == {"broken": "RuntimeError: no kernel"}


def test_a_part_is_ended_when_the_time_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def alarm(run: Run) -> dict[str, float]:
        signal.raise_signal(signal.SIGALRM)
        return {}

    parts(monkeypatch, slow=alarm)
    missing = run_parts(Run(DRY), ["slow"], 100)
    assert missing == {"slow": "TimeoutError: the time of the whole run is used up"}


def test_parts_without_time_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    parts(monkeypatch, late=lambda run: {})
    run = Run(DRY)
    assert list(run_parts(run, ["late"], 0.5)) == ["late"]
    assert run.found == {}
    assert main(["--dry-run", "--only", "late", "--seconds", "0.5"]) == 0


def test_unknown_parts_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--dry-run", "--only", "limits,speed"])
    assert "unknown part 'speed'" in capsys.readouterr().err


def test_without_a_device_the_dry_run_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit):
        main([])
    assert "--dry-run runs on the CPU" in capsys.readouterr().err


def test_equal_tokens_are_counted_by_place() -> None:
    assert equal_tokens([[1, 2, 3], [4]], [[1, 3, 3], [4]]) == 3
