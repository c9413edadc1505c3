"""Carrying out `ocr2 read`: outputs checked first, documents one by one, nothing read is lost."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ocr2
from ocr2.cli.failures import ExitCode, report, say
from ocr2.cli.progress import Progress
from ocr2.documents.sources import Source, expand_sources, parse_pages
from ocr2.errors import DocumentError, OutputError
from ocr2.formats import SUFFIXES, format_of, render_document, save_document
from ocr2.results import Document, Format, Page


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user asked for."""

    files: Sequence[str]
    formats: Sequence[str]  # empty: what the suffix of `output` says, or text
    output: Path | None
    overlay: Path | None
    model: str
    weights: Path | None
    device: str
    dtype: str
    quiet: bool
    read: dict[str, Any]  # arguments of `Engine.read`


class ReadJob:
    """One run of `ocr2 read`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.formats = self._choose_formats()
        if settings.read["pages"] is not None:
            parse_pages(settings.read["pages"])  # refuse a bad range before the model loads
        self.sources = expand_sources(settings.files)
        self.stems = _stems(self.sources)
        self.targets = self._plan_outputs()

    def run(self) -> ExitCode:
        """Read everything; returns PAGE_FAILED if some page or document could not be read."""
        from ocr2.reading.read import ReadOptions

        ReadOptions(**{name: self.settings.read[name] for name in ("dpi", "min_confidence", "page_timeout")})
        engine = ocr2.load(
            self.settings.model,
            weights=self.settings.weights,
            device=self.settings.device,
            dtype=self.settings.dtype,
        )
        worst = ExitCode.OK
        with Progress(len(self.sources), quiet=self.settings.quiet) as progress:
            for source in self.sources:
                try:
                    code = self._one(engine, source, progress)
                except (DocumentError, ValueError) as error:  # the latter: a selection that fits the other documents
                    progress.clear()
                    code = report(error)
                worst = max(worst, code)
                if worst == ExitCode.INTERRUPTED:
                    break
        return worst

    def _one(self, engine: "ocr2.api.Engine", source: Source, progress: Progress) -> ExitCode:
        """Read and write one document; what was read before an interruption is written too."""
        from ocr2.reading.structure import level_headings

        pages: list[Page] = []

        def on_page(page: Page, count: int) -> None:
            pages.append(page)
            progress.page(source.name, page, count)

        interrupted = False
        try:
            document = engine.read(cast("Any", source), on_page=on_page, **self.settings.read)
        except KeyboardInterrupt:
            interrupted = True
            document = Document(
                source.name,
                level_headings(pages),
                engine.name,
                engine.weights_sha256,
                self.settings.read["min_confidence"],
            )
        progress.clear()
        self._tell(source, document)
        if pages or not interrupted:
            self._write(source, document)
        if interrupted:
            say(f"interrupted; {len(pages)} pages of {source.name} were read and are kept")
            return ExitCode.INTERRUPTED
        return ExitCode.PAGE_FAILED if document.failed_pages else ExitCode.OK

    def _tell(self, source: Source, document: Document) -> None:
        for page in document.pages:
            if page.error is not None:
                say(page.error)
            for warning in page.warnings if not self.settings.quiet else ():
                say(f"page {page.number} of {source.name}: {warning}")

    def _write(self, source: Source, document: Document) -> None:
        for format in self.formats:
            target = self.targets[source.name, format]
            if target is None:
                sys.stdout.buffer.write(render_document(document, format))
                sys.stdout.buffer.flush()
            else:
                save_document(document, target, format)
        if self.settings.overlay is not None:
            from ocr2.reading.overlay import save_overlays

            save_overlays(document, source, self.settings.overlay, stem=self.stems[source.name])

    def _choose_formats(self) -> list[Format]:
        if self.settings.formats:
            return [cast("Format", f) for f in dict.fromkeys(self.settings.formats)]
        output = self.settings.output
        named = format_of(output) if output is not None and not output.is_dir() else None
        return [named or "text"]

    def _plan_outputs(self) -> dict[tuple[str, Format], Path | None]:
        """Decide where every result goes, and try the places before any page is read.

        Raises:
            ValueError: If several results would go to standard output, or a format needs what is not there.
            OutputError: If a place cannot be written.
        """
        output = self.settings.output
        if self.settings.overlay is not None:
            _require_folder(self.settings.overlay)
        if "searchable-pdf" in self.formats and any(s.path is None for s in self.sources):
            raise ValueError("a searchable PDF takes its pictures from a file, got standard input")
        several = len(self.sources) * len(self.formats) > 1
        if output is None:
            if several or "searchable-pdf" in self.formats:
                what = f"{len(self.sources)} documents in {len(self.formats)} formats" if several else "a PDF"
                raise ValueError(f"{what} cannot go to standard output; name a file or folder with -o")
            return {(s.name, f): None for s in self.sources for f in self.formats}
        if several or output.is_dir() or not (output.suffix or output.exists()):
            _require_folder(output)
            return {(s.name, f): output / self._file_name(s, f) for s in self.sources for f in self.formats}
        if output.is_file() or not output.exists():  # no pipe or device
            _require_folder(output.parent)
        return {(self.sources[0].name, self.formats[0]): output}

    def _file_name(self, source: Source, format: Format) -> str:
        return self.stems[source.name] + (".ocr.pdf" if format == "searchable-pdf" else SUFFIXES[format])


def _stems(sources: Sequence[Source]) -> dict[str, str]:
    """Give every source the stem of its results: equal names must not overwrite each other."""
    paths = {source.name: source.path or Path("stdin") for source in sources}
    count = Counter(path.stem for path in paths.values())
    stems: dict[str, str] = {}
    for name, path in paths.items():
        parts = [part for part in path.parts if part not in (path.anchor, "..", ".")]
        stem = path.stem if count[path.stem] == 1 else "_".join(parts)
        while stem in stems.values():
            stem += "_"
        stems[name] = stem
    return stems


def _require_folder(folder: Path) -> None:
    probe = folder / ".ocr2-write-test"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # another run may try the same folder
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}") from error
