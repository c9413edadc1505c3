"""The generation loop: caching, batching, slots, drafts and guards never change the text."""

import dataclasses
import random
from collections.abc import Iterator, Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.decoder.cache import CacheShape, SlotCache, Span
from ocr2.decoder.drafts import Drafter, FirstOf, LookupDraft, TextDraft
from ocr2.decoder.generate import Generated, GenerationConfig, Request, Scheduler, generate
from ocr2.errors import OCR2Error
from ocr2.got.config import PRESETS
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.runtime import DecoderRuntime

VOCAB = 384
END = 2


@pytest.fixture(scope="module")
def model() -> MultimodalModel:
    torch.manual_seed(0)
    config = PRESETS["got-tiny"].skeleton
    config = dataclasses.replace(config, decoder=dataclasses.replace(config.decoder, num_hidden_layers=2))
    model = MultimodalModel(config).eval()
    for parameter in model.decoder.parameters():
        parameter.data *= 3  # spread the logits, so that rounding never decides
    return model


@pytest.fixture(scope="module")
def runtime(model: MultimodalModel) -> DecoderRuntime:
    return model.runtime(dtype=torch.float32)


def prompts(b: int, t: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(b, t, PRESETS["got-tiny"].skeleton.decoder.hidden_size, generator=generator)


def config(**changes: object) -> GenerationConfig:
    base = GenerationConfig(end_ids=(END,), max_new_tokens=24, stop_loops=False)
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def uncached(model: MultimodalModel, prompt: torch.Tensor, steps: int) -> list[int]:
    """Plain greedy decoding that runs everything anew for every token, in transformers' code."""
    ids: list[int] = []
    embeds = prompt
    with torch.no_grad():
        for _ in range(steps):
            token = int(model.decode(embeds)[0, -1].argmax())
            if token == END:
                break
            ids.append(token)
            embeds = torch.cat([embeds, model.embed_tokens(torch.tensor([[token]]))], dim=1)
    return ids


def edited(ids: Sequence[int], rate: float, seed: int) -> list[int]:
    """Exchange, drop and add tokens."""
    chance = random.Random(seed)
    result: list[int] = []
    for token in ids:
        if chance.random() >= rate:
            result.append(token)
            continue
        kind = chance.choice(["exchange", "drop", "add"])
        if kind != "drop":
            result.append(chance.randrange(3, VOCAB))
        if kind == "add":
            result.append(token)
    return result


def test_cached_equals_uncached(model: MultimodalModel, runtime: DecoderRuntime) -> None:
    prompt = prompts(3, 7)
    results = generate(runtime, prompt, config())
    assert [r.ids for r in results] == [uncached(model, prompt[i : i + 1], 24) for i in range(3)]


def test_batched_equals_single(runtime: DecoderRuntime) -> None:
    prompt = prompts(5, 6, seed=3)
    together = generate(runtime, prompt, config())
    alone = [generate(runtime, prompt[i : i + 1], config())[0] for i in range(5)]
    assert [r.ids for r in together] == [r.ids for r in alone]
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(torch.tensor(a.log_probs), torch.tensor(b.log_probs), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("slots", [1, 2, 3, 8])
def test_rows_of_any_length_share_slots(runtime: DecoderRuntime, slots: int) -> None:
    """Prompts and answers of different lengths, more of them than slots: each is written as if alone."""
    requests = [
        Request(inputs_embeds=prompts(1, 3 + i, seed=i)[0], config=config(max_new_tokens=4 + 5 * (i % 3)), number=i)
        for i in range(7)
    ]
    alone = [generate(runtime, r.inputs_embeds[None], r.config)[0].ids for r in requests]
    written = {r.number: generated.ids for r, generated in Scheduler(runtime, slots=slots).run(requests)}
    assert [written[i] for i in range(7)] == alone


def test_a_request_is_taken_when_a_slot_is_free(runtime: DecoderRuntime) -> None:
    taken: list[int] = []

    def requests() -> Iterator[Request]:
        for i in range(6):
            taken.append(i)
            yield Request(inputs_embeds=prompts(1, 4, seed=i)[0], config=config(max_new_tokens=2 + i), number=i)

    finished = 0
    for _ in Scheduler(runtime, slots=2).run(requests()):
        finished += 1
        assert len(taken) <= finished + 2
    assert finished == 6


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_draft_gives_the_greedy_text(runtime: DecoderRuntime, data: st.DataObject) -> None:
    prompt = prompts(2, 5, seed=data.draw(st.integers(0, 5)))
    plain = generate(runtime, prompt, config())
    drafters: list[Drafter] = []
    for row in plain:
        draft = edited(row.ids, data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])), data.draw(st.integers(0, 99)))
        reach = data.draw(st.sampled_from([1, 4, 100]))
        drafters.append(FirstOf([TextDraft(draft, first_reach=reach), LookupDraft()]))
    budget = data.draw(st.sampled_from([1, 2, 7, 1000]))
    drafted = generate(runtime, prompt, config(), drafters=drafters, draft_tokens=budget)
    assert [r.ids for r in drafted] == [r.ids for r in plain]
    assert [r.stop for r in drafted] == [r.stop for r in plain]


