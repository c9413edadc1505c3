"""Options that are out of range are refused when they are given."""

from typing import Any

import pytest

from ocr2.options import ChartOptions, ReadOptions


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (ReadOptions, {"dpi": 5}, "dpi must lie between 20 and 1200, got 5"),
        (ReadOptions, {"min_confidence": 2}, "min_confidence must lie between 0 and 1, got 2"),
        (ReadOptions, {"page_timeout": 0}, "page_timeout must be positive, got 0"),
        (ReadOptions, {"batch_size": 0}, "batch_size must be at least 1, got 0"),
        (ReadOptions, {"max_new_tokens": -3}, "max_new_tokens must be at least 1, got -3"),
        (ReadOptions, {"text_layer": "yes"}, "text_layer must be one of ignore, use, auto, got 'yes'"),
        (ReadOptions, {"rasterizer": "cairo"}, "rasterizer must be one of pdfium, poppler, got 'cairo'"),
        (ChartOptions, {"dpi": 5}, "dpi must lie between 20 and 1200, got 5"),
        (ChartOptions, {"min_confidence": 2}, "min_confidence must lie between 0 and 1, got 2"),
        (ChartOptions, {"max_new_tokens": 0}, "max_new_tokens must be at least 1, got 0"),
    ],
)
def test_options_out_of_range_are_refused(kind: type, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(**options)
