"""Checkpoints that are not GOT, or not whole: each is refused in one line that names what is wrong."""

import json
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from ocr2.errors import CheckpointError
from ocr2.got.checkpoint import load_published
from ocr2.got.config import PRESETS
from tests.got.test_published import original_state, random_model, write_checkpoint

Run = Callable[..., subprocess.CompletedProcess[str]]
Damage = Callable[[Path], object]
LAYER = "model.layers.1.mlp.up_proj.weight"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("got") / "mini", original_state(random_model()))


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    shutil.copytree(whole, tmp_path / "got")
    return tmp_path / "got"


def change(folder: Path, edit: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> None:
    path = folder / "model.safetensors"
    state = edit(load_file(path))
    path.unlink()  # its tensors may be mapped
    save_file(state, path)


def rename_all(old: str, new: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / "config.json").unlink()
        change(folder, lambda state: {name.replace(old, new): value for name, value in state.items()})

    return damage


def without_a_layer(folder: Path) -> None:
    change(folder, lambda state: {name: value for name, value in state.items() if name != LAYER})


def with_another_tensor(folder: Path) -> None:
    change(folder, lambda state: {**state, "model.extra.weight": torch.zeros(2)})


def with_another_shape(folder: Path) -> None:
    change(folder, lambda state: {**state, LAYER: torch.zeros(3, 32)})


def with_another_head(folder: Path) -> None:
    change(folder, lambda state: {**state, "lm_head.weight": state["lm_head.weight"] + 1})


def with_integers(folder: Path) -> None:
    change(folder, lambda state: {**state, "model.norm.weight": torch.ones(32, dtype=torch.int8)})


def with_many_other_tensors(folder: Path) -> None:
    change(folder, lambda state: {**state, **{f"extra.{i:02}": torch.zeros(1) for i in range(14)}})


def described_as(name: str) -> Damage:
    return lambda folder: (folder / "config.json").write_text(json.dumps({"architectures": [name]}))


def config_that_is(text: str) -> Damage:
    return lambda folder: (folder / "config.json").write_text(text)


def onechart_without_config(folder: Path) -> None:
    """Names of OneChart: the same tower under another prefix, a decoder of another kind."""
    (folder / "config.json").unlink()
    names = ["model.vision_tower.pos_embed", "model.vision_tower.net_2.weight", "model.mm_projector.weight"]
    names += [f"model.vision_tower.blocks.{i}.norm1.weight" for i in range(12)]
    names += [f"model.decoder.layers.{i}.fc1.weight" for i in range(12)]
    names += ["model.decoder.embed_tokens.weight", "model.decoder.embed_positions.weight", "num_decoder.0.weight"]
    change(folder, lambda state: {name: torch.zeros(1) for name in [*names, "lm_head.weight"]})


def vary_without_config(folder: Path) -> None:
    """Names of Vary-toy, which has GOT's tower too."""
    (folder / "config.json").unlink()
    names = ["transformer.wte.weight", "transformer.mm_projector.weight", "transformer.mm_projector_vary.weight"]
    names += [f"transformer.vision_tower_high.blocks.{i}.norm1.weight" for i in range(12)]
    names += [f"transformer.h.{i}.attn.c_attn.weight" for i in range(24)]
    change(folder, lambda state: {name: torch.zeros(1) for name in [*names, "lm_head.weight"]})


def cut_in_the_header(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:100])


def cut_in_the_values(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-1])


