"""ocr2: read what people draw to be read.

    >>> import ocr2
    >>> ocr2.__version__
    '0.1.0'

`read`, `chart`, `trace` and the others import the heavy parts when they are called; `docs/api.md` shows them all.
"""

import logging

from ocr2.api import ask, chart, detect, focus, load, page_dependence, read, read_charts, read_traces, trace
from ocr2.engine import Engine
from ocr2.errors import (
    CheckpointError,
    DocumentError,
    MissingToolError,
    ModelError,
    OCR2Error,
    OutputError,
    PageTimeoutError,
    SpeakerError,
)
from ocr2.formats.speech.speaker import CommandSpeaker, Speaker
from ocr2.options import (
    AskOptions,
    ChartOptions,
    DetectOptions,
    FigureOptions,
    FocusOptions,
    LoadOptions,
    PageOptions,
    ReadOptions,
    Where,
    WholePageOptions,
)
from ocr2.results.answer import Detection, Focused, Place, Reply
from ocr2.results.box import Box
from ocr2.results.chart import Chart, ChartValue, Reliability, Series
from ocr2.results.document import Block, Document, Line, Page, Word
from ocr2.results.figure import Circle, Relation, Segment, Trace
from ocr2.results.page_dependence import PageDependence
from ocr2.results.page_picture import PagePicture
from ocr2.results.region import Region

logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"
__all__ = [
    "AskOptions",
    "Block",
    "Box",
    "Chart",
    "ChartOptions",
    "ChartValue",
    "CheckpointError",
    "Circle",
    "CommandSpeaker",
    "DetectOptions",
    "Detection",
    "Document",
    "DocumentError",
    "Engine",
    "FigureOptions",
    "FocusOptions",
    "Focused",
    "Line",
    "LoadOptions",
    "MissingToolError",
    "ModelError",
    "OCR2Error",
    "OutputError",
    "Page",
    "PageDependence",
    "PageOptions",
    "PagePicture",
    "PageTimeoutError",
    "Place",
    "ReadOptions",
    "Region",
    "Relation",
    "Reliability",
    "Reply",
    "Segment",
    "Series",
    "Speaker",
    "SpeakerError",
    "Trace",
    "Where",
    "WholePageOptions",
    "Word",
    "__version__",
    "ask",
    "chart",
    "detect",
    "focus",
    "load",
    "page_dependence",
    "read",
    "read_charts",
    "read_traces",
    "trace",
]
