"""How fast GOT models run here, step by step, each beside what the machine would allow.

The encoder and a prompt are bounded by the machine's rate of matrix products, writing by the rate at which it reads the
decoder's weights and the keys and values of what is written. Speed does not depend on the values of the weights, so
random ones of the published size will do.
"""

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ocr2.compute.linear import four_bit_group
from ocr2.compute.roofline import Limits, median_seconds, seconds_of
from ocr2.decoder.drafts import Drafter
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.errors import ModelError
from ocr2.got.config import PRESETS, GOTConfig
from ocr2.got.network import GOTModel
from ocr2.got.reader import RGB, cut_views, pixels_from_views
from ocr2.multimodal.config import DecoderConfig
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.families.qwen_chat import SPECIALS
from ocr2.multimodal.runtime import DecoderRuntime
from ocr2.options import Quantize
from ocr2.tiling.ink import Gray
from ocr2.vision.config import ConvStage, Size, VisionConfig

A4 = (2339, 1654)  # pixels (height, width) at 200 dpi
PROMPT_WORDS = 30  # around the image tokens: 286 positions with those of one view
CHARACTERS = 3000  # of a dense page
MARGIN, LINE_STEP, FONT_SIZE = 180, 44, 30  # pixels; 11 pt


@dataclass(frozen=True, slots=True)
class Stage:
    """One step's time beside the least it could take."""

    seconds: float
    work: float  # FLOP, or bytes
    bound: Literal["product", "copy"]
    share: float  # of the machine's rate, 0..1

    @property
    def least(self) -> float:
        """Seconds at the machine's rate."""
        return self.seconds * self.share


@dataclass(frozen=True, slots=True)
class ViewBench:
    """Times of a model that reads square views."""

    positions: int  # of a prompt
    encoder: Stage  # one view
    prefill: Stage  # one prompt
    decode: Stage  # one token of one stream
    decode_batched: Stage  # one token of every stream
    pages_per_s: float  # from pictures to ids, as many pages as slots


@dataclass(frozen=True, slots=True)
class PageBench:
    """Times of a model that reads lines, of one dense page."""

    characters: int  # of the page
    seconds: float  # a page
    stages: dict[str, float]  # seconds of each

    @property
    def pages_per_s(self) -> float:
        """Pages one after the other."""
        return 1 / self.seconds


class ViewEngine:
    """The steps of a model that reads views, without its tokenizer: how much is written is given.

    Args:
        model: The network; its decoder may have been taken out.
        runtime: Its decoder.
        slots: Pages at once.
    """

    def __init__(self, model: GOTModel, runtime: DecoderRuntime, *, slots: int = 1) -> None:
        self.model = model
        self.runtime = runtime
        self.slots = slots

    @property
    def side(self) -> int:
        """Pixels of a view."""
        return self.model.config.image_height

    def preprocess(self, page: RGB) -> Tensor:
        """Turn a page (height, width, 3) into the pixel values of one view (1, 3, side, side)."""
        pixels = pixels_from_views(cut_views(page, side=self.side, max_tiles=1))
        return pixels.to(self.runtime.device, self.runtime.dtype)

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> Tensor:
        """Return the features (1, tokens, hidden) of pixel values (1, 3, side, side)."""
        return self.model.encode(pixels).image_features

    @torch.inference_mode()
    def embed(self, prompt: Tensor, features: Tensor) -> Tensor:
        """Return a prompt (1, t) with the features over its image slots, (1, t, hidden)."""
        return self.model.skeleton.embed(prompt.to(features.device), features)

    def write(
        self, prompts: Iterable[Tensor], lengths: Sequence[int], *, drafters: Sequence[Drafter] | None = None
    ) -> list[list[int]]:
        """Write answers of given lengths.

        Args:
            prompts: (1, t, hidden) each; taken as slots become free.
            lengths: Tokens of each answer.
            drafters: One an answer.

        Returns:
            Their ids, in order.
        """

        def requests() -> Iterator[Request]:
            for i, (prompt, length) in enumerate(zip(prompts, lengths, strict=True)):
                config = GenerationConfig(end_ids=(), max_new_tokens=length, stop_loops=False)
                drafter = drafters[i] if drafters is not None else None
                yield Request(inputs_embeds=prompt[0], config=config, drafter=drafter, number=i)

        found = {r.number: row.ids for r, row in Scheduler(self.runtime, slots=self.slots).run(requests())}
        return [found[i] for i in range(len(lengths))]


