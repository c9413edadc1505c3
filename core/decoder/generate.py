"""The one generation loop: rows come in, every pass gives each a token or more, and a row that ends makes room.

Continuous batching (Yu et al. 2022, "Orca"): a pass runs the prompts of new rows and the next tokens of old ones
together, so that the weights are read once for all. Rows do not see each other, nor padding: their order and number
change the time and, but for the rounding of sums, nothing else. Axis letters: m positions whose logits are wanted, v
vocabulary.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import torch
from torch import Tensor

from ocr2.decoder.cache import SlotCache, Span
from ocr2.decoder.drafts import Drafter
from ocr2.decoder.repetition import NgramBan, find_loop
from ocr2.errors import OCR2Error

LOOP_CHECK_EVERY = 32  # tokens
# Tokens of a pass that drafts may fill, all rows together: up to here a pass costs little more than one token
# (benchmarks/RESULTS.md, "Products of the decoder").
DRAFT_TOKENS = 48


class Decoder(Protocol):
    """What the loop needs of a model; `ocr2.multimodal.runtime.DecoderRuntime` has it."""

    def new_cache(self, *, slots: int, capacity: int) -> SlotCache:
        """Make room for rows."""

    def embed(self, ids: Sequence[int]) -> Tensor:
        """Ids to embeddings (n, hidden)."""

    def forward(self, embeds: Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]) -> Tensor:
        """Embeddings (n, hidden) of spans to the logits (m, v) of the positions `keep`."""


@runtime_checkable
class StateDecoder(Decoder, Protocol):
    """A decoder that gives its states too, for requests that watch a token."""

    def states(self, embeds: Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]) -> Tensor:
        """Embeddings (n, hidden) of spans to the states (m, hidden) of the positions `keep`, behind the last norm."""

    def head(self, x: Tensor, /) -> Tensor:
        """States (m, hidden) to logits (m, v)."""


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
    stop: Literal["end", "length", "loop", "error"] = "length"
    drafted: int = 0  # tokens that came from the draft
    passes: int = 0  # of the decoder
    watched: Tensor | None = None  # (hidden,): state of the watched token, None if it was not written and read
    error: OCR2Error | None = None  # what the listener of the row raised


@dataclass(frozen=True, slots=True)
class PointerVocabulary:
    """Extra vocabulary entries of one row, such as the elements of its picture.

    The ids from `first` to `end` select them, in order; those beyond the last entry cannot be written.

    Raises:
        ValueError: If there are more entries than ids, or the tensors differ in shape.
    """

    first: int
    end: int
    embeddings: Tensor  # (n, hidden): the input embedding of an entry
    heads: Tensor  # (n, hidden): an entry's logit is its product with the decoder's state

    def __post_init__(self) -> None:
        if self.embeddings.shape != self.heads.shape or len(self.heads) > self.end - self.first:
            shapes = f"{tuple(self.embeddings.shape)} and {tuple(self.heads.shape)}"
            raise ValueError(f"pointers of shapes {shapes} do not fit {self.end - self.first} ids")

    def find(self, token: int) -> Tensor | None:
        """Return the input embedding (hidden,) of an id, None if it selects no entry."""
        return self.embeddings[token - self.first] if 0 <= token - self.first < len(self.embeddings) else None

    def score(self, logits: Tensor, states: Tensor) -> Tensor:
        """Return logits (m, v), in float32, with those of the entries for states (m, hidden)."""
        logits = logits.float().clone()
        logits[:, self.first : self.end] = -torch.inf
        logits[:, self.first : self.first + len(self.heads)] = (states.to(self.heads.dtype) @ self.heads.T).float()
        return logits


class Constraint(Protocol):
    """What the answer of one row must be; it sees every token that the row settles."""

    def add(self, token: int) -> None:
        """Take note of a token that was written."""

    def banned(self) -> Collection[int]:
        """Return the ids that may not come now; never all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One row to write.

    Raises:
        ValueError: If a draft comes with sampling, or the prompt is empty.
    """

    inputs_embeds: Tensor  # the prompt (t, hidden)
    config: GenerationConfig
    prompt_ids: Sequence[int] = ()  # for the n-gram ban alone
    drafter: Drafter | None = None
    pointers: PointerVocabulary | None = None  # of this row alone; needs a decoder that gives its states
    constraint: Constraint | None = None  # of this row alone
    watch_id: int | None = None  # keep the decoder's state where this id, written, is first read
    number: int = 0  # which row it is: of its sampling, and for the caller
    on_token: Callable[[int], None] | None = None  # an OCR2Error that it raises ends the row

    def __post_init__(self) -> None:
        if self.drafter is not None and self.config.temperature > 0:
            raise ValueError("drafts need greedy decoding: temperature must be 0")
        if not len(self.inputs_embeds):
            raise ValueError("a prompt has at least one position")


class _Row:
    """A request that is being written."""

    def __init__(self, request: Request, slot: int) -> None:
        self.request = request
        self.config = request.config
        self.slot = slot
        self.length = 0  # positions in the cache
        self.result = Generated()
        self.ban = NgramBan(self.config.ngram_size, request.prompt_ids)
        self.guess: list[int] = []
        self.generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + request.number)
        self.done = False

    @property
    def room(self) -> int:
        """Tokens that may still be written."""
        return self.config.max_new_tokens - len(self.result.ids)

    @property
    def read(self) -> list[int]:
        """What the next pass reads, but for the prompt: the last token and the guesses."""
        return [*self.result.ids[-1:], *self.guess]

    @property
    def is_watched(self) -> bool:
        """Whether the next pass reads the watched token, for the first time."""
        if self.request.watch_id is None or self.result.watched is not None:
            return False
        return self.request.watch_id in self.read

    def choose(self, logits: Tensor, best: int) -> int:
        """Pick the next id from logits (v,) whose greedy choice without bans is `best`."""
        banned = self.ban.banned()
        if self.request.constraint is not None:
            banned = banned.union(self.request.constraint.banned())
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
        if self.request.constraint is not None:
            self.request.constraint.add(token)
        if self.request.on_token is not None:
            try:
                self.request.on_token(token)
            except OCR2Error as error:
                result.error, result.stop, self.done = error, "error", True
                return False
        if self.config.stop_loops and len(result.ids) % LOOP_CHECK_EVERY == 0:
            length = find_loop(result.ids)
            if length is not None:
                del result.ids[length:], result.log_probs[length:]
                result.stop, self.done = "loop", True
        if self.room <= 0:
            self.done = True
        return not self.done

    def accept(
        self, logits: Tensor, best: list[int], log_probs: list[float], scale: Tensor, states: Tensor | None = None
    ) -> None:
        """Settle what the logits (1 + guesses, v) of the last token and its guesses confirm.

        Args:
            logits: Of each of these positions.
            best: Ids of the highest.
            log_probs: Of these ids.
            scale: What to take from a logit for its log-probability.
            states: (1 + guesses, hidden) of the same positions, if the watched token is among what was read.
        """
        read = self.read
        self.result.passes += 1
        accepted = 0
        for j, proposed in enumerate([*self.guess, None]):
            token = self.choose(logits[j], best[j])
            log_prob = log_probs[j] if token == best[j] else float(logits[j, token].float() - scale[j])
            if not self.settle(token, log_prob) or token != proposed:
                break
            accepted += 1
        self.result.drafted += accepted
        self.length += accepted  # the guesses that held are in the cache
        if states is not None:
            self._watch(read, accepted, states)

    def _watch(self, read: list[int], accepted: int, states: Tensor) -> None:
        """Keep the state of the watched token, unless it was a guess that did not hold."""
        assert self.request.watch_id is not None
        place = len(states) - len(read) + read.index(self.request.watch_id)
        if place <= accepted:
            self.result.watched = states[place].clone()


class Scheduler:
    """Writes any number of requests, some at a time.

    Args:
        model: The decoder.
        slots: Rows at once.
        draft_tokens: Tokens of a pass that drafts may fill, all rows together.
    """

    def __init__(self, model: Decoder, *, slots: int, draft_tokens: int = DRAFT_TOKENS) -> None:
        if slots < 1:
            raise ValueError(f"slots must be at least 1, got {slots}")
        self.model = model
        self.slots = slots
        self.draft_tokens = draft_tokens
        self._cache: SlotCache | None = None

    def run(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Generated]]:
        """Yield requests and what was written as each ends; the next request is taken when a slot is free.

        Args:
            requests: Taken one by one, so that making one may itself take time and memory.
        """
        waiting = iter(requests)
        rows: list[_Row] = []
        free = list(range(self.slots))
        exhausted = False
        while True:
            new: list[_Row] = []
            while free and not exhausted:
                request = next(waiting, None)
                exhausted = request is None
                if request is not None:
                    new.append(_Row(request, free.pop(0)))
            if not rows and not new:
                return
            rows = sorted(rows + new, key=lambda row: row.slot)
            # The last rows of all need no more room than they take.
            slots = len(rows) if exhausted else self.slots
            self._pass(rows, slots)
            for row in [row for row in rows if row.done]:
                rows.remove(row)
                free.append(row.slot)
                yield row.request, row.result
            free.sort()

    @torch.inference_mode()
    def _pass(self, rows: Sequence[_Row], slots: int) -> None:
        """Run the decoder once for all rows and settle what it says; `slots` are made if there are none yet."""
        cache = self._reserve(rows, slots)
        drafted = sum(row.request.drafter is not None for row in rows)
        share = self.draft_tokens // max(1, drafted)
        spans: list[Span] = []
        prompts: list[tuple[int, Tensor]] = []  # in front of which of the ids
        ids: list[int] = []  # of all rows
        pointed: list[tuple[int, Tensor]] = []  # what stands for which of the ids' embeddings
        keep: list[int] = []
        total = 0
        for row in rows:
            drafter = row.request.drafter
            limit = min(share, row.room - 1)
            row.guess = drafter.propose(row.result.ids, limit) if drafter is not None and limit > 0 else []
            count = len(row.result.ids[-1:]) + len(row.guess)
            if not row.result.passes:
                prompts.append((len(ids), row.request.inputs_embeds))
                count += len(row.request.inputs_embeds)
            if (own := row.request.pointers) is not None:
                pointed += [(len(ids) + i, e) for i, k in enumerate(row.read) if (e := own.find(k)) is not None]
            ids += row.read
            spans.append(Span(row.slot, row.length, count))
            total += count
            keep += range(total - len(row.guess) - 1, total)
            row.length += count - len(row.guess)
        embeds = self._embed(ids, prompts, pointed)
        if not any(row.is_watched or row.request.pointers is not None for row in rows):
            self._accept(rows, self.model.forward(embeds, spans, cache, keep))
            return
        assert isinstance(self.model, StateDecoder)
        states = self.model.states(embeds, spans, cache, keep)
        self._accept(rows, self.model.head(states), states)

    def _embed(self, ids: list[int], prompts: list[tuple[int, Tensor]], pointed: list[tuple[int, Tensor]]) -> Tensor:
        """Return the embeddings of ids, pointed entries in their places, with the prompts between them."""
        written = self.model.embed(ids) if ids else prompts[0][1][:0]
        if pointed:
            written = written.clone()
            for place, embedding in pointed:
                written[place] = embedding.to(written.dtype)
        if not prompts:
            return written
        dtype = prompts[0][1].dtype
        written = written.to(dtype)
        parts: list[Tensor] = []
        first = 0
        for place, prompt in prompts:
            parts += [written[first:place], prompt.to(dtype)]
            first = place
        return torch.cat([*parts, written[first:]])

    def _accept(self, rows: Sequence[_Row], logits: Tensor, states: Tensor | None = None) -> None:
        wide = self._with_pointers(rows, logits.float(), states)
        scale = wide.logsumexp(dim=-1)
        top, best = wide.max(dim=-1)
        log_probs, ids = torch.stack([top - scale, best.to(scale)]).tolist()  # ids are exact: far below 2^24
        first = 0
        for row in rows:
            part = slice(first, first + len(row.guess) + 1)
            watched = states[part] if states is not None and row.is_watched else None
            row.accept(wide[part], list(map(int, ids[part])), log_probs[part], scale[part], watched)
            first = part.stop

    def _with_pointers(self, rows: Sequence[_Row], logits: Tensor, states: Tensor | None) -> Tensor:
        """Put the logits of rows' pointers into logits (m, v)."""
        if states is None or all(row.request.pointers is None for row in rows):
            return logits
        parts: list[Tensor] = []
        first = 0
        for row in rows:
            part = slice(first, first + len(row.guess) + 1)
            own = row.request.pointers
            parts.append(logits[part] if own is None else own.score(logits[part], states[part]))
            first = part.stop
        return torch.cat(parts)

    def _reserve(self, rows: Sequence[_Row], slots: int) -> SlotCache:
        needed = max(len(row.request.inputs_embeds) + row.config.max_new_tokens for row in rows)
        if self._cache is None:
            self._cache = self.model.new_cache(slots=slots, capacity=needed)
        self._cache.grow(needed, used=max(row.length for row in rows))
        return self._cache


