"""Both networks of onechart-nano's file: the chart reader, and the text detector that works for it."""

from torch import nn

from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.text_detector import TextFinder


class NanoParts(nn.Module):
    """Everything one file holds."""

    def __init__(self, preset: str = "onechart-nano") -> None:
        super().__init__()
        self.nano = ChartNano(PRESETS[preset])
        self.finder = TextFinder()
