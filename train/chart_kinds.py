"""Fit the classifier of chart kinds that are not read; writes the text file of `ocr2.onechart.nano.chart_kinds`.

    python -m ocr2.train.chart_kinds runs/charts-pdf --empty runs/geometry runs/formulas --packages FOLDER

Readable charts are those of a pool of `ocr2.synth.charts.libraries.pool` and of `ocr2.synth.charts.unread.readable`;
unread ones are drawn by Matplotlib, ECharts, Vega-Lite, gnuplot and R. Plotly's are kept for
`benchmarks/chart_kinds.py`. To be run again whenever the encoder of onechart-nano has new weights.
"""

import argparse
import functools
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.charts.kinds import UNREAD_KINDS
from ocr2.models.registry import load_chart_reader
from ocr2.onechart.nano.chart_kinds import FILE, KindClassifier, Layer, pool_patches, write_classifier
from ocr2.onechart.nano.reader import NanoChartReader, pixels_from_picture
from ocr2.synth.charts.unread.canvas import Rng, resized, worn
from ocr2.synth.charts.unread.pages import (
    MATPLOTLIB,
    NO_CHART,
    READABLE,
    KindSample,
    draw_with_library,
    draw_with_matplotlib,
    pictures_of,
)
from ocr2.synth.groups import decode, read_group

logger = logging.getLogger(__name__)

NAMES = (READABLE, NO_CHART, *UNREAD_KINDS)
HELD_OUT = "plotly"
LIBRARIES = {"echarts": 60, "vega-lite": 60, "gnuplot": 70, "r": 25}  # charts of each kind
COMMON = {"box": 3.0, "violin": 4.0, "heat-map": 2.0, "3-d": 1.6, "other": 1.5, "contour": 1.3, "candlestick": 1.3}
EMPTY = 500  # pictures without a chart by Matplotlib
ENCODED = 4  # pictures at a time in the encoder
HIDDEN = 160
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 30, 64, 3e-3, 0.05, 0.3
NOISE = 0.2  # standard deviation of what is added to a standardised channel
SOME = 7  # one picture in so many gives means and deviations


def seeded(*parts: str | int) -> Rng:
    """Return a source of random numbers that depends on all parts."""
    return np.random.default_rng([zlib.crc32(p.encode()) if isinstance(p, str) else p for p in parts])


def pool_samples(folder: Path) -> Iterator[KindSample]:
    """Yield the readable charts of a pool of PDFs, each at one size."""
    for path in sorted(folder.glob("*.pdf")):
        for picture in pictures_of(path, seeded(path.name)):
            yield KindSample(picture, READABLE, path.stem.rsplit("-", 1)[0])


def matplotlib_samples(each: int, readable: int, seed: int, *, empty: int = 0) -> Iterator[KindSample]:
    """Yield pictures by Matplotlib: about `each` of every unread kind, readable charts, and what is no chart."""
    counts = {kind: round(each * COMMON.get(kind, 1.0)) for kind in MATPLOTLIB}
    counts |= {READABLE: readable, NO_CHART: empty}
    for kind, count in counts.items():
        for i in range(count):
            yield KindSample(draw_with_matplotlib(kind, seeded(kind, seed, i)), kind, "matplotlib")


def empty_samples(folders: Iterable[Path], each: int, seed: int) -> Iterator[KindSample]:
    """Yield pictures without a chart, `each` of every folder: groups of pictures, or PDFs of pages."""
    for folder in folders:
        rng = seeded(folder.name, seed)
        pictures = _pictures_in(folder, rng)
        for picture, _ in zip(pictures, range(each), strict=False):
            yield KindSample(picture, NO_CHART, folder.name)


def _pictures_in(folder: Path, rng: Rng) -> Iterator[NDArray[np.uint8]]:
    for path in sorted(folder.glob("group-*.npz")):
        for png, _ in read_group(path):
            picture = decode(png)
            shown = np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture
            yield worn(resized(shown, rng), rng)
    for path in sorted(folder.glob("*.pdf")):
        for picture, _ in zip(pictures_of(path, rng), range(3), strict=False):
            yield picture


@torch.inference_mode()
def features_of(samples: Iterable[KindSample], reader: NanoChartReader) -> tuple[NDArray[np.float16], list[KindSample]]:
    """Return the cells (n, p, c), in half precision, of pictures, and the samples without their pictures."""
    rows: list[NDArray[np.float16]] = []
    known: list[KindSample] = []
    waiting: list[KindSample] = []

    def encode() -> None:
        pixels = torch.stack([pixels_from_picture(s.picture, reader.nano.config.image_side) for s in waiting])
        with torch.autocast(reader.device.type, reader.dtype, enabled=reader.dtype != torch.float32):
            patches, _ = reader.nano.encode_picture(pixels.to(reader.device))
        rows.append(pool_patches(patches).astype(np.float16))
        known.extend(KindSample(np.zeros((0, 0, 3), np.uint8), s.kind, s.source) for s in waiting)
        waiting.clear()

    for sample in samples:
        waiting.append(sample)
        if len(waiting) == ENCODED:
            encode()
    if waiting:
        encode()
    return np.concatenate(rows), known


