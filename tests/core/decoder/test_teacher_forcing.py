"""Log-probabilities of a given text, against those that were noted while it was written."""

import pytest
import torch

from ocr2.decoder import teacher_forcing
from ocr2.decoder.generate import GenerationConfig, generate
from ocr2.decoder.teacher_forcing import forced_log_probs
from ocr2.got.config import PRESETS
from ocr2.got.network import GOTModel
from ocr2.multimodal.runtime import DecoderRuntime
from tests.random_weights import randomised


@pytest.fixture(scope="module")
def runtime() -> DecoderRuntime:
    return randomised(GOTModel(PRESETS["got-mini"])).skeleton.runtime(dtype=torch.float32)


PROMPT = torch.randn(7, 32, generator=torch.Generator().manual_seed(1)) * 0.5


@pytest.mark.parametrize("rows", [1, 5, 256])
def test_they_are_those_that_writing_notes(runtime: DecoderRuntime, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher_forcing, "HEAD_ROWS", rows)
    config = GenerationConfig(end_ids=(), max_new_tokens=12, temperature=1.0)
    (written,) = generate(runtime, PROMPT[None], config)
    assert len(written.ids) == 12
    assert forced_log_probs(runtime, PROMPT, written.ids) == pytest.approx(written.log_probs, abs=1e-4)


def test_one_token_and_one_position_are_enough(runtime: DecoderRuntime) -> None:
    (value,) = forced_log_probs(runtime, PROMPT[:1], [5])
    assert value < 0


@pytest.mark.parametrize(("prompt", "ids"), [(PROMPT[:0], [5]), (PROMPT, [])])
def test_nothing_is_refused(runtime: DecoderRuntime, prompt: torch.Tensor, ids: list[int]) -> None:
    with pytest.raises(ValueError, match="prompt and text have at least one position each"):
        forced_log_probs(runtime, prompt, ids)
