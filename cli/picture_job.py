"""Commands that read pictures one by one: outputs checked first, documents one by one, nothing read is lost."""

import functools
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.cli.failures import ExitCode, report, say, stop_code
from ocr2.cli.outputs import (
    attempt,
    count_of,
    require_folder,
    require_other_files,
    stems_of,
    tell_left_out,
    write_stdout,
)
from ocr2.cli.progress import Progress
from ocr2.documents.sources import Source, expand_sources
from ocr2.engine import Engine, ImageLike
from ocr2.errors import DocumentError
from ocr2.formats import save_bytes
from ocr2.formats.answers import ANSWER_SUFFIXES
from ocr2.models.registry import find_for
from ocr2.models.spec import Task
from ocr2.options import LoadOptions

RGB = NDArray[np.uint8]


class Result(Protocol):
    """What a picture became."""

    @property
    def page(self) -> int:
        """From 1, in its file."""

    @property
    def file(self) -> str:
        """Name of the document."""

    @property
    def error(self) -> str | None:
        """Why there is nothing; None if there is."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know."""


R = TypeVar("R", bound=Result)
OnResult = Callable[[R, ImageLike | None, int], None]


def never_doubtful(result: object) -> str | None:
    """Doubt nothing."""
    return None


def draw_nothing(result: object, picture: RGB) -> Image.Image:
    """Return the picture as it is."""
    return Image.fromarray(picture)


def _prepare_nothing(engine: Engine) -> None:
    """Refuse nothing."""


@dataclass(frozen=True, slots=True)
class PictureKind(Generic[R]):
    """What pictures are read as; what is not given is as for answers about pages."""

    task: Task
    read: "Callable[[Engine, Source, OnResult[R]], object]"  # tells each result of a source as it is done
    render: Callable[[Sequence[R], str], bytes]
    name: str = "page"  # name of one
    suffixes: Mapping[Any, str] = field(default_factory=lambda: ANSWER_SUFFIXES)  # by format; the default first
    how: str = "--format"  # names formats on the command line
    draw: Callable[[R, RGB], Image.Image] = field(default=draw_nothing)  # for a person to check
    doubt: Callable[[R], str | None] = field(default=never_doubtful)  # why a result is not as sure as was asked for
    prepare: "Callable[[Engine], None]" = field(default=_prepare_nothing)  # refuses options, once the model is there


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """What the user asked for."""

    files: Sequence[str]
    formats: Sequence[str]  # empty: what the suffix of `output` says, or the default
    output: Path | None
    drawing: Path | None
    quiet: bool


