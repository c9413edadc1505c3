"""Commands of LaTeX that stand for characters.

Source: the commands of the LaTeX kernel and of textcomp, as any list of LaTeX symbols has them.
"""

import unicodedata

# Letters: LaTeX takes the blank after them as the end of the command.
LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip

SYMBOLS = {
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "`", "textbar": "|",
    "textless": "<", "textgreater": ">", "textunderscore": "_", "textdollar": "$", "textquotedbl": '"',
    "textquotesingle": "'", "lbrack": "[", "rbrack": "]", "lbrace": "{", "rbrace": "}", "textbraceleft": "{",
    "textbraceright": "}", "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "ldots": "…", "dots": "…", "textellipsis": "…", "S": "§",
    "P": "¶", "dag": "†", "ddag": "‡", "textdagger": "†", "textdaggerdbl": "‡", "copyright": "©",
    "textcopyright": "©", "textregistered": "®", "texttrademark": "™", "pounds": "£", "textsterling": "£",
    "euro": "€", "texteuro": "€", "textyen": "¥", "textcent": "¢", "textdegree": "°", "textmu": "µ",
    "textbullet": "•", "textperiodcentered": "·", "textpm": "±", "texttimes": "×", "textdiv": "÷",
    "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾", "textnumero": "№", "textordfeminine": "ª",
    "textordmasculine": "º", "textexclamdown": "¡", "textquestiondown": "¿", "guillemotleft": "«",
    "guillemotright": "»", "quad": " ", "qquad": " ", "space": " ", "enspace": " ", "thinspace": " ",
    "TeX": "TeX", "LaTeX": "LaTeX", "checkmark": "✓", "square": "□", "Box": "□", "boxtimes": "☒", "blacksquare": "■",
}  # fmt: skip

# Accents by their command, as the combining characters of Unicode.
ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip


def accented(accent: str, letter: str) -> str:
    """Return a letter with the accent of a command; the dotless i and j get theirs as if dotted.

    Examples:
        >>> accented('"', "o")
        'ö'
    """
    base = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    return unicodedata.normalize("NFC", base + ACCENTS[accent])
