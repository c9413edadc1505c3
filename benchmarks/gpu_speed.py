"""Published GOT on one GPU: every stage beside what the machine allows, and beside transformers in the same run.

    PYTHONPATH=. python benchmarks/gpu_speed.py [--json [FILE]] [--seconds 540] [--only limits,equal,...] [--dry-run]

Weights are random, of the published size, in bfloat16. Parts run in the order of this table; one that fails prints its
error, and those for which no time is left are skipped. The JSON, on standard output behind `JSON:` or in FILE, holds
what was finished. `--dry-run` runs everything small on the CPU.

| part | what |
| --- | --- |
| limits | rates of copies and of products, bfloat16 |
| equal | tokens of ours and transformers' in float32: one slot, many, with drafts; in bfloat16 with graphs or not |
| single | one stream: tokens/s with graphs and without, share of the copy's rate |
| encoder | 1, 4 and 8 views at once, share of the product's rate |
| pages | pictures to ids, 1,000 tokens a page, 64 slots |
| batched | 8, 32 and 64 streams |
| prefill | 1 and 8 prompts of 286 positions |
| peer | the same stages in transformers, batches of 1, 8 and 64, and the ratios |
| attention | a pass of 1, 8 and 64 rows by each way of attending that is there |
| kernels | what takes the time in a pass of 1 and of 64 rows |
| compiled | one stream and 64 with what torch.compile makes of the small operations |
| static | transformers with its static cache, which it compiles |

A ratio is transformers' time over ours: above 1 ours is faster.
"""

import argparse
import gc
import json
import platform
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import torch
import transformers
from torch import Tensor

from ocr2.compute.roofline import measure_limits, median_seconds, seconds_of
from ocr2.decoder.cache import Span
from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.static import Method


def _stand_in_for_scores() -> None:
    """Let the model's room be imported where rapidfuzz, which scores texts and is not needed here, is missing."""
    if find_spec("rapidfuzz") is not None:
        return
    module = ModuleType("rapidfuzz.distance")
    module.Levenshtein = None  # type: ignore[attr-defined]
    sys.modules |= {"rapidfuzz": ModuleType("rapidfuzz"), "rapidfuzz.distance": module}


_stand_in_for_scores()
bench = import_module("ocr2.cli.bench.measure")
got_random = import_module("benchmarks.got_random")

