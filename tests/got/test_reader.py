"""Published GOT from page to text, on random weights, against transformers."""

import copy
import io
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil

import ocr2
from ocr2.decoder.generate import Generated, GenerationConfig, Request, Scheduler
from ocr2.errors import CheckpointError, ModelError, OutputError
from ocr2.got import reader as views_module
from ocr2.got.checkpoint import LAYOUTS, load_published
from ocr2.got.config import MAX_TOKENS
from ocr2.got.prompts import Query, chat_prompt
from ocr2.got.reader import ViewReader, cut_views, pixels_from_views
from ocr2.models.protocols import PageReading, PageRequest
from ocr2.multimodal.runtime import DecoderRuntime
from ocr2.options import PageInstructions, ReadOptions
from ocr2.places import box_in_thousandths
from ocr2.reading.read import read_document
from ocr2.results.document import Format
from tests.fakes import use_model
from tests.got.test_published import original_state, random_model, transformers_model, write_checkpoint
from tests.instructions import asking, instruct


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> ViewReader:
    folder = write_checkpoint(tmp_path_factory.mktemp("views") / "mini", original_state(random_model()))
    return ViewReader(load_published(folder, preset="got-mini"))


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("height", "width"), [(1024, 1024), (700, 1300), (1500, 90)])
def test_pixels_equal_transformers(height: int, width: int) -> None:
    page = picture(height, width)
    processor = GotOcr2ImageProcessorPil(size={"height": 1024, "width": 1024})
    theirs = processor(Image.fromarray(page), return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(pixels_from_views(cut_views(page, side=1024, max_tiles=1)), theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("height", "width", "views"), [(1754, 1240, 7), (500, 1000, 3), (900, 900, 1)])
def test_tiles_equal_transformers(height: int, width: int, views: int) -> None:
    page = picture(height, width)
    processor = GotOcr2ImageProcessorPil(size={"height": 1024, "width": 1024})
    theirs = processor(Image.fromarray(page), crop_to_patches=True, min_patches=1, max_patches=6, return_tensors="pt")[
        "pixel_values"
    ]
    ours = pixels_from_views(cut_views(page, side=1024))
    assert len(ours) == len(theirs) == views
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@torch.inference_mode()
def test_greedy_tokens_equal_transformers(reader: ViewReader) -> None:
    """Weights are scaled so that the best token leads by far more than rounding."""
    state = {name: value.clone() for name, value in reader.model.state_dict().items()}
    theirs = transformers_model()
    layout = LAYOUTS[2]
    names = {str(layout.to_published(name)): value for name, value in state.items()}
    theirs.load_state_dict(names, strict=True)
    views = cut_views(picture(300, 200), side=128, max_tiles=2)
    prompt = chat_prompt(Query(formatted=True, tiled=True), reader.tokenizer, num_tokens=4 * len(views))
    pixels = pixels_from_views(views)
    answer = theirs.generate(
        input_ids=torch.tensor([prompt]),
        pixel_values=pixels,
        max_new_tokens=24,
        do_sample=False,
        eos_token_id=[151_645, 151_643],
        pad_token_id=151_643,
        output_logits=True,
        return_dict_in_generate=True,
    )
    top = torch.stack([logits[0].topk(2).values for logits in answer.logits])
    ours = reader.model(torch.tensor([prompt]), pixels)[0, -1]
    error = float((ours - answer.logits[0][0]).abs().max())
    assert float((top[:, 0] - top[:, 1]).min()) > 100 * error
    reply = reader.read_views(views, Query(formatted=True, tiled=True), instruct(max_new_tokens=24))
    written = [i for i in answer.sequences[0, len(prompt) :].tolist() if i not in (151_645, 151_643)]
    assert reply.text == reader.tokenizer.decode(written).strip()


def test_one_view_bans_repeats_and_the_ban_can_be_lifted(reader: ViewReader, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[GenerationConfig] = []
    run = Scheduler.run

    def spy(self: Scheduler, requests: Iterable[Request]) -> Iterator[tuple[Request, Generated]]:
        requests = list(requests)
        seen.extend(request.config for request in requests)
        return run(self, requests)

    monkeypatch.setattr(Scheduler, "run", spy)
    view = cut_views(picture(128, 128), side=128)
    reader.read_views(view, instructions=instruct(max_new_tokens=2))
    reader.read_views(view, instructions=instruct(max_new_tokens=2, ngram_size=0))
    reader.read_views(view * 2, Query(pages=True, formatted=True), instruct(max_new_tokens=2))
    assert [config.ngram_size for config in seen] == [20, 0, 0]
    assert all(config.end_ids == (151_645, 151_643) for config in seen)


def test_a_prompt_that_fills_the_context_is_refused(reader: ViewReader) -> None:
    view = np.zeros((128, 128, 3), np.uint8)
    with pytest.raises(ModelError, match=f"prompt and answer have {MAX_TOKENS}"):
        reader.read_views([view] * 2100)


def test_an_answer_that_cannot_fit_is_refused(reader: ViewReader) -> None:
    view = np.zeros((128, 128, 3), np.uint8)
    with pytest.raises(ModelError, match=r"a prompt of 34 tokens, 8159 are asked for"):
        reader.read_views([view], instructions=instruct(max_new_tokens=8159))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, Query]]:
    """Collect views and query of pages read as one text, instead of reading."""
    seen: list[tuple[int, Query]] = []

    def spy(self: ViewReader, views: Sequence[NDArray[np.uint8]], query: Query, *_: Any, **__: Any) -> PageReading:
        seen.append((len(views), query))
        return PageReading(f"text {len(seen)}", (0.5,), "end", len(views))

    monkeypatch.setattr(ViewReader, "read_views", spy)
    return seen


