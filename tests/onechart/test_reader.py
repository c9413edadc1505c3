"""From charts to answers and numbers, on random weights."""

import copy
import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from ocr2.decoder.generate import Generated, GenerationConfig, Request, Scheduler
from ocr2.models.protocols import ChartReader
from ocr2.onechart.checkpoint import Published, load_published
from ocr2.onechart.config import NUMBER
from ocr2.onechart.reader import PublishedReader, pixels_from_chart
from tests.onechart.checkpoints import original_state, random_model, write_checkpoint
from tests.onechart.test_network import plain_embeds, plain_numbers, transformers_decoder


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


CHARTS = [picture(90, 140), picture(300, 200, 1), picture(128, 128, 2)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("pipeline") / "mini", original_state(random_model()))


@pytest.fixture(scope="module")
def published(folder: Path) -> Published:
    return load_published(folder, preset="onechart-mini")


@pytest.fixture(scope="module")
def reader(published: Published) -> PublishedReader:
    return PublishedReader(published)


def watching(reader: PublishedReader, token: int) -> PublishedReader:
    """Return the reader with another auxiliary token: one that these weights write."""
    other = copy.copy(reader)
    other.model = copy.copy(reader.model)
    other.model.config = dataclasses.replace(reader.model.config, number_token_id=token)
    return other


def written(reader: PublishedReader, chart: NDArray[np.uint8], count: int) -> list[int]:
    config = GenerationConfig(end_ids=(2,), max_new_tokens=count, stop_loops=False)
    ((_, generated),) = Scheduler(reader.runtime, slots=1).run(reader._requests([chart], config))
    return generated.ids


def test_the_reader_is_a_chart_reader(reader: PublishedReader) -> None:
    assert isinstance(reader, ChartReader)
    assert reader.needs_text is False
    assert reader.find_text(CHARTS[0]) == []


@torch.inference_mode()
def test_numbers_are_those_of_the_state_at_the_token(reader: PublishedReader, published: Published) -> None:
    """Against transformers, which runs the prompt and what was written up to the token at once."""
    ids = written(reader, CHARTS[0], 8)
    assert NUMBER not in ids
    token = ids[3]
    place = ids.index(token)
    (reading,) = watching(reader, token).read_charts([CHARTS[0]], [[]], max_new_tokens=8)
    state = original_state(published.model)
    pixels = pixels_from_chart(CHARTS[0], side=128)[None]
    embeds = plain_embeds(state, torch.tensor([reader.prompt + ids[: place + 1]]), pixels)
    hidden = transformers_decoder(state)(inputs_embeds=embeds, output_hidden_states=True).hidden_states[-1]
    assert reading.numbers is not None
    assert len(reading.numbers) == 256
    torch.testing.assert_close(torch.tensor(reading.numbers), plain_numbers(state, hidden[0, -1]), rtol=1e-3, atol=1e-4)


def test_a_model_that_never_writes_the_token_gives_no_numbers(reader: PublishedReader) -> None:
    (reading,) = reader.read_charts([CHARTS[0]], [[]], max_new_tokens=4)
    assert (reading.numbers, reading.stopped) == (None, "length")
    assert len(reading.probabilities) == 4


def test_a_token_that_ends_the_answer_is_not_read(reader: PublishedReader) -> None:
    first = written(reader, CHARTS[0], 1)[0]
    (reading,) = watching(reader, first).read_charts([CHARTS[0]], [[]], max_new_tokens=1)
    assert reading.numbers is None


def test_charts_together_read_as_each_alone(reader: PublishedReader) -> None:
    token = written(reader, CHARTS[1], 6)[2]
    other = watching(reader, token)
    together = other.read_charts(CHARTS, [[], [], []], max_new_tokens=6)
    assert other.read_charts([], []) == []
    for chart, reading in zip(CHARTS, together, strict=True):
        (alone,) = other.read_charts([chart], [[]], max_new_tokens=6)
        assert (reading.answer, reading.stopped) == (alone.answer, alone.stopped)
        assert (reading.numbers is None) == (alone.numbers is None)
        if reading.numbers is not None and alone.numbers is not None:
            assert reading.numbers == pytest.approx(alone.numbers, rel=1e-3, abs=1e-4)
    assert together[1].numbers is not None


