"""`ocr2 models`: downloading, checking and converting released checkpoints, against a hub on this machine."""

import dataclasses
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import ocr2
from ocr2.checkpoints.releases import Release
from ocr2.got.config import PRESETS
from ocr2.got.models import MODELS
from ocr2.got.releases import RELEASES
from tests.got.test_published import original_state, random_model, write_checkpoint
from tests.hub import COMMIT, Hub, serving

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("got") / "mini", original_state(random_model()))


@pytest.fixture
def release(hub: Hub, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A release of a small checkpoint, which takes the place of GOT's."""
    published = hub.publish({path.name: path.read_bytes() for path in sorted(checkpoint.iterdir())})
    monkeypatch.setitem(MODELS, "got", dataclasses.replace(MODELS["got"], releases=(published,)))
    monkeypatch.setitem(PRESETS, "got", PRESETS["got-mini"])
    return published


class Terminal(io.StringIO):
    """Somebody who answers questions."""

    def isatty(self) -> bool:
        return True


def read_page(run: Run, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    Image.new("L", (64, 64), 255).save(tmp_path / "page.png")
    return run("read", tmp_path / "page.png", "--model", "got", "--max-new-tokens", "2", "--quiet", *arguments)


def test_a_model_is_downloaded_once_and_then_read_with_offline(
    run: Run, hub: Hub, release: Release, hub_cache: Path, tmp_path: Path
) -> None:
    folder = hub_cache / "models--someone--model" / "snapshots" / COMMIT
    done = run("models", "download", "got", "--yes")
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")
    assert done.stderr.splitlines() == [
        f"ocr2: got: someone/model, revision 0123456789ab, 3 files, {release.size / 1e6:.1f} MB",
        "ocr2: licence: a licence. A notice.",
    ]
    hub.requests.clear()
    again = run("models", "download", "got")
    assert (again.returncode, again.stdout, again.stderr) == (0, f"{folder}\n", "")
    assert run("models", "path", "got").stdout == f"{folder}\n"
    assert [line.split()[:2] for line in run("models", "list").stdout.splitlines()] == [
        ["got-nano", "shipped"],
        ["got-nano-charts", "shipped"],
        ["got", "cached"],
        ["onechart-nano", "shipped"],
        ["onechart", "external"],
        ["slowperception-nano", "shipped"],
        ["slowperception", "external"],
        ["vary-nano", "shipped"],
        ["vary-tiny", "external"],
        ["vary-toy", "external"],
        ["fox", "external"],
    ]
    assert str(folder) in run("models", "info", "got").stdout
    assert read_page(run, tmp_path).returncode == 0
    assert read_page(run, tmp_path, "--weights", "someone/model").returncode == 0
    assert ocr2.load("got", weights="someone/model").name == "got"
    assert hub.requests == []


@pytest.mark.usefixtures("release")
def test_nothing_is_fetched_unless_download_is_asked_for(run: Run, hub: Hub, tmp_path: Path) -> None:
    for done in (
        read_page(run, tmp_path),
        read_page(run, tmp_path, "--weights", "someone/model"),
        run("models", "path", "got"),
        run("models", "verify", "got"),
        run("models", "convert", "got", "someone/model", tmp_path / "out"),
    ):
        assert done.returncode == 3
        (line,) = done.stderr.splitlines()
        assert "`ocr2 models download got` fetches " in line
    assert run("models", "list").returncode == run("models", "info", "got").returncode == 0
    assert hub.requests == []


@pytest.mark.usefixtures("release")
def test_where_nobody_can_be_asked_yes_is_needed(run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    done = run("models", "download", "got")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ocr2: nobody can be asked here: --yes accepts the licence (a licence) and the ")
    assert hub.requests == []


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(("answer", "files"), [("n\n", 0), ("\n", 0), ("y\n", 3)])
def test_the_licence_and_the_size_come_before_the_question(
    answer: str, files: int, run: Run, hub_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = run("models", "download", "got")
    assert done.returncode == 0
    assert done.stderr.index("A notice.") < done.stderr.index("MB? [y/N]")
    assert ("nothing was downloaded" in done.stderr) == (files == 0)
    assert len(list(hub_cache.rglob("snapshots/*/*"))) == files


@pytest.mark.usefixtures("release")
def test_a_folder_of_ones_own_is_filled_and_checked(run: Run, hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "got"
    assert run("models", "download", "got", "--to", folder, "--yes").stdout == f"{folder}\n"
    hub.requests.clear()
    done = run("models", "verify", "got", "--weights", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        dict(line.split(maxsplit=1) for line in done.stdout.splitlines()).items()
        >= {
            "layout": "original",
            "tensors": "96",
            "parameters": "4,944,760",
            "dtype": "float32",
            "release": "someone/model",
        }.items()
    )
    (folder / "config.json").write_text('{"architectures": ["GOTQwenForCausalLM"], "more": 1}')
    done = run("models", "verify", "got", "--weights", folder)
    assert done.returncode == 3
    assert "does not fit got: config.json has 52 bytes, expected " in done.stderr
    assert hub.requests == []


def test_verify_needs_no_folder_once_it_is_downloaded(run: Run, release: Release, hub_cache: Path) -> None:
    run("models", "download", "got", "--yes")
    assert run("models", "verify", "got").returncode == 0
    (blob,) = (path for path in hub_cache.rglob("qwen.tiktoken"))
    blob.write_bytes(blob.read_bytes()[:-1] + b"\r")
    done = run("models", "verify", "got")
    assert done.returncode == 3
    assert "qwen.tiktoken has the sha256 " in done.stderr


@pytest.mark.usefixtures("release")
def test_what_goes_wrong_on_the_way_is_code_3_and_one_line(run: Run, hub: Hub) -> None:
    path = f"/someone/model/resolve/{COMMIT}/model.safetensors"
    data = hub.files[path]
    hub.files[path] = data[:-4]
    done = run("models", "download", "got", "--yes")
    assert done.returncode == 3
    assert done.stderr.splitlines()[2].startswith("ocr2: what came from someone/model was not kept: model.safetensors")
    hub.files[path] = data
    hub.cut_after[path] = [0] * 20
    done = run("models", "download", "got", "--yes")
    assert done.returncode == 3
    assert done.stderr.splitlines()[2].startswith("ocr2: cannot fetch model.safetensors of someone/model: ")
    assert len(done.stderr.splitlines()) == 3
    assert run("models", "path", "got").returncode == 3


def test_an_unknown_release_names_the_known_ones(run: Run) -> None:
    done = run("models", "download", "got", "--release", "mlx")
    assert (done.returncode, done.stderr) == (2, "ocr2: got has no release 'mlx'; expected one of: hf, original\n")


@pytest.mark.parametrize("command", ["download", "verify"])
def test_there_is_nothing_to_download_of_what_is_shipped(run: Run, command: str) -> None:
    done = run("models", command, "got-nano")
    assert done.returncode == 3
    assert done.stderr.startswith("ocr2: the weights of got-nano come with the package")


@pytest.mark.usefixtures("hub_cache")
def test_convert_says_what_it_wrote(
    run: Run, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, "got", PRESETS["got-mini"])
    out = tmp_path / "out"
    done = run("models", "convert", "got", checkpoint, out, "--layout", "transformers 5", "--dtype", "bfloat16")
    assert done.returncode == 0
    assert done.stderr == "ocr2: tokenizer.json was made from qwen.tiktoken; it gives the same ids\n"
    lines = done.stdout.splitlines()
    assert lines[0] == f"{out}: original -> transformers 5, bfloat16, 9.89 MB"
    assert sorted(path.name for path in out.iterdir()) == [line.strip() for line in lines[1:]]
    again = run("models", "convert", "got", checkpoint, out)
    assert (again.returncode, again.stderr) == (
        2,
        f"ocr2: {out} is not empty; --force replaces a checkpoint that is there\n",
    )
    assert run("models", "convert", "got", out, out).returncode == 2
    wrong = run("models", "convert", "got", checkpoint, tmp_path / "b", "--shard-size", "many")
    assert (wrong.returncode, wrong.stdout) == (2, "")


def test_the_environment_says_where_the_hub_is_and_whether_to_ask_it(tmp_path: Path) -> None:
    """As another process, with the real releases: which address is asked, for which commit, and that it is not."""
    command = [sys.executable, "-c", "from ocr2.cli.main import main; main()", "models", "download", "got", "--yes"]
    with serving() as hub:
        settings = {"HF_HOME": str(tmp_path), "HF_ENDPOINT": hub.address, "NO_PROXY": "127.0.0.1"}
        offline = os.environ | settings | {"HF_HUB_OFFLINE": "1"}
        done = subprocess.run(command, env=offline, capture_output=True, text=True, check=False)
        assert (done.returncode, hub.requests) == (3, [])
        assert "HF_HUB_OFFLINE forbids to fetch it" in done.stderr
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 3
    assert f"HEAD /stepfun-ai/GOT-OCR-2.0-hf/resolve/{RELEASES[0].revision}/config.json" in hub.requests
