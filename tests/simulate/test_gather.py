"""Blocks put together into columns: names, units, nulls, stops and paths, from blocks made by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from playout.compile import ir
from playout.compile.engine import Block
from playout.compile.lower.variant import VIEW
from playout.errors import InputError, RunError, Span
from playout.model.checked import CheckedScenario
from playout.model.expression import Binder, Name, Number
from playout.model.scenario import (
    Belief,
    Decision,
    Event,
    Measure,
    Member,
    Option,
    Question,
    Scenario,
    Set,
    Stage,
    Track,
    Variant,
)
from playout.model.units import unit
from playout.simulate.gather import Gathering, measures, stops
from playout.simulate.outcomes import Outcomes
from playout.simulate.part import Folded, InMemory, Keeper, Part
from playout.simulate.paths import path_set
from playout.simulate.result import Runs, scenario_name
from playout.simulate.stopped import check_stopped
from playout.simulate.store import Written, load_runs, stored_key

SPAN = Span("scenario.yaml", 1, 1, 2)
ZERO = Number(SPAN, 0.0)
START = dt.date(2025, 1, 6)
OVER = Binder(SPAN, "g", "group")
INF = float("inf")
STEPS = 3


def scenario() -> Scenario:
    stages = (Stage(SPAN, "calm", "Calm"), Stage(SPAN, "war", "War"))
    return Scenario(
        path="somewhere/two_groups/scenario.yaml",
        title="Two groups",
        start=START,
        horizon=(3, "week"),
        step_days=7,
        span=SPAN,
        horizon_span=SPAN,
        sets={"group": Set(SPAN, "group", (Member(SPAN, "a", "A"), Member(SPAN, "b", "B")))},
        beliefs={"pace": Belief(SPAN, "pace", ("group",), unit("1/week"), ())},
        tracks={
            "conflict": Track(SPAN, "conflict", (), stages),
            "posture": Track(SPAN, "posture", (OVER,), stages),
        },
        decisions={
            "answer": Decision(
                SPAN, "answer", (), "x", tuple(Option(SPAN, n, n, ZERO) for n in ("talk", "fight")), before="talk"
            ),
            "aim": Decision(SPAN, "aim", (OVER,), "x", choose="group"),
        },
        events={"raid": Event(SPAN, "raid", (OVER,))},
        measures={"deaths": Measure(SPAN, "deaths", (OVER,), Name(SPAN, "deaths"), per="year")},
        questions={
            "held": Question(SPAN, "held", "Held?", START, SPAN, Name(SPAN, "x"), given=Name(SPAN, "y")),
        },
        views={"dove": Variant(SPAN, "dove", "Dove", (), 0.5), "hawk": Variant(SPAN, "hawk", "Hawk", (), 0.5)},
    )


def checked() -> CheckedScenario:
    return CheckedScenario(
        scenario=scenario(), warnings=(), steps=STEPS, end=START + dt.timedelta(days=21), meaning={}, laws={},
        distributions={}, targets={}, order=(), policies={}, views={"dove": (), "hawk": ()},
    )  # fmt: skip


RECORDS = (
    *(f"{track}.first.{stage}" for track in ("conflict", "posture") for stage in ("calm", "war")),
    *("choice answer", "choice aim", "events raid", "question held", "given held", "shortage group"),
)


def program() -> ir.Program:
    node = ir.ZERO
    stages = ("calm", "war")
    return ir.Program(
        title="Two groups", days=7.0, steps=STEPS, labels={"group": ("a", "b")}, arrays={}, tables={},
        columns=(("pace as written", 0), ("pace as written", 1), (VIEW, 0)), streams={}, once=(), initial=(),
        step=(), update=(),
        checks=(
            ir.Check("done", node, 0.0, 1.0, "done left its bounds"),
            ir.Check("members", node, 0.0, INF, "members left its bounds", ("group",)),
        ),
        series=(ir.Series("deaths", node, "amount", "year", "hundred", 100.0, ("group",)),),
        records=tuple(
            ir.Record(name, node, STEPS, ("group",) if name.startswith(("posture", "events", "choice aim")) else ())
            for name in RECORDS
        ),
        tallies=(ir.Tally("conflict", node, stages), ir.Tally("posture", node, stages, ("group",))),
        periods={"year": (ir.Period("2024", 0.0, 7.0, False), ir.Period("2025", 7.0, 21.0, False)), "month": ()},
    )  # fmt: skip


def block(first: int, futures: int, status: list[int] | None = None, stopped: tuple[int, int] = (0, 0)) -> Block:
    """A block whose numbers tell which future they belong to."""
    n = np.arange(first, first + futures, dtype=np.float64)
    both = np.stack([n, n + 0.5])
    state = np.array(status or [0] * futures, np.int32)
    return Block(
        first=first,
        futures=futures,
        records={
            "conflict.first.calm": np.zeros(futures),
            "conflict.first.war": np.where(n % 2 == 1, 10.5, INF),
            "posture.first.calm": np.zeros((2, futures)),
            "posture.first.war": np.full((2, futures), INF),
            "choice answer": n % 3 - 1,
            "choice aim": np.stack([np.zeros(futures), -np.ones(futures)]),
            "events raid": both,
            "question held": (n % 2 == 0).astype(float),
            "given held": np.ones(futures),
            "shortage group": np.zeros(futures),
        },
        totals={"deaths": np.stack([100 * both, 200 * both])},
        tallies={
            "conflict": np.full((STEPS + 1, 2), futures, np.int64),
            "posture": np.full((STEPS + 1, 2, 2), futures, np.int64),
        },
        paths={
            "deaths": np.full((futures, STEPS + 1, 2), 300.0, np.float32),
            "conflict": np.zeros((futures, STEPS + 1), np.float32),
            "posture": np.ones((futures, STEPS + 1, 2), np.float32),
        },
        status=state,
        stopped=np.stack([np.where(state > 0, stopped[0], 0), np.where(state == 2, stopped[1], 0)]).astype(np.int32),
    )


def beliefs(first: int, futures: int) -> np.ndarray:
    n = np.arange(first, first + futures, dtype=np.float64)
    return np.stack([n / 7.0, 2 * n / 7.0, n % 2])


def parts_of(*blocks: Block) -> list[Part]:
    """Each block as a part of its own."""
    made = []
    for number, played in enumerate(blocks):
        gathering = Gathering(checked(), program(), number, played.futures)
        gathering.add(played, beliefs(played.first, played.futures)[2])
        made.append(gathering.part())
    return made


def runs_of(*parts: Part, keeper: Keeper | None = None) -> Runs:
    keeper, folded = keeper or InMemory(), Folded()
    for part in parts:
        keeper.keep(part, 0)
        folded.add(part)
    return Runs(
        checked=checked(), policy=None, view=None, design=None, futures=folded.futures, seed=1, engine="numpy",
        precision="double", source=Outcomes(keeper.outcomes()), drawn=program().columns, tallies=folded.tallies,
        kept=path_set(checked(), program(), folded), measures=measures(program()), periods=dict(program().periods),
        stops=stops(checked(), program(), folded), largest_error=0.0, digest=folded.identity(),
        seconds={"compile": 0.1, "run": 0.2},
    )  # fmt: skip


def saved(folder: Path, key: str, *blocks: Block) -> Runs:
    with Written(folder, key) as keeper:
        return keeper.finish(runs_of(*parts_of(*blocks), keeper=keeper))


def test_columns_carry_names_members_options_and_units() -> None:
    outcomes = runs_of(*parts_of(block(0, 6))).outcomes
    assert outcomes.columns == [
        "future", "view", "status", "stopped_step", "stopped_member",
        "conflict.calm", "conflict.war",
        "posture[a].calm", "posture[a].war", "posture[b].calm", "posture[b].war",
        "answer", "aim[a]", "aim[b]",
        "events.raid[a]", "events.raid[b]",
        "question.held", "given.held",
        "shortage.group",
        "deaths[a, 2024]", "deaths[a, 2025]", "deaths[b, 2024]", "deaths[b, 2025]",
    ]  # fmt: skip
    assert outcomes["future"].to_list() == [0, 1, 2, 3, 4, 5]
    assert outcomes["view"].to_list() == ["dove", "hawk"] * 3
    assert outcomes["status"].unique().to_list() == ["done"]
    assert outcomes["stopped_step"].null_count() == 6
    assert outcomes["conflict.war"].to_list() == [None, 10.5] * 3
    assert outcomes["posture[b].war"].null_count() == 6
    assert outcomes["answer"].to_list() == [None, "talk", "fight"] * 2
    assert outcomes["aim[a]"].to_list() == ["a"] * 6
    assert outcomes["aim[b]"].null_count() == 6
    assert outcomes["question.held"].to_list() == [True, False] * 3
    assert outcomes["deaths[b, 2025]"].to_list() == [2 * (n + 0.5) for n in range(6)]


def test_blocks_make_one_part_or_several() -> None:
    whole = Gathering(checked(), program(), 0, 10)
    for played in (block(0, 4), block(4, 3)):
        whole.add(played, beliefs(played.first, played.futures)[2])
    one = runs_of(whole.part())
    assert one.outcomes.equals(runs_of(*parts_of(block(0, 7))).outcomes)
    assert one.tallies["conflict"][0].tolist() == [7, 7]
    assert one.paths.sizes["future"] == 7


def test_a_stopped_future_has_no_outcome_and_is_accounted_for() -> None:
    runs = runs_of(*parts_of(block(0, 6, [0, 2, 0, 2, 1, 0], (2, 1))))
    assert runs.complete.tolist() == [True, False, True, False, False, True]
    assert runs.stopped == 3
    assert runs.outcomes["status"].to_list()[1] == "stopped: members"
    assert runs.outcomes["status"].to_list()[4] == "stopped: done"
    assert runs.outcomes["stopped_member"].to_list()[1] == "b"
    assert runs.outcomes["stopped_step"].to_list()[1] == 2
    for column in runs.outcomes.columns[5:]:
        assert runs.outcomes[column][1] is None
    first = runs.stops[0]
    assert (first.status, first.member, first.futures, first.step, first.future) == ("stopped: members", "b", 2, 2, 1)
    assert first.date == dt.date(2025, 1, 20)
    assert str(first) == "members left its bounds for b (futures: 2; first on 20 January 2025, step 2, in future 1)"


def test_paths_show_units_dates_and_nothing_after_a_stop() -> None:
    paths = runs_of(*parts_of(block(0, 3, [0, 2, 0], (1, 0)))).paths
    assert paths["deaths"].dims == ("future", "step", "group")
    assert paths["deaths"].attrs["unit"] == "hundred"
    assert float(paths["deaths"].sel(group="b")[0, 3]) == 3.0
    assert paths["deaths"][1, :, 0].isnull().to_numpy().tolist() == [False, False, True, True]
    assert str(paths["date"].to_numpy()[1])[:10] == "2025-01-13"
    assert paths["conflict"].attrs["stages"] == "calm, war"


def test_too_many_stopped_futures_are_no_answer() -> None:
    runs = runs_of(*parts_of(block(0, 6, [0, 2, 0, 2, 1, 0], (2, 1))))
    check_stopped(runs, 0.5)
    with pytest.raises(RunError) as caught:
        check_stopped(runs, 0.01)
    assert str(caught.value) == (
        "3 of 6 futures stopped (50%), and 1% may\n"
        "  members left its bounds for b (futures: 2; first on 20 January 2025, step 2, in future 1)\n"
        "  done left its bounds (futures: 1; first on 20 January 2025, step 2, in future 4)\n"
        "  hint: mend the equations of what is named"
    )


def test_no_answer_at_all_when_every_future_stopped() -> None:
    with pytest.raises(RunError, match="2 of 2 futures stopped"):
        check_stopped(runs_of(*parts_of(block(0, 2, [1, 1]))), 1.0)


def test_identity_sees_every_value() -> None:
    (part,) = parts_of(block(0, 6))
    for changed in (
        pl.Series("deaths[a, 2024]", [0.0, 1.0, 2.0, 3.0, 4.0, 5.5]),
        pl.Series("conflict.calm", [None, *[0.0] * 5]),
        pl.Series("stopped_member", [*["a"] * 6]),
        pl.Series("given.held", [*[True] * 5, None]),
    ):
        other = dataclasses.replace(part, outcomes=part.outcomes.with_columns(changed))
        assert other.digest() != part.digest(), changed.name


def test_numbers_are_kept_in_the_precision_they_were_computed_in() -> None:
    gathering = Gathering(checked(), program(), 0, 6, np.float32)
    gathering.add(block(0, 6), beliefs(0, 6)[2])
    outcomes = gathering.part().outcomes
    assert outcomes["deaths[a, 2024]"].dtype == outcomes["conflict.war"].dtype == pl.Float32
    assert outcomes["answer"].to_list() == [None, "talk", "fight"] * 2


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept run is held against the program of its scenario, which is made up here."""
    monkeypatch.setattr("playout.simulate.kept_run.lower", lambda *_: program())


