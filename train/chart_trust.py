"""Fit how likely onechart-nano's values are all right, and put it into the metadata of its weights.

    python -m ocr2.synth.charts.pool runs/charts-trust --groups 1 --seed 13
    python -m ocr2.train.chart_trust runs/charts-trust onechart/assets/onechart-nano.safetensors

Charts of the pool are read as users' are, their text found and read; right is a chart all of whose values are there
within the high tolerance (docs/eval.md, "Charts"). The fit is a logistic model of the features of `ocr2.onechart.nano`.
"""

import argparse
import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict

import torch
from safetensors import safe_open
from torch.nn import functional as F

from ocr2.checkpoints.weights import save_safetensors
from ocr2.metrics.charts import score_chart
from ocr2.models.protocols import ChartReader, LineReader
from ocr2.models.registry import load_chart_reader, load_line_reader
from ocr2.models.spec import TEXT_IN_CHARTS
from ocr2.onechart.nano.reliability import trust_features
from ocr2.options import LoadOptions
from ocr2.reading.charts.text_at_boxes import recognise_text
from ocr2.synth.groups import decode, read_group

logger = logging.getLogger(__name__)

DECAY = 1e-3  # of the weights: pulls them to 0
RIGHT = 1 - 1e-9


class Trust(TypedDict):
    """A logistic model of the features of a chart."""

    weights: list[float]
    bias: float


def read_pool(
    folder: Path, reader: ChartReader, text_reader: LineReader, *, most: int
) -> Iterator[tuple[list[float], bool]]:
    """Yield the features of charts, and whether all values were right."""
    charts = [chart for path in sorted(folder.glob("group-*.npz")) for chart in read_group(path)]
    for png, record in charts[:most]:
        picture = decode(png)
        texts = recognise_text(picture, reader.find_text(picture), text_reader)
        (reading,) = reader.read_charts([picture], [texts])
        answer = json.loads(reading.answer)
        if answer["values"]:
            overlap = score_chart(record["answer"], answer).overlap["high"]
            yield trust_features(reading.confidences, reading.probabilities), overlap >= RIGHT


def fit_trust(rows: Sequence[tuple[list[float], bool]]) -> Trust:
    """Fit a logistic model.

    Raises:
        ValueError: If all charts are right, or none.
    """
    features = torch.tensor([row for row, _ in rows], dtype=torch.float64)
    right = torch.tensor([good for _, good in rows], dtype=torch.float64)
    if right.min() == right.max():
        raise ValueError(f"all {len(rows)} charts are {'right' if right[0] else 'wrong'}: nothing can be fitted")
    weights = torch.zeros(features.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = F.binary_cross_entropy_with_logits(features @ weights + bias, right) + DECAY * weights.square().sum()
        torch.autograd.backward(value)
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return {"weights": [round(w, 4) for w in weights.tolist()], "bias": round(float(bias.detach()), 4)}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--most", type=int, default=400, help="charts")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    reader = load_chart_reader("onechart-nano", LoadOptions(weights=args.weights))
    rows = list(read_pool(args.pool, reader, load_line_reader(TEXT_IN_CHARTS), most=args.most))
    trust = fit_trust(rows)
    logger.info("%d charts, %d right: %s", len(rows), sum(good for _, good in rows), trust)
    with safe_open(args.weights, "pt") as file:
        metadata = json.loads(file.metadata()["ocr2"])
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dictionary
    save_safetensors(state, args.weights, metadata={"ocr2": json.dumps({**metadata, "trust": trust})})


if __name__ == "__main__":
    main()
