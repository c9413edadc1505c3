"""Formulas of real papers and of the frozen set: exact in the normal form, by edits, and drawn again.

    python -m benchmarks.formulas --data DIR [--frozen runs/formulas-val] [--draw]

DIR holds `formula_im2latex` and `formula_crohme14`, each with `data.jsonl` (image, text). "reader" hands each picture
to the network, "read" to `ocr2.read`, as a user does: there it must first be taken for a formula. "Drawn" sets answer
and truth with LaTeX and compares the pictures: the same ink for 95 % of it, within two pixels of 540 an inch.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

import ocr2
from ocr2.checkpoints.shipped import load_shipped
from ocr2.formulas.drawing import can_draw, draw_formulas
from ocr2.formulas.write import write_formula
from ocr2.got.formulas.config import PRESETS
from ocr2.got.formulas.network import FormulaNano
from ocr2.got.formulas.reader import FormulaReader
from ocr2.metrics.charts import auroc
from ocr2.metrics.formula_pictures import agreement, alike_when_drawn
from ocr2.metrics.formulas import normal_form, score_formulas
from ocr2.models.registry import load_line_reader
from ocr2.synth.groups import decode_gray, read_group
from ocr2.train.trainer import read_weights

SETS = ("formula_im2latex", "formula_crohme14")


def load_reader(weights: Path | None) -> FormulaReader:
    """Return the reader that ships, or one with the weights of a run."""
    if weights is None:
        reader = load_line_reader("got-nano")
        formulas = getattr(reader, "_formulas", None)
        assert isinstance(formulas, FormulaReader)
        return formulas
    network = FormulaNano(PRESETS["got-nano-formulas"])
    if weights.suffix == ".safetensors":
        network = load_shipped(lambda: network, weights).network
    else:
        state = {k.removeprefix("nano."): v for k, v in read_weights(weights).items() if k.startswith("nano.")}
        network.load_state_dict(state)
    return FormulaReader(network.eval(), name="got-nano-formulas", dtype=torch.float32)


def read_real(folder: Path) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """Return the pictures and truths of a set."""
    pictures, truths = [], []
    for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gray = cv2.imread(str(folder / row["image"]), cv2.IMREAD_GRAYSCALE)
        assert gray is not None
        pictures.append(np.asarray(gray, np.uint8))
        truths.append(row["text"])
    return pictures, truths


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--frozen", type=Path, help="folder of frozen.npz")
    parser.add_argument("--weights", type=Path, help="state of a run, or its exported weights, instead of what ships")
    parser.add_argument("--every", type=int, default=1, help="one frozen formula in so many")
    parser.add_argument("--draw", action="store_true", help="compare pictures too; needs LaTeX")
    args = parser.parse_args()
    torch.set_num_threads(1)
    reader = load_reader(args.weights)
    sets = {name: read_real(args.data / name) for name in SETS if (args.data / name).exists()}
    if args.frozen is not None:
        rows = read_group(args.frozen / "frozen.npz")[:: args.every]
        sets["frozen"] = [decode_gray(png) for png, _ in rows], [record["latex"] for _, record in rows]
    for name, (pictures, truths) in sets.items():
        started = time.perf_counter()
        answers = [write_formula(reader.read_pictures([picture])[0].tree) for picture in pictures]
        seconds = (time.perf_counter() - started) / len(pictures)
        report(f"{name}, reader", answers, truths, seconds, draw=args.draw)
        if args.weights is None and name != "frozen":
            with ocr2.Engine() as engine:
                started = time.perf_counter()
                answers = [read_as_page(engine, picture) for picture in pictures]
                seconds = (time.perf_counter() - started) / len(pictures)
            report(f"{name}, read", answers, truths, seconds, draw=args.draw)
        if args.draw:
            report_verification(reader, pictures, truths)


def read_as_page(engine: ocr2.Engine, picture: NDArray[np.uint8]) -> str:
    """Return the formula of a picture as `ocr2.read` gives it; empty unless it gives one and nothing else."""
    blocks = engine.read(Image.fromarray(picture)).pages[0].blocks
    if [block.kind for block in blocks] != ["formula"]:
        return ""
    text = blocks[0].text.removeprefix(r"\[").removesuffix(r"\]")
    return re.sub(r"\\tag\{([^{}]*)\}", r"\\quad (\1)", text)


def report_verification(reader: FormulaReader, pictures: Sequence[NDArray[np.uint8]], truths: Sequence[str]) -> None:
    """Print how well confidence, agreement of the drawing, and both tell right answers from wrong ones."""
    readings = [reader.read_pictures([picture])[0] for picture in pictures]
    answers = [write_formula(reading.tree) for reading in readings]
    right = np.array([normal_form(a) == normal_form(t) for a, t in zip(answers, truths, strict=True)])
    drawn = draw_formulas(answers)
    agreed = [0.0 if d is None else agreement(p, d) for p, d in zip(pictures, drawn, strict=True)]
    sure = np.array([reading.confidence for reading in readings])
    scores = {"confidence": sure, "agreement": np.array(agreed), "both": sure * np.array(agreed)}
    found = {name: auroc(values.tolist(), right.tolist()) for name, values in scores.items()}
    told = "  ".join(f"{name} {value:.3f}" for name, value in found.items() if value is not None) or "none is right"
    print(f"AUROC against being exact, drawn by {can_draw()}: {told}", flush=True)


def report(name: str, answers: Sequence[str], truths: Sequence[str], seconds: float, *, draw: bool) -> None:
    """Print scores of answers."""
    scores = score_formulas(answers, truths)
    drawn = f"  drawn {100 * np.mean(alike_when_drawn(answers, truths)):5.1f} %" if draw else ""
    told = f"exact {scores['exact']:5.1f} %  edit {scores['edit']:5.2f} %{drawn}  {seconds:.2f} s each, one core"
    print(f"{name:26} {len(truths):5} formulas  {told}", flush=True)


if __name__ == "__main__":
    main()
