"""Special tokens and prompts of GOT models: data, and functions that fill them in.

Source: docs/models/got.md, "Prompts".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ocr2.decoder.tokenizer import Tokenizer
from ocr2.multimodal.families.qwen_chat import END_TOKENS, system_turn, user_turn
from ocr2.options import Color
from ocr2.places import THOUSANDTHS

# Ids of got-nano by position; assets/vocab.json holds the same list (tested). `blank` is CTC's blank and
# the padding of targets.
NANO_SPECIALS = ("blank", "image", "end", "other", "ocr")

PromptStyle = Literal["original", "hf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked about an image."""

    formatted: bool = False  # markup (Mathpix Markdown, TikZ, ...) instead of plain text
    box: tuple[int, int, int, int] | None = None  # left, top, right, bottom in thousandths
    color: Color | None = None  # read inside the frame of this colour
    tiled: bool = False  # the views are tiles and a thumbnail of one page
    pages: bool = False  # the views are pages of one text

    def __post_init__(self) -> None:
        if self.box is not None and self.color is not None:
            raise ValueError("a box and a colour cannot both say where to read; give one")
        if self.box is not None and not all(0 <= v <= THOUSANDTHS for v in self.box):
            raise ValueError(f"a box must lie within 0..{THOUSANDTHS}, got {list(self.box)}")
        if self.tiled and self.pages:
            raise ValueError("views are either tiles of one page or several pages, not both")


def nano_prompt(num_tokens: int, *, image: int, task: int) -> list[int]:
    """Return the ids of a nano prompt: the image's slots, then one task token.

    Examples:
        >>> nano_prompt(3, image=1, task=4)
        [1, 1, 1, 4]
    """
    return [image] * num_tokens + [task]


def query_text(query: Query, *, style: PromptStyle = "original") -> str:
    """Return the words of a query.

    Examples:
        >>> query_text(Query(formatted=True, box=(1, 2, 3, 4)))
        '[1, 2, 3, 4] OCR with format: '
        >>> query_text(Query(color="green"), style="hf")
        '[green]  OCR: '
    """
    where = f"[{query.color}] " if query.color else ""
    box = f"[{', '.join(map(str, query.box))}]" if query.box is not None else ""
    task = "OCR with format" if query.formatted else "OCR"
    how = " across multi pages" if query.pages else " upon the patch reference" if query.tiled else ""
    gap = " " if box or style == "hf" else ""
    return f"{where}{box}{gap}{task}{how}: "


def chat_prompt(query: Query, tokenizer: Tokenizer, *, num_tokens: int, style: PromptStyle = "original") -> list[int]:
    """Return the ids of the chat frame around an image and a query.

    Args:
        query: What is asked.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of all views together.
        style: How the query is worded; the frame is the same.
    """
    return question_prompt(query_text(query, style=style), tokenizer, num_tokens=num_tokens)


def question_prompt(words: str, tokenizer: Tokenizer, *, num_tokens: int) -> list[int]:
    """Return the ids of the chat frame around an image and a question in one's own words.

    Args:
        words: The question; special names inside it stay text.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of all views together; 0 for a question without images.
    """
    return [*system_turn(tokenizer), *user_turn(words, tokenizer, num_tokens=num_tokens)]


def taught_conversation(
    turns: Sequence[tuple[str, str]], tokenizer: Tokenizer, *, num_tokens: int
) -> tuple[list[int], list[bool]]:
    """Return the ids of a whole conversation, and which of them are taught: answers and the tokens that end them.

    Args:
        turns: Query and answer of each turn.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens in front of the first query.
    """
    ids = system_turn(tokenizer)
    taught = [False] * len(ids)
    for i, (query, answer) in enumerate(turns):
        asked = user_turn(query, tokenizer, num_tokens=num_tokens if i == 0 else 0)
        answered = [*tokenizer.encode(answer), tokenizer.special(END_TOKENS[0])]
        ids += asked + answered
        taught += [False] * len(asked) + [True] * len(answered)
    return ids, taught
