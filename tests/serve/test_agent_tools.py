"""Tools for agents, through the official client."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

mcp = pytest.importorskip("mcp")

from ocr2.engine import Engine  # noqa: E402
from ocr2.results.answer import Detection  # noqa: E402
from ocr2.results.box import Box  # noqa: E402
from ocr2.results.document import Block, Document, Page  # noqa: E402
from ocr2.results.region import Region  # noqa: E402
from ocr2.serve.agent_tools import make_server  # noqa: E402


class PlayedEngine(Engine):
    """Reads what a test expects."""

    def __init__(self) -> None:
        """Load nothing."""

    def read(self, source: Any, options: Any = None, *, on_page: Any = None, **changes: Any) -> Document:
        page = Page(1, 9, 9, None, (Block("paragraph", f"pages {options.pages}", Box(0, 0, 9, 9), 0.9, ()),))
        on_page(page, 1)
        return Document(source.name, (page,), "m", "0")

    def detect(
        self, source: Any, names: Sequence[str] = (), options: Any = None, *, on_detection: Any = None, **changes: Any
    ) -> list[Detection]:
        region = Region("table", Box(1, 1, 20, 20), 0.8)
        found = Detection(
            file=source.name, page=1, width=40, height=30, model="m", weights_sha256="0", regions=(region,)
        )
        on_detection(found, np.full((30, 40, 3), 255, np.uint8), 1)
        return [found]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    Image.new("L", (40, 30), 255).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def call(tool: str, root: Path, **arguments: Any) -> Any:
    async def go() -> Any:
        async with mcp.Client(make_server(PlayedEngine(), [root])) as client:
            return await client.call_tool(tool, arguments)

    return asyncio.run(go())


def test_all_tasks_are_offered(tmp_path: Path) -> None:
    async def go() -> list[str]:
        async with mcp.Client(make_server(PlayedEngine(), [tmp_path])) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    assert asyncio.run(go()) == [
        "read_document", "read_chart", "trace_figure", "find_regions", "read_place", "ask_page",
    ]  # fmt: skip


def test_a_document_is_read(page: Path) -> None:
    answer = call("read_document", page.parent, path=str(page), pages="2-3", format="text")
    assert answer.content[0].text.strip() == "pages 2-3"
    assert not answer.is_error


def test_regions_come_with_a_picture(page: Path) -> None:
    answer = call("find_regions", page.parent, path=str(page))
    assert json.loads(answer.content[0].text)["regions"][0]["kind"] == "table"
    assert answer.content[1].mime_type == "image/jpeg"


@pytest.mark.parametrize(
    ("path", "message"), [("/etc/hosts", "lies outside"), ("none.png", "outside"), ("{root}/none.png", "no such file")]
)
def test_files_elsewhere_are_refused(page: Path, path: str, message: str) -> None:
    answer = call("read_document", page.parent, path=path.format(root=page.parent))
    assert answer.is_error
    assert message in answer.content[0].text


def test_a_wrong_format_is_told(page: Path) -> None:
    answer = call("read_document", page.parent, path=str(page), format="docx")
    assert answer.is_error
    assert "read gives text, markdown" in answer.content[0].text