def page_of(text: str, size: int) -> NDArray[np.uint8]:
    """Draw text on an A4 page of 200 dpi, in colour."""
    image = Image.new("RGB", (1654, 2339), "white")
    lines = textwrap.wrap(text, width=2400 // size)
    font = ImageFont.load_default(size=size)
    ImageDraw.Draw(image).multiline_text((150, 150), "\n".join(lines), fill="black", font=font, spacing=size // 2)
    return np.asarray(image, np.uint8)


@pytest.fixture
def large(reader: ViewReader) -> ViewReader:
    """A reader that takes views of the published size."""
    large = copy.copy(reader)
    large.side = 1024
    return large


def test_only_small_print_is_cut_into_tiles(large: ViewReader, prose: Callable[[int], str]) -> None:
    plans = [
        large.plan(page_of(prose(1500), size), instruct(tiles=tiles))
        for size in (27, 12)  # 10 and 4 pt
        for tiles in ("auto", 1, 6)
    ]
    assert [len(views) for views, _ in plans] == [1, 1, 7, 7, 1, 7]
    assert [query.tiled for _, query in plans] == [len(views) > 1 for views, _ in plans]


@pytest.mark.parametrize("noise", [picture(1500, 1100), np.full((1500, 1100, 3), 255, np.uint8)])
def test_pages_without_print_take_one_view(noise: NDArray[np.uint8], large: ViewReader) -> None:
    assert len(large.plan(noise, instruct())[0]) == 1


def test_a_box_is_named_or_cut_out(large: ViewReader) -> None:
    page = np.zeros((200, 100, 3), np.uint8)
    page[50:150, 20:40] = 255
    box = (20.0, 50.0, 40.0, 150.0)
    plans = [
        large.plan(page, ask)
        for ask in (
            instruct(box=box),
            instruct(box=(200, 250, 400, 750), box_unit="thousandths"),
            instruct(box=box, crop=True),
            instruct(box=(200, 250, 400, 750), box_unit="thousandths", crop=True),
        )
    ]
    assert [query.box for _, query in plans] == [(200, 250, 400, 750)] * 2 + [None] * 2
    assert [bool((views[0] == 255).all()) for views, _ in plans] == [False, False, True, True]
    with pytest.raises(ValueError, match=r"\[0.0, 0.0, 1001.0, 9.0\] is empty or not inside 0\.\.1000"):
        large.plan(page, instruct(box=(0.0, 0.0, 1001.0, 9.0), box_unit="thousandths"))


def test_small_print_is_not_cut_up_where_a_place_is_named(large: ViewReader, prose: Callable[[int], str]) -> None:
    page = page_of(prose(1500), 12)
    asks = (instruct(color="red"), instruct(box=(0, 0, 1654, 2339)), instruct(box=(0, 0, 1654, 2339), crop=True))
    assert [large.plan(page, ask)[1].tiled for ask in asks] == [False, False, True]


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4), st.integers(1, 4000), st.integers(1, 4000))
def test_thousandths_reach_the_prompt_unchanged(numbers: list[int], width: int, height: int) -> None:
    left, right = sorted(numbers[:2])
    top, bottom = sorted(numbers[2:])
    assume(left < right and top < bottom)
    box = (left, top, right, bottom)
    assert box_in_thousandths(box, (width, height), "thousandths", rounding="down") == box