def bench_views(engine: ViewEngine, limits: Limits, *, quantize: Quantize, tokens: int, repeats: int = 3) -> ViewBench:
    """Measure every step of reading pages of noise, one view each.

    Args:
        engine: What to measure; its slots are the streams of the batched steps.
        limits: Of the machine.
        quantize: How the engine's decoder is kept.
        tokens: Written a page, 2 or more.
        repeats: Times each step is measured, the last apart; the median counts.

    Raises:
        ValueError: If fewer than two tokens are to be written.
        ModelError: If the machine is too busy for a step to be measured.
    """
    if tokens < 2:
        raise ValueError(f"tokens must be at least 2, so that one follows the prompt, got {tokens}")
    config, device, dtype = engine.model.config, engine.runtime.device, engine.runtime.dtype
    decoder, slots = config.skeleton.decoder, engine.slots
    single = ViewEngine(engine.model, engine.runtime)
    page = noise_page(0)
    pixels, prompt = engine.preprocess(page), make_prompt(config)

    def seconds(run: Callable[[], object]) -> float:
        return median_seconds(run, repeats=repeats, device=device)

    encoder = seconds(lambda: engine.encode(pixels))
    embeds = engine.embed(prompt, engine.encode(pixels))
    prefill, text = (seconds(lambda n=n: single.write([embeds], [n])) for n in (1, tokens))  # type: ignore[misc]
    prefills, texts = (seconds(lambda n=n: engine.write([embeds] * slots, [n] * slots)) for n in (1, tokens))  # type: ignore[misc]

    def lazily() -> Iterator[Tensor]:
        for _ in range(slots):
            yield engine.embed(prompt, engine.encode(engine.preprocess(page)))

    whole = seconds_of(lambda: engine.write(lazily(), [tokens] * slots), device=device)

    def decode(total: float, prompts: float, streams: int) -> Stage:
        if total <= prompts:
            raise ModelError(
                f"{tokens} tokens took {total:.3g} s, the first alone {prompts:.3g} s: the machine is busy with other "
                "work; measure again, or more tokens"
            )
        took = (total - prompts) / (tokens - 1)
        kept = cache_bytes(decoder, dtype, positions=prompt.shape[1] + tokens / 2)
        size = weight_bytes(decoder, dtype, quantize) + streams * kept
        return Stage(took, size, "copy", limits.copy_share(size, took))

    encoding, reading = view_flops(config), prefill_flops(decoder, prompt.shape[1])
    return ViewBench(
        positions=prompt.shape[1],
        encoder=Stage(encoder, encoding, "product", limits.gemm_share(encoding, encoder)),
        prefill=Stage(prefill, reading, "product", limits.gemm_share(reading, prefill)),
        decode=decode(text, prefill, 1),
        decode_batched=decode(texts, prefills, slots),
        pages_per_s=slots / whole,
    )


def bench_pages(
    read: Callable[[Gray], Mapping[str, float]], *, characters: int = CHARACTERS, pages: int = 5
) -> PageBench:
    """Measure the reading of dense pages.

    Args:
        read: Reads a page (height, width) and says how many seconds each stage took.
        characters: Of a page.
        pages: Read for the median, each another one; one more is read before.
    """
    read(draw_page(pages, characters=characters).picture)
    found = [read(draw_page(i, characters=characters).picture) for i in range(pages)]
    return PageBench(
        characters=len(draw_page(0, characters=characters).text),
        seconds=statistics.median(sum(stages.values()) for stages in found),
        stages={name: statistics.median(stages[name] for stages in found) for name in found[0]},
    )


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page and what it says."""

    picture: Gray  # (height, width)
    text: str


def draw_page(seed: int, *, characters: int = CHARACTERS) -> DrawnPage:
    """Draw an A4 page of at least so many characters in random words, 11 pt."""
    rng = np.random.default_rng(seed)
    words: list[str] = []
    while sum(map(len, words)) + len(words) < characters:
        words.append("".join(rng.choice(list("etaoinshrdlucmfwyp"), int(rng.integers(2, 11)))))
    height, width = A4
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=FONT_SIZE)
    x, y = float(MARGIN), 200
    for word in words:
        advance = font.getlength(word + " ")
        if x + advance > width - MARGIN:
            x, y = float(MARGIN), y + LINE_STEP
        pen.text((x, y), word, font=font, fill=0)
        x += advance
    return DrawnPage(np.asarray(image, np.uint8), " ".join(words))


def noise_page(seed: int) -> RGB:
    """Return an A4 page (height, width, 3) of noise."""
    return np.random.default_rng(seed).integers(0, 256, (*A4, 3), np.uint8)


def make_prompt(config: GOTConfig, *, seed: int = 0) -> Tensor:
    """Return a prompt (1, t) of random words around the image tokens of one view."""
    side = config.image_height
    tokens = config.skeleton.encoders[0].num_tokens((side, side))
    words = torch.randint(0, min(SPECIALS.values()), (1, PROMPT_WORDS), generator=torch.Generator().manual_seed(seed))
    image = torch.full((1, tokens), config.skeleton.image_token_id)
    return torch.cat([words[:, : PROMPT_WORDS // 2], image, words[:, PROMPT_WORDS // 2 :]], dim=1)


def random_model(preset: str, dtype: torch.dtype, *, device: torch.device | str = "cpu", seed: int = 0) -> GOTModel:
    """Return a model of views with random weights, small enough that nothing overflows."""
    with torch.device("meta"):
        model = GOTModel(PRESETS[preset]).eval()
    generator = torch.Generator(device).manual_seed(seed)
    state: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        noise = torch.randn(value.shape, generator=generator, device=device).to(dtype)
        state[name] = 0.02 * noise + (1 if "norm" in name and name.endswith("weight") else 0)
    return with_weights(model, state).to(device)


def with_weights(model: GOTModel, state: Mapping[str, Tensor]) -> GOTModel:
    """Put weights into a model of views that was built on the meta device."""
    model.load_state_dict(state, assign=True, strict=True)
    model.skeleton.decoder.tie_weights()
    restore_buffers(model.skeleton.decoder)
    return model.requires_grad_(False)


def view_flops(config: GOTConfig) -> float:
    """Count the FLOP of encoding one view and bringing it to the decoder's width."""
    vision = config.skeleton.document
    size = (config.image_height, config.image_height)
    hidden = config.skeleton.decoder.hidden_size
    return encoder_flops(vision, size) + 2 * vision.num_tokens(size) * vision.out_dim * hidden