def generate(
    model: Decoder,
    inputs_embeds: Tensor,
    config: GenerationConfig,
    *,
    prompt_ids: Sequence[Sequence[int]] | None = None,
    drafters: Sequence[Drafter | None] | None = None,
    on_token: Callable[[int, int], None] | None = None,
    draft_tokens: int = DRAFT_TOKENS,
) -> list[Generated]:
    """Write a continuation of every row of a batch.

    Args:
        model: The decoder.
        inputs_embeds: Prompts (b, t, hidden).
        config: How to write.
        prompt_ids: Ids of the prompts, for the n-gram ban alone.
        drafters: One a row; only with greedy decoding.
        on_token: Called with (row, id) for every token as it is settled.
        draft_tokens: As for `Scheduler`.

    Returns:
        One result a row, in order.

    Raises:
        ValueError: If drafts come with sampling.
        OCR2Error: That `on_token` raised.
    """

    def listener(row: int) -> Callable[[int], None] | None:
        return None if on_token is None else lambda token: on_token(row, token)

    b = len(inputs_embeds)
    requests = [
        Request(
            inputs_embeds=inputs_embeds[i],
            config=config,
            prompt_ids=prompt_ids[i] if prompt_ids is not None else (),
            drafter=drafters[i] if drafters is not None else None,
            number=i,
            on_token=listener(i),
        )
        for i in range(b)
    ]
    results = {
        r.number: generated for r, generated in Scheduler(model, slots=b, draft_tokens=draft_tokens).run(requests)
    }
    for generated in results.values():
        if generated.error is not None:
            raise generated.error
    return [results[i] for i in range(b)]
