"""`ocr2 serve`: the package over HTTP, with a page to look at."""

import os
from typing import Annotated

import typer

from ocr2.cli import options as cli
from ocr2.cli.failures import ExitCode, needing, say

KEY_VARIABLE = "OCR2_API_KEY"


def serve_command(
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this machine's need a key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port.")] = 8765,
    api_key: Annotated[
        str | None, typer.Option(help=f"That every request must carry. [default: the variable {KEY_VARIABLE}]")
    ] = None,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Serve other machines without a key.")] = False,
    max_mib: Annotated[int, typer.Option(min=1, help="Most MiB of a request.")] = 64,
    max_pages: Annotated[int, typer.Option(min=1, help="Most pages of a document.")] = 500,
    max_seconds: Annotated[float, typer.Option(help="Most seconds of a request's work.")] = 600.0,
    max_waiting: Annotated[int, typer.Option(min=1, help="Requests that wait; more are told to come again.")] = 16,
    device: cli.Device = "auto",
    dtype: cli.DTypeName = "auto",
    debug: cli.Debug = False,
) -> int:
    """Serve reading over HTTP, with a page in the browser: docs/server.md."""
    with needing("serve", "serving needs"):
        import uvicorn

        from ocr2.serve.app import create_app
    from ocr2.engine import Engine
    from ocr2.models.spec import DEFAULTS
    from ocr2.serve.settings import ServeSettings

    loading = cli.load_options(None, device, dtype)
    settings = ServeSettings(
        host=host,
        port=port,
        api_key=api_key or os.environ.get(KEY_VARIABLE) or None,
        no_auth=no_auth,
        loading=loading,
        max_bytes=max_mib << 20,
        max_pages=max_pages,
        max_seconds=max_seconds,
        max_waiting=max_waiting,
    )
    engine = Engine(loading, name=DEFAULTS["read"])
    say(f"http://{host}:{port}/ shows a page, /v1/read and others answer; Ctrl-C ends")
    config = uvicorn.Config(
        create_app(settings, engine),
        host=host,
        port=port,
        log_level="info" if debug else "warning",
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run()
    return ExitCode.OK
