"""Carrying out `ocr2 chart`: outputs checked first, documents one by one, nothing read is lost."""

import functools
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr2.charts import Chart
from ocr2.cli.failures import ExitCode, report, say, stop_code
from ocr2.cli.outputs import attempt, count_of, require_folder, require_other_files, stems_of
from ocr2.cli.progress import Progress
from ocr2.documents.sources import Source, expand_sources, parse_pages
from ocr2.errors import DocumentError
from ocr2.formats import save_bytes
from ocr2.formats.chart_table import reliability_line
from ocr2.formats.charts import CHART_SUFFIXES, ChartFormat, chart_format_of, render_charts
from ocr2.reading.chart import ChartOptions, read_charts

RGB = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSettings:
    """What the user asked for."""

    files: Sequence[str]
    formats: Sequence[ChartFormat]  # empty: what the suffix of `output` says, or Markdown
    output: Path | None
    redraw: Path | None
    loading: dict[str, Any]  # arguments of `ocr2.registry.load_chart_reader`
    quiet: bool
    pages: str | None
    dpi: float
    password: str | None
    max_new_tokens: int | None
    min_confidence: float


class ChartJob:
    """One run of `ocr2 chart`."""

    def __init__(self, settings: ChartSettings) -> None:
        self.settings = settings
        self.options = ChartOptions(
            pages=parse_pages(settings.pages) if settings.pages is not None else None,
            dpi=settings.dpi,
            password=settings.password,
            max_new_tokens=settings.max_new_tokens,
            min_confidence=settings.min_confidence,
        )
        self.sources = expand_sources(settings.files)
        self.stems = stems_of(self.sources)
        self.folder = self._choose_folder()
        self.formats = self._choose_formats()
        self._try_places()

    def run(self) -> ExitCode:
        """Read everything; returns PAGE_FAILED if some chart could not be read or is not as sure as was asked for."""
        from ocr2.registry import load_chart_reader

        reader = load_chart_reader(**self.settings.loading)
        read = functools.partial(read_charts, reader=reader, options=self.options)
        together: list[Chart] = []
        worst = ExitCode.OK
        with Progress(len(self.sources), quiet=self.settings.quiet) as progress:
            for source in self.sources:
                charts, code = self._read(read, source, progress)
                progress.clear()
                self._tell(charts)
                together += charts
                if self.folder is not None and charts:
                    code = max(code, self._write(charts, source))
                bad = any(chart.error is not None or chart.doubtful for chart in charts)
                worst = max(worst, code, ExitCode.PAGE_FAILED if bad else ExitCode.OK)
                if worst >= ExitCode.INTERRUPTED:
                    break
        if self.folder is None and together:
            worst = max(worst, self._write(together, None))
        return worst

    def _read(self, read: Any, source: Source, progress: Progress) -> tuple[list[Chart], ExitCode]:
        """Return the charts of one document, as far as they were read, and the exit code of what stopped it."""
        charts: list[Chart] = []
        drawn = ExitCode.OK

        def on_chart(chart: Chart, picture: RGB | None, count: int) -> None:
            nonlocal drawn
            charts.append(chart)
            progress.page(source.name, count)
            if self.settings.redraw is not None and picture is not None and chart.error is None:
                path = self._redraw_path(source, chart, several=count != 1)
                write = functools.partial(self._redraw, chart, picture, path)
                drawn = max(drawn, attempt(write, f"drawing of {source.name}", again=False))

        try:
            read(source, on_chart=on_chart)
        except KeyboardInterrupt as stop:
            progress.clear()
            say(f"interrupted; {count_of(charts, 'chart')} of {source.name} were read and are kept")
            return charts, stop_code(stop)
        except (DocumentError, ValueError) as error:  # the latter: a selection that fits the other documents
            progress.clear()
            return charts, max(drawn, report(error))
        return charts, drawn

    def _tell(self, charts: Sequence[Chart]) -> None:
        for chart in charts:
            if chart.error is not None:
                say(chart.error)
            elif chart.doubtful:
                say(f"page {chart.page} of {chart.file}: {reliability_line(chart)}")
            for warning in chart.warnings if not self.settings.quiet else ():
                say(f"page {chart.page} of {chart.file}: {warning}")

    def _write(self, charts: Sequence[Chart], source: Source | None) -> ExitCode:
        """Write charts in every format, whatever becomes of the others; returns the worst exit code."""
        codes = [ExitCode.OK]
        for format in self.formats:
            target = self._target(format, source)
            write = functools.partial(_write_charts, charts, target, format)
            codes.append(attempt(write, f"{format} of {source.name if source is not None else 'charts'}", again=True))
        return max(codes)

    def _target(self, format: ChartFormat, source: Source | None) -> Path | None:
        if self.folder is None or source is None:
            return self.settings.output
        return self.folder / (self.stems[source.name] + CHART_SUFFIXES[format])

    def _redraw_path(self, source: Source, chart: Chart, *, several: bool) -> Path:
        """Return where a drawing goes: the file that was named, or one named after it and the chart."""
        named = self.settings.redraw
        assert named is not None
        if len(self.sources) == 1 and not several:
            return named
        return named.with_name(f"{named.stem}-{self.stems[source.name]}-{chart.page:04}{named.suffix}")

    def _redraw(self, chart: Chart, picture: RGB, path: Path) -> None:
        from ocr2.reading.redraw import redraw

        require_other_files([path], self.sources)
        data = io.BytesIO()
        redraw(chart, picture).save(data, "PNG", compress_level=1)
        save_bytes(path, data.getvalue())

    def _choose_folder(self) -> Path | None:
        """Return the folder of results; None for a file or standard output."""
        output = self.settings.output
        if output is None:
            return None
        return output if output.is_dir() or not (output.suffix or output.exists()) else None

    def _choose_formats(self) -> list[ChartFormat]:
        """Return the formats that were asked for, or what the output's name says.

        Raises:
            ValueError: If the name says none, or several formats would go to one place.
        """
        formats, output = list(self.settings.formats), self.settings.output
        if len(formats) > 1 and self.folder is None:
            place = "standard output" if output is None else f"one file, {output}"
            raise ValueError(f"{count_of(formats, 'format')} cannot go to {place}; name a folder with -o")
        if formats or output is None or self.folder is not None:
            return formats or ["markdown"]
        named = chart_format_of(output)
        if named is None and output.suffix and (output.is_file() or not output.exists()):  # no pipe or device
            known = ", ".join(CHART_SUFFIXES.values())
            raise ValueError(f"{output.name} names no format; use one of the suffixes {known}, or --json or the like")
        return [named or "markdown"]

    def _try_places(self) -> None:
        """Try the places of results before any chart is read.

        Raises:
            ValueError: If the drawing is not to be a PNG.
            OutputError: If a place cannot be written, or holds a document that is to be read.
        """
        output, drawing = self.settings.output, self.settings.redraw
        if self.folder is not None:
            require_folder(self.folder)
        elif output is not None and (output.is_file() or not output.exists()):  # no pipe or device
            require_folder((output.resolve() if output.is_symlink() else output).parent)
        targets = [self._target(format, source) for format in self.formats for source in self.sources]
        require_other_files([target for target in targets if target is not None], self.sources)
        if drawing is not None:
            if drawing.suffix.lower() != ".png":
                raise ValueError(f"a drawing is a PNG, its name ends in .png; got {drawing}")
            require_folder((drawing.resolve() if drawing.is_symlink() else drawing).parent)
            require_other_files([drawing], self.sources)


def _write_charts(charts: Sequence[Chart], target: Path | None, format: ChartFormat) -> None:
    data = render_charts(charts, format)
    if target is not None:
        save_bytes(target, data)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
