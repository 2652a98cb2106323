"""The scalar interpreter against the engines: small scenarios from text, played by both and held side by side.

An engine is a class that takes a Program (`playout.compile.engine.Engine`). Floats agree within a relative 1e-9,
discrete outcomes exactly. What a Program does not report is watched through records added to it, so that any engine is
seen in double precision through its public face.
"""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from numpy.typing import NDArray

import playout
from interpreter import Members, Played, play
from playout.compile import ir
from playout.compile.engine import Block, Engine
from playout.compile.lower import lower
from playout.compile.lower.scope import own_axes
from playout.compile.lower.variant import VIEW
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine
from playout.compile.rewrite import rewrite
from playout.model.checked import CheckedScenario
from playout.simulate.matrix import belief_rows

ENGINES = [
    pytest.param(NumpyEngine, id="numpy"),
    pytest.param(partial(NativeEngine, precision="double"), id="native"),
]
MakeEngine = Callable[[ir.Program], Engine]

DEFAULTS = {"playout": "1", "title": "A test", "start": "2025-01-06", "horizon": "20 weeks", "step": "1 week"}


def scenario(text: str, files: Mapping[str, str] | None = None) -> CheckedScenario:
    """A checked scenario from YAML; header keys that are left out take DEFAULTS. ``files``: further files by name."""
    return _scenario(textwrap.dedent(text), tuple(sorted((files or {}).items())))


@lru_cache(maxsize=4)  # one that both engines play in turn is the same object
def _scenario(text: str, files: tuple[tuple[str, str], ...]) -> CheckedScenario:
    written = {line.split(":")[0] for line in text.splitlines()}
    header = [f"{key}: {value}" for key, value in DEFAULTS.items() if key not in written]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.yaml"
        path.write_text("\n".join([*header, text]), encoding="utf-8")
        for name, content in files:
            (Path(folder) / name).write_text(textwrap.dedent(content), encoding="utf-8")
        return playout.load(path)


def agree(
    checked: CheckedScenario,
    make: MakeEngine,
    *,
    policy: str | None = None,
    futures: int = 12,
    first: int = 0,
    seed: int = 20250106,
) -> list[Played]:
    """Play the same futures both ways, hold every outcome of one against the other, and give the interpreter's."""
    program = watched(lower(checked, policy), checked)
    engine = make(rewrite(program))
    rows = beliefs(checked, policy, program.columns, range(first, first + futures), seed)
    block = engine.play(first, futures, rows, seed, keep=futures)
    games = []
    for i in range(futures):
        values, view = split(program.columns, rows[:, i])
        played = _played(_Same(checked), first + i, tuple(sorted(values.items())), view, policy, seed)
        differences = compare(played, block, i, engine.program, checked)
        assert not differences, f"future {first + i}:\n" + "\n".join(differences[:12])
        games.append(played)
    return games


@dataclasses.dataclass(frozen=True, eq=False)
class _Same:
    """A scenario that equals itself alone."""

    checked: CheckedScenario

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.checked is other.checked

    def __hash__(self) -> int:
        return id(self.checked)


@lru_cache(maxsize=128)
def _played(
    same: _Same,
    future: int,
    values: tuple[tuple[tuple[str, int], float], ...],
    view: int | None,
    policy: str | None,
    seed: int,
) -> Played:
    """The interpreter's future, played once for all engines: it is many times slower than they are."""
    return play(same.checked, future, dict(values), view, policy, seed)


def beliefs(
    checked: CheckedScenario, policy: str | None, columns: tuple[tuple[str, int], ...], futures: range, seed: int
) -> NDArray[np.float64]:
    """The belief matrix, a row for each of a Program's columns."""
    return belief_rows(checked, columns, policy).draw(futures[0], len(futures), seed)


# --- watching ---------------------------------------------------------------------------------------------------------


