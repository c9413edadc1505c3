"""From exceptions to one line and an exit code."""

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from enum import IntEnum
from types import FrameType

import typer

from ocr2.errors import (
    CheckpointError,
    DocumentError,
    MissingToolError,
    ModelError,
    OCR2Error,
    OutputError,
    SpeakerError,
)


class ExitCode(IntEnum):
    """Exit codes of the command line."""

    OK = 0
    PAGE_FAILED = 1  # some page or document could not be read; the others were
    USAGE = 2  # wrong use: an option, a name, a page range, an output that cannot be written
    ENVIRONMENT = 3  # the machine, the installation, the model's weights, or a program that was started
    INTERRUPTED = 130
    TERMINATED = 143


class Terminated(KeyboardInterrupt):
    """SIGTERM came, which stops a run as Ctrl-C does."""


@contextlib.contextmanager
def needing(extra: str, what: str) -> Iterator[None]:
    """Say, where a package of an extra is missing, what needs it and how it is installed."""
    try:
        yield
    except ImportError as error:
        raise MissingToolError(f"{what} {error.name}: install ocr2[{extra}]") from error


def run_guarded(app: typer.Typer, *, debug: bool) -> int:
    """Run the app and return its exit code, messages on stderr, a traceback only with `debug`."""
    _show_log(debug)
    try:
        with _termination_raised():
            return _run(app)
    except typer.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, typer.Abort) as stop:
        say("interrupted")
        return stop_code(stop)
    except BrokenPipeError:
        abandon_output()  # whoever read it has left
        return ExitCode.OK
    except typer.TyperException as error:
        message = error.format_message()
        if message:  # there is none where the help was printed instead
            say(message)
        return ExitCode.USAGE
    except Exception as error:  # the door: nothing may leave as a traceback
        if debug:
            traceback.print_exc()
        if isinstance(error, OSError):
            abandon_output()
        return report(error)


def _run(app: typer.Typer) -> int:
    if "_OCR2_COMPLETE" in os.environ:  # a shell asks what could follow
        app(prog_name="ocr2")
    # Not through `app`, which would turn a broken pipe or Ctrl-C into exit codes of its own.
    command = typer.main.get_command(app)
    with command.make_context("ocr2", sys.argv[1:]) as context:
        result = command.invoke(context)
    sys.stdout.flush()
    return result if isinstance(result, int) else ExitCode.OK


@contextlib.contextmanager
def _termination_raised() -> Iterator[None]:
    """Let SIGTERM raise `Terminated`."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def stop_code(stop: BaseException) -> ExitCode:
    """Return the exit code of a run that was stopped from outside."""
    return ExitCode.TERMINATED if isinstance(stop, Terminated) else ExitCode.INTERRUPTED


def abandon_output() -> None:
    """Drop what standard output could not take, or Python would try again at exit and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Messages(logging.Handler):
    """Log records of the rooms as lines on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())
        if record.exc_info is not None:
            traceback.print_exception(record.exc_info[1])


def _show_log(debug: bool) -> None:
    logger = logging.getLogger("ocr2")
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
    if not any(isinstance(handler, _Messages) for handler in logger.handlers):
        logger.addHandler(_Messages())


def report(error: Exception) -> ExitCode:
    """Print one line for an error and return its exit code."""
    if isinstance(error, MissingToolError | CheckpointError | ModelError | SpeakerError):
        say(str(error))
        return ExitCode.ENVIRONMENT
    if isinstance(error, DocumentError):
        say(str(error))
        return ExitCode.PAGE_FAILED
    if isinstance(error, OutputError | OCR2Error | ValueError | TypeError):
        say(str(error))
        return ExitCode.USAGE
    if isinstance(error, ImportError):
        say(f"{error}; the installation is incomplete, see `ocr2 doctor`")
        return ExitCode.ENVIRONMENT
    if isinstance(error, OSError) and error.strerror:
        say(f"{error.filename or 'output'}: {error.strerror}")
        return ExitCode.USAGE
    say(f"{type(error).__name__}: {error} (run again with --debug for details)")
    return ExitCode.ENVIRONMENT


def say(message: str) -> None:
    """Print one line on stderr."""
    print(f"ocr2: {' '.join(message.split())}", file=sys.stderr, flush=True)
