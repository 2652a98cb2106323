"""Ways to damage the folder of a run, by chance and on purpose."""

from __future__ import annotations

import copy
import json
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OTHERS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(10**30), 0.5, 1e308, float("nan"), float("inf"), "", "x",
    "2025-01-01", "\ud800", "../../etc/passwd", "/dev/zero", [], {}, [[]], [None], {"x": 1}, [1, 2, 3], "9" * 5000,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand inside a JSON value, itself among them."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, own in inner:
        yield from places(own, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """The value with another at one place."""
    if not path:
        return by
    whole = copy.deepcopy(value)
    at = whole
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = by
    return whole


def resealed(folder: Path) -> None:
    """Correct the checksums, as somebody would who means harm."""
    place = folder / "provenance.json"
    try:
        record = json.loads(place.read_text(encoding="utf-8"))
        for name in record["files"]:
            if (folder / name).is_file():
                record["files"][name] = zlib.crc32((folder / name).read_bytes())
        place.write_text(json.dumps(record), encoding="utf-8")
    except (ValueError, KeyError, TypeError, AttributeError, OSError, UnicodeEncodeError):
        return


def damages(chance: random.Random, files: list[str]) -> tuple[str, Callable[[Path], None]]:
    """A way to damage a folder with these files, and its name."""
    name = chance.choice(files)
    kind = chance.choice(("truncate", "flip", "value", "value", "value", "key", "delete", "swap", "strange", "insert"))
    spots = [chance.random() for _ in range(4)]
    if kind in ("value", "key") and not name.endswith(".json"):
        name = chance.choice([own for own in files if own.endswith(".json")])
    other, second = chance.choice(OTHERS), chance.choice(files)

    def damage(folder: Path) -> None:
        place = folder / name
        content = place.read_bytes()
        at = int(spots[0] * len(content))
        match kind:
            case "truncate":
                place.write_bytes(content[:at])
            case "flip":
                flipped = bytearray(content)
                for spot in spots[: 1 + int(spots[3] * 3)]:
                    flipped[int(spot * len(content))] ^= 1 << int(spots[3] * 8)
                place.write_bytes(flipped)
            case "insert":
                place.write_bytes(content[:at] + bytes(int(spots[1] * 40)) + content[at:])
            case "value" | "key":
                whole = json.loads(content)
                found = list(places(whole))
                where = found[int(spots[0] * len(found))]
                if kind == "value":
                    whole = replaced(whole, where, other)
                elif where and isinstance(where[-1], str):
                    whole = replaced(whole, where[:-1], _without(whole, where))
                place.write_text(json.dumps(whole), encoding="utf-8")
            case "delete":
                place.unlink()
            case "swap":
                place.write_bytes((folder / second).read_bytes())
                (folder / second).write_bytes(content)
            case "strange":
                place.unlink()
                place.mkdir()

    return f"{kind} {name} {other!r:.30} {spots}", damage


def _without(whole: Any, where: tuple[Any, ...]) -> Any:
    at = whole
    for key in where[:-1]:
        at = at[key]
    return {key: own for key, own in at.items() if key != where[-1]}