SINGLE_TARGET, PAGES_TARGET = 1000.0, 10.0  # tokens/s of one stream; pages/s at 1,000 tokens a page
WORKERS = 8  # threads that prepare pictures
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured."""

    preset: str
    device: torch.device
    gemms: tuple[int, ...]  # rows and columns
    copied: int  # bytes
    views: tuple[int, ...]  # at once
    encode_at_once: int  # views, when pages are read
    tokens: int  # of a stream
    slow_tokens: int  # of a stream without graphs, or of transformers
    equal_tokens: int
    slots: tuple[int, ...]
    pages: int
    page_tokens: int
    batches: tuple[int, ...]  # of transformers
    position: int  # of the rows of a timed pass
    passes: int


FULL = Sizes(
    preset="got",
    device=torch.device("cuda"),
    gemms=(4096, 8192),
    copied=2**31,
    views=(1, 4, 8),
    encode_at_once=4,
    tokens=512,
    slow_tokens=96,
    equal_tokens=24,
    slots=(8, 32, 64),
    pages=128,
    page_tokens=1000,
    batches=(1, 8, 64),
    position=1000,
    passes=50,
)
DRY = Sizes(
    preset="got-mini",
    device=torch.device("cpu"),
    gemms=(64,),
    copied=2**16,
    views=(1, 2),
    encode_at_once=2,
    tokens=4,
    slow_tokens=3,
    equal_tokens=6,
    slots=(2, 3),
    pages=4,
    page_tokens=5,
    batches=(1, 2),
    position=40,
    passes=2,
)


class Run:
    """What the parts share: the models, and what was found so far."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.device = sizes.device
        self.found: dict[str, Figures] = {}

    @cached_property
    def model(self) -> Any:
        """Ours."""
        return bench.random_model(self.sizes.preset, torch.bfloat16, device=self.device)

    @cached_property
    def runtime(self) -> Any:
        """Our decoder."""
        return self.runtime_of(self.model)

    @cached_property
    def theirs(self) -> Any:
        """transformers' model around the same tensors."""
        return got_random.in_transformers(self.model)

    def runtime_of(self, model: Any) -> Any:
        """Return a decoder whose caches have fixed shapes on the CPU too."""
        runtime = model.skeleton.runtime(dtype=next(model.parameters()).dtype)
        if self.device.type == "cpu":
            runtime.new_cache = runtime.new_static_cache
        return runtime

    def engine(self, slots: int = 1) -> Any:
        """Return our engine."""
        return bench.ViewEngine(self.model, self.runtime, slots=slots)

    @cached_property
    def pixels(self) -> Tensor:
        """One view (1, 3, side, side)."""
        pixels: Tensor = self.engine().preprocess(bench.noise_page(0))
        return pixels

    @cached_property
    def embeds(self) -> Tensor:
        """A prompt with a view (1, t, hidden)."""
        engine = self.engine()
        embeds: Tensor = engine.embed(bench.make_prompt(self.model.config), engine.encode(self.pixels))
        return embeds

    def seconds(self, run: Callable[[], object], *, repeats: int = 3) -> float:
        """Return the median seconds of a call, after one that does not count."""
        return median_seconds(run, repeats=repeats, device=self.device)

    def rate(self, name: str) -> float | None:
        """Return a rate of the machine, if it was measured."""
        value: float | None = self.found.get("limits", {}).get(name)
        return value

    def share(self, name: str, work: float, seconds: float) -> float | None:
        """Return the share of a rate at which work was done."""
        rate = self.rate(name)
        return work / seconds / rate if rate else None

    def decode_bytes(self, streams: int, tokens: int) -> float:
        """Return the bytes that one pass reads: all weights once, and the keys and values of every stream."""
        decoder = self.model.config.skeleton.decoder
        held = bench.cache_bytes(decoder, torch.bfloat16, positions=self.embeds.shape[1] + tokens / 2)
        weights: float = bench.weight_bytes(decoder, torch.bfloat16, "none")
        return weights + streams * float(held)


def measure_machine(run: Run) -> Figures:
    """Rates of copies (bytes read and written) and of products."""
    found: Figures = {}
    for side in run.sizes.gemms:
        limits = measure_limits(torch.bfloat16, device=run.device, side=side, copied=run.sizes.copied, repeats=10)
        found |= {f"gemm{side}_flops": limits.gemm_flops, "copy_bytes_s": limits.copy_bytes}
    found["gemm_flops"] = max(value for name, value in found.items() if name.startswith("gemm"))
    found["flash_attn"] = find_spec("flash_attn") is not None
    return found


