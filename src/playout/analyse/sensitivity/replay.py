"""Futures played again with some of what they depend on drawn anew, and what becomes of the outcome.

    Asked, designs ──replayed──▶ the outcome in each future, [futures], one array a design

Two independent samples of all that a future depends on are had from two seeds: the run's own, and the OTHER. A belief
drawn anew is drawn under the other seed; chance is changed by playing under the other seed with all beliefs drawn under
the run's own. Draws are those of ordinary runs and not a low-discrepancy sequence: rows are then independent, so that
every index has an honest standard error; and with a hundred factors and chance inside the run such a sequence has no
order left to give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from playout.analyse.estimate import Numbers
from playout.analyse.sensitivity.factors import Factor, whole_of_beliefs
from playout.model.checked import CheckedScenario
from playout.simulate.design import Design
from playout.simulate.result import Runs
from playout.simulate.run import ALLOWED
from playout.simulate.study import Variant, play_variants

OTHER = 2**63
"""Added to the run's seed, this is the other seed."""

Progress = Callable[[int, int], None]
"""Told how many futures are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How futures are played; as the arguments of `play`. baseline: what an outcome may be compared with, or None.
    policy: None plays the scenario as written. allow_stopped: of the run's own sample."""

    checked: CheckedScenario
    seed: int
    policy: str | None = None
    baseline: str | None = None
    view: str | None = None
    engine: str = "native"
    precision: str = "single"
    allow_stopped: float = ALLOWED


@dataclass(frozen=True, slots=True)
class Asked:
    """What is explained, and how it is played.

    read: the outcome in each future, [futures], from a run and the baseline's (None where it is not compared).
    wanted: what runs have to report for it. compared: the baseline is played too.
    """

    setting: Setting
    read: Callable[[Runs, Runs | None], Numbers]
    wanted: tuple[str, ...]
    futures: int
    compared: bool = False

    @property
    def checked(self) -> CheckedScenario:
        """The scenario."""
        return self.setting.checked

    @property
    def view(self) -> str | None:
        """Held by all futures; None where each draws its own."""
        return self.setting.view

    @property
    def seed(self) -> int:
        """The seed of the run's own sample."""
        return self.setting.seed

    @property
    def other_seed(self) -> int:
        """The seed of the second sample."""
        return (self.seed + OTHER) % 2**64

    @property
    def policies(self) -> tuple[str | None, ...]:
        """Those that are played."""
        return (self.setting.policy, self.setting.baseline) if self.compared else (self.setting.policy,)

    def anew(self, factor: Factor) -> Design:
        """The run's own sample with one factor from the other: to be played under the run's seed, chance under the
        other."""
        return self._mixed(factor, self.other_seed, self.seed)

    def kept(self, factor: Factor) -> Design:
        """The other sample with one factor from the run's own: to be played under the other seed, chance under the
        run's."""
        return self._mixed(factor, self.seed, self.other_seed)

    def _mixed(self, factor: Factor, its: int, others: int) -> Design:
        if factor.kind == "chance":
            return Design(redrawn=whole_of_beliefs(self.checked, self.view), seed=others)
        return Design(redrawn=factor.redrawn, seed=its)


def played(
    asked: Asked,
    designs: Sequence[Design | None],
    seed: int,
    progress: Progress | None = None,
    futures: int | None = None,
) -> Iterator[tuple[Runs, Runs | None]]:
    """Runs under each design, and the baseline's where it is compared. Refuses what `play` refuses."""
    variants = [
        Variant(policy, asked.view, design, limited=design is None) for design in designs for policy in asked.policies
    ]
    runs = play_variants(
        asked.checked,
        variants,
        futures=futures or asked.futures,
        seed=seed,
        engine=asked.setting.engine,
        precision=asked.setting.precision,
        wanted=asked.wanted,
        allow_stopped=asked.setting.allow_stopped,
        progress=progress,
    )
    for own in runs:
        yield own, (next(runs) if asked.compared else None)


def replayed(
    asked: Asked,
    designs: Sequence[Design | None],
    seed: int,
    progress: Progress | None = None,
    futures: int | None = None,
) -> Iterator[Numbers]:
    """The outcome in each future under each design, [futures]; arguments as of `played`."""
    for runs in played(asked, designs, seed, progress, futures):
        yield asked.read(*runs)
