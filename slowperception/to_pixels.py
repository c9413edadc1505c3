"""From what a model wrote, in its units, to pixels of the picture, with how sure it is."""

from collections.abc import Sequence

from ocr2.models.protocols import FigureReading, TextBox
from ocr2.results.figure import Circle, Segment
from ocr2.slowperception.grammar import Stroke, Writing, gaze_residual, write_figure
from ocr2.slowperception.nano.keypoints import Letter
from ocr2.slowperception.square_view import Frame

LETTER_SIZE = 0.7  # model units
STRAYED = 0.1  # of a segment's length: gaze points so far from it mean that nothing was followed


def to_reading(
    writing: Writing,
    frame: Frame,
    *,
    stopped: str,
    raw: str | None = None,
    strokes_sure: Sequence[float] = (),
    circles_sure: Sequence[float] = (),
    letters: Sequence[Letter] | None = None,
) -> FigureReading:
    """Return what was written in pixels.

    Args:
        writing: In model units.
        frame: Where the picture lies.
        stopped: "end", "length" or "loop".
        raw: The answer as it was; written anew if None.
        strokes_sure: Probabilities of the strokes, in order; nothing if unknown.
        circles_sure: Likewise of the circles.
        letters: That were seen; None if none were looked for.
    """
    known: Sequence[float | None] = strokes_sure or [None] * len(writing.strokes)
    round_known: Sequence[float | None] = circles_sure or [None] * len(writing.circles)
    segments = [
        Segment(frame.to_pixels(s[0]), frame.to_pixels(s[-1]), confidence=confidence(s, p))
        for s, p in zip(writing.strokes, known, strict=True)
    ]
    circles = [
        Circle(frame.to_pixels((x, y)), r * frame.unit, p)
        for (x, y, r), p in zip(writing.circles, round_known, strict=True)
    ]
    labels = {name: frame.to_pixels(point) for name, point in writing.labels.items()}
    text = write_figure(writing) if raw is None else raw
    seen = None if letters is None else tuple(placed(letter, frame) for letter in letters)
    return FigureReading(tuple(segments), tuple(circles), labels, seen, text, stopped, frame.unit)


def placed(letter: Letter, frame: Frame) -> TextBox:
    """Return a letter in a box of the usual size, pixels."""
    x, y = frame.to_pixels(letter.place)
    half = LETTER_SIZE / 2 * frame.unit
    return TextBox(letter.text, (x - half, y - half, x + half, y + half), confidence=letter.sure)


def confidence(stroke: Stroke, sure: float | None) -> float | None:
    """Return how far a stroke is to be trusted: the less, the more its gaze points stray; None if nothing is known.

    Examples:
        >>> confidence(((0.0, 0.0), (4.0, 0.2), (8.0, 0.0)), 0.9)
        0.675
        >>> confidence(((0.0, 0.0), (8.0, 0.0)), None) is None
        True
    """
    if len(stroke) < 3:
        return sure
    straight = max(0.0, 1 - gaze_residual(stroke) / STRAYED)
    return straight * (1.0 if sure is None else sure)
