"""Carrying out `ocr2 read`: outputs checked first, documents one by one, nothing read is lost."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from ocr2.cli.failures import ExitCode, report, say, stop_code
from ocr2.cli.outputs import (
    attempt,
    count_of,
    require_folder,
    require_free_folders,
    require_other_files,
    require_other_pictures,
    stems_of,
    tell_left_out,
    write_stdout,
)
from ocr2.cli.progress import Progress
from ocr2.documents.sources import Source, expand_sources
from ocr2.engine import Engine
from ocr2.errors import DocumentError
from ocr2.formats import (
    format_of,
    known_suffixes,
    parts_of,
    pictures_folder,
    render_document,
    save_document,
)
from ocr2.formats.document.notations import page_notations
from ocr2.formats.document.registry import FORMATS
from ocr2.formats.speech.save import save_speech
from ocr2.formats.speech.speaker import Speaker
from ocr2.models.registry import find_for
from ocr2.options import LoadOptions, ReadOptions
from ocr2.results.document import Document, Format, Page

SOUND_SUFFIX = ".wav"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for."""

    files: Sequence[str]
    formats: Sequence[str]  # empty: what the suffix of `output` says, or text
    output: Path | None
    overlay: Path | None
    review: Path | None
    model: str
    loading: LoadOptions
    quiet: bool
    read: ReadOptions
    speaker: Speaker | None = None  # makes sound of speech


