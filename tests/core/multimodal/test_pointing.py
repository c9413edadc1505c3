"""Pointing: what the small models share, against plain equations."""

from collections.abc import Iterator

import pytest
import torch

from ocr2.decoder.generate import Generated, GenerationConfig
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.pointing import (
    PointerPrompt,
    PointingNetwork,
    answer_prompts,
    element_layers,
    prompt_parts,
    sample_patches,
    with_null_element,
)
from ocr2.vary.config import PRESETS
from ocr2.vary.nano.candidates import CANDIDATE_IDS, IDS
from ocr2.vary.nano.network import LayoutNano


@pytest.fixture(scope="module")
def network() -> LayoutNano:
    torch.manual_seed(0)
    return LayoutNano(PRESETS["vary-nano-tiny"]).eval()


def test_every_pointing_model_is_one_network() -> None:
    from ocr2.onechart.nano.network import ChartNano
    from ocr2.slowperception.nano.network import FigureNano

    assert all(issubclass(kind, PointingNetwork) for kind in (ChartNano, FigureNano, LayoutNano))


def test_patches_are_sampled_at_their_middles() -> None:
    patches = torch.rand(1, 4, 6, 3)
    middles = torch.tensor([[[(x + 0.5) / 6, (y + 0.5) / 4] for x in range(6)] for y in range(4)])
    torch.testing.assert_close(sample_patches(patches, middles[None])[0], patches[0])


def test_beyond_the_border_is_the_border() -> None:
    patches = torch.rand(1, 2, 2, 1)
    far = sample_patches(patches, torch.tensor([[[[-3.0, -3.0], [9.0, 9.0]]]]))[0, 0, :, 0]
    torch.testing.assert_close(far, torch.stack([patches[0, 0, 0, 0], patches[0, 1, 1, 0]]))


@torch.inference_mode()
def test_padded_elements_change_nothing_and_none_are_no_error() -> None:
    torch.manual_seed(0)
    layer = element_layers(16, heads=4, mlp=32, count=1)[0].eval()
    null, elements, image = torch.rand(16), torch.rand(2, 3, 16), torch.rand(2, 5, 16)
    valid = torch.tensor([[True, True, False], [False, False, False]])
    x, absent = with_null_element(null, elements, valid)
    padded = layer(x, image, tgt_key_padding_mask=absent)
    x, absent = with_null_element(null, elements[:1, :2], valid[:1, :2])
    alone = layer(x, image[:1], tgt_key_padding_mask=absent)
    torch.testing.assert_close(padded[:1, :3], alone)
    assert padded.isfinite().all()


@torch.inference_mode()
def test_a_prompt_is_image_elements_and_what_is_asked(network: LayoutNano) -> None:
    hidden = network.config.skeleton.decoder.hidden_size
    features, elements = torch.rand(7, hidden), torch.rand(3, hidden)
    embeds, pointers = prompt_parts(
        network, features, elements, ids=CANDIDATE_IDS, asked=IDS["regions"], dtype=torch.float32
    )
    assert embeds.shape == (11, hidden)
    torch.testing.assert_close(embeds[:7], features)
    torch.testing.assert_close(embeds[7:10], network.to_word(elements))
    torch.testing.assert_close(embeds[10], network.multimodal.embed_tokens(torch.tensor(IDS["regions"])))
    torch.testing.assert_close(pointers.heads, network.to_head(elements) * hidden**-0.5)


@torch.inference_mode()
def test_prompts_are_made_when_there_is_room_and_answers_keep_their_numbers(network: LayoutNano) -> None:
    hidden = network.config.skeleton.decoder.hidden_size
    made: list[int] = []

    def prompts() -> Iterator[PointerPrompt]:
        for i in range(5):
            made.append(i)
            elements = torch.rand(i + 1, hidden, generator=torch.Generator().manual_seed(i))
            embeds, pointers = prompt_parts(
                network, torch.ones(4, hidden), elements, ids=CANDIDATE_IDS, dtype=torch.float32
            )
            yield PointerPrompt(embeds=embeds, pointers=pointers)

    runtime = network.multimodal.runtime(dtype=torch.float32)
    config = GenerationConfig(end_ids=(IDS["end"],), max_new_tokens=4)
    answers: dict[int, tuple[int, Generated]] = {}
    for number, prompt, generated in answer_prompts(runtime, prompts(), config, slots=2):
        assert len(made) <= len(answers) + 3
        answers[number] = (len(prompt.pointers.heads), generated)
    assert [answers[i][0] for i in range(5)] == [1, 2, 3, 4, 5]
    for count, generated in answers.values():
        assert all(t - CANDIDATE_IDS.start < count for t in generated.ids)


def test_a_network_names_what_it_is_built_on(network: LayoutNano) -> None:
    assert isinstance(network.multimodal, MultimodalModel)
    with pytest.raises(TypeError, match="abstract"):
        PointingNetwork()  # type: ignore[abstract]
