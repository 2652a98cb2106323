"""A first scenario for somebody who has none: small, commented, and it runs as it is."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from playout.errors import InputError

FILE = "scenario.yaml"


def write_starter(place: Path) -> Path:
    """Write the starter to a file (``place`` ends in .yaml or .yml) or into a new folder, and say where it is.

    Refuses, with an InputError, to write over anything, and places that cannot be written to.
    """
    to_file = place.suffix in (".yaml", ".yml")
    text = (files("playout.present") / "templates" / "starter.yaml").read_text(encoding="utf-8")
    try:
        if place.exists() or place.is_symlink():
            raise InputError(f"{place} is there already, and nothing is written over: choose another name")
        path = place if to_file else place / FILE
        made: list[Path] = [folder for folder in path.parents if not folder.exists()]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                made.insert(0, path)
                file.write(text)
        except BaseException:
            for own in made:
                with suppress(OSError):
                    own.rmdir() if own.is_dir() else own.unlink()
            raise
    except (OSError, ValueError) as problem:  # no permission, a file where a folder should be, a null byte in the name
        reason = getattr(problem, "strerror", None) or problem
        raise InputError(f"{str(place)[:200]} cannot be written: {reason}") from problem
    return path
