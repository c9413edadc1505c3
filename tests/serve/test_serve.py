"""The server: what it refuses, what it loses (nothing), and what its answers are. Its engine is played."""

import asyncio
import base64
import io
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from ocr2.errors import DocumentError
from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Page
from ocr2.serve.app import create_app
from ocr2.serve.desk import BusyError, CancelledError, Desk, Job
from ocr2.serve.settings import ServeSettings

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAAAAACoWZBhAAAAEklEQVR4nGP4TwAMTAQUjCoAAKkyBBAnW4HFAAAAAElFTkSuQmCC"
)


class PlayedEngine:
    """An engine whose reading a test decides."""

    name = "got-nano"
    weights_sha256 = "0"

    def __init__(self, read: Callable[..., Document] | None = None) -> None:
        self._read = read

    def model_for(self, task: str) -> str:
        return {"ask": "vary-toy"}.get(task, "got-nano")

    def read(self, source: Any, options: Any, *, on_page: Callable[[Page, int], None]) -> Document:
        if self._read is not None:
            return self._read(source, options, on_page)
        page = Page(1, 100, 100, None, (Block("paragraph", "a & b", Box(1, 2, 30, 40), 0.9, ()),))
        on_page(page, 1)
        return Document(source.name, (page,), "got-nano", "0")


def settings(**changes: Any) -> ServeSettings:
    return ServeSettings(**changes)


def ask(
    method: str, path: str, *, engine: PlayedEngine | None = None, serve: ServeSettings | None = None, **request: Any
) -> httpx.Response:
    async def go() -> httpx.Response:
        app = create_app(serve or settings(), engine or PlayedEngine())  # type: ignore[arg-type]
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **request)

    return asyncio.run(go())


def upload(name: str = "a.png", data: bytes = PNG, **fields: str) -> dict[str, Any]:
    return {"files": {"file": (name, data)}, "data": fields}


def test_a_form_is_answered_in_the_form_that_was_asked_for() -> None:
    assert ask("POST", "/v1/read", **upload(format="markdown")).text == "a & b\n"
    answer = ask("POST", "/v1/read", **upload())
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["pages"][0]["blocks"][0]["box"] == [1, 2, 30, 40]


