"""Fox's benchmark, answered: by a model that takes the questions, or by reading the places that they name."""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ocr2.errors import DocumentError, ModelError
from ocr2.metrics.fox import FoxRecord
from ocr2.models.protocols import Question, QuestionAnswerer
from ocr2.options import FocusOptions, FocusTask, PageOptions, require_box
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, read_pictures
from ocr2.reading.questions.focus import FocusReader, focus_pages, require_task

BOX = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]")
POINT = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*\]")
COLOR = re.compile(r"\b(red|green|blue)\b", re.IGNORECASE)
TASKS: dict[str, FocusTask] = {
    "page": "ocr", "region": "ocr", "line": "ocr", "color": "ocr", "translation": "translate", "summary": "summary",
    "caption": "caption", "multi-page": "ocr", "cross-page": "compare",
}  # fmt: skip

logger = logging.getLogger(__name__)


def options_of(task: str, question: str) -> FocusOptions:
    """Return what a question of the benchmark asks for, without its words.

    Args:
        task: Name of one of the benchmark's tasks.
        question: As it stands there.

    Raises:
        ValueError: If it names no place and the task needs one.

    Examples:
        >>> options_of("line", "OCR the line [507, 648].").point
        (507.0, 648.0)
    """
    color = COLOR.search(question)
    boxes = tuple(require_box([float(v) for v in match.groups()]) for match in BOX.finditer(question))
    point = POINT.search(question)
    does = TASKS[task]
    if task == "page":
        return FocusOptions(task=does)
    if task == "color" and color is not None:
        return FocusOptions(task=does, color=color[1].lower())  # type: ignore[arg-type]  # one of the three
    if task == "line" and point is not None:
        return FocusOptions(task=does, point=(float(point[1]), float(point[2])), unit="thousandths")
    if task not in ("color", "line") and boxes:
        return FocusOptions(task=does, boxes=boxes, unit="thousandths")
    raise ValueError(f"the question names no place that a {task} task has: {question!r}")


def answer_records(
    task: str, records: Sequence[FoxRecord], reader: FocusReader, *, max_new_tokens: int | None = None
) -> Iterator[str]:
    """Yield the answer to each record; one that cannot be answered gives an empty text.

    Args:
        task: Name of the task.
        records: Of it.
        reader: A loaded model.
        max_new_tokens: Of an answer.

    Raises:
        ModelError: If the model was not taught the task.
    """
    options = FocusOptions(task=TASKS[task])
    require_task(reader, options)
    for number, record in enumerate(records, start=1):
        try:
            yield _answer(task, record, reader, max_new_tokens)
        except ModelError:
            raise
        except Exception as error:  # the boundary: one record must not cost the others
            logger.warning("%s, record %d: no answer: %s", record.file, number, error)
            yield ""


def _answer(task: str, record: FoxRecord, reader: FocusReader, max_new_tokens: int | None) -> str:
    if isinstance(reader, QuestionAnswerer):
        pictures = tuple(open_picture(path) for path in record.pictures)
        (answer,) = reader.answer([Question(pictures, record.question)], max_new_tokens=max_new_tokens)
        return answer.text
    options = replace(options_of(task, record.question), max_new_tokens=max_new_tokens)
    found = focus_pages(list(record.pictures), reader, options)
    if found.error is not None:
        raise DocumentError(found.error)
    return found.text


def open_picture(path: Path) -> RGB:
    """Decode a picture (height, width, 3), turned upright and laid on white.

    Raises:
        DocumentError: If it cannot be.
    """

    def fail(taken: Taken, error: str) -> RGB:
        raise DocumentError(error)

    def keep(taken: Taken) -> RGB:
        assert taken.picture is not None
        return taken.picture

    ((picture, _, _),) = read_pictures(path, PageOptions(), PictureWork(keep, fail))
    return picture
