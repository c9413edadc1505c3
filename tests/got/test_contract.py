"""What every model of the registry must do, over tiny presets."""

import importlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ocr2.checkpoints.eight_bits import from_eight_bits, to_eight_bits
from ocr2.checkpoints.shipped import Shipped, load_shipped, save_shipped
from ocr2.errors import CheckpointError, ModelError
from ocr2.got.config import PRESETS
from ocr2.got.nano.reader import align_positions, load_vocabulary, read_drafts, soften
from ocr2.got.network import GOTModel
from ocr2.got.prompts import nano_prompt
from ocr2.models.registry import ROOMS, find, list_models

TINY = PRESETS["got-tiny"]

KNOWN = ", ".join(info.name for info in list_models())


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "fox"])  # it has no network of its own
def test_every_model_has_a_tiny_and_a_nano_preset(room: str) -> None:
    presets = importlib.import_module(f"ocr2.{room}.config").PRESETS
    assert any(name.endswith("-tiny") for name in presets)
    assert any(name.endswith("-nano") for name in presets)


def test_logits_are_finite_and_every_parameter_learns() -> None:
    torch.manual_seed(0)
    model = GOTModel(TINY).eval()
    pixels = torch.rand(2, 1, 32, 128)
    encoded = model.encode(pixels)
    prompt = nano_prompt(encoded.image_features.shape[1], image=1, task=4)
    logits = model(torch.tensor([prompt, prompt]), pixels)
    assert torch.isfinite(logits).all()
    assert encoded.draft_logits is not None
    (logits.sum() + encoded.draft_logits.logsumexp(-1).sum()).backward()
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert [name for name in silent if "k_proj.bias" not in name] == []


def load_tiny(path: Path) -> Shipped[GOTModel]:
    return load_shipped(lambda: GOTModel(TINY), path)


def test_saving_and_loading_keeps_the_model(tmp_path: Path) -> None:
    torch.manual_seed(1)
    model = GOTModel(TINY).eval()
    model.load_state_dict(from_eight_bits(to_eight_bits(model.state_dict())))  # what eight bits can say
    save_shipped(model, tmp_path / "tiny.safetensors", details={"temperature": 1.5})
    shipped = load_tiny(tmp_path / "tiny.safetensors")
    assert len(shipped.sha256) == 64
    assert shipped.details == {"temperature": 1.5}
    pixels = torch.rand(1, 1, 32, 64)
    with torch.no_grad():
        expected, found = model.encode(pixels), shipped.network.encode(pixels)
    torch.testing.assert_close(found.image_features, expected.image_features, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("damage", ["missing", "unknown", "shape"])
def test_weights_that_do_not_fit_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    save_shipped(GOTModel(TINY), path, details={})
    state = load_file(path)
    if damage == "missing":
        del state["draft_head.1.bias"]
    elif damage == "unknown":
        state["extra"] = torch.zeros(1)
    else:
        state["draft_head.1.bias"] = torch.zeros(3)
    save_file(state, path)
    message = r"missing draft_head\.1\.bias|unknown extra|draft_head\.1\.bias is \(3,\)"
    with pytest.raises(CheckpointError, match=message):
        load_tiny(path)


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.safetensors"
    path.write_text("hello")
    with pytest.raises(CheckpointError, match="is not a whole safetensors file"):
        load_tiny(path)
    with pytest.raises(CheckpointError, match="no weights at"):
        load_tiny(tmp_path / "absent.safetensors")


def test_an_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(
        ModelError,
        match=f"unknown model 'gpt'; expected one of: {KNOWN}",
    ):
        find("gpt")
    assert [info.name for info in list_models()] == [
        "got-nano", "got-nano-charts", "got", "onechart-nano", "onechart", "slowperception-nano", "slowperception",
        "vary-nano", "vary-tiny", "vary-toy", "fox",
    ]  # fmt: skip


def test_the_vocabulary_fits_the_decoder() -> None:
    assert load_vocabulary().vocab_size <= PRESETS["got-nano"].skeleton.decoder.vocab_size


def test_the_best_ctc_path_drops_blanks_and_repeats() -> None:
    logits = torch.full((1, 7, 4), -9.0)
    for column, label in enumerate([0, 3, 3, 0, 3, 2, 2]):
        logits[0, column, label] = 9
    (draft,) = read_drafts(logits)
    assert (draft.ids, draft.columns) == ([3, 3, 2], [1, 4, 5])
    assert all(p > -0.01 for p in draft.log_probs)


def test_positions_follow_the_draft_and_fill_gaps() -> None:
    assert align_positions([5, 6, 7], [5, 9, 7], [2, 4, 6], columns=10) == [2.0, 4.0, 6.0]
    assert align_positions([], [], [], columns=10) == []
    spread = align_positions([1, 2, 3, 4], [1, 4], [0, 9], columns=10)
    assert spread == sorted(spread)


def test_a_temperature_of_one_keeps_probabilities() -> None:
    assert soften(-0.1, 1.0) == pytest.approx(2.718281828**-0.1)
    assert soften(-0.1, 2.0) < soften(-0.1, 1.0)
