"""Which file a scenario's name means, and the scenarios that come with Playout."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from playout.errors import Diagnostic, InputError, did_you_mean
from playout.read.files import read_text_file
from playout.read.nodes import Mapping, Scalar, SourceText
from playout.read.source import MAX_FILE_BYTES
from playout.read.yaml import parse_yaml

FILE = "scenario.yaml"
FLAGSHIP = "us-mexico-cartels"
"""Played where no scenario is named."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A scenario that came with Playout: its name on the command line, its file, and its heading."""

    name: str
    path: Path
    title: str
    about: str


def installed() -> tuple[Installed, ...]:
    """The scenarios that came with Playout, the flagship first, then by name. Only their headings are read."""
    found = [_heading(path) for path in _folder().glob(f"*/{FILE}")]
    return tuple(sorted(found, key=lambda scenario: (scenario.name != FLAGSHIP, scenario.name)))


def find_scenario(scenario: str | Path) -> Path:
    """The file that is meant: a file, the `scenario.yaml` of a folder, or an installed scenario by name.

    What exists on the disk goes before an installed scenario of the same name. Hyphens and underscores are the same.
    Refuses, with an InputError, what is none of these; whether the file can be read is for its reader to say.
    """
    path = Path(scenario)
    try:
        if path.is_dir():
            if (path / FILE).is_file():
                return path / FILE
            raise InputError(f"{path} is a folder without a {FILE}: name a scenario file")
        if path.exists():
            return path
    except (OSError, ValueError) as problem:  # a name too long, a null byte in it
        reason = getattr(problem, "strerror", None) or problem
        raise InputError(f"{str(scenario)[:200]!r} cannot be a scenario: {reason}") from problem
    if path.suffix or len(path.parts) != 1:
        return path  # its reader says that it is missing, and which file beside it may be meant
    named = _folder() / path.name.lower().replace("-", "_") / FILE
    if path.name.replace("-", "").replace("_", "").isalnum() and named.is_file():
        return named
    names = sorted(_name(place) for place in _folder().glob(f"*/{FILE}"))
    hint = did_you_mean(path.name, names) or f"installed are {', '.join(f'`{name}`' for name in names)}"
    shown = path.name if path.name.isprintable() else repr(path.name)
    raise InputError(f"{shown} is neither a file or folder here nor the name of an installed scenario\n  hint: {hint}")


def _folder() -> Path:
    return Path(str(files("playout") / "scenarios"))


def _name(path: Path) -> str:
    return path.parent.name.replace("_", "-")


def _heading(path: Path) -> Installed:
    report: list[Diagnostic] = []
    text = SourceText(str(path), read_text_file(path, MAX_FILE_BYTES, "a scenario file"), path.parent)
    root = parse_yaml(text, report)
    said = {"title": _name(path), "description": ""}
    for key in said:
        entry = root.get(key) if isinstance(root, Mapping) else None
        if entry is not None and isinstance(entry.value, Scalar):
            said[key] = " ".join(entry.value.text.split())
    return Installed(_name(path), path, said["title"], said["description"])
