"""What every estimate on a page is made of: a share with its range over views, and a fan of quantiles by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from playout.analyse.estimate import Numbers, Spread
from playout.analyse.estimate import Share as Counted

FEWEST_FOR_A_VIEW = 100
"""A view that fewer futures hold is left out of ranges: its share would be mostly chance."""


@dataclass(frozen=True, slots=True)
class Share:
    """A probability estimated by counting futures.

    ``se`` is its Monte Carlo standard error, which says nothing on how sure the model is. by_view: the same share among
    the futures of each view; ``low`` and ``high`` are the least and greatest of these, or p where there are no views.
    """

    p: float
    se: float
    by_view: Mapping[str, float] = field(default_factory=dict)

    @property
    def low(self) -> float:
        return min(self.by_view.values(), default=self.p)

    @property
    def high(self) -> float:
        return max(self.by_view.values(), default=self.p)

    @property
    def spread(self) -> float:
        """How far the views lie apart."""
        return self.high - self.low


def share(counted: Counted, by_view: Mapping[str, Counted | None] | None = None) -> Share:
    """A counted share with its range over views."""
    known = {name: own.p for name, own in (by_view or {}).items() if own is not None and own.n >= FEWEST_FOR_A_VIEW}
    return Share(counted.p, counted.se, known)


@dataclass(frozen=True, slots=True)
class Fan:
    """One series over futures, period by period. All sequences run over the periods.

    labels: "2025" or "2025-03". at: where a period stands in time, in decimal years (an amount in the middle of the
    period, a level at its end). complete: whether the run covers all of the period. quantiles: [periods][5] at 5, 25,
    50, 75 and 95 percent. above, below: the shares of futures over and under zero by more than a rounding. by_view:
    medians in each view.
    """

    labels: tuple[str, ...]
    at: tuple[float, ...]
    complete: tuple[bool, ...]
    quantiles: tuple[tuple[float, ...], ...]
    mean: tuple[float, ...]
    se: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]
    by_view: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def reading(self) -> int:
        """The period that sentences speak of: the last complete one, or the last of all."""
        whole = [number for number, complete in enumerate(self.complete) if complete]
        return whole[-1] if whole else len(self.labels) - 1

    @property
    def flat_zero(self) -> bool:
        """Zero in every future: there is nothing to draw."""
        return not any(self.above) and not any(self.below)


def fan(
    spread: Spread,
    values: Numbers,
    labels: Sequence[str],
    at: Sequence[float],
    complete: Sequence[bool],
    by_view: Mapping[str, Numbers] | None = None,
) -> Fan:
    """The fan of ``values`` [periods, futures], whose ``spread`` has quantiles. by_view: which futures hold a view."""
    assert spread.quantiles is not None
    rounding = 1e-9 * float(np.abs(values).max(initial=0.0))
    return Fan(
        labels=tuple(labels),
        at=tuple(at),
        complete=tuple(complete),
        quantiles=tuple(zip(*spread.quantiles, strict=True)),
        mean=spread.mean,
        se=spread.se,
        above=tuple((values > rounding).mean(axis=1).tolist()),
        below=tuple((values < -rounding).mean(axis=1).tolist()),
        by_view={name: tuple(np.median(own, axis=1).tolist()) for name, own in (by_view or {}).items()},
    )
