"""ocr2: read what people draw to be read.

    >>> import ocr2
    >>> ocr2.__version__
    '0.1.0'

`read`, `chart`, `read_charts` and `load` import the heavy parts when they are called.
"""

from ocr2.api import chart, load, read, read_charts
from ocr2.charts import Chart, ChartValue, Reliability, Series
from ocr2.results import Block, Document, Line, Page, Word

__version__ = "0.1.0"
__all__ = [
    "Block",
    "Chart",
    "ChartValue",
    "Document",
    "Line",
    "Page",
    "Reliability",
    "Series",
    "Word",
    "__version__",
    "chart",
    "load",
    "read",
    "read_charts",
]
