"""A batch on a Ray cluster of two nodes on this machine: the same results, and none is lost with a node."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr2.batch.run import Batch, Tally
from ocr2.batch.settings import BatchSettings

ray: Any = pytest.importorskip("ray")
pytestmark = pytest.mark.extras

PAGES, FILES = 3, 8


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head and one node more, a core each."""
    utils: Any = pytest.importorskip("ray.cluster_utils")
    cluster = utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of several pages, all of them different."""
    place = tmp_path / "in"
    place.mkdir()
    for number in range(FILES):
        first, *rest = [picture_of(f"Page {page} of file {number}, with some words") for page in range(1, PAGES + 1)]
        first.save(place / f"{number}.tiff", save_all=True, append_images=rest)
    return place


def picture_of(text: str) -> Image.Image:
    image = Image.new("L", (1000, 300), 255)
    ImageDraw.Draw(image).text((80, 100), text, fill=0, font=ImageFont.load_default(size=36))
    return image


def run(folder: Path, workspace: Path, cluster: Any = None) -> tuple[Tally, list[dict[str, Any]]]:
    """Run a batch; a node is removed once pages come, if a cluster is given."""
    from ocr2.batch.ray_workers import RayWorkers

    left = [node for node in (cluster.list_all_nodes() if cluster is not None else ()) if not node.head]

    def on_tally(tally: Tally) -> None:
        if left and tally.fresh >= PAGES:
            cluster.remove_node(left.pop(), allow_graceful=False)

    settings = BatchSettings(inputs=(str(folder),), workspace=workspace, formats=("jsonl",), workers=2)
    tally = Batch(settings, make_workers=RayWorkers, on_tally=on_tally).run()
    rows = [
        json.loads(line)
        for path in sorted((workspace / "results").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert not left, "the node was to be removed while pages were left"
    return tally, rows


def test_every_page_is_read_once_on_two_nodes_and_when_one_is_lost(cluster: Any, folder: Path, tmp_path: Path) -> None:
    tally, rows = run(folder, tmp_path / "two")
    assert (tally.files, tally.done, tally.failed) == (FILES, FILES * PAGES, 0)
    pages = {(Path(row["source"]).name, row["page"]): row["text"] for row in rows}
    assert len(pages) == len(rows) == FILES * PAGES
    assert all(f"Page {page} of file {Path(name).stem}" in text for (name, page), text in pages.items())

    tally, again = run(folder, tmp_path / "one", cluster)
    assert (tally.done, tally.failed) == (FILES * PAGES, 0)
    assert {(Path(row["source"]).name, row["page"]): row["text"] for row in again} == pages
    assert len(again) == FILES * PAGES
