"""Everything a report shows, as plain data: what the template reads, and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from playout.analyse.estimate import largest_error
from playout.present.origin import Told
from playout.present.views.analyses import Analyses
from playout.present.views.choices import DecisionView, QuestionView, Watch
from playout.present.views.first import First
from playout.present.views.ladder import Ladder
from playout.present.views.measures import MeasureView
from playout.present.views.parting import Parted
from playout.present.views.support import Ground
from playout.present.views.ties import Network


@dataclass(frozen=True, slots=True)
class VariantView:
    """A policy or a view as written. ``credence`` is a view's; futures: how many drew the view."""

    name: str
    title: str
    about: str
    lines: tuple[str, ...]
    credence: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """How the numbers were made. ``stopped``: futures that broke a bound; error: an upper bound on the Monte Carlo
    standard error of any share on the page. name: of the scenario on the command line. of_stopped: how many stopped,
    why, and who is missing; left_out: the views that too few futures hold to be spoken of; against: what
    differences from the baseline are also of."""

    version: str
    engine: str
    futures: int
    seed: int
    stopped: int
    digest: str
    policy: str | None
    view: str | None
    name: str = ""
    of_stopped: tuple[Told, ...] = ()
    left_out: Told | None = None
    against: tuple[str, ...] = ()

    @property
    def error(self) -> float:
        return largest_error(self.futures - self.stopped)


@dataclass(frozen=True, slots=True)
class Page:
    """A report's content. ``ladders``: the tracks without an index, the story's first. first: the first screen, if the
    scenario asks for one; parted: where views part, widest first; analyses: what other verbs made."""

    title: str
    description: str
    start: dt.date
    end: dt.date
    standard: str
    face: tuple[str, ...]
    ladders: tuple[Ladder, ...]
    decisions: tuple[DecisionView, ...]
    measures: tuple[MeasureView, ...]
    questions: tuple[QuestionView, ...]
    watches: tuple[Watch, ...]
    ground: Ground
    policies: tuple[VariantView, ...]
    views: tuple[VariantView, ...]
    baseline: VariantView | None
    made: Made
    first: First | None = None
    games: tuple[DecisionView, ...] = ()
    parted: tuple[Parted, ...] = ()
    network: Network | None = None
    analyses: Analyses = field(default_factory=Analyses)

    @property
    def people(self) -> tuple[MeasureView, ...]:
        """What happens to people, counts of them first."""
        return tuple(sorted((measure for measure in self.measures if measure.people), key=lambda m: m.unit != "person"))

    @property
    def others(self) -> tuple[MeasureView, ...]:
        return tuple(measure for measure in self.measures if not measure.people)
