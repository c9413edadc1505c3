"""Charts from documents: what may be given, what becomes of pictures without a chart, and what a drawing shows."""

import functools
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ocr2.models.protocols import ChartReader, ChartReading, LineReader, TextBox
from ocr2.options import ChartOptions
from ocr2.reading.charts.read import chart_of, read_charts
from ocr2.reading.charts.redraw import draw_values, redraw
from ocr2.results.chart import Chart, ChartValue, Reliability, Series

RGB = NDArray[np.uint8]
VALUES = {"a": "10", "b": "30", "c": "20"}
NUMBERS = (0.01, 0.99, 0.5, *[0.5] * 253)
PICTURE = Image.new("RGB", (60, 40), "white")


def answer(values: object = None) -> str:
    return f"<Number>{json.dumps({'title': 'Sales', 'values': VALUES if values is None else values})}</s>"


class FakeChartReader:
    """Writes the same answer about every picture."""

    name = "fake"
    weights_sha256 = "0" * 64

    def __init__(self, reading: ChartReading | None = None, places: Sequence[TextBox] = ()) -> None:
        self.reading = reading or ChartReading(answer(), NUMBERS, "end")
        self.places = list(places)
        self.needs_text = bool(places)
        self.seen: list[tuple[tuple[int, ...], Sequence[TextBox], int | None]] = []
        self.errors: dict[int, BaseException] = {}  # by the width of a picture

    def find_text(self, picture: RGB) -> list[TextBox]:
        assert self.needs_text
        return self.places

    def read_charts(
        self, pictures: Sequence[RGB], texts: Sequence[Sequence[TextBox]], *, max_new_tokens: int | None = None
    ) -> list[ChartReading]:
        for picture, lines in zip(pictures, texts, strict=True):
            self.seen.append((picture.shape, lines, max_new_tokens))
            if picture.shape[1] in self.errors:
                raise self.errors[picture.shape[1]]
        return [self.reading] * len(pictures)


def no_reader() -> LineReader:
    raise AssertionError("there is no text to read")


def read(source: Any, reader: FakeChartReader | None = None, **options: Any) -> list[Chart]:
    return read_charts(source, reader or FakeChartReader(), ChartOptions(**options), text_reader=no_reader)


def read_answer(text: str, numbers: tuple[float, ...] | None = NUMBERS, stopped: str = "end") -> Chart:
    (chart,) = read(PICTURE, FakeChartReader(ChartReading(text, numbers, stopped)))
    return chart


def test_the_fake_is_a_chart_reader() -> None:
    assert isinstance(FakeChartReader(), ChartReader)


def test_a_chart_has_what_the_answer_says() -> None:
    (chart,) = read(PICTURE)
    assert (chart.file, chart.page, chart.width, chart.height) == ("image", 1, 60, 40)
    assert (chart.title, chart.model, chart.error, chart.warnings) == ("Sales", "fake", None, ())
    assert [(value.label, value.value) for _, value in chart.points()] == [("a", 10), ("b", 30), ("c", 20)]
    assert chart.numbers == NUMBERS[:3]
    assert chart.reliability.verdict == "reliable"
    assert chart.raw == answer()
    assert set(chart.seconds) == {"decode", "text", "geometry", "model"}


