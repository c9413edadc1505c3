"""The skeleton: image slots, several encoders, both decoder families."""

import dataclasses

import pytest
import torch

from ocr2.decoder.drafts import TextDraft
from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.got.config import PRESETS
from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.model import MultimodalModel


def tiny(**decoder: object) -> MultimodalConfig:
    config = PRESETS["got-tiny"].skeleton
    return dataclasses.replace(config, decoder=dataclasses.replace(config.decoder, **decoder))  # type: ignore[arg-type]


@pytest.mark.parametrize("encoders", [1, 2])
def test_features_stand_where_the_prompt_has_slots(encoders: int) -> None:
    config = tiny()
    config = dataclasses.replace(config, encoders=config.encoders * encoders)
    model = MultimodalModel(config).eval()
    pixels = [torch.randn(2, 1, 32, 64) for _ in range(encoders)]
    features = model.project(model.encode(pixels))
    slots = features.shape[1]
    ids = torch.tensor([[4, *[1] * slots, 5], [5, *[1] * slots, 4]])
    embeds = model.embed(ids, features)
    torch.testing.assert_close(embeds[:, 1:-1], features)
    torch.testing.assert_close(embeds[0, 0], model.embed_tokens(torch.tensor(4)))
    assert model(ids, pixels).shape == (2, slots + 2, config.decoder.vocab_size)


def test_a_wrong_number_of_slots_is_refused() -> None:
    model = MultimodalModel(tiny()).eval()
    features = model.project(model.encode([torch.zeros(1, 1, 32, 64)]))
    with pytest.raises(ValueError, match=r"prompt has 3 image slots, the images gave 8 tokens"):
        model.embed(torch.tensor([[1, 1, 1]]), features)


def test_pixels_for_too_few_encoders_are_refused() -> None:
    config = dataclasses.replace(tiny(), encoders=tiny().encoders * 2)
    with pytest.raises(ValueError, match="expected pixel values for 2 encoders, got 1"):
        MultimodalModel(config).encode([torch.zeros(1, 1, 32, 64)])


def test_every_parameter_gets_a_gradient() -> None:
    model = MultimodalModel(tiny())
    ids = torch.tensor([[*[1] * 8, 4, 9, 10]])
    model(ids, [torch.randn(1, 1, 32, 64)]).sum().backward()
    without = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # The logits' sum does not depend on the key biases: softmax ignores a constant added to all keys.
    assert [name for name in without if "k_proj.bias" not in name] == []


FAMILIES: dict[str, dict[str, object]] = {
    "qwen2": {},
    "opt": {"family": "opt", "num_key_value_heads": 6, "hidden_size": 24, "num_attention_heads": 6},
}


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_a_family_decodes_causally(family: str) -> None:
    model = MultimodalModel(tiny(**FAMILIES[family])).eval()
    embeds = torch.randn(1, 6, 24)
    torch.testing.assert_close(model.decode(embeds)[:, :4], model.decode(embeds[:, :4]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_a_family_writes_with_its_cache_what_it_writes_without(family: str) -> None:
    torch.manual_seed(2)
    model = MultimodalModel(tiny(**FAMILIES[family])).eval()
    prompt = torch.randn(2, 5, 24)
    config = GenerationConfig(end_ids=(), max_new_tokens=6)
    runtime = model.runtime(dtype=torch.float32)
    for row, written in enumerate(generate(runtime, prompt, config, drafters=[TextDraft([7, 8]), None])):
        embeds = prompt[row : row + 1]
        for token in written.ids:
            assert int(model.decode(embeds)[0, -1].argmax()) == token
            embeds = torch.cat([embeds, model.embed_tokens(torch.tensor([[token]]))], dim=1)


def test_grouped_heads_must_divide() -> None:
    with pytest.raises(ValueError, match="multiple of num_key_value_heads"):
        tiny(num_key_value_heads=4)
