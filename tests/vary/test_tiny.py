"""Vary-tiny as released, without its weights: names, equations, prompt, answers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import OPTConfig, OPTForCausalLM

from ocr2.errors import CheckpointError
from ocr2.models.protocols import Question, QuestionAnswerer
from ocr2.multimodal.families.clip_sam.views import document_view, pixels_from_views
from ocr2.multimodal.families.sam_opt import IMAGE_PAD, SYSTEM_IDS
from ocr2.vary.tiny.checkpoint import LAYOUTS, load_published
from ocr2.vary.tiny.config import PRESETS
from ocr2.vary.tiny.network import TinyModel
from ocr2.vary.tiny.reader import TinyReader, tiny_prompt
from tests.got import reference
from tests.onechart.checkpoints import write_vocabulary
from tests.random_weights import randomised, stored_state

MINI = PRESETS["vary-tiny-mini"]


def random_model() -> TinyModel:
    return randomised(TinyModel(MINI), seed=3)


def original_state(model: TinyModel) -> dict[str, Tensor]:
    return stored_state(model, LAYOUTS[0], table="model.decoder.embed_tokens.weight")


@pytest.fixture(scope="module")
def model() -> TinyModel:
    return random_model()


@pytest.fixture(scope="module")
def folder(model: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "config.json").write_text(json.dumps({"architectures": ["varyOPTForCausalLM"], "model_type": "vary"}))
    write_vocabulary(folder)
    save_file(original_state(model), folder / "model.safetensors")
    return folder


def test_the_full_model_has_the_count_of_its_parts() -> None:
    with torch.device("meta"):
        model = TinyModel(PRESETS["vary-tiny"])
    encoder = 89_670_912 + 5_898_240
    decoder = sum(p.numel() for p in model.skeleton.decoder.parameters())
    assert sum(p.numel() for p in model.parameters()) == encoder + (1024 * 768 + 768) + decoder == 223_165_440
    names = original_state(TinyModel(MINI))
    assert "model.vision_tower.net_3.weight" in names
    assert "model.mm_projector.bias" in names
    assert "model.decoder.layers.1.self_attn.k_proj.weight" in names


def test_it_equals_transformers_decoder_behind_plain_equations(model: TinyModel) -> None:
    state = original_state(model)
    config = OPTConfig(
        vocab_size=50_268, hidden_size=32, word_embed_proj_dim=32, ffn_dim=48, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=4096, pad_token_id=1, attn_implementation="eager",
    )  # fmt: skip
    theirs = OPTForCausalLM(config).eval()
    parts = {name: v for name, v in state.items() if name.startswith(("model.decoder.", "lm_head."))}
    theirs.load_state_dict(parts, strict=True)
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    ids = torch.tensor([[2, 5, *[IMAGE_PAD] * 4, 7, 8]])
    tower = {name.replace("model.vision_tower.", reference.TOWER): value for name, value in state.items()}
    features = reference.encode(tower, pixels, heads=2, window=3, global_blocks=(1, 3))
    features = features @ state["model.mm_projector.weight"].T + state["model.mm_projector.bias"]
    embeds = state["model.decoder.embed_tokens.weight"][ids].clone()
    embeds[0, ids[0] == IMAGE_PAD] = features[0]
    with torch.inference_mode():
        expected = theirs(inputs_embeds=embeds, attention_mask=torch.ones_like(ids)).logits
        torch.testing.assert_close(model(ids, pixels), expected, atol=2e-4, rtol=1e-4)


def test_the_prompt_is_vicunas_with_the_picture_in_front(folder: Path) -> None:
    tokenizer = load_published(folder, config=MINI).tokenizer
    ids = tiny_prompt("Why?</s>", tokenizer, num_tokens=3)
    assert ids[: 1 + len(SYSTEM_IDS) + 5] == [2, *SYSTEM_IDS, 50_266, IMAGE_PAD, IMAGE_PAD, IMAGE_PAD, 50_267]
    behind = ids[1 + len(SYSTEM_IDS) + 5 :]
    assert 2 not in behind  # a name of a special token inside a question stays text
    assert tokenizer.decode(behind) == "Why?</s> ASSISTANT:"


def test_a_released_folder_answers_as_its_network_does(folder: Path) -> None:
    asker = TinyReader(load_published(folder, config=MINI))
    assert isinstance(asker, QuestionAnswerer)
    picture = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
    questions = [Question((picture,), "Read."), Question((picture[:, ::-1],), "Why?")]
    together = asker.answer(questions, max_new_tokens=5)
    assert [asker.answer([q], max_new_tokens=5)[0].text for q in questions] == [a.text for a in together]
    ids = tiny_prompt("Read.", asker.tokenizer, num_tokens=MINI.num_image_tokens)
    pixels = pixels_from_views([document_view(picture, MINI.side)])
    written: list[int] = []
    with torch.inference_mode():
        for _ in range(5):
            written.append(int(asker.model(torch.tensor([[*ids, *written]]), pixels)[0, -1].argmax()))
            if written[-1] == 2:
                break
    assert together[0].text == asker.tokenizer.decode(written).strip()
    with pytest.raises(ValueError, match="one picture a question, got 2"):
        asker.answer([Question((picture, picture), "x")])
    with pytest.raises(ValueError, match="leaves no room"):
        asker.answer([Question((picture,), "x " * 5000)])


def test_another_models_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["GOTQwenForCausalLM"]}))
    with pytest.raises(CheckpointError, match="GOTQwenForCausalLM"):
        load_published(tmp_path, config=MINI)
