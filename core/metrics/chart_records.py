"""Charts to be compared, out of ChartSE's lists and of what `ocr2 chart` writes, brought together by their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr2.metrics.chart_points import table_of
from ocr2.metrics.inputs import PATH_FIELDS, Item, Side, is_hidden, parse_json, read_text, stem_of
from ocr2.metrics.pairs import PairSet, match_items

NAME_FIELDS = (*PATH_FIELDS, "imagename")
CHART_FIELDS = ("values", "data", "error")  # one of them makes a record a chart


@dataclass(frozen=True, slots=True)
class ChartPair:
    """What a chart says and what was read."""

    name: str
    truth: Mapping[str, Any]
    answer: Mapping[str, Any] | None  # None if there is none that could be understood
    reason: str | None = None  # why not
    missing: bool = False  # there was not even an answer
    trust: float | None = None  # that the reader had in its answer, 0..1


class ChartPairs(PairSet[ChartPair]):
    """A set to be scored."""

    @property
    def unreadable(self) -> dict[str, str]:
        """Names of the answers that could not be understood, and why."""
        return {pair.name: pair.reason for pair in self.items if pair.reason is not None and not pair.missing}


@dataclass(frozen=True, slots=True)
class _Record:
    """One chart of one side."""

    item: Item  # how it is recognised
    name: str
    chart: Mapping[str, object] | None
    reason: str | None
    trust: float | None


@dataclass(frozen=True, slots=True)
class _Records:
    """All charts of one side."""

    records: tuple[_Record, ...]
    files: tuple[Path, ...]
    is_single: bool  # one chart in a file of its own, which is compared with another whatever they are called

    @property
    def items(self) -> list[Item]:
        return [record.item for record in self.records]


def load_chart_pairs(truths: Path, answers: Path) -> ChartPairs:
    """Read both sides and match them by the path or name of the picture without its ending, and the page.

    Args:
        truths: A JSON list of records, one JSON record, or a folder of files with either. A record is ChartSE's,
            {images, gts}, or a chart, {title, ..., values}.
        answers: Likewise, with ChartSE's {imagename, answer} or charts as `ocr2 chart` writes them.

    Raises:
        ValueError: If a side cannot be understood, nothing matches, or several charts have one name.
        OSError: If a file cannot be read.
    """
    left, right = _read_charts(truths, "truth"), _read_charts(answers, "answer")
    found = {0: 0} if left.is_single and right.is_single else match_items(left.items, right.items)
    if not found:
        raise ValueError(f"no name of {truths} is one of {answers}: {_examples(left)} there, {_examples(right)} here")
    matches = [right.records[found[number]] if number in found else None for number in range(len(left.records))]
    pairs = tuple(_pair(truth, answer) for truth, answer in zip(left.records, matches, strict=True))
    taken = set(found.values())
    unmatched = tuple(record.name for number, record in enumerate(right.records) if number not in taken)
    return ChartPairs(pairs, unmatched, (*left.files, *right.files))


def parse_answer(text: str) -> dict[str, object]:
    """Return the object that a model wrote as JSON, after its marks are taken away and open braces closed.

    Raises:
        ValueError: If there is none.

    Examples:
        >>> parse_answer('<Number>{"title": "None", "values": {"a": "1"</s>')
        {'title': 'None', 'values': {'a': '1'}}
    """
    text = text.replace("<Number>", "").strip().removesuffix("</s>").strip().removesuffix(".")
    answer = parse_json(text + "}" * (text.count("{") - text.count("}")), "the answer")
    if not isinstance(answer, dict):
        raise ValueError(f"the answer: expected an object, got {type(answer).__name__}")
    return answer


def _read_charts(source: Path, side: Side) -> _Records:
    if not source.is_dir():
        content = parse_json(read_text(source), str(source))
        return _Records(tuple(_list_records(content, source, None, side)), (source,), not isinstance(content, list))
    paths = [path for path in sorted(source.rglob("*.json")) if not is_hidden(path.relative_to(source))]
    if not paths:
        raise ValueError(f"{source}: expected charts (.json), found none")
    records = [
        record
        for path in paths
        for record in _list_records(parse_json(read_text(path), str(path)), path, path.relative_to(source), side)
    ]
    return _Records(tuple(records), tuple(paths), is_single=False)


def _list_records(content: object, source: Path, name: Path | None, side: Side) -> list[_Record]:
    """Return the records of a file; one alone may go by the file's name, those of a list have their own."""
    if not isinstance(content, list):
        return [_to_record(content, str(source), (name or Path(source.name)).as_posix(), side)]
    if not content:
        raise ValueError(f"{source}: there are no charts in it")
    return [_to_record(row, f"record {number} of {source}", None, side) for number, row in enumerate(content, start=1)]


def _to_record(content: object, where: str, file_name: str | None, side: Side) -> _Record:
    if not isinstance(content, dict):
        raise ValueError(f"{where}: expected an object, got {type(content).__name__}")
    path = _path_of(content) or file_name
    if path is None:
        raise ValueError(f"{where}: expected a name, one of {', '.join(NAME_FIELDS)}")
    page = content.get("page")
    mark = f"#{page}" if isinstance(page, int) and page > 1 else ""
    chart, reason = _chart_of(content, where, side)
    if side == "truth" and chart is None:
        raise ValueError(f"{where}: {reason}")
    name = (path + mark).encode("utf-8", "replace").decode("utf-8")  # halves of characters, which no output takes
    return _Record(Item("", where, stem_of(path) + mark), name, chart, reason, _trust_of(content))


def _chart_of(content: dict[str, object], where: str, side: Side) -> tuple[dict[str, object] | None, str | None]:
    """Return a record's chart, or None and why there is none."""
    fields = ("gts",) if side == "truth" else ("answer", "gts")
    field = next((key for key in fields if key in content), None)
    if field is None and not any(key in content for key in CHART_FIELDS):
        known = ", ".join((*fields, *CHART_FIELDS[:2]))
        raise ValueError(f"{where}: expected one of {known}, got {', '.join(content) or 'nothing'}")
    chart = content if field is None else content[field]
    try:
        if isinstance(chart, str):
            chart = parse_answer(chart)
        if not isinstance(chart, dict):
            raise ValueError(f"expected an object as {field!r}, got {type(chart).__name__}")
        if chart.get("error"):
            raise ValueError(str(chart["error"]))
        table_of(chart)
    except ValueError as error:
        return None, str(error)
    return chart, None


def _trust_of(content: dict[str, object]) -> float | None:
    reliability = content.get("reliability")
    score = reliability.get("score") if isinstance(reliability, dict) else None
    return float(score) if isinstance(score, int | float) and 0 <= score <= 1 else None


def _path_of(content: dict[str, object]) -> str | None:
    for key in NAME_FIELDS:
        value = content.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value:
            return value
    return None


def _pair(truth: _Record, answer: _Record | None) -> ChartPair:
    assert truth.chart is not None
    if answer is None:
        return ChartPair(truth.name, truth.chart, None, "there is none", missing=True)
    return ChartPair(truth.name, truth.chart, answer.chart, answer.reason, trust=answer.trust)


def _examples(side: _Records) -> str:
    names = [repr(record.name) for record in side.records[:2]]
    return ", ".join(names) + (", ..." if len(side.records) > 2 else "")