def watched(program: ir.Program, checked: CheckedScenario) -> ir.Program:
    """The program with records of its stocks and measures, in double precision, at a few steps."""
    last = program.steps
    steps = sorted({0, 1, 2, 3, last // 2, last - 1, last} & set(range(last + 1)))
    records = list(program.records)
    for stock in checked.scenario.stocks.values():
        sets = tuple(b.set for b in stock.binders)
        node = ir.Load(stock.name, own_axes(sets))
        records += [ir.Record(f"stock {stock.name} at {k}", node, k, sets) for k in steps]
    for series in program.series:
        records += [ir.Record(f"measure {series.name} at {k}", series.node, k, series.sets) for k in steps]
    return dataclasses.replace(program, records=tuple(records))


def split(
    columns: tuple[tuple[str, int], ...], row: NDArray[np.float64]
) -> tuple[dict[tuple[str, int], float], int | None]:
    """One future's beliefs by name and member, and its view."""
    names = [(name.removesuffix(" as written"), member) for name, member in columns]
    values = {column: float(x) for column, x in zip(names, row, strict=True)}
    view = values.pop((VIEW, 0), None)
    return values, None if view is None else int(view)


# --- comparing --------------------------------------------------------------------------------------------------------


def compare(played: Played, block: Block, i: int, program: ir.Program, checked: CheckedScenario) -> list[str]:
    """What the engine's future ``i`` says otherwise than the interpreter's."""
    found: list[str] = []
    stopped = played.stopped
    if stopped is None and block.status[i]:
        step, check_ = block.stopped[0, i], program.checks[block.status[i] - 1]
        return [f"the engine stopped at step {step}: {check_.what} ({check_.name})"]
    if stopped is not None:
        if not block.status[i]:
            return [f"the engine did not stop at step {stopped[0]}: {stopped[1]}"]
        check_ = program.checks[block.status[i] - 1]
        member = np.unravel_index(block.stopped[1, i], [program.sizes[s] for s in check_.sets] or [1])
        where = tuple(int(m) for m in member) if check_.sets else ()
        if block.stopped[0, i] != stopped[0] or (check_.name, where) not in stopped[1]:
            found.append(f"stopped at {block.stopped[0, i]} by {(check_.name, where)}, not {stopped}")
    through = len(played.states)
    for track, stages in played.stages.items():
        for k in range(through):
            for m, stage in stages[k].items():
                theirs = block.paths[track][(i, k, *m)]
                if theirs != stage:
                    found.append(f"{track}{list(m)} at step {k}: stage {theirs:g}, not {stage}")
    kinds = {s.name: s.kind for s in program.series}
    for measure, values in played.measures.items():
        for k in range(min(through, program.steps) if kinds[measure] == "amount" else through):
            for m, value in values[k].items():
                theirs = float(block.paths[measure][(i, k, *m)])
                if not close(theirs, float(np.float32(value)), 2e-6):
                    found.append(f"measure {measure}{list(m)} at step {k}: {theirs!r}, not {value!r}")
    for name, ours in expected(played, through).items():
        if name in block.records:
            for m, value in ours.items():
                theirs = float(block.records[name][(*m, i)])
                if not close(theirs, value, 1e-9):
                    found.append(f"{name}{list(m)}: {theirs!r}, not {value!r}")
    return found


def expected(played: Played, through: int) -> dict[str, dict[Members, float]]:
    """The interpreter's outcomes under the names of records; of a stopped future, those it came to."""
    records: dict[str, dict[Members, float]] = {}
    for k, state in enumerate(played.states[:through]):
        records |= {f"stock {name} at {k}": values for name, values in state.stocks.items()}
    for measure, steps in played.measures.items():
        records |= {f"measure {measure} at {k}": values for k, values in enumerate(steps)}
    if played.stopped is not None:
        return records
    records |= {f"{track}.first.{stage}": dates for (track, stage), dates in played.first.items()}
    records |= {f"choice {name}": {m: float(c) for m, c in chosen.items()} for name, chosen in played.choices.items()}
    records |= {f"events {name}": counts for name, counts in played.events.items()}
    records |= {f"question {name}": {(): float(answer)} for name, answer in played.questions.items()}
    records |= {f"given {name}": {(): float(answer)} for name, answer in played.given.items()}
    records |= {f"shortage {name}": {(): float(n)} for name, n in played.shortage.items()}
    return records


def close(a: float, b: float, relative: float) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= relative * max(abs(a), abs(b)) + 1e-12
