"""Groups of pictures: read as they were written, drawn by number and seed alone, whole or not at all."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.groups import (
    decode,
    decode_gray,
    group_path,
    group_writer,
    map_in_processes,
    read_group,
    write_frozen,
    write_group,
)


@dataclass(frozen=True)
class Picture:
    pixels: NDArray[np.uint8]
    record: Mapping[str, object]


def draw(rng: Generator) -> Picture:
    number = int(rng.integers(1, 250))
    return Picture(np.full((4, 6), number, np.uint8), {"number": number, "name": "Zoë"})


def test_pictures_in_grey_and_colour_come_back(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    write_group(tmp_path / "a.npz", [draw(np.random.default_rng(1)), Picture(colour, {"kind": "b"})])
    (gray, record), (png, other) = read_group(tmp_path / "a.npz")
    assert (decode_gray(gray) == record["number"]).all()
    assert record["name"] == "Zoë"
    np.testing.assert_array_equal(decode(png), colour)
    assert other == {"kind": "b"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_a_group_depends_on_its_number_and_seed_and_is_kept(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    one, two = (group_writer(lambda: draw, tmp_path / name, 3, 5) for name in ("one", "two"))
    paths = [one(0), one(1)]
    assert paths == [group_path(tmp_path / "one", i) for i in range(2)]
    records = [[record for _, record in read_group(path)] for path in paths]
    assert records[0] != records[1]
    assert [[record for _, record in read_group(two(i))] for i in (0, 1)] == records
    paths[0].write_bytes(b"here already")
    assert group_writer(lambda: draw, tmp_path / "one", 3, 6)(0).read_bytes() == b"here already"


def test_tasks_keep_their_order_and_errors_arrive() -> None:
    power = functools.partial(functools.partial, pow, 2)
    assert list(map_in_processes(power, range(5), workers=2)) == [1, 2, 4, 8, 16]
    with pytest.raises(TypeError):
        list(map_in_processes(power, ["x"], workers=1))


def test_a_frozen_set_is_made_once(tmp_path: Path) -> None:
    sha256 = write_frozen(tmp_path / "val", lambda: [draw(np.random.default_rng(i)) for i in range(3)])
    assert len(sha256) == 64
    with pytest.raises(FileExistsError, match="a frozen set is made once"):
        write_frozen(tmp_path / "val", list)
