"""Object code on disk: found again, made anew where it is damaged, done without where the folder cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from playout.compile.keep import FOLDER, folder
from playout.compile.native.cache import object_code
from playout.compile.native.target import host


class Maker:
    """Makes code, and counts how often."""

    def __init__(self, code: bytes = b"object code") -> None:
        self.code, self.asked = code, 0

    def __call__(self) -> bytes:
        self.asked += 1
        return self.code


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_code_is_made_once(kept: Path) -> None:
    make = Maker()
    assert object_code("text", host(), make) == object_code("text", host(), make) == b"object code"
    assert make.asked == 1
    assert len(list(kept.iterdir())) == 1


def test_other_text_is_other_code() -> None:
    make = Maker()
    object_code("text", host(), make)
    object_code("other text", host(), make)
    assert make.asked == 2


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-3], lambda b: b[:40] + b"?" + b[41:], lambda b: b"", lambda b: b"x" * 99]
)
def test_damaged_code_is_made_anew(kept: Path, damage) -> None:
    make = Maker()
    object_code("text", host(), make)
    (entry,) = kept.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    assert object_code("text", host(), make) == b"object code"
    assert object_code("text", host(), make) == b"object code"
    assert make.asked == 2


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "kept"))
    make = Maker()
    with pytest.warns(RuntimeWarning, match="the next run compiles again"):
        assert object_code("text", host(), make) == b"object code"


def test_no_folder_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, "")
    assert folder() is None
    make = Maker()
    object_code("text", host(), make)
    object_code("text", host(), make)
    assert make.asked == 2
