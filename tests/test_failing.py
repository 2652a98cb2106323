"""What Playout says of scenarios that are wrong, word for word.

Each folder of `tests/failing` holds a `scenario.yaml` that is wrong in a way its name tells, with what belongs to it,
and in `expected.txt` the exact text a user reads. After a change of wording, write the texts anew with
`PLAYOUT_UPDATE_EXPECTED=1 pytest tests/test_failing.py`, and read every one of them before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import playout
from playout.errors import PlayoutError

FAILING = Path(__file__).parent / "failing"
CASES = sorted(folder.name for folder in FAILING.iterdir() if folder.is_dir())
UPDATE = bool(os.environ.get("PLAYOUT_UPDATE_EXPECTED"))


def said_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a user in the case's folder reads: the errors, or where there is none the warnings."""
    monkeypatch.chdir(folder)
    try:
        checked = playout.load(Path("scenario.yaml"))
    except PlayoutError as problem:
        return f"{problem}\n"
    return "\n\n".join(warning.render(checked.scenario.lines) for warning in checked.warnings) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = FAILING / case / "expected.txt"
    said = said_of(FAILING / case, monkeypatch)
    if UPDATE:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_case_is_of_the_kind_its_name_says(case: str) -> None:
    """A case holds errors; one called ``warning-…`` warnings only; ``file-…`` cases may lack a place."""
    expected = (FAILING / case / "expected.txt").read_text(encoding="utf-8")
    assert (": error[" in expected) != case.startswith("warning-") or case.startswith("file-")
