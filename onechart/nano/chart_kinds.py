"""The kind of a chart that is not read, by a classifier on the encoder's patches.

One hidden layer on every patch, whose mean and maximum over the picture say the kind: marks are local, and few of them
are enough. Its numbers are bytes in a text file, fitted by `ocr2.train.chart_kinds`. It costs less than a millisecond.
Axis letters: b charts, h rows, w columns, p cells, c channels.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ocr2.charts.kinds import UNREAD_KINDS
from ocr2.models.protocols import UnreadKind

FILE = "onechart-nano-kinds.json"  # in `ocr2.onechart.assets`
LEVELS = 127  # of a quantised weight, on either side of zero


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear layer: `x @ weight + bias`."""

    weight: NDArray[np.float32]  # (inputs, outputs)
    bias: NDArray[np.float32]  # (outputs,)

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map (..., inputs) to (..., outputs)."""
        return x @ self.weight + self.bias


@dataclass(frozen=True, slots=True)
class KindClassifier:
    """A classifier of patches: charts that are read, pictures without a chart, and the unread kinds."""

    names: tuple[str, ...]  # of the outputs
    hidden: Layer  # of a cell
    output: Layer  # of the mean and the maximum over all cells

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map cells (b, p, c) of `pool_patches` to the probability of each name (b, names)."""
        hidden = np.maximum(self.hidden(features), 0.0)
        logits = self.output(np.concatenate([hidden.mean(axis=1), hidden.max(axis=1)], axis=1))
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)

    def classify(self, patches: Tensor) -> UnreadKind:
        """Return the most probable unread kind of one chart's patches (1, h, w, c)."""
        shares = self.probabilities(pool_patches(patches))[0]
        unread = {name: float(p) for name, p in zip(self.names, shares, strict=True) if name in UNREAD_KINDS}
        return UnreadKind(max(unread, key=unread.__getitem__), min(1.0, sum(unread.values())))


def pool_patches(patches: Tensor) -> NDArray[np.float32]:
    """Average patches (b, h, w, c) in squares of 2 by 2: cells (b, p, c)."""
    pooled = F.avg_pool2d(patches.float().permute(0, 3, 1, 2), 2)
    return np.asarray(pooled.flatten(2).transpose(1, 2).cpu().numpy(), np.float32)


def load_classifier() -> KindClassifier:
    """Load the classifier that was fitted to the shipped weights."""
    return parse_classifier((resources.files("ocr2.onechart.assets") / FILE).read_text(encoding="utf-8"))


def parse_classifier(text: str) -> KindClassifier:
    """Return the classifier that a text of `write_classifier` holds.

    Raises:
        ValueError: If the text is not such a one.
    """
    held = json.loads(text)
    return KindClassifier(tuple(held["names"]), _parse_layer(held["hidden"]), _parse_layer(held["output"]))


def write_classifier(classifier: KindClassifier) -> str:
    """Return a classifier as JSON, its weights quantised to bytes with a scale for each output."""
    layers = {"hidden": _layer_to_dict(classifier.hidden), "output": _layer_to_dict(classifier.output)}
    return json.dumps({"names": classifier.names, **layers}, indent=1) + "\n"


def _layer_to_dict(layer: Layer) -> dict[str, object]:
    scales = np.maximum(np.abs(layer.weight).max(axis=0) / LEVELS, 1e-12)
    levels = np.round(layer.weight / scales).astype(np.int8)
    return {
        "scales": _rounded(scales),
        "bias": _rounded(layer.bias),
        "weight": base64.b64encode(levels.tobytes()).decode("ascii"),
    }


def _parse_layer(held: dict[str, object]) -> Layer:
    scales, bias = (np.asarray(held[name], np.float32) for name in ("scales", "bias"))
    levels = np.frombuffer(base64.b64decode(str(held["weight"]), validate=True), np.int8)
    return Layer(levels.reshape(-1, len(scales)).astype(np.float32) * scales, bias)


def _rounded(values: Sequence[float] | NDArray[np.floating]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
