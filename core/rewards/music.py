"""Music in **kern: edits of its tokens, and whether its spines hold together."""

from ocr2.markup.kern import kern_problem
from ocr2.markup.nodes import Drawing
from ocr2.markup.parse import parse
from ocr2.markup.walk import iter_blocks
from ocr2.metrics.music import kern_tokens
from ocr2.metrics.text import normalised_distance
from ocr2.rewards.reward import RewardResult

INVALID_SHARE = 0.5  # of the reward that is left to an answer whose spines do not hold together


def score_kern(answer: str, truth: str, /) -> RewardResult:
    """Return 1 - edit distance of the tokens over the longer count, half of it if the answer is not valid.

    The order of notes in a chord, comments and empty lines do not count. Validity counts if the truth is valid.
    """
    given, wanted = kern_of(answer), kern_of(truth)
    nearness = 1 - normalised_distance(kern_tokens(wanted), kern_tokens(given))
    problem = kern_problem(given) if kern_problem(wanted) is None else None
    total = nearness if problem is None else INVALID_SHARE * nearness
    return RewardResult(total, {"edit": nearness, "valid": float(problem is None)}, problem)


def kern_of(text: str) -> str:
    """Return the music of a page, pieces one after the other; a text without any is taken as it is."""
    found = [b.source.strip() for b in iter_blocks(parse(text)) if isinstance(b, Drawing) and b.kind == "kern"]
    return "\n".join(found) or text.strip()
