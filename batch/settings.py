"""What a batch is asked to do. Plain data: it travels to other processes, and its hash is part of every page's key."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ocr2.models.spec import DEFAULTS
from ocr2.options import LoadOptions, ReadOptions

BatchTask = Literal["read", "chart", "trace", "detect"]
TASKS: tuple[BatchTask, ...] = ("read", "chart", "trace", "detect")
ROW_FORMATS = ("jsonl", "parquet")
CHUNK = 8  # pages of a document that one process takes at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSettings:
    """One batch.

    Attributes:
        inputs: Files, folders, patterns, lists of names (`@files.txt`, `-`), and addresses of object stores.
        workspace: Folder of the record and the results.
        task: What is done with every page.
        model: Name of the model.
        formats: Of results: those of the task, a file a document; or "jsonl" or "parquet", a row a page.
        loading: How models are loaded; number type and device of every process.
        read: How pages are opened, and read where the task is to read.
        workers: Processes.
        force: Do everything again.
        text_layer_last: Take a PDF's own text where a page cannot be read otherwise.
        max_failures: Failed pages after which the batch stops; None for never.
        page_timeout: Seconds after which a page that does not end is given up, with its process.
        shard_rows: Rows of a shard of jsonl or parquet.
    """

    inputs: tuple[str, ...]
    workspace: Path
    task: BatchTask = "read"
    model: str = DEFAULTS["read"]
    formats: tuple[str, ...] = ("markdown",)
    loading: LoadOptions = field(default_factory=LoadOptions)
    read: ReadOptions = field(default_factory=ReadOptions)
    workers: int = 1
    force: bool = False
    text_layer_last: bool = False
    max_failures: int | None = None
    page_timeout: float = 300.0
    shard_rows: int = 5000

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, got {self.task!r}")
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, got {self.workers}")
        if self.shard_rows < 1:
            raise ValueError(f"shard_rows must be at least 1, got {self.shard_rows}")
        rows = [name for name in self.formats if name in ROW_FORMATS]
        if rows and len(self.formats) > 1:
            raise ValueError(f"{rows[0]} is written alone, a row a page; got {', '.join(self.formats)}")
        if not self.formats:
            raise ValueError("a batch needs a format")

    @property
    def row_format(self) -> str | None:
        """The format with a row a page, if it is one."""
        return self.formats[0] if self.formats[0] in ROW_FORMATS else None

    def key(self, weights_sha256: str) -> str:
        """Return the hash of everything that decides what a page becomes, but for the page."""
        told = {
            "task": self.task,
            "model": self.model,
            "weights": weights_sha256,
            "dtype": self.loading.dtype,
            "quantize": self.loading.quantize,
            "read": dataclasses.asdict(dataclasses.replace(self.read, pages=None, password=None)),
            "formats": self.formats if self.task != "read" else (),
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]
