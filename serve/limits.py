"""What a server refuses before it looks: strangers, large bodies, slow senders."""

import asyncio
import hmac
import json

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ocr2.serve.settings import LOOPBACK, ServeSettings

OPEN = frozenset(("/", "/health", "/app.js", "/style.css"))  # what anyone may see: no data is there
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        b"frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]


class Gate:
    """Lets in who has the key, and bodies within the limits.

    Args:
        app: Behind the gate.
        settings: Of the server.
    """

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if self.settings.api_key is None and (stranger := self._stranger(headers)) is not None:
            await _refuse(send, 403, f"{stranger} is not this server: another page's script may not use it")
            return
        if scope["path"] not in OPEN and not self._may_enter(headers):
            await _refuse(send, 401, "an API key is needed: send it as Authorization: Bearer KEY")
            return
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self.settings.max_bytes:
            await _refuse(send, 413, f"{int(length):,} bytes are sent, at most {self.settings.max_bytes:,} are taken")
            return
        await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken, begun = 0, False

        async def limited() -> Message:
            nonlocal taken
            try:
                message = await asyncio.wait_for(receive(), None if begun else self.settings.receive_seconds)
            except TimeoutError as error:
                raise HTTPException(408, f"nothing came for {self.settings.receive_seconds:g} s") from error
            taken += len(message.get("body", b""))
            if taken > self.settings.max_bytes:
                raise HTTPException(413, f"at most {self.settings.max_bytes:,} bytes are taken")
            return message

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        await self.app(scope, limited, with_headers)

    def _stranger(self, headers: dict[str, str]) -> str | None:
        """Return the name under which another site's script reaches a server that has no key; None if none does."""
        if self.settings.no_auth:
            return None
        host = headers.get("host", "").rpartition("@")[2]
        name = host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.partition(":")[0]
        origin = headers.get("origin", "")
        if name not in LOOPBACK:
            return name or "a request without a host"
        return origin if origin and origin.partition("://")[2] != host else None

    def _may_enter(self, headers: dict[str, str]) -> bool:
        key = self.settings.api_key
        if key is None:
            return True
        given = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key", "")
        return hmac.compare_digest(given.encode(), key.encode())


async def _refuse(send: Send, status: int, message: str) -> None:
    body = json.dumps({"error": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
