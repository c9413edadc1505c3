"""Pointers of a row: an entry is read and scored as the row's own vectors say."""

import pytest
import torch

from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.generate import GenerationConfig, PointerVocabulary, Request, Scheduler
from ocr2.got.config import PRESETS
from ocr2.multimodal.model import MultimodalModel

CONFIG = GenerationConfig(end_ids=(2,), max_new_tokens=12, stop_loops=False)
FIRST, END = 100, 140


@pytest.fixture(scope="module")
def model() -> MultimodalModel:
    torch.manual_seed(0)
    model = MultimodalModel(PRESETS["got-tiny"].skeleton).eval()
    for parameter in model.decoder.parameters():
        parameter.data.normal_(std=0.3)
    return model


def make_words(model: MultimodalModel, count: int, seed: int) -> PointerVocabulary:
    generator = torch.Generator().manual_seed(seed)
    hidden = model.config.decoder.hidden_size
    embeddings, heads = torch.randn(2, count, hidden, generator=generator) * 2
    return PointerVocabulary(FIRST, END, embeddings, heads)


@torch.no_grad()
def write_slowly(model: MultimodalModel, prompt: torch.Tensor, words: PointerVocabulary | None) -> list[int]:
    """Write greedily, the whole text anew for every token."""
    embeds, ids = prompt, []
    for _ in range(CONFIG.max_new_tokens):
        state = model.hidden_states(embeds[None])[0, -1]
        logits = model.head(state[None])[0]
        row = None
        if words is not None:
            for i in range(FIRST, END):
                word = i - FIRST
                logits[i] = words.heads[word] @ state if word < len(words.heads) else -torch.inf
        token = int(logits.argmax())
        if token in CONFIG.end_ids:
            break
        ids.append(token)
        if words is not None and 0 <= token - FIRST < len(words.embeddings):
            row = words.embeddings[token - FIRST][None]
        embeds = torch.cat([embeds, row if row is not None else model.embed_tokens(torch.tensor([token]))])
    return ids


@pytest.mark.parametrize("drafted", [False, True])
def test_words_are_those_of_their_row(model: MultimodalModel, drafted: bool) -> None:
    hidden = model.config.decoder.hidden_size
    generator = torch.Generator().manual_seed(3)
    prompts = [torch.randn(n, hidden, generator=generator) for n in (5, 9, 4)]
    words = [make_words(model, 40, 1), None, make_words(model, 7, 2)]
    expected = [write_slowly(model, p, w) for p, w in zip(prompts, words, strict=True)]
    assert any(FIRST <= i < END for i in expected[0])
    assert all(not FIRST + 7 <= i < END for i in expected[2])
    assert expected[0] != write_slowly(model, prompts[0], None)
    requests = [
        Request(
            inputs_embeds=prompt,
            config=CONFIG,
            pointers=words[i],
            drafter=TextDraft(expected[i]) if drafted else None,
            number=i,
        )
        for i, prompt in enumerate(prompts)
    ]
    runtime = model.runtime(dtype=torch.float32)
    written = {r.number: g.ids for r, g in Scheduler(runtime, slots=3).run(requests)}
    assert [written[i] for i in range(3)] == expected


def test_more_words_than_ids_are_refused() -> None:
    with pytest.raises(ValueError, match=r"pointers of shapes \(5, 8\) and \(5, 8\) do not fit 4 ids"):
        PointerVocabulary(10, 14, torch.zeros(5, 8), torch.zeros(5, 8))
