"""The parts of `got_speed.py`: each measures one thing on both engines and returns its figures by key.

Seconds have keys that end in `_s`. A ratio is transformers' time over ours: above 1 ours is faster. What is left of a
time when a part of it, measured apart, is taken off is None where the part took longer: the machine was busy.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.got_random import in_transformers, scaled_model, walking_runtime
from benchmarks.speed_engines import Engine, Transformers, peak_mib
from ocr2.cli.bench.measure import (
    ViewEngine,
    cache_bytes,
    make_prompt,
    noise_page,
    prefill_flops,
    random_model,
    view_flops,
    weight_bytes,
)
from ocr2.compute.roofline import Limits, measure_limits, seconds_in_turn, seconds_of
from ocr2.decoder.cache import Span
from ocr2.decoder.drafts import TextDraft
from ocr2.got.network import GOTModel
from ocr2.got.reader import RGB
from ocr2.multimodal.runtime import DecoderRuntime
from ocr2.options import Quantize

PAGES = 32
ANSWERS = (100, 1500)  # tokens of the shortest and the longest
SLOTS = 8
BATCHES = (1, 2, 4, 8)  # of transformers, of which the best is taken
PILOT_STEPS, PILOT_POSITIONS = 24, 1000
DECODED = 128  # tokens of the single stream
DRAFTED = 1000  # tokens of the stream with a draft
WRONG = 0.05  # of the draft
EQUAL_TOKENS = 16  # of the run in float32
PICTURES = 4  # different ones, in turn
DTYPES = (torch.bfloat16, torch.float32)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is measured."""

    preset: str
    dtype: torch.dtype
    scale: float  # of all lengths
    repeats: int  # of short measurements; whole sets of pages are read once

    def scaled(self, number: float, *, least: int = 2) -> int:
        """Return a length at this scale."""
        return max(least, round(number * self.scale))


