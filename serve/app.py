"""The server's routes. Requests are parsed and refused here, worked on at the desk."""

import asyncio
import base64
import binascii
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from ocr2 import __version__
from ocr2.documents.sources import Source
from ocr2.engine import Engine
from ocr2.errors import DocumentError, ModelError, OCR2Error
from ocr2.models.registry import list_models
from ocr2.options import PageOptions
from ocr2.serve.chat import add_chat
from ocr2.serve.desk import BusyError, CancelledError, Desk, Job
from ocr2.serve.limits import Gate
from ocr2.serve.settings import ServeSettings
from ocr2.serve.tasks import SERVED, Answer, format_for, make_work, options_of

RETRY_SECONDS = 5  # that a full line tells to wait
GRACE = 1.0  # seconds after the limit in which the work may end by itself
LOOK = 0.25  # seconds between looks at whether the client is still there
FIELDS = frozenset(("file", "format", "name"))  # of a form that are no options


class Served:
    """What all routes share: the engine, the desk, the counts.

    Args:
        settings: Of the server.
        engine: That does the work.
    """

    def __init__(self, settings: ServeSettings, engine: Engine) -> None:
        self.settings = settings
        self.engine = engine
        self.desk = Desk(most_waiting=settings.max_waiting, most_kept=settings.max_jobs)
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ocr2_requests", "Requests by task and outcome", ("task", "outcome"), registry=self.registry
        )
        self.pages = Counter("ocr2_pages", "Pages worked on", ("task",), registry=self.registry)
        self.seconds = Histogram("ocr2_seconds", "Seconds of a request's work", ("task",), registry=self.registry)
        waiting = Gauge("ocr2_waiting", "Requests that wait", registry=self.registry)
        waiting.set_function(lambda: self.desk.waiting)

    async def do(self, task: str, request: Request, source: Source, options: PageOptions, format: str) -> Answer:
        """Work on a request, as long as its client is there.

        Raises:
            HTTPException: With what went wrong.
        """
        job = self.begin(task, source, options, format)
        try:
            while not job.ended.is_set():
                if await request.is_disconnected():
                    job.gone.set()
                if job.begun and time.monotonic() - job.begun > job.seconds + GRACE:  # within a page
                    self.requests.labels(task, "late").inc()
                    raise HTTPException(504, f"took longer than {job.seconds:g} s")
                await asyncio.to_thread(job.ended.wait, LOOK)
        finally:
            job.gone.set()  # whatever ends the request ends its work
        return self.outcome(task, job)

    def begin(self, task: str, source: Source, options: PageOptions, format: str, *, keep: bool = False) -> Job:
        """Put a request in the line.

        Raises:
            HTTPException: 429 if it is full.
        """
        work = make_work(task, self.engine, source, options, format, self.settings.max_pages)
        job = Job(work, self.settings.max_seconds)
        try:
            self.desk.take(job, keep=keep)
        except BusyError as error:
            self.requests.labels(task, "busy").inc()
            raise HTTPException(429, f"{error}: try again", {"Retry-After": str(RETRY_SECONDS)}) from error
        return job

    def outcome(self, task: str, job: Job) -> Answer:
        """Return what a job came to.

        Raises:
            HTTPException: With what went wrong.
        """
        self.requests.labels(task, job.state).inc()
        self.pages.labels(task).inc(job.pages)
        if job.state == "done":
            assert isinstance(job.result, Answer)
            return job.result
        raise failure_of(job)


def failure_of(job: Job) -> HTTPException:
    """Return how a job that failed is told."""
    error = job.error
    if job.state == "cancelled" or isinstance(error, CancelledError):
        return HTTPException(504, str(error or "the server stops"))
    if isinstance(error, DocumentError):
        return HTTPException(422, str(error))
    if isinstance(error, ModelError):
        return HTTPException(503, str(error))
    if isinstance(error, OCR2Error | ValueError | TypeError):
        return HTTPException(400, str(error))
    return HTTPException(500, f"{type(error).__name__}: this is a defect, and the server goes on")


