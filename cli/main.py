"""The `ocr2` command: parse, call, write. Exit codes: docs/cli.md, "Exit codes"."""

import sys
from typing import Annotated

import typer

from ocr2 import __version__
from ocr2.cli import models, read
from ocr2.cli.ask import ask_command
from ocr2.cli.batch import batch_command
from ocr2.cli.bench.command import bench_command
from ocr2.cli.chart import chart_command
from ocr2.cli.detect import detect_command
from ocr2.cli.doctor import doctor
from ocr2.cli.eval.command import app as eval_app
from ocr2.cli.failures import run_guarded
from ocr2.cli.focus import focus_command
from ocr2.cli.mcp import mcp_command
from ocr2.cli.serve import serve_command
from ocr2.cli.trace import trace_command
from ocr2.cli.train import app as train_app
from ocr2.compute.memory import keep_few_primitives

app = typer.Typer(
    name="ocr2",
    help="Read everything people draw to be read.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("read")(read.read_command)
app.command("chart")(chart_command)
app.command("trace")(trace_command)
app.command("detect")(detect_command)
app.command("ask")(ask_command)
app.command("focus")(focus_command)
app.command("batch")(batch_command)
app.command("serve")(serve_command)
app.command("mcp")(mcp_command)
app.command("doctor")(doctor)
app.command("bench")(bench_command)
app.add_typer(models.app, name="models")
app.add_typer(eval_app, name="eval")
app.add_typer(train_app, name="train")


def _print_version(value: bool) -> None:
    if value:
        print(f"ocr2 {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read everything people draw to be read."""


def main() -> None:
    """Run the command line; every failure is one line on stderr."""
    keep_few_primitives()
    sys.exit(run_guarded(app, debug="--debug" in sys.argv))