def test_json_in_base64_is_answered_too() -> None:
    content = {"file": base64.b64encode(PNG).decode(), "format": "text", "options": {"dpi": 150}}
    assert ask("POST", "/v1/read", json=content).text == "a & b\n"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"data": {"format": "text"}, "files": {"other": ("a", b"x")}}, "no field file"),
        (upload(format="docx"), "read gives text, markdown"),
        (upload(dpi="9"), "dpi must lie between 20 and 1200, got 9"),
        (upload(dpi="many"), "dpi:"),
        (upload(color="red"), "read has no option 'color'"),
        (upload(data=b""), "the file is empty"),
        ({"json": {"file": "https://example.org/a.png"}}, "nothing is fetched"),
        ({"json": {"file": "%%%"}}, "no base64"),
        ({"json": [1]}, "must be an object"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, "no JSON"),
        ({"content": b"x"}, "send a form"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(request_: dict[str, Any], message: str) -> None:
    answer = ask("POST", "/v1/read", **request_)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_what_is_no_document_is_told() -> None:
    answer = ask("POST", "/v1/read", **upload("../../etc/passwd", b"no picture"))
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("passwd is neither a PDF nor a picture")


def test_a_defect_ends_one_request_and_says_nothing_of_the_inside() -> None:
    def read(*given: Any) -> Document:
        raise KeyError("/secret/path")

    answer = ask("POST", "/v1/read", engine=PlayedEngine(read), **upload())
    assert (answer.status_code, "secret" in answer.text) == (500, False)


def test_documents_of_too_many_pages_are_refused() -> None:
    frames = [Image.new("L", (8, 8), shade) for shade in (0, 100, 200)]
    stored = io.BytesIO()
    frames[0].save(stored, "TIFF", save_all=True, append_images=frames[1:])
    document = stored.getvalue()
    answer = ask("POST", "/v1/read", serve=settings(max_pages=2), **upload("a.tif", document))
    assert (answer.status_code, answer.json()["error"][:7]) == (400, "3 pages")
    answer = ask("POST", "/v1/read", serve=settings(max_pages=2), **upload("a.tif", document, pages="1-2"))
    assert answer.status_code == 200


def test_large_bodies_are_refused_told_or_not() -> None:
    small = settings(max_bytes=1000)
    assert ask("POST", "/v1/read", serve=small, **upload(data=b"x" * 2000)).status_code == 413

    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 100

    headers = {"content-type": "application/json"}
    assert ask("POST", "/v1/read", serve=small, content=pieces(), headers=headers).status_code == 413


def test_a_sender_that_pauses_is_sent_away() -> None:
    async def slow() -> Any:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    headers = {"content-type": "application/json"}
    answer = ask("POST", "/v1/read", serve=settings(receive_seconds=0.1), content=slow(), headers=headers)
    assert answer.status_code == 408


def test_other_machines_need_a_key() -> None:
    with pytest.raises(ValueError, match="give --api-key"):
        settings(host="0.0.0.0")
    settings(host="0.0.0.0", no_auth=True)
    with pytest.raises(ValueError, match="at least 8"):
        settings(api_key="short")
    serve = settings(host="0.0.0.0", api_key="long enough")
    assert ask("POST", "/v1/read", serve=serve, **upload()).status_code == 401
    assert ask("GET", "/v1/models", serve=serve, headers={"authorization": "Bearer wrong key"}).status_code == 401
    for headers in ({"authorization": "Bearer long enough"}, {"x-api-key": "long enough"}):
        assert ask("POST", "/v1/read", serve=serve, headers=headers, **upload()).status_code == 200
    assert ask("GET", "/health", serve=serve).status_code == 200


def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = ask("GET", "/")
    assert "<title>ocr2</title>" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in ("/", "/app.js", "/style.css"):
        text = ask("GET", path).text.replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text


def test_models_and_counts_are_told() -> None:
    assert ask("GET", "/v1/models").json()["data"][0]["id"] == "got-nano"
    assert "ocr2_waiting 0.0" in ask("GET", "/metrics").text


def chat_of(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "got-nano", "messages": [{"role": "user", "content": list(content)}], **more}


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(PNG).decode()}}


def test_a_chat_with_a_picture_is_answered_in_openais_form() -> None:
    answer = ask("POST", "/v1/chat/completions", json=chat_of(PICTURE, {"type": "text", "text": "Read it."})).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "a & b"}
    lines = ask("POST", "/v1/chat/completions", json=chat_of(PICTURE, stream=True)).text.splitlines()
    told = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in told) == "a & b"
    assert lines[-2] == "data: [DONE]"


@pytest.mark.parametrize(
    "content",
    [
        {"messages": []},
        {"messages": [{"role": "user", "content": "text alone"}]},
        chat_of({"type": "image_url", "image_url": {"url": "http://example.org/a.png"}}),
    ],
)
def test_a_chat_without_a_picture_is_refused(content: dict[str, Any]) -> None:
    assert ask("POST", "/v1/chat/completions", json=content).status_code == 400


def test_jobs_can_be_begun_looked_at_and_dropped() -> None:
    async def go() -> None:
        app = create_app(settings(), PlayedEngine())  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            begun = (await client.post("/v1/jobs/read", **upload(format="text"))).json()
            for _ in range(100):
                state = (await client.get(f"/v1/jobs/{begun['id']}")).json()
                if state["state"] == "done":
                    break
                await asyncio.sleep(0.05)
            assert (state["pages"], state["total"]) == (1, 1)
            assert (await client.get(f"/v1/jobs/{begun['id']}/result")).text == "a & b\n"
            assert (await client.delete(f"/v1/jobs/{begun['id']}")).status_code == 204
            assert (await client.get(f"/v1/jobs/{begun['id']}")).status_code == 404
            assert (await client.post("/v1/jobs/guess", **upload())).status_code == 404

    asyncio.run(go())