@pytest.mark.usefixtures("made_up")
def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "results"
    stopping = block(0, 6, [0, 2, 0, 0, 0, 0], (2, 1))
    runs = runs_of(*parts_of(stopping))
    for again in (saved(folder, "the key", stopping), load_runs(folder, runs.checked)):
        assert again.identity() == runs.identity()
        assert again.outcomes.schema == runs.outcomes.schema
        assert again.outcomes.equals(runs.outcomes)
        assert again.column("status").to_list() == runs.outcomes["status"].to_list()
        assert again.complete.tolist() == runs.complete.tolist()
        assert again.stops == runs.stops
        assert again.measures == runs.measures
        assert again.periods == runs.periods
        assert again.drawn == runs.drawn
        for name, counts in runs.tallies.items():
            np.testing.assert_array_equal(again.tallies[name], counts)
        np.testing.assert_array_equal(again.paths["deaths"], runs.paths["deaths"])
        np.testing.assert_array_equal(again.paths["date"], runs.paths["date"])
    assert stored_key(folder) == "the key"
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["results"]


def test_the_result_file_has_the_same_bytes_for_the_same_run(tmp_path: Path) -> None:
    for name in ("one", "two"):
        saved(tmp_path / name, "", block(0, 6))
    assert (tmp_path / "one/result.json").read_bytes() == (tmp_path / "two/result.json").read_bytes()