def measure_equal(run: Run) -> Figures:
    """Tokens that are equal: ours and transformers' in float32, and ours with and without graphs."""
    tokens = run.sizes.equal_tokens
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        model = got_random.scaled_model(run.sizes.preset).to(run.device)
        theirs, runtime = got_random.in_transformers(model), run.runtime_of(model)
        alone, many = (bench.ViewEngine(model, runtime, slots=slots) for slots in (1, run.sizes.slots[0]))
        pixels = alone.preprocess(bench.noise_page(1))
        features, expected = alone.encode(pixels), their_features(theirs, pixels)
        prompts = [alone.embed(bench.make_prompt(model.config, seed=i), features) for i in range(3)]
        wanted = [got_random.their_text(theirs, prompt, tokens)[0].tolist() for prompt in prompts]
        lengths = [tokens] * len(prompts)
        drafts = [TextDraft([*ids[: tokens // 2], 5, *ids[tokens // 2 + 1 :]]) for ids in wanted]  # one place is wrong
        written = {
            "one_slot": alone.write(prompts, lengths),
            "many_slots": many.write(prompts, lengths),
            "drafted": many.write(prompts, lengths, drafters=drafts),
        }
    finally:
        torch.backends.cudnn.allow_tf32 = before
    plain = with_graphs(run, False, lambda: run.engine().write([run.embeds], [tokens]))
    graphs = with_graphs(run, True, lambda: run.engine().write([run.embeds], [tokens]))
    return {
        **{f"float32_{name}_equal": equal_tokens(ids, wanted) for name, ids in written.items()},
        "float32_tokens": len(prompts) * tokens,
        "encoder_relative_error": float((features - expected).norm() / expected.norm()),
        "bfloat16_graphs_equal": equal_tokens(graphs, plain),
        "bfloat16_tokens": tokens,
    }


def measure_single(run: Run) -> Figures:
    """One stream, through the scheduler, and passes alone without waiting for each."""
    found: Figures = {}
    for name, graphs, tokens in (("graphs", True, run.sizes.tokens), ("plain", False, run.sizes.slow_tokens)):
        took = with_graphs(run, graphs, lambda n=tokens: our_step_seconds(run, 1, n))  # type: ignore[misc]
        found[f"{name}_tokens_s"] = 1 / took
        found[f"{name}_copy_share"] = run.share("copy_bytes_s", run.decode_bytes(1, tokens), took)
        found[f"{name}_pass_alone_s"] = with_graphs(run, graphs, lambda: pass_seconds(run, 1))
    return found | {"target_tokens_s": SINGLE_TARGET, "target_met": found["graphs_tokens_s"] >= SINGLE_TARGET}


def measure_encoder(run: Run) -> Figures:
    """Views at once."""
    found: Figures = {"flop_a_view": bench.view_flops(run.model.config)}
    for views in run.sizes.views:
        pixels = run.pixels.expand(views, -1, -1, -1).contiguous()
        took = run.seconds(lambda p=pixels: run.engine().encode(p), repeats=5) / views  # type: ignore[misc]
        found[f"views{views}_s_a_view"] = took
        found[f"views{views}_gemm_share"] = run.share("gemm_flops", found["flop_a_view"], took)
    return found


def measure_pages(run: Run) -> Figures:
    """Pictures to ids, the pictures prepared by threads beside."""
    sizes = run.sizes
    slots, pictures = sizes.slots[-1], [bench.noise_page(seed) for seed in range(4)]
    engine, prompt = run.engine(slots), bench.make_prompt(run.model.config)
    marks: dict[str, float] = {"encode_s": 0.0}

    def prompts(count: int) -> Iterator[Tensor]:
        with ThreadPoolExecutor(WORKERS) as pool:
            waiting = [pool.submit(engine.preprocess, pictures[i % len(pictures)]) for i in range(count)]
            for first in range(0, count, sizes.encode_at_once):
                pixels = torch.cat([job.result() for job in waiting[first : first + sizes.encode_at_once]])
                started = time.perf_counter()
                features = engine.encode(pixels)
                synchronise(run.device)
                marks["encode_s"] += time.perf_counter() - started
                for view in features:
                    yield engine.embed(prompt, view[None])

    def read(count: int, tokens: int) -> float:
        return seconds_of(lambda: engine.write(prompts(count), [tokens] * count), device=run.device)

    read(slots, 2)  # warm
    # A text as long as one to be measured meets every bound of what a pass reads: its graphs are captured here.
    found: Figures = {"first_page_s": read(1, sizes.page_tokens)}
    marks["encode_s"] = 0.0
    took = read(sizes.pages, sizes.page_tokens)
    found |= {"pages": sizes.pages, "slots": slots, "tokens_a_page": sizes.page_tokens, "seconds": took}
    found |= {"pages_s": sizes.pages / took, "tokens_s": sizes.pages * sizes.page_tokens / took, **marks}
    return found | {"target_pages_s": PAGES_TARGET, "target_met": found["pages_s"] >= PAGES_TARGET}


def measure_batched(run: Run) -> Figures:
    """Streams at once, through the scheduler, and passes alone."""
    found: Figures = {}
    for slots in run.sizes.slots:
        took = our_step_seconds(run, slots, run.sizes.tokens)
        found[f"slots{slots}_step_s"] = took
        found[f"slots{slots}_tokens_s"] = slots / took
        found[f"slots{slots}_copy_share"] = run.share("copy_bytes_s", run.decode_bytes(slots, run.sizes.tokens), took)
        found[f"slots{slots}_pass_alone_s"] = pass_seconds(run, slots)
    return found


def measure_prefill(run: Run) -> Figures:
    """Prompts at once, with the token that follows them."""
    config, positions = run.model.config.skeleton.decoder, run.embeds.shape[1]
    found: Figures = {"positions": positions}
    for prompts in (1, 8):
        engine = run.engine(prompts)
        took = run.seconds(lambda e=engine, n=prompts: e.write([run.embeds] * n, [1] * n)) / prompts  # type: ignore[misc]
        found[f"prompts{prompts}_s_a_prompt"] = took
        found[f"prompts{prompts}_gemm_share"] = run.share("gemm_flops", bench.prefill_flops(config, positions), took)
    return found


def measure_peer(run: Run) -> Figures:
    """transformers' encoder, prompt and tokens, as its defaults are; pages/s of its best batch."""
    sizes, theirs = run.sizes, run.theirs
    found: Figures = {}
    encoder = min(
        run.seconds(lambda n=n: their_features(theirs, run.pixels.expand(n, -1, -1, -1).contiguous())) / n  # type: ignore[misc]
        for n in sizes.views[:2]
    )
    found |= {"encoder_s_a_view": encoder, "pages_s": 0.0}
    for batch in sizes.batches:
        prompts = run.embeds.expand(batch, -1, -1).contiguous()
        prefill = run.seconds(lambda p=prompts: got_random.their_text(theirs, p, 1))  # type: ignore[misc]
        text = run.seconds(lambda p=prompts: got_random.their_text(theirs, p, sizes.slow_tokens), repeats=1)  # type: ignore[misc]
        step = max(text - prefill, 1e-9) / (sizes.slow_tokens - 1)
        pages_s = batch / (batch * encoder + prefill + step * sizes.page_tokens)
        found |= {f"batch{batch}_prefill_s": prefill, f"batch{batch}_tokens_s": batch / step}
        found |= {f"batch{batch}_pages_s": pages_s, "pages_s": max(found["pages_s"], pages_s)}
        ours = "graphs" if batch == 1 else f"slots{batch}"
        tokens_s = run.found.get("single" if batch == 1 else "batched", {}).get(f"{ours}_tokens_s")
        found[f"batch{batch}_decode_ratio"] = tokens_s * step / batch if tokens_s else None
    pairs = (
        ("encoder_ratio", "encoder", f"views{sizes.views[0]}_s_a_view", encoder),
        ("prefill_ratio", "prefill", "prompts1_s_a_prompt", found[f"batch{sizes.batches[0]}_prefill_s"]),
    )
    for name, part, key, seconds in pairs:
        ours_s = run.found.get(part, {}).get(key)
        found[name] = seconds / ours_s if ours_s else None
    pages = run.found.get("pages", {}).get("pages_s")
    return found | {"pages_ratio": pages / found["pages_s"] if pages else None}


def measure_attention(run: Run) -> Figures:
    """Passes of rows at one position, by each way of attending."""
    methods: list[Method] = ["fused", "products"]
    if run.runtime.new_static_cache(slots=1, capacity=1).store.flash is not None:
        methods.append("flash")
    return {
        f"slots{slots}_{method}_s": pass_seconds(run, slots, method)
        for slots in (1, *run.sizes.slots)
        for method in methods
    }


def measure_kernels(run: Run) -> Figures:
    """The operations of one pass that take most time, microseconds; a graph's kernels are told apart."""
    found: Figures = {}
    kind = "device" if run.device.type == "cuda" else "cpu"
    where = "CUDA" if kind == "device" else "CPU"
    for slots in (1, run.sizes.slots[-1]):
        once = one_pass(run, slots)
        once()
        with torch.profiler.profile() as profile:
            once()
            synchronise(run.device)
        rows = [
            (round(float(getattr(row, f"self_{kind}_time_total")), 1), row.count, row.key[:90])
            for row in profile.key_averages()
            if row.device_type.name == where
        ]
        rows.sort(reverse=True)
        found[f"slots{slots}"] = {"launches": sum(n for t, n, _ in rows if t > 0), "top": rows[:14]}
    return found


def measure_compiled(run: Run) -> Figures:
    """Passes of a decoder whose small operations are compiled; what compiling takes is told apart."""
    plain = run.runtime
    run.runtime = run.runtime_of(run.model)
    try:
        run.runtime.compile_operations(backend="inductor" if run.device.type == "cuda" else "eager")
        found: Figures = {"compile_s": seconds_of(one_pass(run, 1), device=run.device)}
        for slots in (1, run.sizes.slots[-1]):
            found[f"slots{slots}_pass_alone_s"] = pass_seconds(run, slots)
        written = run.engine().write([run.embeds], [run.sizes.equal_tokens])
        found["tokens_s"] = 1 / our_step_seconds(run, 1, run.sizes.tokens)
    finally:
        run.runtime = plain
    found["equal"] = equal_tokens(written, run.engine().write([run.embeds], [run.sizes.equal_tokens]))
    return found | {"tokens": run.sizes.equal_tokens}


def measure_static(run: Run) -> Figures:
    """transformers with its static cache; the first text, which it compiles for, does not count."""
    tokens = run.sizes.slow_tokens

    def text(count: int) -> Tensor:
        ids: Tensor = got_random.their_text(run.theirs, run.embeds, count, cache_implementation="static")
        return ids

    text(tokens)
    took = run.seconds(lambda: text(tokens), repeats=1)
    first = run.seconds(lambda: text(2), repeats=1)
    step = max(took - first, 1e-9) / (tokens - 2)
    ours = run.found.get("single", {}).get("graphs_tokens_s")
    return {"batch1_tokens_s": 1 / step, "batch1_decode_ratio": ours * step if ours else None}


# What measures it, and the seconds without which it is skipped.
PARTS: dict[str, tuple[Callable[[Run], Figures], float]] = {
    "limits": (measure_machine, 5),
    "equal": (measure_equal, 30),
    "single": (measure_single, 15),
    "encoder": (measure_encoder, 10),
    "pages": (measure_pages, 40),
    "batched": (measure_batched, 30),
    "prefill": (measure_prefill, 5),
    "peer": (measure_peer, 60),
    "attention": (measure_attention, 20),
    "kernels": (measure_kernels, 20),
    "compiled": (measure_compiled, 60),
    "static": (measure_static, 90),
}


def with_graphs(run: Run, use: bool, call: Callable[[], Any]) -> Any:
    """Call something while new caches of our decoder use graphs, or do not."""
    run.runtime.use_graphs = use
    try:
        return call()
    finally:
        run.runtime.use_graphs = True


def our_step_seconds(run: Run, slots: int, tokens: int) -> float:
    """Return the seconds of a pass through the scheduler: what a text takes beyond its first token, by tokens."""
    engine = run.engine(slots)
    prompts = [run.embeds] * slots

    def write(count: int) -> float:
        return seconds_of(lambda: engine.write(prompts, [count] * slots), device=run.device)

    write(tokens)
    whole = min(write(tokens) for _ in range(2))
    first = min(write(1) for _ in range(2))
    return max(whole - first, 1e-9) / (tokens - 1)


def one_pass(run: Run, slots: int, method: Method | None = None) -> Callable[[], Tensor]:
    """Return a call that runs one more token of some rows, which may be repeated: it always writes to one place."""
    position = run.sizes.position
    cache = run.runtime.new_static_cache(slots=slots, capacity=position + 1)
    cache.store.method = method or cache.store.best_method()
    embeds = run.embeds[0, -1:].expand(slots, -1).contiguous()
    spans = [Span(slot, position, 1) for slot in range(slots)]
    return lambda: run.runtime.forward(embeds, spans, cache, range(slots))


def pass_seconds(run: Run, slots: int, method: Method | None = None) -> float:
    """Return the seconds of a pass when the host does not wait for its result."""
    once, passes = one_pass(run, slots, method), run.sizes.passes

    def several() -> None:
        for _ in range(passes):
            once()

    return run.seconds(several) / passes


@torch.inference_mode()
def their_features(theirs: Any, pixels: Tensor) -> Tensor:
    """Return transformers' features (views, tokens, hidden)."""
    features: Tensor = theirs.get_image_features(pixels).pooler_output
    return features


def equal_tokens(ours: Sequence[Sequence[int]], theirs: Sequence[Sequence[int]]) -> int:
    """Count places with the same token."""
    return sum(a == b for x, y in zip(ours, theirs, strict=True) for a, b in zip(x, y, strict=True))


def synchronise(device: torch.device) -> None:
    """Wait for a device."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def run_parts(run: Run, names: Sequence[str], seconds: float) -> dict[str, str]:
    """Run parts and print what they find; returns why parts are missing."""
    ends = time.monotonic() + seconds
    missing: dict[str, str] = {}
    before = signal.signal(signal.SIGALRM, _out_of_time)
    try:
        for name in names:
            measure, needs = PARTS[name]
            left = ends - time.monotonic()
            if left < needs:
                missing[name] = f"skipped: {left:.0f} s are left, it needs {needs:.0f}"
                print(f"{name}: {missing[name]}", flush=True)
                continue
            signal.setitimer(signal.ITIMER_REAL, left)
            started = time.monotonic()
            try:
                run.found[name] = measure(run)
            except Exception as error:  # one part must not cost the others
                missing[name] = f"{type(error).__name__}: {error}"
                print(f"{name}: failed after {time.monotonic() - started:.1f} s", flush=True)
                traceback.print_exc(file=sys.stdout)
            else:
                show(name, run.found[name], time.monotonic() - started)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            release(run.device)
    finally:
        signal.signal(signal.SIGALRM, before)
    return missing


def release(device: torch.device) -> None:
    """Give back memory that a part used."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def show(name: str, figures: Figures, seconds: float) -> None:
    """Print what a part found."""
    print(f"{name} ({seconds:.1f} s)")
    for key, value in figures.items():
        if isinstance(value, dict):
            print(f"  {key}: {value['launches']} operations")
            for row in value["top"]:
                print(f"    {row[0]:>10} us {row[1]:>5} x {row[2]}")
        else:
            print(f"  {key}: {value:.5g}" if isinstance(value, float) else f"  {key}: {value}")
    sys.stdout.flush()


def describe(sizes: Sizes) -> Figures:
    """Say what runs where."""
    cuda = sizes.device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(sizes.device) if cuda else platform.processor() or "cpu",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "preset": sizes.preset,
    }


def _out_of_time(signum: int, frame: FrameType | None) -> None:
    raise TimeoutError("the time of the whole run is used up")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 1 if a part failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE")
    parser.add_argument("--seconds", type=float, default=540.0)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args(arguments)
    names = args.only.split(",")
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; expected some of {', '.join(PARTS)}")
    sizes = DRY if args.dry_run else FULL
    if sizes.device.type == "cuda" and not torch.cuda.is_available():
        parser.error("there is no CUDA device; --dry-run runs on the CPU")
    transformers.logging.set_verbosity_error()
    run = Run(sizes)
    header = describe(sizes)
    print(header, flush=True)
    missing = run_parts(run, names, args.seconds)
    result = header | {"parts": run.found, "missing": missing}
    if args.json == "-":
        print("JSON:", json.dumps(result))
    elif args.json:
        Path(args.json).write_text(json.dumps(result, indent=1))
    return int(any(not reason.startswith("skipped") for reason in missing.values()))


if __name__ == "__main__":
    sys.exit(main())