def test_a_full_line_says_when_to_come_again() -> None:
    hold = threading.Event()

    def read(source: Any, options: Any, on_page: Any) -> Document:
        hold.wait(20)
        return Document(source.name, (), "got-nano", "0")

    async def go() -> list[httpx.Response]:
        app = create_app(settings(max_waiting=1), PlayedEngine(read))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            first = asyncio.create_task(client.post("/v1/read", **upload()))
            await asyncio.sleep(0.3)  # it is in work
            second = asyncio.create_task(client.post("/v1/read", **upload()))
            await asyncio.sleep(0.3)  # it waits
            third = await client.post("/v1/read", **upload())
            hold.set()
            return [await first, await second, third]

    first, second, third = asyncio.run(go())
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert int(third.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200), ({"host": "localhost:8765"}, 200), ({"host": "[::1]:8765"}, 200), ({"host": "evil.example"}, 403),
        ({"origin": "http://evil.example"}, 403), ({"origin": "http://127.0.0.1"}, 200), ({"origin": "null"}, 403),
    ],
)  # fmt: skip
def test_scripts_of_other_sites_may_not_use_a_server_without_a_key(headers: dict[str, str], status: int) -> None:
    assert ask("POST", "/v1/read", headers=headers, **upload()).status_code == status


def test_who_hangs_up_gives_his_place_back() -> None:
    desk = Desk(most_waiting=1, most_kept=1)
    hold = threading.Event()
    working, ghost, next_one = (Job(lambda job: hold.wait(10), seconds=60) for _ in range(3))
    desk.take(working)
    while desk.waiting:
        time.sleep(0.01)
    desk.take(ghost)
    ghost.gone.set()
    desk.take(next_one)
    assert ghost.state == "cancelled"
    hold.set()
    assert next_one.ended.wait(10)
    desk.close()


def test_a_page_that_hangs_is_answered_in_time() -> None:
    hold = threading.Event()

    def read(source: Any, options: Any, on_page: Any) -> Document:
        hold.wait(20)
        return Document(source.name, (), "got-nano", "0")

    started = time.monotonic()
    answer = ask("POST", "/v1/read", engine=PlayedEngine(read), serve=settings(max_seconds=0.2), **upload())
    hold.set()
    assert answer.status_code == 504
    assert time.monotonic() - started < 15


def test_the_desk_ends_what_nobody_wants_and_what_takes_too_long() -> None:
    desk = Desk(most_waiting=2, most_kept=1)

    def forever(job: Job) -> None:
        while True:
            time.sleep(0.01)
            job.progress(0)

    slow, unwanted = Job(forever, seconds=0.1), Job(forever, seconds=60)
    desk.take(slow)
    desk.take(unwanted)
    assert slow.ended.wait(10)
    assert (slow.state, type(slow.error)) == ("failed", CancelledError)
    unwanted.gone.set()
    assert unwanted.ended.wait(10)
    assert unwanted.state == "cancelled"
    desk.close()


def test_a_desk_that_closes_cancels_who_waits() -> None:
    desk = Desk(most_waiting=1, most_kept=1)
    hold = threading.Event()
    working, waiting = Job(lambda job: hold.wait(10), seconds=60), Job(lambda job: None, seconds=60)
    desk.take(working)
    while desk.waiting:
        time.sleep(0.01)
    desk.take(waiting)
    with pytest.raises(BusyError):
        desk.take(Job(lambda job: None, seconds=60))
    threading.Timer(0.2, hold.set).start()
    desk.close()
    assert (working.state, waiting.state) == ("done", "cancelled")
    with pytest.raises(BusyError, match="ending"):
        desk.take(Job(lambda job: None, seconds=1))


def test_errors_of_documents_are_told_as_such() -> None:
    def read(*given: Any) -> Document:
        raise DocumentError("a.png is damaged")

    answer = ask("POST", "/v1/read", engine=PlayedEngine(read), **upload())
    assert (answer.status_code, answer.json()) == (422, {"error": "a.png is damaged"})
