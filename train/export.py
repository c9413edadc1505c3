"""Turn trained states into the files that ship.

    python -m ocr2.train got-nano export runs/got-nano/decayed-12492.pt got/assets/got-nano.safetensors --val runs/val
    python -m ocr2.train onechart-nano export runs/onechart-nano/decayed-N.pt OUT --finder runs/finder/decayed-N.pt
    python -m ocr2.train vary-nano export runs/vary/state.pt OUT

A `state.pt` of the constant phase gives its averaged weights. Readers of text get the temperature of their confidences
fitted on validation strips.
"""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ocr2.checkpoints.shipped import load_shipped, save_shipped
from ocr2.got.config import PRESETS
from ocr2.got.formulas.config import PRESETS as FORMULA_PRESETS
from ocr2.got.formulas.network import FormulaNano
from ocr2.got.nano.reader import NanoReader, load_vocabulary, soften
from ocr2.got.network import GOTModel
from ocr2.models.protocols import StripReading
from ocr2.onechart.nano.parts import NanoParts
from ocr2.slowperception.config import PRESETS as FIGURE_PRESETS
from ocr2.slowperception.nano.network import FigureNano
from ocr2.synth.pool import read_group
from ocr2.train.trainer import read_weights
from ocr2.vary.config import PRESETS as LAYOUT_PRESETS
from ocr2.vary.nano.network import LayoutNano
from ocr2.vision.text_detector import TextDetector

TEMPERATURES = np.arange(0.6, 3.01, 0.05)
VALIDATION_STRIPS = 300  # of every width
# Networks whose trained state holds them as `nano`, beside heads that only training needs.
POINTING: dict[str, Callable[[], nn.Module]] = {
    "onechart-nano": lambda: NanoParts("onechart-nano"),
    "slowperception-nano": lambda: FigureNano(FIGURE_PRESETS["slowperception-nano"]),
    "got-nano-formulas": lambda: FormulaNano(FORMULA_PRESETS["got-nano-formulas"]),
    "vary-nano": lambda: LayoutNano(LAYOUT_PRESETS["vary-nano"]),
}
READERS = ("got-nano", "got-nano-charts")


def export_pointing(name: str, state: Mapping[str, Tensor], out: Path, *, finder: Path | None = None) -> None:
    """Write a network that points at elements of its picture.

    Args:
        name: Name of the model.
        state: Trained weights, of `read_weights`.
        out: File to write.
        finder: State of onechart-nano's text detector.
    """
    network = POINTING[name]()
    nano = {k.removeprefix("nano."): v for k, v in state.items() if k.startswith("nano.")}
    if isinstance(network, NanoParts):
        if finder is None:
            raise ValueError(f"{name} ships with its text detector: name its state with --finder")
        network.finder.load_state_dict(read_weights(finder))
        network.nano.load_state_dict(nano)
    else:
        network.load_state_dict(nano)
    save_shipped(network, out, details={})


def export_reader(name: str, state: Mapping[str, Tensor], out: Path, *, val: Path) -> float:
    """Write a reader of text; returns the temperature of its confidences.

    Args:
        name: Name of the model.
        state: Trained weights, of `read_weights`.
        out: File to write.
        val: Folder with groups of validation strips.
    """
    model = GOTModel(PRESETS[name])
    model.load_state_dict(dict(state))
    save_shipped(model, out, details={"temperature": 1.0})
    shipped = load_shipped(lambda: GOTModel(PRESETS[name]), out)
    reader = NanoReader(shipped.network, name=name, weights_sha256=shipped.sha256, dtype=torch.float32)
    strips, texts = validation_strips(val)
    temperature = fit_temperature(word_outcomes(reader.read_strips(strips), texts))
    save_shipped(model, out, details={"temperature": temperature})
    return temperature


def word_outcomes(readings: Sequence[StripReading], truths: Sequence[str]) -> list[tuple[list[float], bool]]:
    """Return (character probabilities, was it right) of every word of strips with the true number of words."""
    outcomes = []
    for reading, truth in zip(readings, truths, strict=True):
        words = reading.text.split(" ")
        if len(words) != len(truth.split(" ")):
            continue
        start = 0
        for word, true in zip(words, truth.split(" "), strict=True):
            outcomes.append((list(reading.probabilities[start : start + len(word)]), word == true))
            start += len(word) + 1
    return [outcome for outcome in outcomes if outcome[0]]


def fit_temperature(outcomes: Sequence[tuple[Sequence[float], bool]]) -> float:
    """Return the temperature under which the words' confidences are most likely (least log loss)."""

    def loss(temperature: float) -> float:
        total = 0.0
        for probabilities, right in outcomes:
            word = math.prod(soften(math.log(max(p, 1e-9)), temperature) for p in probabilities)
            word = min(max(word, 1e-6), 1 - 1e-6)
            total -= math.log(word if right else 1 - word)
        return total

    return float(min(TEMPERATURES, key=loss))


def validation_strips(folder: Path) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """Return strips and texts of a folder's groups."""
    vocabulary = load_vocabulary()
    strips: list[NDArray[np.uint8]] = []
    texts = []
    for path in sorted(folder.glob("group-*.npz")):
        for bucket in read_group(path).values():
            rows = zip(bucket.pixels[:VALIDATION_STRIPS], bucket.targets, bucket.lengths, strict=False)
            for pixels, ids, length in rows:
                strips.append(pixels)
                texts.append(vocabulary.decode(ids[:length].tolist()))
    return strips, texts


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `export` takes."""
    parser.add_argument("state", type=Path, help="a decayed model, or a state.pt whose average is taken")
    parser.add_argument("out", type=Path)
    parser.add_argument("--val", type=Path, help="validation strips, for readers of text")
    parser.add_argument("--finder", type=Path, help="state of onechart-nano's text detector")


def export(model: str, args: argparse.Namespace) -> None:
    """Write a model's file.

    Raises:
        ValueError: If something is missing that the model needs.
    """
    state = read_weights(args.state)
    if model == "text-detector":
        detector = TextDetector()
        detector.load_state_dict(dict(state))
        save_shipped(detector, args.out, details={})
    elif model in POINTING:
        export_pointing(model, state, args.out, finder=args.finder)
    elif model not in READERS:
        raise ValueError(f"{model} ships within another model; export that one")
    elif args.val is None:
        raise ValueError(f"{model} needs --val, a folder of validation strips")
    else:
        print(f"temperature {export_reader(model, state, args.out, val=args.val):.2f}")
    print(f"{args.out}: {args.out.stat().st_size / 2**20:.2f} MiB")
