"""Random text of strips: running text, numbers, words, code, random characters, and foreign scripts."""

import re
from dataclasses import dataclass

from numpy.random import Generator

from ocr2.synth.corpus import Corpus, is_latin

FOREIGN = "\ufffd"  # the target of a run of foreign letters
SYMBOLS = "–—‘’“”„•…§©®°±×÷€£¥→←≤≥≠≈−™†·¶µ¼½¾«»✓■"

# (kind, share): measured shares of the text reader's recipe, docs/models/got-nano.md, "Data".
KINDS = (
    ("prose", 0.36), ("accented", 0.11), ("numbers", 0.07), ("code", 0.11), ("word", 0.04), ("random", 0.02),
    ("symbols", 0.02), ("foreign", 0.02), ("receipt", 0.10), ("quoted", 0.03), ("run", 0.02), ("short", 0.10),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line to draw, and the target of reading it."""

    text: str  # drawn text
    target: str  # text to read: each run of foreign letters is one FOREIGN
    kind: str


class TextSampler:
    """Draws lines of about a given length from a corpus.

    Args:
        corpus: Paragraphs by kind.
        alphabet: Characters of the reader.
    """

    def __init__(self, corpus: Corpus, alphabet: str) -> None:
        self.alphabet = alphabet
        self._known = frozenset(alphabet)
        self._paragraphs = dict(corpus.paragraphs)
        prose = self._paragraphs.pop("prose")
        self._paragraphs["accented"] = [p for p in prose if _accents(p)]
        self._paragraphs["prose"] = [p for p in prose if not _accents(p)]

    def draw(self, rng: Generator, length: int) -> Line:
        """Return one line of roughly `length` characters."""
        kinds, shares = zip(*KINDS, strict=True)
        kind = str(rng.choice(kinds, p=shares))
        if kind == "foreign":
            return self._foreign(rng, length)
        text = " ".join(self._latin(rng, kind, length).split())
        if kind in ("prose", "accented"):
            text = _restyle(rng, text)
        text = "".join(c for c in text if c in self._known).strip()
        return Line(text, text, kind) if text else self.draw(rng, length)

    def _latin(self, rng: Generator, kind: str, length: int) -> str:
        if kind == "numbers":
            return " ".join(_number(rng) for _ in range(max(1, length // 7)))
        if kind == "random":
            letters = self.alphabet if rng.random() < 0.5 else self.alphabet[:95]
            picks = rng.choice(list(letters), length)
            return " ".join("".join(picks[i : i + 6]) for i in range(0, length, 6))
        if kind == "symbols":
            words = self._excerpt(rng, "prose", length).split()
            for _ in range(1 + len(words) // 4):
                words.insert(int(rng.integers(len(words) + 1)), str(rng.choice(list(SYMBOLS))))
            return " ".join(words)
        if kind == "receipt":
            return self._receipt(rng, length)
        if kind == "quoted":
            words = self._excerpt(rng, "prose", length).split()
            return " ".join(_quote(rng, w) if rng.random() < 0.5 else w for w in words)
        if kind == "run":
            return self._run(rng, length)
        if kind == "word":
            return self._excerpt(rng, "prose", 12).split()[0]
        if kind == "short":
            return self._short(rng)
        text = self._excerpt(rng, kind, length)
        if kind == "prose" and rng.random() < 0.12:
            words = text.split()
            words[int(rng.integers(len(words)))] = _number(rng)
            text = " ".join(words)
        return text

    def _excerpt(self, rng: Generator, kind: str, length: int) -> str:
        pool = self._paragraphs[kind]
        text = pool[int(rng.integers(len(pool)))]
        start = int(rng.integers(max(1, len(text) - length))) if rng.random() > 0.1 else 0
        start = text.rfind(" ", 0, start) + 1  # begin with a whole word
        end = start + length
        if rng.random() < 0.85:  # mostly end with a whole word too
            space = text.find(" ", end)
            end = space if 0 <= space < end + 12 else end
        return text[start:end] or "a"

    def _receipt(self, rng: Generator, length: int) -> str:
        words = self._excerpt(rng, "prose", max(6, length // 2)).split()
        label, number = str(rng.choice(RECEIPT_LABELS)), _number(rng)
        code = "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(3, 14))))
        forms = (
            f"{label} : {number}", f"{label} {number}", f"{label}: {code}", label, f"{code} {' '.join(words)}",
            f"{' '.join(words)} {number}", " ".join(words), f"{int(rng.integers(1, 30))} x {number}",
            f"{number} {_number(rng)}", f"NO. {code[:3]}, {' '.join(words)}, {code[:5]}",
            f"({code}-{'ABKHWX'[len(code) % 6]})", f"{label}#{code}", f"TEL : {code[:2]}-{code} FAX : {code[::-1]}",
            f"{_number(rng)} {number} {_number(rng)} SR", f"{label} : {' '.join(words)}", _address(rng, words),
            f"{code[:2]}:{code[1:3]}:{code[-2:]} {label} : {code}", f"{label} (RM) {_price(rng)}",
            f"@{_price(rng)} {number}", f"{label} {rng.integers(0, 25)}% {_price(rng)} {_price(rng)}",
            f"{'*' * int(rng.integers(1, 6))} {label} {number}", f"{_price(rng)} {_price(rng)} {_price(rng)}",
            f"{rng.integers(1, 12)} {' '.join(words)} {_price(rng)} {_price(rng)}", f"{label} {_price(rng)}",
            f"{label} : {_price(rng)}", f"WWW.{'.'.join(words)}.COM", f"{'/'.join(words)} @ {_price(rng)}",
        )  # fmt: skip
        text = forms[int(rng.integers(len(forms)))]
        return text.upper() if rng.random() < 0.7 else text

    def _short(self, rng: Generator) -> str:
        """Return the text of a cell, a box or a margin: a number, a letter, a numeral, one or two words."""
        choice = rng.random()
        if choice < 0.45:
            return short_number(rng)
        if choice < 0.60:
            return str(rng.choice(list(self.alphabet[:95]))) if rng.random() < 0.4 else single_letter(rng)
        words = self._excerpt(rng, "prose", 14).split()[: int(rng.integers(1, 3))]
        text = " ".join(words)
        if choice < 0.72:
            return text.strip(".,;:()").capitalize() + str(rng.choice(["", "", ":", "?", "*", ".", "…"]))
        if choice < 0.80:
            return str(rng.choice(SHORT_WORDS))
        return text.upper() if choice < 0.88 else text

    def _run(self, rng: Generator, length: int) -> str:
        """Return a run of one character, alone or beside words: typed rules, leaders, blanks to fill in."""
        mark = str(rng.choice(list("-=_.*~#+")))
        run = mark * int(rng.integers(3, max(4, length)))
        words = self._excerpt(rng, "prose", max(4, length // 3)) if rng.random() < 0.6 else ""
        return str(rng.choice([f"{words} {run}", f"{run} {words}", f"{words}{run}", f"{run}{words}{run[:8]}"]))

    def _foreign(self, rng: Generator, length: int) -> Line:
        text = self._excerpt(rng, "other", max(2, length // 2))
        if rng.random() < 0.4:
            words = [*text.split(), *self._excerpt(rng, "prose", length // 2).split()]
            rng.shuffle(words)
            text = " ".join(words)
        text = "".join(c for c in text if c in self._known or (c.isalpha() and not is_latin(c)) or c == " ")
        text = " ".join(text.split())
        return Line(text, fold_foreign(text, self._known), "foreign") if text else self.draw(rng, length)


def fold_foreign(text: str, known: frozenset[str]) -> str:
    """Replace every run of characters outside the alphabet by one FOREIGN.

    Examples:
        >>> fold_foreign("abc где 12", frozenset("abc12 "))
        'abc \\ufffd 12'
    """
    marked = "".join(c if c in known or c == " " else FOREIGN for c in text)
    return re.sub(FOREIGN + "+", FOREIGN, marked)


RECEIPT_LABELS = (
    "TOTAL", "SUB TOTAL", "SUBTOTAL", "CASH", "CHANGE", "GST", "VAT", "TAX INVOICE", "ROUNDING", "ROUNDING ADJ", "QTY",
    "AMOUNT (RM)", "DISCOUNT", "DISC", "TEL", "FAX", "DATE", "TIME", "INVOICE NO", "RECEIPT", "CASHIER", "TABLE NO",
    "MEMBER", "CARD NO", "APPROVAL CODE", "THANK YOU", "PLEASE COME AGAIN", "GST SUMMARY", "TAX(RM)", "ITEM",
    "DESCRIPTION", "UNIT PRICE", "S/PRICE", "U/P", "NET AMT", "BALANCE DUE", "Total Amount", "Total Qty", "Doc No",
    "Total Sales (Inclusive of GST)", "Payment Mode", "Ref.", "Served by", "Order", "VISA", "MASTERCARD", "EUR", "USD",
)  # fmt: skip
SHORT_WORDS = (
    "n/a", "N/A", "Yes", "No", "yes", "no", "OK", "Total", "Sum", "Date", "Name", "Page", "Fig.", "Table", "Note",
    "Jan", "Feb", "Mar", "Apr", "May", "June", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu",
    "Fri", "Sat", "Sun", "Q1", "Q2", "Q3", "Q4", "A4", "ID", "Nr.", "No.", "Qty", "1st", "2nd", "3rd", "TBD", "M", "F",
    "X", "x", "—", "–", "-", "*", "**", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "XI", "XII", "iv",
)  # fmt: skip
UNITS = (
    "%", " %", "°", " °C", "°F", " kg", " g", " mm", " cm", " m", " km", "k", "K", "M", " MB", " GB", " s", " ms", " h",
    " V", " A", " W", " kW", " Hz", " dB", " €", " $", " £", "x", "×", "+", "*", "th", " ppm", " mg/l", " m²", " m³",
)  # fmt: skip
QUOTES = (
    "‘’", "“”", "''", '""', "`'", "``", "„“", "«»", "||", "()", "[]", "<>", "{}", "I ", " I", "l1", "II", "1I", "|l",
)  # fmt: skip


def short_number(rng: Generator) -> str:
    """Return one number as in cells and margins: signs, brackets, currencies, units, thousands, fractions."""
    n = int(10 ** rng.uniform(0, 5.5))
    digits = int(rng.integers(0, 4))
    plain = str(n) if rng.random() < 0.4 else f"{n:,}" if rng.random() < 0.3 else f"{n / 10**digits:.{digits}f}"
    if rng.random() < 0.15:
        plain = plain.replace(",", " ").replace(".", ",")
    sign = str(rng.choice(["", "-", "−", "–", "+", "±", "<", ">", "≤", "≥", "~", "$", "€", "£", "#", "=", "$-", "-$"]))
    choice = rng.random()
    if choice < 0.35:
        return str(n % 100) if rng.random() < 0.5 else plain
    if choice < 0.60:
        return sign + plain
    if choice < 0.78:
        return (sign if rng.random() < 0.3 else "") + plain + str(rng.choice(UNITS))
    if choice < 0.90:
        brackets = str(rng.choice(["()", "[]", "()", "{}", "<>"]))
        return f"{brackets[0]}{plain}{brackets[1]}"
    forms = (
        f"{n % 30}/{n % 7 + 2}", f"{n % 100}:{n % 60:02}", f"{n % 90}–{n % 90 + 9}", f"{plain}.", f"{n % 12}.{n % 9}",
        f"{n % 9}.{n % 7}.{n % 5}", f"({n % 40})", f"{n % 40})", f"{chr(97 + n % 26)})", f"({chr(97 + n % 26)})",
        f"{chr(65 + n % 26)}{n % 100}", f"{1900 + n % 140}", f"'{n % 100:02}", f"{n % 10}e-{n % 12:02}",
        f"{plain} {plain}",
    )  # fmt: skip
    return forms[int(rng.integers(len(forms)))]


def single_letter(rng: Generator) -> str:
    """Return one letter as in labels: alone, in brackets, with a full stop, a prime or a number."""
    letter = chr(int(rng.integers(26)) + (65 if rng.random() < 0.7 else 97))
    forms = (
        letter,
        letter,
        letter,
        f"({letter})",
        f"{letter}.",
        f"{letter})",
        f"{letter}'",
        f"{letter}{rng.integers(10)}",
    )
    return str(forms[int(rng.integers(len(forms)))])


def _quote(rng: Generator, word: str) -> str:
    """Put quotation marks, or characters that look like them, around a word."""
    marks = QUOTES[int(rng.integers(len(QUOTES)))]
    double = marks == "``"
    return f"``{word}''" if double else f"{marks[0]}{word}{marks[1]}"


def _accents(paragraph: str) -> bool:
    head = paragraph[:400]
    return sum(1 for c in head if ord(c) > 127 and c.isalpha()) > len(head) / 150


def _restyle(rng: Generator, text: str) -> str:
    choice = rng.random()
    if choice < 0.08:
        text = text.upper()
    elif choice < 0.11:
        text = text.title()
    if rng.random() < 0.4:
        text = re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’").replace(" - ", " – ").replace("--", "—")
    if rng.random() < 0.02:
        text = str(rng.choice(["• ", "– ", "* ", "1. ", "(a) ", "→ "])) + text
    return text


def _price(rng: Generator) -> str:
    """Return an amount with two decimals, sometimes with a currency, a sign or a tax code."""
    amount = f"{10 ** rng.uniform(-1, 4):,.2f}"
    front = str(rng.choice(["", "", "", "", "$", "RM", "RM ", "-", "€", "@", "="]))
    return front + amount + str(rng.choice(["", "", "", "", "", " SR", " Z", " T", "-", "*"]))


def _address(rng: Generator, words: list[str]) -> str:
    """Return a line of an address: number, street, city and code, with punctuation."""
    number, code = int(rng.integers(1, 400)), int(rng.integers(1000, 99999))
    words = [word.strip(".,;:()").capitalize() for word in words] or ["A"]
    street, block = " ".join(words), f"{number}-{chr(65 + number % 8)}"
    forms = (
        f"{number}, {street},", f"No. {block}, {street} {number % 30}/{code % 7}", f"{code} {street}, {words[0]}.",
        f"{','.join(words)} {code}", f"Lot {number} & {number + 1}, {street},", f"{street} Ltd.",
        f"{street} SDN BHD ({code}-{block[-1]})", f"{words[0]}, {code} {words[-1]}",
    )  # fmt: skip
    return forms[int(rng.integers(len(forms)))]


def _number(rng: Generator) -> str:
    n = int(10 ** rng.uniform(0, 6))
    forms = (
        str(n), f"{n:,}", f"{n / 100:.2f}", f"${n / 100:,.2f}", f"{n % 100}%", f"({n % 100})", f"[{n % 200}]",
        f"{n % 28 + 1}/{n % 12 + 1}/{1950 + n % 80}", f"{1900 + n % 130}-{n % 12 + 1:02}-{n % 28 + 1:02}",
        f"{n % 24}:{n % 60:02}", f"{n % 20}.{n % 9}.{n % 7}", f"+{n % 90 + 10} {n:06} {n % 1000:03}",
        f"-{n / 1000:.3f}", f"{n % 1000}/{n % 997 + 1}", f"No. {n}", f"€{n / 100:.2f}", f"RM{n / 100:.2f}",
        f"{n % 10}.{n % 100:02}e-{n % 12:02}", f"{n % 50 + 1}.", f"0x{n:x}", f"{n:08}", f"p. {n % 500}",
        f"{n % 300} {('kg', 'cm', 'mm', 'MB', 'km/h', '°C', 'Hz')[n % 7]}", f"pp. {n % 500}–{n % 500 + 9}",
    )  # fmt: skip
    return forms[int(rng.integers(len(forms)))]
