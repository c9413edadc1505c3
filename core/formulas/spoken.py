"""English words for the signs of formulas, in the manner of ClearSpeak, the speech style of mathematics textbooks."""

from ocr2.formulas.symbols import GREEK

SIGNS = {
    "+": "plus", "-": "minus", "=": "equals", "<": "is less than", ">": "is greater than", "/": "over", "*": "times",
    "!": "factorial", "%": "percent", ":": "colon", ";": ";", ",": ",", ".": "point", "?": "question mark", "@": "at",
    "(": "open paren", ")": "close paren", "[": "open bracket", "]": "close bracket", "|": "vertical bar",
    '"': "quote", "~": "tilde", "`": "back quote",
    r"\{": "open brace", r"\}": "close brace", r"\|": "double vertical bar", r"\%": "percent", r"\#": "number sign",
    r"\&": "and", r"\$": "dollars", r"\_": "underscore",
    r"\leq": "is less than or equal to", r"\geq": "is greater than or equal to", r"\neq": "is not equal to",
    r"\leqslant": "is less than or equal to", r"\geqslant": "is greater than or equal to",
    r"\lesssim": "is less than or about", r"\gtrsim": "is greater than or about", r"\equiv": "is equivalent to",
    r"\sim": "is similar to", r"\simeq": "is asymptotically equal to", r"\approx": "is approximately equal to",
    r"\cong": "is congruent to", r"\propto": "is proportional to", r"\ll": "is much less than",
    r"\gg": "is much greater than", r"\prec": "precedes", r"\succ": "succeeds", r"\preceq": "precedes or equals",
    r"\succeq": "succeeds or equals", r"\subset": "is a subset of", r"\supset": "is a superset of",
    r"\subseteq": "is a subset of or equal to", r"\supseteq": "is a superset of or equal to",
    r"\subsetneq": "is a proper subset of", r"\sqsubseteq": "is a square subset of or equal to",
    r"\sqsupseteq": "is a square superset of or equal to", r"\in": "is in", r"\ni": "contains",
    r"\notin": "is not in", r"\perp": "is perpendicular to", r"\vdash": "proves", r"\dashv": "is proved by",
    r"\models": "models", r"\asymp": "is asymptotic to", r"\doteq": "approaches the limit",
    r"\triangleq": "is defined as", r"\bowtie": "bow tie", r"\frown": "frown", r"\smile": "smile",
    r"\rightarrow": "right arrow", r"\leftarrow": "left arrow", r"\leftrightarrow": "left right arrow",
    r"\longrightarrow": "right arrow", r"\longleftarrow": "left arrow", r"\longleftrightarrow": "left right arrow",
    r"\Rightarrow": "implies", r"\Longrightarrow": "implies", r"\Leftarrow": "is implied by",
    r"\Longleftarrow": "is implied by", r"\Leftrightarrow": "if and only if",
    r"\Longleftrightarrow": "if and only if", r"\mapsto": "maps to", r"\longmapsto": "maps to",
    r"\hookrightarrow": "embeds into", r"\leadsto": "leads to", r"\uparrow": "up arrow", r"\downarrow": "down arrow",
    r"\updownarrow": "up down arrow", r"\Uparrow": "double up arrow", r"\Downarrow": "double down arrow",
    r"\nearrow": "north east arrow", r"\searrow": "south east arrow", r"\swarrow": "south west arrow",
    r"\nwarrow": "north west arrow", r"\rightharpoonup": "right harpoon", r"\rightharpoondown": "right harpoon down",
    r"\leftharpoonup": "left harpoon", r"\leftharpoondown": "left harpoon down", r"\upharpoonright": "restricted to",
    r"\rightleftharpoons": "right and left harpoons", r"\hookleftarrow": "left hook arrow",
    r"\rightleftarrows": "right and left arrows",
    r"\pm": "plus or minus", r"\mp": "minus or plus", r"\times": "times", r"\div": "divided by", r"\cdot": "times",
    r"\circ": "composed with", r"\cap": "intersection", r"\cup": "union", r"\vee": "or", r"\wedge": "and",
    r"\setminus": "set minus", r"\oplus": "circle plus", r"\ominus": "circle minus", r"\otimes": "circle times",
    r"\oslash": "circle slash", r"\odot": "circle dot", r"\sqcap": "square intersection", r"\sqcup": "square union",
    r"\ddagger": "double dagger", r"\boxtimes": "box times", r"\ltimes": "left semidirect product",
    r"\rtimes": "right semidirect product", r"\bigcirc": "circle", r"\bigtriangledown": "down triangle",
    r"\triangleleft": "left triangle", r"\triangleright": "right triangle", r"\wr": "wreath product",
    r"\infty": "infinity", r"\partial": "partial", r"\nabla": "nabla", r"\hbar": "h bar", r"\hslash": "h bar",
    r"\ell": "l", r"\wp": "p", r"\Re": "the real part of", r"\Im": "the imaginary part of", r"\imath": "i",
    r"\jmath": "j", r"\forall": "for all", r"\exists": "there exists", r"\neg": "not", r"\emptyset": "the empty set",
    r"\prime": "prime", r"\ldots": ", dot dot dot,", r"\cdots": ", dot dot dot,", r"\dots": ", dot dot dot,",
    r"\vdots": ", dot dot dot down,", r"\ddots": ", dot dot dot diagonal,", r"\langle": "open angle",
    r"\rangle": "close angle", r"\lfloor": "open floor", r"\rfloor": "close floor", r"\lceil": "open ceiling",
    r"\rceil": "close ceiling", r"\P": "paragraph sign", r"\S": "section", r"\L": "l with stroke",
    r"\l": "l with stroke", r"\O": "o with stroke", r"\o": "o with stroke", r"\d": "d", r"\AA": "angstrom",
    r"\ae": "ae", r"\Box": "box", r"\degree": "degrees", r"\checkmark": "check mark", r"\surd": "root",
    r"\clubsuit": "club", r"\diamondsuit": "diamond", r"\heartsuit": "heart", r"\spadesuit": "spade",
}  # fmt: skip

