"""GOT's one path: strip -> pixels -> image features -> ids -> text, with positions and probabilities."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources

import numpy as np
import torch
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.generate import Generated, GenerationConfig, generate
from ocr2.decoder.tokenizer import CharacterTokenizer
from ocr2.errors import ModelError
from ocr2.got.formulas.reader import FormulaReader
from ocr2.got.network import GOTModel
from ocr2.got.prompts import nano_prompt
from ocr2.models.protocols import DetectedLine, ReadFormula, StripReading
from ocr2.tiling.strips import BACKGROUND, INK_SPAN, pad_strip
from ocr2.vision.text_detector import PageTextDetector

Strip = NDArray[np.uint8]
LOST = 0.8  # similarity of decoder and draft below which the decoder has lost its place
BATCH_PATCHES = 8192  # patches of one batch: keeps the widest batch near 100 MB


@dataclass(frozen=True, slots=True)
class Draft:
    """What the draft head read on one strip."""

    ids: list[int]
    columns: list[int]  # patch of each id
    log_probs: list[float]


@lru_cache(maxsize=1)
def load_vocabulary() -> CharacterTokenizer:
    """Return got-nano's character vocabulary."""
    return CharacterTokenizer.load(resources.files("ocr2.got.assets") / "vocab.json")


def pixels_from_strips(strips: Strip) -> Tensor:
    """Turn normalised strips (b, height, width) into pixel values (b, 1, height, width): ground 0, ink 1."""
    return (torch.from_numpy(strips).float() - BACKGROUND)[:, None] / INK_SPAN


