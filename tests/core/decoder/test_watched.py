"""States of a watched token: the loop hands over those of the token itself, drafts or not, rows together or alone."""

import dataclasses

import pytest
import torch
from torch import Tensor

from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.got.config import PRESETS
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.runtime import DecoderRuntime
from tests.random_weights import randomise_decoder

CONFIG = GenerationConfig(end_ids=(2,), max_new_tokens=16, stop_loops=False)
FAMILIES: dict[str, dict[str, object]] = {"qwen2": {}, "opt": {"family": "opt", "num_key_value_heads": 6}}


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> MultimodalModel:
    torch.manual_seed(0)
    config = PRESETS["got-tiny"].skeleton
    decoder = dataclasses.replace(config.decoder, num_hidden_layers=2, **FAMILIES[request.param])  # type: ignore[arg-type]
    return randomise_decoder(MultimodalModel(dataclasses.replace(config, decoder=decoder)))


@pytest.fixture(scope="module")
def runtime(model: MultimodalModel) -> DecoderRuntime:
    return model.runtime(dtype=torch.float32)


def prompt(seed: int) -> Tensor:
    return torch.randn(5, 24, generator=torch.Generator().manual_seed(seed))


def run(runtime: DecoderRuntime, requests: list[Request], slots: int = 4) -> dict[int, Tensor | None]:
    return {r.number: generated.watched for r, generated in Scheduler(runtime, slots=slots).run(requests)}


def written(runtime: DecoderRuntime, seed: int) -> list[int]:
    ((_, generated),) = Scheduler(runtime, slots=1).run([Request(inputs_embeds=prompt(seed), config=CONFIG)])
    return generated.ids


@torch.inference_mode()
def expected_state(model: MultimodalModel, seed: int, ids: list[int], token: int) -> Tensor:
    read = ids[: ids.index(token) + 1]
    embeds = torch.cat([prompt(seed), model.embed_tokens(torch.tensor(read))])
    return model.hidden_states(embeds[None])[0, -1]


def test_the_state_is_that_of_the_first_such_token(model: MultimodalModel, runtime: DecoderRuntime) -> None:
    ids = {seed: written(runtime, seed) for seed in range(3)}
    tokens = {seed: row[len(row) // 2] for seed, row in ids.items()}
    requests = [
        Request(inputs_embeds=prompt(seed), config=CONFIG, watch_id=tokens[seed], number=seed) for seed in range(3)
    ]
    for slots in (1, 2, 3):
        for seed, state in run(runtime, requests, slots).items():
            assert state is not None
            expected = expected_state(model, seed, ids[seed], tokens[seed])
            torch.testing.assert_close(state, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("wrong", [False, True])
def test_drafts_change_nothing(wrong: bool, model: MultimodalModel, runtime: DecoderRuntime) -> None:
    """A draft that holds gives the state early; one that proposes the token too soon does not."""
    ids = written(runtime, 1)
    token = ids[len(ids) // 2]
    draft = [token] * 4 + ids if wrong else ids
    request = Request(
        inputs_embeds=prompt(1), config=CONFIG, watch_id=token, drafter=TextDraft(draft, first_reach=len(draft))
    )
    state = run(runtime, [request])[0]
    assert state is not None
    torch.testing.assert_close(state, expected_state(model, 1, ids, token), rtol=1e-3, atol=1e-4)


def test_a_token_that_is_not_written_or_not_read_has_no_state(runtime: DecoderRuntime) -> None:
    ids = written(runtime, 0)
    absent = next(i for i in range(3, 384) if i not in ids)
    short = dataclasses.replace(CONFIG, max_new_tokens=1)
    requests = [
        Request(inputs_embeds=prompt(0), config=CONFIG, watch_id=absent, number=0),
        Request(inputs_embeds=prompt(0), config=short, watch_id=ids[0], number=1),
        Request(inputs_embeds=prompt(0), config=CONFIG, number=2),
    ]
    assert run(runtime, requests) == {0: None, 1: None, 2: None}


@torch.inference_mode()
def test_a_static_cache_gives_the_same_states(runtime: DecoderRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = written(runtime, 2)
    request = Request(inputs_embeds=prompt(2), config=CONFIG, watch_id=ids[4])
    plain = run(runtime, [request])[0]
    monkeypatch.setattr(runtime, "new_cache", runtime.new_static_cache)
    static = run(runtime, [request])[0]
    assert plain is not None
    assert static is not None
    torch.testing.assert_close(static, plain, rtol=1e-3, atol=1e-4)
