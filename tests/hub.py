"""A model hub on this machine: serves a few files as the real one does, and remembers what was asked of it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from ocr2.checkpoints.releases import Release, ReleasedFile

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """What is served, by path, and how it fails."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []  # method and path of each
        self.cut_after: dict[str, list[int]] = {}  # bytes after which the next answers for a path end too soon

    def publish(self, files: Mapping[str, bytes], *, hub_id: str = "someone/model", revision: str = COMMIT) -> Release:
        """Serve files and return their release."""
        for name, data in files.items():
            self.files[f"/{hub_id}/resolve/{revision}/{name}"] = data
        listed = [ReleasedFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()]
        return Release(
            name="mini",
            hub_id=hub_id,
            revision=revision,
            files=tuple(listed),
            licence="a licence",
            notice="A notice.",
        )

    def asked_for(self, name: str) -> int:
        """Return how often the content of a file was asked for."""
        return sum(request.startswith("GET ") and request.endswith(f"/{name}") for request in self.requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub  # set by `serving`

    def do_HEAD(self) -> None:
        self._answer(send=False)

    def do_GET(self) -> None:
        self._answer(send=True)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, *, send: bool) -> None:
        self.hub.requests.append(f"{self.command} {self.path}")
        data = self.hub.files.get(self.path)
        if data is None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(data) - first))
        self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("ETag", f'"{hashlib.sha1(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.path.split("/")[4])
        self.end_headers()
        if not send:
            return
        cuts = self.hub.cut_after.get(self.path, [])
        if cuts:
            self.wfile.write(data[first : first + cuts.pop(0)])
            self.close_connection = True
            return
        self.wfile.write(data[first:])


@contextmanager
def serving() -> Iterator[Hub]:
    """Run a hub while the block runs."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub = Hub(f"http://127.0.0.1:{server.server_port}")
    handler.hub = hub  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
