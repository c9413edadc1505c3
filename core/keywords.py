"""Keywords of the public calls: told by option dataclasses, shown to `help`, `inspect` and editors."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar

from ocr2.options import LoadOptions

F = TypeVar("F", bound=Callable[..., object])


def keywords(*classes: type) -> Callable[[F], F]:
    """Give a call, whose last parameter takes the fields of option classes, their signature and their documentation.

    Args:
        classes: Dataclasses whose docstrings have a section "Attributes"; a field of several is shown once.
    """

    def decorate(call: F) -> F:
        signature = inspect.signature(call)
        *own, rest = signature.parameters.values()
        assert rest.kind is inspect.Parameter.VAR_KEYWORD
        shown = {parameter.name: parameter for parameter in own}
        for one in classes:
            for field in fields(one):
                if field.name not in shown:
                    shown[field.name] = inspect.Parameter(
                        field.name, inspect.Parameter.KEYWORD_ONLY, default=default_of(field), annotation=field.type
                    )
        call.__signature__ = signature.replace(parameters=list(shown.values()))  # type: ignore[attr-defined]
        told = "\n".join(attributes_of(base) for one in classes for base in reversed(one.__mro__[:-1]))
        head, returns, tail = (call.__doc__ or "").partition("\n    Returns:")
        call.__doc__ = f"{head.rstrip()}\n{told}\n{returns}{tail}"
        return call

    return decorate


def default_of(field: Field[object]) -> object:
    """Return what a field is without a value; `inspect.Parameter.empty` where it needs one."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default if field.default is not MISSING else inspect.Parameter.empty


def attributes_of(one: type) -> str:
    """Return the section "Attributes" of a class's docstring, indented as a docstring's "Args"."""
    lines = (one.__doc__ or "").splitlines()
    start = next((i for i, line in enumerate(lines) if line.strip() == "Attributes:"), None)
    if start is None:
        return ""
    section = []
    for line in lines[start + 1 :]:
        if line.strip() and not line.startswith("        "):
            break
        section.append(line)
    return "\n".join(section).rstrip()


LOADING = frozenset(field.name for field in fields(LoadOptions))


def load_options(changes: Mapping[str, Any]) -> LoadOptions:
    """Return what the keywords of a call say about loading."""
    loading = {name: value for name, value in changes.items() if name in LOADING}
    if loading.get("weights") is not None:
        loading["weights"] = Path(loading["weights"])
    return LoadOptions(**loading)


def without_loading(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the other keywords of a call."""
    return {name: value for name, value in changes.items() if name not in LOADING}
