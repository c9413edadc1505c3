"""A pack holds what training reads: the same families, the same split, text, strips, packages, a state."""

import gzip
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from fontTools.ttLib import TTFont
from PIL import ImageFont

from ocr2.got.nano.reader import load_vocabulary
from ocr2.synth.corpus import Corpus
from ocr2.synth.fonts import Face, FontLibrary, bitmap_faces
from ocr2.synth.groups import group_path
from ocr2.synth.pool import Bucket, read_group, write_group
from ocr2.train import pack


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    """Pillow's built-in face under a training name, as a fixed-pitch one, under a held-out name; a bitmap face."""
    builtin = ImageFont.load_default(size=12)
    assert isinstance(builtin, ImageFont.FreeTypeFont)
    folder = tmp_path / "faces"
    folder.mkdir()
    for family, mono in (("Aileron Test", 0), ("Test Mono", 1), ("Lato", 0)):
        font = TTFont(builtin.path)
        builtin.path.seek(0)  # type: ignore[union-attr]
        for name in (1, 16):
            font["name"].setName(family, name, 3, 1, 0x409)
        font["post"].isFixedPitch = mono
        font.save(folder / f"{family}.ttf")
    (folder / "6x13.pcf.gz").write_bytes(b"a bitmap face")
    return folder


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive and return the folder that it made."""
    with tarfile.open(archive) as members:
        for member in members:  # extractall's filter is younger than Python 3.11.4
            data = members.extractfile(member) if member.isfile() else None
            if data is not None:
                (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
                (folder / member.name).write_bytes(data.read())
    return folder / archive.name.split(".")[0]


def test_packed_faces_keep_their_names_their_pitch_and_the_alphabet(fonts: Path, tmp_path: Path) -> None:
    archive = pack.write_archive(tmp_path, "fonts", pack.font_members([fonts], frozenset()))
    packed = unpack(archive, tmp_path / "there")
    before, after = (FontLibrary.find([folder], held_out=False).families for folder in (fonts, packed))
    assert sorted(after) == sorted(before) == ["Aileron Test", "Test Mono"]
    alphabet = frozenset(map(ord, load_vocabulary().characters))
    for family, (face,) in before.items():
        (copy,) = after[family]
        assert copy.mono == face.mono
        assert copy.codepoints == face.codepoints & alphabet
        assert copy.load(20).getlength("Straße, 12 %") == pytest.approx(face.load(20).getlength("Straße, 12 %"), abs=2)
    assert [Path(face.path).name for face in bitmap_faces([packed])] == ["6x13.pcf.gz"]
    with pytest.raises(ValueError, match="no usable font"):
        FontLibrary.find([packed], held_out=True)


def test_faces_of_a_large_family_are_spread() -> None:
    faces = [Face(str(i), 0, "Junicode", frozenset()) for i in range(38)]
    assert [int(face.path) for face in pack.spread(faces, 4)] == [0, 12, 25, 37]
    assert pack.spread(faces[:3], 4) == faces[:3]


def test_scripts_are_drawn_with_small_faces_that_are_not_held_out() -> None:
    small, large, held_out = (
        Face(name, 0, name, frozenset(map(ord, letters)))
        for name, letters in (("Small", "あ"), ("Large", "あいう"), ("Lato", "あ"))
    )
    assert pack.choose_script_faces([large, held_out, small]) == {small, large}


def test_foreign_characters_come_from_foreign_paragraphs() -> None:
    rows = [json.dumps(row) for row in ({"kind": "other", "text": "где"}, {"kind": "prose", "text": "ж"})]
    assert pack.foreign_characters(rows) == frozenset(map(ord, "где"))


def test_a_share_of_the_corpus_has_every_kind_and_the_same_lines_each_time(tmp_path: Path) -> None:
    rows = [json.dumps({"kind": ("prose", "code", "other")[i % 3], "text": str(i)}) + "\n" for i in range(300)]
    name, data = pack.corpus_member(rows, 0.5)
    assert (name, data) == pack.corpus_member(rows, 0.5)
    (tmp_path / name).write_bytes(data)
    paragraphs = Corpus.load(tmp_path / name).paragraphs
    assert sorted(paragraphs) == ["code", "other", "prose"]
    assert all(30 < len(texts) < 70 for texts in paragraphs.values())
    assert all(row in rows for row in gzip.decompress(data).decode().splitlines(keepends=True))


def test_packed_validation_strips_are_those_of_an_evaluation(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (500, 32, 128), dtype=np.uint8)
    bucket = Bucket(pixels, np.ones((500, 2), np.uint16), np.full(500, 2))
    (tmp_path / "val").mkdir()
    write_group(group_path(tmp_path / "val", 0), {128: bucket})
    packed = unpack(pack.write_archive(tmp_path, "cut", pack.validation_members(tmp_path / "val")), tmp_path)
    cut = read_group(group_path(packed, 0))[128]
    assert np.array_equal(cut.pixels, pixels[: 4 * 96])
    assert len(cut.targets) == len(cut.lengths) == 4 * 96


def test_wheels_become_a_folder_to_import_from(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    with zipfile.ZipFile(tmp_path / "site" / "thing-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("thing/__init__.py", "answer = 42\n")
    archive = pack.write_archive(tmp_path, "site", pack.wheel_members(tmp_path / "site"))
    assert (unpack(archive, tmp_path / "there") / "thing" / "__init__.py").read_text() == "answer = 42\n"
    again = pack.write_archive(tmp_path / "again", "site", pack.wheel_members(tmp_path / "site"))
    assert again.read_bytes() == archive.read_bytes()


def test_a_packed_state_keeps_the_weights_and_halves_the_rest(tmp_path: Path) -> None:
    weights = {"w": torch.randn(64, 64)}
    optimizer = {"momentum": {"w": torch.randn(64, 64)}, "average": weights, "steps": {"all": torch.tensor(7)}}
    torch.save({"model": weights, "optimizer": optimizer}, tmp_path / "state.pt")
    name, data = pack.state_member(tmp_path / "state.pt")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / name).write_bytes(data)
    state = torch.load(tmp_path / "there" / name, weights_only=True)
    assert torch.equal(state["model"]["w"], weights["w"])
    packed = state["optimizer"]
    assert packed["average"]["w"].dtype == packed["momentum"]["w"].dtype == torch.bfloat16
    assert int(packed["steps"]["all"]) == 7
