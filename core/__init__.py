"""ocr2: read what people draw to be read.

    >>> import ocr2
    >>> ocr2.__version__
    '0.1.0'

`read`, `chart`, `trace` and the others import the heavy parts when they are called.
"""

from ocr2.api import chart, load, read, read_charts, read_traces, trace
from ocr2.looking import ask, detect, focus
from ocr2.results.answer import Detection, Focused, Place, Reply
from ocr2.results.chart import Chart, ChartValue, Reliability, Series
from ocr2.results.document import Block, Document, Line, Page, Word
from ocr2.results.figure import Circle, Relation, Segment, Trace
from ocr2.results.region import Region

__version__ = "0.1.0"
__all__ = [
    "Block",
    "Chart",
    "ChartValue",
    "Circle",
    "Detection",
    "Document",
    "Focused",
    "Line",
    "Page",
    "Place",
    "Region",
    "Relation",
    "Reliability",
    "Reply",
    "Segment",
    "Series",
    "Trace",
    "Word",
    "__version__",
    "ask",
    "chart",
    "detect",
    "focus",
    "load",
    "read",
    "read_charts",
    "read_traces",
    "trace",
]
