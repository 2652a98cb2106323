"""``bargain``: from a table of actors to where the group ends.

actors     = read_actors(table)        CSV → Bargainers, checked
bargaining = bargain(actors, …)        rounds, in many futures where the table has ranges
bargained  = Bargained(bargaining)     frames, chart, words
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playout.present.bargaining import Bargained


def bargain(
    table: str | Path | Sequence[Any],
    *,
    rounds: int | None = None,
    futures: int | None = None,
    seed: int = 1,
    reading: str = "printed",
    offers: str = "least",
) -> Bargained:
    """Where a group decision ends. See `playout.bargain`."""
    from playout.analyse.bargaining_rounds import ROUNDS, check_request
    from playout.analyse.bargaining_rounds import bargain as play
    from playout.present.bargaining import Bargained
    from playout.read.bargaining import actors_of, read_actors

    many = ROUNDS if rounds is None else rounds
    way, taken = check_request(many, futures, seed, reading, offers)
    actors = read_actors(Path(table)) if isinstance(table, str | Path) else actors_of(table)
    return Bargained(play(actors, rounds=many, futures=futures, seed=seed, reading=way, offers=taken))
