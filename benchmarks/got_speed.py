"""Published GOT against transformers on this machine: the same random weights, prompts and output lengths.

python benchmarks/got_speed.py [--json] [--dtype bfloat16|float32] [--tokens 32] [--repeats 3] [--threads N]

Stages of one page in one 1024 px view: encoder, prefill (286 positions), one decoded token, and the whole page from
the picture to ids. Both engines run in this process, in turn; medians after one warm-up. A ratio is transformers' time
over ours: above 1 ours is faster. Memory is what the encoder needs beyond what the process holds before it.
"""

import argparse
import ctypes
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

from benchmarks.got_random import TOKENS, in_transformers, random_model
from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.got.config import IMAGE_PAD
from ocr2.got.model import GOTModel
from ocr2.got.views import cut_views, pixels_from_views

SIDE = 1024


@dataclass(frozen=True, slots=True)
class Work:
    """What both engines are given."""

    page: np.ndarray[Any, np.dtype[np.uint8]]  # (height, width, 3)
    pixels: Tensor  # (1, 3, 1024, 1024)
    prompt: Tensor  # (1, 286)
    tokens: int  # to write


def make_work(tokens: int, dtype: torch.dtype) -> Work:
    """Return a page of noise and a prompt of random words around its image."""
    page = np.random.default_rng(0).integers(0, 256, (2339, 1654, 3), np.uint8)
    words = torch.randint(0, 151_643, (1, 30), generator=torch.Generator().manual_seed(0))
    prompt = torch.cat([words[:, :15], torch.full((1, TOKENS), IMAGE_PAD), words[:, 15:]], dim=1)
    return Work(page, pixels_from_views(cut_views(page, side=SIDE, max_tiles=1)).to(dtype), prompt, tokens)


def our_stages(model: GOTModel, work: Work) -> dict[str, Callable[[], Any]]:
    """Return what is timed of ours."""
    skeleton = model.skeleton
    features = model.encode(work.pixels).image_features
    embeds = skeleton.embed(work.prompt, features)
    config = GenerationConfig(end_ids=(), max_new_tokens=work.tokens)
    runtime = skeleton.runtime(dtype=embeds.dtype)
    skeleton.encoders[0].freeze()  # type: ignore[operator]

    def prefill() -> list[int]:
        return generate(runtime, embeds, GenerationConfig(end_ids=(), max_new_tokens=1))[0].ids

    def page() -> list[int]:
        pixels = pixels_from_views(cut_views(work.page, side=SIDE, max_tiles=1)).to(embeds.dtype)
        found = skeleton.embed(work.prompt, model.encode(pixels).image_features)
        return generate(runtime, found, config)[0].ids

    return {
        "encoder": lambda: model.encode(work.pixels).image_features,
        "prefill": prefill,
        "text": lambda: generate(runtime, embeds, config)[0].ids,
        "page": page,
    }


def their_stages(model: Any, work: Work) -> dict[str, Callable[[], Any]]:
    """Return what is timed of transformers."""
    processor = GotOcr2ImageProcessorPil(size={"height": SIDE, "width": SIDE})
    features = model.get_image_features(work.pixels).pooler_output
    table = model.get_input_embeddings()
    slots = (work.prompt == IMAGE_PAD)[..., None]
    embeds = table(work.prompt).masked_scatter(slots, features.reshape(-1, features.shape[-1]))
    settings = {
        "max_new_tokens": work.tokens,
        "min_new_tokens": work.tokens,
        "do_sample": False,
        "pad_token_id": 151_643,
        "eos_token_id": None,
    }

    def page() -> list[int]:
        pixels = processor(Image.fromarray(work.page), return_tensors="pt")["pixel_values"].to(embeds.dtype)
        return _new(model.generate(input_ids=work.prompt, pixel_values=pixels, **settings), work)

    return {
        "encoder": lambda: model.get_image_features(work.pixels).pooler_output,
        "prefill": lambda: model(inputs_embeds=embeds, use_cache=True, logits_to_keep=1).logits,
        "text": lambda: model.generate(inputs_embeds=embeds, **settings)[0, -work.tokens :].tolist(),
        "page": page,
    }


