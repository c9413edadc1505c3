"""Put a trained onechart-nano and its finder of writing into the file that ships.

    python -m ocr2.train.export_charts runs/onechart-nano/decayed-N.pt runs/finder/decayed-N.pt OUT

A `state.pt` of the constant phase gives its averaged weights.
"""

import argparse
from pathlib import Path

import torch
from torch import Tensor

from ocr2.onechart.nano.weights import NanoParts, save_parts


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the weights of a finished decay, or the averages of a state to resume from."""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    state: dict[str, Tensor] = saved.get("average", saved)
    return state


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nano", type=Path)
    parser.add_argument("finder", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    parts = NanoParts("onechart-nano")
    nano = read_state(args.nano)
    parts.nano.load_state_dict({k.removeprefix("nano."): v for k, v in nano.items() if k.startswith("nano.")})
    parts.finder.load_state_dict(read_state(args.finder))
    save_parts(parts, args.out, metadata={"nano": args.nano.name, "finder": args.finder.name})
    print(f"{args.out}: {args.out.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