def test_a_right_draft_is_accepted_in_one_pass(runtime: DecoderRuntime) -> None:
    plain = generate(runtime, prompts(1, 5), config())[0]
    draft = TextDraft(plain.ids, first_reach=len(plain.ids))
    drafted = generate(runtime, prompts(1, 5), config(), drafters=[draft])[0]
    assert drafted.ids == plain.ids
    assert drafted.drafted >= len(plain.ids) - 1
    assert drafted.passes == 1


def test_a_draft_with_faults_saves_most_passes(runtime: DecoderRuntime) -> None:
    """One token in twenty exchanged, added or left out."""
    long = config(max_new_tokens=300, end_ids=())
    plain = generate(runtime, prompts(1, 5), long)[0]
    drafted = generate(runtime, prompts(1, 5), long, drafters=[TextDraft(edited(plain.ids, 0.05, seed=1))])[0]
    assert drafted.ids == plain.ids
    assert drafted.passes < len(plain.ids) / 4


def test_drafts_and_bans_together_give_the_banned_text(runtime: DecoderRuntime) -> None:
    prompt = prompts(2, 5, seed=9)
    plain = generate(runtime, prompt, config(ngram_size=2))
    free = generate(runtime, prompt, config())
    drafted = generate(runtime, prompt, config(ngram_size=2), drafters=[TextDraft(r.ids) for r in free])
    assert [r.ids for r in drafted] == [r.ids for r in plain]


def test_no_ngram_comes_twice_under_a_ban(runtime: DecoderRuntime) -> None:
    for row in generate(runtime, prompts(3, 5), config(ngram_size=2, max_new_tokens=60)):
        pairs = list(zip(row.ids, row.ids[1:], strict=False))
        assert len(pairs) == len(set(pairs))


