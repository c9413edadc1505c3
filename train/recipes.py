"""What the command needs to know of each model that it trains: its task and what its command takes."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ocr2.train.optimizer import OptimizerConfig
from ocr2.train.trainer import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one model is trained and exported."""

    make_task: Callable[[argparse.Namespace], Task]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    network: str = ""  # attribute of the trained module that ships, "" for all of it
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    evaluate_steps: int = 500


def add_encoder_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--encoder-from`."""
    parser.add_argument("--encoder-from", type=Path, help="exported weights, to start the encoder from")
