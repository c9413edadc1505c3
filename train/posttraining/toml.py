"""TOML files as dataclasses: every key known, every value of its field's type."""

import dataclasses
import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def read_toml(path: Path, kind: type[T]) -> T:
    """Read a file as a dataclass; its tables are fields that are dataclasses, or mappings.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is no TOML, a key is unknown or missing, or a value is not of its type; the file and the key
            are named.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode())
        return _build(kind, table, "")
    except ValueError as error:  # of TOML and of UTF-8 too
        raise ValueError(f"{path}: {error}") from error


def _build(kind: type[T], table: Mapping[str, Any], prefix: str) -> T:
    assert dataclasses.is_dataclass(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    unknown = next((key for key in table if key not in fields), None)
    if unknown is not None:
        raise ValueError(f"unknown key {prefix + unknown!r}; expected one of {', '.join(fields)}")
    for name, field in fields.items():
        has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if not has_default and name not in table:
            raise ValueError(f"the key {prefix + name!r} is missing")
    values = {name: _convert(hints[name], value, prefix + name) for name, value in table.items()}
    built: T = kind(**values)
    return built


def _convert(hint: Any, value: Any, name: str) -> Any:
    """Return a TOML value as a field's type has it."""
    if get_origin(hint) in (Union, types.UnionType):  # there is no null in TOML
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _build(hint, value, f"{name}.")  # type: ignore[arg-type]  # a class, not an instance
    if get_origin(hint) is tuple:
        part = get_args(hint)[0]
        rows = value if isinstance(value, list) else [value]
        return tuple(_convert(part, row, name) for row in rows)
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{name} must be one of {', '.join(get_args(hint))}, got {value!r}")
        return value
    if get_origin(hint) is not None and isinstance(value, dict):  # a mapping of numbers
        return {key: _convert(float, row, f"{name}.{key}") for key, row in value.items()}
    if hint is float and type(value) is int:
        return float(value)
    if hint is Path and isinstance(value, str):
        return Path(value)
    if type(value) is not hint:
        raise ValueError(f"{name} must be {_words(hint)}, got {value!r}")
    return value


def _words(hint: Any) -> str:
    if dataclasses.is_dataclass(hint) or get_origin(hint) is not None:
        return "a table"
    return {int: "a whole number", float: "a number", bool: "true or false"}.get(hint, "text in quotes")
