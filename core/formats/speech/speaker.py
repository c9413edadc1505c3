"""Speech programs: any that turns text into a WAV file, and how its pieces of sound become one."""

import io
import shlex
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ocr2.errors import MissingToolError, SpeakerError

TEXT, WAV = "{text}", "{wav}"
PAUSE = 0.5  # seconds between pieces
EIGHT_BIT_SILENCE = b"\x80"  # samples of one byte are unsigned in WAV


class Speaker(Protocol):
    """What reads a text aloud."""

    def speak(self, text: str) -> bytes:
        """Return a text as sound: a WAV file of linear PCM, with the same rate, width and channels every time.

        Args:
            text: A few sentences, of at most half a minute as a rule.

        Raises:
            OCR2Error: If there is no sound; the message says why.
        """


@dataclass(frozen=True, slots=True)
class CommandSpeaker:
    """A speech program, started anew for every piece.

    The command is split as a shell would split it, but no shell runs: placeholders are filled in after that, so that
    nothing in a text can become another argument or command.

    Args:
        command: With `{wav}` where the name of the file goes that the program is to write, and `{text}` where the text
            goes; without `{text}` it goes to standard input.

    Raises:
        ValueError: If `{wav}` is missing, or the quotes do not match.
        MissingToolError: If the program is not there.
    """

    command: str
    _arguments: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            arguments = tuple(shlex.split(self.command))
        except ValueError as error:
            raise ValueError(f"the speaker's command {self.command!r} cannot be split: {error}") from error
        if not any(WAV in argument for argument in arguments[1:]):
            raise ValueError(f"the speaker's command must say where {WAV} goes, got {self.command!r}")
        if shutil.which(arguments[0]) is None:
            raise MissingToolError(f"the speaker's program {arguments[0]} is not installed")
        object.__setattr__(self, "_arguments", arguments)

    def speak(self, text: str) -> bytes:
        """Return what the program makes of a text.

        Raises:
            MissingToolError: If the program is gone.
            SpeakerError: If it fails, or writes nothing.
        """
        said = text.replace("\0", " ").encode(errors="replace").decode()
        program = self._arguments[0]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "piece.wav"
            arguments = [program, *(_filled(argument, said, str(path)) for argument in self._arguments[1:])]
            given = None if any(TEXT in argument for argument in self._arguments) else said.encode()
            try:
                done = subprocess.run(arguments, input=given or b"", capture_output=True, check=False)
            except FileNotFoundError as error:
                raise MissingToolError(f"the speaker's program {program} is not installed") from error
            except OSError as error:
                raise SpeakerError(f"{program} cannot be started: {error.strerror}") from error
            if done.returncode != 0:
                raise SpeakerError(f"{program} failed with code {done.returncode}{_last_line(done.stderr)}")
            if not path.is_file():
                raise SpeakerError(f"{program} wrote no file where {WAV} stands{_last_line(done.stderr)}")
            return path.read_bytes()


def speak_pieces(pieces: Iterable[str], speaker: Speaker) -> bytes:
    """Return pieces of a script as one WAV file, a short silence between two.

    Raises:
        OCR2Error: If the speaker fails, or its sounds do not go together.
    """
    parts: list[bytes] = []
    shape: tuple[int, int, int] | None = None
    for piece in pieces:
        found, frames = _frames(speaker.speak(piece))
        if shape is not None and found != shape:
            raise SpeakerError(f"pieces of sound differ: {_told(shape)}, then {_told(found)}")
        parts += [frames] if shape is None else [_silence(found), frames]
        shape = found
    if shape is None:
        raise ValueError("there is nothing to say")
    target = io.BytesIO()
    with wave.open(target, "wb") as joined:
        joined.setnchannels(shape[0])
        joined.setsampwidth(shape[1])
        joined.setframerate(shape[2])
        joined.writeframes(b"".join(parts))
    return target.getvalue()


def _filled(argument: str, text: str, path: str) -> str:
    # A text that begins with a hyphen would be taken for an option; what is put in is not looked at again.
    said = f" {text}" if argument == TEXT and text.startswith("-") else text
    return said.join(part.replace(WAV, path) for part in argument.split(TEXT))


def _frames(data: bytes) -> tuple[tuple[int, int, int], bytes]:
    """Return channels, bytes a sample and samples a second of a WAV file, and its samples."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            return (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()), sound.readframes(
                sound.getnframes()
            )
    except (wave.Error, EOFError) as error:
        reason = str(error) or "it ends too early"
        raise SpeakerError(f"the speaker's sound is no WAV file of linear PCM: {reason}") from error


def _silence(shape: tuple[int, int, int]) -> bytes:
    channels, width, rate = shape
    return (EIGHT_BIT_SILENCE if width == 1 else bytes(width)) * channels * round(PAUSE * rate)


def _told(shape: tuple[int, int, int]) -> str:
    return f"{shape[0]} x {8 * shape[1]} bits at {shape[2]} Hz"


def _last_line(errors: bytes) -> str:
    lines = errors.decode(errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {said}" if said else ""