@pytest.mark.parametrize("kind", [str, Path, Path.read_bytes, Path.open, Image.open, lambda path: [Image.open(path)]])
def test_a_picture_comes_in_many_ways(kind: Callable[[Path], Any], tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png")
    source = (tmp_path / "a.png").open("rb") if kind is Path.open else kind(tmp_path / "a.png")
    reader = FakeChartReader()
    assert [chart.error for chart in read(source, reader, max_new_tokens=7)] == [None]
    assert reader.seen == [((40, 60, 3), [], 7)]
    if hasattr(source, "close"):
        source.close()


@pytest.mark.parametrize("name", ["", "*.png", "sub/../*"])
def test_folders_and_patterns_give_all_their_pictures(name: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for width, file in ((30, "c2.png"), (50, "c10.png")):
        Image.new("RGB", (width, 40)).save(tmp_path / file)
    assert [chart.width for chart in read(str(tmp_path / name))] == [30, 50]


def test_a_file_whose_name_is_a_pattern_is_that_file(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a[1].png")
    PICTURE.save(tmp_path / "a1.png")
    assert [Path(chart.file).name for chart in read(tmp_path / "a[1].png")] == ["a[1].png"]


def test_pages_of_a_pdf_are_charts(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.pdf", save_all=True, append_images=[PICTURE] * 2, resolution=100)
    charts = read(tmp_path / "a.pdf", pages="3,1,9", dpi=200)
    assert [chart.page for chart in charts] == [3, 1]
    assert [chart.width for chart in charts] == pytest.approx([120, 120], abs=1)  # PDFium rounds up
    assert charts[0].warnings == ("the selection names pages up to 9, the last page is 3",)
    assert charts[1].warnings == ()
    with pytest.raises(ValueError, match="has 3 pages, the selection names none of them"):
        read(tmp_path / "a.pdf", pages="7")


def test_what_cannot_be_opened_or_read_is_a_chart_with_an_error(tmp_path: Path) -> None:
    for width, file in ((30, "1.png"), (31, "4.png"), (33, "5.png")):
        Image.new("RGB", (width, 40)).save(tmp_path / file)
    (tmp_path / "2.png").write_bytes(b"words")
    Image.new("RGB", (1, 1)).save(tmp_path / "3.png")
    reader = FakeChartReader()
    reader.errors[31] = ZeroDivisionError("a defect")
    charts = read(tmp_path, reader)
    assert [chart.error for chart in charts] == [
        None,
        f"{tmp_path / '2.png'} is neither a PDF nor a picture that Pillow can open",
        f"page 1 of {tmp_path / '3.png'} has 1 x 1 pixels; at least 4 x 4 are needed",
        f"page 1 of {tmp_path / '4.png'}: ZeroDivisionError: a defect",
        None,
    ]
    assert all(chart.reliability.verdict == "unverifiable" for chart in charts if chart.error is not None)
    (missing,) = read(tmp_path / "missing.png")
    assert missing.error == f"{tmp_path / 'missing.png'} cannot be read: No such file or directory"


def test_the_first_frame_of_an_animation_is_read(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.gif", save_all=True, append_images=[Image.new("RGB", (60, 40), "black")])
    assert [chart.error for chart in read(tmp_path / "a.gif")] == [None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the answer is empty"),
        ("A photograph.", "the answer is no dictionary: 'A photograph'"),
        (answer({}), "the answer has no values"),
    ],
)
def test_a_picture_without_a_chart_says_so(text: str, reason: str) -> None:
    chart = read_answer(text)
    assert chart.error == f"page 1 of image: no chart was found: {reason}"
    assert (chart.series, chart.reliability.verdict, chart.raw) == ((), "unverifiable", text)


def test_an_answer_that_repeats_itself_is_kept_and_not_trusted() -> None:
    text = '{"values": {"a": "10", "b": "30", ' + '"c": "20", ' * 500
    chart = read_answer(text, NUMBERS, "loop")
    assert len(list(chart.points())) == 502
    assert chart.warnings == ("the model repeated itself and was stopped: values may be missing or made up",)
    assert (chart.reliability.verdict, chart.repaired, chart.stopped) == ("unverifiable", True, "loop")
    empty = read_answer('{"title": "' + "so " * 500, NUMBERS, "loop")
    assert empty.error == (
        "page 1 of image: no chart was found: the answer has no values; "
        "the model repeated itself and was stopped: values may be missing or made up"
    )


def test_an_answer_that_was_cut_short_has_no_scale_to_verify() -> None:
    chart = read_answer('{"values": {"a": "10", "b": "30", "c": 2', NUMBERS, "length")
    assert [value.printed for _, value in chart.points()] == ["10", "30"]
    assert (chart.reliability.verdict, chart.reliability.score) == ("unverifiable", None)
    assert chart.warnings == ("the answer was cut short at the most tokens allowed: values may be missing",)


def test_three_hundred_points_are_kept_and_unverifiable() -> None:
    chart = read_answer(answer({f"p{i}": str(i) for i in range(300)}))
    assert (len(list(chart.points())), chart.error) == (300, None)
    assert chart.reliability.reason == "300 values: the model's second opinion has 256"


def test_a_repaired_answer_is_told() -> None:
    chart = read_answer(answer()[:-6])
    assert (chart.repaired, chart.error) == (True, None)
    assert chart.warnings == ("the model's answer was not well-formed and was repaired: values may be missing",)


def test_no_second_opinion_is_unverifiable() -> None:
    chart = read_answer(answer(), None)
    assert (chart.reliability.verdict, chart.reliability.reason) == ("unverifiable", "the model gave no second opinion")
    assert chart.numbers is None


def test_the_rule_of_the_authors_can_be_asked_for() -> None:
    constant = ChartReading(answer({"a": "5", "b": "5"}), (0.0, 0.0), "end")
    verdicts = [
        read(PICTURE, FakeChartReader(constant), rule=rule)[0].reliability.verdict for rule in ("ours", "authors")
    ]
    assert verdicts == ["unverifiable", "reliable"]


def test_charts_are_given_as_they_are_done_with_their_pictures(tmp_path: Path) -> None:
    seen: list[tuple[int, tuple[int, ...] | None, int]] = []

    def on_chart(chart: Chart, picture: RGB | None, count: int) -> None:
        seen.append((chart.page, picture.shape if picture is not None else None, count))

    PICTURE.save(tmp_path / "a.tif", save_all=True, append_images=[PICTURE])
    (tmp_path / "b.png").write_bytes(b"words")
    read_charts(tmp_path, FakeChartReader(), ChartOptions(), text_reader=no_reader, on_chart=on_chart)
    assert seen == [(1, (40, 60, 3), 2), (2, (40, 60, 3), 2), (1, None, 1)]


def test_the_writing_is_read_for_a_model_that_needs_it(fixed_reader: Callable[..., Any]) -> None:
    loaded: list[Any] = []

    @functools.cache
    def load() -> Any:
        loaded.append(fixed_reader("word"))
        return loaded[-1]

    place = TextBox("", (5, 5, 50, 20))
    picture = np.asarray(PICTURE).copy()
    picture[8:16, 10:40:3] = 0
    reader = FakeChartReader(places=[place])
    read_charts([picture, picture], reader, ChartOptions(), text_reader=load)
    assert [[line.text for line in lines] for _, lines, _ in reader.seen] == [["word"], ["word"]]
    assert len(loaded) == 1
    read(picture, FakeChartReader())  # needs none


def test_a_writing_reader_that_cannot_be_loaded_is_an_error_of_each_chart() -> None:
    def load() -> Any:
        raise OSError("gone")

    reader = FakeChartReader(places=[TextBox("", (5, 5, 50, 20))])
    charts = read_charts([PICTURE, PICTURE], reader, ChartOptions(), text_reader=load)
    assert [chart.error for chart in charts] == [f"page {n} of image: OSError: gone" for n in (1, 2)]


def drawn_chart(series: Sequence[Series]) -> Chart:
    blank = Chart(
        file="a", page=1, width=60, height=40, model="", weights_sha256="",
        reliability=Reliability("unverifiable", None, None, "x"),
    )  # fmt: skip
    return replace(chart_of(ChartReading(answer(), None, "end"), blank), series=tuple(series))


def colours_of(image: Image.Image) -> set[tuple[int, ...]]:
    found = image.getcolors(maxcolors=1 << 24)
    assert found is not None
    return {colour for _, colour in found if isinstance(colour, tuple)}


@pytest.mark.parametrize("labels", [["a", "b"], [str(year) for year in range(2010, 2020)]])
@pytest.mark.parametrize("values", [[1.0, -3.0], [0.0, 0.0], [1.7e308, -1.7e308], [None, 2.0], [None, None]])
def test_values_are_drawn_whatever_they_are(labels: list[str], values: list[float | None]) -> None:
    points = tuple(ChartValue(label, str(values[i % 2]), values[i % 2]) for i, label in enumerate(labels))
    for series in ([Series("A", points), Series(None, points[:1])], [Series(None, points)]):
        image = draw_values(drawn_chart(series), height=420)
        assert image.height == 420
        assert ((21, 101, 192) in colours_of(image)) == (values != [None, None] or len(series) > 1)


def test_a_value_that_disagrees_is_printed_in_red() -> None:
    for disagrees in (False, True):
        chart = drawn_chart([Series(None, (ChartValue("a", "1", 1.0, None, disagrees), ChartValue("b", "2", 2.0)))])
        reds = [c for c in colours_of(draw_values(chart, height=500)) if c[0] > 100 + max(c[1], c[2])]
        assert bool(reds) == disagrees


@pytest.mark.parametrize("size", [(4, 4), (60, 4000), (4000, 60), (800, 600)])
def test_the_drawing_stands_beside_the_picture(size: tuple[int, int]) -> None:
    chart = drawn_chart(
        [Series(str(i), tuple(ChartValue(str(j) * 40, "9" * 40, 1.0) for j in range(40))) for i in range(9)]
    )
    both = redraw(chart, np.full((size[1], size[0], 3), (255, 0, 255), np.uint8))
    assert both.getpixel((0, both.height // 2)) == (255, 0, 255)
    assert 420 <= both.height <= 1000
    assert both.width <= 12_100
    buffer = io.BytesIO()
    both.save(buffer, "PNG")
