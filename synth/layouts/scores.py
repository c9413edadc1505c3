"""Random scores in Humdrum **kern, for pictures of music."""

from numpy.random import Generator

CLEFS = {"high": "*clefG2", "low": "*clefF4", "tenor": "*clefGv2", "alto": "*clefC3"}
MIDDLES = {"high": 37, "low": 23, "tenor": 30, "alto": 30}  # steps above C of octave 0
PARTS = (("high",), ("low", "high"), ("low", "alto", "high"), ("low", "tenor", "alto", "high"))
PART_SHARES = (0.45, 0.3, 0.08, 0.17)
METERS = (("4/4", 16), ("3/4", 12), ("2/4", 8), ("6/8", 12))  # sixteenths of a bar
LENGTHS = ((16, "1"), (12, "2."), (8, "2"), (6, "4."), (4, "4"), (2, "8"), (1, "16"))
LENGTH_SHARES = {16: 0.05, 12: 0.04, 8: 0.25, 6: 0.15, 4: 1.0, 2: 1.3, 1: 0.6}  # weights of lengths in a lively score
LETTERS = "cdefgab"


def random_score(rng: Generator, bars: int) -> str:
    """Return a score of so many bars, of one to four staves, lowest first."""
    parts = PARTS[int(rng.choice(len(PARTS), p=PART_SHARES))]
    meter, size = METERS[int(rng.integers(len(METERS)))]
    sharps = int(rng.integers(-4, 5))
    key = "".join(("fcgdaeb"[i] + "#" if sharps > 0 else "beadgcf"[i] + "-") for i in range(abs(sharps)))
    at = [MIDDLES[p] + int(rng.integers(-3, 4)) for p in parts]
    busy = float(rng.uniform(0.15, 1.0))
    rows = [
        ["**kern"] * len(parts),
        [CLEFS[p] for p in parts],
        [f"*k[{key}]"] * len(parts),
        [f"*M{meter}"] * len(parts),
    ]
    for bar in range(bars):
        rows.append([f"={bar + 1}"] * len(parts))
        columns = []
        for i, part in enumerate(parts):
            notes, at[i] = _bar(rng, size, at[i], MIDDLES[part], busy)
            columns.append(notes)
        for time in range(size):
            row = [column.get(time, ".") for column in columns]
            if any(cell != "." for cell in row):
                rows.append(row)
    rows += [["=="] * len(parts), ["*-"] * len(parts)]
    return "\n".join("\t".join(row) for row in rows) + "\n"


def _bar(rng: Generator, size: int, at: int, middle: int, busy: float) -> tuple[dict[int, str], int]:
    """Return the notes of a bar by their time, and the last pitch."""
    notes: dict[int, str] = {}
    time = 0
    while time < size:
        left = size - time
        fitting = [(n, name) for n, name in LENGTHS if n <= left and (n > 1 or time % 2 or left > 1)]
        weights = [LENGTH_SHARES[n] * (busy if n == 2 else busy**2 if n == 1 else 1.0) for n, _ in fitting]
        total = sum(weights)
        length, name = fitting[int(rng.choice(len(fitting), p=[w / total for w in weights]))]
        if length == 2 and left >= 4 and time % 4 == 0 and rng.random() < 0.8:  # two quavers under one beam
            notes[time], at = _note(rng, "8", at, middle)
            notes[time] += "L"
            notes[time + 2], at = _note(rng, "8", at, middle)
            notes[time + 2] += "J"
            time += 4
            continue
        if rng.random() < 0.1:
            notes[time] = name + "r"
        else:
            notes[time], at = _note(rng, name, at, middle)
            if rng.random() < 0.12:
                notes[time] += " " + name + _pitch(at + int(rng.choice([2, 4, 5])))
        time += length
    return notes, at


def _note(rng: Generator, length: str, at: int, middle: int) -> tuple[str, int]:
    step = int(rng.choice([-4, -2, -1, -1, 0, 1, 1, 2, 3], p=[0.05, 0.12, 0.2, 0.1, 0.1, 0.1, 0.18, 0.1, 0.05]))
    at = min(middle + 8, max(middle - 8, at + step))
    sign = str(rng.choice(["", "#", "-", "n"], p=[0.88, 0.05, 0.04, 0.03]))
    return length + _pitch(at) + sign, at


def _pitch(step: int) -> str:
    octave, letter = divmod(step, 7)
    name = LETTERS[letter]
    return name * (octave - 3) if octave >= 4 else name.upper() * (4 - octave)
