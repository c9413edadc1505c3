"""Special tokens and prompts of GOT models: data, and one function that fills them in."""

# Ids of got-nano by position; assets/vocab.json holds the same list (tested). `blank` is CTC's blank and
# the padding of targets.
NANO_SPECIALS = ("blank", "image", "end", "other", "ocr")


def nano_prompt(num_tokens: int, *, image: int, task: int) -> list[int]:
    """Return the ids of a nano prompt: the image's slots, then one task token.

    Examples:
        >>> nano_prompt(3, image=1, task=4)
        [1, 1, 1, 4]
    """
    return [image] * num_tokens + [task]
