"""The tools that are measured. Each module here has one function, `player`, which makes ready and returns a `Play`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from numpy.typing import NDArray

Outputs: TypeAlias = NDArray[Any]
"""[outputs, futures]: what a workload asks of each future."""

Play: TypeAlias = Callable[[int, int], Outputs]
"""Plays futures: the number of the first, which also seeds its draws, and how many at least."""


class Missing(Exception):
    """A tool cannot be measured here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool on a workload.

    module: of this folder, without its path. arguments: of its `player`. package: what it imports and what installs
    it, nothing for what Playout brings along. threads: one process of it keeps all cores busy; others are started once
    a core. batch: futures that a core plays side by side where the tool is at its best; fewer are not played.
    """

    name: str
    title: str
    module: str
    arguments: dict[str, str | int] = field(default_factory=dict)
    package: tuple[str, str] | None = None
    threads: bool = False
    batch: int = 1

    def missing(self) -> str | None:
        """Why the tool is not here; None where it is."""
        if self.package is None or importlib.util.find_spec(self.package[0]) is not None:
            return None
        return f"not installed: pip install {self.package[1]}"


SIDE_BY_SIDE = 4096
"""Futures of the synthetic workload that tools of whole arrays play at once."""

RUNS_SIDE_BY_SIDE = 256
"""The same of the recruitment model."""

RECRUITMENT = "recruitment"
"""The installed scenario that is the recruitment model."""

SYNTHETIC = (
    Peer(
        "native_single", "Playout, native, single precision", "engines", {"engine": "single"}, None, True, SIDE_BY_SIDE
    ),
    Peer(
        "native_double", "Playout, native, double precision", "engines", {"engine": "double"}, None, True, SIDE_BY_SIDE
    ),
    Peer("reference", "Playout, reference engine", "engines", {"engine": "reference"}, batch=SIDE_BY_SIDE),
    Peer("c", "C by hand, -ffast-math", "in_c", threads=True, batch=SIDE_BY_SIDE),
    Peer("numpy", "NumPy by hand, single precision", "in_numpy", batch=SIDE_BY_SIDE),
    Peer("jax", "JAX, lax.scan, single precision", "in_jax", {}, ("jax", "jax"), True, SIDE_BY_SIDE),
    Peer("mesa", "Mesa, an agent an organisation", "in_mesa", package=("mesa", "mesa")),
    Peer("ema_workbench", "EMA Workbench, plain Python", "in_ema", package=("ema_workbench", "ema-workbench")),
    Peer("pysd", "PySD, a Vensim model", "in_pysd", package=("pysd", "pysd")),
)
"""On the synthetic workload, eight organisations over 260 weeks."""


def recruitment(tables: str) -> tuple[Peer, ...]:
    """On the recruitment model, with the published tables in a folder: 150 groups over 520 weeks."""

    def own(name: str, title: str, engine: str, scheme: str = "euler") -> Peer:
        arguments: dict[str, str | int] = {"engine": engine, "tables": tables, "scheme": scheme}
        return Peer(name, title, "recruits", arguments, None, engine != "reference", RUNS_SIDE_BY_SIDE)

    return (
        own("native_single", "Playout, native, single precision", "single"),
        own("native_double", "Playout, native, double precision", "double"),
        own("reference", "Playout, reference engine", "reference"),
        Peer(
            "numpy", "NumPy by hand, single precision", "recruits_in_numpy", {"tables": tables}, batch=RUNS_SIDE_BY_SIDE
        ),
        own("native_rk4", "Playout, native, single, Runge–Kutta", "single", "rk4"),
    )
