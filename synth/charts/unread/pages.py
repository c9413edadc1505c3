"""Pictures of unread and readable charts, with their kinds: drawn with Matplotlib, or cut out of PDFs of libraries."""

import functools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium

from ocr2.synth.charts.libraries.browser import SIZES, print_specs, script_files
from ocr2.synth.charts.unread import diagrams, fields, polar, statistics
from ocr2.synth.charts.unread.canvas import MAX_SIDE, MIN_SIDE, RGB, Draw, Rng, draw_picture, worn
from ocr2.synth.charts.unread.echarts import ECHARTS_KINDS, echarts_unread
from ocr2.synth.charts.unread.empty import draw_empty
from ocr2.synth.charts.unread.gnuplot import GNUPLOT_KINDS, plot_gnuplot
from ocr2.synth.charts.unread.plotly import PLOTLY_KINDS, plotly_unread
from ocr2.synth.charts.unread.r import R_KINDS, plot_r
from ocr2.synth.charts.unread.readable import draw_readable
from ocr2.synth.charts.unread.vega import VEGA_KINDS, vega_unread

READABLE, NO_CHART = "readable", "no-chart"
MATPLOTLIB: dict[str, tuple[Draw, ...]] = {
    "box": (statistics.box, statistics.box, statistics.seaborn_box),
    "violin": (statistics.violin,),
    "heat-map": (statistics.heat_map, statistics.heat_map, statistics.binned),
    "contour": (fields.contour,),
    "vector-field": (fields.vector_field,),
    "3-d": (fields.surface, fields.surface, fields.surface, fields.solid_bars, fields.solid_pie),
    "radar": (polar.radar,),
    "candlestick": (statistics.candlestick,),
    "gauge": (polar.gauge,),
    "map": (diagrams.region_map,),
    "treemap": (diagrams.treemap,),
    "sunburst": (polar.sunburst,),
    "sankey": (diagrams.sankey,),
    "network": (diagrams.network,),
    "parallel": (diagrams.parallel,),
    "other": (diagrams.other,),
}
Print = Callable[[Sequence[str], Rng, Path], None]  # writes a PDF with a page a kind


@dataclass(frozen=True, slots=True)
class KindSample:
    """A picture of a chart."""

    picture: RGB  # (height, width, 3)
    kind: str  # one of `ocr2.charts.kinds.UNREAD_KINDS`, or READABLE or NO_CHART
    source: str  # the library that drew it


def draw_with_matplotlib(kind: str, rng: Rng) -> RGB:
    """Draw a chart of a kind, a readable one, or a picture without a chart."""
    drawers = MATPLOTLIB.get(kind, (draw_empty if kind == NO_CHART else draw_readable,))
    return draw_picture(drawers[int(rng.integers(len(drawers)))], rng)


def printers(packages: Path | None) -> dict[str, tuple[tuple[str, ...], Print]]:
    """Return, by library, the kinds that it draws and the function that prints them.

    Args:
        packages: Folder of unpacked npm packages; None leaves out what needs a browser.
    """
    known: dict[str, tuple[tuple[str, ...], Print]] = {
        "gnuplot": (GNUPLOT_KINDS, plot_gnuplot),
        "r": (R_KINDS, plot_r),
        "vega-lite": (VEGA_KINDS, _print_vega),
    }
    if packages is not None:
        files = script_files(packages)
        for name, kinds in (("echarts", ECHARTS_KINDS), ("plotly", PLOTLY_KINDS)):
            known[name] = kinds, functools.partial(_print_browser, name, files[name].parent)
    return known


def draw_with_library(library: str, packages: Path | None, count: int, rng: Rng) -> Iterator[KindSample]:
    """Yield unread charts of a library, `count` of each kind that it draws."""
    kinds, draw = printers(packages)[library]
    asked = [kind for kind in kinds for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "charts.pdf")
        draw(asked, rng, path)
        for picture, kind in zip(pictures_of(path, rng), asked, strict=True):
            yield KindSample(picture, kind, library)


def pictures_of(path: Path, rng: Rng) -> Iterator[RGB]:
    """Yield the pages of a PDF as pictures of many sizes, some compressed with loss."""
    pdf = pdfium.PdfDocument(path)
    for page in pdf:
        longer = max(page.get_size())
        own = 96 / 72 * longer  # pixels, as browsers and office programs show it
        side = own if rng.random() < 0.4 else float(np.exp(rng.uniform(np.log(MIN_SIDE), np.log(MAX_SIDE))))
        image = page.render(scale=side / longer, fill_color=(255, 255, 255, 255)).to_numpy()
        yield worn(np.ascontiguousarray(image[..., 2::-1]), rng)
    pdf.close()


def _print_browser(library: str, folder: Path, kinds: Sequence[str], rng: Rng, path: Path) -> None:
    sizes = [SIZES[library][int(rng.integers(len(SIZES[library])))] for _ in kinds]
    if library == "plotly":
        made = [plotly_unread(kind, rng, size) for kind, size in zip(kinds, sizes, strict=True)]
    else:
        made = [echarts_unread(kind, rng, i) for i, kind in enumerate(kinds)]
    print_specs(library, folder, made, sizes, path)


def _print_vega(kinds: Sequence[str], rng: Rng, path: Path) -> None:
    import vl_convert

    whole = pdfium.PdfDocument.new()
    for kind in kinds:
        part = pdfium.PdfDocument(vl_convert.vegalite_to_pdf(dict(vega_unread(kind, rng))))
        whole.import_pages(part)
        part.close()
    whole.save(path)
    whole.close()
