"""Put a trained slowperception-nano into the file that ships.

    python -m ocr2.train.export_trace runs/slow/decayed-N.pt OUT

A `state.pt` of the constant phase gives its averaged weights.
"""

import argparse
from pathlib import Path

from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.nano.network import FigureNano
from ocr2.slowperception.nano.weights import save_nano
from ocr2.train.export_charts import read_state


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    nano = FigureNano(PRESETS["slowperception-nano"])
    state = read_state(args.weights)
    nano.load_state_dict({k.removeprefix("nano."): v for k, v in state.items() if k.startswith("nano.")})
    save_nano(nano, args.out, metadata={"weights": args.weights.name})
    print(f"{args.out}: {args.out.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
