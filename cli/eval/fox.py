"""Fox's benchmark on the command line: answers made or read, scores of both ways of computing as a table or JSON."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ocr2.cli.outputs import require_folder
from ocr2.errors import ModelError
from ocr2.formats import save_bytes
from ocr2.metrics.fox import TASKS, FoxRecord, FoxScores, FoxTask, load_records, score_task
from ocr2.metrics.wordnet import WordNet

Answerer = Callable[[str, Sequence[FoxRecord]], Iterable[str]]
MODES = ("correct", "compat")


@dataclass
class FoxResults:
    """Scores by mode, and what was not done."""

    scores: dict[str, list[FoxScores]] = field(default_factory=lambda: {mode: [] for mode in MODES})
    skipped: dict[str, str] = field(default_factory=dict)  # task -> why

    def add(self, task: FoxTask, records: Sequence[FoxRecord], answers: Sequence[str], wordnet: WordNet | None) -> None:
        """Score the answers of a task both ways."""
        for mode in MODES:
            self.scores[mode] += score_task(task, records, answers, compat=mode == "compat", wordnet=wordnet)


def chosen_tasks(names: Sequence[str]) -> list[FoxTask]:
    """Return tasks by their names, all if there are none.

    Raises:
        ValueError: If there is no such task.
    """
    known = {task.name: task for task in TASKS}
    for name in names:
        if name not in known:
            raise ValueError(f"a task of the benchmark is one of {', '.join(known)}, got {name!r}")
    return [task for task in TASKS if not names or task.name in names]


def run_benchmark(
    data: Path,
    tasks: Sequence[FoxTask],
    answer: Answerer,
    *,
    limit: int | None = None,
    save: Path | None = None,
    wordnet: WordNet | None = None,
    on_record: Callable[[str, int, int], None] | None = None,
) -> FoxResults:
    """Answer and score the benchmark.

    Args:
        data: The unpacked benchmark.
        tasks: Of it; one without lists there is left out.
        answer: Answers the records of a task, one by one.
        limit: Records of each list, the first ones.
        save: Folder for the answers, a list each, as the authors' scripts read them.
        wordnet: METEOR's synonyms.
        on_record: Called with task, number of answers and number of records.

    Raises:
        ValueError: If no task has a list there, or a list is not as published.
    """
    results = FoxResults()
    if save is not None:
        require_folder(save)
        if save.samefile(data):
            raise ValueError(f"--save {save} is the folder of the benchmark, whose lists have the same names")
    found = [(task, _first(load_records(data, task), limit)) for task in tasks]
    if not any(records for _, records in found):
        raise ValueError(f"{data} holds none of the benchmark's lists, such as {tasks[0].files[0][0]}")
    for task, records in found:
        if not records:
            results.skipped[task.name] = f"no list in {data}"
            continue
        answers: list[str] = []
        stop: KeyboardInterrupt | None = None
        try:
            for text in answer(task.name, records):
                answers.append(text)
                if on_record is not None:
                    on_record(task.name, len(answers), len(records))
        except ModelError as error:
            results.skipped[task.name] = str(error)
            continue
        except KeyboardInterrupt as interruption:  # what was answered is kept
            stop = interruption
        done = records[: len(answers)]
        if save is not None and done:
            save_answers(save, done, answers)
        if stop is not None:
            raise stop
        results.add(task, done, answers, wordnet)
    return results


def _first(records: Sequence[FoxRecord], limit: int | None) -> list[FoxRecord]:
    seen: dict[str, int] = {}
    kept = []
    for record in records:
        seen[record.file] = seen.get(record.file, 0) + 1
        if limit is None or seen[record.file] <= limit:
            kept.append(record)
    return kept


def save_answers(folder: Path, records: Sequence[FoxRecord], answers: Sequence[str]) -> None:
    """Write answers, a list for each list of questions, with the fields that the authors' scripts read."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in dict.fromkeys(record.file for record in records):
        rows = [
            {"image": record.name, "question": record.question, "label": record.label, "answer": answer}
            for record, answer in zip(records, answers, strict=True)
            if record.file == file
        ]
        save_bytes(folder / file, (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode(errors="replace"))


def score_answers(folder: Path, tasks: Sequence[FoxTask], *, wordnet: WordNet | None = None) -> FoxResults:
    """Score answers that were saved, of whatever model.

    Raises:
        ValueError: If none are there, or they lack a label or an answer.
    """
    results = FoxResults()
    for task in tasks:
        records: list[FoxRecord] = []
        answers: list[str] = []
        for name, _ in task.files:
            for record, answer in _saved(folder / name):
                records.append(record)
                answers.append(answer)
        if records:
            results.add(task, records, answers, wordnet)
        else:
            results.skipped[task.name] = f"no answers in {folder}"
    if not results.scores[MODES[0]]:
        raise ValueError(f"{folder} holds no answers, such as {tasks[0].files[0][0]}")
    return results


def _saved(path: Path) -> Iterator[tuple[FoxRecord, str]]:
    if not path.is_file():
        return
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        for row in rows:
            label, answer = row["label"], row["answer"]
            if not isinstance(label, str) or not isinstance(answer, str):
                raise TypeError
            yield FoxRecord(path.name, (Path(str(row.get("image", ""))),), str(row.get("question", "")), label), answer
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ValueError(f"{path}: expected a list of records with the texts `label` and `answer`") from None


def fox_to_table(results: FoxResults) -> str:
    """Return one row a list and score, with both ways of computing, and below what was not done."""
    rows = [["task", "list", "records", "score", *MODES]]
    others = {(s.file, name): value for s in results.scores["compat"] for name, value in s.scores.items()}
    for one in results.scores["correct"]:
        for i, (name, value) in enumerate(one.scores.items()):
            head = [one.task, one.file, str(one.count)] if not i else ["", "", ""]
            other = others.get((one.file, name))  # scripts leave empty answers out, perhaps all of them
            rows.append([*head, name, f"{value:.4f}", f"{other:.4f}" if other is not None else "-"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    reasons = {f"{name}: {why}" for s in results.scores["correct"] for name, why in s.absent.items()}
    lines += [f"absent: {reason}" for reason in sorted(reasons)]
    lines += [f"not run: {task}: {why}" for task, why in results.skipped.items()]
    return "\n".join(lines) + "\n"


def fox_to_json(results: FoxResults) -> str:
    """Return everything; docs/eval.md, "Fox", describes it."""
    content = {
        "lists": [
            {
                "task": one.task,
                "list": one.file,
                "records": one.count,
                "correct": {k: round(v, 6) for k, v in one.scores.items()},
                "compat": {k: round(v, 6) for k, v in other.scores.items()},
                "absent": one.absent,
            }
            for one, other in zip(results.scores["correct"], results.scores["compat"], strict=True)
        ],
        "not_run": results.skipped,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
