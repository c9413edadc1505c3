"""The six tasks as tools of the Model Context Protocol, for agents on this machine."""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image
from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from ocr2 import __version__
from ocr2.documents.sources import Source
from ocr2.engine import Engine, ImageLike
from ocr2.errors import DocumentError, OCR2Error
from ocr2.options import AskOptions, ChartOptions, DetectOptions, FigureOptions, FocusOptions, PageOptions, ReadOptions
from ocr2.results.answer import Detection
from ocr2.serve.desk import Job
from ocr2.serve.tasks import SERVED, format_for

INSTRUCTIONS = (
    "Reads pages, charts and plane figures offline. Give paths of pictures or PDFs. Confidences are probabilities; "
    "what could not be read is said so and never made up."
)
FOREVER = 24 * 3600.0  # seconds that a tool's work may take
MOST_SIDE = 1600  # pixels of a picture that is given back


class Tools:
    """What the tools share.

    Args:
        engine: That does the work.
        roots: Folders that files may be read from.
    """

    def __init__(self, engine: Engine, roots: Sequence[Path]) -> None:
        self.engine = engine
        self.roots = [root.resolve() for root in roots]

    def source(self, path: str) -> Source:
        """Return a file that may be read.

        Raises:
            DocumentError: If it lies elsewhere, or is not there.
        """
        place = Path(path).expanduser().resolve()
        if not any(place.is_relative_to(root) for root in self.roots):
            raise DocumentError(f"{path} lies outside of {', '.join(map(str, self.roots))}")
        if not place.is_file():
            raise DocumentError(f"no such file: {path}")
        return Source(path, place)

    def run(self, task: str, path: str, make_options: Callable[[], PageOptions], format: str) -> str:
        """Do a task on a file; returns its text."""
        job = Job(lambda job: None, FOREVER)
        job.begun = time.monotonic()
        with told():
            chosen = format_for(task, format)
            return SERVED[task].run(self.engine, self.source(path), make_options(), chosen, job).decode()


@contextmanager
def told() -> Iterator[None]:
    """Tell an agent what went wrong, where it can do something about it."""
    try:
        yield
    except (OCR2Error, ValueError, OSError, RuntimeError) as error:
        raise ToolError(str(error)) from error


def make_server(engine: Engine, roots: Sequence[Path]) -> MCPServer[dict[str, object]]:
    """Build the server of tools.

    Args:
        engine: That does the work.
        roots: Folders that files may be read from.
    """
    tools = Tools(engine, roots)
    server: MCPServer[dict[str, object]] = MCPServer("ocr2", instructions=INSTRUCTIONS, version=__version__)

    @server.tool(structured_output=False)
    def read_document(path: str, pages: str | None = None, format: str = "markdown") -> str:
        """Read a PDF or picture. pages: such as 1-3,8. format: markdown, text, html, latex, csv (tables), json."""
        return tools.run("read", path, lambda: ReadOptions(pages=pages), format)

    @server.tool(structured_output=False)
    def read_chart(path: str, page: int | None = None, format: str = "markdown") -> str:
        """Read a chart into its data with how far to trust it. format: markdown, csv, json, vega-lite."""
        return tools.run("chart", path, lambda: ChartOptions(pages=_one(page)), format)

    @server.tool(structured_output=False)
    def trace_figure(path: str, page: int | None = None, format: str = "tikz") -> str:
        """Trace a plane figure into segments, circles, points and relations. format: tikz, svg, json."""
        return tools.run("trace", path, lambda: FigureOptions(pages=_one(page)), format)

    @server.tool(structured_output=False)
    def find_regions(path: str, page: int = 1, names: list[str] | None = None) -> list[str | Image]:
        """Find tables, charts, figures, formulas, ... on a page: kinds, boxes in pixels, confidences; and draw them."""
        from ocr2.reading.regions.overlay import draw_regions

        drawn: list[Image] = []

        def on_detection(found: Detection, picture: ImageLike | None, count: int) -> None:
            if picture is not None:
                drawn.append(_picture(draw_regions(found, np.asarray(picture, np.uint8))))

        with told():
            options = DetectOptions(pages=_one(page), names=tuple(names or ()))
            found = engine.detect(tools.source(path), options=options, on_detection=on_detection)
        return [found[0].to_json(), *drawn]

    @server.tool(structured_output=False)
    def read_place(path: str, box: list[float], page: int = 1) -> str:
        """Read what stands inside a box of a page: left, top, right, bottom in pixels of the page."""
        if len(box) != 4:
            raise ToolError(f"a box is four numbers, left, top, right, bottom; got {len(box)}")
        left, top, right, bottom = box
        boxes = ((left, top, right, bottom),)
        return tools.run("focus", path, lambda: FocusOptions(pages=_one(page), boxes=boxes), "text")

    @server.tool(structured_output=False)
    def ask_page(path: str, question: str, page: int = 1) -> str:
        """Ask a question about a page. Needs a published model; says so if there is none."""
        return tools.run("ask", path, lambda: AskOptions(question=question, pages=_one(page)), "text")

    return server


def _one(page: int | None) -> str | None:
    return str(page) if page is not None else None


def _picture(picture: PIL.Image.Image) -> Image:
    picture.thumbnail((MOST_SIDE, MOST_SIDE))
    data = io.BytesIO()
    picture.convert("RGB").save(data, "JPEG", quality=85)
    return Image(data=data.getvalue(), format="jpeg")
