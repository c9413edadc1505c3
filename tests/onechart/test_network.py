"""The network against transformers' decoder, the encoder's equations and a head written out."""

import dataclasses
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor
from transformers import OPTConfig, OPTForCausalLM

from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.multimodal.families.sam_opt import IMAGE_PAD
from ocr2.onechart.config import NUMBER, PRESETS
from ocr2.onechart.network import OneChartModel
from tests.got import reference
from tests.onechart.checkpoints import MINI, original_state, random_model

PROMPT = [2, 5, *[IMAGE_PAD] * 4, 7, 8, NUMBER, 9, 11]
PLACE = PROMPT.index(NUMBER)


def transformers_decoder(state: Mapping[str, Tensor]) -> OPTForCausalLM:
    """Build OPT as the published `config.json` describes it, around the published tensors of a small model."""
    config = OPTConfig(
        vocab_size=50_269,
        hidden_size=32,
        word_embed_proj_dim=32,
        ffn_dim=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=4096,
        do_layer_norm_before=True,
        activation_function="relu",
        enable_bias=True,
        dropout=0.1,
        bos_token_id=2,
        eos_token_id=2,
        pad_token_id=1,
        attn_implementation="eager",
    )
    model = OPTForCausalLM(config).eval()
    names = ("model.decoder.", "lm_head.")
    model.load_state_dict({name: value for name, value in state.items() if name.startswith(names)}, strict=True)
    return model


def plain_features(state: Mapping[str, Tensor], pixels: Tensor) -> Tensor:
    """Encoder and projector from the published equations."""
    tower = {name.replace("model.vision_tower.", reference.TOWER): value for name, value in state.items()}
    features = reference.encode(tower, pixels, heads=2, window=3, global_blocks=(1, 3))
    return features @ state["model.mm_projector.weight"].T + state["model.mm_projector.bias"]


def plain_embeds(state: Mapping[str, Tensor], ids: Tensor, pixels: Tensor) -> Tensor:
    embeds = state["model.decoder.embed_tokens.weight"][ids].clone()
    for row, features in enumerate(plain_features(state, pixels)):
        embeds[row, ids[row] == IMAGE_PAD] = features
    return embeds


def plain_numbers(state: Mapping[str, Tensor], x: Tensor) -> Tensor:
    for i in (0, 2):
        x = (x @ state[f"num_decoder.{i}.weight"].T + state[f"num_decoder.{i}.bias"]).clamp(min=0)
    return x @ state["num_decoder.4.weight"].T + state["num_decoder.4.bias"]


def relative_error(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())


@pytest.fixture(scope="module")
def model() -> OneChartModel:
    return random_model()


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    return torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(3))


@torch.inference_mode()
def test_the_model_equals_transformers_and_the_plain_head(model: OneChartModel, pixels: Tensor) -> None:
    state = original_state(model)
    later = [*PROMPT[:PLACE], 12, NUMBER, NUMBER]  # the first of two counts, wherever it stands
    ids = torch.tensor([PROMPT, later])
    theirs = transformers_decoder(state)(
        inputs_embeds=plain_embeds(state, ids, pixels), output_hidden_states=True, return_dict=True
    )
    assert relative_error(model.encode(pixels), plain_features(state, pixels)) < 1e-4
    found = model(ids, pixels)
    assert relative_error(found.logits, theirs.logits) < 1e-4
    hidden = theirs.hidden_states[-1]  # behind the last norm
    expected = plain_numbers(state, torch.stack([hidden[0, PLACE], hidden[1, PLACE + 1]]))
    assert relative_error(found.numbers, expected) < 1e-4
    assert found.numbers.shape == (2, 256)
    assert found.has_numbers.tolist() == [True, True]


@torch.inference_mode()
def test_a_row_without_the_token_says_so(model: OneChartModel, pixels: Tensor) -> None:
    ids = torch.tensor([PROMPT, [3 if i == NUMBER else i for i in PROMPT]])
    assert model(ids, pixels).has_numbers.tolist() == [True, False]


@torch.inference_mode()
def test_cached_generation_equals_uncached(model: OneChartModel, pixels: Tensor) -> None:
    state = original_state(model)
    theirs = transformers_decoder(state)
    ids = torch.tensor([PROMPT[:PLACE]] * 2)
    config = GenerationConfig(end_ids=(2,), max_new_tokens=12, stop_loops=False)
    embeds = plain_embeds(state, ids, pixels)
    rows = generate(
        model.skeleton.runtime(dtype=torch.float32), model.skeleton.embed(ids, model.encode(pixels)), config
    )
    for row, start in zip(rows, embeds, strict=True):
        written: list[int] = []
        x = start[None]
        for _ in range(12):
            logits = theirs(inputs_embeds=x).logits[0, -1]
            first, second = logits.topk(2).values
            assert float(first - second) > 1e-4  # so that rounding cannot change a choice
            written.append(int(logits.argmax()))
            x = torch.cat([x, state["model.decoder.embed_tokens.weight"][written[-1:]][None]], dim=1)
        assert row.ids == written


def test_every_parameter_learns(pixels: Tensor) -> None:
    model = random_model()
    found = model(torch.tensor([PROMPT, PROMPT]), pixels)
    assert torch.isfinite(found.logits).all()
    (found.logits.logsumexp(-1).sum() + found.numbers.square().sum()).backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert [name for name in silent if "k_proj.bias" not in name] == []  # of no effect on attention


def test_the_tiny_preset_differs_in_size_alone() -> None:
    full = PRESETS["onechart"].skeleton
    assert MINI.skeleton.image_token_id == full.image_token_id
    assert MINI.skeleton.decoder.vocab_size == full.decoder.vocab_size
    assert MINI.skeleton.decoder.max_position_embeddings == full.decoder.max_position_embeddings
    assert MINI.number_token_id == PRESETS["onechart"].number_token_id
    assert (PRESETS["onechart"].num_image_tokens, MINI.num_image_tokens) == (256, 4)


def test_a_number_token_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="number_token_id must lie in a vocabulary of 50269, got 50269"):
        dataclasses.replace(MINI, number_token_id=50_269)
