"""A run that would not fit into memory is refused before it starts, with how much it would take and the way out."""

from __future__ import annotations

import pytest

from conformance import scenario
from playout.compile.ir import Program
from playout.compile.lower import lower
from playout.compile.rewrite import rewrite
from playout.errors import UsageError
from playout.simulate import run as run_module
from playout.simulate.memory import RunMemory, check_memory, run_memory
from playout.simulate.run import play

TEXT = """
horizon: {horizon}
step: 1 day
sets: {{o: {{from: members.csv, column: name}}}}
stocks:
  s[i in o]: {{unit: "1", starts: 1, plus: {{up: "1 1/year"}}}}
measures:
  m: {{of: "sum({body} for i in o)"}}
  {more}
"""


def program_of(members: int, horizon: str, body: str = "s[i]", more: str = "") -> Program:
    names = "\n".join(["name", *(f"m{n}" for n in range(members))])
    text = TEXT.format(horizon=horizon, body=body, more=more)
    return rewrite(lower(scenario(text, {"members.csv": names})))


def needed(program: Program, futures: int = 10_000, width: int = 4096) -> RunMemory:
    return run_memory(program, futures, kept=200, width=width, workers=2, single=False, streamed=False)


@pytest.mark.parametrize(
    ("program", "says", "advice"),
    [
        (("delay(s[i], 5000 days)", ""), "the past that `delay` and `change` read", "let them look back less far"),
        (("s[i]", 'each[i in o]: {of: "s[i]"}'), "paths kept step by step", "report less by member"),
    ],
)
def test_what_no_smaller_number_of_futures_saves_is_named(program: tuple[str, str], says: str, advice: str) -> None:
    asked = needed(program_of(50, "15 years", *program))
    assert asked.total > 1e9
    with pytest.raises(UsageError, match=r"would take about [\d.]+ GB of memory, [\d.]+ GB of it for") as caught:
        check_memory(asked, 2e8, streamed=True)
    assert says in str(caught.value)
    assert advice in str(caught.value)
    check_memory(asked, asked.total, streamed=False)


def test_futures_are_to_blame_where_the_rest_would_fit() -> None:
    asked = needed(program_of(3, "30 days"), futures=5_000_000)
    with pytest.raises(UsageError, match=r"5,000,000 futures would take about .* ask for ([\d,]+) at most") as caught:
        check_memory(asked, 5e8, streamed=False)
    most = int(str(caught.value).partition("ask for ")[2].partition(" ")[0].replace(",", ""))
    check_memory(needed(program_of(3, "30 days"), futures=most), 5e8, streamed=False)


def test_a_narrow_engine_needs_less() -> None:
    program = program_of(50, "15 years", "delay(s[i], 5000 days)")
    assert needed(program, width=8).history == pytest.approx(needed(program).history * 8 / 4096)


def test_the_run_is_refused_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "machine_memory", lambda: 1e8)
    monkeypatch.setattr(run_module, "play_parts", lambda *_: pytest.fail("the run has begun"))
    names = "\n".join(["name", *(f"m{n}" for n in range(50))])
    text = TEXT.format(horizon="15 years", body="delay(s[i], 5000 days)", more="")
    with pytest.raises(UsageError, match="let them look back less far, or take a longer step"):
        play(scenario(text, {"members.csv": names}), futures=10_000, seed=1)
