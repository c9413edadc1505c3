"""The record of a drawn chart: its answer, its data and where its text and data points are, as JSON holds them."""

from typing import TypedDict

from ocr2.synth.charts.content import Arrangement, Kind
from ocr2.synth.charts.rendered import Role


class TextRecord(TypedDict):
    """A line of text; pixels."""

    text: str
    x: float  # middle
    y: float
    width: float  # along the text
    height: float  # across it
    angle: float  # degrees counter-clockwise
    role: Role
    series: int  # number of the series of a legend entry or value, else -1
    index: int  # number of the label of a label or value, else -1


class PointRecord(TypedDict):
    """A data point; pixels."""

    series: int
    index: int
    x: float
    y: float
    base_x: float  # start of a bar, centre of a round chart
    base_y: float


class SeriesRecord(TypedDict):
    """A series: a value for each label, None where there is none."""

    name: str | None
    line: bool  # whether it is drawn as a line in a combined chart
    second: bool  # whether it is on the second value axis
    values: list[float | None]


class ChartAnswer(TypedDict):
    """An answer in OneChart's form; "None" for words that a chart lacks."""

    title: str
    source: str
    x_title: str
    y_title: str
    values: dict[str, str] | dict[str, dict[str, str]]  # printed values by label, or by series and label


class ChartRecord(TypedDict):
    """A chart."""

    width: int  # pixels
    height: int
    renderer: str
    kind: Kind
    arrangement: Arrangement
    printed: bool  # whether values are printed beside their data points
    log: bool  # whether the value axis is logarithmic
    numeric_labels: bool  # whether the labels are those of a numeric axis
    labels: list[str]
    series: list[SeriesRecord]
    answer: ChartAnswer
    texts: list[TextRecord]
    points: list[PointRecord]
