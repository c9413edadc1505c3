"""The ledger's sums and curves, and runs that are paused."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ocr2.train.__main__ import main
from ocr2.train.ledger import curves_of, hours_table
from ocr2.train.pause import pausable, signal_run

ROWS: list[dict[str, object]] = [
    {"run": "a 1", "model": "a", "core_hours": 1.5, "samples": 1000},
    {"run": "a 2", "model": "a", "core_hours": None, "samples": None},
    {"run": "b 1", "model": "b", "core_hours": 0.25, "samples": 10},
]
LOG: list[dict[str, object]] = [
    {"kind": "train", "step": 1, "samples": 1, "core_hours": 0.1, "ctc": 2.0},
    {"kind": "eval", "step": 2, "samples": 2, "core_hours": 0.2, "cer": 9.0},
    {"kind": "eval-decay", "step": 3, "samples": 3, "core_hours": 0.3, "cer": 7.0},
]


def test_hours_are_added_by_model_and_unknown_ones_are_said() -> None:
    table = hours_table(ROWS)
    assert "| a | 2 | 1.50 | 1,000 |" in table
    assert "| all | 3 | 1.75 | 1,010 |" in table
    assert table.endswith("1 runs have no figure")


def test_curves_keep_phases_apart() -> None:
    assert curves_of(LOG) == {"cer": [(0.2, 9.0)], "cer (decay)": [(0.3, 7.0)]}


def test_the_command_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.jsonl").write_text("\n".join(map(json.dumps, LOG)), encoding="utf-8")
    picture = tmp_path / "curves.png"
    main(["ledger", "--ledger", str(ledger), "--logs", str(logs), "--picture", str(picture)])
    assert "| all | 3 |" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no such signals on Windows")
def test_a_run_is_paused_and_goes_on(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from ocr2.train.pause import pausable\n"
        "with pausable(pathlib.Path(sys.argv[1])):\n"
        "    print('trains', flush=True)\n"
        "    time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"trains\n"
        assert signal_run(tmp_path, pause=True) == 1
        assert os.WIFSTOPPED(os.waitpid(child.pid, os.WUNTRACED)[1])
        assert signal_run(tmp_path, pause=False) == 1
        assert os.WIFCONTINUED(os.waitpid(child.pid, os.WCONTINUED)[1])
    finally:
        child.kill()
        child.communicate()
    with pytest.raises(ValueError, match="nothing trains in"):  # its note is there, and nobody holds it
        signal_run(tmp_path, pause=True)


def test_a_run_is_noted_only_while_it_trains(tmp_path: Path) -> None:
    with pausable(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [f"process-{os.getpid()}"]
    assert not list(tmp_path.iterdir())
