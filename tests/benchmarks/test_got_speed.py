"""The comparison with transformers: every part runs on a tiny model, and its keys hold; no time is asserted."""

import json
import math
import sys
from pathlib import Path

import pytest
import torch

from benchmarks import got_speed, speed_pages, speed_parts
from benchmarks.got_random import in_transformers, walking_runtime
from benchmarks.speed_engines import Transformers, peak_mib
from benchmarks.speed_parts import Bench, Figures, Settings, edit
from ocr2.cli.bench.measure import ViewEngine, make_prompt, random_model
from ocr2.compute.roofline import Limits

KEYS = {
    "encoder_ratio", "encoder_gemm_share", "encoder_peak_ratio", "decode1_ratio", "decode1_bw_share",
    "decode1_int8_ratio", "decode1_int8_bw_share", "batch32_ratio", "batch32_int8_ratio", "e2e32_ratio",
    "e2e32_int8_ratio", "draft95_ratio", "nano_page_s", "equal_outputs_fp32", "encoder_s", "decode1_s", "batch32_s",
    "e2e32_s", "draft95_s", "batch32_transformers_s", "e2e32_transformers_s", "decode1_transformers_s", "threads",
}  # fmt: skip
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured on Linux alone")

ARGUMENTS = ["--preset", "got-mini", "--scale", "0.005", "--repeats", "1"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose rates are known and that is never too busy, no Tesseract, few pages."""
    monkeypatch.setattr(speed_parts, "rest", lambda whole, part: max(whole - part, 1e-6))
    monkeypatch.setattr(speed_parts, "measure_limits", lambda dtype, *, repeats: Limits(2e12, 4e10))
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(speed_pages, "READINGS", 1)
    monkeypatch.setattr(speed_pages, "DOCUMENTS", (1, 2))


def test_every_part_gives_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "speed.json"
    monkeypatch.setattr(speed_parts, "PAGES", 9)
    assert got_speed.main([*ARGUMENTS, "--json", str(path)]) == 0
    found: Figures = json.loads(path.read_text())
    assert set(found) >= KEYS
    assert all(isinstance(found[key], int | float) and 0 < found[key] < math.inf for key in KEYS)
    assert found["parts"] == list(got_speed.PARTS)
    assert found["failed"] == {}
    assert found["machine"] == {"gemm_tflops": 2, "copy_gb_s": 40}
    assert (found["preset"], found["dtype"], found["scale"]) == ("got-mini", "bfloat16", 0.005)
    assert found["equal_outputs_fp32"] == found["outputs_fp32"] == 16
    assert found["outputs_fp32_different"] > 1
    assert found["nano_vs_tesseract"] is None
    assert found["nano_note"] == "tesseract is not installed"
    assert 0 <= found["nano_cer_percent"] < 50
    assert found["draft95_equal_tokens"] + found["draft95_flips"] == found["draft95_tokens"] == 20
    assert found["batch32_ratio"] == pytest.approx(found["batch32_transformers_s"] / found["batch32_s"])
    for stages in found["e2e32_stages"].values():
        assert set(stages) == {"preprocessing", "encoder", "prefill", "decode"}
        assert all(seconds > 0 for seconds in stages.values())
    for key in ("linear_pages", "linear_pages_nano"):
        assert [row["pages"] for row in found[key]] == [1, 2]
        assert all(row["page_s"] > 0 and row["peak_rss_mib"] > 0 for row in found[key])
    out = capsys.readouterr().out
    assert "got-mini, bfloat16" in out
    assert all(f"\n{name} (" in out for name in got_speed.PARTS)


def test_a_part_that_fails_costs_no_other(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(bench: Bench) -> Figures:
        raise RuntimeError("no memory")

    monkeypatch.setitem(got_speed.PARTS, "encoder", fail)
    monkeypatch.setitem(got_speed.PARTS, "nano", lambda bench: {"nano_page_s": 1.5})
    assert got_speed.main([*ARGUMENTS, "--only", "encoder,nano", "--json"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["parts"], found["failed"]) == (["nano"], {"encoder": "RuntimeError: no memory"})
    assert found["nano_page_s"] == 1.5
    assert "RuntimeError: no memory" in err
    assert "nano_page_s" in err  # the table


def test_an_interruption_keeps_what_was_finished(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stop(bench: Bench) -> Figures:
        raise KeyboardInterrupt

    monkeypatch.setitem(got_speed.PARTS, "encoder", lambda bench: {"encoder_s": 1.0})
    monkeypatch.setitem(got_speed.PARTS, "decode", stop)
    path = tmp_path / "speed.json"
    assert got_speed.main([*ARGUMENTS, "--only", "encoder,decode,nano", "--json", str(path)]) == 130
    found = json.loads(path.read_text())
    assert (found["parts"], found["encoder_s"]) == (["encoder"], 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "encoder,decoder"], "no part 'decoder'; expected some of: encoder, decode, batch"),
        (["--scale", "0"], "--scale and --repeats must be positive, got 0.0 and 3"),
    ],
)
def test_wrong_use_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        got_speed.main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(Settings(preset="got-mini", dtype=torch.float32, scale=1.0, repeats=1))


def test_answers_are_spread_over_their_range(bench: Bench) -> None:
    assert len(bench.lengths) == 32
    assert 100 <= min(bench.lengths) < 300 < 1300 < max(bench.lengths) <= 1500
    assert bench.lengths == Bench(bench.settings).lengths


def test_the_pilot_takes_the_batch_that_would_end_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {1: 1.0, 2: 1.0, 4: 1.2, 8: 9.0}
    monkeypatch.setattr(Bench, "_step_seconds", lambda self, batch, positions: seconds[batch])
    pilot = Bench(bench.settings).pilot
    assert (pilot["batch"], pilot["positions"]) == (4, 1000)
    assert pilot["expected_s"][1] == sum(bench.lengths)
    assert pilot["expected_s"][8] == 9 * sum(max(bench.lengths[i : i + 8]) for i in (0, 8, 16, 24))


@pytest.mark.parametrize("batch", [1, 2])
def test_a_batch_runs_to_its_longest_and_each_answer_is_cut(batch: int) -> None:
    model = random_model("got-mini", torch.float32)
    theirs = Transformers(in_transformers(model), side=128, batch=batch)
    pixels = torch.randn(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    embeds = theirs.embed(make_prompt(model.config), theirs.encode(pixels))
    rows = theirs.write([embeds] * 3, [2, 5, 3])
    assert [len(row) for row in rows] == [2, 5, 3]
    torch.testing.assert_close(theirs.encode(pixels), theirs.encoder_in(torch.float32)(pixels))
    ours = ViewEngine(model, model.skeleton.runtime(dtype=torch.float32))
    torch.testing.assert_close(ours.encode(pixels), theirs.encode(pixels), rtol=1e-3, atol=1e-5)


def test_a_walking_decoder_does_not_repeat_itself() -> None:
    model = random_model("got-mini", torch.float32)
    engine = ViewEngine(model, walking_runtime(model))
    prompt = engine.embed(make_prompt(model.config), engine.encode(torch.zeros(1, 3, 128, 128)))
    (ids,) = engine.write([prompt], [200])
    assert len(set(ids)) == 200


def test_a_part_that_took_longer_than_the_whole_leaves_nothing_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert speed_parts.rest(3, 1) == 2
    assert speed_parts.rest(1, 3) is None
    assert speed_parts.over(6, 2) == 3
    assert speed_parts.over(None, 2) is speed_parts.over(2, None) is None


def test_a_draft_is_wrong_in_as_many_places_as_said() -> None:
    ids = list(range(600))
    draft = edit(ids, 0.05, words=1000, seed=3)
    assert len(draft) == 600  # as many dropped as added
    kept = set(ids) & {token for i, token in enumerate(draft) if i < 1 or draft[i - 1] != token}
    assert 560 <= len(kept) <= 600
    assert edit(ids, 0.05, words=1000, seed=3) == draft
    assert len(edit([5], 0.05, words=1000, seed=0)) == 1


def test_memory_of_a_call_is_what_it_needs_beyond_what_was_held() -> None:
    held = torch.ones(2**24)
    assert peak_mib(lambda: torch.ones(2**24)) == pytest.approx(64, rel=0.2)
    assert peak_mib(lambda: held.sum()) < 32
