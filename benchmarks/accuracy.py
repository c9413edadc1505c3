"""Character error of got-nano beside Tesseract and RapidOCR, on the same images in one run.

    python benchmarks/accuracy.py --data DIR [--lines 1000] [--json out.json]

DIR holds folders with images and `data.jsonl` (line_uw3, page_debian_pdf, receipt_sroie). The lines are cut
by their text boxes out of five reserved documentation PDFs. Texts are compared in NFC with white space
collapsed ("raw"), and also with quotes, dashes and ligatures folded ("folded"). Error: all edits over all
characters, with a 95 % bootstrap interval over images. receipt_sroie is annotated in capitals only, so case does
not count there.
"""

import argparse
import json
import shutil
import time
from pathlib import Path

import numpy as np

from benchmarks.engines import Engine, line_words, ours, rapidocr, tesseract
from benchmarks.sets import Sample, folder_set, reserved_lines
from ocr2.got.nano.reader import NanoReader
from ocr2.metrics.text import bootstrap_interval, edit_counts, expected_calibration_error, micro_error, normalise
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions

CAPITALS = ("receipt_sroie",)
FOLDERS = ("line_uw3", "page_debian_pdf", "receipt_sroie")


def measure(engine: Engine, samples: list[Sample], *, capitals: bool) -> dict[str, object]:
    """Read all samples with one engine and score them."""
    started = time.perf_counter()
    answers = [(engine.page if s.whole_page else engine.line)(s.gray) for s in samples]
    seconds = time.perf_counter() - started
    scores: dict[str, object] = {"images": len(samples), "seconds_each": round(seconds / len(samples), 4)}
    for name, fold in (("raw", False), ("folded", True)):
        texts = [normalise(text, fold=fold) for text in (*(s.text for s in samples), *answers)]
        texts = [text.upper() for text in texts] if capitals else texts
        counts = edit_counts(texts[: len(samples)], texts[len(samples) :])
        low, high = bootstrap_interval(counts)
        scores[name] = round(micro_error(counts), 3)
        scores[f"{name}_interval"] = [round(low, 3), round(high, 3)]
    return scores


def calibration(reader: NanoReader, samples: list[Sample]) -> dict[str, float]:
    """Return how well word confidences match on lines whose words can be told apart."""
    confidences: list[float] = []
    correct: list[bool] = []
    for sample in samples:
        words, truth = line_words(sample.gray, reader), normalise(sample.text, fold=True).split()
        if len(words) == len(truth):
            confidences += [word.confidence for word in words]
            correct += [normalise(w.text, fold=True) == t for w, t in zip(words, truth, strict=True)]
    return {
        "words": len(correct),
        "accuracy": round(float(np.mean(correct)), 4),
        "mean_confidence": round(float(np.mean(confidences)), 4),
        "ece": round(expected_calibration_error(confidences, correct), 4),
    }


def engines(weights: Path | None) -> list[Engine]:
    """Return ours with the draft verified by the decoder, ours with every CTC path off, and the classical ones."""
    drafted = load_line_reader("got-nano", LoadOptions(weights=weights, device="cpu", dtype="auto"))
    alone = load_line_reader("got-nano", LoadOptions(weights=weights, device="cpu", dtype="auto"))
    assert isinstance(alone, NanoReader)
    alone.use_drafts = alone.rescue = False
    found = [ours(drafted, "got-nano"), ours(alone, "decoder alone")]
    if shutil.which("tesseract"):
        found.append(tesseract())
    try:
        found.append(rapidocr())
    except ImportError:
        print("rapidocr is not installed: pip install -e '.[bench]'")
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the sets with data.jsonl")
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    sets = {"pdf_lines": reserved_lines(args.lines)} if args.lines else {}
    if args.data is not None:
        sets |= {name: folder_set(args.data / name) for name in FOLDERS}
    results: dict[str, dict[str, object]] = {name: {} for name in sets}
    chosen = engines(args.weights)[: 1 if args.only_ours else None]
    print(f"{'set':<18}{'engine':<22}{'images':>7}{'raw %':>8}{'95 %':>16}{'folded %':>10}{'s each':>9}")
    for name, samples in sets.items():
        for engine in chosen:
            row = measure(engine, samples, capitals=name in CAPITALS)
            results[name][engine.name] = row
            interval = "{}–{}".format(*row["raw_interval"])  # type: ignore[misc]
            print(
                f"{name:<18}{engine.name:<22}{row['images']:>7}{row['raw']:>8}{interval:>16}"
                f"{row['folded']:>10}{row['seconds_each']:>9}",
                flush=True,
            )
    reader = load_line_reader("got-nano", LoadOptions(weights=args.weights, device="cpu", dtype="auto"))
    if "pdf_lines" in sets and isinstance(reader, NanoReader):
        results["calibration"] = {"got-nano": calibration(reader, sets["pdf_lines"])}
        print("calibration", results["calibration"])
    if args.json is not None:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
