"""`ocr2 read --format speech` and `--speaker`."""

import shutil
import sys
import wave
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_fine, names_in, the_line

PROGRAM = """
import sys, wave
with wave.open(sys.argv[1], "wb") as sound:
    sound.setnchannels(1)
    sound.setsampwidth(2)
    sound.setframerate(8000)
    sound.writeframes(sys.argv[2].encode("utf-16-le"))
"""
SCRIPT = "Fixed words fixed words."


@pytest.fixture
def speaker(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A command that writes a text's characters as samples."""
    program = tmp_path_factory.mktemp("programs") / "speaker.py"
    program.write_text(PROGRAM)
    return f"{sys.executable} {program} {{wav}} {{text}}"


def heard(path: Path) -> str:
    with wave.open(str(path)) as sound:
        frames: bytes = sound.readframes(sound.getnframes())
    return frames.decode("utf-16-le").replace("\0", "")


def test_a_script_goes_to_standard_output_or_a_file(read: Run, picture: Path, tmp_path: Path) -> None:
    done = read(picture, "-f", "speech")
    assert_fine(done)
    assert done.stdout.lower() == f"{SCRIPT.lower()}\n"
    assert_fine(read(picture, "-o", tmp_path / "a.speech"))
    assert (tmp_path / "a.speech").read_text() == done.stdout


def test_a_speaker_reads_a_document_into_a_file(read: Run, pdf: Path, speaker: str, tmp_path: Path) -> None:
    assert_fine(read(pdf, "--speaker", speaker, "-o", tmp_path / "book.wav"))
    script = read(pdf, "-f", "speech").stdout
    assert "Page 2." in script
    assert heard(tmp_path / "book.wav") == script.replace("\n\n", "").rstrip("\n")


def test_sound_goes_into_a_folder_beside_other_formats(read: Run, picture: Path, speaker: str, tmp_path: Path) -> None:
    assert_fine(read(picture, "-f", "speech", "-f", "text", "--speaker", speaker, "-o", tmp_path / "out"))
    assert names_in(tmp_path / "out") == ["scan.txt", "scan.wav"]


def test_sound_needs_a_file(read: Run, picture: Path, speaker: str) -> None:
    done = read(picture, "--speaker", speaker)
    assert done.returncode == 2
    assert the_line(done) == "sound cannot go to standard output; name a file or folder with -o"


def test_a_speaker_is_for_speech(read: Run, picture: Path, speaker: str, tmp_path: Path) -> None:
    done = read(picture, "--speaker", speaker, "-f", "json", "-o", tmp_path / "a.json")
    assert done.returncode == 2
    assert the_line(done) == "--speaker is for --format speech, got json"


def test_a_speaker_that_is_not_there_is_told_before_anything_is_read(read: Run, picture: Path, tmp_path: Path) -> None:
    done = read(picture, "--speaker", "no-such-voice {text} {wav}", "-o", tmp_path / "a.wav")
    assert done.returncode == 3
    assert the_line(done) == "the speaker's program no-such-voice is not installed"


def test_a_speaker_that_fails_is_told_and_writes_nothing(read: Run, picture: Path, tmp_path: Path) -> None:
    done = read(
        picture,
        "--speaker",
        f"{sys.executable} -c 'raise SystemExit(\"no voice\")' {{wav}}",
        "-q",
        "-o",
        tmp_path / "a.wav",
    )
    assert done.returncode == 3
    assert the_line(done).endswith("failed with code 1: no voice")
    assert not (tmp_path / "a.wav").exists()


def test_a_command_without_a_place_for_sound_is_refused(read: Run, picture: Path, tmp_path: Path) -> None:
    done = read(picture, "--speaker", "echo {text}", "-o", tmp_path / "a.wav")
    assert done.returncode == 2
    assert the_line(done) == "the speaker's command must say where {wav} goes, got 'echo {text}'"


@pytest.mark.extras
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_espeak_reads_a_document_into_a_file(read: Run, pdf: Path, tmp_path: Path) -> None:
    assert_fine(read(pdf, "--speaker", "espeak-ng -v en -w {wav} {text}", "-o", tmp_path / "book.wav"))
    with wave.open(str(tmp_path / "book.wav")) as sound:
        assert 5 < sound.getnframes() / sound.getframerate() < 30
