"""Forms of answers."""

import time

import pytest

from ocr2.rewards.formats import (
    has_format,
    score_grounding_format,
    score_grounding_format_compat,
    score_markup_format,
    score_thinking,
)

REFERENCE = "<|object_ref_start|>cat<|object_ref_end|>"
BOX = "<|box_start|>(1,2),(3,4)<|box_end|>"
END = "<|im_end|>"


@pytest.mark.parametrize(
    ("answer", "reward"),
    [
        ("<think>a\nb</think><answer>2</answer>", 1.0),
        ("<think></think><answer></answer>", 1.0),
        ("<answer>2</answer>", 0.0),
        ("so: <think>a</think><answer>2</answer>", 0.0),
        ("<think>a</think><answer>2</answer> and more", 0.0),
        ("", 0.0),
    ],
)
def test_thinking_stands_before_the_answer(answer: str, reward: float) -> None:
    assert score_thinking(answer, "").total == reward


@pytest.mark.parametrize("text", ["<", "<p>", "<think>", "<|box_start|>"])
def test_the_published_grounding_pattern_fits_whatever_begins_with_its_first_character(text: str) -> None:
    assert score_grounding_format_compat(text, "").total == 1
    assert score_grounding_format(text, "").total == 0


@pytest.mark.parametrize("end", ["", END])
def test_grounding_is_one_reference_and_one_box(end: str) -> None:
    assert score_grounding_format(REFERENCE + BOX + end, "").total == 1
    assert score_grounding_format(REFERENCE + BOX + BOX + end, "").total == 0
    assert score_grounding_format(BOX + end, "").total == 0
    assert score_grounding_format("word", "").problem == "the answer does not have the form 'grounding'"


def test_counting_is_one_reference_and_boxes() -> None:
    assert has_format(REFERENCE + BOX * 3, "count")
    assert has_format(REFERENCE + BOX * 3 + END, "count_compat")
    assert not has_format(REFERENCE + BOX * 3, "count_compat")
    assert not has_format(REFERENCE, "count")


def test_many_boxes_without_an_end_take_no_time() -> None:
    start = time.perf_counter()
    assert not has_format(REFERENCE + BOX * 2000 + "x", "count")
    assert time.perf_counter() - start < 1


def test_markup_must_be_whole() -> None:
    assert score_markup_format(r"\begin{center} \(x\) \end{center}", "").total == 1
    result = score_markup_format(r"\begin{center} \(x\)", "")
    assert (result.total, result.problem) == (0, r"\begin{center} has no end")
