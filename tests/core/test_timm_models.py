"""Encoders as timm backbones: run apart, for torchvision, which timm imports, must be built for the same torch.

The folder named by OCR2_TIMM holds timm and torchvision (`pip install --no-deps --target FOLDER timm torchvision`);
without it they must be installed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKS = Path(__file__).parent / "timm_checks.py"
ROOT = Path(__file__).parents[2]


@pytest.mark.timm
def test_encoders_are_timm_backbones_and_timm_agrees_with_them() -> None:
    path = os.pathsep.join(filter(None, (os.environ.get("OCR2_TIMM"), str(ROOT))))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.core.torchvision_ops", str(CHECKS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_without_timm_it_is_said_what_to_install() -> None:
    code = "import sys; sys.modules['timm'] = None; import ocr2.timm_models"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.endswith("MissingToolError: timm is not installed: pip install 'ocr2[timm]'\n")