def test_a_cut_out_box_keeps_all_it_touches() -> None:
    page = np.arange(300, dtype=np.uint8)[:, None, None].repeat(10, 1).repeat(3, 2)[:300]
    cut = views_module.crop(page, (1.2, 3.7, 4.1, 5.2))
    assert cut.shape == (3, 4, 3)
    assert cut[0, 0, 0] == 3


def test_a_time_limit_holds_between_views(reader: ViewReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DecoderRuntime, "forward", lambda *_, **__: pytest.fail("the limit was over before"))
    options = ReadOptions(**asking(tiles=2), page_timeout=1e-6, draft="off")
    document = read_document([picture(200, 100)], reader, options)
    assert "took longer" in str(document.pages[0].error)


@pytest.mark.parametrize("given", [{"markup": True}, {"box": (0, 0, 9, 9)}, {"color": "red"}, {"tiles": 2}])
def test_a_text_layer_cannot_be_asked_anything(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="text_layer must be ignore"):
        ReadOptions(text_layer="auto", **asking(**given))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        ({"tiles": 0}, "tiles must be auto or 1 to 30, got 0"),
        ({"tiles": 31}, "tiles must be auto or 1 to 30, got 31"),
        ({"box": (0, 0, float("nan"), 1)}, "a box has finite numbers"),
        ({"color": "purple"}, "color must be one of red, green, blue"),
        ({"color": "red", "tiles": 6}, "read in one view, without tiles"),
        ({"box": (0, 0, 1, 1), "tiles": 6}, "read in one view, without tiles"),
        ({"box": (0, 0, 1, 1), "color": "red"}, "give one, not boxes and color"),
        ({"crop": True}, "there is no box"),
        ({"multi_page": True, "tiles": 6}, "no box, colour or tiles"),
    ],
)
def test_what_contradicts_itself_is_refused(ask: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        instruct(**ask)


def test_pages_can_be_read_as_one_text(reader: ViewReader, asked: list[tuple[int, Query]]) -> None:
    pages = [picture(100, 100), picture(2, 100), picture(100, 100)]
    shown: list[int] = []
    options = ReadOptions(**asking(multi_page=True, markup=True))
    document = read_document(pages, reader, options, on_page=lambda page, _: shown.append(page.number))
    assert asked == [(2, Query(formatted=True, pages=True))]
    assert shown == [1, 2, 3]
    first, bad, last = document.pages
    assert (first.text, last.text) == ("text 1", "")
    assert "at least 4 x 4" in str(bad.error)
    assert last.warnings == ("its text is in page 1, read together with it",)
    assert last.error is None


def test_too_many_pages_for_one_text_are_told(reader: ViewReader, asked: list[tuple[int, Query]]) -> None:
    document = read_document([picture(64, 64)] * 9, reader, ReadOptions(**asking(multi_page=True)))
    assert document.pages[0].warnings == ("9 pages were read as one text; the model was trained on 8 at most",)
    assert asked[0][0] == 9


def test_one_text_that_does_not_fit_fails_its_pages(reader: ViewReader) -> None:
    options = ReadOptions(**asking(multi_page=True, max_new_tokens=8190))
    document = read_document([picture(64, 64)] * 2, reader, options)
    assert [page.error is None for page in document.pages] == [False, False]
    assert "page 2 of image: 2 views make a prompt of" in str(document.pages[1].error)


def test_one_text_has_a_time_limit(reader: ViewReader) -> None:
    document = read_document([picture(64, 64)], reader, ReadOptions(**asking(multi_page=True), page_timeout=1e-6))
    assert "page 1 of image: took longer" in str(document.pages[0].error)


def test_the_public_call_reads_pages_as_one_text_in_markup(
    reader: ViewReader, asked: list[tuple[int, Query]], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_model(monkeypatch, reader)
    engine, together = ocr2.load("got"), ocr2.WholePageOptions(multi_page=True)
    engine.read([picture(64, 64)] * 2, whole_page=together)
    assert asked == [(2, Query(formatted=True, pages=True))]
    with pytest.raises(ValueError, match="text_layer must be ignore"):
        engine.read([picture(64, 64)] * 2, whole_page=together, text_layer="use")


def test_progress_counts_tokens(reader: ViewReader) -> None:
    counts: list[int] = []
    views = cut_views(picture(128, 128), side=128)
    reply = reader.read_views(views, instructions=instruct(max_new_tokens=6), on_progress=counts.append)
    written = len(reply.probabilities) - (reply.stopped == "end")
    assert counts == list(range(written + 1))
    assert written


def two_page_tiff() -> bytes:
    buffer = io.BytesIO()
    first, second = (Image.fromarray(picture(90, 140, seed)) for seed in (1, 2))
    first.save(buffer, "TIFF", save_all=True, append_images=[second])
    return buffer.getvalue()


def test_a_document_is_read_page_by_page_in_colour(reader: ViewReader, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.uint8]] = []
    plan = ViewReader.plan

    def spy(self: ViewReader, page: NDArray[np.uint8], instructions: PageInstructions) -> Any:
        seen.append(page)
        return plan(self, page, instructions)

    monkeypatch.setattr(ViewReader, "plan", spy)
    document = read_document(two_page_tiff(), reader, ReadOptions(**asking(max_new_tokens=4), draft="off"))
    assert [page.number for page in document.pages] == [1, 2]
    assert not document.failed_pages
    np.testing.assert_array_equal(seen[1], picture(90, 140, 2))
    page = json.loads(document.render("json"))["pages"][0]
    assert page["blocks"][0]["box"] is None
    assert page["blocks"][0]["lines"] == []
    assert page["warnings"] == ["the text was cut short at the most tokens allowed"]
    assert document.text.split("\f")[0].strip() == document.pages[0].blocks[0].text
    forms: tuple[Format, ...] = ("markdown", "html", "hocr")
    for form in forms:
        assert document.pages[0].text[:3] in document.render(form).decode()


def test_a_searchable_pdf_needs_places(reader: ViewReader, tmp_path: Path) -> None:
    (tmp_path / "two.tiff").write_bytes(two_page_tiff())
    document = read_document(tmp_path / "two.tiff", reader, ReadOptions(**asking(max_new_tokens=4)))
    with pytest.raises(OutputError, match="needs the places of words; got gives none"):
        document.render("searchable-pdf")


def test_a_box_outside_one_page_fails_that_page_alone(reader: ViewReader) -> None:
    pages = [picture(200, 200), picture(50, 50)]
    document = read_document(pages, reader, ReadOptions(**asking(box=(10, 10, 100, 100), max_new_tokens=2)))
    assert document.pages[0].error is None
    assert "not inside a page of 50 x 50 pixels" in str(document.pages[1].error)


def test_a_page_over_time_is_given_up(reader: ViewReader) -> None:
    document = read_document([picture(64, 64)], reader, ReadOptions(page_timeout=1e-6))
    assert "took longer than 1e-06 s" in str(document.pages[0].error)


def test_what_only_whole_page_models_do_is_refused_of_others() -> None:
    with pytest.raises(ValueError, match="where, markup: for models that read whole pages, got-nano reads lines"):
        ocr2.load("got-nano").read(
            picture(50, 50), where=ocr2.Where(color="red"), whole_page=ocr2.WholePageOptions(markup=True)
        )


@pytest.mark.usefixtures("hub_cache")
def test_the_released_model_says_how_to_get_its_weights() -> None:
    with pytest.raises(CheckpointError, match=r"got are not on this machine: `ocr2 models download got` .* --weights"):
        ocr2.load("got")


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"holds neither qwen\.tiktoken nor tokenizer\.json"):
        load_published(tmp_path, preset="got-mini")


