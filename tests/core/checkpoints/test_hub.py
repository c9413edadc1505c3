"""Fetching a release from a hub: only what is asked for, checked, and never twice."""

import dataclasses
import json
import shutil
import struct
from pathlib import Path

import pytest

from ocr2.checkpoints.hub import fetch, find, is_there, locate
from ocr2.checkpoints.releases import Release, ReleasedFile, parse_size
from ocr2.errors import CheckpointError
from tests.hub import COMMIT, Hub

FILES = {"config.json": b'{"a": 1}', "qwen.tiktoken": bytes(range(256)) * 40, "model.safetensors": b"weights" * 5000}
PATH = f"/someone/model/resolve/{COMMIT}/"


@pytest.fixture
def release(hub: Hub) -> Release:
    return hub.publish(FILES)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_release_is_fetched_once_and_then_found_without_a_request(hub: Hub, release: Release) -> None:
    assert find(release) is None
    folder = fetch(release)
    assert contents(folder) == FILES
    assert find(release) == folder
    assert all(request.split()[1].startswith((PATH, "/api/")) for request in hub.requests)
    hub.requests.clear()
    assert fetch(release) == folder
    assert locate("mini", None, [release]).folder == folder
    assert locate("mini", Path("someone/model"), [release]).release == release
    assert hub.requests == []


def test_only_the_files_of_the_release_are_asked_for(hub: Hub, release: Release) -> None:
    hub.files[f"{PATH}modeling.py"] = b"print('code')"
    hub.files[f"{PATH}pytorch_model.bin"] = b"pickle"
    fetch(release)
    asked = {request.rsplit("/", 1)[1] for request in hub.requests if "/resolve/" in request}
    assert asked == set(FILES)


@pytest.mark.parametrize("name", ["modeling_GOT.py", "pytorch_model.bin", "a/config.json", "x.pkl"])
def test_a_release_names_neither_code_nor_pickles(name: str) -> None:
    with pytest.raises(ValueError, match="a released file has no folder and ends in"):
        ReleasedFile(name, 1)


def test_what_other_programs_fetched_from_the_main_branch_is_found(hub_cache: Path, hub: Hub, release: Release) -> None:
    other = hub.publish(FILES, revision="f" * 40)
    folder = fetch(other)
    (hub_cache / "models--someone--model" / "refs").mkdir(exist_ok=True)
    (hub_cache / "models--someone--model" / "refs" / "main").write_text("f" * 40)
    hub.requests.clear()
    assert find(release) == fetch(release) == folder
    assert hub.requests == []


def test_a_download_that_breaks_off_goes_on_where_it_was(hub: Hub, release: Release) -> None:
    hub.cut_after[f"{PATH}model.safetensors"] = [10_000]
    assert contents(fetch(release)) == FILES
    assert hub.asked_for("model.safetensors") == 2


def test_a_download_that_keeps_breaking_off_leaves_nothing_behind(hub: Hub, release: Release) -> None:
    hub.cut_after[f"{PATH}model.safetensors"] = [10_000] + [0] * 20
    with pytest.raises(CheckpointError, match=r"cannot fetch model\.safetensors of someone/model: ") as caught:
        fetch(release)
    assert "\n" not in str(caught.value)
    assert find(release) is None
    with pytest.raises(CheckpointError, match="only 2 of the 3 files of someone/model are: `ocr2 models"):
        locate("mini", None, [release])
    hub.cut_after.clear()
    hub.requests.clear()
    assert contents(fetch(release)) == FILES
    assert hub.asked_for("config.json") == 0


def test_other_content_than_the_release_says_is_refused_and_removed(hub: Hub, release: Release) -> None:
    hub.files[f"{PATH}model.safetensors"] = b"Weights" + FILES["model.safetensors"][7:]
    with pytest.raises(CheckpointError, match=r"what came from someone/model was not kept: .* has the sha256 "):
        fetch(release)
    hub.files[f"{PATH}model.safetensors"] = b"short"
    with pytest.raises(CheckpointError, match="has 5 bytes, expected 35,000 bytes"):
        fetch(release)
    assert find(release) is None


def test_what_was_damaged_in_the_cache_is_fetched_anew(hub: Hub, release: Release) -> None:
    folder = fetch(release)
    for data in (b"short", b"Weights" + FILES["model.safetensors"][7:]):
        (folder / "model.safetensors").write_bytes(data)
        hub.requests.clear()
        assert contents(fetch(release)) == FILES
        assert hub.asked_for("model.safetensors") == 1
        assert hub.asked_for("config.json") == 0