class _CellNetwork(nn.Module):
    """What `KindClassifier` computes, to be trained."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(channels, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.output = nn.Linear(2 * HIDDEN, len(NAMES))

    def forward(self, cells: Tensor) -> Tensor:
        """Map cells (b, p, c) to logits (b, names)."""
        hidden = F.relu(self.hidden(cells))
        pooled = torch.cat([hidden.mean(dim=1), hidden.amax(dim=1)], dim=1)
        logits: Tensor = self.output(self.dropout(pooled))
        return logits


def fit_classifier(cells: NDArray[np.float16], kinds: list[str], *, seed: int) -> KindClassifier:
    """Fit the two layers to the cells (n, p, c) of pictures of known kinds, each of `NAMES`.

    Channels are standardised, which the first layer takes over; noise shifts all cells of a picture together.
    """
    torch.manual_seed(seed)
    some = cells[::SOME].astype(np.float32)
    middle, spread = some.mean(axis=(0, 1)), some.std(axis=(0, 1)) + 1e-3
    labels = torch.tensor([NAMES.index(kind) for kind in kinds])
    network = _CellNetwork(cells.shape[2])
    steps = EPOCHS * -(-len(labels) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(len(labels)), BATCH):
            x = torch.from_numpy((cells[batch.numpy()].astype(np.float32) - middle) / spread)
            x = x + NOISE * torch.randn(len(x), 1, x.shape[2])
            optimizer.zero_grad()
            torch.autograd.backward(F.cross_entropy(network(x), labels[batch]))
            optimizer.step()
            schedule.step()
    first, second = _layer(network.hidden), _layer(network.output)
    scaled = first.weight / spread[:, None]
    return KindClassifier(NAMES, Layer(scaled, first.bias - middle @ scaled), second)


def _layer(module: nn.Module) -> Layer:
    assert isinstance(module, nn.Linear)
    weight = module.weight.detach().T.contiguous().numpy()
    return Layer(np.asarray(weight, np.float32), np.asarray(module.bias.detach().numpy(), np.float32))


def training_parts(args: argparse.Namespace) -> dict[str, Callable[[], Iterator[KindSample]]]:
    """Return what yields the samples that the classifier is fitted to, by the names of their parts."""
    parts: dict[str, Callable[[], Iterator[KindSample]]] = {
        "pool": lambda: pool_samples(args.pool),
        "readable": lambda: matplotlib_samples(0, args.readable, args.seed),
        "empty": lambda: empty_samples(args.empty, args.each_empty, args.seed),
        "drawn-empty": lambda: matplotlib_samples(0, 0, args.seed, empty=EMPTY),
        "matplotlib": lambda: matplotlib_samples(args.each, 0, args.seed),
    }
    for library, count in LIBRARIES.items():
        parts[library] = functools.partial(draw_with_library, library, args.packages, count, seeded(library, args.seed))
    return parts


def part_features(
    path: Path | None, samples: Callable[[], Iterator[KindSample]], reader: NanoChartReader
) -> tuple[NDArray[np.float16], list[str]]:
    """Return the cells and kinds of samples, kept in a file if one is named, and read from it if it is there."""
    if path is not None and path.exists():
        held = np.load(path)
        return held["cells"], held["kinds"].tolist()
    cells, known = features_of(samples(), reader)
    kinds = [sample.kind for sample in known]
    if path is not None:
        np.savez(path, cells=cells, kinds=np.array(kinds))
    return cells, kinds


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pool", type=Path, help="folder of PDFs with readable charts")
    parser.add_argument("--empty", type=Path, nargs="*", default=[], help="folders of pictures without charts")
    parser.add_argument("--packages", type=Path, required=True, help="folder of unpacked npm packages")
    parser.add_argument("--each", type=int, default=150, help="charts of a kind by Matplotlib")
    parser.add_argument("--readable", type=int, default=2400, help="readable charts by Matplotlib")
    parser.add_argument("--each-empty", type=int, default=160, help="pictures of each folder without charts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", type=Path, help="folder that keeps what is computed from the pictures")
    parser.add_argument("--out", type=Path, default=Path("onechart/assets", FILE))
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    reader = load_chart_reader("onechart-nano")
    assert isinstance(reader, NanoChartReader)
    if args.features is not None:
        args.features.mkdir(parents=True, exist_ok=True)
    rows: list[NDArray[np.float16]] = []
    kinds: list[str] = []
    for name, samples in training_parts(args).items():
        path = args.features / f"{name}.npz" if args.features is not None else None
        cells, found = part_features(path, samples, reader)
        logger.info("%s: %d pictures", name, len(found))
        rows.append(cells)
        kinds += found
    classifier = fit_classifier(np.concatenate(rows), kinds, seed=args.seed)
    logger.info("fitted to %d pictures", len(kinds))
    args.out.write_text(write_classifier(classifier), encoding="utf-8")


if __name__ == "__main__":
    main()
