"""Rows of got-nano-formulas' training: what is taught is what reading will see."""

import cv2
import numpy as np
import pytest

from ocr2.formulas.parse import parse_formula
from ocr2.formulas.write import write_formula
from ocr2.got.formulas.elements import CLASSES, TAKING
from ocr2.got.formulas.output_language import FIRST_ELEMENT, IDS, NAMES, assemble, linearise
from ocr2.synth.formulas.records import FormulaRecord
from ocr2.train import got_nano_formulas as training
from ocr2.train.got_nano_formulas import TrainedNano, batch_losses, batches_of, make_batch, noisy_formula
from ocr2.train.pointing import IGNORE
from ocr2.train.pools import Drawn

LATEX = r"x_{1}=\frac{\alpha}{2}"


def record(latex: str = LATEX) -> FormulaRecord:
    items = linearise(parse_formula(latex))
    count = sum(kind == "element" for kind, _ in items)
    return {
        "latex": latex,
        "items": [name if kind == "element" else f"<{name}>" for kind, name in items],
        "boxes": [[12 * i + 4, 8 + 4 * (i % 2), 12 * i + 12, 20] for i in range(count)],
        "width": 12 * count + 16,
        "height": 40,
        "em": 24.0,
    }


def drawn(latex: str = LATEX) -> Drawn[FormulaRecord]:
    told = record(latex)
    pixels = np.random.default_rng(0).integers(0, 256, (told["height"], told["width"]), np.uint8)
    return cv2.imencode(".png", pixels)[1].ravel(), told


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be dropped or made up."""
    for name in ("DROPPED", "FALSE"):
        monkeypatch.setattr(training, name, 0.0)


def test_the_answer_names_each_sign_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    noisy = noisy_formula(record(), np.random.default_rng(0))
    items = [
        ("element", CLASSES[noisy.classes[token - FIRST_ELEMENT]])
        if token >= FIRST_ELEMENT
        else ("token", NAMES[token])
        for token in noisy.ids[:-1]
    ]
    assert noisy.ids[-1] == IDS["end"]
    assert write_formula(assemble(items, accents=TAKING)) == LATEX


def test_signs_that_are_not_found_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "DROPPED", 1.0)
    monkeypatch.setattr(training, "FALSE", 0.0)
    noisy = noisy_formula(record(), np.random.default_rng(0))
    assert [CLASSES[c] for c in noisy.classes] == [r"\frac"]  # what others stand in is never dropped
    assert sum(token >= FIRST_ELEMENT for token in noisy.ids) == 1


def test_a_batch_holds_what_its_shapes_say() -> None:
    batch = make_batch([drawn(), drawn("a+b")], np.random.default_rng(0))
    assert batch.ink.shape[0] == batch.boxes.shape[0] == 2
    assert batch.ink.shape[2] % 16 == batch.ink.shape[3] % 32 == 0
    assert batch.cells.shape[1:3] == (batch.ink.shape[2] // 4, batch.ink.shape[3] // 4)
    for row in range(2):
        count = int(batch.valid[row].sum())
        labelled = (batch.labels[row] != IGNORE).nonzero()[:, 0].tolist()
        assert labelled == list(range(count, count + len(labelled)))
        assert int(batch.labels[row][labelled[-1]]) == IDS["end"]


def test_formulas_with_unknown_signs_are_left_out() -> None:
    formulas = [drawn() for _ in range(24)]
    formulas[3][1]["items"][0] = "unknown"
    assert batches_of(formulas, np.random.default_rng(0)) == []
    assert len(batches_of([drawn() for _ in range(24)], np.random.default_rng(0))) == 1


def test_all_losses_are_finite_and_reach_the_network() -> None:
    model = TrainedNano()
    losses = batch_losses(model, make_batch([drawn(), drawn("a")], np.random.default_rng(0)))
    total = sum(losses.values())
    total.backward()  # type: ignore[union-attr]
    assert all(np.isfinite(float(loss.detach())) for loss in losses.values())
    used = {name for name, p in model.nano.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    for part in ("cell_head", "class_head", "thing_encoder", "to_word", "to_head", "skeleton.decoder", "lift"):
        assert any(name.startswith(part) for name in used), part
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
