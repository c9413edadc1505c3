"""The published model at its full size, random weights, against transformers."""

import pytest
import torch
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration

from ocr2.checkpoints.weights import published_state
from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.got.checkpoint import LAYOUTS
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD
from ocr2.vision.encoder import VisionEncoder
from tests.got.test_published import FULL_TEXT, relative_error
from tests.random_weights import scaled_state

TRANSFORMERS_5 = LAYOUTS[2]
NECK_CONVS = 2  # strided convolutions at the neck's end, which transformers counts to the projector
TOKENS = 256  # of one view
END_IDS = (151_645, 151_643)


def scaled_model() -> GOTModel:
    """Return weights under which every layer changes what passes through it, all norms and biases included."""
    with torch.device("meta"):
        model = GOTModel(PRESETS["got"]).eval()
    state = scaled_state(model)
    words = state["skeleton.decoder.model.embed_tokens.weight"]
    words[::2048] *= 3  # few compete for the best, so that it leads by far
    state["skeleton.decoder.lm_head.weight"] = words
    model.load_state_dict(state, assign=True, strict=True)
    model.skeleton.decoder.tie_weights()
    restore_buffers(model.skeleton.decoder)
    return model


def same_in_transformers(model: GOTModel) -> GotOcr2ForConditionalGeneration:
    """Build transformers' model around the very same tensors."""
    config = GotOcr2Config(
        text_config={
            "model_type": "qwen2",
            **FULL_TEXT,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
        },
        tie_word_embeddings=True,
        image_token_id=IMAGE_PAD,
        attn_implementation="eager",
    )
    with torch.device("meta"):
        theirs = GotOcr2ForConditionalGeneration(config).eval()
    state = published_state(model, TRANSFORMERS_5)
    theirs.load_state_dict(
        {**state, "lm_head.weight": state["model.language_model.embed_tokens.weight"]}, assign=True, strict=True
    )
    theirs.tie_weights()
    restore_buffers(theirs.model.language_model)
    return theirs


@pytest.mark.slow
@torch.inference_mode()
def test_the_full_model_equals_transformers() -> None:
    model = scaled_model()
    theirs = same_in_transformers(model)
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randn(1, 3, 1024, 1024, generator=generator)
    words = torch.randint(0, 151_643, (1, 12), generator=generator)
    prompt = torch.cat([words[:, :6], torch.full((1, TOKENS), IMAGE_PAD), words[:, 6:]], dim=1)

    encoder = model.skeleton.encoders[0]
    assert isinstance(encoder, VisionEncoder)
    encoded = model.skeleton.encode([pixels])
    features = encoder.neck[:-NECK_CONVS](encoded[0].patches.permute(0, 3, 1, 2))
    expected_features = theirs.model.vision_tower(pixels).last_hidden_state
    assert relative_error(features, expected_features) < 1e-4
    projected = model.skeleton.project(encoded)
    assert relative_error(projected, theirs.get_image_features(pixels).pooler_output) < 1e-4

    embeds = model.skeleton.embed(prompt, projected)
    answer = theirs.generate(
        input_ids=prompt,
        pixel_values=pixels,
        max_new_tokens=16,
        do_sample=False,
        eos_token_id=list(END_IDS),
        pad_token_id=151_643,
        output_logits=True,
        return_dict_in_generate=True,
    )
    logits = model.skeleton.decode(embeds)[0, -1]
    assert relative_error(logits, answer.logits[0][0]) < 1e-4
    error = float((logits - answer.logits[0][0]).abs().max())
    top = torch.stack([step[0].topk(2).values for step in answer.logits])
    assert float((top[:, 0] - top[:, 1]).min()) > 100 * error  # so that rounding cannot change a choice
    (row,) = generate(
        model.skeleton.runtime(dtype=torch.float32), embeds, GenerationConfig(end_ids=END_IDS, max_new_tokens=16)
    )
    assert row.ids == answer.sequences[0, prompt.shape[1] :].tolist()
    assert len(set(row.ids)) > 1  # not one token over and over
