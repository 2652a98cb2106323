"""What every estimate on a page is made of: a share with its range over views, and a fan of quantiles by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from playout.analyse.average import FEWEST_FOR_A_VIEW
from playout.analyse.estimate import Numbers, Signs, Spread
from playout.analyse.estimate import Share as Counted
from playout.analyse.rounding import ROUNDING


@dataclass(frozen=True, slots=True)
class Share:
    """A probability estimated by counting futures.

    ``se`` is its Monte Carlo standard error, which says nothing on how sure the model is. by_view: the same share among
    the futures of each view that enough futures hold; ``low`` and ``high`` are the least and greatest of these, or p
    where they are not two at least. left_out: whether there are other views.
    """

    p: float
    se: float
    by_view: Mapping[str, float] = field(default_factory=dict)
    left_out: bool = False

    @property
    def ranged(self) -> bool:
        """Whether there is a range over views: of one view there is none."""
        return len(self.by_view) > 1

    @property
    def low(self) -> float:
        return min(self.by_view.values()) if self.ranged else self.p

    @property
    def high(self) -> float:
        return max(self.by_view.values()) if self.ranged else self.p

    @property
    def equal(self) -> float | None:
        """The same with equal weight on every view; None without views, and where one is left out."""
        if not self.by_view or self.left_out:
            return None
        return sum(self.by_view.values()) / len(self.by_view)

    @property
    def spread(self) -> float:
        """How far the views lie apart."""
        return self.high - self.low


def share(counted: Counted, by_view: Mapping[str, Counted | None] | None = None) -> Share:
    """A counted share with its range over views. by_view: of each view, None of one that too few futures hold."""
    known = {name: own.p for name, own in (by_view or {}).items() if own is not None and own.n >= FEWEST_FOR_A_VIEW}
    return Share(counted.p, counted.se, known, left_out=len(known) < len(by_view or {}))


@dataclass(frozen=True, slots=True)
class Fan:
    """One series over futures, period by period. All sequences run over the periods.

    amount: added up over each period, or else a level at its end. labels: "2025", "2025-03", "end of 2025". at: where a
    period stands in time, in decimal years (an amount in the middle of the period, a level at its end). complete:
    whether the run covers all of it. quantiles: [periods][5] at 5, 25, 50, 75 and 95 percent. above, below: the shares
    of futures over and under zero by more than can matter. by_view: means in each view, and views: the numbers of these
    among the scenario's, from 1. reading: the period that sentences speak of. binary: every value is 0 or 1 (or a
    difference of such values); then the quantiles say nothing, and all of them hold the mean. least: what is nearer to
    zero, though not zero, is only said to be under this.
    """

    amount: bool
    labels: tuple[str, ...]
    at: tuple[float, ...]
    complete: tuple[bool, ...]
    quantiles: tuple[tuple[float, ...], ...]
    mean: tuple[float, ...]
    se: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]
    by_view: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    views: tuple[int, ...] = ()
    reading: int = -1
    binary: bool = False
    least: float = 0.0

    @property
    def never(self) -> bool:
        """Zero in every future."""
        return not any(self.above) and not any(self.below)

    @property
    def empty(self) -> bool:
        """Zero in so many futures that there is nothing to draw."""
        return not any(any(row) for row in self.quantiles)

    def band(self, number: int) -> float:
        """The width in which nine futures in ten lie in a period."""
        return self.quantiles[number][-1] - self.quantiles[number][0]


def fan(
    spread: Spread,
    values: Numbers,
    *,
    amount: bool,
    labels: Sequence[str],
    at: Sequence[float],
    complete: Sequence[bool],
    reading: int = -1,
    by_view: Mapping[str, tuple[float, ...]] | None = None,
    views: Sequence[int] | None = None,
    least: float = 0.0,
    signs: Signs | None = None,
) -> Fan:
    """The fan of ``values`` [periods, futures], whose ``spread`` has quantiles. by_view: means in each view, and
    views: the numbers of these, counted from 1 where nobody says.

    least: what a single future has less of counts as zero. signs: in how many futures there is more and less than zero;
    counted among the values where nobody has.
    """
    assert spread.quantiles is not None
    binary = not amount and bool(np.isin(values, (-1.0, 0.0, 1.0)).all())
    rounding = max(least, ROUNDING * float(np.abs(values).max(initial=0.0)))
    if signs is None:
        signs = Signs(*(tuple((way * values > rounding).mean(axis=1).tolist()) for way in (1.0, -1.0)))
    same = not any(signs.more) and not any(signs.less)

    def clean(row: Sequence[float]) -> tuple[float, ...]:
        """Quantiles of one period, without what cannot matter."""
        return tuple(0.0 if same or abs(value) <= rounding else value for value in row)

    return Fan(
        amount=amount,
        labels=tuple(labels),
        at=tuple(at),
        complete=tuple(complete),
        quantiles=tuple((mean,) * 5 for mean in spread.mean)
        if binary
        else tuple(clean(row) for row in zip(*spread.quantiles, strict=True)),
        mean=spread.mean,
        se=spread.se,
        above=signs.more,
        below=signs.less,
        by_view=dict(by_view or {}),
        views=tuple(range(1, len(by_view or {}) + 1) if views is None else views),
        reading=range(len(labels))[reading],
        binary=binary,
        least=least,
    )