def _new(ids: Tensor, work: Work) -> list[int]:
    return [int(i) for i in ids[0, work.prompt.shape[1] :]]


def timed(engines: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Return median seconds of each engine, which take turns after a warm-up each."""
    for run in engines.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(repeats):
        for name, run in engines.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def peak_mib(run: Callable[[], object]) -> float:
    """Return MiB of memory that a call needed at most beyond what was held before it (Linux with glibc)."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)  # what earlier calls freed must not serve this one
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    run()
    return (_status("VmHWM") - before) / 2**10


def _status(name: str) -> int:
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(f"{name}:"))
    return int(line.split()[1])  # KiB


def machine_limits(dtype: torch.dtype) -> dict[str, float]:
    """Return this machine's rates: matrix product (TFLOP/s) and copy, bytes read and written (GB/s)."""
    a, b = torch.randn(4096, 4096).to(dtype), torch.randn(4096, 4096).to(dtype)
    product = timed({"mm": lambda: a @ b}, 3)["mm"]
    block, other = torch.randn(2**27), torch.zeros(2**27)
    copy = timed({"copy": lambda: other.copy_(block)}, 3)["copy"]
    return {"gemm_tflops": 2 * 4096**3 / product / 1e12, "copy_gb_s": 2 * block.nbytes / copy / 1e9}


@torch.inference_mode()
def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run both engines and return the figures."""
    dtype = getattr(torch, args.dtype)
    work = make_work(args.tokens, dtype)
    model = random_model(dtype)
    ours, theirs = our_stages(model, work), their_stages(in_transformers(model), work)
    written = ours["text"](), theirs["text"]()
    same = sum(a == b for a, b in zip(*written, strict=True))
    result: dict[str, Any] = {
        "dtype": args.dtype,
        "threads": torch.get_num_threads(),
        "tokens": args.tokens,
        "equal_tokens": same,
        **machine_limits(dtype),
    }
    for stage in ("encoder", "prefill", "text", "page"):
        seconds = timed({"ours": ours[stage], "transformers": theirs[stage]}, args.repeats)
        result |= {f"{stage}_s": seconds["ours"], f"{stage}_transformers_s": seconds["transformers"]}
    for engine in ("", "_transformers"):
        text, prefill = result[f"text{engine}_s"], result[f"prefill{engine}_s"]
        result[f"decode1{engine}_s"] = (text - prefill) / (args.tokens - 1)
    for stage in ("encoder", "prefill", "decode1", "page"):
        result[f"{stage}_ratio"] = result[f"{stage}_transformers_s"] / result[f"{stage}_s"]
    result["encoder_peak_mib"] = peak_mib(ours["encoder"])
    result["encoder_peak_transformers_mib"] = peak_mib(theirs["encoder"])
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    result = measure(args)
    if args.json:
        print(json.dumps(result, indent=1))
        return
    print(f"{result['dtype']}, {result['threads']} threads; {result['equal_tokens']} of {args.tokens} tokens equal")
    print(f"machine: {result['gemm_tflops']:.2f} TFLOP/s, {result['copy_gb_s']:.1f} GB/s")
    for stage in ("encoder", "prefill", "decode1", "page"):
        ours, theirs = result[f"{stage}_s"], result[f"{stage}_transformers_s"]
        print(f"{stage:<8} ours {ours:7.3f} s  transformers {theirs:7.3f} s  ratio {result[f'{stage}_ratio']:.2f}")
    ours, theirs = result["encoder_peak_mib"], result["encoder_peak_transformers_mib"]
    print(f"encoder  ours {ours:7.0f} MiB  transformers {theirs:7.0f} MiB beyond the weights")


if __name__ == "__main__":
    main()
