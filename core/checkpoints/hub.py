"""Released checkpoints on this machine: finding them in the hub's cache, and fetching them when a user asks for it.

The cache is the one of `huggingface_hub` (`$HF_HUB_CACHE`, `$HF_HOME/hub`, or `~/.cache/huggingface/hub`), so what
other programs have fetched is found. Only `fetch` ever opens a connection.
"""

import json
import logging
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.releases import Release, ReleasedFile, format_size
from ocr2.errors import CheckpointError

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
HUB_NOTES = ".cache"  # what the hub's library leaves in a folder of its own choosing
MAX_HEADER = 100_000_000  # bytes; longer ones are refused by the format's own library too


@dataclass(frozen=True, slots=True)
class Located:
    """A checkpoint's folder, and the release it was found as, if any."""

    folder: Path
    release: Release | None


def locate(model: str, weights: Path | None, releases: Sequence[Release], *, elsewhere: str = "") -> Located:
    """Find a released checkpoint on this machine.

    Args:
        model: Its name, for the message.
        weights: A folder, or the hub id of something that is in the cache; None takes the first release that is
            there and complete.
        releases: Of the model.
        elsewhere: Where its weights are if there is no release.

    Raises:
        CheckpointError: If it is not there; the message says what fetches it.
    """
    if weights is not None:
        return _locate_named(model, weights, releases)
    if not releases:
        raise CheckpointError(f"the weights of {model} are not looked for: {elsewhere}; name their folder, --weights")
    for release in releases:
        folder = find(release)
        if folder is not None:
            return Located(folder, release)
    most = max(releases, key=_count_cached)  # the first of those that have equally much
    count = _count_cached(most)
    some = f"; only {count} of the {len(most.files)} files of {most.hub_id} are" if count else ""
    raise CheckpointError(
        f"the weights of {model} are not on this machine{some}: {_command(model, most, releases)}, or name a folder "
        "that has them with --weights"
    )


def _count_cached(release: Release) -> int:
    return sum(_cached(release, file) is not None for file in release.files)


def _command(model: str, release: Release, releases: Sequence[Release]) -> str:
    """Say what fetches a release."""
    option = "" if release == releases[0] else f" --release {release.name}"
    return f"`ocr2 models download {model}{option}` fetches {format_size(release.size)}"


def _locate_named(model: str, weights: Path, releases: Sequence[Release]) -> Located:
    if weights.is_dir():
        return Located(weights, next((release for release in releases if find(release) == weights), None))
    if weights.exists():
        raise CheckpointError(f"{weights} is a file; expected the folder of a released checkpoint, tokenizer included")
    hub_id = weights.as_posix()
    if not HUB_ID.fullmatch(hub_id):
        raise CheckpointError(f"no folder {weights}")
    known = next((release for release in releases if release.hub_id == hub_id), None)
    folder = find(known) if known is not None else None
    if folder is not None:
        return Located(folder, known)
    try:
        config = _in_cache(hub_id, "main", "config.json")
    except ValueError:  # not an id that the hub would give
        config = None
    if config is not None:
        return Located(config.parent, None)
    if known is not None:
        raise CheckpointError(f"{hub_id} is not on this machine: {_command(model, known, releases)}")
    raise CheckpointError(f"no folder {weights}, and no model of that id in the cache of the hub")


def find(release: Release) -> Path | None:
    """Return the cached folder of a release whose files are all there, at their sizes; never asks the network."""
    for revision in (release.revision, "main"):
        paths = [_in_cache(release.hub_id, revision, file.name) for file in release.files]
        whole = [path for path, file in zip(paths, release.files, strict=True) if path and has_size(path, file)]
        if len(whole) == len(paths):
            return whole[0].parent
    return None


def _cached(release: Release, file: ReleasedFile) -> Path | None:
    return _in_cache(release.hub_id, release.revision, file.name)