def test_without_a_hash_weights_say_themselves_whether_they_are_whole(hub: Hub, hub_cache: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    whole = struct.pack("<Q", len(header)) + header + bytes(8)
    release = hub.publish({"config.json": b"{}", "model.safetensors": whole})
    unhashed = dataclasses.replace(release, files=tuple(ReleasedFile(file.name, 99) for file in release.files))
    assert (fetch(unhashed) / "model.safetensors").read_bytes() == whole
    for broken in (whole[:-1], whole[:12], b"", b"\xff" * 40):
        shutil.rmtree(hub_cache)
        hub.files[f"{PATH}model.safetensors"] = broken
        with pytest.raises(CheckpointError, match=r"model\.safetensors has .* bytes, expected the whole file"):
            fetch(unhashed)


def test_nothing_is_fetched_while_the_hub_is_to_be_left_alone(
    hub: Hub, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match=r"config\.json of someone/model is not on this machine, and HF_HUB_OFFL"):
        fetch(release)
    assert hub.requests == []


def test_a_hub_that_does_not_answer_is_one_line(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/{filename}"
    )
    with pytest.raises(CheckpointError, match=r"cannot fetch config\.json of someone/model: .*[Rr]efused") as caught:
        fetch(release)
    assert "\n" not in str(caught.value)


def test_a_file_that_the_hub_does_not_have_is_named(hub: Hub, release: Release) -> None:
    del hub.files[f"{PATH}qwen.tiktoken"]
    with pytest.raises(CheckpointError, match=r"cannot fetch qwen\.tiktoken of someone/model: .*404"):
        fetch(release)


def test_a_release_goes_into_a_folder_of_ones_own(hub: Hub, release: Release, tmp_path: Path) -> None:
    folder = tmp_path / "got"
    assert fetch(release, folder=folder) == folder
    assert contents(folder) == FILES
    assert find(release) is None
    assert is_there(release, folder=folder)
    hub.requests.clear()
    assert fetch(release, folder=folder) == folder
    assert hub.requests == []


def test_a_folder_is_filled_from_the_cache(hub: Hub, release: Release, tmp_path: Path) -> None:
    fetch(release)
    hub.requests.clear()
    assert contents(fetch(release, folder=tmp_path / "got")) == FILES
    assert hub.requests == []


def test_nothing_in_a_folder_is_lost(release: Release, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"holds notes\.txt, which is no file of someone/model; name an empty folder"):
        fetch(release, folder=tmp_path)
    (tmp_path / "notes.txt").rename(tmp_path / "config.json")
    with pytest.raises(ValueError, match=r"holds another file of that name: config\.json has 4 bytes, expected 8"):
        fetch(release, folder=tmp_path)
    assert (tmp_path / "config.json").read_text() == "mine"


def test_weights_are_located_by_folder_or_by_the_id_of_what_is_cached(hub: Hub, tmp_path: Path) -> None:
    release = hub.publish(FILES)
    other = dataclasses.replace(release, name="other", hub_id="another/model")
    assert locate("mini", tmp_path, [release]).folder == tmp_path
    (tmp_path / "a.safetensors").touch()
    for path, message in [
        (tmp_path / "a.safetensors", "is a file; expected the folder of a released checkpoint, tokenizer included"),
        (tmp_path / "absent", "no folder "),
        (Path("someone/model"), "someone/model is not on this machine: `ocr2 models download mini` fetches 45.2 kB"),
        (Path("another/model"), "another/model is not .*: `ocr2 models download mini --release other` fetches 45.2 kB"),
        (Path("someone/else"), "no folder someone/else, and no model of that id in the cache of the hub"),
        (
            None,
            "the weights of mini are not on this machine: `ocr2 models download mini` fetches 45.2 kB, or name",
        ),
    ]:
        with pytest.raises(CheckpointError, match=message):
            locate("mini", path, [release, other])
    tuned = fetch(hub.publish(FILES, hub_id="someone/tuned"))
    refs = tuned.parents[1] / "refs"
    refs.mkdir(exist_ok=True)
    (refs / "main").write_text(COMMIT)
    hub.requests.clear()
    assert locate("mini", Path("someone/tuned"), [release]).folder == tuned
    assert hub.requests == []


@pytest.mark.parametrize("text", ["", "2", "GB", "-1GB", "0GB", "2TB", "1e9"])
def test_a_size_needs_its_unit(text: str) -> None:
    with pytest.raises(ValueError, match="a size is a number with GB, MB or kB"):
        parse_size(text)
