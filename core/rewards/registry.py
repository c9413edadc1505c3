"""All rewards by name."""

from ocr2.rewards import charts, counting, detection, formats, geometry, grounding
from ocr2.rewards.formula import score_formula
from ocr2.rewards.markdown import score_markdown_structure
from ocr2.rewards.molecules import score_smiles
from ocr2.rewards.music import score_kern
from ocr2.rewards.repetition import score_repetition
from ocr2.rewards.reward import Reward
from ocr2.rewards.tables import score_table_teds
from ocr2.rewards.text import score_page_text, score_page_text_compat

TEXT = "what the page says"
PAGE = "the page in Markdown, LaTeX or both"
CHART = "a chart as JSON"
FIGURE = "a figure in Slow Perception's notation"
BOX = "a box [left, top, right, bottom] in thousandths of the picture's sides"
POINTS = "a JSON list of [x, y] or boxes in thousandths of the picture's sides"
REGIONS = 'a JSON list of {"bbox_2d", "label"}'
NONE = "not needed"

REWARDS: dict[str, Reward] = {
    reward.name: reward
    for reward in (
        Reward("page_text", score_page_text, TEXT),
        Reward("page_text_compat", score_page_text_compat, TEXT),
        Reward("markdown_structure", score_markdown_structure, PAGE),
        Reward("formula", score_formula, "a formula in LaTeX"),
        Reward("table_teds", score_table_teds, "tables in HTML, LaTeX or Markdown"),
        Reward("chart_ap", charts.score_chart_ap, CHART),
        Reward("chart_ap_compat", charts.score_chart_ap_compat, CHART),
        Reward("chart_numeric", charts.score_chart_numeric, CHART),
        Reward("chart_numeric_compat", charts.score_chart_numeric_compat, CHART),
        Reward("geometry_f1", geometry.score_geometry_f1, FIGURE),
        Reward("geometry_f1_compat", geometry.score_geometry_f1_compat, FIGURE),
        Reward("geometry_edit", geometry.score_geometry_edit, FIGURE),
        Reward("smiles", score_smiles, "molecules in SMILES"),
        Reward("kern", score_kern, "music in **kern"),
        Reward("grounding_iou2", grounding.score_grounding_iou2, BOX),
        Reward("grounding_iou2_compat", grounding.score_grounding_iou2_compat, BOX),
        Reward("grounding_iou2_precursor", grounding.score_grounding_iou2_precursor, BOX),
        Reward("count", counting.score_count, POINTS),
        Reward("count_compat", counting.score_count_compat, POINTS),
        Reward("detection", detection.score_detection, REGIONS + ", in thousandths of the picture's sides"),
        Reward("detection_compat", detection.score_detection_compat, REGIONS + ", in pixels"),
        Reward("format_thinking", formats.score_thinking, NONE, needs_truth=False),
        Reward("format_grounding", formats.score_grounding_format, NONE, needs_truth=False),
        Reward("format_grounding_compat", formats.score_grounding_format_compat, NONE, needs_truth=False),
        Reward("format_count", formats.score_count_format, NONE, needs_truth=False),
        Reward("format_markup", formats.score_markup_format, NONE, needs_truth=False),
        Reward("repetition", score_repetition, "what the page says, or nothing", needs_truth=False),
    )
}


def get_reward(name: str) -> Reward:
    """Return a reward.

    Raises:
        ValueError: If there is none of that name.

    Examples:
        >>> get_reward("page_text")("abcx", "abcd").total
        0.75
    """
    if name not in REWARDS:
        raise ValueError(f"unknown reward {name!r}; expected one of {', '.join(REWARDS)}")
    return REWARDS[name]
