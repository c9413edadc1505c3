"""Writing a checkpoint under other names: nothing changes but the names, and other programs can read it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoProcessor, AutoTokenizer, GotOcr2ForConditionalGeneration

from ocr2.checkpoints.conversion import convert_checkpoint
from ocr2.checkpoints.hub import Located
from ocr2.checkpoints.tensor_names import CheckpointSpec
from ocr2.checkpoints.verification import verify_checkpoint
from ocr2.checkpoints.weights import Weights
from ocr2.errors import CheckpointError, OutputError
from ocr2.got.checkpoint import LAYOUTS, load_published
from ocr2.got.config import PRESETS
from ocr2.models.registry import checkpoint_spec
from ocr2.multimodal.families.sam_qwen import IMAGE_PAD
from tests.fakes import raising
from tests.got.test_published import original_state, random_model, write_checkpoint

NAMES = [layout.name for layout in LAYOUTS]
BIG = 10**9
LAYER = "model.layers.1.mlp.up_proj.weight"
CODE_OR_PICKLE = {".py", ".bin", ".pt", ".pkl"}


@pytest.fixture(autouse=True)
def mini(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model named `got` have the dimensions of these checkpoints."""
    monkeypatch.setitem(PRESETS, "got", PRESETS["got-mini"])


@pytest.fixture
def spec() -> CheckpointSpec:
    return checkpoint_spec("got")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = {name: value.to(torch.bfloat16) for name, value in original_state(random_model()).items()}
    folder = write_checkpoint(tmp_path_factory.mktemp("got") / "source", state)
    (folder / "modeling_GOT.py").write_text("raise SystemExit")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "generation_config.json").write_text('{"max_new_tokens": 7}')
    return folder


