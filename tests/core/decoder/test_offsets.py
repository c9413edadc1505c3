"""Offsets: what is added to the embeddings of written ids counts as if a prompt had held it."""

import pytest
import torch

from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.generate import GenerationConfig, Request, Scheduler
from ocr2.got.config import PRESETS
from ocr2.multimodal.model import MultimodalModel

CONFIG = GenerationConfig(end_ids=(2,), max_new_tokens=10, stop_loops=False)


@pytest.fixture(scope="module")
def model() -> MultimodalModel:
    torch.manual_seed(0)
    model = MultimodalModel(PRESETS["got-tiny"].skeleton).eval()
    for parameter in model.decoder.parameters():
        parameter.data.normal_(std=0.3)
    return model


@torch.no_grad()
def write_slowly(model: MultimodalModel, prompt: torch.Tensor, offsets: dict[int, torch.Tensor]) -> list[int]:
    """Write greedily, the whole text anew for every token."""
    embeds, ids = prompt, []
    for _ in range(CONFIG.max_new_tokens):
        token = int(model.decode(embeds[None])[0, -1].argmax())
        if token in CONFIG.end_ids:
            break
        ids.append(token)
        row = model.embed_tokens(torch.tensor([token])) + offsets.get(token, 0.0)
        embeds = torch.cat([embeds, row])
    return ids


@pytest.mark.parametrize("drafted", [False, True])
def test_offsets_count_where_their_ids_are_written(model: MultimodalModel, drafted: bool) -> None:
    hidden = model.config.decoder.hidden_size
    generator = torch.Generator().manual_seed(3)
    prompts = [torch.randn(n, hidden, generator=generator) for n in (5, 9)]
    offsets = {i: torch.randn(hidden, generator=generator) * 3 for i in range(0, 384, 2)}
    expected = [write_slowly(model, prompts[0], offsets), write_slowly(model, prompts[1], {})]
    assert expected[0] != write_slowly(model, prompts[0], {})
    requests = [
        Request(
            inputs_embeds=prompt,
            config=CONFIG,
            offsets=offsets if i == 0 else {},
            drafter=TextDraft(expected[i]) if drafted else None,
            number=i,
        )
        for i, prompt in enumerate(prompts)
    ]
    runtime = model.runtime(dtype=torch.float32)
    written = {r.number: g.ids for r, g in Scheduler(runtime, slots=2).run(requests)}
    assert [written[0], written[1]] == expected
