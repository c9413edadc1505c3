"""`ocr2 eval`: results scored against the truth. One command a kind of result."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import say
from ocr2.models.spec import MULTI_PAGE_READER
from ocr2.results.page_dependence import MARGIN

app = typer.Typer(help="Score results against the truth.", no_args_is_help=True)
NAMED = 10  # so many names are printed; the JSON has them all
Part = Literal["text", "scene", "formula", "table", "all"]  # of a page
Level = Literal["word", "char"]  # kinds of tokens
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
WordNetFolder = Annotated[Path | None, typer.Option(help="Folder with WordNet's files; METEOR needs it.")]


@app.command("read")
def read_command(
    pred: Annotated[Path, typer.Option(help="What was read: a folder of texts, a list of records, or one text.")],
    gt: Annotated[
        Path | None, typer.Option(help="What the pages say, in any of these forms. Default: the labels in PRED.")
    ] = None,
    part: Annotated[
        Part, typer.Option(help="All text, scene text (by characters), formulas, tables, or all but scene text.")
    ] = "text",
    level: Annotated[Level | None, typer.Option(help="Tokens. Default: char for scene, else word.")] = None,
    compat: Annotated[Literal["got"] | None, typer.Option(help="Compute as GOT's scripts do, errors included.")] = None,
    wordnet: WordNetFolder = None,
    as_json: AsJson = False,
    per_item: Annotated[Path | None, typer.Option(help="JSONL file for the scores of each item.")] = None,
    debug: cli.Debug = False,
) -> None:
    """Score text that was read: edit distance, precision, recall, F1, BLEU, METEOR, error rates."""
    from ocr2.cli.eval.pages import scores_to_json, scores_to_lines, scores_to_table
    from ocr2.metrics.corpus import ScoreOptions, score_pairs
    from ocr2.metrics.pairs import load_pairs
    from ocr2.metrics.wordnet import WordNet

    options = ScoreOptions(
        part=part,
        level=level,
        compat=compat is not None,
        wordnet=WordNet(wordnet) if wordnet is not None else None,
    )
    pairs = load_pairs(gt, pred)
    _require_other_file(per_item, pairs.files)
    parts = score_pairs(pairs.items, options)
    fate = "dropped" if options.compat else "counted as empty"
    _tell(f"without a prediction, so {fate}, of {len(pairs.items)} items", pairs.missing)
    _tell("without a ground truth, so not scored", pairs.unmatched)
    show = scores_to_json if as_json else scores_to_table
    _show(show(parts, pairs, compat=options.compat), per_item, lambda: scores_to_lines(parts))


@app.command("chart")
def chart_command(
    pred: Annotated[Path, typer.Option(help="Charts that were read: a JSON list, one JSON, or a folder of them.")],
    gt: Annotated[Path, typer.Option(help="What the charts say, in any of these forms.")],
    compat: Annotated[
        Literal["onechart"] | None, typer.Option(help="Compute as OneChart's and DePlot's scripts do, errors included.")
    ] = None,
    as_json: AsJson = False,
    per_item: Annotated[Path | None, typer.Option(help="JSONL file for the scores of each chart.")] = None,
    debug: cli.Debug = False,
) -> None:
    """Score charts that were read: average precision of values, titles, RNSS, RMS, worth of the reliability."""
    from ocr2.cli.eval.charts import chart_scores_to_json, chart_scores_to_lines, chart_scores_to_table
    from ocr2.metrics.chart_records import load_chart_pairs
    from ocr2.metrics.charts import score_charts

    pairs = load_chart_pairs(gt, pred)
    _require_other_file(per_item, pairs.files)
    scores = score_charts(pairs.items, compat=compat is not None)
    count = len(pairs.items)
    _tell(f"without a prediction, so counted as wrong, of {count} charts", pairs.missing)
    _tell(f"not understood, so counted as wrong, of {count} charts", tuple(pairs.unreadable))
    _tell("without a ground truth, so not scored", pairs.unmatched)
    show = chart_scores_to_json if as_json else chart_scores_to_table
    _show(show(scores, pairs), per_item, lambda: chart_scores_to_lines(scores))


@app.command("trace")
def trace_command(
    pred: Annotated[Path, typer.Option(help="Figures that were traced: a JSON list, one JSON, or a folder of them.")],
    gt: Annotated[Path, typer.Option(help="What is in the figures, in any of these forms.")],
    as_json: AsJson = False,
    per_item: Annotated[Path | None, typer.Option(help="JSONL file for the scores of each figure.")] = None,
    debug: cli.Debug = False,
) -> None:
    """Score figures that were traced: F1 of segments and circles, and as Slow Perception's script has it."""
    from ocr2.cli.eval.figures import score_traces, trace_scores_to_json, trace_scores_to_lines, trace_scores_to_table
    from ocr2.metrics.trace_records import load_trace_pairs

    pairs = load_trace_pairs(gt, pred)
    _require_other_file(per_item, pairs.files)
    scores = score_traces(pairs)
    _tell(f"without a prediction, so counted as wrong, of {len(pairs.items)} figures", pairs.missing)
    _tell("without a ground truth, so not scored", pairs.unmatched)
    shown = trace_scores_to_json(scores, pairs) if as_json else trace_scores_to_table(scores)
    _show(shown, per_item, lambda: trace_scores_to_lines(scores))


