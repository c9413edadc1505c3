"""OpenAI's form of a chat: a message with pictures is answered with what is in them."""

import asyncio
import base64
import binascii
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Literal, TypedDict

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from ocr2.documents.sources import Source
from ocr2.json_types import JsonObject
from ocr2.options import AskOptions, ReadOptions

if TYPE_CHECKING:
    from ocr2.serve.app import Served


class Address(TypedDict):
    """Where a picture is."""

    url: str


class Part(TypedDict, total=False):
    """A text or a picture of a message, by its type."""

    type: Literal["text", "image_url"]
    text: str
    image_url: Address


class Message(TypedDict):
    """One turn of a chat."""

    content: str | list[Part]


def add_chat(app: FastAPI, served: "Served") -> None:
    """Add `/v1/chat/completions`."""

    @app.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        """Read the pictures of the last message into Markdown; a model that answers questions is asked its text."""
        try:
            content = json.loads(await request.body())
            pictures, question = _parts(content["messages"][-1])
            model = str(content.get("model", served.engine.name))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise HTTPException(400, f"no chat with a picture: {error}") from error
        asks = model == served.engine.model_for("ask") and bool(question)
        task = "ask" if asks else "read"
        options = AskOptions(question=question) if asks else ReadOptions()
        texts = []
        for i, data in enumerate(pictures, start=1):
            answer = await served.do(
                task, request, Source(f"picture {i}", None, data), options, "text" if asks else "markdown"
            )
            texts.append(answer.data.decode())
        text = "\n\n".join(texts).rstrip("\n")
        if content.get("stream"):
            return StreamingResponse(_pieces(text, model), media_type="text/event-stream")
        choice: JsonObject = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return JSONResponse(_completion(model, "chat.completion", choice))


def _parts(message: Message) -> tuple[list[bytes], str]:
    """Return the pictures and the text of a message."""
    content = message["content"]
    if isinstance(content, str):
        raise ValueError("the last message has no picture")
    pictures, texts = [], []
    for part in content:
        if part["type"] == "text":
            texts.append(str(part["text"]))
        elif part["type"] == "image_url":
            pictures.append(_picture(part["image_url"]["url"]))
    if not pictures:
        raise ValueError("the last message has no picture")
    return pictures, " ".join(texts).strip()


def _picture(url: str) -> bytes:
    head, comma, data = url.partition(",")
    if not head.startswith("data:") or not comma or not head.endswith(";base64"):
        raise ValueError("pictures come as data: addresses in base64; nothing is fetched")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"a picture is no base64: {error}") from error


def _completion(model: str, kind: str, choice: JsonObject) -> JsonObject:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
    }


async def _pieces(text: str, model: str) -> AsyncIterator[str]:
    for line in text.splitlines(keepends=True):
        choice: JsonObject = {"index": 0, "delta": {"content": line}, "finish_reason": None}
        yield f"data: {json.dumps(_completion(model, 'chat.completion.chunk', choice))}\n\n"
        await asyncio.sleep(0)
    last: JsonObject = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield f"data: {json.dumps(_completion(model, 'chat.completion.chunk', last))}\n\n"
    yield "data: [DONE]\n\n"
