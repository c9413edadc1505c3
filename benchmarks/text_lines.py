"""Lines that the shipped text detector finds on the frozen pages: precision and recall by kind of page.

`python benchmarks/text_lines.py --val runs/lines-val`. A line is found if what was detected and the true line, with
room for tall and deep letters, overlap by half of their union. Each page is looked at in the scale of its true usual
x-height.
"""

import argparse
from importlib import resources
from pathlib import Path

import torch

from ocr2.checkpoints.shipped import load_shipped
from ocr2.synth.groups import decode_gray, read_group
from ocr2.synth.text_lines.pages import FROZEN_KINDS
from ocr2.synth.text_lines.pool import FROZEN_EACH, page_of
from ocr2.train.text_detector import count_hits, detect, scale_of
from ocr2.vision.text_detector import TextDetector


def main() -> None:
    """Print a row a kind, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--val", type=Path, required=True, help="folder of frozen.npz")
    parser.add_argument("--weights", type=Path, default=Path(str(resources.files("ocr2.got.assets"))))
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = args.weights / "text-detector.safetensors" if args.weights.is_dir() else args.weights
    network = load_shipped(TextDetector, path).network
    counts = {kind: [0, 0, 0] for kind in FROZEN_KINDS}  # found, true, hits
    kinds = [kind for kind in FROZEN_KINDS for _ in range(FROZEN_EACH)]
    for kind, (png, record) in zip(kinds, read_group(args.val / "frozen.npz"), strict=True):
        page = page_of(decode_gray(png), record)
        lines = detect(network, page.pixels, scale_of(page))
        for i, count in enumerate((len(lines), len(page.bands), count_hits(lines, page.bands))):
            counts[kind][i] += count
    rows = counts | {"all": [sum(column) for column in zip(*counts.values(), strict=True)]}
    for kind, (found, true, hits) in rows.items():
        print(f"{kind:<12} precision {100 * hits / max(1, found):5.1f} recall {100 * hits / max(1, true):5.1f}")


if __name__ == "__main__":
    main()
