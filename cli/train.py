"""`ocr2 train`: post-training of a model, as a TOML file says."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr2.cli.failures import ExitCode, say

if TYPE_CHECKING:
    from ocr2.train.posttraining.config import Method

app = typer.Typer(help="Train small models further: on true answers, or by rewards.", no_args_is_help=True)

Config = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="See docs/posttraining.md.")]
Steps = Annotated[int | None, typer.Option(help="Instead of the file's.")]
Seconds = Annotated[float | None, typer.Option(help="Save and stop after so long; the same command goes on.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="Folder, instead of the file's.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No log on standard error.")]
Debug = Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")]


@app.command("sft")
def sft_command(
    config: Config, *, steps: Steps = None, seconds: Seconds = None, out: Out = None, quiet: Quiet = False,
    debug: Debug = False,
) -> int:  # fmt: skip
    """Train on true answers: pools, or a user's own records."""
    return _train("sft", config, steps=steps, seconds=seconds, out=out, quiet=quiet)


@app.command("grpo")
def grpo_command(
    config: Config, *, steps: Steps = None, seconds: Seconds = None, out: Out = None, quiet: Quiet = False,
    debug: Debug = False,
) -> int:  # fmt: skip
    """Sample groups of answers and make those likelier whose reward is above their group's mean (Perception-R1)."""
    return _train("grpo", config, steps=steps, seconds=seconds, out=out, quiet=quiet)


@app.command("perpo")
def perpo_command(
    config: Config, *, steps: Steps = None, seconds: Seconds = None, out: Out = None, quiet: Quiet = False,
    debug: Debug = False,
) -> int:  # fmt: skip
    """Rank answers of the start by their reward and learn the ranking (PerPO; DPO with two answers)."""
    return _train("perpo", config, steps=steps, seconds=seconds, out=out, quiet=quiet)


@app.command("reper")
def reper_command(
    config: Config, *, steps: Steps = None, seconds: Seconds = None, out: Out = None, quiet: Quiet = False,
    debug: Debug = False,
) -> int:  # fmt: skip
    """Make answers of the start likelier by their reward and unlikelier by what it lacks (RePer)."""
    return _train("reper", config, steps=steps, seconds=seconds, out=out, quiet=quiet)


def _train(
    method: "Method", path: Path, *, steps: int | None, seconds: float | None, out: Path | None, quiet: bool
) -> int:
    import logging

    from ocr2.cli.failures import needing
    from ocr2.train.posttraining.config import read_config

    config = read_config(path).changed(steps=steps, seconds=seconds, out=out)
    logging.getLogger("ocr2.train").setLevel(logging.WARNING if quiet else logging.INFO)
    with needing("train", "training needs"):
        from ocr2.train.posttraining.run import post_train
    weights = post_train(method, config)
    if weights is None:
        say(f"stopped before step {config.steps}; the same command goes on")
        return ExitCode.PAGE_FAILED
    print(weights)
    return ExitCode.OK
