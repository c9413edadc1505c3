"""Fox's benchmark: its nine tasks, their files, their scores. docs/models/fox.md, "Benchmark", has the definitions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ocr2.metrics.corpus import METRICS, ScoreOptions, score_pairs
from ocr2.metrics.pairs import Pair
from ocr2.metrics.tokens import INSTALL, has_package
from ocr2.metrics.wordnet import WordNet

Kind = Literal["ocr", "summary", "caption", "qa"]  # which scores a task has


@dataclass(frozen=True, slots=True)
class FoxTask:
    """One of the nine tasks."""

    name: str
    kind: Kind
    files: tuple[tuple[str, str], ...]  # list of records, folder of its pictures


TASKS = (
    FoxTask("page", "ocr", (("cn_page_ocr.json", "cn_pdf_png"), ("en_page_ocr.json", "en_pdf_png"))),
    FoxTask("region", "ocr", (("cn_box_ocr.json", "cn_pdf_png"), ("en_box_ocr.json", "en_pdf_png"))),
    FoxTask("line", "ocr", (("cn_line_ocr.json", "cn_pdf_png"), ("en_line_ocr.json", "en_pdf_png"))),
    FoxTask("color", "ocr", (("cn_onbox_ocr.json", "cn_pdf_png_onbox"), ("en_onbox_ocr.json", "en_pdf_png_onbox"))),
    FoxTask("translation", "ocr", (("en_box_translation.json", "en_pdf_png"),)),
    FoxTask("summary", "summary", (("en_box_summary.json", "en_pdf_png"),)),
    FoxTask("caption", "caption", (("en_page_indoc_caption.json", "en_pdf_png_render_laioncoco"),)),
    FoxTask("multi-page", "ocr", (("encn-multi-8page-box-ocr.json", "pdfpng_encn_multi_8page"),)),
    FoxTask("cross-page", "qa", (("encn-multi-8page-cross-vqa.json", "pdfpng_encn_multi_8page"),)),
)
SLOT = "<image>"


@dataclass(frozen=True, slots=True)
class FoxRecord:
    """A question about pictures, and what should be answered."""

    file: str  # list it stands in
    pictures: tuple[Path, ...]
    question: str
    label: str

    @property
    def name(self) -> str:
        """What it is called in results."""
        return " ".join(picture.name for picture in self.pictures)


@dataclass(frozen=True, slots=True)
class FoxScores:
    """Scores of one list of a task; what could not be computed is not in them."""

    task: str
    file: str
    count: int
    scores: dict[str, float]
    absent: dict[str, str]  # what is not reported, and why


def load_records(data: Path, task: FoxTask) -> list[FoxRecord]:
    """Read the records of a task, of those of its lists that are there.

    Args:
        data: The unpacked benchmark: lists and folders of pictures side by side.
        task: One of `TASKS`.

    Raises:
        ValueError: If a list is not as published, or a picture is not there.
    """
    records: list[FoxRecord] = []
    for name, folder in task.files:
        path = data / name
        if not path.is_file():
            continue
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}: not JSON: {error}") from error
        if not isinstance(content, list):
            raise ValueError(f"{path}: expected a list of records, got {type(content).__name__}")
        records += [_record(entry, name, data / folder, f"{path}, record {i}") for i, entry in enumerate(content, 1)]
    return records


def _record(entry: object, file: str, folder: Path, where: str) -> FoxRecord:
    try:
        if not isinstance(entry, dict):
            raise TypeError
        images = entry["image"]
        question, label = (turn["value"] for turn in entry["conversations"][:2])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{where}: expected `image` and two `conversations` with a `value` each") from None
    names = [images] if isinstance(images, str) else images
    if not isinstance(names, list) or not names or not all(isinstance(v, str) for v in (*names, question, label)):
        raise ValueError(f"{where}: expected the name of a picture or a list of names, and texts")
    pictures = tuple(folder / name for name in names)
    for picture in pictures:
        if not picture.is_file():
            raise ValueError(f"{where}: no picture {picture}")
    return FoxRecord(file, pictures, question.replace(SLOT, "").strip(), label)


def score_task(
    task: FoxTask, records: Sequence[FoxRecord], answers: Sequence[str], *, compat: bool, wordnet: WordNet | None = None
) -> list[FoxScores]:
    """Score the answers of a task, each of its lists by itself.

    Args:
        task: One of `TASKS`.
        records: Of the task.
        answers: One a record.
        compat: Compute as the authors' scripts do, which take the answer for the truth.
        wordnet: METEOR's synonyms.
    """
    found = []
    for file in dict.fromkeys(record.file for record in records):
        pairs = [
            Pair(f"{i} {record.name}", record.label, answer)
            for i, (record, answer) in enumerate(zip(records, answers, strict=True))
            if record.file == file
        ]
        scores, absent = _SCORE[task.kind](pairs, compat=compat, wordnet=wordnet)
        found.append(FoxScores(task.name, file, len(pairs), scores, absent))
    return found


def _score_ocr(
    pairs: Sequence[Pair], *, compat: bool, wordnet: WordNet | None
) -> tuple[dict[str, float], dict[str, str]]:
    (part,) = score_pairs(pairs, ScoreOptions(compat=compat, wordnet=wordnet))
    means = {metric: part.mean(metric) for metric in METRICS}
    return {k: v for k, v in means.items() if v is not None}, {
        str(k): v for k, v in part.absent.items() if k in METRICS
    }


def _score_summary(
    pairs: Sequence[Pair], *, compat: bool, wordnet: WordNet | None
) -> tuple[dict[str, float], dict[str, str]]:
    if not has_package("rouge"):
        return {}, {"rouge_l": f"ROUGE comes from the package rouge: {INSTALL}"}
    rows = np.array([rouge_l(pair.truth, pair.answer, compat=compat) for pair in pairs])
    return dict(zip(("rouge_l_r", "rouge_l_p", "rouge_l_f"), rows.mean(axis=0).tolist(), strict=True)), {}


def _score_caption(
    pairs: Sequence[Pair], *, compat: bool, wordnet: WordNet | None
) -> tuple[dict[str, float], dict[str, str]]:
    ocr, absent = _score_ocr(pairs, compat=compat, wordnet=wordnet)
    summary, more = _score_summary(pairs, compat=compat, wordnet=wordnet)
    scores = {k: v for k, v in {**ocr, **summary}.items() if k in ("meteor", "rouge_l_f")}
    return scores, {k: v for k, v in {**absent, **more}.items() if k in ("meteor", "rouge_l")}


def _score_qa(
    pairs: Sequence[Pair], *, compat: bool, wordnet: WordNet | None
) -> tuple[dict[str, float], dict[str, str]]:
    if compat:
        hits = [pair.truth == pair.answer for pair in pairs]
    else:
        hits = [_plain(pair.truth) == _plain(pair.answer) for pair in pairs]
    return {"accuracy": float(np.mean(hits))}, {}


_SCORE = {"ocr": _score_ocr, "summary": _score_summary, "caption": _score_caption, "qa": _score_qa}


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .").casefold()


def rouge_l(truth: str, answer: str, *, compat: bool) -> tuple[float, float, float]:
    """Return recall, precision and F of ROUGE-L, by the package rouge; a side that is empty gives 0.

    Args:
        truth: What should be said.
        answer: What is said.
        compat: Take each for the other, as the authors' script does.
    """
    import sys

    from rouge import Rouge

    hypothesis, reference = (" ".join(text.split()) for text in ((truth, answer) if compat else (answer, truth)))
    if not hypothesis.strip(" .") or not reference.strip(" ."):
        return 0.0, 0.0, 0.0
    # The package walks back through both texts by recursion, one call a word.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, len(hypothesis.split()) + len(reference.split()) + 1000))
    try:
        scores = Rouge(metrics=["rouge-l"]).get_scores(hypothesis, reference)[0]["rouge-l"]
    finally:
        sys.setrecursionlimit(limit)
    return float(scores["r"]), float(scores["p"]), float(scores["f"])
