"""The names, shapes and number types of the released file, and its folder: loading, checking, converting."""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from ocr2.checkpoints.conversion import convert_checkpoint
from ocr2.checkpoints.hub import Located
from ocr2.checkpoints.tensor_names import CheckpointSpec
from ocr2.checkpoints.verification import verify_checkpoint
from ocr2.checkpoints.weights import Weights, choose_layout, fit_layout, published_state, shapes_of
from ocr2.errors import CheckpointError
from ocr2.models.registry import checkpoint_spec
from ocr2.onechart.checkpoint import LAYOUTS, load_published, load_tokenizer
from ocr2.onechart.config import PRESETS
from ocr2.onechart.network import OneChartModel
from ocr2.onechart.releases import RELEASES
from tests.onechart.checkpoints import MINI, ORIGINAL, original_state, random_model, write_checkpoint
from tests.onechart.manifests.write import TARGET, manifest

TENSORS, STORED, UNIQUE, SIZE = 384, 262_314_496, 223_707_904, 524_672_832


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    entries: dict[str, Any] = json.loads(TARGET.read_text(encoding="utf-8"))
    return entries


@pytest.fixture(scope="module")
def full() -> OneChartModel:
    with torch.device("meta"):
        return OneChartModel(PRESETS["onechart"])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = {name: value.to(torch.bfloat16) for name, value in original_state(random_model()).items()}
    folder = write_checkpoint(tmp_path_factory.mktemp("onechart") / "source", state)
    (folder / "modeling_OneChart.py").write_text("raise SystemExit")
    return folder


@pytest.fixture
def spec(monkeypatch: pytest.MonkeyPatch) -> CheckpointSpec:
    """What a checkpoint of small dimensions must hold."""
    monkeypatch.setitem(PRESETS, "onechart", MINI)
    return checkpoint_spec("onechart")


def header(entries: dict[str, Any]) -> bytes:
    """Write the beginning of the file: tensors by name, as the format's own library orders those of one type."""
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, entry in sorted(entries.items()):
        start, end = end, end + 2 * math.prod(entry["shape"])
        table[name] = {**entry, "data_offsets": [start, end]}
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def test_the_manifest_is_what_its_script_writes() -> None:
    assert TARGET.read_text(encoding="utf-8") == manifest()


def test_counts_are_the_published_ones(listed: dict[str, Any], full: OneChartModel) -> None:
    sizes = {name: math.prod(entry["shape"]) for name, entry in listed.items()}
    assert (len(sizes), sum(sizes.values())) == (TENSORS, STORED)
    assert {entry["dtype"] for entry in listed.values()} == {"BF16"}
    assert sum(parameter.numel() for parameter in full.parameters()) == UNIQUE
    parts = ("model.vision_tower.", "model.decoder.layers.", "model.mm_projector.", "num_decoder.")
    counts = [sum(size for name, size in sizes.items() if name.startswith(part)) for part in parts]
    assert counts[0] == 95_569_152
    assert counts[2:] == [787_200, 541_696]


def test_the_model_has_the_tensors_of_the_manifest(listed: dict[str, Any], full: OneChartModel) -> None:
    expected = {name: entry["shape"] for name, entry in listed.items() if name != "lm_head.weight"}
    assert {name: list(value.shape) for name, value in published_state(full, ORIGINAL).items()} == expected
    assert all(ORIGINAL.to_published(str(ORIGINAL.to_ours(name))) == name for name in listed)


def test_names_shapes_and_types_make_up_the_released_file(
    listed: dict[str, Any], full: OneChartModel, tmp_path: Path
) -> None:
    """Its size was read on the hub, to the byte; so the whole header is right, not only its parts."""
    begin = header(listed)
    assert RELEASES[0].files[-1].size == SIZE == len(begin) + 2 * STORED
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(SIZE)  # values that take no room on the disk
    weights = Weights(path)
    assert choose_layout(weights, LAYOUTS) is ORIGINAL
    assert fit_layout(weights, ORIGINAL, shapes_of(full)).problems == ()


