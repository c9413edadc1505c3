"""`ocr2 mcp`: the tasks as tools for agents."""

from pathlib import Path
from typing import Annotated

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode, needing


def mcp_command(
    root: Annotated[
        list[Path] | None, typer.Option(help="Folder that files may be read from, repeatable. [default: this one]")
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Over HTTP on this machine instead of standard input.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port, with --http.")] = 8766,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    debug: cli.Debug = False,
) -> int:
    """Offer all tasks as tools of the Model Context Protocol: docs/agents.md."""
    with needing("mcp", "tools for agents need"):
        from ocr2.serve.agent_tools import make_server
    from ocr2.engine import Engine

    roots = root or [Path()]
    for folder in roots:
        if not folder.is_dir():
            raise ValueError(f"--root: no such folder: {folder}")
    server = make_server(Engine(cli.load_options(None, device, dtype)), roots)
    if http:
        server.run("streamable-http", host="127.0.0.1", port=port)
    else:
        server.run("stdio")
    return ExitCode.OK
