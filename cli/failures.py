"""From exceptions to one line and an exit code."""

import os
import sys
import traceback
from enum import IntEnum

import click
import typer
from ocr2.errors import CheckpointError, DocumentError, ModelError, OCR2Error, OutputError


class ExitCode(IntEnum):
    """Exit codes of the command line."""

    OK = 0
    PAGE_FAILED = 1  # some page or document could not be read; the others were
    USAGE = 2  # wrong use: an option, a name, a page range, an output that cannot be written
    ENVIRONMENT = 3  # the machine, the installation or the model's weights
    INTERRUPTED = 130


def run_guarded(app: typer.Typer, *, debug: bool) -> int:
    """Run the app and return its exit code, messages on stderr, a traceback only with `debug`."""
    try:
        result = typer.main.get_command(app)(standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else ExitCode.OK
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except click.ClickException as error:
        say(error.format_message())
        return ExitCode.USAGE
    except Exception as error:  # the door: nothing may leave as a traceback
        if debug:
            traceback.print_exc()
        return report(error)


def report(error: Exception) -> ExitCode:
    """Print one line for an error and return its exit code."""
    if isinstance(error, DocumentError):
        say(str(error))
        return ExitCode.PAGE_FAILED
    if isinstance(error, CheckpointError | ModelError):
        say(str(error))
        return ExitCode.ENVIRONMENT
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