def test_a_folder_loads_like_the_model_that_wrote_it(tmp_path: Path) -> None:
    model = random_model()
    loaded = load_published(write_checkpoint(tmp_path / "onechart", original_state(model)), preset="onechart-mini")
    assert len(loaded.sha256) == 64
    for name, value in model.state_dict().items():
        torch.testing.assert_close(loaded.model.state_dict()[name], value, rtol=0, atol=0, msg=name)
    decoder = loaded.model.skeleton.decoder
    assert decoder.lm_head.weight is decoder.model.decoder.embed_tokens.weight


def test_a_checkpoint_is_whole_and_converts_to_other_number_types(
    source: Path, spec: CheckpointSpec, tmp_path: Path
) -> None:
    found = verify_checkpoint(Located(source, None), spec, ())
    assert (found.layout, found.dtype, found.problems) == ("original", "bfloat16", ())
    convert_checkpoint(source, tmp_path / "out", spec, layout="original", dtype="float32", shard_size=10**9)
    before, after = (load_file(folder / "model.safetensors") for folder in (source, tmp_path / "out"))
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name].float(), value) for name, value in after.items())
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["torch_dtype"] == "float32"
    assert "auto_map" not in config
    assert not list((tmp_path / "out").glob("*.py"))
    assert load_published(tmp_path / "out", preset="onechart-mini").tokenizer.special("<Number>") == 50_268


def test_a_config_is_written_where_there_was_none(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(source, bare, ignore=shutil.ignore_patterns("config.json", "added_tokens.json"))
    convert_checkpoint(bare, tmp_path / "out", spec, layout="original", shard_size=10**9)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["architectures"] == ["OneChartOPTForCausalLM"]
    assert (config["number_token"], config["image_token_len"], config["torch_dtype"]) == (50_268, 4, "bfloat16")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("head", r"lm_head\.weight differs from model\.decoder\.embed_tokens\.weight"),
        ("missing", r"missing num_decoder\.4\.bias"),
        ("unknown", r"unknown model\.extra"),
    ],
)
def test_weights_that_do_not_fit_are_refused(damage: str, message: str, source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(source, folder)
    state = load_file(source / "model.safetensors")
    if damage == "head":
        state["lm_head.weight"][7, 3] += 1
    elif damage == "missing":
        del state["num_decoder.4.bias"]
    else:
        state["model.extra"] = torch.zeros(1)
    save_file(state, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=message):
        load_published(folder, preset="onechart-mini")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("config.json", '{"architectures": ["GOTQwenForCausalLM"]}', "expected OneChartOPTForCausalLM"),
        ("added_tokens.json", '{"<Number>": 50265}', "has <Number> at 50265, expected 50268"),
        ("added_tokens.json", "[1]", "is not a list of tokens"),
        ("vocab.json", "[]", "is not a vocabulary"),
        ("vocab.json", '{"<s>": 0, "<pad>": 2, "</s>": 1}', "has <pad> at 2, expected 1"),
        ("vocab.json", '{"<s>": 0, "<pad>": 1, "</s>": 2}', "has 3 tokens, expected 50265"),
        ("vocab.json", '{"<s>": 7}', "does not number its 1 tokens from 0"),
        ("merges.txt", "#version: 0.2\na b c\n", "does not fit the vocabulary beside it"),
        ("merges.txt", "#version: 0.2\n", 'writes "A chat between'),
    ],
)
def test_files_of_another_model_are_refused(name: str, text: str, message: str, source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(source, folder)
    (folder / name).write_text(text)
    with pytest.raises(CheckpointError, match=message):
        load_published(folder, preset="onechart-mini")


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"vocab\.json is not a vocabulary: .*No such file"):
        load_tokenizer(tmp_path)
