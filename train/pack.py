"""Pack what training needs on a machine without network: fonts, text, validation strips, packages, a state.

    python -m ocr2.train.pack runs/pack --fonts /usr/share/fonts --corpus runs/corpus/train.jsonl.gz --val runs/val \
        --wheels site

Every part is one `.tar.xz` that unpacks into a folder of its name; a folder of wheels (`pip download` for the
Python of that machine) becomes one importable folder. Faces keep their names, which decide the split into
training and validation, and lose what strips do not show. train/QUEUE.md has the commands that use a pack.
"""

import argparse
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from fontTools import subset
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from torch import Tensor

from ocr2.got.nano.reader import load_vocabulary
from ocr2.synth.fonts import HELD_OUT_FAMILIES, OTHER_SCRIPT_PROBES, Face, FontLibrary, bitmap_faces, script_faces
from ocr2.synth.pool import read_group
from ocr2.train.got_nano import BATCH_PATCHES, EVALUATION_BATCHES

FACES_A_FAMILY = 16  # most of one family; Junicode has 38
FACES_A_SCRIPT = 12  # of every foreign script; only the strips of kind "foreign" show them
COMMON_SCRIPTS = range(0x370, 0x530)  # Greek and Cyrillic: kept in every face, as most have them
CORPUS_SHARE = 0.7  # of the paragraphs
SEED = 1
NAMES = (1, 2, 16, 17)  # family and style, and their typographic forms
KEPT_TABLES = frozenset(
    ("GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "name", "post", "glyf", "loca", "CFF ", "GSUB")
)
FEATURES = ["liga", "ccmp", "locl"]  # ligatures cost 3 % of the size, kerning would cost 17 %

Member = tuple[str, bytes]


def font_members(folders: Sequence[Path], foreign: frozenset[int]) -> Iterator[Member]:
    """Yield the training faces with the reader's alphabet, some with all of `foreign`, and the bitmap faces."""
    library = FontLibrary.find(folders, held_out=False)
    scripts = choose_script_faces(script_faces(folders))
    chosen = {face for faces in library.families.values() for face in spread(faces, FACES_A_FAMILY)} | scripts
    alphabet = frozenset(map(ord, load_vocabulary().characters)) | foreign.intersection(COMMON_SCRIPTS)
    # Faces of one family side by side: what they share compresses.
    for i, face in enumerate(sorted(chosen, key=lambda face: (face.family, face.path, face.index))):
        wanted = alphabet | foreign if face in scripts else alphabet
        yield f"{i:04}-{Path(face.path).stem}.ttf", subset_face(face, wanted)
    for bitmap in bitmap_faces(folders):
        yield Path(bitmap.path).name, Path(bitmap.path).read_bytes()


def choose_script_faces(faces: Iterable[Face]) -> set[Face]:
    """Choose the smallest faces of every foreign script, none of a held-out family."""
    usable = [face for face in faces if not face.family.startswith(HELD_OUT_FAMILIES)]
    chosen: set[Face] = set()
    for probe in OTHER_SCRIPT_PROBES:
        able = sorted((f for f in usable if probe in f.codepoints), key=lambda f: (len(f.codepoints), f.path, f.index))
        chosen.update(able[:FACES_A_SCRIPT])
    return chosen


def spread(faces: Sequence[Face], most: int) -> list[Face]:
    """Return at most so many faces, evenly spaced."""
    picks = np.linspace(0, len(faces) - 1, min(most, len(faces))).round().astype(int)
    return [faces[i] for i in picks]


def subset_face(face: Face, codepoints: frozenset[int]) -> bytes:
    """Return a font file of a face: these characters, its names, fixed pitch and ligatures; no hints, no kerning."""
    font = TTFont(face.path, fontNumber=face.index if face.path.endswith(".ttc") else -1)
    for table in set(font.keys()) - KEPT_TABLES:
        del font[table]
    options = subset.Options(
        hinting=False, layout_features=FEATURES, name_IDs=list(NAMES), name_languages=["*"], name_legacy=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codepoints)
    subsetter.subset(font)
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()


def corpus_member(rows: Sequence[str], share: float) -> Member:
    """Return a share of the corpus's lines, every kind alike; stored, not deflated, for xz to compress."""
    keep = np.random.default_rng(SEED).random(len(rows)) < share
    text = "".join(row for row, kept in zip(rows, keep, strict=True) if kept)
    return "train.jsonl.gz", gzip.compress(text.encode(), compresslevel=0, mtime=0)


def validation_members(folder: Path) -> Iterator[Member]:
    """Yield validation groups with the strips that an evaluation during training reads, in their order."""
    for path in sorted(folder.glob("group-*.npz")):
        arrays: dict[str, NDArray[np.generic]] = {}
        for width, bucket in read_group(path).items():
            rows = EVALUATION_BATCHES * (BATCH_PATCHES * 4 // width)
            arrays[f"pixels_{width}"] = bucket.pixels[:rows]
            arrays[f"targets_{width}"] = bucket.targets[:rows]
            arrays[f"lengths_{width}"] = bucket.lengths[:rows]
        data = io.BytesIO()
        np.savez(data, allow_pickle=False, **arrays)
        yield path.name, data.getvalue()


def wheel_members(folder: Path) -> Iterator[Member]:
    """Yield the files of all wheels of a folder."""
    for path in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            for name in sorted(n for n in wheel.namelist() if not n.endswith("/")):
                yield name, wheel.read(name)


def state_member(path: Path) -> Member:
    """Return a trainer's state with averages and momenta in two bytes; the weights stay as they are."""

    def halve(values: dict[str, Tensor]) -> dict[str, Tensor]:
        return {k: v.bfloat16() if v.is_floating_point() and v.numel() > 1 else v for k, v in values.items()}

    state = torch.load(path, weights_only=True, map_location="cpu")
    state["optimizer"] = {kind: halve(values) for kind, values in state["optimizer"].items()}
    data = io.BytesIO()
    torch.save(state, data)
    return "state.pt", data.getvalue()


def write_archive(folder: Path, name: str, members: Iterable[Member]) -> Path:
    """Write `name.tar.xz` whose members lie in a folder `name`; the same members give the same bytes."""
    path = folder / f"{name}.tar.xz"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:xz", preset=9) as archive:
        for member, data in members:
            entry = tarfile.TarInfo(f"{name}/{member}")
            entry.size, entry.mode = len(data), 0o755 if ".so" in member else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return path


def foreign_characters(rows: Iterable[str]) -> frozenset[int]:
    """Return the code points of the corpus's paragraphs in other scripts."""
    seen: set[str] = set()
    for row in rows:
        paragraph = json.loads(row)
        if paragraph["kind"] == "other":
            seen.update(paragraph["text"])
    return frozenset(map(ord, seen))


def main() -> None:
    """Pack from the command line; parts without an argument are left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, nargs="+")
    parser.add_argument("--corpus", type=Path, required=True, help="also says which foreign characters fonts keep")
    parser.add_argument("--corpus-share", type=float, default=CORPUS_SHARE)
    parser.add_argument("--val", type=Path)
    parser.add_argument("--wheels", type=Path, nargs="+", default=[], help="folders; each becomes an archive")
    parser.add_argument("--state", type=Path)
    args = parser.parse_args()
    with gzip.open(args.corpus, "rt", encoding="utf-8") as lines:
        rows = list(lines)
    parts: dict[str, Iterable[Member]] = {"corpus": [corpus_member(rows, args.corpus_share)]}
    if args.fonts:
        parts["fonts"] = font_members(args.fonts, foreign_characters(rows))
    if args.val:
        parts["val"] = validation_members(args.val)
    for folder in args.wheels:
        parts[folder.name] = wheel_members(folder)
    if args.state:
        parts["state"] = [state_member(args.state)]
    for name, members in parts.items():
        path = write_archive(args.out, name, members)
        print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB", flush=True)


if __name__ == "__main__":
    main()
