"""ocr2: read what people draw to be read.

    >>> import ocr2
    >>> ocr2.__version__
    '0.1.0'

`read` and `load` import the heavy parts when they are called.
"""

from ocr2.api import load, read
from ocr2.results import Block, Document, Line, Page, Word

__version__ = "0.1.0"
__all__ = ["Block", "Document", "Line", "Page", "Word", "__version__", "load", "read"]
