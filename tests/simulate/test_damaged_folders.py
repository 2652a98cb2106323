"""Whatever became of a run's folder, by chance or on purpose: it is read, or refused in one sentence."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from damaged_folders import OTHERS, damages, places, replaced, resealed
from playout.errors import InputError, PlayoutError
from playout.pipeline.kept import kept_run
from playout.pipeline.run import run
from playout.pipeline.stories import stories
from playout.simulate.records import decoded, read_json
from playout.simulate.store import Asked


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its baseline."""
    folder = tmp_path_factory.mktemp("good") / "run"
    run("ceasefire", futures=60, seed=1, out=folder)
    return folder


def read(folder: Path) -> None:
    """Everything that is read of a kept run."""
    result = kept_run(folder, weigh=False)
    result.page()
    result.summary.as_json()
    assert result.runs.paths.sizes["future"] == result.runs.outcomes.height
    assert result.full_report is None
    stories(result, count=1)


def damaged(good: Path, place: Path, seed: int, number: int) -> list[str]:
    """The names of damages, of so many, that made anything but a refusal in one sentence."""
    chance, wrong = random.Random(seed), []
    files = sorted(str(path.relative_to(good)) for path in good.rglob("*") if path.is_file())
    for _ in range(number):
        name, damage = damages(chance, files)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(good, place)
        damage(place)
        if chance.random() < 0.6:
            for folder in (place, place / "baseline"):
                resealed(folder)
        try:
            read(place)
        except PlayoutError as problem:
            if len(str(problem).splitlines()) > 2 or len(str(problem)) > 600:
                wrong.append(f"{name}: {problem}")
        except BaseException as fault:  # noqa: BLE001 (what is looked for)
            wrong.append(f"{name}: {type(fault).__name__}: {fault}")
    return wrong


def test_a_damaged_folder_is_read_or_refused_in_a_sentence(good: Path, tmp_path: Path) -> None:
    assert damaged(good, tmp_path / "run", seed=1, number=100) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_damaged_folder_is_read_or_refused_in_a_sentence_at_length(good: Path, tmp_path: Path) -> None:
    assert damaged(good, tmp_path / "run", seed=2, number=20_000) == []


def test_a_record_is_decoded_as_it_says_or_refused_at_its_place(good: Path) -> None:
    """Every value of a record in place of which another stands: the type tells."""
    asked = read_json(good / "provenance.json")["asked"]
    assert decoded(Asked, asked, "asked").futures == 60
    for where in places(asked):
        for other in OTHERS:
            with suppress(ValueError):
                made = decoded(Asked, replaced(asked, where, other), "asked")
                assert isinstance(made.futures, int)
                assert isinstance(made.scenario, str)


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"nul", b"[]", b"\xff\xfe", b'{"key": 1e999}', b'{"key": {}}']
)
def test_a_record_that_is_none_is_refused(good: Path, tmp_path: Path, content: bytes) -> None:
    shutil.copytree(good, tmp_path / "run")
    (tmp_path / "run" / "provenance.json").write_bytes(content)
    with pytest.raises(InputError, match="holds no run of Playout"):
        kept_run(tmp_path / "run")
