"""`ocr2 bench`: how fast a model runs here, beside what the machine would allow."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict, final

import typer

from ocr2.cli.failures import say
from ocr2.options import Quantize

if TYPE_CHECKING:
    import torch

    from ocr2.cli.bench.measure import Stage
    from ocr2.compute.roofline import Limits
    from ocr2.got.network import GOTModel
    from ocr2.models.spec import ModelSpec
    from ocr2.tiling.ink import Gray

UNITS = {"product": (1e12, "TFLOP"), "copy": (1e9, "GB")}
TITLES = {
    "encoder": "encoder, one view",
    "prefill": "prefill, {positions} positions",
    "decode": "decode, a token of one stream",
    "decode_batched": "decode, a token of {slots} streams",
}


class Measured(TypedDict):
    """What was measured on which machine; docs/bench.md describes it."""

    ocr2: str
    torch: str
    model: str
    weights: str  # where they come from
    device: str
    dtype: str
    threads: int
    machine: dict[str, float]


@final
class MeasuredViews(Measured):
    """How fast a model of square views is."""

    quantize: str
    slots: int
    tokens: int
    positions: int
    stages: dict[str, dict[str, float]]
    pages_per_s: float


@final
class MeasuredLines(Measured):
    """How fast a model of lines is."""

    characters: int
    stages: dict[str, dict[str, float]]
    page_seconds: float
    pages_per_s: float


def bench_command(
    model: Annotated[str, typer.Option(help="got or got-nano.")] = "got",
    weights: Annotated[
        Path | None, typer.Option(help="File or folder of weights. [default: those here, or random ones]")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    quantize: Annotated[Quantize, typer.Option(help="got: keep the decoder in fewer bits (CPU).")] = "none",
    slots: Annotated[int, typer.Option(min=1, help="got: pages at once.")] = 8,
    tokens: Annotated[int, typer.Option(min=2, help="got: tokens written a page.")] = 64,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> None:
    """Measure how fast a model runs on this machine, step by step, and how near each step comes to its limit."""
    from ocr2.compute.device import choose_device, choose_dtype
    from ocr2.models.registry import find

    info = find(model)
    where = choose_device(device)
    compute = choose_dtype(dtype, where)
    found: MeasuredViews | MeasuredLines
    if info.shipped:
        found = measure_lines(info, weights, where, compute, quantize=quantize)
    else:
        found = measure_views(info, weights, where, compute, quantize=quantize, slots=slots, tokens=tokens)
    print(json.dumps(found, indent=1) if as_json else to_table(found), flush=True)


def measure_views(
    info: "ModelSpec",
    weights: Path | None,
    device: "torch.device",
    dtype: "torch.dtype",
    *,
    quantize: Quantize,
    slots: int,
    tokens: int,
) -> MeasuredViews:
    """Measure a model that reads square views; what it returns is described in docs/bench.md.

    Raises:
        ModelError: If the decoder is to be quantised off the CPU.
        CheckpointError: If weights are named that do not fit.
    """
    from ocr2.cli.bench.measure import ViewEngine, bench_views
    from ocr2.compute.roofline import measure_limits
    from ocr2.errors import ModelError

    if quantize != "none" and device.type != "cpu":
        raise ModelError(f"quantize={quantize} works on the CPU alone, the device is {device}")
    model, kind = _load_views(info, weights, device, dtype)
    model.skeleton.encoders[0].freeze()  # type: ignore[operator]  # a ModuleList does not say what it holds
    runtime = model.skeleton.runtime(dtype=dtype, quantize=quantize, consume=True)
    limits = measure_limits(dtype, device=device)
    measured = _describe(info, kind, device, dtype, limits)
    times = bench_views(ViewEngine(model, runtime, slots=slots), limits, quantize=quantize, tokens=tokens)
    return {
        **measured,
        "quantize": quantize,
        "slots": slots,
        "tokens": tokens,
        "positions": times.positions,
        "stages": {
            "encoder": _stage(times.encoder),
            "prefill": _stage(times.prefill),
            "decode": _stage(times.decode) | {"tokens_per_s": 1 / times.decode.seconds},
            "decode_batched": _stage(times.decode_batched) | {"tokens_per_s": slots / times.decode_batched.seconds},
        },
        "pages_per_s": times.pages_per_s,
    }


def _load_views(
    info: "ModelSpec", weights: Path | None, device: "torch.device", dtype: "torch.dtype"
) -> tuple["GOTModel", str]:
    """Return a model and where its weights come from: "published" or "random"."""
    from ocr2.checkpoints.hub import find, locate
    from ocr2.cli.bench.measure import random_model
    from ocr2.got.checkpoint import load_published

    if weights is None and not any(find(release) for release in info.releases):
        say(f"the weights of {info.name} are not on this machine: random ones of that size are as fast")
        return random_model(info.name, dtype, device=device), "random"
    folder = locate(info.name, weights, info.releases).folder
    return load_published(folder, device=device, dtype=dtype).model, "published"


def measure_lines(
    info: "ModelSpec",
    weights: Path | None,
    device: "torch.device",
    dtype: "torch.dtype",
    *,
    quantize: Quantize,
) -> MeasuredLines:
    """Measure a model that reads lines on dense pages; what it returns is described in docs/bench.md.

    Raises:
        ModelError: If it is to be quantised.
        CheckpointError: If the weights do not fit.
    """
    from ocr2.cli.bench.measure import bench_pages
    from ocr2.compute.roofline import measure_limits
    from ocr2.errors import ModelError
    from ocr2.models.registry import load_line_reader
    from ocr2.options import LoadOptions
    from ocr2.reading.lines.page import read_page

    if quantize != "none":
        raise ModelError(f"{info.name} is small enough as it is: quantize must be none, got {quantize}")
    name = str(dtype).removeprefix("torch.")
    reader = load_line_reader(info.name, LoadOptions(weights=weights, device=str(device), dtype=name))

    def read(page: "Gray") -> dict[str, float]:
        return dict(read_page(page, reader).seconds)

    kind = "shipped" if weights is None else "named"
    measured = _describe(info, kind, device, dtype, measure_limits(dtype, device=device))
    times = bench_pages(read)
    return {
        **measured,
        "characters": times.characters,
        "stages": {name: {"seconds": seconds} for name, seconds in times.stages.items()},
        "page_seconds": times.seconds,
        "pages_per_s": times.pages_per_s,
    }


def _describe(info: "ModelSpec", kind: str, device: "torch.device", dtype: "torch.dtype", limits: "Limits") -> Measured:
    """Say what is measured on which machine."""
    import torch

    from ocr2 import __version__

    return {
        "ocr2": __version__,
        "torch": torch.__version__,
        "model": info.name,
        "weights": kind,
        "device": str(device),
        "dtype": str(dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
        "machine": {"gemm_tflops": limits.gemm_flops / 1e12, "copy_gb_s": limits.copy_bytes / 1e9},
    }


def _stage(stage: "Stage") -> dict[str, float]:
    scale, unit = UNITS[stage.bound]
    return {
        "seconds": stage.seconds,
        unit.lower(): stage.work / scale,
        "limit_seconds": stage.least,
        "share": stage.share,
    }


def to_table(found: MeasuredViews | MeasuredLines) -> str:
    """Return what was measured as lines for people."""
    machine = found["machine"]
    kept = f", {found['quantize']} decoder" if "quantize" in found and found["quantize"] != "none" else ""
    lines = [
        f"{found['model']}, {found['weights']} weights, {found['device']}, {found['dtype']}{kept}, "
        f"{found['threads']} threads",
        f"machine: {machine['gemm_tflops']:.3g} TFLOP/s of matrix products, {machine['copy_gb_s']:.3g} GB/s copied",
        "",
    ]
    rows = _view_rows(found) if "tokens" in found else _line_rows(found)
    return "\n".join([*lines, *rows])


def _view_rows(found: MeasuredViews) -> list[str]:
    rows = [f"{'':<34}{'seconds':>10}{'work':>14}{'at least':>10}{'share':>8}"]
    for name, stage in found["stages"].items():
        work = next(f"{stage[u.lower()]:.3g} {u}" for _, u in UNITS.values() if u.lower() in stage)
        rows.append(
            f"{TITLES[name].format_map(found):<34}{stage['seconds']:>10.4f}{work:>14}"
            f"{stage['limit_seconds']:>10.4f}{stage['share']:>8.0%}"
        )
    one, many = (found["stages"][name]["tokens_per_s"] for name in ("decode", "decode_batched"))
    return [
        *rows,
        "",
        f"{one:.3g} tokens/s in one stream, {many:.3g} in {found['slots']}",
        f"{found['pages_per_s']:.3g} pages/s from pictures to ids: {found['slots']} pages of {found['tokens']} tokens",
    ]


def _line_rows(found: MeasuredLines) -> list[str]:
    rows = [f"{name:<34}{stage['seconds']:>10.4f} s" for name, stage in found["stages"].items()]
    return [
        *rows,
        f"{'a page':<34}{found['page_seconds']:>10.4f} s",
        "",
        f"{found['pages_per_s']:.3g} pages/s, A4 pages of {found['characters']:,} characters",
    ]
