"""A stand-in for Fox's benchmark: its lists and folders, with pages of our own."""

import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from ocr2.fox.colour_frames import COLORS
from ocr2.metrics.fox import TASKS
from tests.looking import LINE_BOXES, LINES, RGB, framed, written_page

SIZE = (800, 400)


def thousandths(box: Sequence[int]) -> list[int]:
    return [round(1000 * v / SIZE[i % 2]) for i, v in enumerate(box)]


def write_benchmark(folder: Path) -> Path:
    """Write all thirteen lists, two records each, and their pages."""
    for task in TASKS:
        for name, pictures in task.files:
            (folder / pictures).mkdir(parents=True, exist_ok=True)
            rows = [_record(task.name, folder / pictures, name, i) for i in range(2)]
            (folder / name).write_text(json.dumps(rows), encoding="utf-8")
    return folder


def _record(task: str, folder: Path, list_name: str, number: int) -> dict[str, object]:
    box = thousandths(LINE_BOXES[number])
    many = [
        f"{list_name[:-5]}_{task}_{number}_{i}.png" for i in range(8 if task in ("multi-page", "cross-page") else 1)
    ]
    pages: list[RGB] = [written_page() for _ in many]
    question, label = f"Give the OCR results of the box {box}.", LINES[number]
    match task:
        case "page":
            question, label = "OCR this image: ", "\n".join(LINES)
        case "line":
            question = f"OCR the line [{(box[0] + box[2]) // 2}, {(box[1] + box[3]) // 2}]."
        case "color":
            question = f"OCR {('red', 'blue')[number]} box"
            pages = [framed(page, LINE_BOXES[number], COLORS[("red", "blue")[number]]) for page in pages]
        case "translation":
            question, label = f"Translate the content of the box {box}.", "第一行"
        case "summary":
            question, label = f"Summarize the content of the box {box}.", "A line of a page"
        case "caption":
            question, label = f"What is this in the box {box}?", "a line of writing"
        case "multi-page":
            listed = ", ".join(f"Page {i}: {box}" for i in range(1, 9))
            question, label = f"OCR boxes on multiple pages. {listed}.", "\n\n".join([LINES[number]] * 8)
        case "cross-page":
            pages = [written_page(LINES if i == 3 else ["x", "y", "z"]) for i in range(8)]
            listed = ", ".join(f"Page {i}: {box}" for i in range(1, 9))
            question, label = f"Which page's box contains more characters? {listed}.", "Page 4"
    for name, page in zip(many, pages, strict=True):
        Image.fromarray(page).save(folder / name)
    turns = [{"from": "human", "value": f"<image>\n{question}"}, {"from": "gpt", "value": label}]
    return {"image": many if len(many) > 1 else many[0], "conversations": turns}
