"""Music in **kern as tokens, to be compared by edits as in optical music recognition (symbol error rate)."""

LINE_END = "\n"


def kern_tokens(text: str) -> list[str]:
    r"""Cut **kern into its tokens, a line end after each line; the notes of a chord are put in alphabetical order.

    Comments and empty lines are left out.

    Examples:
        >>> kern_tokens("**kern\t**kern\n!! a comment\n4e 4c\t4g\n*-\t*-")
        ['**kern', '**kern', '\n', '4c 4e', '4g', '\n', '*-', '*-', '\n']
    """
    tokens: list[str] = []
    for line in text.splitlines():
        if line.startswith("!") or not line.strip():
            continue
        tokens += [" ".join(sorted(cell.split())) for cell in line.split("\t")]
        tokens.append(LINE_END)
    return tokens
