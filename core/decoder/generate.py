"""The one generation loop: embeddings in, ids with log-probabilities out.

Batched and cached; rows that end leave the batch. A draft (ids that something cheap proposes) is checked in
one parallel pass and only what greedy decoding would have written is kept, so drafts change the time and
never the text (Leviathan et al. 2023, arXiv 2211.17192, for the greedy case). Axis letters: b rows, t
positions, k drafted positions, v vocabulary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor

from ocr2.decoder.cache import PreallocatedCache, chunk_mask
from ocr2.decoder.guards import NgramBan, find_loop

LOOP_CHECK_EVERY = 32  # tokens


class Decoder(Protocol):
    """What the loop needs of a model; `ocr2.multimodal.model.MultimodalModel` has it."""

    @property
    def embed_tokens(self) -> Callable[[Tensor], Tensor]:
        """Ids (b, t) to embeddings (b, t, hidden)."""

    @property
    def num_layers(self) -> int:
        """Layers that keep keys and values."""

    def decode(
        self,
        inputs_embeds: Tensor,
        *,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        cache: PreallocatedCache | None = None,
        logits_to_keep: int = 0,
    ) -> Tensor:
        """Embeddings (b, t, hidden) to logits (b, kept, v)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationConfig:
    """How to write; greedy unless `temperature` is positive."""

    end_ids: tuple[int, ...]
    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0  # of sampling; every row has its own stream
    ngram_size: int = 0  # forbid repeated n-grams; 0 allows them
    stop_loops: bool = True

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1:
            raise ValueError(f"max_new_tokens must be at least 1, got {self.max_new_tokens}")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must lie in (0, 1], got {self.top_p}")
        if self.temperature < 0:
            raise ValueError(f"temperature must not be negative, got {self.temperature}")


@dataclass(slots=True)
class Generated:
    """What one row wrote, the end token left out."""

    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)  # natural, of each id and then of the end
    stop: Literal["end", "length", "loop"] = "length"
    drafted: int = 0  # tokens that came from the draft


@torch.inference_mode()
def generate(
    model: Decoder,
    inputs_embeds: Tensor,
    config: GenerationConfig,
    *,
    prompt_mask: Tensor | None = None,
    prompt_ids: Sequence[Sequence[int]] | None = None,
    drafts: Sequence[Sequence[int]] | None = None,
    on_token: Callable[[int, int], None] | None = None,
) -> list[Generated]:
    """Write a continuation of every row.

    Args:
        model: The decoder.
        inputs_embeds: Prompts (b, t, hidden); shorter ones padded on the left.
        config: How to write.
        prompt_mask: (b, t) boolean, False on padding; None when there is none.
        prompt_ids: Ids of the prompts, for the n-gram ban alone.
        drafts: A proposal a row, without an end token; only with greedy decoding.
        on_token: Called with (row, id) for every token as it is settled.

    Returns:
        One result a row, in order.

    Raises:
        ValueError: If drafts come with sampling.
    """
    if drafts is not None and config.temperature > 0:
        raise ValueError("drafts need greedy decoding: temperature must be 0")
    return _Loop(model, inputs_embeds, config, prompt_mask, prompt_ids, drafts, on_token).run()


class _Row:
    """State of one row: its result, its guards, its draft."""

    def __init__(self, index: int, config: GenerationConfig, prompt: Sequence[int], draft: Sequence[int]) -> None:
        self.index = index
        self.result = Generated()
        self.config = config
        self.ban = NgramBan(config.ngram_size, prompt)
        self.draft = list(draft)
        self.generator = torch.Generator().manual_seed(config.seed * 1_000_003 + index)
        self.done = False

    def choose(self, logits: Tensor, best: int) -> int:
        """Pick the next id from logits (v,) whose greedy choice without bans is `best`."""
        banned = self.ban.banned()
        if self.config.temperature > 0:
            return self._sample(logits, banned)
        if best in banned:
            logits = logits.clone()
            logits[list(banned)] = -torch.inf
            return int(logits.argmax())
        return best

    def _sample(self, logits: Tensor, banned: set[int]) -> int:
        scaled = logits.float().cpu() / self.config.temperature
        if banned:
            scaled[list(banned)] = -torch.inf
        probabilities, order = scaled.softmax(-1).sort(descending=True)
        probabilities[probabilities.cumsum(-1) - probabilities >= self.config.top_p] = 0
        return int(order[torch.multinomial(probabilities, 1, generator=self.generator)])

    def settle(self, token: int, log_prob: float) -> bool:
        """Write a token; says whether the row goes on."""
        result = self.result
        result.log_probs.append(log_prob)
        if token in self.config.end_ids:
            result.stop, self.done = "end", True
            return False
        result.ids.append(token)
        self.ban.add(token)
        if self.config.stop_loops and len(result.ids) % LOOP_CHECK_EVERY == 0:
            length = find_loop(result.ids)
            if length is not None:
                del result.ids[length:], result.log_probs[length:]
                result.stop, self.done = "loop", True
        if len(result.ids) >= self.config.max_new_tokens:
            self.done = True
        return not self.done

    def resynchronise(self, accepted: int, token: int) -> None:
        """Move the draft past `accepted` tokens and a correction: it was dropped, added or exchanged there."""
        rest = self.draft[accepted:]
        skip = rest.index(token, 0, 3) + 1 if token in rest[:3] else 1
        self.draft = rest[skip:]