class Bench:
    """Both engines around the same random weights, each part of them made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._runtimes: dict[Quantize, DecoderRuntime] = {}
        self._prefills: dict[str, float] = {}

    @cached_property
    def limits(self) -> Limits:
        """Rates of this machine."""
        return measure_limits(self.settings.dtype, repeats=self.settings.repeats)

    @cached_property
    def model(self) -> GOTModel:
        """Ours."""
        return self._models[0]

    @cached_property
    def _models(self) -> tuple[GOTModel, Any]:
        model = random_model(self.settings.preset, self.settings.dtype)
        theirs = in_transformers(model)  # before our linear modules are exchanged, whose tensors it takes
        model.skeleton.encoders[0].freeze()  # type: ignore[operator]  # a ModuleList does not say what it holds
        return model, theirs

    def ours(self, quantize: Quantize = "none", *, slots: int = SLOTS) -> ViewEngine:
        """Return our engine."""
        if quantize not in self._runtimes:
            self._runtimes[quantize] = self.model.skeleton.runtime(dtype=self.settings.dtype, quantize=quantize)
        return ViewEngine(self.model, self._runtimes[quantize], slots=slots)

    def theirs(self, *, batch: int = 1) -> Transformers:
        """Return transformers' engine."""
        return Transformers(self._models[1], side=self.model.config.image_height, batch=batch)

    def engine(self, name: str) -> Engine:
        """Return an engine as it reads many pages."""
        if name == "transformers":
            return self.theirs(batch=self.pilot["batch"])
        return self.ours("int8" if name == "int8" else "none")

    @cached_property
    def pictures(self) -> list[RGB]:
        """A few A4 pages of noise."""
        return [noise_page(seed) for seed in range(PICTURES)]

    @cached_property
    def prompts(self) -> list[Tensor]:
        """Prompts (1, t) of all pages."""
        return [make_prompt(self.model.config, seed=seed) for seed in range(PAGES)]

    @cached_property
    def embeds(self) -> list[Tensor]:
        """The prompts (1, t, hidden) with the features of one view, encoded once for both engines."""
        engine = self.ours()
        features = engine.encode(engine.preprocess(self.pictures[0]))
        return [engine.embed(prompt, features) for prompt in self.prompts]

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of the answers to all pages."""
        low, high = ANSWERS
        return [self.settings.scaled(n) for n in np.random.default_rng(0).integers(low, high + 1, PAGES)]

    @cached_property
    def pilot(self) -> Figures:
        """Seconds of one step of transformers at each batch size, and the size that would write all answers soonest."""
        positions = self.settings.scaled(PILOT_POSITIONS)
        steps = {batch: self._step_seconds(batch, positions) for batch in BATCHES}
        whole = {
            batch: step * sum(max(self.lengths[i : i + batch]) for i in range(0, PAGES, batch))
            for batch, step in steps.items()
        }
        return {
            "positions": positions,
            "step_s": steps,
            "expected_s": whole,
            "batch": min(whole, key=whole.__getitem__),
        }

    def _step_seconds(self, batch: int, positions: int) -> float:
        step = self.theirs().step(batch, positions)
        step()
        return seconds_of(lambda: [step() for _ in range(PILOT_STEPS)]) / PILOT_STEPS

    def prefill_seconds(self, name: str) -> float:
        """Return the seconds of the prompts of all pages alone; measured once."""
        if name not in self._prefills:
            engine = self.engine(name)
            engine.write(self.embeds[:SLOTS], [1] * min(SLOTS, PAGES))
            self._prefills[name] = seconds_of(lambda: engine.write(self.embeds, [1] * PAGES))
        return self._prefills[name]


def measure_encoder(bench: Bench) -> Figures:
    """One view, transformers in its faster number type; memory is what is needed beyond what was held before."""
    ours, theirs = bench.ours(), bench.theirs()
    pixels = ours.preprocess(bench.pictures[0])
    peers = {d: theirs.encode if d == theirs.dtype else theirs.encoder_in(d) for d in DTYPES}
    names = {d: f"encoder_transformers_{_name(d)}_s" for d in DTYPES}
    seconds = seconds_in_turn(
        {"encoder_s": lambda: ours.encode(pixels), **{names[d]: lambda d=d: peers[d](pixels) for d in DTYPES}},  # type: ignore[misc]
        repeats=bench.settings.repeats,
    )
    best = min(DTYPES, key=lambda d: seconds[names[d]])
    flops = view_flops(bench.model.config)
    peaks = peak_mib(lambda: ours.encode(pixels)), peak_mib(lambda: peers[best](pixels))
    return seconds | {
        "encoder_transformers_dtype": _name(best),
        "encoder_ratio": seconds[names[best]] / seconds["encoder_s"],
        "encoder_tflop": flops / 1e12,
        "encoder_gemm_share": bench.limits.gemm_share(flops, seconds["encoder_s"]),
        "encoder_peak_mib": peaks[0],
        "encoder_peak_transformers_mib": peaks[1],
        "encoder_peak_ratio": peaks[0] / peaks[1],
    }


def measure_decode(bench: Bench) -> Figures:
    """One prompt, and one stream of tokens after it; also whether both engines write the same in float32."""
    tokens = bench.settings.scaled(DECODED, least=8)
    kinds: tuple[Quantize, ...] = ("none", "int8", "int4")
    engines: dict[str, Engine] = {kind: bench.ours(kind, slots=1) for kind in kinds}
    engines["transformers"] = bench.theirs()
    prefills, texts = (
        seconds_in_turn(
            {name: lambda e=e, n=n: e.write(bench.embeds[:1], [n]) for name, e in engines.items()},  # type: ignore[misc]
            repeats=bench.settings.repeats,
        )
        for n in (1, tokens)
    )
    steps = {name: over(rest(texts[name], prefills[name]), tokens - 1) for name in engines}
    positions = bench.embeds[0].shape[1]
    config = bench.model.config.skeleton.decoder
    reading = prefill_flops(config, positions)
    found: Figures = {
        "decode1_tokens": tokens,
        "prefill_s": prefills["none"],
        "prefill_transformers_s": prefills["transformers"],
        "prefill_ratio": prefills["transformers"] / prefills["none"],
        "prefill_gemm_share": bench.limits.gemm_share(reading, prefills["none"]),
        "decode1_transformers_s": steps["transformers"],
    }
    for kind in kinds:
        name = "decode1" if kind == "none" else f"decode1_{kind}"
        size = weight_bytes(config, bench.settings.dtype, kind)
        size += cache_bytes(config, bench.settings.dtype, positions=positions + tokens / 2)
        found[f"{name}_s"] = steps[kind]
        found[f"{name}_ratio"] = over(steps["transformers"], steps[kind])
        found[f"{name}_gb"] = size / 1e9
        found[f"{name}_bw_share"] = over(size / bench.limits.copy_bytes, steps[kind])
    return found | _flips(bench, tokens) | equal_outputs(bench.settings.preset)


def _flips(bench: Bench, tokens: int) -> Figures:
    """Share of greedy tokens that fewer bits change when all read the same text; says little of real weights."""
    prompt = bench.embeds[0]
    (ids,) = bench.ours(slots=1).write([prompt], [tokens])
    chosen = {kind: _forced(bench.ours(kind), prompt, ids) for kind in ("none", "int8", "int4")}
    return {
        "flips_positions": tokens,
        **{
            f"{kind}_flips_random_weights": float((chosen[kind] != chosen["none"]).float().mean())
            for kind in ("int8", "int4")
        },
    }


@torch.inference_mode()
def _forced(engine: ViewEngine, prompt: Tensor, ids: Sequence[int]) -> Tensor:
    """Return the greedy choices (n,) after a prompt (1, t, hidden) and each but the last of n ids."""
    runtime = engine.runtime
    embeds = torch.cat([prompt[0], runtime.embed(ids[:-1]).to(prompt.dtype)])
    cache = runtime.new_cache(slots=1, capacity=len(embeds))
    logits = runtime.forward(embeds, [Span(0, 0, len(embeds))], cache, range(prompt.shape[1] - 1, len(embeds)))
    return logits.argmax(dim=-1)


def equal_outputs(preset: str) -> Figures:
    """From a picture to ids on both engines in float32, with weights whose best token leads by more than rounding."""
    model = scaled_model(preset)
    side = model.config.image_height
    pixels = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    prompt = make_prompt(model.config, seed=1)
    theirs = Transformers(in_transformers(model), side=side)
    ours = ViewEngine(model, model.skeleton.runtime(dtype=torch.float32))
    engines: tuple[Engine, ...] = (ours, theirs)
    found = [e.write([e.embed(prompt, e.encode(pixels))], [EQUAL_TOKENS])[0] for e in engines]
    return {
        "outputs_fp32": EQUAL_TOKENS,
        "outputs_fp32_different": len(set(found[0])),  # not one token over and over
        "equal_outputs_fp32": sum(a == b for a, b in zip(*found, strict=True)),
    }


def measure_batch(bench: Bench) -> Figures:
    """Answers to 32 prompts, whose own time, measured apart, does not count."""
    found: Figures = {"batch32_tokens": sum(bench.lengths), **_chosen(bench)}
    for name, tail in (("ours", ""), ("int8", "_int8"), ("transformers", "_transformers")):
        engine, prefill = bench.engine(name), bench.prefill_seconds(name)
        whole = seconds_of(lambda e=engine: e.write(bench.embeds, bench.lengths))  # type: ignore[misc]
        found |= {
            f"batch32{tail}_whole_s": whole,
            f"batch32{tail}_prefill_s": prefill,
            f"batch32{tail}_s": rest(whole, prefill),
        }
    return found | _ratios(found, "batch32")


def measure_e2e(bench: Bench) -> Figures:
    """32 A4 pictures to ids, each encoded when there is room for it."""
    found: Figures = {"e2e32_tokens": sum(bench.lengths), **_chosen(bench), "e2e32_stages": {}}
    for name, tail in (("ours", ""), ("int8", "_int8"), ("transformers", "_transformers")):
        stages = read_pictures(bench, bench.engine(name), bench.lengths)
        prefill = bench.prefill_seconds(name)
        written = stages.pop("writing")
        found[f"e2e32{tail}_s"] = sum(stages.values()) + written
        found["e2e32_stages"][name] = stages | {"prefill": prefill, "decode": rest(written, prefill)}
    return found | _ratios(found, "e2e32")


def read_pictures(bench: Bench, engine: Engine, lengths: Sequence[int]) -> dict[str, float]:
    """Read one picture for each answer; returns seconds of preprocessing, encoder and writing."""
    seconds = {"preprocessing": 0.0, "encoder": 0.0}

    def embeds() -> Iterator[Tensor]:
        for page, prompt in islice(zip(cycle(bench.pictures), cycle(bench.prompts), strict=False), len(lengths)):
            started = time.perf_counter()
            pixels = engine.preprocess(page)
            cut = time.perf_counter()
            features = engine.encode(pixels)
            seconds["preprocessing"] += cut - started
            seconds["encoder"] += time.perf_counter() - cut
            yield engine.embed(prompt, features)

    whole = seconds_of(lambda: engine.write(embeds(), lengths))
    return seconds | {"writing": whole - sum(seconds.values())}


def _chosen(bench: Bench) -> Figures:
    return {"transformers_batch": bench.pilot["batch"], "transformers_pilot": bench.pilot}


def _ratios(found: Figures, name: str) -> Figures:
    theirs = found[f"{name}_transformers_s"]
    return {f"{name}{tail}_ratio": over(theirs, found[f"{name}{tail}_s"]) for tail in ("", "_int8")}


def rest(whole: float, part: float) -> float | None:
    """Return the seconds of a whole without a part that was measured apart, or None if the part took longer."""
    return whole - part if whole > part else None


def over(a: float | None, b: float | None) -> float | None:
    """Return a / b, or None if one of them is not known."""
    return a / b if a is not None and b is not None else None


def measure_draft(bench: Bench) -> Figures:
    """One stream with a draft of which one token in twenty is wrong, and the same without."""
    tokens = bench.settings.scaled(DRAFTED, least=20)
    engine = ViewEngine(bench.model, walking_runtime(bench.model))
    prompt = bench.embeds[:1]
    (plain,) = engine.write(prompt, [tokens])
    draft = edit(plain, WRONG, words=bench.model.config.skeleton.decoder.vocab_size, seed=0)
    (drafted,) = engine.write(prompt, [tokens], drafters=[TextDraft(draft)])
    equal = sum(a == b for a, b in zip(plain, drafted, strict=True))
    seconds = seconds_in_turn(
        {
            "draft95_s": lambda: engine.write(prompt, [tokens], drafters=[TextDraft(draft)]),
            "draft95_without_s": lambda: engine.write(prompt, [tokens]),
        },
        repeats=bench.settings.repeats,
    )
    return seconds | {
        "draft95_tokens": tokens,
        "draft95_different": len(set(plain)),
        "draft95_equal_tokens": equal,
        "draft95_flips": tokens - equal,
        "draft95_ratio": seconds["draft95_without_s"] / seconds["draft95_s"],
    }


def edit(ids: Sequence[int], rate: float, *, words: int, seed: int) -> list[int]:
    """Exchange, drop or add (before it) a token, each as often, at a rate of the tokens, one of them at least."""
    chance = random.Random(seed)
    kinds = dict.fromkeys(chance.sample(range(len(ids)), max(1, round(rate * len(ids)))), "")
    for n, place in enumerate(kinds):
        kinds[place] = ("exchange", "drop", "add")[n % 3]
    result: list[int] = []
    for i, token in enumerate(ids):
        kind = kinds.get(i)
        if kind in ("exchange", "add"):
            result.append((token + chance.randrange(1, words)) % words)
        if kind in (None, "add"):
            result.append(token)
    return result


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
