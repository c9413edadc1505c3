"""The prompt of Slow Perception: GOT's turns around an image, without a word of instruction.

Source: docs/models/slowperception.md, "Prompt".
"""

from ocr2.decoder.tokenizer import Tokenizer
from ocr2.multimodal.families.qwen_chat import END_TOKENS, system_turn, user_turn

END = END_TOKENS[0]


def figure_prompt(tokenizer: Tokenizer, *, num_tokens: int) -> list[int]:
    """Return the ids of the turns around a figure.

    Args:
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of the view.
    """
    return [*system_turn(tokenizer), *user_turn("", tokenizer, num_tokens=num_tokens)]
