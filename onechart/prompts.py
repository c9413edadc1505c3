"""Special tokens and the one prompt of OneChart, as ids: data, and a function that fills it in.

The ids are written out, since tokenizers of different versions do not agree on the blanks around special tokens.
Source: docs/models/onechart.md, "Prompt".
"""

from typing import Literal

from ocr2.decoder.tokenizer import Tokenizer
from ocr2.multimodal.families import sam_opt
from ocr2.multimodal.families.sam_opt import END, open_prompt

NUMBER_TOKEN = "<Number>"
SPECIALS = {**sam_opt.SPECIALS, NUMBER_TOKEN: 50_268}
BLANK = 1437  # id of a blank that stands alone

VERB, MISSPELT = "Convert", "Covert"
VERB_IDS = (9157, 9942)
QUERY = " the key information of the chart to a python dict:\n ASSISTANT:"  # behind the verb
QUERY_IDS = (5, 762, 335, 9, 5, 5966, 7, 10, 39825, 28700, 35, 50118, 20860, 11595, 11088, 35)

Spelling = Literal["convert", "covert"]  # of the query's first word; the weights were probably trained with the second
# How the prompt begins: as it was run by its authors; for diagnosis, without the token at its beginning, or with the
# blank before the image that later tokenizers keep.
Frame = Literal["original", "no-bos", "blank"]


def chart_prompt(
    tokenizer: Tokenizer, *, num_tokens: int, spelling: Spelling = "convert", frame: Frame = "original"
) -> list[int]:
    """Return the ids of the prompt; the answer begins with `<Number>`.

    Args:
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of the chart.
        spelling: How the query's first word is written.
        frame: How the prompt begins.
    """
    blank = (BLANK,) if frame == "blank" else ()
    opened = open_prompt(tokenizer, num_tokens=num_tokens, blank=blank, begin=frame != "no-bos")
    verb = list(VERB_IDS) if spelling == "convert" else tokenizer.encode(MISSPELT)
    return [*opened, *verb, *QUERY_IDS]


def taught_answer(answer: str, tokenizer: Tokenizer) -> list[int]:
    """Return the ids that are taught behind a prompt: the auxiliary token, the answer and the end."""
    return [tokenizer.special(NUMBER_TOKEN), *tokenizer.encode(answer), tokenizer.special(END)]
