"""``explain``: from a scenario to what decides an outcome, and to what it would be worth to know it.

setting     = Setting(checked, …)                   how futures are played: seed, policy, view, engine
asked       = Asked(setting, …)                     the outcome or objective, and how many futures
varied      = factors(checked, …)                   beliefs, groups, the choice of a view, chance
explanation = sobol_study(asked, varied)            or morris_study, delta_study
information = information_study(asked, …)           where an objective is stated
explained   = Explained(explanation, information)   frames, charts, sentences
"""

from __future__ import annotations

from collections.abc import Sequence
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
    policies: Sequence[str]

    @property
    def way(self) -> str:
        """The method."""
        return self.method or "sobol"

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
    progress: Progress | None = None,
) -> Explained:
    """What decides an outcome. See `playout.explain`."""
    from playout.analyse.sensitivity.replay import Setting
    from playout.present.explained import Explained
    from playout.simulate.run import check_request, own_precision

    told = progress or silent
    told("reading", 0, 1)
    checked = scenario if isinstance(scenario, CheckedScenario) else load(scenario, tables=tables)
    _check(question)
    checked, name, question = _joined(checked, policy, question)
    check_request(checked, futures=1, seed=seed, view=view, engine=engine, precision=precision or own_precision(engine))
    baseline = checked.scenario.baseline
    setting = Setting(
        checked=checked,
        seed=seed,
        policy=name,
        baseline=None if baseline == name else baseline,
        view=view,
        engine=engine,
        precision=precision or own_precision(engine),
    )
    # Everything that is wrong with the question is told before anything is played.
    outcome = _outcome(setting, question.outcome) if question.of_outcome else None
    objective = _objective(setting, question)
    found: OutcomeFound | None = None if outcome is None else _explained(setting, outcome, question, told)
    known: InformationFound | None = None if objective is None else _informed(setting, objective, question, told)
    return Explained(setting, found, known)


def _check(question: Question) -> None:
    """Refuse what can be seen to be wrong without the scenario."""
    for what, name, known in (("method", question.way, METHODS), ("grain", question.by, GRAINS)):
        if name not in known:
            hint = did_you_mean(name, known) or f"there is {', '.join(f'`{own}`' for own in known)}"
            raise UsageError(f"there is no {what} `{name}`; {hint}")
    if question.second_order and question.way != "sobol":
        raise UsageError("second order is of shares of variance: ask for it with the method `sobol`")
    if question.policies and question.objective is None:
        raise UsageError(
            "policies are chosen among for an objective, and none is stated: say what is wanted, as in "
            "`--objective 'less homicides'`"
        )


def _joined(
    checked: CheckedScenario, policy: str | None, question: Question
) -> tuple[CheckedScenario, str | None, Question]:
    """The scenario with all policies that are named joined from several, and their names as it then has them."""
    from playout.simulate.policy import join_policies

    checked, name = join_policies(checked, [policy] if policy else [])
    policies = []
    for other in question.policies:
        checked, joined = join_policies(checked, [other])
        policies += [joined] if joined else []
    return checked, name, replace(question, policies=policies)


def _outcome(setting: Setting, name: str | None) -> Outcome:
    """The outcome of a name, or of the scenario's headline: its question, else its first measure."""
    from playout.analyse.objective import compared_outcome

    scenario = setting.checked.scenario
    named = compared_outcome(scenario, name or _first(scenario))
    return replace(named, compared=named.kind == "measure" and setting.baseline is not None)


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


def _objective(setting: Setting, question: Question) -> Objective | None:
    from playout.analyse.information_study import check_policies
    from playout.analyse.objective import parse_objective

    if question.objective is None:
        return None
    objective = parse_objective(question.objective, setting.checked.scenario)
    check_policies(setting.checked, question.policies)
    return objective


def _explained(setting: Setting, outcome: Outcome, question: Question, told: Progress) -> OutcomeFound:
    """Futures played as the method wants them, and its indices."""
    from playout.analyse.sensitivity import studies
    from playout.analyse.sensitivity.factors import factors
    from playout.analyse.sensitivity.replay import Asked
    from playout.present.explained import OutcomeFound

    samples = studies.SAMPLES[question.way] if question.samples is None else question.samples
    asked = Asked(setting, outcome.values, (outcome.source,), samples, outcome.compared)
    varied = factors(asked.checked, asked.policies, asked.view, grain=question.grain, names=question.beliefs)
    more: dict[str, Any] = {"progress": partial(told, "playing")}
    if question.second_order:
        more["paired"] = studies.PAIRED
    study = {"sobol": studies.sobol_study, "morris": studies.morris_study, "delta": studies.delta_study}
    found = study[question.way](asked, varied, **more)
    if outcome.kind == "measure":
        outcome = replace(outcome, unit=found.measures[outcome.source].unit)
    return OutcomeFound(outcome, found)


def _informed(setting: Setting, objective: Objective, question: Question, told: Progress) -> InformationFound:
    """The policies played against each other, and what knowing more would be worth."""
    from playout.analyse.information_study import SAMPLES, information_study
    from playout.analyse.sensitivity.factors import factors
    from playout.analyse.sensitivity.replay import Asked
    from playout.present.explained import InformationFound

    samples = None if question.of_outcome else question.samples  # these are those of the method where there is one
    wanted = tuple(dict.fromkeys(outcome.source for outcome in objective.outcomes))
    asked = Asked(setting, objective.values, wanted, samples or SAMPLES)
    varied = factors(asked.checked, question.policies, asked.view, grain=question.grain, names=question.beliefs)
    return InformationFound(
        objective, information_study(asked, question.policies, varied, partial(told, "playing the policies"))
    )