@pytest.mark.usefixtures("made_up")
def test_a_second_run_takes_the_place_of_the_first_and_leaves_other_files(tmp_path: Path) -> None:
    first = saved(tmp_path / "out", "first", block(0, 6))
    (tmp_path / "out" / "notes.txt").write_text("mine")
    saved(tmp_path / "out", "second", block(0, 3))
    assert stored_key(tmp_path / "out") == "second"
    assert load_runs(tmp_path / "out", checked()).outcomes.height == 3
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    with pytest.raises(InputError, match="another run by now"):
        first.column("future")


def test_a_write_that_fails_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("playout.simulate.store._tally_frame", full)
    with pytest.raises(RunError, match="No space left on device"):
        saved(tmp_path / "out", "", block(0, 3))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_whole_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no run"):
        load_runs(tmp_path, checked())
    saved(tmp_path / "out", "key", block(0, 3))
    (tmp_path / "out" / "outcomes" / "part-00000.parquet").write_bytes(b"rubbish")
    with pytest.raises(InputError, match="cannot be read"):
        load_runs(tmp_path / "out", checked())


def test_results_do_not_go_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        saved(tmp_path / "taken", "", block(0, 3))
    with pytest.raises(InputError, match="not a folder"):
        saved(tmp_path / "taken" / "below", "", block(0, 3))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("somewhere/us_mexico_cartels/scenario.yaml", "us-mexico-cartels"),
        ("water.yaml", "water"),
        ("scenario.yaml", "scenario"),
        ("/tmp/a b/my_water.yml", "my-water"),
    ],
)
def test_a_scenario_goes_by_its_file_or_folder(path: str, name: str) -> None:
    assert scenario_name(dataclasses.replace(scenario(), path=path)) == name