def encoder_flops(config: VisionConfig, size: Size) -> float:
    """Count the FLOP of an encoder's products for an image of (height, width) pixels, padding of windows included."""
    grid = config.patch_grid(size)
    dim, patches = config.embed_dim, grid[0] * grid[1]
    total = _stage_flops(config.stem, config.in_chans, size)
    for i in range(config.depth):
        window = grid if i in config.global_attn_indexes else config.window_size
        keys = window[0] * window[1]
        tokens = keys * -(-grid[0] // window[0]) * -(-grid[1] // window[1])
        places = sum(window) if config.position == "relative" else 0
        total += 2 * tokens * dim * (4 * dim + 2 * keys + places) + 4 * patches * dim * config.mlp_dim
    return total + _stage_flops(config.neck, dim, grid)


def _stage_flops(stages: Sequence[ConvStage], channels: int, size: Size) -> float:
    total = 0
    for stage in stages:
        size = stage.out_size(size)
        total += 2 * size[0] * size[1] * stage.out_chans * channels * stage.kernel[0] * stage.kernel[1]
        channels = stage.out_chans
    return total


def prefill_flops(config: DecoderConfig, positions: int) -> float:
    """Count the FLOP of a prompt, attention to later positions and logits but for the last left out."""
    width = config.hidden_size
    pairs = positions * (positions + 1) / 2
    layer = 2 * positions * sum(o * i for o, i in _layer_matrices(config)) + 4 * pairs * width
    return config.num_hidden_layers * layer + 2 * config.vocab_size * width


def weight_bytes(config: DecoderConfig, dtype: torch.dtype, quantize: Quantize) -> float:
    """Count the bytes of a decoder's matrices that a token needs: all layers, and the head once.

    Biases and norms, less than a thousandth of them, are left out. The head has eight bits at least.
    """
    layer = sum(_matrix_bytes(o, i, dtype.itemsize, quantize) for o, i in _layer_matrices(config))
    head = (config.vocab_size, config.hidden_size)
    return config.num_hidden_layers * layer + _matrix_bytes(
        *head, dtype.itemsize, "none" if quantize == "none" else "int8"
    )


def cache_bytes(config: DecoderConfig, dtype: torch.dtype, *, positions: float) -> float:
    """Count the bytes of the keys and values of so many positions, all layers together."""
    width = config.hidden_size // config.num_attention_heads * config.num_key_value_heads
    return 2 * config.num_hidden_layers * width * positions * dtype.itemsize


def _layer_matrices(config: DecoderConfig) -> list[tuple[int, int]]:
    """Return the (outputs, inputs) of a layer's products."""
    width, inner = config.hidden_size, config.intermediate_size
    shared = width // config.num_attention_heads * config.num_key_value_heads
    gates = 2 if config.family == "qwen2" else 1
    return [(width + 2 * shared, width), (width, width), (gates * inner, width), (width, inner)]


def _matrix_bytes(o: int, i: int, itemsize: int, quantize: Quantize) -> float:
    """Count a matrix's bytes as `ocr2.compute.linear.make_linear` keeps it."""
    if quantize == "none":
        return o * i * itemsize
    group = four_bit_group(o, i) if quantize == "int4" else None
    if group is not None:
        return o * i / 2 + 2 * itemsize * o * i / group  # with a factor and a zero a group
    return o * i + o * itemsize  # with a factor a row
