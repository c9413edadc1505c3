"""Fox's benchmark, answered: by a model that takes the questions, or by cutting out what they name and reading it."""

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image

from ocr2.errors import ModelError, OCR2Error
from ocr2.fox.prompts import Focus, Task
from ocr2.metrics.fox import FoxRecord
from ocr2.reader import Asker, Question
from ocr2.reading.focus import AnyFocuser, FocusOptions, focus_pages

BOX = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]")
POINT = re.compile(r"\[\s*(\d+)\s*,\s*(\d+)\s*\]")
COLOR = re.compile(r"\b(red|green|blue)\b", re.IGNORECASE)
TASKS: dict[str, Task] = {
    "page": "ocr", "region": "ocr", "line": "ocr", "color": "ocr", "translation": "translate", "summary": "summary",
    "caption": "caption", "multi-page": "ocr", "cross-page": "compare",
}  # fmt: skip

OnAnswer = Callable[[int, int], None]


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
        ValueError: If a question cannot be understood.
    """
    for record in records:
        if isinstance(reader, Asker):
            pictures = tuple(_open(path) for path in record.pictures)
            (answer,) = reader.answer([Question(pictures, record.question)], max_new_tokens=max_new_tokens)
            yield answer.text
            continue
        options = options_of(task, record.question)
        try:
            found = focus_pages(list(record.pictures), reader, options)
        except ModelError:
            raise
        except OCR2Error:  # this page alone
            yield ""
            continue
        yield found.text


def _open(path: object) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    with Image.open(path) as image:  # type: ignore[arg-type]
        return np.asarray(image.convert("RGB"), np.uint8)
