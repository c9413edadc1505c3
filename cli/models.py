"""`ocr2 models`: what can be loaded, where its weights lie, and checkpoints that others released."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocr2.cli.failures import ExitCode, say
from ocr2.cli.options import complete_model

if TYPE_CHECKING:
    from ocr2.checkpoints.releases import Release
    from ocr2.models.spec import ModelSpec

app = typer.Typer(help="Models that can be loaded by name.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of a model; see `ocr2 models list`.", autocompletion=complete_model)]
Weights = Annotated[
    Path | None,
    typer.Option(help="Folder of a released checkpoint, or hub id of one in the cache. [default: what was downloaded]"),
]


class FloatType(StrEnum):
    """Number types of weights."""

    float32 = "float32"
    bfloat16 = "bfloat16"
    float16 = "float16"


@app.command("list")
def list_command() -> None:
    """List the models: whether they ship with the package, were downloaded (cached), or are elsewhere (external)."""
    from ocr2.checkpoints.hub import find
    from ocr2.models.registry import list_models

    for info in list_models():
        elsewhere = "cached" if any(find(release) for release in info.releases) else "external"
        print(f"{info.name:<20} {'shipped' if info.shipped else elsewhere:<9} {info.summary}")


@app.command("info")
def info_command(name: Name) -> None:
    """Show one model: summary, size, licence, weights and their hash, releases."""
    _show(describe_model(name))


def describe_model(name: str) -> dict[str, str]:
    """Return what is known of a model, by what it is called.

    Raises:
        ModelError: If there is no such model.
    """
    from ocr2.checkpoints.hashing import sha256_of
    from ocr2.checkpoints.hub import find
    from ocr2.checkpoints.releases import format_size
    from ocr2.models.loading import weights_of
    from ocr2.models.registry import find as find_model

    info = find_model(name)
    shown = {"name": info.name, "summary": info.summary, "licence": info.licence}
    for release in info.releases:
        folder = find(release)
        shown[f"release {release.name}"] = f"{release.hub_id}, {format_size(release.size)}, {folder or 'not here'}"
    if not info.shipped:
        return {**shown, "notice": info.releases[0].notice} if info.releases else {**shown, "weights": info.elsewhere}
    path = weights_of(info)
    return {
        **shown,
        "weights": str(path),
        "size": f"{path.stat().st_size / 2**20:.1f} MiB",
        "sha256": sha256_of(path),
        "card": str(path.with_suffix(".md")),
    }


@app.command("path")
def path_command(name: Name) -> None:
    """Print where a model's weights lie: the shipped file, or the folder that was downloaded."""
    from ocr2.models.loading import weights_of
    from ocr2.models.registry import find

    print(weights_of(find(name)))


@app.command("download")
def download_command(
    name: Name,
    release: Annotated[str | None, typer.Option(help="See `ocr2 models info`. [default: the first]")] = None,
    to: Annotated[Path | None, typer.Option(help="Empty folder to put it in, instead of the cache.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Accept the licence and the size without a question.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Fetch a checkpoint that others released, and check it; nothing else ever opens a connection."""
    from ocr2.checkpoints.hub import fetch, is_there
    from ocr2.models.registry import find_published

    chosen = _choose_release(find_published(name), release)
    if not is_there(chosen, folder=to) and not _agreed(name, chosen, yes=yes):
        say("nothing was downloaded")
        return ExitCode.OK
    print(fetch(chosen, folder=to))
    return ExitCode.OK


def _choose_release(info: "ModelSpec", name: str | None) -> "Release":
    if not info.releases:
        raise ValueError(f"the weights of {info.name} cannot be downloaded: {info.elsewhere}")
    for release in info.releases:
        if name in (None, release.name, release.hub_id):
            return release
    known = ", ".join(release.name for release in info.releases)
    raise ValueError(f"{info.name} has no release {name!r}; expected one of: {known}")


def _agreed(name: str, release: "Release", *, yes: bool) -> bool:
    """Say what is to be fetched under which licence, and ask.

    Raises:
        ValueError: If nobody is there to answer.
    """
    from ocr2.checkpoints.releases import format_size

    size = format_size(release.size)
    if not yes and not sys.stdin.isatty():
        raise ValueError(f"nobody can be asked here: --yes accepts the licence ({release.licence}) and the {size}")
    say(f"{name}: {release.hub_id}, revision {release.revision[:12]}, {len(release.files)} files, {size}")
    say(f"licence: {release.licence}. {release.notice}")
    return yes or typer.confirm(f"Download {size}?", err=True)


@app.command("verify")
def verify_command(
    name: Name,
    weights: Weights = None,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Check a released checkpoint: names, shapes, number types and values of all tensors, tokenizer, sizes, hashes."""
    from ocr2.checkpoints.hub import locate
    from ocr2.checkpoints.verification import verify_checkpoint
    from ocr2.checkpoints.weights import refuse
    from ocr2.models.registry import checkpoint_spec, find_published

    info = find_published(name)
    releases = info.releases
    located = locate(name, weights, releases, elsewhere=info.elsewhere)
    found = verify_checkpoint(located, checkpoint_spec(name), releases)
    _show(
        {
            "folder": str(located.folder),
            "layout": found.layout,
            "tensors": str(found.tensors),
            "parameters": f"{found.parameters:,}",
            "dtype": found.dtype,
            "sha256": found.sha256,
            "release": found.release.hub_id if found.release is not None else "none whose hashes are known",
        }
    )
    refuse(found.problems, f"{located.folder} does not fit {name}")
    return ExitCode.OK


@app.command("convert")
def convert_command(
    name: Name,
    source: Annotated[Path, typer.Argument(help="Folder of a released checkpoint, or hub id of one in the cache.")],
    target: Annotated[Path, typer.Argument(help="Folder to write.")],
    layout: Annotated[str, typer.Option(help="original, transformers, transformers 5, mlx.")] = "transformers",
    dtype: Annotated[FloatType | None, typer.Option(help="Number type of the weights. [default: as they are]")] = None,
    shard_size: Annotated[str, typer.Option(help="Most bytes of one file of weights.")] = "2GB",
    force: Annotated[bool, typer.Option("--force", help="Replace a checkpoint that is in the way.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tracebacks for errors.")] = False,
) -> int:
    """Write a released checkpoint under other names: of the original, of transformers, or of MLX."""
    from ocr2.checkpoints.conversion import convert_checkpoint
    from ocr2.checkpoints.hub import locate
    from ocr2.checkpoints.releases import format_size, parse_size
    from ocr2.models.registry import checkpoint_spec, find_published

    size = parse_size(shard_size)
    folder = locate(name, source, find_published(name).releases).folder
    kind = dtype.value if dtype is not None else None
    done = convert_checkpoint(
        folder, target, checkpoint_spec(name), layout=layout, dtype=kind, shard_size=size, force=force
    )
    for remark in done.remarks:
        say(remark)
    print(f"{target}: {done.from_layout} -> {done.layout}, {done.dtype}, {format_size(done.size)}")
    for file in done.files:
        print(f"  {file}")
    return ExitCode.OK


def _show(values: dict[str, str]) -> None:
    width = max(12, *(len(key) for key in values))
    for key, value in values.items():
        print(f"{key:<{width}} {value}")
