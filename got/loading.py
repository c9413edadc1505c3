"""What the registry asks of this room: its models, and how to load one. Imports torch only when loading."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ocr2.errors import CheckpointError
from ocr2.registry import ModelInfo

if TYPE_CHECKING:
    from ocr2.got.pipeline import NanoReader
    from ocr2.got.views import ViewReader

MODELS = {
    "got-nano": ModelInfo(
        name="got-nano",
        room="got",
        summary="reads Latin-script text lines cut from a page; 3.5 M parameters, for CPUs",
        shipped=True,
        licence="Apache-2.0",
    ),
    "got": ModelInfo(
        name="got",
        room="got",
        summary="the released GOT-OCR2.0, 560 M parameters, reads whole pages; needs --weights FOLDER",
        shipped=False,
        licence="Apache-2.0 (weights by their authors)",
    ),
}


def load(name: str, *, weights: Path | None, device: str, dtype: str) -> "NanoReader | ViewReader":
    """Build the reader of a model; see `ocr2.registry.load_reader`."""
    from ocr2.device import choose_device, choose_dtype
    from ocr2.got.checkpoint import load_model, shipped_weights
    from ocr2.got.pipeline import NanoReader

    where = choose_device(device)
    compute = choose_dtype(dtype, where)
    if not MODELS[name].shipped:
        from ocr2.got.published import load_published
        from ocr2.got.views import ViewReader

        return ViewReader(load_published(_folder(name, weights), device=where, dtype=compute), name=name)
    model, metadata, digest = load_model(name, weights or shipped_weights())
    details = json.loads(metadata.get("ocr2", "{}"))
    return NanoReader(
        model.to(where),
        name=name,
        weights_sha256=digest,
        dtype=compute,
        temperature=float(details.get("temperature", 1.0)),
    )


def _folder(name: str, weights: Path | None) -> Path:
    if weights is None:
        raise CheckpointError(f"{name} ships no weights; name the folder of a released checkpoint with --weights")
    return weights


def weights_path(name: str) -> Path:
    """Return where a model's shipped weights lie.

    Raises:
        CheckpointError: If it ships none.
    """
    from ocr2.got.checkpoint import shipped_weights

    if not MODELS[name].shipped:
        _folder(name, None)
    return shipped_weights()


def describe(name: str) -> dict[str, str]:
    """Return what `ocr2 models info` shows."""
    import hashlib

    info = MODELS[name]
    if not info.shipped:
        return {"name": info.name, "summary": info.summary, "licence": info.licence, "weights": "not shipped"}
    path = weights_path(name)
    data = path.read_bytes()
    return {
        "name": info.name,
        "summary": info.summary,
        "licence": info.licence,
        "weights": str(path),
        "size": f"{len(data) / 2**20:.1f} MiB",
        "sha256": hashlib.sha256(data).hexdigest(),
        "card": str(path.with_name("got-nano.md")),
    }