class ReadJob:
    """One run of `ocr2 read`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.spec = find_for("read", settings.model)
        self.sources = expand_sources(settings.files)
        self.stems = stems_of(self.sources)
        self.formats = self._choose_formats()
        self.targets = self._plan_outputs()
        self.options = self._with_markup()

    def run(self) -> ExitCode:
        """Read everything; returns PAGE_FAILED if some page or document could not be read."""
        engine = Engine(self.settings.loading, name=self.spec.name)
        tell_left_out(self.settings.files)
        worst = ExitCode.OK
        with Progress(len(self.sources), quiet=self.settings.quiet) as progress:
            for source in self.sources:
                try:
                    code = self._one(engine, source, progress)
                except (DocumentError, ValueError) as error:  # the latter: a selection that fits the other documents
                    progress.clear()
                    code = report(error)
                worst = max(worst, code)
                if worst >= ExitCode.INTERRUPTED:
                    break
        return worst

    def _with_markup(self) -> ReadOptions:
        """Ask a model for its markup if a format is made of it.

        Raises:
            ValueError: If the model has none, and a format can be made of nothing else.
        """
        options, name = self.settings.read, self.spec.name
        wanted = [format for format in self.formats if FORMATS[format].from_markup]
        only = [format for format in wanted if FORMATS[format].extracted]
        if self.spec.reads_whole_pages and self._takes_file:
            raise ValueError(f"a searchable PDF needs the places of words; {name} gives none")
        if wanted and self.spec.reads_whole_pages:
            return replace(options, whole_page=replace(options.whole_page, markup=True))
        if only:
            raise ValueError(f"{', '.join(only)}: from models that read whole pages, {name} reads lines")
        return options

    def _one(self, engine: Engine, source: Source, progress: Progress) -> ExitCode:
        """Read and write one document; what was read before an interruption is written too."""
        document, stop = self._read(engine, source, progress)
        progress.clear()
        if stop is not None and not document.pages:
            say(f"interrupted; 0 pages of {source.name} were read and are kept")
            return stop_code(stop)
        written = self._write(source, document)
        if stop is not None:
            self._tell_pages(source, document)
            kept = " and are kept" if written == ExitCode.OK else ""
            say(f"interrupted; {len(document.pages)} pages of {source.name} were read{kept}")
            return stop_code(stop)
        for warning in document.warnings if not self.settings.quiet else ():
            say(f"{source.name}: {warning}")
        self._tell_pages(source, document)
        failed = ExitCode.PAGE_FAILED if document.failed_pages else ExitCode.OK
        return max(written, failed, self._tell_notations(source, document))

    def _read(self, engine: Engine, source: Source, progress: Progress) -> tuple[Document, KeyboardInterrupt | None]:
        """Return the document as far as it was read, and what stopped it if anything did."""
        from ocr2.reading.read import assemble_document

        pages: list[Page] = []
        total = 0

        def on_page(page: Page, count: int) -> None:
            nonlocal total
            total = count
            pages.append(page)
            progress.page(source.name, count)

        try:
            return engine.read(source, self.options, on_page=on_page), None
        except KeyboardInterrupt as stop:
            warning = f"cut short by an interruption: {len(pages)} of {total} pages were read"
            return assemble_document(pages, source, engine, self.options, [warning]), stop

    def _tell_pages(self, source: Source, document: Document) -> None:
        for page in document.pages:
            if page.error is not None:
                say(page.error)
            for warning in page.warnings if not self.settings.quiet else ():
                say(f"page {page.number} of {source.name}: {warning}")

    def _tell_notations(self, source: Source, document: Document) -> ExitCode:
        """Tell which pages lack a notation that was asked for, or hold one that is wrong; lacking it is a failure."""
        worst = ExitCode.OK
        for page, found in page_notations(document, self.formats):
            if not page.blocks and self.options.whole_page.multi_page:
                continue  # its text is in another page
            lacks = not found.text
            worst = max(worst, ExitCode.PAGE_FAILED if lacks else ExitCode.OK)
            if lacks or (found.valid is False and not self.settings.quiet):
                say(f"page {page.number} of {source.name}: {'' if lacks else f'{found.kind}: '}{found.reason}")
        return worst

    def _write(self, source: Source, document: Document) -> ExitCode:
        """Write every result that was asked for, whatever becomes of the others; returns the worst exit code."""
        codes = [ExitCode.OK]
        for format in self.formats:
            target = self.targets[source.name, format]
            write = functools.partial(_write_result, document, target, format, self.settings.speaker)
            is_quick = not FORMATS[format].from_file and not self._is_sound(format)
            codes.append(attempt(write, f"{format} of {source.name}", again=is_quick))
        if self.settings.overlay is not None:
            from ocr2.reading.pages.overlay import save_overlays

            stem = self._flat_stem(source)
            draw = functools.partial(
                save_overlays, document, source, self.settings.overlay, stem=stem, options=self.options
            )
            codes.append(attempt(draw, f"overlay of {source.name}", again=False))
        if self.settings.review is not None:
            from ocr2.reading.pages.review import save_review

            path = self.settings.review / f"{self._flat_stem(source)}-review.html"
            look = functools.partial(save_review, document, source, path, options=self.options)
            codes.append(attempt(look, f"review of {source.name}", again=False))
        return max(codes)

    def _flat_stem(self, source: Source) -> str:
        return self.stems[source.name].replace("/", "-")

    def _choose_formats(self) -> list[Format]:
        """Return the formats that were asked for, or what the output's name says; slow ones come last."""
        if self.settings.formats:
            asked = [cast("Format", f) for f in dict.fromkeys(self.settings.formats)]
            if self.settings.speaker is not None and "speech" not in asked:
                raise ValueError(f"--speaker is for --format speech, got {', '.join(asked)}")
            return sorted(asked, key=lambda format: FORMATS[format].from_file or self._is_sound(format))
        if self.settings.speaker is not None:
            return ["speech"]
        output = self.settings.output
        if output is None or output.is_dir():
            return ["text"]
        named = format_of(output)
        is_new_or_file = output.is_file() or not output.exists()  # no pipe or device
        if named is None and output.suffix and is_new_or_file and len(self.sources) == 1:
            known = f"use one of the suffixes {known_suffixes()}, or --format"
            raise ValueError(f"{output.name} names no format; {known}")
        return [named or "text"]

    def _plan_outputs(self) -> dict[tuple[str, Format], Path | None]:
        """Decide where every result goes, and try the places before any page is read.

        Raises:
            ValueError: If several results would go to one place, or a format needs what is not there.
            OutputError: If a place cannot be written, or holds a document that is to be read.
        """
        if self._takes_file and any(s.path is None for s in self.sources):
            raise ValueError("a searchable PDF takes its pictures from a file, got standard input")
        targets = self._choose_targets()
        require_other_files([path for path in targets.values() if path is not None], self.sources)
        if self.settings.read.regions:
            places = [path for (_, format), path in targets.items() if path is not None and format == "markdown"]
            require_free_folders([pictures_folder(path) for path in places], self.sources)
        if self.settings.review is not None:
            require_folder(self.settings.review)
        if self.settings.overlay is not None:
            require_folder(self.settings.overlay)
            require_other_pictures(
                self.settings.overlay, {stem.replace("/", "-") for stem in self.stems.values()}, self.sources
            )
        return targets

    def _choose_targets(self) -> dict[tuple[str, Format], Path | None]:
        output = self.settings.output
        several = len(self.sources) * len(self.formats) > 1
        sound = any(map(self._is_sound, self.formats))
        one = "sound" if sound else "a PDF"
        what = f"{count_of(self.sources, 'document')} in {count_of(self.formats, 'format')}" if several else one
        if output is None:
            if several or sound or self._takes_file:
                raise ValueError(f"{what} cannot go to standard output; name a file or folder with -o")
            return {(s.name, f): None for s in self.sources for f in self.formats}
        if several and format_of(output) is not None and not output.is_dir():
            raise ValueError(f"{what} cannot go to one file, {output}; name a folder with -o")
        if several or output.is_dir() or not (output.suffix or output.exists()):
            require_folder(output)
            targets = {(s.name, f): output / self._file_name(s, f) for s in self.sources for f in self.formats}
            for parent in {target.parent for target in targets.values()} - {output}:
                require_folder(parent)
            return dict(targets)
        if output.is_file() or not output.exists():  # no pipe or device
            require_folder((output.resolve() if output.is_symlink() else output).parent)
        return {(self.sources[0].name, self.formats[0]): output}

    def _file_name(self, source: Source, format: Format) -> str:
        row = FORMATS[format]
        return self.stems[source.name] + (SOUND_SUFFIX if self._is_sound(format) else row.own_suffix or row.suffix)

    def _is_sound(self, format: Format) -> bool:
        """Return whether a format is read aloud."""
        return format == "speech" and self.settings.speaker is not None

    @property
    def _takes_file(self) -> bool:
        """Whether a result is made out of the file that is read."""
        return any(FORMATS[format].from_file for format in self.formats)


def _write_result(document: Document, target: Path | None, format: Format, speaker: Speaker | None) -> None:
    if target is not None and format == "speech" and speaker is not None:
        save_speech(document, target, speaker)
        return
    if target is not None:
        save_document(document, target, format)
        return
    if format == "markdown" and parts_of(document):
        say(f"{count_of(parts_of(document), 'picture')} are linked, and written only with -o")
    write_stdout(render_document(document, format))
