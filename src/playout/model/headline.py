"""What a scenario's authors put first: the first screen's result, and groups of beliefs that are weighed as one."""

from __future__ import annotations

from dataclasses import dataclass

from playout.errors import Span

Named = tuple[str, Span]
"""A name, and where it stands."""


@dataclass(frozen=True, slots=True)
class Group:
    """Beliefs that are weighed together. views: the choice of a view belongs to them."""

    span: Span
    name: str
    title: str
    beliefs: tuple[Named, ...]
    views: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class BaseRate:
    """How often something happened in a class of past cases. moved: the measure that says what this scenario's own
    evidence makes of it."""

    span: Span
    name: str
    title: str
    happened: int
    cases: int
    because: tuple[Named, ...] = ()
    moved: Named | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says, as a piece of evidence, beside the result of the model that answers it."""

    evidence: Named
    result: Named


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How well a forecast did on a record that it was not fitted to, beside a naive forecaster.

    score: what it is, such as "continuous ranked probability score … less is better". skill: 1 - reached / naive.
    coverage_90: how often the record fell into the 90% interval, None where nobody says.
    """

    what: str
    fitted_to: str
    score: str
    reached: float
    naive: float
    naive_forecaster: str
    coverage_90: float | None = None

    @property
    def skill(self) -> float:
        """How much of the naive forecaster's score is saved; below 0 where the naive one did better."""
        return 1.0 - self.reached / self.naive


@dataclass(frozen=True, slots=True)
class Headline:
    """The result on the first screen.

    question: the dated question whose odds come first. given: a ``track.stage``; measures are also read among futures
    that reach it. short: what that stage is called in a sentence ("force"). measures: what it does, in this order.
    group: whose share of the variance is printed on the face.
    """

    span: Span
    question: Named | None = None
    given: Named | None = None
    short: str = ""
    measures: tuple[Named, ...] = ()
    group: Named | None = None
    base_rates: tuple[BaseRate, ...] = ()
    claims: tuple[Claim, ...] = ()
    held_out: HeldOut | None = None
