"""JSON that may hold anything → values of the types that are expected, or one sentence about what is wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")

MOST_BYTES = 64_000_000
"""Of a JSON file beside a run: many times what the largest scenario makes."""


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises an OSError for a file that is missing or cannot be read, a ValueError for one
    that holds no JSON object, is none of a sensible size, or is no file at all."""
    if path.exists() and not path.is_file():
        raise ValueError(f"{path.name} is not a file")
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path.name} is over {MOST_BYTES // 1_000_000} MB")
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"{path.name} is no JSON") from problem
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds no JSON object")
    return found


def decoded(kind: type[Kind], value: object, where: str) -> Kind:
    """A value as the type that is expected: bool, int of 64 bits, finite float, str, date, dict, tuple, a union, or a
    dataclass of such. ``where`` names it in the ValueError that refuses any other; a dataclass's record may say more
    than its fields."""
    return _decoded(kind, value, where)  # type: ignore[no-any-return]


def _decoded(kind: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        own = next((option for option in arguments if _is_plain(option, value)), arguments[0])
        return _decoded(own, value, where)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        _expect(isinstance(value, dict), "an object", where)
        return {_decoded(str, key, where): _decoded(arguments[1], own, f"{where}.{key}") for key, own in value.items()}
    if origin is tuple:
        _expect(isinstance(value, list), "a list", where)
        kinds = [arguments[0]] * len(value) if arguments[1:] == (...,) else list(arguments)
        _expect(len(kinds) == len(value), f"a list of {len(kinds)}", where)
        return tuple(
            _decoded(own, item, f"{where}[{n}]") for n, (own, item) in enumerate(zip(kinds, value, strict=True))
        )
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        _expect(isinstance(value, dict), "an object", where)
        hints = get_type_hints(kind)
        names = [field.name for field in dataclasses.fields(kind)]
        for name in names:
            _expect(name in value, f"an object with `{name}`", where)
        return kind(**{name: _decoded(hints[name], value[name], f"{where}.{name}") for name in names})
    if kind is dt.date:
        _expect(isinstance(value, str), "a date", where)
        return dt.date.fromisoformat(value)
    _expect(_is_plain(kind, value), _PLAIN[kind], where)
    return kind(value) if kind is float else value


_PLAIN: dict[Any, str] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "text", types.NoneType: "null"
}  # fmt: skip


def _is_plain(kind: Any, value: Any) -> bool:
    """Whether a value of JSON is one of a plain kind."""
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**63
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if kind is str:
        return isinstance(value, str) and _is_text(value)
    return kind in _PLAIN and isinstance(value, kind)


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8, which half of a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _expect(holds: bool, what: str, where: str) -> None:
    if not holds:
        raise ValueError(f"`{where[:80]}` is not {what}")
