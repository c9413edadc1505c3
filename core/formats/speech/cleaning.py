"""Text without what speech programs read wrongly: leaders, rules, fields to fill in, bullets, characters of layout.

Abbreviations, numbers, units and all other symbols are left to the program, which knows its language.
"""

import re
import unicodedata

FIELD = re.compile(r"(?:_\s?){3,}")  # to be filled in
LEADER = re.compile(r"\s*(?:(?:\.\s?){4,}|(?:·\s?){3,}|(?:…\s?){2,}|(?:\s\.){2,})")  # between an entry and its page
RULE = re.compile(r"\s*([-=*~#+–—])(?:\s?\1){2,}")
BULLET = re.compile(r"(?:^|(?<=\s))[•●○◦▪■□‣►❖]\s+")
BAR = re.compile(r"\s+[|¦]+(?=\s)|[\u2500-\u259f]+")  # between columns; box drawing
MINUS = re.compile(r"(?<![\w)\]])[-–−](?=\.?\d)")  # as dashes numbers would lose their sign
FOREIGN = "\ufffd"  # a run of letters in a script that was not read
FOREIGN_WORD = " unreadable "
CHECK_BOXES = {"☐": " not ticked: ", "☒": " ticked: ", "☑": " ticked: "}
HYPHENS = dict.fromkeys("\u2010\u2011", "-")
LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
REPLACED = str.maketrans({**CHECK_BOXES, **HYPHENS, **LIGATURES, FOREIGN: FOREIGN_WORD})
UNSPOKEN = ("Cc", "Cf", "Cn", "Co", "Cs")  # categories: control, format, unassigned, private, surrogate
MAX_ABBREVIATION = 12  # characters that are looked at, more than the longest one has
ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Dr|Mrs?|Ms|Prof|St|Figs?|Eqs?|Secs?|Tab|Refs?|Nos?|Vol|pp?|vs|al|cf|ca|[eE]\.g|[iI]\.e)\.$"
)
END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])")


def speakable(text: str) -> str:
    """Return a text on one line, without what would be read wrongly.

    Examples:
        >>> speakable("Contents ........ 5")
        'Contents, 5'
        >>> speakable("Name: ________  • Change: –4 %")
        'Name: blank, Change: minus 4 %'
    """
    text = " ".join(text.split()).translate(REPLACED)
    text = "".join(c for c in text if unicodedata.category(c) not in UNSPOKEN)
    text = MINUS.sub(" minus ", text)
    text = BULLET.sub(", ", FIELD.sub(" blank ", text))
    for pattern in (LEADER, RULE, BAR):
        text = pattern.sub(", ", text)
    text = re.sub(r"\s+([,;])(?=\s|$)", r"\1", " ".join(text.split()))
    text = re.sub(r"([,;:.!?])(?:\s?,)+(?=\s|$)", r"\1", text)
    return re.sub(r"^[\s,;]+", "", text).strip()


def is_spoken(text: str) -> bool:
    """Return whether there is anything to say: a letter, a digit, or a symbol that has a name."""
    return any(c.isalnum() or unicodedata.category(c) in ("Sc", "Sm") for c in text)


def sentence(text: str) -> str:
    """Return a text that may be read wrongly as one sentence with its full stop; "" if it says nothing."""
    text = speakable(text)
    if not is_spoken(text):
        return ""
    bare = text.rstrip("\"'”’)] ")
    return text if bare.endswith((".", "!", "?", ":", "…")) else text.rstrip(" ,;") + "."


def sentences(text: str) -> list[str]:
    """Return the sentences of running text, in order; an abbreviation before a capital ends none.

    Examples:
        >>> sentences("It rains. Dr. Smith (see Fig. 3) stays in")
        ['It rains.', 'Dr. Smith (see Fig. 3) stays in.']
    """
    whole = sentence(text)
    found: list[str] = []
    begin = 0
    for end in END.finditer(whole):
        if ABBREVIATION.search(whole[max(begin, end.start() - MAX_ABBREVIATION) : end.start()]) is None:
            found.append(whole[begin : end.end()].strip())
            begin = end.end()
    rest = whole[begin:].strip()
    return [*found, rest] if rest else found


def counted(number: int, name: str) -> str:
    """Return a number of things.

    Examples:
        >>> counted(1, "row"), counted(3, "row")
        ('1 row', '3 rows')
    """
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
