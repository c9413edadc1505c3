"""What holds for every reward: range, identity, symmetry, and that no answer is refused."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.rewards import REWARDS, Reward, RewardResult, get_reward, weighted_mean
from ocr2.rewards.reward import PUBLISHED

pytest.importorskip("apted")

PAGE = "# Aim\n\nIt is **small**: $x^2$.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
CHART = '{"title": "Sales", "values": {"a": "10", "b": "20"}}'
FIGURE = "Line:\n(0.0, 0.0) -- (3.0, 0.0)\n(0.0, 0.0) -- (1.0, 4.0)\nCircle:\n(1.0, 1.0, 2.5)\n"
BOX = "<|object_ref_start|>cat<|object_ref_end|><|box_start|>(100,200),(300,400)<|box_end|><|im_end|>"
REGIONS = '[{"bbox_2d": [0, 0, 90, 90], "label": "cat"}, {"bbox_2d": [50, 50, 600, 600], "label": "dog"}]'
TRUTHS = {
    "formula": r"\frac{a}{b} + x^{2}", "smiles": "C1=CC=CC=C1O", "kern": "**kern\t**kern\n4c\t4e 4g\n*-\t*-",
    "chart_ap": CHART, "chart_ap_compat": CHART, "chart_numeric": CHART, "chart_numeric_compat": CHART,
    "geometry_f1": FIGURE, "geometry_f1_compat": "Line:\n(0.0, 0.0) -- (1.0, 4.0)\n", "geometry_edit": FIGURE,
    "grounding_iou2": BOX, "grounding_iou2_compat": BOX, "grounding_iou2_precursor": BOX,
    "count": "[[10, 20], [500, 600]]", "count_compat": "[[200, 300]]",
    "detection": REGIONS, "detection_compat": REGIONS,
}  # fmt: skip
# Answers that are right where they are not written as their truths.
RIGHT = {
    "count": "(0,10),(20,30) and [490, 590, 510, 610]", "count_compat": BOX, "format_grounding": BOX,
    "format_grounding_compat": BOX, "format_count": BOX,
    "format_thinking": "<think>1 + 1</think><answer>2</answer>",
}  # fmt: skip
TROUBLE = (
    "", " ", "\0", "\ud800", "<", "<![x[", "]]", "null", "[null]", "[[]]", "{}", '{"values": {"a": 1e999}}', "NaN",
    "\\frac" * 3000, "{" * 3000, "[" * 3000, "<table>" * 3000, "<smiles>", "\\begin{tabular}{l}", "**kern\n" * 30,
    "9" * 5000, '[{"bbox_2d": [0, 0, 1e400, 5], "label": "x"}]', "a" * 5000, "(1,2),(3,4)" * 2000, "<|box_end|>" * 500,
)  # fmt: skip
names = pytest.mark.parametrize("name", REWARDS)


def _truth(name: str) -> str:
    return TRUTHS.get(name, PAGE)


def _check(result: RewardResult) -> None:
    assert 0 <= result.total <= 1
    assert all(0 <= value <= 1 for part, value in result.parts.items() if part != PUBLISHED)


@names
def test_a_right_answer_has_a_reward_of_one(name: str) -> None:
    result = REWARDS[name](RIGHT.get(name, _truth(name)), _truth(name))
    assert result.total == pytest.approx(1.0)
    assert result.problem is None
    assert result.unchecked == ()


@names
def test_no_answer_is_refused(name: str) -> None:
    for answer in TROUBLE:
        _check(REWARDS[name](answer, _truth(name)))


@names
@settings(max_examples=30, deadline=None)
@given(text=st.text() | st.text(alphabet="#*|-$\\{}[]()<>/ab1,.:\"'\n\t"))
def test_any_text_is_judged_alike_each_time(name: str, text: str) -> None:
    first, second = (REWARDS[name](text, _truth(name)) for _ in range(2))
    _check(first)
    assert first == second


@pytest.mark.parametrize(
    "name", ["page_text", "page_text_compat", "markdown_structure", "formula", "table_teds", "geometry_edit"]
)
@settings(max_examples=30, deadline=None)
@given(one=st.text(alphabet="#*|-$ab1 \n", max_size=30), other=st.text(alphabet="#*|-$ab1 \n", max_size=30))
def test_answer_and_truth_may_be_exchanged(name: str, one: str, other: str) -> None:
    reward = REWARDS[name]
    assert reward(one, other).total == pytest.approx(reward(other, one).total)


@names
def test_a_truth_that_cannot_be_read_is_an_error_and_no_low_reward(name: str) -> None:
    if name.startswith(("chart", "grounding", "count", "detection")):
        with pytest.raises(ValueError, match=r"expected|answer"):
            REWARDS[name](RIGHT.get(name, _truth(name)), "words")
    elif not REWARDS[name].needs_truth:
        _check(REWARDS[name](RIGHT.get(name, PAGE)))


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown reward 'teds'; expected one of page_text, "):
        get_reward("teds")


def test_a_weighted_mean_keeps_the_parts_of_each() -> None:
    both = weighted_mean("page", {get_reward("page_text"): 1.0, get_reward("format_thinking"): 0.25})
    result = both("abcx", "abcd")
    assert result.total == pytest.approx((0.75 + 0.25 * 0) / 1.25)
    assert result.parts == {"page_text": 0.75, "format_thinking": 0.0}
    assert result.problem == "format_thinking: the answer does not have the form 'thinking'"
    assert both.needs_truth
    assert both.truth == "what the page says"
    kern = weighted_mean("music", {get_reward("kern"): 1.0})
    assert kern(TRUTHS["kern"], TRUTHS["kern"]).parts == {"kern": 1.0, "kern.edit": 1.0, "kern.valid": 1.0}


@pytest.mark.parametrize("weights", [{}, {REWARDS["kern"]: 0.0}])
def test_weights_must_be_above_zero(weights: dict[Reward, float]) -> None:
    with pytest.raises(ValueError, match=r"weights must be above 0, got \["):
        weighted_mean("none", weights)


def test_a_total_outside_of_the_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a reward is from 0 to 1, got 1\.5"):
        RewardResult(1.5)


def test_rewards_load_no_torch() -> None:
    code = "import sys, ocr2.rewards\nprint([m for m in ('torch', 'PIL', 'transformers', 'cv2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_reward_is_on_its_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rewards.md").read_text(encoding="utf-8")
    assert [name for name in REWARDS if f"`{name}`" not in page] == []
