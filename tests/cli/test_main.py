"""`ocr2` itself: version, help, models, doctor, and what is not imported for them."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

import ocr2
from ocr2.models.registry import list_models

Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = ("torch", "PIL", "transformers", "numpy", "cv2", "pypdfium2", "rapidfuzz", "nltk", "jieba")

KNOWN = ", ".join(info.name for info in list_models())


def test_the_version_is_printed(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"ocr2 {ocr2.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments", [("--help",), ("-h",), ("read", "--help"), ("models", "-h"), ("eval", "read", "-h")]
)
def test_help_is_printed(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: ocr2" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("models",), ("eval",)])
def test_without_a_command_the_help_is_printed(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (2, "")
    assert "Usage: ocr2" in done.stdout


def test_an_unknown_command_is_wrong_use(run: Run) -> None:
    done = run("raed")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ocr2: No such command 'raed'.")
    assert len(done.stderr.splitlines()) == 1


def test_the_models_are_listed(run: Run) -> None:
    done = run("models", "list")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == KNOWN.split(", ")


@pytest.mark.parametrize("command", ["info", "path"])
def test_an_unknown_model_is_code_3(run: Run, command: str) -> None:
    done = run("models", command, "got-giga")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"ocr2: unknown model 'got-giga'; expected one of: {KNOWN}\n"


@pytest.mark.usefixtures("reader")
def test_the_doctor_finds_everything_in_order(run: Run) -> None:
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "found    torch " in done.stdout
    assert "loads    got-nano" in done.stdout


@pytest.mark.usefixtures("reader")
def test_the_doctor_names_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr2.cli.doctor.REQUIRED", ("torch", "no-such-package"))
    done = run("doctor")
    assert (done.returncode, done.stderr) == (3, "ocr2: missing no-such-package; reinstall ocr2\n")
    assert "MISSING  no-such-package" in done.stdout


def test_a_shell_can_ask_what_could_follow() -> None:
    question = {"_OCR2_COMPLETE": "complete_bash", "COMP_WORDS": "ocr2 mo", "COMP_CWORD": "1"}
    command = [sys.executable, "-c", "from ocr2.cli.main import main; main()"]
    done = subprocess.run(command, env=os.environ | question, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("models", "")


@pytest.mark.parametrize(
    "code",
    [
        "import ocr2",
        "import ocr2.models.registry; ocr2.models.registry.list_models()",
        "from ocr2.cli.main import main; import sys; sys.argv = ['ocr2', '--help']; main()",
        "from ocr2.cli.main import main; import sys; sys.argv = ['ocr2', 'read', '--help']; main()",
        "from ocr2.cli.main import main; import sys; sys.argv = ['ocr2', 'eval', 'read', '--help']; main()",
    ],
    ids=["import", "models", "help", "read-help", "eval-help"],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str) -> None:
    report = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {code}"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "ocr2.results.document" in loaded
    assert loaded.isdisjoint(HEAVY)
