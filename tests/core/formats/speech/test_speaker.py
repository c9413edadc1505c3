"""Speech programs: how they are called, and what becomes of their sound."""

import io
import shutil
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import ocr2
from ocr2.formats.speech.speaker import PAUSE, CommandSpeaker, speak_pieces
from ocr2.results.document import Block, Document

RATE = 8000
PROGRAM = """
import sys, wave
with wave.open(sys.argv[1], "wb") as sound:
    sound.setnchannels(1)
    sound.setsampwidth(2)
    sound.setframerate(8000)
    text = sys.argv[2] if len(sys.argv) > 2 else sys.stdin.read()
    sound.writeframes(text.encode("utf-16-le"))
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A program that writes a text's characters as samples: its command."""
    (tmp_path / "my speaker.py").write_text(PROGRAM)
    return f"{sys.executable} '{tmp_path / 'my speaker.py'}' {{wav}}"


def sound(frames: bytes, width: int = 2, rate: int = RATE) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(width)
        written.setframerate(rate)
        written.writeframes(frames)
    return target.getvalue()


def frames_of(data: bytes) -> bytes:
    with wave.open(io.BytesIO(data)) as read:
        frames: bytes = read.readframes(read.getnframes())
    return frames


@dataclass
class Recorder:
    """A speaker that gives sounds one after the other, and keeps what it was asked for."""

    sounds: list[bytes]
    said: list[str] = field(default_factory=list)

    def speak(self, text: str) -> bytes:
        self.said.append(text)
        return self.sounds[len(self.said) - 1]


@pytest.mark.parametrize(
    "text", ["Hello.", "{wav} {text}", "$(touch x); 'quoted' \"twice\" `y` | z", "żółć", "two\nlines"]
)
@pytest.mark.parametrize("how", ["{text}", ""], ids=["argument", "standard input"])
def test_a_program_is_given_the_text_as_it_is(program: str, how: str, text: str) -> None:
    assert frames_of(CommandSpeaker(f"{program} {how}").speak(text)).decode("utf-16-le") == text


def test_a_text_cannot_be_taken_for_an_option(program: str) -> None:
    assert frames_of(CommandSpeaker(f"{program} {{text}}").speak("--help")).decode("utf-16-le") == " --help"


def test_placeholders_may_stand_inside_of_arguments(program: str) -> None:
    speaker = CommandSpeaker(f"{program} 'say: {{text}}'")
    assert frames_of(speaker.speak("\0x")).decode("utf-16-le") == "say:  x"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("espeak {text}", "must say where {wav} goes, got 'espeak {text}'"),
        ("", "must say where {wav} goes"),
        ("{wav}", "must say where {wav} goes"),
        ("say 'open {wav}", "cannot be split: No closing quotation"),
    ],
)
def test_a_command_that_cannot_be_used_is_refused(command: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("{", r"\{")):
        CommandSpeaker(command)


def test_a_program_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(ocr2.MissingToolError, match="the speaker's program no-such-voice is not installed"):
        CommandSpeaker("no-such-voice {text} {wav}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('no voice of that name')", "failed with code 1: no voice of that name"),
        ("pass", r"wrote no file where \{wav\} stands"),
        ("import sys; open(sys.argv[1], 'w').write('noise')", "no WAV file of linear PCM"),
        ("import sys; open(sys.argv[1], 'w')", "no WAV file of linear PCM: it ends too early"),
    ],
)
def test_a_program_that_fails_is_told(code: str, message: str) -> None:
    speaker = CommandSpeaker(f'{sys.executable} -c "{code}" {{wav}}')
    with pytest.raises(ocr2.SpeakerError, match=message):
        speak_pieces(["Hello."], speaker)


@pytest.mark.parametrize(("width", "silence"), [(1, b"\x80"), (2, b"\0\0")])
def test_pieces_become_one_file_with_silence_between(width: int, silence: bytes) -> None:
    one, two = b"\1" * 8 * width, b"\2" * 4 * width
    recorder = Recorder([sound(one, width), sound(two, width)])
    assert frames_of(speak_pieces(["First.", "Second."], recorder)) == one + silence * round(PAUSE * RATE) + two
    assert recorder.said == ["First.", "Second."]


def test_pieces_of_different_rates_are_refused() -> None:
    with pytest.raises(ocr2.SpeakerError, match="1 x 16 bits at 8000 Hz, then 1 x 16 bits at 16000 Hz"):
        speak_pieces(["a", "b"], Recorder([sound(b"\0\0"), sound(b"\0\0", rate=16000)]))


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(ValueError, match="there is nothing to say"):
        speak_pieces([], Recorder([]))


def test_a_document_is_spoken_piece_by_piece(make_document: Callable[..., Document], tmp_path: Path) -> None:
    document = make_document(Block("heading", "Rain", None, 1.0, (), 1), Block("paragraph", "It falls", None, 1.0, ()))
    speaker: ocr2.Speaker = Recorder([sound(b"\0\0")] * 2)
    assert document.speak(tmp_path / "a.wav", speaker) == tmp_path / "a.wav"
    assert isinstance(speaker, Recorder)
    assert speaker.said == ["Heading: Rain.", "It falls."]


@pytest.mark.extras
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
def test_espeak_reads_a_document_in_pieces_of_half_a_minute(make_document: Callable[..., Document]) -> None:
    lines = "The rain in October fell on 18 days, more than in any year before. " * 30
    document = make_document(Block("paragraph", lines, None, 1.0, ()))
    speaker = CommandSpeaker("espeak-ng -v en -s 150 -w {wav} {text}")
    pieces = document.to_speech().rstrip("\n").split("\n\n")
    assert len(pieces) > 4
    seconds = []
    for piece in pieces:
        with wave.open(io.BytesIO(speaker.speak(piece))) as read:
            seconds.append(read.getnframes() / read.getframerate())
    assert max(seconds) < 35  # its pauses between sentences are not counted
    assert min(seconds[:-1]) > 15
    with wave.open(io.BytesIO(speak_pieces(pieces, speaker))) as whole:
        assert whole.getnframes() / whole.getframerate() == pytest.approx(
            sum(seconds) + PAUSE * (len(pieces) - 1), 0.01
        )