class PictureJob(Generic[R]):
    """One run.

    Args:
        settings: What the user asked for.
        kind: What pictures are read as.
        model: Name of the model.
        loading: How models are loaded.
    """

    def __init__(self, settings: PictureSettings, kind: PictureKind[R], model: str, loading: LoadOptions) -> None:
        self.model = find_for(kind.task, model).name
        self.loading = loading
        self.settings = settings
        self.kind = kind
        self.sources = expand_sources(settings.files)
        self.stems = stems_of(self.sources)
        self.folder = self._choose_folder()
        self.formats = self._choose_formats()
        self._try_places()

    def run(self) -> ExitCode:
        """Read everything; returns PAGE_FAILED if some picture could not be read or is not as sure as was asked for."""
        engine = Engine(self.loading, name=self.model)
        self.kind.prepare(engine)
        tell_left_out(self.settings.files)
        together: list[R] = []
        worst = ExitCode.OK
        with Progress(len(self.sources), quiet=self.settings.quiet) as progress:
            for source in self.sources:
                results, code = self._read(engine, source, progress)
                progress.clear()
                self._tell(results)
                together += results
                if self.folder is not None and results:
                    code = max(code, self._write(results, source))
                bad = any(result.error is not None or self.kind.doubt(result) is not None for result in results)
                worst = max(worst, code, ExitCode.PAGE_FAILED if bad else ExitCode.OK)
                if worst >= ExitCode.INTERRUPTED:
                    break
        if self.folder is None and together:
            worst = max(worst, self._write(together, None))
        return worst

    def _read(self, engine: Engine, source: Source, progress: Progress) -> tuple[list[R], ExitCode]:
        """Return the results of one document, as far as it was read, and the exit code of what stopped it."""
        results: list[R] = []
        drawn = ExitCode.OK

        def on_result(result: R, picture: ImageLike | None, count: int) -> None:
            nonlocal drawn
            results.append(result)
            progress.page(source.name, count)
            if self.settings.drawing is not None and picture is not None and result.error is None:
                path = self._drawing_path(source, result, several=count != 1)
                write = functools.partial(self._draw, result, np.asarray(picture), path)
                drawn = max(drawn, attempt(write, f"drawing of {source.name}", again=False))

        try:
            self.kind.read(engine, source, on_result)
        except KeyboardInterrupt as stop:
            progress.clear()
            say(f"interrupted; {count_of(results, self.kind.name)} of {source.name} were read and are kept")
            return results, stop_code(stop)
        except (DocumentError, ValueError) as error:  # the latter: a selection that fits the other documents
            progress.clear()
            return results, max(drawn, report(error))
        return results, drawn

    def _tell(self, results: Sequence[R]) -> None:
        for result in results:
            doubt = self.kind.doubt(result)
            if result.error is not None:
                say(result.error)
            elif doubt is not None:
                say(f"page {result.page} of {result.file}: {doubt}")
            for warning in result.warnings if not self.settings.quiet else ():
                say(f"page {result.page} of {result.file}: {warning}")

    def _write(self, results: Sequence[R], source: Source | None) -> ExitCode:
        """Write results in every format, whatever becomes of the others; returns the worst exit code."""
        codes = [ExitCode.OK]
        for format in self.formats:
            target = self._target(format, source)
            write = functools.partial(self._write_one, results, target, format)
            what = source.name if source is not None else f"{self.kind.name}s"
            codes.append(attempt(write, f"{format} of {what}", again=True))
        return max(codes)

    def _write_one(self, results: Sequence[R], target: Path | None, format: str) -> None:
        data = self.kind.render(results, format)
        if target is not None:
            save_bytes(target, data)
        else:
            write_stdout(data)

    def _target(self, format: str, source: Source | None) -> Path | None:
        if self.folder is None or source is None:
            return self.settings.output
        return self.folder / (self.stems[source.name] + self.kind.suffixes[format])

    def _drawing_path(self, source: Source, result: R, *, several: bool) -> Path:
        """Return where a drawing goes: the file that was named, or one named after it and the picture."""
        named = self.settings.drawing
        assert named is not None
        if len(self.sources) == 1 and not several:
            return named
        stem = self.stems[source.name].replace("/", "-")
        return named.with_name(f"{named.stem}-{stem}-{result.page:04}{named.suffix}")

    def _draw(self, result: R, picture: RGB, path: Path) -> None:
        require_other_files([path], self.sources)
        data = io.BytesIO()
        self.kind.draw(result, picture).save(data, "PNG", compress_level=1)
        save_bytes(path, data.getvalue())

    def _choose_folder(self) -> Path | None:
        """Return the folder of results; None for a file or standard output."""
        output = self.settings.output
        if output is None:
            return None
        return output if output.is_dir() or not (output.suffix or output.exists()) else None

    def _choose_formats(self) -> list[str]:
        """Return the formats that were asked for, or what the output's name says.

        Raises:
            ValueError: If the name says none, or several formats would go to one place.
        """
        formats, output = list(self.settings.formats), self.settings.output
        default = next(iter(self.kind.suffixes))
        if len(formats) > 1 and self.folder is None:
            place = "standard output" if output is None else f"one file, {output}"
            raise ValueError(f"{count_of(formats, 'format')} cannot go to {place}; name a folder with -o")
        if formats or output is None or self.folder is not None:
            return formats or [default]
        suffix = output.suffix.lower()
        named = next((format for format, known in self.kind.suffixes.items() if known == suffix), None)
        if named is None and output.suffix and (output.is_file() or not output.exists()):  # no pipe or device
            known = ", ".join(self.kind.suffixes.values())
            raise ValueError(f"{output.name} names no format; use one of the suffixes {known}, or {self.kind.how}")
        return [named or default]

    def _try_places(self) -> None:
        """Try the places of results before any picture is read.

        Raises:
            ValueError: If the drawing is not to be a PNG.
            OutputError: If a place cannot be written, or holds a document that is to be read.
        """
        output, drawing = self.settings.output, self.settings.drawing
        if self.folder is not None:
            require_folder(self.folder)
        elif output is not None and (output.is_file() or not output.exists()):  # no pipe or device
            require_folder((output.resolve() if output.is_symlink() else output).parent)
        targets = [self._target(format, source) for format in self.formats for source in self.sources]
        for parent in {target.parent for target in targets if target is not None and self.folder is not None}:
            require_folder(parent)
        require_other_files([target for target in targets if target is not None], self.sources)
        if drawing is not None:
            if drawing.suffix.lower() != ".png":
                raise ValueError(f"a drawing is a PNG, its name ends in .png; got {drawing}")
            require_folder((drawing.resolve() if drawing.is_symlink() else drawing).parent)
            require_other_files([drawing], self.sources)