class NanoReader:
    """got-nano with weights, reading strips.

    Args:
        model: The network, in evaluation mode on its device.
        name: Name of the model.
        weights_sha256: Hash of the weights.
        dtype: Compute type of the encoder and decoder.
        load_detector: Loads what finds lines on pages, when the first page is read: charts need none. Without one lines
            are found by white space alone.
        load_formulas: Loads what reads formulas, when the first is to be read; None for a reader of text alone.
        temperature: Divides log-odds before they become confidences; fitted on validation strips.
        use_drafts: Let the CTC head draft what the decoder verifies, unless a call says otherwise; the text is the same
            without.
        rescue: Take the draft's reading where the decoder strays far from it or does not end; a decoder that
            loses its place repeats or skips, which the draft cannot.
    """

    def __init__(
        self,
        model: GOTModel,
        *,
        name: str,
        weights_sha256: str,
        dtype: torch.dtype,
        load_detector: Callable[[], PageTextDetector] | None = None,
        load_formulas: Callable[[], FormulaReader] | None = None,
        temperature: float = 1.0,
        use_drafts: bool = True,
        rescue: bool = True,
    ) -> None:
        self.model = model
        self.name = name
        self.weights_sha256 = weights_sha256
        self.dtype = dtype
        self._load_detector = load_detector
        self._load_formulas = load_formulas
        self.temperature = temperature
        self.use_drafts = use_drafts
        self.rescue = rescue
        self.tokenizer = load_vocabulary()
        self.runtime = model.skeleton.runtime(dtype=dtype)
        self.runtime.use_graphs = False  # batches of strips differ: few graphs would be used twice
        self.max_strip_width = model.config.image_widths[-1]

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    def find_lines(self, gray: Strip, x_height: float) -> list[DetectedLine] | None:
        """Find the lines of a page; see `PageTextDetector.find`. None without a detector."""
        return self._detector.find(gray, x_height) if self._detector is not None else None

    def read_formulas(self, pictures: Sequence[Strip]) -> list[ReadFormula] | None:
        """Read pictures of one formula each, see `FormulaReader.read_formulas`; None without a reader of formulas."""
        return self._formulas.read_pictures(pictures) if self._formulas is not None else None

    @cached_property
    def _formulas(self) -> FormulaReader | None:
        return self._load_formulas() if self._load_formulas is not None else None

    @cached_property
    def _detector(self) -> PageTextDetector | None:
        return self._load_detector() if self._load_detector is not None else None

    def read_strips(
        self,
        strips: Sequence[Strip],
        *,
        batch_size: int | None = None,
        max_new_tokens: int | None = None,
        on_batch: Callable[[int], None] | None = None,
        use_draft: bool | None = None,
    ) -> list[StripReading]:
        """Read normalised strips, batched by width; results come in the order given.

        Args:
            strips: (height, width) uint8 each, at most `max_strip_width` wide.
            batch_size: Strips at once; by default as many as fit a fixed number of patches.
            max_new_tokens: Most characters of one strip.
            on_batch: Called with the number of strips done so far.
            use_draft: Instead of `use_drafts`.
        """
        drafted = self.use_drafts if use_draft is None else use_draft
        readings: dict[int, StripReading] = {}
        for chunk, batch in self._batches(strips, batch_size):
            for i, reading in zip(chunk, self._read_batch(batch, max_new_tokens, drafted), strict=True):
                readings[i] = _scale_positions(reading, batch.shape[2] / strips[i].shape[1])
            if on_batch is not None:
                on_batch(len(readings))
        return [readings[i] for i in range(len(strips))]

    @torch.inference_mode()
    def draft_strips(self, strips: Sequence[Strip]) -> list[str]:
        """Read strips with the draft head alone: fast, and never out of step with the image.

        Args:
            strips: As for `read_strips`.
        """
        texts: dict[int, str] = {}
        for chunk, batch in self._batches(strips, None):
            with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
                logits = self.model.encode(pixels_from_strips(batch).to(self.device)).draft_logits
            if logits is None:
                raise ModelError(f"{self.name} has no draft head")
            for i, draft in zip(chunk, read_drafts(logits), strict=True):
                texts[i] = self.tokenizer.decode(draft.ids)
        return [texts[i] for i in range(len(strips))]

    def _batches(self, strips: Sequence[Strip], batch_size: int | None) -> Iterator[tuple[list[int], Strip]]:
        """Yield numbers of strips and their pixels, padded to one of the model's widths."""
        for width in self.model.config.image_widths:
            below = max((w for w in self.model.config.image_widths if w < width), default=0)
            numbers = [i for i, strip in enumerate(strips) if below < strip.shape[1] <= width]
            size = batch_size or max(1, BATCH_PATCHES * 4 // width)
            for start in range(0, len(numbers), size):
                chunk = numbers[start : start + size]
                yield chunk, np.stack([pad_strip(strips[i], width) for i in chunk])

    @torch.inference_mode()
    def _read_batch(self, batch: Strip, max_new_tokens: int | None, use_draft: bool) -> list[StripReading]:
        pixels = pixels_from_strips(batch).to(self.device)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            encoded = self.model.encode(pixels)
            paths = read_drafts(encoded.draft_logits) if encoded.draft_logits is not None else None
            tokenizer = self.tokenizer
            prompt = nano_prompt(
                encoded.image_features.shape[1], image=tokenizer.special("image"), task=tokenizer.special("ocr")
            )
            input_ids = torch.tensor([prompt], device=self.device).expand(len(batch), -1)
            embeds = self.model.skeleton.embed(input_ids, encoded.image_features)
        drafters = None
        if paths is not None and use_draft:
            drafters = [TextDraft(draft.ids, first_reach=len(draft.ids)) for draft in paths]
        generated = generate(
            self.runtime,
            embeds,
            GenerationConfig(
                end_ids=(tokenizer.special("end"),),
                # A character is at least a patch wide, so a longer text is a loop.
                max_new_tokens=min(max_new_tokens or self.model.config.max_new_tokens, batch.shape[2] // 4),
            ),
            drafters=drafters,
            draft_tokens=len(batch) * batch.shape[2],  # a whole draft at once: a strip is short
        )
        return [
            self._reading(row, paths[i] if paths is not None else None, batch.shape[2] // 4, limit=max_new_tokens)
            for i, row in enumerate(generated)
        ]

    def _reading(self, row: Generated, draft: Draft | None, columns: int, *, limit: int | None) -> StripReading:
        ids, log_probs, agreement = row.ids, row.log_probs, 1.0
        if draft is not None and limit is not None:  # the caller's limit holds for the draft too
            draft = Draft(draft.ids[:limit], draft.columns[:limit], draft.log_probs[:limit])
        positions = [(i + 0.5) / max(1, len(ids)) for i in range(len(ids))]
        rescued = False
        if draft is not None:
            agreement = Levenshtein.normalized_similarity(ids, draft.ids)
            cut = row.stop == "length" and limit is not None and len(row.ids) >= limit
            rescued = self.rescue and (agreement < LOST or (row.stop != "end" and not cut))
            if rescued:
                ids, log_probs = draft.ids, draft.log_probs
            positions = [(x + 0.5) / columns for x in align_positions(ids, draft.ids, draft.columns, columns=columns)]
        shown = [i for i, token in enumerate(ids) if self.tokenizer.decode([token])]
        return StripReading(
            text=self.tokenizer.decode(ids),
            probabilities=tuple(soften(log_probs[i], self.temperature) for i in shown),
            positions=tuple(positions[i] for i in shown),
            agreement=agreement,
            stopped=row.stop,
            rescued=rescued,
        )


def read_drafts(draft_logits: Tensor) -> list[Draft]:
    """Return the best CTC path of each row, blanks and repeats dropped.

    Args:
        draft_logits: (b, columns, vocab); id 0 is the blank.
    """
    log_probs, labels = (x.tolist() for x in draft_logits.float().log_softmax(dim=-1).max(dim=-1))
    drafts = []
    for row, scores in zip(labels, log_probs, strict=True):
        kept = [x for x, (c, before) in enumerate(zip(row, [0, *row[:-1]], strict=True)) if c != before and c]
        drafts.append(Draft([row[x] for x in kept], kept, [scores[x] for x in kept]))
    return drafts


def align_positions(ids: Sequence[int], draft: Sequence[int], at: Sequence[int], *, columns: int) -> list[float]:
    """Carry the columns of a draft over to the text that was read in its place.

    Matching characters take the draft's column; others lie between their neighbours.

    Examples:
        >>> align_positions([5, 6, 7], [5, 7], [10, 20], columns=32)
        [10.0, 15.0, 20.0]
    """
    known: list[float | None] = [None] * len(ids)
    for block in Levenshtein.opcodes(ids, draft):
        if block.tag in ("equal", "replace"):
            for i, j in zip(
                range(block.src_start, block.src_end), range(block.dest_start, block.dest_end), strict=False
            ):
                known[i] = float(at[j])
    anchors = [i for i, x in enumerate(known) if x is not None]
    values = [x for x in known if x is not None]
    spread = np.interp(range(len(ids)), [-1, *anchors, len(ids)], [0.0, *values, float(columns)])
    return [float(x) for x in spread]


def soften(log_prob: float, temperature: float) -> float:
    """Return the probability whose log-odds are those of `log_prob` divided by a temperature."""
    p = min(max(math.exp(log_prob), 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(-math.log(p / (1 - p)) / temperature))


def _scale_positions(reading: StripReading, factor: float) -> StripReading:
    """Express positions as shares of the strip instead of the padded strip."""
    return replace(reading, positions=tuple(min(1.0, x * factor) for x in reading.positions))
