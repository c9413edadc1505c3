"""The published model at its full size, random weights, against transformers."""

import pytest
import torch
from transformers import OPTConfig, OPTForCausalLM

from ocr2.checkpoints.weights import published_state
from ocr2.multimodal.families.sam_opt import IMAGE_PAD
from ocr2.onechart.config import NUMBER, PRESETS
from ocr2.onechart.network import OneChartModel
from tests.onechart.checkpoints import ORIGINAL
from tests.random_weights import scaled_state


def full_model() -> OneChartModel:
    """Return weights under which every layer changes what passes through it."""
    with torch.device("meta"):
        model = OneChartModel(PRESETS["onechart"]).eval()
    state = scaled_state(model, gains={})
    state["skeleton.decoder.lm_head.weight"] = state["skeleton.decoder.model.decoder.embed_tokens.weight"]
    model.load_state_dict(state, assign=True, strict=True)
    model.skeleton.decoder.tie_weights()
    return model


@pytest.mark.slow
@torch.inference_mode()
def test_the_full_model_equals_transformers() -> None:
    model = full_model()
    state = published_state(model, ORIGINAL)
    theirs = OPTForCausalLM(OPTConfig(vocab_size=50_269, max_position_embeddings=4096, attn_implementation="eager"))
    head = {"lm_head.weight": state["model.decoder.embed_tokens.weight"]}
    names = {name: value for name, value in state.items() if name.startswith("model.decoder.")}
    theirs.eval().load_state_dict({**names, **head}, strict=True)
    pixels = torch.rand(1, 3, 1024, 1024, generator=torch.Generator().manual_seed(1))
    ids = torch.tensor([[2, 250, 50_266, *[IMAGE_PAD] * 256, 50_267, 35, NUMBER, 45_152]])
    found = model(ids, pixels)
    embeds = model.skeleton.embed(ids, model.encode(pixels))
    expected = theirs(inputs_embeds=embeds, output_hidden_states=True)
    assert float((found.logits - expected.logits).abs().max() / expected.logits.abs().max()) < 1e-4
    numbers = model.num_decoder(expected.hidden_states[-1][0, -2])
    torch.testing.assert_close(found.numbers[0], numbers, rtol=1e-3, atol=1e-4)