@app.command("formula")
def formula_command(
    pred: Annotated[Path, typer.Option(help="Formulas that were read, LaTeX: a folder of texts, a list, or one text.")],
    gt: Annotated[
        Path | None, typer.Option(help="What they are, in any of these forms. Default: the labels in PRED.")
    ] = None,
    drawn: Annotated[bool, typer.Option("--drawn", help="Draw both and compare the pictures.")] = False,
    as_json: AsJson = False,
    per_item: Annotated[Path | None, typer.Option(help="JSONL file for the scores of each formula.")] = None,
    debug: cli.Debug = False,
) -> None:
    """Score formulas that were read: exact in the normal form, edits, and whether they look alike when drawn."""
    from ocr2.cli.eval.formulas import (
        formula_scores_to_json,
        formula_scores_to_lines,
        formula_scores_to_table,
        score_formula_pairs,
    )
    from ocr2.metrics.pairs import load_pairs

    pairs = load_pairs(gt, pred)
    _require_other_file(per_item, pairs.files)
    scores = score_formula_pairs(pairs, drawn=drawn)
    _tell(f"without a prediction, so counted as wrong, of {len(pairs.items)} formulas", pairs.missing)
    _tell("without a ground truth, so not scored", pairs.unmatched)
    shown = formula_scores_to_json(scores, pairs) if as_json else formula_scores_to_table(scores)
    _show(shown, per_item, lambda: formula_scores_to_lines(scores))


class AnswerMetric(StrEnum):
    """Scores of short answers."""

    anls = "anls"
    relaxed = "relaxed"
    boxes = "boxes"


@app.command("fox")
def fox_command(
    data: Annotated[Path | None, typer.Option(help="The unpacked benchmark: its lists and folders of pages.")] = None,
    answers: Annotated[Path | None, typer.Option(help="Score answers saved here instead of making them.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be repeated. Default: all nine.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first records of each list.")] = None,
    save: Annotated[Path | None, typer.Option(help="Folder for the answers.")] = None,
    model: Annotated[str, typer.Option(help="got-nano reads the lines there; got, fox look themselves.")] = "got-nano",
    weights: Annotated[Path | None, typer.Option(help="File or folder of weights to use.")] = None,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    max_new_tokens: cli.MaxNewTokens = None,
    wordnet: WordNetFolder = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    debug: cli.Debug = False,
) -> None:
    """Run Fox's nine tasks and score them, correctly and as its scripts do."""
    from ocr2.cli.eval.fox import chosen_tasks, fox_to_json, fox_to_table, run_benchmark, score_answers
    from ocr2.metrics.wordnet import WordNet

    if (data is None) == (answers is None):
        raise ValueError("give either --data, to answer the benchmark, or --answers, to score what was answered")
    tasks = chosen_tasks(task or [])
    words = WordNet(wordnet) if wordnet is not None else None
    if answers is not None:
        results = score_answers(answers, tasks, wordnet=words)
    else:
        import functools

        from ocr2.models.registry import load_place_reader
        from ocr2.options import LoadOptions
        from ocr2.reading.questions.fox_benchmark import answer_records

        assert data is not None
        reader = load_place_reader(model, LoadOptions(weights=weights, device=device, dtype=dtype))

        def tell(name: str, done: int, count: int) -> None:
            if not quiet and (done == count or done % 20 == 0):
                say(f"{name}: {done} of {count}")

        answer = functools.partial(answer_records, reader=reader, max_new_tokens=max_new_tokens)
        results = run_benchmark(data, tasks, answer, limit=limit, save=save, wordnet=words, on_record=tell)
    print(fox_to_json(results) if as_json else fox_to_table(results), end="", flush=True)


