"""Two engines behind the same few steps: ours is `ocr2.cli.bench.measure.ViewEngine`, this is transformers'."""

import copy
import ctypes
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor
from transformers import DynamicCache
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

from benchmarks.got_random import their_text
from ocr2.got.reader import RGB
from ocr2.multimodal.decoders import cache_argument

PAGE = 4  # KiB of memory that a process is given at least


class Engine(Protocol):
    """The steps of reading a page; see `ocr2.cli.bench.measure.ViewEngine`."""

    def preprocess(self, page: RGB) -> Tensor:
        """Turn a page into pixel values of one view."""

    def encode(self, pixels: Tensor) -> Tensor:
        """Turn pixel values into features."""

    def embed(self, prompt: Tensor, features: Tensor) -> Tensor:
        """Put features into a prompt."""

    def write(self, prompts: Iterable[Tensor], lengths: Sequence[int]) -> list[list[int]]:
        """Write answers of given lengths."""


class Transformers:
    """transformers' model, some pages at a time: a batch runs until its longest answer is written.

    Args:
        model: `GotOcr2ForConditionalGeneration`.
        side: Pixels of a view.
        batch: Pages at a time.
    """

    def __init__(self, model: Any, *, side: int, batch: int = 1) -> None:
        self.model = model
        self.batch = batch
        self.processor = GotOcr2ImageProcessorPil(size={"height": side, "width": side})
        self.dtype = model.get_input_embeddings().weight.dtype
        self.image_id = model.config.image_token_id

    def preprocess(self, page: RGB) -> Tensor:
        """Turn a page (height, width, 3) into the pixel values (1, 3, side, side)."""
        pixels: Tensor = self.processor(Image.fromarray(page), return_tensors="pt")["pixel_values"]
        return pixels.to(self.dtype)

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> Tensor:
        """Return the features (1, tokens, hidden) of pixel values (1, 3, side, side)."""
        features: Tensor = self.model.get_image_features(pixels).pooler_output
        return features

    @torch.inference_mode()
    def embed(self, prompt: Tensor, features: Tensor) -> Tensor:
        """Return a prompt (1, t) with the features over its image slots, (1, t, hidden)."""
        words: Tensor = self.model.get_input_embeddings()(prompt)
        slots = (prompt == self.image_id)[..., None]
        return words.masked_scatter(slots, features.reshape(-1, features.shape[-1]))

    def write(self, prompts: Iterable[Tensor], lengths: Sequence[int]) -> list[list[int]]:
        """Write answers of given lengths to prompts (1, t, hidden) of one length, in batches as they come."""
        waiting = iter(prompts)
        written: list[list[int]] = []
        for first in range(0, len(lengths), self.batch):
            wanted = lengths[first : first + self.batch]
            ids = their_text(self.model, torch.cat(list(islice(waiting, len(wanted)))), max(wanted))
            written += [row[:length] for row, length in zip(ids.tolist(), wanted, strict=True)]
        return written

    def encoder_in(self, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        """Return the step `encode` in another number type, with weights of its own."""
        inner = self.model.model
        tower, projector = (copy.deepcopy(part).to(dtype) for part in (inner.vision_tower, inner.multi_modal_projector))

        @torch.inference_mode()
        def encode(pixels: Tensor) -> Tensor:
            features: Tensor = projector(tower(pixels.to(dtype)).last_hidden_state)
            return features

        return encode

    @torch.inference_mode()
    def step(self, rows: int, positions: int) -> Callable[[], Tensor]:
        """Return a call that writes one more token of some rows whose cache holds so many positions (of noise)."""
        text = self.model.config.text_config
        heads, channels = text.num_key_value_heads, text.hidden_size // text.num_attention_heads
        cache = DynamicCache()
        for layer in range(text.num_hidden_layers):
            kept = torch.randn(2, rows, heads, positions, channels).to(self.dtype)
            cache.update(kept[0], kept[1], layer)
        ids = torch.zeros(rows, 1, dtype=torch.long)

        @torch.inference_mode()
        def write() -> Tensor:
            out = self.model(input_ids=ids, use_cache=True, logits_to_keep=1, **{cache_argument(self.model): cache})
            best: Tensor = out.logits[:, -1].argmax(dim=-1)
            return best

        return write


def peak_mib(run: Callable[[], object]) -> float:
    """Return MiB of memory that a call needed at most beyond what was held before it, one page at least."""
    before = reset_peak()
    run()
    return max(PAGE, _status("VmHWM") - before) / 2**10


def reset_peak() -> int:
    """Give freed memory back, so that it does not serve what comes, and forget the peak; returns KiB held (Linux)."""
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak_rss_mib() -> float:
    """Return the most MiB the process has held since `reset_peak`."""
    return _status("VmHWM") / 2**10


def _status(name: str) -> int:
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(f"{name}:"))
    return int(line.split()[1])  # KiB
