"""Turn a trained state into weights to ship: fp16, with the confidence temperature fitted on validation strips.

python -m ocr2.train.export runs/got-nano/decayed-12492.pt got/assets/got-nano.safetensors --val runs/val
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from ocr2.got.config import PRESETS
from ocr2.got.nano.reader import NanoReader, load_vocabulary, soften
from ocr2.got.nano.weights import load_model, save_model
from ocr2.got.network import GOTModel
from ocr2.models.protocols import StripReading
from ocr2.synth.pool import read_group

TEMPERATURES = np.arange(0.6, 3.01, 0.05)


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


def validation_strips(
    folder: Path, limit: int
) -> tuple[list["np.ndarray[tuple[int, int], np.dtype[np.uint8]]"], list[str]]:
    """Return strips and texts of a folder's groups."""
    vocabulary = load_vocabulary()
    strips, texts = [], []
    for path in sorted(folder.glob("group-*.npz")):
        for bucket in read_group(path).values():
            for pixels, ids, length in zip(bucket.pixels[:limit], bucket.targets, bucket.lengths, strict=False):
                strips.append(pixels)
                texts.append(vocabulary.decode(ids[:length].tolist()))
    return strips, texts


def main() -> None:
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", type=Path, help="a decayed model, or a state.pt whose average is taken")
    parser.add_argument("out", type=Path)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--preset", default="got-nano")
    args = parser.parse_args()
    state = torch.load(args.state, weights_only=True, map_location="cpu")
    model = GOTModel(PRESETS[args.preset])
    model.load_state_dict(state.get("average", state))
    save_model(model, args.out, metadata={"temperature": 1.0})
    fused, _, digest = load_model(args.preset, args.out)
    reader = NanoReader(fused, name=args.preset, weights_sha256=digest, dtype=torch.float32)
    strips, texts = validation_strips(args.val, limit=300)
    temperature = fit_temperature(word_outcomes(reader.read_strips(strips), texts))
    save_model(model, args.out, metadata={"temperature": temperature})
    print(f"{args.out}: {args.out.stat().st_size / 2**20:.2f} MiB, temperature {temperature:.2f}")


if __name__ == "__main__":
    main()
