"""The names, shapes and number types of the released files, and the conversion for MLX."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from ocr2.checkpoints.tensor_names import Layout
from ocr2.checkpoints.weights import Weights, choose_layout, fit_layout, published_state, shapes_of
from ocr2.got.checkpoint import LAYOUTS, load_published
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.got.releases import RELEASES
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD
from tests.got.test_published import original_state, random_model, write_checkpoint

ORIGINAL, TRANSFORMERS, TRANSFORMERS_5, MLX = LAYOUTS
MANIFESTS = Path(__file__).parent / "manifests"  # what the headers of the released files say
PARAMETERS = 560_528_640  # docs/models/got.md, "Overview"
HEAD = 151_860 * 1024
COUNTS = {"original": 472, "transformers": 471, "mlx": 471}


def manifest(layout: Layout) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads((MANIFESTS / f"{layout.name}.json").read_text())
    return entries


def header(layout: Layout) -> bytes:
    """Write the beginning of a released file: tensors by name, as the format's own library orders those of one type."""
    table: dict[str, Any] = {"__metadata__": {"format": layout.file_format}}
    end = 0
    for name, entry in sorted(manifest(layout).items()):
        start, end = end, end + 2 * math.prod(entry["shape"])
        table[name] = {**entry, "data_offsets": [start, end]}
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def values_size(layout: Layout) -> int:
    return sum(2 * math.prod(entry["shape"]) for entry in manifest(layout).values())


@pytest.fixture(scope="module")
def full() -> GOTModel:
    with torch.device("meta"):
        return GOTModel(PRESETS["got"])


def test_the_published_preset_has_the_published_parameters(full: GOTModel) -> None:
    assert sum(parameter.numel() for parameter in full.parameters()) == PARAMETERS


@pytest.mark.parametrize("layout", [ORIGINAL, TRANSFORMERS, MLX], ids=lambda layout: str(layout.name))
def test_the_model_has_the_tensors_of_the_manifest(layout: Layout, full: GOTModel) -> None:
    entries = manifest(layout)
    assert len(entries) == COUNTS[layout.name]
    assert {entry["dtype"] for entry in entries.values()} == {"BF16"}
    copies = {rule.copy for rule in layout.tied if rule.stored}
    assert copies == ({"lm_head.weight"} if layout is ORIGINAL else set())
    expected = {name: entry["shape"] for name, entry in entries.items() if name not in copies}
    assert {name: list(value.shape) for name, value in published_state(full, layout).items()} == expected


@pytest.mark.parametrize("layout", [ORIGINAL, TRANSFORMERS, MLX], ids=lambda layout: str(layout.name))
def test_a_file_of_the_released_size_with_this_header_fits(layout: Layout, full: GOTModel, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    begin, size = header(layout), values_size(layout)
    assert size == 2 * (PARAMETERS + (HEAD if layout is ORIGINAL else 0))
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(len(begin) + size)  # values that take no room on the disk
    weights = Weights(path)
    assert choose_layout(weights, LAYOUTS) is layout
    assert fit_layout(weights, layout, shapes_of(full)).problems == ()
    assert set(weights.kinds.values()) == {"BF16"}


@pytest.mark.parametrize(("layout", "release"), [(TRANSFORMERS, 0), (ORIGINAL, 1)], ids=["hf", "original"])
def test_names_shapes_and_types_make_up_the_size_of_the_released_file(layout: Layout, release: int) -> None:
    """The listed size was read on the hub for one, to the byte; so the whole header is right, not only its parts."""
    (listed,) = (file.size for file in RELEASES[release].files if file.name == "model.safetensors")
    assert len(header(layout)) + values_size(layout) == listed


def test_every_layout_maps_there_and_back() -> None:
    model = random_model()
    for layout in LAYOUTS:
        for name in model.state_dict():
            published = layout.to_published(name)
            assert published is not None
            assert layout.to_ours(published) == name


# Original name -> name in the conversion for MLX, written down from that conversion's list of names alone.
MLX_NAMES = [
    (r"lm_head\.weight", None),
    (r"model\.vision_tower_high\.neck\.0\.weight", "vision_tower.conv1.weight"),
    (r"model\.vision_tower_high\.neck\.1\.(weight|bias)", r"vision_tower.norm1.\1"),
    (r"model\.vision_tower_high\.neck\.2\.weight", "vision_tower.conv2.weight"),
    (r"model\.vision_tower_high\.neck\.3\.(weight|bias)", r"vision_tower.norm2.\1"),
    (r"model\.vision_tower_high\.(net_[23]|patch_embed|pos_embed|blocks)(.*)", r"vision_tower.\1\2"),
    (r"model\.mm_projector_vary\.(weight|bias)", r"multi_modal_projector.\1"),
    (r"model\.(embed_tokens|norm|layers)(.*)", r"language_model.model.\1\2"),
]
MLX_CONVOLUTIONS = ("patch_embed.proj.weight", "conv1.weight", "conv2.weight", "net_2.weight", "net_3.weight")


def mlx_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the original checkpoint's tensors as the conversion for MLX stores them."""
    converted: dict[str, Tensor] = {}
    for name, value in state.items():
        ((pattern, new),) = ((p, n) for p, n in MLX_NAMES if re.fullmatch(p, name))
        if new is not None:
            key = re.sub(pattern, new, name)
            turned = value.permute(0, 2, 3, 1) if key.endswith(MLX_CONVOLUTIONS) else value
            converted[key] = turned.contiguous()
    return converted


@torch.inference_mode()
def test_the_conversion_for_mlx_computes_what_the_original_does(tmp_path: Path) -> None:
    state = original_state(random_model())
    original = load_published(write_checkpoint(tmp_path / "original", state), preset="got-mini")
    folder = write_checkpoint(tmp_path / "mlx", {})
    save_file(mlx_state(state), folder / "model.safetensors", metadata={"format": "mlx"})
    converted = load_published(folder, preset="got-mini")
    assert (original.layout, converted.layout) == ("original", "mlx")
    prompt = torch.tensor([[5, 6, *[IMAGE_PAD] * 4, 7, 8, 9]])
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(3))
    expected = original.model(prompt, pixels)
    torch.testing.assert_close(converted.model(prompt, pixels), expected, rtol=0, atol=0)
    assert float(expected.std()) > 0.01


def test_convolutions_that_were_not_turned_are_refused_for_mlx(tmp_path: Path) -> None:
    state = mlx_state(original_state(random_model()))
    state["vision_tower.conv2.weight"] = state["vision_tower.conv2.weight"].permute(0, 3, 1, 2).contiguous()
    save_file(state, tmp_path / "model.safetensors")
    fit = fit_layout(Weights(tmp_path), MLX, shapes_of(random_model()))
    assert fit.problems == ("vision_tower.conv2.weight is (16, 16, 3, 3), expected (16, 3, 3, 16)",)
