"""``explain``: from a scenario to what decides an outcome, and to what it would be worth to know it.

setting     = Setting(checked, …)                   how futures are played: seed, policy, view, engine
asked       = Asked(setting, …)                     the outcome or objective, and how many futures
varied      = factors(checked, …)                   beliefs, groups, the choice of a view, chance
explanation = sobol_study(asked, varied)            or morris_study, delta_study
information = information_study(asked, …)           where an objective is stated
explained   = Explained(explanation, information)   frames, charts, sentences
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playout.errors import UsageError, did_you_mean
from playout.model.checked import CheckedScenario
from playout.model.scenario import Scenario
from playout.pipeline import Progress, load, silent

if TYPE_CHECKING:
    from playout.analyse.objective import Objective
    from playout.analyse.outcome import Outcome
    from playout.analyse.sensitivity.factors import Grain
    from playout.analyse.sensitivity.replay import Setting
    from playout.present.explained import Explained, InformationFound, OutcomeFound

METHODS = ("sobol", "morris", "delta")
GRAINS = ("belief", "member")


@dataclass(frozen=True)
class Question:
    """What is asked; the arguments of `playout.explain` that say so."""

    outcome: str | None
    method: str | None
    samples: int | None
    beliefs: Sequence[str] | None
    by: str
    second_order: bool
    objective: str | None
    policies: Sequence[str] | None

    def way(self, outcome: Outcome | None) -> str:
        """The method for an outcome. A question with a condition is looked at in the futures that meet it, among which
        beliefs are no longer independent: that leaves the method that does not ask them to be."""
        if self.method is None:
            return "delta" if outcome is not None and outcome.conditional else "sobol"
        return self.method

    @property
    def grain(self) -> Grain:
        """What is one factor."""
        return "member" if self.by == "member" else "belief"

    @property
    def of_outcome(self) -> bool:
        """Whether an outcome is explained; an objective alone asks for the value of information only."""
        return self.objective is None or self.outcome is not None or self.method is not None


def explain(
    scenario: str | Path | CheckedScenario,
    question: Question,
    *,
    seed: int,
    policy: str | None = None,
    view: str | None = None,
    engine: str = "native",
    precision: str | None = None,
    tables: str | Path | None = None,
    allow_stopped: float = 0.01,
    progress: Progress | None = None,
) -> Explained:
    """What decides an outcome. See `playout.explain`."""
    from playout.present.explained import Explained
    from playout.simulate.run import check_request, own_precision

    told = progress or silent
    told("reading", 0, 1)
    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    precision = precision or own_precision(engine)
    # Everything that is wrong with the question is told before anything is played.
    _check(question)
    check_request(checked, futures=1, seed=seed, view=view, engine=engine, precision=precision)
    setting = replace(_setting(checked, policy, seed, view, engine, precision), allow_stopped=allow_stopped)
    outcome = _outcome(setting, question.outcome) if question.of_outcome else None
    _check_way(question, outcome)
    choice = None if question.objective is None else _choice(setting, question.objective, question.policies)
    found = None if outcome is None else _explained(setting, outcome, question, told)
    known = None if choice is None else _informed(setting, choice, question, told)
    return Explained(setting, found, known)


def _check(question: Question) -> None:
    """Refuse what can be seen to be wrong without the scenario."""
    for what, name, known in (("method", question.method or METHODS[0], METHODS), ("grain", question.by, GRAINS)):
        if name not in known:
            hint = did_you_mean(name, known) or f"there is {', '.join(f'`{own}`' for own in known)}"
            raise UsageError(f"there is no {what} `{name}`; {hint}")
    if question.policies and question.objective is None:
        raise UsageError(
            "policies are chosen among for an objective, and none is stated: say what is wanted, as in "
            "`--objective 'less homicides'`"
        )


def _check_way(question: Question, outcome: Outcome | None) -> None:
    """Refuse a method that cannot explain the outcome."""
    way = question.way(outcome)
    if outcome is not None and outcome.conditional and way != "delta":
        raise UsageError(
            f"the question `{outcome.name}` has a condition, and in the futures that meet it beliefs hang together: "
            f"`{way}` wants them independent\n  hint: `delta` does not: leave out the method, or ask for that one"
        )
    if question.second_order and way != "sobol":
        raise UsageError("second order is of shares of variance: ask for it with the method `sobol`")


def _setting(
    checked: CheckedScenario, policy: str | None, seed: int, view: str | None, engine: str, precision: str
) -> Setting:
    """How futures are played. A policy that is the baseline itself has none to be compared with."""
    from playout.analyse.sensitivity.replay import Setting
    from playout.simulate.policy import beside, join_policies

    checked, name = join_policies(checked, [policy] if policy else [])
    checked, baseline = beside(checked, name)
    return Setting(checked, seed, name, baseline, view, engine, precision)


def _outcome(setting: Setting, name: str | None) -> Outcome:
    """The outcome of a name, or of the scenario's headline: its question, else its first measure."""
    from playout.analyse.outcome import explained_outcome

    scenario = setting.checked.scenario
    return explained_outcome(scenario, name or _first(scenario), compared=setting.baseline is not None)


