"""How often drafts, number types and fewer bits change what a model with real weights writes: got-nano on line images.

python benchmarks/flips.py [--lines 500]

Lines of reserved PDFs (benchmarks/sets.py) are read greedily, without rescue. Against float32 without a draft: lines
that read otherwise, and the character error of all. In float32 a draft must change nothing.
"""

import argparse

from rapidfuzz.distance import Levenshtein

from benchmarks.engines import line_words
from benchmarks.sets import reserved_lines
from ocr2.got.nano.reader import NanoReader
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions, Quantize

WAYS: tuple[tuple[str, str, bool, Quantize], ...] = (
    ("float32", "float32", False, "none"),
    ("float32, draft", "float32", True, "none"),
    ("bfloat16", "bfloat16", False, "none"),
    ("bfloat16, draft", "bfloat16", True, "none"),
    ("bfloat16, int8", "bfloat16", False, "int8"),
    ("bfloat16, int4", "bfloat16", False, "int4"),
)


def reader_of(dtype: str, drafts: bool, quantize: Quantize) -> NanoReader:
    """Load got-nano in one of the ways."""
    reader = load_line_reader("got-nano", LoadOptions(device="cpu", dtype=dtype))
    assert isinstance(reader, NanoReader)
    reader.use_drafts, reader.rescue = drafts, False
    reader.runtime = reader.model.skeleton.runtime(dtype=reader.dtype, quantize=quantize)
    return reader


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=500)
    args = parser.parse_args()
    samples = reserved_lines(args.lines)
    expected: list[str] = []
    print(f"{len(samples)} lines")
    for name, dtype, drafts, quantize in WAYS:
        reader = reader_of(dtype, drafts, quantize)
        texts = [" ".join(word.text for word in line_words(s.gray, reader)) for s in samples]
        expected = expected or texts
        changed = sum(a != b for a, b in zip(texts, expected, strict=True))
        edits = sum(Levenshtein.distance(t, s.text) for t, s in zip(texts, samples, strict=True))
        length = sum(len(s.text) for s in samples)
        print(f"{name:<18} {changed:5} lines read otherwise ({changed / len(samples):.2%}), CER {edits / length:.2%}")


if __name__ == "__main__":
    main()
