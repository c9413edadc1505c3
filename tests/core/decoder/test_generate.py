"""The generation loop: caching, batching, drafts, padding and guards never change the text."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.decoder.cache import PreallocatedCache, chunk_mask
from ocr2.decoder.generate import Generated, GenerationConfig, generate
from ocr2.got.config import PRESETS
from ocr2.multimodal.model import MultimodalModel

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


def prompts(model: MultimodalModel, b: int, t: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(b, t, model.config.decoder.hidden_size, generator=generator)


def config(**changes: object) -> GenerationConfig:
    base = GenerationConfig(end_ids=(END,), max_new_tokens=24, stop_loops=False)
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def uncached(model: MultimodalModel, prompt: torch.Tensor, steps: int) -> list[int]:
    """Plain greedy decoding that runs everything anew for every token."""
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


def test_cached_equals_uncached(model: MultimodalModel) -> None:
    prompt = prompts(model, 3, 7)
    results = generate(model, prompt, config())
    assert [r.ids for r in results] == [uncached(model, prompt[i : i + 1], 24) for i in range(3)]


def test_batched_equals_single(model: MultimodalModel) -> None:
    prompt = prompts(model, 5, 6, seed=3)
    together = generate(model, prompt, config())
    alone = [generate(model, prompt[i : i + 1], config())[0] for i in range(5)]
    assert [r.ids for r in together] == [r.ids for r in alone]
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(torch.tensor(a.log_probs), torch.tensor(b.log_probs), rtol=1e-3, atol=1e-4)


def test_left_padding_changes_nothing(model: MultimodalModel) -> None:
    prompt = prompts(model, 2, 8, seed=4)
    mask = torch.ones(2, 8, dtype=torch.bool)
    mask[1, :3] = False
    padded = generate(model, prompt, config(), prompt_mask=mask)
    assert padded[1].ids == generate(model, prompt[1:, 3:], config())[0].ids
    assert padded[0].ids == generate(model, prompt[:1], config())[0].ids


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_draft_gives_the_greedy_text(model: MultimodalModel, data: st.DataObject) -> None:
    prompt = prompts(model, 2, 5, seed=data.draw(st.integers(0, 5)))
    plain = generate(model, prompt, config())
    drafts = []
    for row in plain:
        draft = list(row.ids)
        for _ in range(data.draw(st.integers(0, 4))):  # drop, add or change tokens of the right answer
            where = data.draw(st.integers(0, max(0, len(draft) - 1)))
            token = data.draw(st.integers(3, VOCAB - 1))
            kind = data.draw(st.sampled_from(["drop", "add", "change"]))
            draft[where : where + (kind != "add")] = [] if kind == "drop" else [token]
        drafts.append(draft)
    drafted = generate(model, prompt, config(), drafts=drafts)
    assert [r.ids for r in drafted] == [r.ids for r in plain]
    assert [r.stop for r in drafted] == [r.stop for r in plain]


def test_a_right_draft_is_accepted_in_one_pass(model: MultimodalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    prompt = prompts(model, 1, 5)
    plain = generate(model, prompt, config())[0]
    calls = 0
    decode = model.decode

    def counted(*args: object, **kwargs: object) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return decode(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(model, "decode", counted)
    drafted = generate(model, prompt, config(), drafts=[plain.ids])[0]
    assert drafted.ids == plain.ids
    assert drafted.drafted >= len(plain.ids) - 1
    assert calls == 1


def test_drafts_and_bans_together_give_the_banned_text(model: MultimodalModel) -> None:
    prompt = prompts(model, 2, 5, seed=9)
    plain = generate(model, prompt, config(ngram_size=2))
    free = generate(model, prompt, config())
    drafted = generate(model, prompt, config(ngram_size=2), drafts=[r.ids for r in free])
    assert [r.ids for r in drafted] == [r.ids for r in plain]


def test_no_ngram_comes_twice_under_a_ban(model: MultimodalModel) -> None:
    for row in generate(model, prompts(model, 3, 5), config(ngram_size=2, max_new_tokens=60)):
        pairs = list(zip(row.ids, row.ids[1:], strict=False))
        assert len(pairs) == len(set(pairs))


def test_sampling_is_repeatable_and_independent_of_the_batch(model: MultimodalModel) -> None:
    prompt = prompts(model, 2, 5)
    sampled = config(temperature=1.0, top_p=0.9, seed=7)
    first, again = generate(model, prompt, sampled), generate(model, prompt, sampled)
    assert [r.ids for r in first] == [r.ids for r in again]
    assert generate(model, prompt[:1], sampled)[0].ids == first[0].ids
    assert generate(model, prompt, config(temperature=1.0, seed=8))[0].ids != first[0].ids


def test_a_loop_is_stopped_trimmed_and_reported(model: MultimodalModel) -> None:
    class Parrot:
        """Always writes 5, 6, 7, 5, 6, 7, ..."""

        num_layers = 1

        def __init__(self) -> None:
            self.count = 0

        def embed_tokens(self, ids: torch.Tensor) -> torch.Tensor:
            return ids[..., None].float()

        def decode(self, inputs_embeds: torch.Tensor, **_: object) -> torch.Tensor:
            logits = torch.zeros(inputs_embeds.shape[0], 1, 10)
            logits[:, 0, 5 + self.count % 3] = 9
            self.count += 1
            return logits

    row = generate(Parrot(), torch.zeros(1, 1, 1), config(max_new_tokens=1500, stop_loops=True))[0]
    assert row.stop == "loop"
    assert row.ids == [5, 6, 7]


def test_tokens_are_streamed_in_order(model: MultimodalModel) -> None:
    streamed: dict[int, list[int]] = {0: [], 1: []}
    results = generate(model, prompts(model, 2, 5), config(), on_token=lambda row, token: streamed[row].append(token))
    assert [streamed[0], streamed[1]] == [r.ids for r in results]


def test_log_probabilities_are_those_of_the_model(model: MultimodalModel) -> None:
    prompt = prompts(model, 1, 5)
    row: Generated = generate(model, prompt, config(max_new_tokens=3))[0]
    with torch.no_grad():
        expected = model.decode(prompt)[0, -1].log_softmax(-1)[row.ids[0]]
    assert row.log_probs[0] == pytest.approx(float(expected), abs=1e-4)


def test_drafts_with_sampling_are_refused(model: MultimodalModel) -> None:
    with pytest.raises(ValueError, match="drafts need greedy decoding"):
        generate(model, prompts(model, 1, 2), config(temperature=1.0), drafts=[[3]])


@pytest.mark.parametrize(
    ("change", "message"),
    [({"max_new_tokens": 0}, "at least 1"), ({"top_p": 0.0}, "top_p"), ({"temperature": -1.0}, "negative")],
)
def test_impossible_settings_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config(**change)


def test_a_full_cache_is_an_error() -> None:
    cache = PreallocatedCache(num_layers=1, capacity=2)
    states = torch.zeros(1, 1, 2, 4)
    cache.update(states, states, 0)
    with pytest.raises(ValueError, match="holds 2 positions, 3 were needed"):
        cache.update(states[:, :, :1], states[:, :, :1], 0)


def test_a_chunk_sees_valid_keys_up_to_itself() -> None:
    mask = chunk_mask(torch.tensor([[True, False, True, True]]), 2)
    assert mask.tolist() == [[[[True, False, True, False], [True, False, True, True]]]]
