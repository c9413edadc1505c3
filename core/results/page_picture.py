"""What was cut out of a page: a picture, and what it was read as. Plain frozen data, no torch."""

from dataclasses import dataclass, field

from ocr2.results.box import Box
from ocr2.results.chart import Chart
from ocr2.results.figure import Trace


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture on a page."""

    name: str  # of its file, without an ending: "page-1-chart-2"
    box: Box  # that was cut out, pixels of the page: the region with a little around it
    picture: bytes = field(repr=False)  # PNG
    chart: Chart | None = None  # its values, in pixels of the cut-out picture
    trace: Trace | None = None  # its geometry, likewise
    error: str | None = None  # why it was only cut out, if it could have been read
