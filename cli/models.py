"""`ocr2 models`: what can be loaded, and where its weights lie."""

from typing import Annotated

import typer

app = typer.Typer(help="Models that can be loaded by name.", no_args_is_help=True)


@app.command("list")
def list_command() -> None:
    """List the models."""
    from ocr2.registry import list_models

    for info in list_models():
        print(f"{info.name:<16} {'shipped' if info.shipped else 'external':<9} {info.summary}")


@app.command("info")
def info_command(name: Annotated[str, typer.Argument(help="A name of `ocr2 models list`.")]) -> None:
    """Show one model: summary, size, licence, weights and their hash."""
    from ocr2.registry import room_of

    for key, value in room_of(name).describe(name).items():
        print(f"{key:<12} {value}")


@app.command("path")
def path_command(name: Annotated[str, typer.Argument(help="A name of `ocr2 models list`.")]) -> None:
    """Print the path of a model's shipped weights."""
    from ocr2.registry import room_of

    print(room_of(name).weights_path(name))
