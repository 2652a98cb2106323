"""Peers side by side in one run: `python benchmarks/run.py [--quick] [--json FILE]`.

The synthetic workload on the native engine (both precisions), on the reference engine and, where a C compiler is there,
in hand-written C that draws the engine's own numbers; the 150-group recruitment model where its tables are given with
--tables; and how cost grows with futures. Prints futures a second of processor time, which other work on the machine
weighs on far less than on the clock's, and ratios. Peers take turns, and the best of their turns counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import workload

from playout.compile.engine import BLOCK, Engine
from playout.compile.native.engine import NativeEngine
from playout.compile.numpy import NumpyEngine

HERE = Path(__file__).parent
FLAGS = ["-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp"]
RUNS = 1024
"""Of the recruitment model in a turn."""

Peer = Callable[[], float]
"""Plays one turn; gives futures a second of processor time."""


def engine_turn(engine: Engine, futures: int, threads: int) -> Peer:
    """A turn of an engine over blocks on threads."""
    nothing = np.empty((0, BLOCK))

    def turn() -> float:
        begun = time.process_time()
        with ThreadPoolExecutor(threads) as pool:
            starts = range(0, futures, BLOCK)
            list(
                pool.map(
                    lambda first: engine.play(first, min(BLOCK, futures - first), nothing[:, : futures - first], 7),
                    starts,
                )
            )
        return futures / (time.process_time() - begun)

    return turn


def c_turn(folder: Path, futures: int, threads: int) -> Peer | None:
    """A turn of the C program; None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    binary = folder / "workload"
    made = subprocess.run([compiler, *FLAGS, str(HERE / "workload.c"), "-lm", "-o", str(binary)], check=False)
    if made.returncode:
        return None

    def turn() -> float:
        begun = os.times().children_user
        subprocess.run([str(binary), str(futures), str(threads), "1"], capture_output=True, check=True)
        return futures / (os.times().children_user - begun)

    return turn


def best(peers: dict[str, Peer], turns: int) -> dict[str, float]:
    """Each peer's best turn, the peers taking turns."""
    found: dict[str, float] = {}
    for _ in range(turns):
        for name, turn in peers.items():
            found[name] = max(found.get(name, 0.0), turn())
    return found


def synthetic(futures: int, turns: int, threads: int, folder: Path) -> dict[str, float]:
    """Futures a second of each peer."""
    program = workload.program()
    peers: dict[str, Peer] = {
        "native single": engine_turn(NativeEngine(program, "single"), futures, threads),
        "native double": engine_turn(NativeEngine(program, "double"), futures, threads),
        "reference (NumPy)": engine_turn(NumpyEngine(program), min(futures, 2 * BLOCK), threads),
    }
    in_c = c_turn(folder, futures, threads)
    if in_c is not None:
        peers["C -ffast-math"] = in_c
    return best(peers, turns)


def recruitment(tables: Path, turns: int, threads: int) -> dict[str, float]:
    """Runs a second of the 150-group model, by Runge–Kutta as written and by Euler."""
    import dataclasses

    import playout
    from playout.compile.lower import lower
    from playout.compile.rewrite import rewrite
    from playout.simulate.matrix import belief_rows

    checked = playout.load("recruitment", tables=tables)
    found = {}
    for scheme in ("rk4", "euler"):
        variant = dataclasses.replace(checked, scenario=dataclasses.replace(checked.scenario, integrate=scheme))
        program = rewrite(lower(variant))
        rows = belief_rows(variant, program.columns).draw(0, RUNS, 1)
        turn = recruitment_turn(NativeEngine(program, "single"), rows, threads)
        found[scheme] = max(turn() for _ in range(turns))
    return found


def recruitment_turn(engine: Engine, rows: np.ndarray, threads: int) -> Peer:
    """A turn of the recruitment model, its runs shared out among threads."""
    part = RUNS // threads

    def play(number: int) -> None:
        engine.play(number * part, part, rows[:, number * part : (number + 1) * part], 1)

    def turn() -> float:
        begun = time.process_time()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(play, range(threads)))
        return RUNS / (time.process_time() - begun)

    return turn


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small counts: a look, not a measurement")
    options.add_argument("--json", type=Path, help="where to write the figures")
    options.add_argument("--tables", type=Path, help="the published tables of the recruitment model")
    options.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = options.parse_args()
    futures, turns = (16_384, 2) if given.quick else (131_072, 5)
    with tempfile.TemporaryDirectory() as folder:
        speeds = synthetic(futures, turns, given.threads, Path(folder))
    figures: dict[str, object] = {
        "machine": platform.processor() or platform.machine(), "threads": given.threads, "synthetic": speeds,
    }  # fmt: skip
    print(f"synthetic workload, {given.threads} threads, futures a second of processor time")
    for name, speed in sorted(speeds.items(), key=lambda item: -item[1]):
        print(f"  {name:20} {speed:12,.0f}   native single is {speeds['native single'] / speed:.2f}×")
    growth = {
        count: engine_turn(NativeEngine(workload.program(), "single"), count, given.threads)()
        for count in (futures // 16, futures // 4, futures)
    }
    figures["growth"] = growth
    print(
        "futures a second of processor time by count:",
        ", ".join(f"{count:,}: {speed:,.0f}" for count, speed in growth.items()),
    )
    if given.tables is not None:
        figures["recruitment"] = runs = recruitment(given.tables, turns, given.threads)
        print(
            "recruitment, 150 groups, 520 weeks, runs a second of processor time:",
            ", ".join(f"{k} {v:,.0f}" for k, v in runs.items()),
        )
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
