"""Fox's benchmark, answered: by a model that takes the questions, or by reading the places that they name."""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ocr2.errors import DocumentError, ModelError
from ocr2.fox.prompts import Focus, Task
from ocr2.metrics.fox import FoxRecord
from ocr2.models.protocols import Asker, Question
from ocr2.reading.options import ReadOptions
from ocr2.reading.pages.each_page import RGB, PictureWork, Taken, read_pictures
from ocr2.reading.questions.focus import AnyFocuser, FocusOptions, focus_pages, require_task

BOX = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]")
POINT = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*\]")
COLOR = re.compile(r"\b(red|green|blue)\b", re.IGNORECASE)
TASKS: dict[str, Task] = {
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
        >>> options_of("line", "OCR the line [507, 648].").focus.point
        (507.0, 648.0)
    """
    color = COLOR.search(question)
    boxes = tuple(tuple(float(v) for v in match.groups()) for match in BOX.finditer(question))
    point = POINT.search(question)
    if task == "page":
        focus = Focus()
    elif task == "color" and color is not None:
        focus = Focus(color=color[1].lower())  # type: ignore[arg-type]  # one of the three
    elif task == "line" and point is not None:
        focus = Focus(point=(float(point[1]), float(point[2])), unit="thousandths")
    elif task not in ("color", "line") and boxes:
        focus = Focus(boxes=boxes, unit="thousandths")
    else:
        raise ValueError(f"the question names no place that a {task} task has: {question!r}")
    return FocusOptions(task=TASKS[task], focus=focus)


def answer_records(
    task: str, records: Sequence[FoxRecord], reader: AnyFocuser, *, max_new_tokens: int | None = None
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


def _answer(task: str, record: FoxRecord, reader: AnyFocuser, max_new_tokens: int | None) -> str:
    if isinstance(reader, Asker):
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

    ((picture, _, _),) = read_pictures(path, ReadOptions(), PictureWork(keep, fail))
    return picture
