r"""Inline parts: text, formulas, emphasis in Markdown's and LaTeX's way, links, notes.

A command that is not known stays as it was written, and what follows it is read as if it were not there.
"""

import re
import string

from ocr2.markup.commands import SHOWN, SILENT, STYLES, SWITCHES
from ocr2.markup.formulas import ALIGNED
from ocr2.markup.nodes import Code, Footnote, Image, Inline, Label, LineBreak, Link, Math, Smiles, Text
from ocr2.markup.scan import Token, TokenReader
from ocr2.markup.symbols import ACCENTS, LETTERS, SYMBOLS, accented
from ocr2.markup.tidy import Run, styled, tidy

MAX_DEPTH = 12  # of anything within itself; what lies deeper stays as it was written
ADDRESS = re.compile(r"\(((?:https?://|mailto:)[^\s()<>]+)\)")
PICTURE = re.compile(r"\(([^\s()<>]+)\)")
SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]+")
SPACE = r"[-0-9. ]+(?:pt|mm|cm|in|em|ex)"
BLANK_ESCAPES = frozenset(",;: ")
EMPTY_ESCAPES = frozenset("/@")


class InlineParser(TokenReader):
    """Reads runs of tokens as inline parts."""

    def parse(self, i: int, stop: int, depth: int = 0) -> tuple[Inline, ...]:
        """Return the inline parts of tokens in their normal form."""
        return tidy(self._parts(i, stop, depth))

    def _parts(self, i: int, stop: int, depth: int) -> list[Inline]:
        if depth > MAX_DEPTH:
            return [Text(self.scan.raw(i, stop))]
        run = Run(MAX_DEPTH - depth)
        skip = 0  # characters at the start of the token that are done
        while i < stop:
            token = self.tokens[i]
            if token.kind == "mark":
                run.mark(token.value, before=self.scan.text[token.start - 1], after=self._after(token))
                i += 1
            elif token.kind == "command":
                i, skip = self._command(run, i, stop, depth)
            elif token.kind == "escape":
                i, skip = self._escape(run, i, stop)
            elif token.kind == "break":
                run.add(LineBreak())
                i = self._after_break(i, stop)
            elif token.kind in ("left", "bang") and (link := self._link(i, stop, depth)) is not None:
                run.add(link[0])
                i, skip = link[1:]
            elif token.kind == "open" and (switched := self._switch(i, stop, depth)) is not None:
                run.add(*switched)
                i = self.scan.partner[i] + 1
            else:
                run.add(self._leaf(token, skip))
                i, skip = i + 1, 0
        return run.parts

    def _after(self, token: Token) -> str:
        return self.scan.text[token.end : token.end + 1]

    def _raw(self, token: Token) -> Text:
        return Text(self.scan.text[token.start : token.end])

    def _leaf(self, token: Token, skip: int) -> Inline:
        """Return a token that stands for itself."""
        match token.kind:
            case "math" | "display":
                source = " ".join(token.value.split())
                if token.name in ALIGNED:
                    source = rf"\begin{{aligned}} {source} \end{{aligned}}"
                return Math(source) if source else Text("")
            case "code":
                return Code(token.value)
            case "verbatim" | "drawing" | "kern" | "fence":  # in the middle of a line, as in an argument
                return Code(" ".join(token.value.split())) if token.value.strip() else Text("")
            case "smiles":
                return Smiles(token.value)
            case "newline" | "blank":
                return Text("\n")
            case "text":
                return Text(token.value[skip:])
        return self._raw(token)

    def _escape(self, run: Run, i: int, stop: int) -> tuple[int, int]:
        """Add what an escaped character stands for; returns the next token and how much of it is done."""
        token = self.tokens[i]
        value, before, after = token.value, self.scan.text[token.start - 1], self._after(token)
        if value in ACCENTS and (found := self._accented(value, i + 1, stop)) is not None:
            run.add(Text(found[0]))
            return found[1:]
        group = self.scan.group(i + 1, stop) if value in ACCENTS else None
        if group is not None and group[0] == group[1]:  # an accent over nothing is the sign itself
            run.add(Text(value))
            return group[1] + 1, 0
        if value in BLANK_ESCAPES:
            run.add(Text(" "))
        elif value not in EMPTY_ESCAPES and not (value == "-" and before.isalpha() and after.isalpha()):
            run.add(Text(value if value in string.punctuation else "\\" + value))
        return i + 1, 0

    def _accented(self, accent: str, i: int, stop: int) -> tuple[str, int, int] | None:
        """Return a letter with its accent, the next token and how much of it is done; None if no letter follows."""
        group = self.scan.group(i, stop)
        skip = 0
        if group is not None:
            letter, after = self._letter(*group), group[1] + 1
        elif i < stop and self.tokens[i].kind == "text":
            value = self.tokens[i].value
            skip = 1 + (value[0] == " " if accent.isalpha() else 0)
            letter, after = value[skip - 1 : skip], i
            if skip == len(value):
                after, skip = i + 1, 0
        else:
            letter, after = self._letter(i, min(i + 1, stop)), i + 1
        if not letter.isalpha() or len(result := accented(accent, letter)) != 1:
            return None
        return result, after, skip

    def _letter(self, i: int, stop: int) -> str:
        """Return the one letter that tokens are; empty if they are something else."""
        if stop != i + 1:
            return ""
        token = self.tokens[i]
        if token.kind == "command":
            return LETTERS.get(token.value, "")
        return token.value if token.kind == "text" and len(token.value) == 1 else ""

    def _command(self, run: Run, i: int, stop: int, depth: int) -> tuple[int, int]:
        """Add what a command stands for; returns the next token and how much of it is done."""
        name = self.tokens[i].value
        if name in SYMBOLS or name in LETTERS:
            return self._symbol(run, i, stop)
        if name in ACCENTS and (found := self._accented(name, i + 1, stop)) is not None:
            run.add(Text(found[0]))
            return found[1:]
        if name in ("newline", "linebreak", "and"):
            run.add(LineBreak())
            return i + 1, 0
        after = self._with_arguments(run, i, stop, depth)
        if after is None:
            run.add(self._raw(self.tokens[i]))
            after = i + 1
        return after, 0

    def _symbol(self, run: Run, i: int, stop: int) -> tuple[int, int]:
        token = self.tokens[i]
        run.add(Text(SYMBOLS.get(token.value) or LETTERS[token.value]))
        if i + 2 < stop and self.tokens[i + 1].kind == "open" and self.scan.partner[i + 1] == i + 2:
            return i + 3, 0
        following = self.scan.text[token.end : token.end + 2]
        ends_command = token.value in LETTERS and following[:1] == " " and following[1:].isalpha() and i + 1 < stop
        return i + 1, int(ends_command)

    def _with_arguments(self, run: Run, i: int, stop: int, depth: int) -> int | None:
        """Add what a command makes of its arguments; returns the next token, or None if they do not fit."""
        name = self.tokens[i].value
        if name in SILENT:
            return self.arguments(i + 1, stop, SILENT[name])
        if name in ("footnote", "thanks"):
            return self._footnote(run, i, stop, depth)
        if name == "footnotemark":
            option = self.scan.option(i + 1, stop)
            if option is None:
                return i + 1
            run.add(*styled("superscript", self._parts(*option, depth + 1)))
            return option[1] + 1
        if name in ("url", "href"):
            return self._address(run, i, stop, depth)
        if name in ("includegraphics", "label", "texttt", "ensuremath"):
            return self._special(run, i, stop, depth)
        if name not in STYLES and name not in SHOWN:
            return None
        option = self.scan.option(i + 1, stop) if name in SHOWN else None
        at = self.arguments(option[1] + 1 if option is not None else i + 1, stop, SHOWN.get(name, ()))
        group = self.scan.group(at, stop) if at is not None else None
        if group is None:
            return None
        children = self._parts(*group, depth + 1)
        run.add(*(styled(STYLES[name], children) if name in STYLES else tidy(children, trim=False)))
        return group[1] + 1

    def arguments(self, i: int, stop: int, patterns: tuple[str, ...]) -> int | None:
        """Return the token after arguments, one in brackets before them included, if each is what is expected."""
        option = self.scan.option(i, stop) if patterns else None
        at = option[1] + 1 if option is not None else i
        for pattern in patterns:
            group = self.scan.group(at, stop)
            if group is None or re.fullmatch(pattern, self.scan.raw(*group).strip()) is None:
                return None
            at = group[1] + 1
        return at

    def _optioned(self, i: int, stop: int, *, paragraphs: bool = False) -> tuple[int, int] | None:
        """Return the group after a command, and after brackets if it has them."""
        option = self.scan.option(i + 1, stop)
        return self.scan.group(option[1] + 1 if option is not None else i + 1, stop, paragraphs=paragraphs)

    def _footnote(self, run: Run, i: int, stop: int, depth: int) -> int | None:
        group = self._optioned(i, stop, paragraphs=True)
        if group is None:
            return None
        children = self.parse(*group, depth + 1)
        if children:
            run.add(Footnote(children))
        return group[1] + 1

    def _special(self, run: Run, i: int, stop: int, depth: int) -> int | None:
        """Add what takes its argument as it is written."""
        name = self.tokens[i].value
        group = self._optioned(i, stop)
        raw = " ".join(self.scan.raw(*group).split()) if group is not None else ""
        if group is None or not raw:
            return None
        if name == "includegraphics":
            run.add(Image(raw))
        elif name == "label":
            run.add(Label(raw))
        elif name == "ensuremath":
            run.add(Math(raw))
        else:
            children = tidy(self._parts(*group, depth + 1), trim=False)
            run.add(*(Code(part.text) if isinstance(part, Text) and len(children) == 1 else part for part in children))
        return group[1] + 1

    def _address(self, run: Run, i: int, stop: int, depth: int) -> int | None:
        group = self.scan.group(i + 1, stop)
        target = self.scan.raw(*group).strip() if group is not None else ""
        target = re.sub(r"\\([%_#&])", r"\1", target)
        if group is None or SAFE_ADDRESS.fullmatch(target) is None:
            return None
        if self.tokens[i].value == "url":
            run.add(Link(target, (Text(target),)))
            return group[1] + 1
        shown = self.scan.group(group[1] + 1, stop)
        if shown is None:
            return None
        run.add(Link(target, self.parse(*shown, depth + 1) or (Text(target),)))
        return shown[1] + 1

    def _link(self, i: int, stop: int, depth: int) -> tuple[Inline, int, int] | None:
        """Return a link or picture in Markdown's way, the next token and how much of it is done."""
        is_picture = self.tokens[i].kind == "bang"
        option = self.scan.option(i + is_picture, stop)
        if option is None:
            return None
        address = (PICTURE if is_picture else ADDRESS).match(self.scan.text, self.tokens[option[1]].end)
        if address is None or (stop < len(self.tokens) and self.tokens[stop].start < address.end()):
            return None
        after = self.scan.index(address.end(), option[1])
        skip = max(0, address.end() - self.tokens[after].start) if after < len(self.tokens) else 0
        if skip and self.tokens[after].kind != "text":
            return None
        if is_picture:
            return Image(address[1], " ".join(self.scan.raw(*option).split())), after, skip
        children = self.parse(*option, depth + 1)
        return Link(address[1], children or (Text(address[1]),)), after, skip

    def _after_break(self, i: int, stop: int) -> int:
        r"""Return the token after the end of a line and what it says about the space below it, as in `\\\\[2pt]`."""
        option = self.scan.option(i + 1, stop)
        hidden = option is not None and re.fullmatch(SPACE, self.scan.raw(*option)) is not None
        return option[1] + 1 if option is not None and hidden else i + 1

    def _switch(self, i: int, stop: int, depth: int) -> list[Inline] | None:
        r"""Return the parts of a group such as `{\bf …}`; None if it is another."""
        group = self.scan.group(i, stop)
        if group is None or group[0] >= group[1]:
            return None
        first = self.tokens[group[0]]
        if first.kind != "command" or first.value not in SWITCHES:
            return None
        return styled(SWITCHES[first.value], self._parts(group[0] + 1, group[1], depth + 1))