def of_no_bytes(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def folder_in_place_of_a_file(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


class Harmful:
    """What a pickle can do to who opens it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def pickled_with_code(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with (folder / "pytorch_model.bin").open("wb") as file:
        pickle.dump(Harmful(folder / "executed"), file)


def pickle_under_the_name_of_weights(folder: Path) -> None:
    with (folder / "model.safetensors").open("wb") as file:
        pickle.dump(Harmful(folder / "executed"), file)


def index_of(table: dict[str, str]) -> Damage:
    index = json.dumps({"weight_map": table})
    return lambda folder: (folder / "model.safetensors.index.json").write_text(index)


def index_that_is_no_index(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text("[1, 2]")


def half_of_the_shards(folder: Path) -> None:
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    write_checkpoint(folder, state, shards=4)
    for i in (1, 3):
        (folder / f"model-{i}.safetensors").unlink()


def tensor_in_two_shards(folder: Path) -> None:
    write_checkpoint(folder, original_state(random_model()), shards=2)
    both = {**load_file(folder / "model-1.safetensors"), "lm_head.weight": torch.zeros(1)}
    (folder / "model-1.safetensors").unlink()
    save_file(both, folder / "model-1.safetensors")


def without_tokenizer(folder: Path) -> None:
    (folder / "qwen.tiktoken").unlink()


def cut_tokenizer(folder: Path) -> None:
    data = (folder / "qwen.tiktoken").read_bytes()
    (folder / "qwen.tiktoken").write_bytes(data[: len(data) // 2])


def other_special_ids(folder: Path) -> None:
    """A tokenizer.json whose special tokens follow a shorter vocabulary."""
    from tokenizers import AddedToken, Tokenizer, models

    (folder / "qwen.tiktoken").unlink()
    tokenizer = Tokenizer(models.BPE(vocab={"a": 0, "b": 1}, merges=[]))
    tokenizer.add_special_tokens([AddedToken("<|im_start|>", special=True)])
    tokenizer.save(str(folder / "tokenizer.json"))


def tokenizer_of_nonsense(folder: Path) -> None:
    (folder / "qwen.tiktoken").unlink()
    (folder / "tokenizer.json").write_text("{")


BAD: dict[Damage, str] = {
    without_a_layer: f": missing {LAYER}",
    with_another_tensor: ": unknown model.extra.weight",
    with_another_shape: f": {LAYER} is (3, 32), expected (48, 32)",
    with_another_head: "lm_head.weight differs from model.embed_tokens.weight, of which it must be a copy",
    with_integers: "model.norm.weight is I8, expected F64, F32, F16, BF16",
    with_many_other_tensors: "unknown extra.08; unknown extra.09 and 4 more",
    described_as("varyQwenForCausalLM"): "describes varyQwenForCausalLM; expected GOTQwenForCausalLM or GotOcr2ForCon",
    described_as("OneChartOPTForCausalLM"): "describes OneChartOPTForCausalLM; expected GOTQwenForCausalLM or GotOcr2",
    onechart_without_config: "none of the known layouts (original, transformers, transformers 5, mlx): its tensors are",
    vary_without_config: "none of the known layouts (original, transformers, transformers 5, mlx): its tensors are",
    rename_all("model.", "qwen2."): "none of the known layouts (original, transformers, transformers 5, mlx): its ten",
    cut_in_the_header: "is not a whole safetensors file: ",
    cut_in_the_values: "is not a whole safetensors file: ",
    of_no_bytes: "is not a whole safetensors file: ",
    pickle_under_the_name_of_weights: "is not a whole safetensors file: ",
    folder_in_place_of_a_file: "holds neither model.safetensors nor model.safetensors.index.json",
    without_weights: "holds neither model.safetensors nor model.safetensors.index.json",
    pickled_with_code: "holds only pickled weights (pytorch_model.bin), which can run code and are never loaded; exp",
    half_of_the_shards: "lacks 2 of 4 shards: model-1.safetensors, model-3.safetensors",
    index_of({"a": "../../x.safetensors"}): "names no files of its folder",
    index_of({"a": "/etc/passwd"}): "names no files of its folder",
    index_of({}): "names no files of its folder",
    index_that_is_no_index: "is not an index of weights: ",
    tensor_in_two_shards: "lm_head.weight is in model-0.safetensors and in model-1.safetensors; expected once",
    config_that_is("{"): "config.json is not a model's config: ",
    config_that_is("[]"): "config.json is not a model's config: ",
    config_that_is('{"architectures": 3}'): "config.json is not a model's config: ",
    config_that_is('{"architectures": [{}]}'): "config.json describes {}; expected GOTQwenForCausalLM or GotOcr2ForC",
    without_tokenizer: "holds neither qwen.tiktoken nor tokenizer.json",
    cut_tokenizer: "qwen.tiktoken",
    other_special_ids: "the tokenizer of ",
    tokenizer_of_nonsense: "tokenizer.json is not a tokenizer.json: ",
}


def name_of(damage: Damage) -> str:
    return str(getattr(damage, "__qualname__", "")).partition(".")[0]


@pytest.fixture
def mini(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model named `got` have the dimensions of these checkpoints."""
    monkeypatch.setitem(PRESETS, "got", PRESETS["got-mini"])


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 3, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("ocr2: ")
    return line


@pytest.mark.usefixtures("mini")
@pytest.mark.parametrize(("damage", "message"), BAD.items(), ids=map(name_of, BAD))
def test_what_does_not_fit_is_refused_by_read(
    damage: Damage, message: str, folder: Path, tmp_path: Path, run: Run
) -> None:
    damage(folder)
    Image.new("L", (64, 64), 255).save(tmp_path / "page.png")
    done = run("read", tmp_path / "page.png", "--model", "got", "--weights", folder)
    assert message in the_line(done)
    assert done.stdout == ""
    assert not list(tmp_path.rglob("executed"))


@pytest.mark.usefixtures("mini")
@pytest.mark.parametrize(
    "damage",
    [
        with_another_shape,
        with_another_head,
        vary_without_config,
        cut_in_the_values,
        pickled_with_code,
        half_of_the_shards,
        without_tokenizer,
        other_special_ids,
    ],
)
def test_what_does_not_fit_is_found_by_verify(damage: Damage, folder: Path, run: Run) -> None:
    damage(folder)
    assert BAD[damage] in the_line(run("models", "verify", "got", "--weights", folder))
    assert not (folder / "executed").exists()


def test_the_harmful_pickle_would_have_done_it(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Harmful(tmp_path / "executed")))
    assert (tmp_path / "executed").exists()


def test_a_checkpoint_without_the_tied_copy_loads(folder: Path) -> None:
    change(folder, lambda state: {name: value for name, value in state.items() if name != "lm_head.weight"})
    assert load_published(folder, preset="got-mini").layout == "original"


def test_a_preset_of_other_dimensions_is_refused(folder: Path) -> None:
    with pytest.raises(CheckpointError, match=r"missing model\.vision_tower_high\.blocks\.4\.norm1\.weight; "):
        load_published(folder)


@pytest.mark.usefixtures("mini")
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_values_that_are_not_finite_are_found_by_verify(value: float, folder: Path, run: Run) -> None:
    def edit(state: dict[str, Tensor]) -> dict[str, Tensor]:
        state[LAYER][3, 5] = value
        return state

    change(folder, edit)
    done = run("models", "verify", "got", "--weights", folder)
    assert (done.returncode, done.stderr) == (
        3,
        f"ocr2: {folder} does not fit got: {LAYER} holds values that are not finite\n",
    )
    assert "tensors      96" in done.stdout