class _Loop:
    def __init__(
        self,
        model: Decoder,
        inputs_embeds: Tensor,
        config: GenerationConfig,
        prompt_mask: Tensor | None,
        prompt_ids: Sequence[Sequence[int]] | None,
        drafts: Sequence[Sequence[int]] | None,
        on_token: Callable[[int, int], None] | None,
    ) -> None:
        b, t, _ = inputs_embeds.shape
        self.model = model
        self.on_token = on_token
        self.device = inputs_embeds.device
        nothing: list[Sequence[int]] = [()] * b
        self.rows = [
            _Row(i, config, prompt, draft[: config.max_new_tokens - 1])
            for i, (prompt, draft) in enumerate(zip(prompt_ids or nothing, drafts or nothing, strict=True))
        ]
        self.active = list(self.rows)
        longest = max((len(row.draft) for row in self.rows), default=0)
        # A rejected draft leaves holes, so drafted rows may need more positions than they write.
        self.capacity = t + config.max_new_tokens + 1 + 4 * longest
        self.cache = PreallocatedCache(num_layers=model.num_layers, capacity=self.capacity)
        self.valid = torch.ones(b, self.capacity, dtype=torch.bool, device=self.device)
        if prompt_mask is not None:
            self.valid[:, :t] = prompt_mask
        self.holes = prompt_mask is not None and not bool(prompt_mask.all())
        self.positions = self.valid[:, :t].sum(dim=1)  # next position of every row
        self.prompt = inputs_embeds

    def run(self) -> list[Generated]:
        prompt, t = self.prompt, self.prompt.shape[1]
        chunk = self._propose([None] * len(self.rows))
        embeds = prompt if chunk is None else torch.cat([prompt, self.model.embed_tokens(chunk).to(prompt)], dim=1)
        prompt_positions = self.valid[:, :t].long().cumsum(dim=1) - 1
        logits = self._forward(embeds, chunk, prompt_positions.clamp(min=0))
        while True:
            last = self._accept(logits, chunk)
            if not self.active:
                return [row.result for row in self.rows]
            chunk = self._propose(last)
            assert chunk is not None
            logits = self._forward(self.model.embed_tokens(chunk).to(prompt), chunk, None)

    def _propose(self, last: list[int | None]) -> Tensor | None:
        """Return the ids of the next pass (b, 1 + k): the last settled token and what the draft adds."""
        room = self.capacity - self.cache.length - (self.prompt.shape[1] if last[0] is None else 0) - 1
        spare = room - max((row.config.max_new_tokens - len(row.result.ids) for row in self.active), default=0)
        k = max((len(row.draft) for row in self.active), default=0)
        if k > spare:
            k = 0
        start = [] if last[0] is None else last
        ids = [
            ([start[i]] if start else []) + row.draft[:k] + [0] * (k - len(row.draft))
            for i, row in enumerate(self.active)
        ]
        return torch.tensor(ids, device=self.device) if ids[0] else None

    def _forward(self, embeds: Tensor, chunk: Tensor | None, prompt_positions: Tensor | None) -> Tensor:
        width = 0 if chunk is None else chunk.shape[1]
        position_ids = self.positions[:, None] + torch.arange(width, device=self.device)
        keep = width
        if prompt_positions is not None:
            position_ids = torch.cat([prompt_positions, position_ids], dim=1)
            keep = width + 1
        t = embeds.shape[1]
        end = self.cache.length + t
        plain = not self.holes and (t == 1 or self.cache.length == 0)
        mask = None if plain else chunk_mask(self.valid[:, :end], t)
        return self.model.decode(
            embeds, attention_mask=mask, position_ids=position_ids, cache=self.cache, logits_to_keep=keep
        )

    def _accept(self, logits: Tensor, chunk: Tensor | None) -> list[int | None]:
        """Settle what the logits (b, 1 + k, v) confirm of a chunk; drop rows that end."""
        scores = logits.float().log_softmax(dim=-1)
        best_log_probs, best = (x.tolist() for x in scores.max(dim=-1))
        k = logits.shape[1] - 1
        end = self.cache.length
        last: list[int | None] = []
        kept: list[int] = []
        accepted_counts: list[int] = []
        for i, row in enumerate(self.active):
            draft = row.draft[:k]
            accepted = 0
            for j in range(len(draft) + 1):
                token = row.choose(scores[i, j], best[i][j])
                log_prob = best_log_probs[i][j] if token == best[i][j] else float(scores[i, j, token])
                going = row.settle(token, log_prob)
                if self.on_token is not None and token not in row.config.end_ids:
                    self.on_token(row.index, token)
                if not going or j == len(draft) or token != draft[j]:
                    break
                accepted += 1
            row.result.drafted += accepted
            if row.done:
                continue
            row.resynchronise(accepted, token)
            kept.append(i)
            last.append(token)
            accepted_counts.append(accepted)
        if k:
            self._reject(kept, accepted_counts, k, end)
        self._keep(kept, torch.tensor(accepted_counts, device=self.device), chunk, k)
        return last

    def _reject(self, kept: list[int], accepted: list[int], k: int, end: int) -> None:
        for i, count in zip(kept, accepted, strict=True):
            if count < k:
                self.valid[i, end - k + count : end] = False
                self.holes = True

    def _keep(self, kept: list[int], accepted: Tensor, chunk: Tensor | None, k: int) -> None:
        if len(kept) < len(self.active):
            rows = torch.tensor(kept, dtype=torch.long, device=self.device)
            self.cache.keep_rows(rows)
            self.valid, self.positions = self.valid[rows], self.positions[rows]
            self.active = [self.active[i] for i in kept]
        settled = 0 if chunk is None else chunk.shape[1] - k  # the last settled token, now in the cache
        self.positions = self.positions + settled + (accepted if len(kept) else 0)