def _first(scenario: Scenario) -> str:
    headline = scenario.headline
    if headline is not None:
        for named in (headline.question, *headline.measures):
            if named is not None:
                return named[0]
    asked = [own.name for own in scenario.questions.values() if own.given is None]
    names = [*asked, *(own.name for own in scenario.measures.values() if not own.binders)]
    if not names:
        raise UsageError("say which outcome is to be explained: the scenario has no question and no plain measure")
    return names[0]


@dataclass(frozen=True)
class Choice:
    """What is chosen among, for what. policies: by name, what `play` is told."""

    objective: Objective
    policies: Mapping[str, str | None]


def _choice(setting: Setting, objective: str, policies: Sequence[str] | None) -> Choice:
    """An objective as it is written, and the policies that are named, or all that a comparison would take."""
    from playout.analyse.compare.asked import asked as compared
    from playout.analyse.objective import parse_objective

    parsed = parse_objective(objective, setting.checked.scenario)
    chosen = compared(setting.checked, policies or None)
    return Choice(parsed, {name: chosen.policy(name) for name in chosen.names})


def _explained(setting: Setting, outcome: Outcome, question: Question, told: Progress) -> OutcomeFound:
    """Futures played as the method wants them, and its indices."""
    from playout.analyse.sensitivity import studies
    from playout.analyse.sensitivity.factors import factors
    from playout.analyse.sensitivity.replay import Asked
    from playout.present.explained import OutcomeFound

    way = question.way(outcome)
    samples = studies.SAMPLES[way] if question.samples is None else question.samples
    asked = Asked(setting, outcome.values, (outcome.source,), samples, outcome.compared)
    varied = factors(asked.checked, asked.policies, asked.view, grain=question.grain, names=question.beliefs)
    more: dict[str, Any] = {"progress": partial(told, "playing")}
    if question.second_order:
        more["paired"] = studies.PAIRED
    study = {"sobol": studies.sobol_study, "morris": studies.morris_study, "delta": studies.delta_study}
    found = study[way](asked, varied, **more)
    if outcome.kind == "measure":
        outcome = replace(outcome, unit=found.measures[outcome.source].unit)
    return OutcomeFound(outcome, found)


def _informed(setting: Setting, choice: Choice, question: Question, told: Progress) -> InformationFound:
    """The policies played against each other, and what knowing more would be worth."""
    from playout.analyse.information_study import SAMPLES, information_study
    from playout.analyse.sensitivity.factors import factors
    from playout.analyse.sensitivity.replay import Asked
    from playout.present.explained import InformationFound
    from playout.simulate.policy import join_policies

    checked = setting.checked
    for name in choice.policies.values():
        checked, _ = join_policies(checked, [name] if name else [])
    samples = None if question.of_outcome else question.samples  # these are those of the method where there is one
    wanted = tuple(dict.fromkeys(outcome.source for outcome in choice.objective.outcomes))
    asked = Asked(replace(setting, checked=checked), choice.objective.values, wanted, samples or SAMPLES)
    names = list(choice.policies.values())
    varied = factors(checked, names, setting.view, grain=question.grain, names=question.beliefs)
    information = information_study(asked, choice.policies, varied, partial(told, "playing the policies"))
    return InformationFound(choice.objective, information)