LETTERS = {name: name.removeprefix("var") for name in GREEK} | {
    name: f"cap {name.lower()}" for name in GREEK if name[0].isupper()
}

STYLES = {"bf": "bold", "cal": "script", "bb": "double-struck", "frak": "fraktur", "sf": "", "tt": ""}
NUMBER_SETS = {"N": "the natural numbers", "Z": "the integers", "Q": "the rational numbers", "R": "the real numbers",
    "C": "the complex numbers"}  # fmt: skip

LARGE = {
    "sum": "the sum", "prod": "the product", "coprod": "the coproduct", "int": "the integral",
    "iint": "the double integral", "iiint": "the triple integral", "oint": "the contour integral",
    "bigcap": "the intersection", "bigcup": "the union", "bigsqcup": "the square union", "biguplus": "the multiset sum",
    "bigvee": "the disjunction", "bigwedge": "the conjunction", "bigodot": "the circle dot product",
    "bigotimes": "the tensor product", "bigoplus": "the direct sum",
}  # fmt: skip

FUNCTIONS = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "cot": "cotangent", "sec": "secant", "csc": "cosecant",
    "sinh": "hyperbolic sine", "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent",
    "coth": "hyperbolic cotangent", "arcsin": "arc sine", "arccos": "arc cosine", "arctan": "arc tangent",
    "log": "log", "lg": "log", "ln": "natural log", "exp": "the exponential", "det": "the determinant",
    "dim": "the dimension", "ker": "the kernel", "gcd": "the greatest common divisor", "Pr": "the probability",
    "arg": "the argument", "deg": "the degree", "hom": "hom", "Tr": "the trace", "tr": "the trace",
}  # fmt: skip
LIMITS = {"lim": "the limit", "lim inf": "the limit inferior", "lim sup": "the limit superior", "max": "the maximum",
    "min": "the minimum", "sup": "the supremum", "inf": "the infimum", "argmax": "the argument of the maximum",
    "argmin": "the argument of the minimum"}  # fmt: skip

ACCENTS = {
    r"\hat": "hat", r"\tilde": "tilde", r"\bar": "bar", r"\vec": "vector", r"\dot": "dot", r"\ddot": "double dot",
    r"\dddot": "triple dot", r"\check": "check", r"\breve": "breve", r"\acute": "acute", r"\grave": "grave",
    r"\mathring": "ring", r"\underline": "underlined", r"\overbrace": "brace", r"\underbrace": "brace",
    r"\overleftarrow": "left arrow", r"\overleftrightarrow": "left right arrow",
}  # fmt: skip
POWERS = {"2": "squared", "3": "cubed", r"\ast": "star", "*": "star", r"\dagger": "dagger", r"\top": "transpose",
    "+": "plus", "-": "minus"}  # fmt: skip
PRIMES = ("prime", "double prime", "triple prime")
PARTS = {"2": "half", "3": "third", "4": "quarter", "5": "fifth", "6": "sixth", "7": "seventh", "8": "eighth",
    "9": "ninth", "10": "tenth"}  # fmt: skip
COUNTS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight",
    "9": "nine"}  # fmt: skip
FENCES = {("|", "|"): "the absolute value of", (r"\|", r"\|"): "the norm of", (r"\lfloor", r"\rfloor"): "the floor of",
    (r"\lceil", r"\rceil"): "the ceiling of"}  # fmt: skip
