"""How likely onechart-nano's values are all right, by how sure it was of what it wrote and of what was read to it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 1e-4  # probability below which it makes no difference
FEATURES = 5


def trust_features(confidences: Sequence[float], probabilities: Sequence[float]) -> list[float]:
    """Return what tells charts read well from others (`FEATURES` numbers).

    Args:
        confidences: Of each value.
        probabilities: Of each token written.
    """
    values = sorted(math.log(max(LEAST, p)) for p in confidences) or [math.log(LEAST)]
    tokens = [math.log(max(LEAST, p)) for p in probabilities] or [math.log(LEAST)]
    tenth = values[len(values) // 10]
    return [values[0], tenth, sum(values) / len(values), min(tokens), math.log(len(values))]


@dataclass(frozen=True, slots=True)
class Trust:
    """A logistic model of `trust_features`, fitted by `ocr2.train.chart_trust`."""

    weights: tuple[float, ...]
    bias: float

    def estimate(self, confidences: Sequence[float], probabilities: Sequence[float]) -> float:
        """Return the probability that all values are right."""
        features = trust_features(confidences, probabilities)
        score = self.bias + sum(w * f for w, f in zip(self.weights, features, strict=True))
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))


def trust_from(details: Mapping[str, object]) -> Trust | None:
    """Return the model that the details of a file of weights hold, if any."""
    held = details.get("trust")
    return Trust(tuple(held["weights"]), held["bias"]) if isinstance(held, dict) else None
