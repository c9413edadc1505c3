"""Page dependence: published GOT with random weights, and what is refused."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

import ocr2
from ocr2.decoder.generate import Generated, Request, Scheduler, StateDecoder
from ocr2.decoder.teacher_forcing import forced_log_probs
from ocr2.errors import DocumentError, ModelError
from ocr2.got import reader as reader_module
from ocr2.got.checkpoint import load_published
from ocr2.got.prompts import question_prompt
from ocr2.got.reader import ViewReader, cut_views, pixels_from_views
from ocr2.options import PageOptions
from ocr2.reading.whole_pages.dependence import measure_page_dependence
from tests.fakes import FixedReader, use_model
from tests.got.test_published import original_state, random_model, write_checkpoint
from tests.instructions import instruct

RGB = NDArray[np.uint8]
ANSWER = "Total 12.50\nthank you"
PAGES: list[RGB] = [
    np.random.default_rng(i).integers(0, 256, (90 + 40 * i, 150, 3), np.uint8) for i in range(3)
]  # of different shapes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("dependence") / "mini", original_state(random_model()))


@pytest.fixture(scope="module")
def reader(folder: Path) -> ViewReader:
    return ViewReader(load_published(folder, preset="got-mini"))


def measure(reader: ViewReader, pages: Sequence[RGB], answer: str = ANSWER, **more: str) -> ocr2.PageDependence:
    return measure_page_dependence([list(pages)], reader, answer, PageOptions(), **more)  # type: ignore[arg-type]


@torch.inference_mode()
def test_losses_are_those_of_the_networks_own_forward_pass(reader: ViewReader) -> None:
    result = measure(reader, PAGES)
    ids = reader.tokenizer.encode(ANSWER)
    views = [cut_views(page, side=128, max_tiles=1)[0] for page in PAGES]
    rows = [result.together, *result.alone, result.without]
    for shown, losses in zip([(0, 1, 2), (0,), (1,), (2,), ()], rows, strict=True):
        prompt = question_prompt("OCR with format across multi pages: ", reader.tokenizer, num_tokens=4 * len(shown))
        inputs = torch.tensor([prompt + ids[:-1]])
        skeleton = reader.model.skeleton
        pixels = pixels_from_views([views[i] for i in shown]) if shown else torch.zeros(0, 3, 128, 128)
        features = reader.model.encode(pixels).image_features if shown else torch.zeros(0, 4, 32)
        logits = skeleton.decode(skeleton.embed(inputs, features))[0, len(prompt) - 1 :]
        expected = torch.nn.functional.cross_entropy(logits, torch.tensor(ids), reduction="none")
        torch.testing.assert_close(torch.tensor(losses), expected, rtol=0, atol=1e-3)
    assert "".join(result.tokens) == ANSWER


def test_the_prompt_is_that_of_reading(reader: ViewReader, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[torch.Tensor] = []
    scored: list[torch.Tensor] = []
    run = Scheduler.run

    def spy(self: Scheduler, requests: Iterable[Request]) -> Iterator[tuple[Request, Generated]]:
        requests = list(requests)
        read.extend(request.inputs_embeds for request in requests)
        return run(self, requests)

    def score(model: StateDecoder, prompt: torch.Tensor, ids: Sequence[int]) -> list[float]:
        scored.append(prompt)
        return forced_log_probs(model, prompt, ids)

    monkeypatch.setattr(Scheduler, "run", spy)
    monkeypatch.setattr(reader_module, "forced_log_probs", score)
    reader.read_pages(PAGES, instruct(multi_page=True, max_new_tokens=1))
    measure(reader, PAGES)
    assert torch.equal(read[0], scored[0])
    assert [len(prompt) - len(scored[-1]) for prompt in scored] == [15, 7, 7, 7, 0]  # 4 a page, 3 around them


def test_pages_and_their_order_matter_and_two_runs_agree(reader: ViewReader) -> None:
    first, again = measure(reader, PAGES), measure(reader, PAGES)
    assert (first.together, first.alone, first.without) == (again.together, again.alone, again.without)
    assert max(map(abs, first.control)) > 0.01
    assert len({round(mean, 4) for mean in first.summary.pages}) == 3
    turned = measure(reader, PAGES[::-1])
    assert np.asarray(turned.alone) == pytest.approx(np.asarray(first.alone[::-1]))
    assert turned.together != pytest.approx(first.together)


def test_one_page_has_no_dependence_on_others(reader: ViewReader) -> None:
    result = measure(reader, PAGES[:1])
    assert result.pages == ((0.0,) * len(result.tokens),)
    assert (result.summary.least, result.summary.several_pages) == (0.0, 0.0)
    assert result.summary.control != 0.0


def test_a_model_that_ignores_pictures_has_no_dependence(folder: Path) -> None:
    published = load_published(folder, preset="got-mini")
    with torch.no_grad():  # each position then sees its own token alone
        for name, parameter in published.model.skeleton.decoder.named_parameters():
            if name.endswith("o_proj.weight"):
                parameter.zero_()
    result = measure(ViewReader(published), PAGES)
    assert np.asarray([*result.pages, result.control]) == pytest.approx(0.0, abs=1e-5)
    assert result.summary.several_pages == 0.0
    assert min(result.together) > 0


def test_a_question_of_ones_own_takes_the_place_of_readings(reader: ViewReader) -> None:
    words = "OCR with format across multi pages: "
    assert measure(reader, PAGES, question=words).together == measure(reader, PAGES).together
    assert measure(reader, PAGES, question="What is the total?").together != measure(reader, PAGES).together


def test_more_pages_than_were_trained_are_a_warning(reader: ViewReader) -> None:
    assert measure(reader, PAGES).warnings == ()
    (warning,) = measure(reader, PAGES * 3).warnings
    assert warning == "9 pages are asked about; the model was trained on 8 at most"


@pytest.mark.parametrize("answer", ["", " \n"])
def test_an_empty_answer_is_refused(reader: ViewReader, answer: str) -> None:
    with pytest.raises(ValueError, match="the answer is empty"):
        measure(reader, PAGES, answer)


def test_an_empty_question_is_refused(reader: ViewReader) -> None:
    with pytest.raises(ValueError, match="the question is empty"):
        measure(reader, PAGES, question=" ")


def test_no_pages_are_refused(reader: ViewReader) -> None:
    with pytest.raises(DocumentError, match="there are no pages: page dependence needs one at least"):
        measure(reader, [])


def test_a_page_that_cannot_be_opened_is_an_error(reader: ViewReader) -> None:
    with pytest.raises(DocumentError, match=r"^gone\.png cannot be read: "):
        measure_page_dependence(["gone.png"], reader, ANSWER, PageOptions())


def test_what_does_not_fit_the_context_is_refused(reader: ViewReader) -> None:
    with pytest.raises(ModelError, match=r"^3 pages make a prompt of \d+ tokens, the answer has 9001; .* have 8192$"):
        measure(reader, PAGES, "a " * 9000)


def test_the_public_call_takes_documents_and_their_pages(
    reader: ViewReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = use_model(monkeypatch, reader)
    for i, page in enumerate(PAGES):
        Image.fromarray(page).save(tmp_path / f"{i}.png")
    paths = [str(tmp_path / f"{i}.png") for i in range(3)]
    result = ocr2.page_dependence(*paths, answer=ANSWER, device="cpu", margin=0.2)
    assert [(Path(place.file).name, place.page) for place in result.places] == [
        ("0.png", 1),
        ("1.png", 1),
        ("2.png", 1),
    ]
    assert result.together == measure(reader, PAGES).together
    assert (result.margin, result.model, loaded[0][0]) == (0.2, "got", "got")
    with ocr2.load("got") as engine:
        assert engine.page_dependence([PAGES], ANSWER, pages="2-3").alone == result.alone[1:]


def test_a_model_that_does_not_read_several_pages_is_refused_before_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = r"^got-nano reads pages, but not several pages as one text; got does$"
    with pytest.raises(ModelError, match=message):
        ocr2.page_dependence(PAGES[0], answer=ANSWER, model="got-nano")
    with pytest.raises(ModelError, match=r"^onechart-nano reads charts, but not several pages as one text; got does$"):
        ocr2.page_dependence(PAGES[0], answer=ANSWER, model="onechart-nano")
    use_model(monkeypatch, FixedReader())
    with ocr2.load("got-nano") as engine, pytest.raises(ModelError, match=message):
        engine.page_dependence(PAGES[0], ANSWER)
