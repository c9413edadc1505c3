"""Where results go: names that do not collide, places that can be written, documents that must not be overwritten."""

import logging
import re
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ocr2.cli.failures import ExitCode, abandon_output, report, say, stop_code
from ocr2.documents.sources import Source, left_out
from ocr2.errors import OutputError

logger = logging.getLogger(__name__)


def attempt(write: Callable[[], object], what: str, *, again: bool) -> ExitCode:
    """Write one result and return the exit code; a failure is reported.

    Args:
        write: Writes it.
        what: It is.
        again: Whether an interruption makes it start over once, as it is quick and must not be lost.
    """
    try:
        write()
    except KeyboardInterrupt as stop:
        if again:
            return max(stop_code(stop), attempt(write, what, again=False))
        say(f"interrupted; the {what} was not written")
        return stop_code(stop)
    except OSError as error:  # of standard output; files give an OutputError
        abandon_output()
        return ExitCode.OK if isinstance(error, BrokenPipeError) else report(error)
    except Exception as error:  # the boundary: one result must not cost the others
        logger.debug("%s", what, exc_info=True)
        return report(error)
    return ExitCode.OK


def count_of(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}" if len(things) == 1 else f"{len(things)} {name}s"


def require_other_files(targets: Sequence[Path], sources: Sequence[Source]) -> None:
    """Refuse to overwrite a document that is to be read, under whatever name."""
    read = {_identity(source.path) for source in sources if source.path is not None} - {None}
    for target in targets:
        if _identity(target) in read:
            raise OutputError(f"cannot write to {target}: it is a document that is to be read")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a regular file from all others; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def require_other_pictures(folder: Path, stems: set[str], sources: Sequence[Source]) -> None:
    """Refuse a folder of overlays where one could take the place of a document that is to be read."""
    for source in sources:
        match = re.fullmatch(r"(.+)-\d{4,}\.png", source.path.name) if source.path is not None else None
        if source.path is not None and match is not None and match[1] in stems and source.path.parent.samefile(folder):
            raise OutputError(f"cannot write overlays to {folder}: {source.name} is a document that is to be read")


def write_stdout(data: bytes) -> None:
    """Write a result to standard output at once."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def require_free_folders(folders: Sequence[Path], sources: Sequence[Source]) -> None:
    """Refuse folders for pictures that are files, or hold a document that is to be read."""
    for folder in folders:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"cannot write pictures to {folder}: it is a file")
        for source in sources:
            if source.path is not None and folder.is_dir() and source.path.parent.samefile(folder):
                raise OutputError(f"cannot write pictures to {folder}: {source.name} is a document that is to be read")


def tell_left_out(names: Sequence[str]) -> None:
    """Say which files of folders look like documents and are not read."""
    for path, why in left_out(names):
        say(f"{path} is left out: {why}")


def stems_of(sources: Sequence[Source]) -> dict[str, str]:
    """Give every source the stem of its results, with the folders below the one that was named.

    Files of one folder that differ in their suffix alone keep it; files of other folders that were named one by one
    and are called alike keep their folders.
    """
    wanted: dict[str, list[str]] = {}
    named = {source.name: source for source in sources}
    for name, source in named.items():
        inside = source.inside or Path(source.path.name if source.path is not None else "stdin")
        wanted.setdefault(inside.with_suffix("").as_posix(), []).append(name)
    stems: dict[str, str] = {}
    taken: set[str] = set()
    for stem, names in wanted.items():
        alike = [named[name] for name in names]
        for name in names:
            chosen = stem if len(names) == 1 else _own_stem(named[name], alike)
            while chosen in taken:
                chosen += "_"
            taken.add(chosen)
            stems[name] = chosen
    return stems


def _own_stem(source: Source, alike: Sequence[Source]) -> str:
    path = source.inside or source.path or Path("stdin")
    if source.path is None or all(other.path and other.path.parent == source.path.parent for other in alike):
        return path.name if source.inside is None else path.as_posix()
    return Path(*(part for part in path.parts if part not in (path.anchor, "..", "."))).with_suffix("").as_posix()


def require_folder(folder: Path) -> None:
    """Make a folder and try to write to it, before anything is read."""
    probe = folder / ".ocr2-write-test"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # another run may try the same folder
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}") from error