def _in_cache(hub_id: str, revision: str, name: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(hub_id, name, revision=revision)
    return Path(path) if isinstance(path, str) else None


def fetch(release: Release, *, folder: Path | None = None) -> Path:
    """Bring a release to this machine, check every file, and return its folder.

    What is there already and fits is kept: with all of it there, nothing is asked of the network.

    Args:
        release: What to fetch.
        folder: Where to put it instead of the cache; nothing else may lie there.

    Raises:
        CheckpointError: If a file cannot be fetched, or is not what the release says; it is then removed.
        ValueError: If the folder holds something else.
    """
    if folder is None:
        there = find(release)
        if there is not None and not release_problems(there, release):
            return there
    kept = _keep_cached(release) if folder is None else _keep_in(folder, release)
    for file in release.files:
        if file.name in kept:
            continue
        path = (_copy_cached(release, file, folder) if folder is not None else None) or _download(release, file, folder)
        problem = file_problem(path, file)
        if problem is not None:
            _discard(path)
            raise CheckpointError(f"what came from {release.hub_id} was not kept: {problem}")
        kept[file.name] = path
    return next(iter(kept.values())).parent


def is_there(release: Release, *, folder: Path | None = None) -> bool:
    """Say whether `fetch` finds all files on this machine, going by their sizes."""
    if find(release) is not None:
        return True
    return folder is not None and all(
        (folder / file.name).is_file() and has_size(folder / file.name, file) for file in release.files
    )


def _keep_cached(release: Release) -> dict[str, Path]:
    """Return the files that are cached and fit; those that do not fit are removed."""
    kept: dict[str, Path] = {}
    for file in release.files:
        path = _cached(release, file)
        if path is not None and file_problem(path, file) is None:
            kept[file.name] = path
        elif path is not None:
            _discard(path)
    return kept


def _keep_in(folder: Path, release: Release) -> dict[str, Path]:
    """Return the files that a folder has already; refuse it if it has others, which would be lost or mixed up."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    ours = {name for file in release.files for name in (file.name, f".{file.name}")}
    others = sorted(names - ours - {HUB_NOTES})
    if others:
        raise ValueError(f"{folder} holds {others[0]}, which is no file of {release.hub_id}; name an empty folder")
    there = [file for file in release.files if file.name in names]
    for file in there:
        problem = file_problem(folder / file.name, file)
        if problem is not None:
            raise ValueError(f"{folder} holds another file of that name: {problem}; remove it or name an empty folder")
    return {file.name: folder / file.name for file in there}


def _copy_cached(release: Release, file: ReleasedFile, folder: Path) -> Path | None:
    cached = _cached(release, file)
    if cached is None or file_problem(cached, file) is not None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{file.name}"
    shutil.copyfile(cached, unfinished)
    return unfinished.replace(folder / file.name)


def _download(release: Release, file: ReleasedFile, folder: Path | None) -> Path:
    from huggingface_hub import constants, hf_hub_download

    what = f"{file.name} of {release.hub_id}"
    if constants.HF_HUB_OFFLINE:
        raise CheckpointError(f"{what} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it")
    try:
        with _quiet_hub():
            return Path(hf_hub_download(release.hub_id, file.name, revision=release.revision, local_dir=folder))
    except Exception as error:  # whatever its transport raises, which is not always an OSError
        reason = str(error.__cause__ or error).strip().splitlines()[:1] or [type(error).__name__]
        raise CheckpointError(f"cannot fetch {what}: {reason[0]}") from error


@contextmanager
def _quiet_hub() -> Iterator[None]:
    """Keep the library's warnings off standard error; what matters comes as an exception."""
    from huggingface_hub.utils import logging as hub_logging

    before = hub_logging.get_verbosity()
    hub_logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        hub_logging.set_verbosity(before)


def _discard(path: Path) -> None:
    """Remove a file that does not fit, in the cache with the blob it points to, so that nothing takes it for good."""
    blob = path.resolve()
    path.unlink()
    if blob.parent.name == "blobs":
        blob.unlink(missing_ok=True)


def release_problems(folder: Path, release: Release, *, hashes: Mapping[str, str] | None = None) -> list[str]:
    """Say which files of a folder are not those of a release.

    Args:
        folder: Where they are.
        release: What they should be.
        hashes: Of files that have been read already, by name.
    """
    found = (file_problem(folder / file.name, file, sha256=(hashes or {}).get(file.name)) for file in release.files)
    return [problem for problem in found if problem is not None]


def file_problem(path: Path, file: ReleasedFile, *, sha256: str | None = None) -> str | None:
    """Say what is wrong with a file of a release, by size, hash and, for weights, by what they say of themselves."""
    if not path.is_file():
        return f"{file.name} is missing"
    size = path.stat().st_size
    if not has_size(path, file):
        expected = f"{file.size:,} bytes" if file.sha256 is not None else "the whole file"
        return f"{file.name} has {size:,} bytes, expected {expected}"
    if file.sha256 is None:
        return None
    found = sha256 or sha256_of(path)
    return None if found == file.sha256 else f"{file.name} has the sha256 {found}, expected {file.sha256}"


def has_size(path: Path, file: ReleasedFile) -> bool:
    """Say whether a file is as long as it must be; where that is not known, weights tell it themselves."""
    size = path.stat().st_size
    if file.sha256 is not None:
        return size == file.size
    return size == _size_in_header(path) if path.suffix == ".safetensors" else size > 0


def _size_in_header(path: Path) -> int | None:
    """Return how long a safetensors file says it is, or None if it does not say."""
    try:
        with path.open("rb") as data:
            length = int.from_bytes(data.read(8), "little")
            header = json.loads(data.read(length)) if length <= MAX_HEADER else {}
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        return 8 + length + int(max(ends))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