@pytest.fixture(scope="module")
def converted(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source in all layouts."""
    out = tmp_path_factory.mktemp("converted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "got", PRESETS["got-mini"])
        for name in NAMES:
            convert_checkpoint(source, out / name, checkpoint_spec("got"), layout=name, shard_size=BIG)
    return out


def assert_same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert set(found) == set(expected)
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name].flatten().view(torch.uint8), value.flatten().view(torch.uint8)), name


@pytest.mark.parametrize("layout", NAMES)
def test_there_and_back_is_equal_to_the_bit(
    layout: str, source: Path, converted: Path, spec: CheckpointSpec, tmp_path: Path
) -> None:
    done = convert_checkpoint(converted / layout, tmp_path / "back", spec, layout="original", shard_size=BIG)
    assert (done.from_layout, done.layout, done.dtype) == (layout, "original", "bfloat16")
    assert_same(load_file(tmp_path / "back" / "model.safetensors"), load_file(source / "model.safetensors"))
    assert (tmp_path / "back" / "qwen.tiktoken").read_bytes() == (source / "qwen.tiktoken").read_bytes()


@pytest.mark.parametrize("layout", NAMES)
def test_what_was_written_is_whole_and_reads_the_same(
    layout: str, source: Path, converted: Path, spec: CheckpointSpec
) -> None:
    folder = converted / layout
    found = verify_checkpoint(Located(folder, None), spec, ())
    assert (found.layout, found.dtype, found.problems) == (layout, "bfloat16", ())
    assert found.tensors == (96 if layout == "original" else 95)
    assert not [path.name for path in folder.iterdir() if path.suffix in CODE_OR_PICKLE]
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        assert file.metadata() == {"format": "mlx" if layout == "mlx" else "pt"}
    ours, theirs = (load_published(path, preset="got-mini").model.state_dict() for path in (folder, source))
    assert_same(dict(ours), dict(theirs))


@pytest.mark.parametrize("layout", ["transformers", "transformers 5"])
@torch.inference_mode()
def test_transformers_loads_it_with_nothing_missing(layout: str, source: Path, converted: Path) -> None:
    theirs, info = GotOcr2ForConditionalGeneration.from_pretrained(
        converted / layout, output_loading_info=True, dtype=torch.float32, attn_implementation="eager"
    )
    assert not any(info[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"))
    prompt = torch.tensor([[5, 6, *[IMAGE_PAD] * 4, 7, 8, 9]])
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(3))
    expected = load_published(source, preset="got-mini").model(prompt, pixels)
    found = theirs(input_ids=prompt, pixel_values=pixels).logits
    assert float((found - expected).abs().max() / expected.abs().max()) < 1e-4


def test_transformers_reads_the_tokenizer_and_the_processor(source: Path, converted: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(converted / "transformers")
    ours = load_published(source, preset="got-mini").tokenizer
    text = "Grüße, e\u0301 12 ３４ <b>x</b>\n\n  $\\frac{1}{2}$"
    assert tokenizer(text).input_ids == ours.encode(text)
    assert tokenizer("<img><imgpad></img>").input_ids == [151_857, 151_859, 151_858]
    assert tokenizer.decode(ours.encode("a , b !")) == "a , b !"
    processor: Any = AutoProcessor.from_pretrained(converted / "transformers")
    assert dict(processor.image_processor.size)["height"] == 128


def test_number_types_change_when_asked(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    before = load_file(source / "model.safetensors")
    for dtype in ("float32", "float16"):
        done = convert_checkpoint(source, tmp_path / dtype, spec, layout="original", dtype=dtype, shard_size=BIG)
        expected = {name: value.to(getattr(torch, dtype)) for name, value in before.items()}
        assert_same(load_file(tmp_path / dtype / "model.safetensors"), expected)
        assert done.dtype == dtype
        assert json.loads((tmp_path / dtype / "config.json").read_text())["torch_dtype"] == dtype


def test_mixed_number_types_stay_mixed_and_aligned(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    state = load_file(source / "model.safetensors")
    mixed = {name: value.float() if "norm" in name else value for name, value in state.items()}
    convert_checkpoint(
        write_checkpoint(tmp_path / "mixed", mixed), tmp_path / "out", spec, layout="original", shard_size=BIG
    )
    assert_same(load_file(tmp_path / "out" / "model.safetensors"), mixed)


def test_values_beyond_a_number_type_are_refused(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    state = load_file(source / "model.safetensors")
    state[LAYER][0, 0] = 1e30
    folder = write_checkpoint(tmp_path / "large", state)
    with pytest.raises(CheckpointError, match=f"{LAYER} holds values that float16 cannot"):
        convert_checkpoint(folder, tmp_path / "out", spec, layout="mlx", dtype="float16", shard_size=BIG)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large"]


def test_large_checkpoints_come_in_shards(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    done = convert_checkpoint(source, tmp_path / "out", spec, layout="transformers", shard_size=9_750_000)
    shards = [name for name in done.files if name.startswith("model-")]
    assert shards[0] == f"model-00001-of-{len(shards):05}.safetensors"
    assert len(shards) == 3  # the vocabulary alone in the second
    assert all((tmp_path / "out" / name).stat().st_size < 9_760_000 for name in shards)
    index = json.loads((tmp_path / "out" / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == done.size == 2 * 4_944_760
    assert Weights(tmp_path / "out").shapes.keys() == index["weight_map"].keys()
    model, info = GotOcr2ForConditionalGeneration.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not info["missing_keys"]
    assert model.dtype == torch.bfloat16


def test_files_of_the_same_form_are_copied_and_others_made(converted: Path) -> None:
    assert json.loads((converted / "original" / "generation_config.json").read_text()) == {"max_new_tokens": 7}
    made = json.loads((converted / "transformers" / "generation_config.json").read_text())
    assert made["eos_token_id"] == [151_645, 151_643]


def test_a_folder_in_use_is_not_written_to(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()

    def convert(*, force: bool = False) -> None:
        convert_checkpoint(source, out, spec, layout="mlx", shard_size=BIG, force=force)

    (out / "model-00001-of-00002.safetensors").write_bytes(b"old")
    with pytest.raises(OutputError, match="out is not empty; --force replaces a checkpoint that is there"):
        convert()
    (out / "thesis.docx").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"out holds thesis\.docx, which is not of a checkpoint; it is not replaced"):
        convert(force=True)
    (out / "thesis.docx").unlink()
    convert(force=True)
    assert not (out / "model-00001-of-00002.safetensors").exists()
    assert load_published(out, preset="got-mini").layout == "mlx"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_checkpoint_is_not_written_over_itself(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    shutil.copytree(source, tmp_path / "here")
    (tmp_path / "file").touch()
    for target, message in [("here", "it is the checkpoint that is to be converted"), ("file", "it is a file")]:
        with pytest.raises(OutputError, match=message):
            convert_checkpoint(tmp_path / "here", tmp_path / target, spec, layout="mlx", shard_size=BIG, force=True)


def test_what_is_interrupted_leaves_nothing(
    source: Path, spec: CheckpointSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr2.checkpoints.tensor_names.Layout.to_stored", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        convert_checkpoint(source, tmp_path / "out", spec, layout="mlx", shard_size=BIG)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line(
    source: Path, spec: CheckpointSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("ocr2.checkpoints.tensor_names.Layout.to_stored", raising(full))
    with pytest.raises(OutputError, match=r"cannot write .*out: No space left on device"):
        convert_checkpoint(source, tmp_path / "out", spec, layout="mlx", shard_size=BIG)


def test_what_does_not_fit_is_not_converted(source: Path, spec: CheckpointSpec, tmp_path: Path) -> None:
    state = load_file(source / "model.safetensors")
    save_file({**state, "extra": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match="does not fit the original layout: unknown extra"):
        convert_checkpoint(tmp_path, tmp_path / "out", spec, layout="mlx", shard_size=BIG)


@pytest.mark.parametrize(
    ("layout", "dtype", "message"),
    [
        ("gguf", None, "got has no layout 'gguf'; expected one of: original, transformers, transformers 5, mlx"),
        ("mlx", "int8", "unknown dtype 'int8'; expected one of: float32, bfloat16, float16"),
    ],
)
def test_what_there_is_none_of_is_named(
    layout: str, dtype: str | None, message: str, source: Path, spec: CheckpointSpec, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        convert_checkpoint(source, tmp_path / "out", spec, layout=layout, dtype=dtype, shard_size=BIG)