def tasks(pages: Sequence[NDArray[np.uint8]], **others: Any) -> list[PageRequest]:
    return [
        PageRequest(number=i, picture=page, instructions=instruct(max_new_tokens=5 + 7 * (i % 3)), **others)
        for i, page in enumerate(pages)
    ]


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_pages_read_together_are_read_as_alone(reader: ViewReader, batch_size: int) -> None:
    pages = [picture(90, 140, seed) for seed in range(5)]
    alone = [reading.text for task in tasks(pages) for _, reading in reader.read_pictures([task])]
    together = {
        task.number: reading.text for task, reading in reader.read_pictures(tasks(pages), batch_size=batch_size)
    }
    assert [together[i] for i in range(5)] == alone


def test_a_draft_never_changes_a_page_and_its_agreement_is_told(reader: ViewReader) -> None:
    page = picture(90, 140, 3)
    ((_, plain),) = reader.read_pictures(tasks([page]))
    assert plain.agreement is None
    for draft in (plain.text, "nothing like it", plain.text[::-1]):
        ((_, drafted),) = reader.read_pictures(tasks([page], draft=draft, lookup=True))
        assert drafted.text == plain.text
        assert drafted.agreement is not None
        assert 0 <= drafted.agreement <= 1


def test_a_task_that_cannot_be_is_told_and_the_others_are_read(reader: ViewReader) -> None:
    wrong = PageRequest(number=7, picture=picture(50, 50), instructions=instruct(box=(0, 0, 99, 9)))
    readings = reader.read_pictures([wrong, *tasks([picture(60, 60)])])
    done = {task.number: reading for task, reading in readings}
    assert "not inside a page of 50 x 50 pixels" in str(done[7].error)
    assert done[0].error is None


def test_eight_bits_read_too(tmp_path: Path) -> None:
    model = random_model()
    write_checkpoint(tmp_path, original_state(model))
    eight = ViewReader(load_published(tmp_path, preset="got-mini"), quantize="int8", consume=True)
    ((_, reading),) = eight.read_pictures(tasks([picture(90, 140)]))
    assert reading.error is None
    assert len(reading.probabilities) > 1


def test_a_reader_that_takes_the_weights_over_reads_the_same(reader: ViewReader, tmp_path: Path) -> None:
    write_checkpoint(tmp_path, original_state(random_model()))
    other = ViewReader(load_published(tmp_path, preset="got-mini"), consume=True)
    (tmp_path / "model.safetensors").unlink()
    task = tasks([picture(90, 140)])[0]
    texts = [next(r.read_pictures([task]))[1].text for r in (reader, other)]
    assert texts[0] == texts[1] != ""
