"""What the registry finds in the room, and a checkpoint that is named or was fetched."""

import dataclasses
from pathlib import Path

import pytest

from ocr2.checkpoints.hub import fetch
from ocr2.cli.models import describe_model
from ocr2.errors import CheckpointError, ModelError
from ocr2.models.loading import weights_of
from ocr2.models.registry import find, load
from ocr2.onechart.config import PRESETS
from ocr2.onechart.models import MODELS
from ocr2.onechart.reader import PublishedReader
from ocr2.onechart.releases import RELEASES
from ocr2.options import LoadOptions
from tests.hub import Hub
from tests.onechart.checkpoints import MINI, original_state, random_model, write_checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("loading") / "mini", original_state(random_model()))


@pytest.fixture(autouse=True)
def mini(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model named `onechart` have the dimensions of these checkpoints."""
    monkeypatch.setitem(PRESETS, "onechart", MINI)


def test_a_folder_is_loaded_by_name(folder: Path) -> None:
    reader = load("onechart", LoadOptions(weights=folder, device="cpu", dtype="float32"))
    assert isinstance(reader, PublishedReader)
    assert (reader.name, len(reader.weights_sha256)) == ("onechart", 64)


def test_without_weights_it_says_what_fetches_them(hub_cache: Path) -> None:
    with pytest.raises(CheckpointError, match=r"`ocr2 models download onechart` fetches 526 MB"):
        load("onechart", LoadOptions(device="cpu", dtype="float32"))
    with pytest.raises(CheckpointError, match="onechart are not on this machine"):
        weights_of(find("onechart"))


def test_both_licences_are_shown(hub_cache: Path) -> None:
    shown = describe_model("onechart")
    assert "Apache-2.0" in shown["licence"]
    assert "research" in shown["licence"]
    assert "research" in shown["notice"]
    assert "not here" in shown["release original"]
    assert RELEASES[0].revision == "79212de2f520694e534e58240f228eff351d536c"


def test_what_was_fetched_is_found(folder: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    release = hub.publish({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    monkeypatch.setitem(MODELS, "onechart", dataclasses.replace(MODELS["onechart"], releases=(release,)))
    valid = fetch(release)
    assert weights_of(find("onechart")) == valid
    assert load("onechart", LoadOptions(device="cpu", dtype="float32")).name == "onechart"


def test_fewer_bits_need_a_cpu(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr("ocr2.models.loading.choose_device", lambda name: torch.device("meta"))
    with pytest.raises(ModelError, match="quantize=int8 works on the CPU alone"):
        load("onechart", LoadOptions(weights=folder, device="cuda", dtype="float32", quantize="int8"))
