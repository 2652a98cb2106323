"""Object code on disk: found again, made anew where it is damaged, done without where the folder cannot be written."""

from __future__ import annotations

import dataclasses
import os
import stat
from pathlib import Path

import pytest

from playout.compile import keep
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


# --- nobody else's code ---------------------------------------------------------------------------------------------

private = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are of another kind here")


@private
def test_the_folder_and_its_files_are_their_owner_s_alone(kept: Path) -> None:
    before = os.umask(0)
    try:
        object_code("text", host(), Maker())
    finally:
        os.umask(before)
    (entry,) = kept.iterdir()
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(entry.stat().st_mode)) == (0o700, 0o600)


@private
def test_a_folder_that_was_open_to_others_is_closed(kept: Path) -> None:
    kept.mkdir(mode=0o777)
    kept.chmod(0o777)
    object_code("text", host(), Maker())
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700


@private
def test_a_folder_of_somebody_else_is_not_used(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    object_code("text", host(), Maker())
    monkeypatch.setattr(os, "geteuid", lambda: kept.stat().st_uid + 1)
    make = Maker(b"other")
    with pytest.warns(RuntimeWarning, match="it belongs to somebody else.*a folder of your own"):
        assert object_code("text", host(), make) == b"other"


@private
@pytest.mark.parametrize("done", ["others may write", "a link", "another's", "a pipe"])
def test_a_file_that_somebody_else_may_have_written_is_not_loaded(
    kept: Path, done: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Maker()
    object_code("text", host(), make)
    (entry,) = kept.iterdir()
    if done == "others may write":
        entry.chmod(0o666)
    elif done == "a link":
        entry.rename(kept.parent / "elsewhere")
        entry.symlink_to(kept.parent / "elsewhere")
    elif done == "a pipe":
        entry.unlink()
        os.mkfifo(entry)
    else:
        plain = os.fstat
        monkeypatch.setattr(keep.os, "fstat", lambda file: os.stat_result((*plain(file)[:4], 99, *plain(file)[5:])))
    assert object_code("text", host(), make) == b"object code"
    assert make.asked == 2


def test_code_in_the_place_of_other_code_is_not_loaded(kept: Path) -> None:
    object_code("text", host(), Maker(b"of text"))
    (first,) = kept.iterdir()
    object_code("other text", host(), Maker(b"of other text"))
    (second,) = set(kept.iterdir()) - {first}
    second.write_bytes(first.read_bytes())
    make = Maker(b"of other text")
    assert object_code("other text", host(), make) == b"of other text"
    assert make.asked == 1


def test_the_name_of_an_entry_tells_program_processor_and_version(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    object_code("text", host(), Maker())
    object_code("text!", host(), Maker())
    object_code("text", dataclasses.replace(host(), features="other"), Maker())
    object_code("text", dataclasses.replace(host(), cpu="other"), Maker())
    monkeypatch.setattr("playout.compile.native.cache.version", lambda _: "other")
    object_code("text", host(), Maker())
    assert len(list(kept.iterdir())) == 5