def test_more_charts_than_slots_come_in_order(reader: PublishedReader, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [reading.answer for reading in reader.read_charts(CHARTS, [], max_new_tokens=3)]
    monkeypatch.setattr(PublishedReader, "slots", {"cpu": 2})
    assert [reading.answer for reading in reader.read_charts(CHARTS, [], max_new_tokens=3)] == expected


@pytest.mark.parametrize(("asked", "expected"), [(None, 4040), (5000, 4040), (7, 7)])
def test_answers_never_leave_the_context(
    asked: int | None, expected: int, reader: PublishedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Request] = []

    def spy(self: Scheduler, requests: Iterable[Request]) -> Iterator[tuple[Request, Generated]]:
        for request in requests:
            seen.append(request)
            yield request, Generated(stop="end")

    monkeypatch.setattr(Scheduler, "run", spy)
    reader.read_charts([CHARTS[0]], [[]], max_new_tokens=asked)
    config = seen[0].config
    assert (config.max_new_tokens, config.end_ids, config.stop_loops, config.ngram_size) == (expected, (2,), True, 0)
    assert (config.temperature, seen[0].watch_id) == (0, NUMBER)
    assert len(seen[0].inputs_embeds) + 4040 == 4096


def test_no_tokens_cannot_be_asked_for(reader: PublishedReader) -> None:
    with pytest.raises(ValueError, match="max_new_tokens must be at least 1, got 0"):
        reader.read_charts([CHARTS[0]], [[]], max_new_tokens=0)


@pytest.mark.parametrize("size", [(90, 140), (1500, 2000), (1024, 1024)])
def test_pixels_are_a_squashed_picture_without_mean_and_deviation(size: tuple[int, int]) -> None:
    chart = picture(*size)
    smooth = np.asarray(Image.fromarray(chart).resize((1024, 1024), Image.Resampling.BICUBIC), np.float32)
    rough = cv2.resize(chart, (1024, 1024), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    for found, expected in (
        (pixels_from_chart(chart, side=1024), smooth),
        (pixels_from_chart(chart, side=1024, resample="bilinear"), rough),
    ):
        assert found.shape == (3, 1024, 1024)
        torch.testing.assert_close(found, torch.from_numpy(expected).permute(2, 0, 1) / 255, rtol=0, atol=1e-6)
    if size == (1024, 1024):
        assert np.array_equal(smooth, rough)


def test_prompt_and_resize_can_be_chosen(published: Published, reader: PublishedReader) -> None:
    other = PublishedReader(published, spelling="covert", frame="blank", resample="bilinear")
    assert other.prompt != reader.prompt
    assert 1437 in other.prompt
    assert other.resample == "bilinear"


def test_a_consumed_checkpoint_reads_the_same_without_its_file(folder: Path, reader: PublishedReader) -> None:
    expected = reader.read_charts(CHARTS[:1], [[]], max_new_tokens=5)
    loaded = load_published(folder, preset="onechart-mini")
    consumed = PublishedReader(loaded, consume=True)
    stored = loaded.model.skeleton.decoder.model.decoder.embed_positions.weight
    assert consumed.runtime.positions is not None
    assert consumed.runtime.positions.data_ptr() != stored.data_ptr()
    (found,) = consumed.read_charts(CHARTS[:1], [[]], max_new_tokens=5)
    assert found.answer == expected[0].answer


def test_eight_bits_read(published: Published) -> None:
    reader = PublishedReader(published, quantize="int8")
    assert len(reader.read_charts(CHARTS[:1], [[]], max_new_tokens=3)[0].probabilities) == 3