class Even:
    """Lets even ids alone be written, the end too."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def add(self, token: int) -> None:
        self.seen.append(token)

    def banned(self) -> range:
        return range(1, VOCAB, 2)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_constraint_holds_for_its_row_alone_and_sees_what_is_written(
    runtime: DecoderRuntime, temperature: float
) -> None:
    prompt = prompts(2, 5)
    even = Even()
    settings = config(temperature=temperature)
    requests = [Request(inputs_embeds=p, config=settings, number=i) for i, p in enumerate(prompt)]
    free = {request.number: row.ids for request, row in Scheduler(runtime, slots=2).run(requests)}
    requests[0] = dataclasses.replace(requests[0], constraint=even)
    bound = {request.number: row.ids for request, row in Scheduler(runtime, slots=2).run(requests)}
    assert any(token % 2 for token in free[0])
    assert bound[0] == even.seen
    assert even.seen
    assert not any(token % 2 for token in even.seen)
    assert bound[1] == free[1]


def test_sampling_is_repeatable_and_independent_of_the_batch(runtime: DecoderRuntime) -> None:
    prompt = prompts(2, 5)
    sampled = config(temperature=1.0, top_p=0.9, seed=7)
    first, again = generate(runtime, prompt, sampled), generate(runtime, prompt, sampled)
    assert [r.ids for r in first] == [r.ids for r in again]
    assert generate(runtime, prompt[:1], sampled)[0].ids == first[0].ids
    assert generate(runtime, prompt, config(temperature=1.0, seed=8))[0].ids != first[0].ids


class Parrot:
    """Always writes 5, 6, 7, 5, 6, 7, ..."""

    def new_cache(self, *, slots: int, capacity: int) -> SlotCache:
        shape = CacheShape(layers=1, heads=1, head_dim=1, dtype=torch.float32, device=torch.device("cpu"))
        return SlotCache(shape, slots=slots, capacity=capacity)

    def embed(self, ids: Sequence[int]) -> torch.Tensor:
        return torch.tensor(ids)[:, None].float()

    def forward(
        self, embeds: torch.Tensor, spans: Sequence[Span], cache: SlotCache, keep: Sequence[int]
    ) -> torch.Tensor:
        logits = torch.zeros(len(keep), 10)
        logits[0, 5 + (spans[0].end - 1) % 3] = 9
        return logits


def test_a_loop_is_stopped_trimmed_and_reported() -> None:
    row = generate(Parrot(), torch.zeros(1, 1, 1), config(max_new_tokens=1500, stop_loops=True))[0]
    assert row.stop == "loop"
    assert row.ids == [5, 6, 7]


def test_tokens_are_streamed_in_order(runtime: DecoderRuntime) -> None:
    streamed: dict[int, list[int]] = {0: [], 1: []}
    results = generate(runtime, prompts(2, 5), config(), on_token=lambda row, token: streamed[row].append(token))
    assert [streamed[0], streamed[1]] == [r.ids for r in results]


def test_a_listener_that_gives_up_ends_its_row_alone(runtime: DecoderRuntime) -> None:
    def give_up(token: int) -> None:
        raise OCR2Error("enough")

    prompt = prompts(2, 5)
    requests = [
        Request(inputs_embeds=prompt[0], config=config(), number=0, on_token=give_up),
        Request(inputs_embeds=prompt[1], config=config(), number=1),
    ]
    results = {request.number: generated for request, generated in Scheduler(runtime, slots=2).run(requests)}
    assert (results[0].stop, str(results[0].error)) == ("error", "enough")
    assert results[1].ids == generate(runtime, prompt[1:], config())[0].ids
    with pytest.raises(OCR2Error, match="enough"):
        generate(runtime, prompt, config(), on_token=lambda row, token: give_up(token))


def test_log_probabilities_are_those_of_the_model(model: MultimodalModel, runtime: DecoderRuntime) -> None:
    prompt = prompts(1, 5)
    row: Generated = generate(runtime, prompt, config(max_new_tokens=3))[0]
    with torch.no_grad():
        expected = model.decode(prompt)[0, -1].log_softmax(-1)[row.ids[0]]
    assert row.log_probs[0] == pytest.approx(float(expected), abs=1e-4)


def test_drafts_with_sampling_are_refused(runtime: DecoderRuntime) -> None:
    with pytest.raises(ValueError, match="drafts need greedy decoding"):
        generate(runtime, prompts(1, 2), config(temperature=1.0), drafters=[TextDraft([3])])


def test_an_empty_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one position"):
        Request(inputs_embeds=torch.zeros(0, 24), config=config())


@pytest.mark.parametrize(
    ("change", "message"),
    [({"max_new_tokens": 0}, "at least 1"), ({"top_p": 0.0}, "top_p"), ({"temperature": -1.0}, "negative")],
)
def test_impossible_settings_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config(**change)


def test_no_slots_are_refused(runtime: DecoderRuntime) -> None:
    with pytest.raises(ValueError, match="slots must be at least 1, got 0"):
        Scheduler(runtime, slots=0)