@app.command("page-dependence")
def page_dependence_command(
    data: Annotated[Path, typer.Option(help="Records of pages, question and answer, in GOT's or ms-swift's form.")],
    images: Annotated[Path | None, typer.Option(help="Folder that image paths start from. Default: DATA's.")] = None,
    margin: Annotated[float, typer.Option(min=0, help="Nats above which a token counts as dependent.")] = MARGIN,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first records.")] = None,
    model: Annotated[str, typer.Option(help="One that reads several pages as one text.")] = MULTI_PAGE_READER,
    weights: cli.Weights = None,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    as_json: AsJson = False,
    per_item: Annotated[Path | None, typer.Option(help="JSONL file for each record: every token and page.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    debug: cli.Debug = False,
) -> None:
    """Measure how much answers depend on each of their pages, by the probabilities that a model gives them."""
    from ocr2.cli.eval.page_dependence import dependence_to_json, dependence_to_lines, dependence_to_table, measure_file

    _require_other_file(per_item, (data,))
    loading = cli.load_options(weights, device, dtype)
    results = measure_file(data, model, loading, images=images, limit=limit, margin=margin, quiet=quiet)
    show = dependence_to_json if as_json else dependence_to_table
    _show(show(results), per_item, lambda: dependence_to_lines(results))


@app.command("ask")
def ask_command(
    pred: Annotated[Path, typer.Option(help="A JSON or JSONL list of records with an `answer` each.")],
    metric: Annotated[
        AnswerMetric, typer.Option(help="anls (DocVQA), relaxed (ChartQA), or boxes (RefCOCO, in thousandths).")
    ],
    gt: Annotated[Path | None, typer.Option(help="List with the truths. Default: the labels in PRED.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a line.")] = False,
    debug: cli.Debug = False,
) -> None:
    """Score short answers: ANLS, relaxed accuracy, boxes that overlap by half."""
    from ocr2.cli.eval.answers import score_answer_lists
    from ocr2.metrics.pairs import load_pairs

    pairs = load_pairs(gt, pred)
    _tell(f"without a prediction, so counted as wrong, of {len(pairs.items)} items", pairs.missing)
    _tell("without a ground truth, so not scored", pairs.unmatched)
    print(score_answer_lists(pairs, metric.value, as_json=as_json), end="", flush=True)


def _require_other_file(target: Path | None, read: tuple[Path, ...]) -> None:
    """Refuse to overwrite what is scored."""
    if target is not None and target.exists() and any(target.samefile(path) for path in read):
        raise ValueError(f"cannot write to {target}: it is a file that is scored")


def _show(scores: str, per_item: Path | None, lines_per_item: Callable[[], str]) -> None:
    """Print scores, then write those of each item if a file for them is named."""
    print(scores, end="", flush=True)
    if per_item is not None:
        per_item.write_text(lines_per_item(), encoding="utf-8")


def _tell(what: str, names: tuple[str, ...]) -> None:
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        say(f"{what}: {len(names)} ({', '.join(names[:NAMED])}{more})")
