"""Files as text, safely: the right kind, a bounded size, UTF-8, and inside the folder they belong in."""

from __future__ import annotations

from pathlib import Path

from playout.errors import did_you_mean
from playout.model.plain_text import composed


class Unreadable(Exception):
    """A file cannot be used. ``sentence`` begins with a verb: its subject is the file."""

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        self.sentence = sentence
        self.hint = hint
        super().__init__(sentence)


def read_text_file(path: Path, limit: int, kind: str) -> str:
    """The file's text with plain line ends, no byte order mark, and accents joined to their letters (NFC).

    Refuses (Unreadable) what is missing, not a file, not to be opened, over ``limit`` bytes, binary or not UTF-8.
    ``kind`` says in messages what was expected, such as "a scenario file".
    """
    try:
        if path.is_dir():
            raise Unreadable("is a folder", _scenario_inside(path, kind))
        if not path.exists():
            raise Unreadable("does not exist", _like_it(path))
        if not path.is_file():
            raise Unreadable("is not a file", None)
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
            size = max(len(content), path.stat().st_size)
    except PermissionError as problem:
        raise Unreadable("may not be opened", "ask for permission to read it") from problem
    except (OSError, ValueError) as problem:  # a name too long, a null byte in it, a disk that fails
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise Unreadable(f"cannot be read: {reason}") from problem
    if len(content) > limit:
        raise Unreadable(f"has {_megabytes(size)}, and {kind} may have {_megabytes(limit)}")
    return _decoded(content, kind)


def _decoded(content: bytes, kind: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("is UTF-16", "save it as UTF-8")
    if b"\x00" in content:
        raise Unreadable(f"is a binary file, not {kind}")
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        byte = content[problem.start]
        raise Unreadable(f"is not UTF-8: byte 0x{byte:02X} in line {line}", "save it as UTF-8") from problem
    return composed(text.replace("\r\n", "\n").replace("\r", "\n"))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.3g} MB"


def _scenario_inside(folder: Path, kind: str) -> str | None:
    inside = folder / "scenario.yaml"
    return f"name the file in it: {inside}" if "scenario" in kind and inside.is_file() else None


def _like_it(path: Path) -> str | None:
    try:
        beside = [p.name for p in path.parent.iterdir() if p.is_file()]
    except OSError:
        return None
    return did_you_mean(path.name, beside)


def inside(folder: Path, base: Path, written: str) -> Path | None:
    """The file that ``written`` names, seen from ``base``; None where it lies outside ``folder``, links followed."""
    try:
        found = _as_on_disk(base, written).resolve()
        root = folder.resolve()
    except (OSError, ValueError, RuntimeError):  # a null byte, links in a circle
        return None
    return found if found.is_relative_to(root) else None


def _as_on_disk(base: Path, written: str) -> Path:
    """The path, with each name spelt as the disk has it: some systems keep accents apart from their letters."""
    path = base
    for part in Path(written).parts:
        path = path / part
        if not part.isascii() and not path.exists() and path.parent.is_dir():
            same = (each for each in path.parent.iterdir() if composed(each.name) == composed(part))
            path = next(same, path)
    return path