async def parse(task: str, request: Request) -> tuple[Source, PageOptions, str]:
    """Return the document, the options and the format of a request.

    Raises:
        HTTPException: 400 if something is missing or wrong.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    try:
        if kind == "multipart/form-data":
            data, name, given, format = await _of_form(request)
        elif kind == "application/json":
            data, name, given, format = await _of_json(request)
        else:
            raise ValueError(f"send a form with a file, or JSON with it in base64; got {kind or 'nothing'}")
        if not data:
            raise ValueError("the file is empty")
        # A name is shown, and never opened.
        shown = name.replace("\\", "/").rpartition("/")[2][:200] or "upload"
        return Source(shown, None, data), options_of(task, given), format_for(task, format)
    except (ValueError, TypeError, RecursionError) as error:
        raise HTTPException(400, str(error)) from error


async def _of_form(request: Request) -> tuple[bytes, str, dict[str, object], str | None]:
    async with request.form(max_files=1, max_fields=40) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ValueError("the form has no field file with a document")
        given: dict[str, object] = {name: value for name, value in form.items() if name not in FIELDS}
        options = given.get("options")
        if isinstance(options, str):
            del given["options"]
            given |= _object(options)
        format = form.get("format")
        return await file.read(), file.filename or "", given, format if isinstance(format, str) else None


async def _of_json(request: Request) -> tuple[bytes, str, dict[str, object], str | None]:
    content = _object(await request.body())
    encoded = content.get("file")
    if not isinstance(encoded, str):
        raise ValueError("the JSON has no file: a document in base64")
    if "://" in encoded[:20]:
        raise ValueError("file is an address, and nothing is fetched: send the document in base64")
    encoded = encoded.partition(",")[2] if encoded.startswith("data:") else encoded
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"file is no base64: {error}") from error
    options = content.get("options", {})
    if not isinstance(options, dict):
        raise ValueError(f"options must be an object, got {type(options).__name__}")
    return data, str(content.get("name", "")), options, content.get("format")


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"the JSON must be an object, got {type(content).__name__}")
    return content


def create_app(settings: ServeSettings, engine: Engine) -> Gate:
    """Build the server.

    Args:
        settings: Of the server.
        engine: That does the work; closed with the server.

    Returns:
        An ASGI application.
    """
    served = Served(settings, engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(served.desk.close)

    app = FastAPI(title="ocr2", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)

    @app.exception_handler(HTTPException)
    async def tell(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    @app.get("/health")
    async def health() -> dict[str, object]:
        """Say that the server is there, and how many requests wait."""
        return {"status": "ok", "version": __version__, "waiting": served.desk.waiting}

    @app.get("/metrics")
    async def metrics() -> Response:
        """Tell counts and times in Prometheus' form."""
        return Response(generate_latest(served.registry), media_type="text/plain; version=0.0.4")

    @app.get("/v1/models")
    async def models() -> dict[str, object]:
        """List the models that are loaded for each task, in OpenAI's form."""
        chosen = {task: engine.model_for(task) for task in SERVED}  # type: ignore[arg-type]  # the same names
        rows = [
            {"id": spec.name, "object": "model", "owned_by": "ocr2", "description": spec.summary,
             "tasks": [task for task, name in chosen.items() if name == spec.name]}
            for spec in list_models()
            if spec.name in chosen.values()
        ]  # fmt: skip
        return {"object": "list", "data": rows}

    for task in SERVED:
        _add_task(app, served, task)
    _add_jobs(app, served)
    _add_page(app)
    add_chat(app, served)
    return Gate(app, settings)


def _add_task(app: FastAPI, served: Served, task: str) -> None:
    async def handle(request: Request) -> Response:
        source, options, format = await parse(task, request)
        with served.seconds.labels(task).time():
            answer = await served.do(task, request, source, options, format)
        return Response(answer.data, media_type=answer.media)

    formats = ", ".join(SERVED[task].formats)
    app.post(
        f"/v1/{task}",
        name=task,
        description=f"A form, or JSON in base64: `file`, options, `format` ({formats}).",
    )(handle)


def _add_jobs(app: FastAPI, served: Served) -> None:
    @app.post("/v1/jobs/{task}", status_code=202)
    async def begin(task: str, request: Request) -> dict[str, object]:
        """Begin work on a document, and come back for it."""
        if task not in SERVED:
            raise HTTPException(404, f"no task {task!r}; there are {', '.join(SERVED)}")
        source, options, format = await parse(task, request)
        return _described(served.begin(task, source, options, format, keep=True))

    @app.get("/v1/jobs/{id}")
    async def look(id: str) -> dict[str, object]:
        """Say how far a job is."""
        return _described(_found(served, id))

    @app.get("/v1/jobs/{id}/result")
    async def result(id: str) -> Response:
        """Return what a job gave; 409 until it is done."""
        job = _found(served, id)
        if not job.ended.is_set():
            raise HTTPException(409, f"the job is {job.state}")
        if job.state != "done":
            raise failure_of(job)
        assert isinstance(job.result, Answer)
        return Response(job.result.data, media_type=job.result.media)

    @app.delete("/v1/jobs/{id}", status_code=204)
    async def drop(id: str) -> None:
        """Cancel a job and forget it."""
        if not served.desk.drop(id):
            raise HTTPException(404, "no such job")


def _found(served: Served, id: str) -> Job:
    job = served.desk.find(id)
    if job is None:
        raise HTTPException(404, "no such job")
    return job


def _described(job: Job) -> dict[str, object]:
    error = failure_of(job).detail if job.state in ("failed", "cancelled") else None
    return {"id": job.id, "state": job.state, "pages": job.pages, "total": job.total, "error": error}


def _add_page(app: FastAPI) -> None:
    folder = resources.files("ocr2.serve") / "page"
    kinds = {"/": ("index.html", "text/html"), "/app.js": ("app.js", "text/javascript"),
             "/style.css": ("style.css", "text/css")}  # fmt: skip
    for path, (name, kind) in kinds.items():
        data = (folder / name).read_bytes()

        async def show(data: bytes = data, kind: str = kind) -> Response:
            return Response(data, media_type=f"{kind}; charset=utf-8")

        app.get(path, include_in_schema=False)(show)
