"""Train and export the small models.

    python -m ocr2.train vary-nano all --hours 4 --data DIR

    python -m ocr2.train vary-nano train runs/vary --pool runs/layouts --val runs/layouts-val --steps 9000
    python -m ocr2.train vary-nano decay runs/vary --pool runs/layouts --val runs/layouts-val --steps 3000
    python -m ocr2.train vary-nano export runs/vary/decayed-12000.pt vary/assets/vary-nano.safetensors

`train` goes on where the folder's run stands, to the step that is named; `decay` branches off it and leaves it as it
was; both save every ten minutes and when they are stopped. Under `torchrun` several processes share each batch. `all`
does what `train/plans.toml` says: renders, trains, decays, exports, scores. `pause FOLDER` and `continue FOLDER` stop a
run's processes and let them go on; `ledger` says what was trained so far.
"""

import argparse
import logging
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from ocr2.train import ledger
from ocr2.train.initialise import start_from, take_encoder
from ocr2.train.pause import signal_run
from ocr2.train.plan import add_all_arguments, make_all
from ocr2.train.recipes import Recipe
from ocr2.train.trainer import Task, TrainConfig, Trainer

MODELS = (
    "got-nano", "got-nano-charts", "got-nano-formulas", "onechart-nano", "onechart-text-detector",
    "slowperception-nano", "text-detector",
    "vary-nano",
)  # fmt: skip
logger = logging.getLogger(__name__)


def recipe_of(model: str) -> Recipe:
    """Return how a model is trained; what one model needs is imported for it alone."""
    if model in ("got-nano", "got-nano-charts"):  # one network, trained on other strips
        from ocr2.train.got_nano import RECIPE
    elif model == "got-nano-formulas":
        from ocr2.train.got_nano_formulas import RECIPE
    elif model == "onechart-nano":
        from ocr2.train.onechart_nano import RECIPE
    elif model == "onechart-text-detector":
        from ocr2.train.text_finder import RECIPE
    elif model == "slowperception-nano":
        from ocr2.train.slowperception_nano import RECIPE
    elif model == "text-detector":
        from ocr2.train.text_detector import RECIPE
    elif model == "vary-nano":
        from ocr2.train.vary_nano import RECIPE
    else:
        raise ValueError(f"no recipe for {model!r}; there are {', '.join(MODELS)}")
    return RECIPE


def add_run_arguments(parser: argparse.ArgumentParser, recipe: Recipe) -> None:
    """Add what `train` and `decay` take."""
    parser.add_argument("folder", type=Path, help="of the run")
    parser.add_argument("--pool", "--pools", type=Path, nargs="+", required=True, help="folders of groups")
    parser.add_argument("--val", type=Path, required=True, help="folder of the frozen validation set")
    parser.add_argument("--steps", type=int, required=True, help="last step of `train`; length of a `decay`")
    parser.add_argument("--initial", type=Path, help="weights that ship or a run's state, for a new run to start from")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=math.inf, help="save and stop after so long")
    parser.add_argument("--evaluate-steps", type=int, default=recipe.evaluate_steps)
    recipe.add_arguments(parser)


def run(recipe: Recipe, args: argparse.Namespace, *, command: str) -> None:
    """Train or decay."""
    torch.manual_seed(1)
    task = recipe.make_task(args)
    config = TrainConfig(optimizer=recipe.optimizer, seconds=args.seconds, evaluate_steps=args.evaluate_steps)
    trainer = Trainer(task, args.folder, config)
    if not trainer.resume():
        begin(task, recipe, args)
        trainer.restart_average()
    if command == "train":
        trainer.train(steps=args.steps)
    elif trainer.decay(steps=args.steps) and trainer.workers.is_first:
        torch.save(task.model.state_dict(), args.folder / f"decayed-{trainer.step}.pt")


def begin(task: Task, recipe: Recipe, args: argparse.Namespace) -> None:
    """Load what a new run starts from."""
    network = task.model.get_submodule(recipe.network)
    if (weights := getattr(args, "encoder_from", None)) is not None:
        encoder = next(part for name, part in network.named_modules() if name.endswith("encoders.0"))
        logger.info("%d tensors from %s", take_encoder(encoder, weights), weights)
    if args.initial is not None:
        start_from(task.model, args.initial, shipped=network)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["ledger"]:
        ledger.main(words[1:])
        return
    parser = argparse.ArgumentParser(
        prog="python -m ocr2.train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("command", choices=("train", "decay", "export", "all", "pause", "continue"))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="of the command; see MODEL COMMAND --help")
    chosen = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    own = argparse.ArgumentParser(prog=f"python -m ocr2.train {chosen.model} {chosen.command}")
    try:
        if chosen.command == "export":
            from ocr2.train.export import add_export_arguments, export  # all rooms: a machine that trains has but one

            add_export_arguments(own)
            export(chosen.model, own.parse_args(chosen.rest))
        elif chosen.command == "all":
            add_all_arguments(own)
            make_all(chosen.model, own.parse_args(chosen.rest))
        elif chosen.command in ("pause", "continue"):
            own.add_argument("folder", type=Path, help="of the run")
            pause = chosen.command == "pause"
            count = signal_run(own.parse_args(chosen.rest).folder, pause=pause)
            print(f"{count} processes {'are paused' if pause else 'go on'}")
        else:
            recipe = recipe_of(chosen.model)
            add_run_arguments(own, recipe)
            run(recipe, own.parse_args(chosen.rest), command=chosen.command)
    except (OSError, ValueError) as error:
        own.error(str(error))


if __name__ == "__main__":
    main()
