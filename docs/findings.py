"""Figures of the flagship's document that come from playing it: `python docs/findings.py TABLE`.

TABLE is one of steps, views, questions, policies, switches, claims, spread, linchpins; each prints a table in Markdown.
Runs are kept in playout-results/findings, so that what has not changed is played once. Every difference is taken future
by future, under the same draws; ranges are over the scenario's views, and no digit finer than the Monte Carlo error is
printed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

import playout
from playout.analyse.average import Average, Mean, average
from playout.analyse.headline import FirstScreen
from playout.analyse.outcome import outcome
from playout.analyse.shares import Spreading
from playout.analyse.summary import Findings
from playout.pipeline.run import Result
from playout.present.document.markdown import table
from playout.present.views.written import heading
from playout.present.words import mean_words, percent, quantity, signed

SCENARIO = "us-mexico-cartels"
FUTURES = 10_000
SEED = 1
KEPT = Path("playout-results") / "findings"
CLAIMS = Path(__file__).parent / "explanation" / "us-mexico-cartels.claims.yaml"

AS_WRITTEN = "as_written"
PEOPLE = ("homicides", "disappearances", "civilians_killed", "displaced", "extortion_paid", "overdose_deaths")
POLICIES = (
    AS_WRITTEN, "law_enforcement_only", "joint_covert_with_navy", "unilateral_covert", "limited_open_strikes",
    "authorization_requested", "talks_first", "recruitment_prevention", "prevention_with_law_enforcement",
)  # fmt: skip
OFF = "without_"
"""What the names of policies begin with that switch a system off."""

SHOWN_BY = {
    "without_context_ledger": "chance_of_force", "without_partner_building": "leaks",
    "without_criteria": "first_organisation.sinaloa_cartel", "without_difference_of_authority": "authority.finding",
    "without_pressure": "campaign_operations", "without_law_enforcement": "leaders_removed",
    "without_concessions": "members_in_deals", "without_enforcement": "assurance_now", "without_response": "splits",
    "without_third_parties": "attacks_on_us_soil", "without_foreign_ties": "paid_to_launderers",
    "without_political_will": "mexican_consent", "without_outcomes": "homicides",
}  # fmt: skip
"""By switch, the measure or choice that shows it; choices left open."""

SUMMED = "Mean difference from no action, summed over the five years; what is per year, at their end."


@cache
def played(policy: str | None = None, *, weighed: bool = False) -> Result:
    """The scenario played under a policy, and no action under the same draws. weighed: with what its results rest on,
    for which some futures are played again."""
    checked = playout.load(SCENARIO)
    if not weighed:
        checked = replace(checked, scenario=replace(checked.scenario, headline=None))
    place = KEPT / ((policy or "open") + ("-weighed" if weighed else ""))
    return playout.run(checked, futures=FUTURES, seed=SEED, policy=policy, out=place)


def first_screen(policy: str | None) -> FirstScreen:
    found = played(policy, weighed=True).summary.headline
    assert found is not None
    return found


@cache
def reading(policy: str | None, name: str, *, compared: bool = False) -> Average:
    """A question, ``track.stage``, ``decision.option`` or measure, over all futures and in each view.

    A measure is summed over the whole run, a level read at its end; compared: less no action. A question or option
    counts among the futures in which it could be answered or chosen.
    """
    result = played(policy)
    runs = result.runs
    asked = outcome(runs.checked.scenario, name, compared=compared)
    values = asked.values(runs, result.baseline)
    among = None
    if asked.kind == "question":
        among = np.isfinite(runs.numbers([f"question.{name}"])[0])
    elif asked.kind == "option":
        among = runs.column(name.rpartition(".")[0]).is_not_null().to_numpy()
    views = {view: runs.views == place for place, view in enumerate(runs.checked.scenario.views)}
    found = average(values, views, among)
    assert found is not None
    return found


def share_words(found: Average) -> str:
    """ "29% (27% to 36%)": over all futures, and the range over views."""
    return f"{percent(found.whole.value)} ({percent(found.low)} to {percent(found.high)})"


def mean_of(found: Average, *, difference: bool = False) -> str:
    """ "+420 (+210 to +690)": over all futures, and the range over views."""
    if found.whole.value == found.low == found.high == 0.0:
        return "0"
    say = signed if difference else quantity
    mean = mean_words(found.whole.value, found.whole.se, difference=difference)
    return f"{mean} ({say(found.low, 2)} to {say(found.high, 2)})"


# --- the tables -------------------------------------------------------------------------------------------------------


def steps() -> str:
    """The path: odds of each step given the ones before, and their product."""

    def path(findings: Findings) -> Sequence[float]:
        found = next(found.path for found in findings.tracks if found.label == "campaign")
        return [*(1.0 if own is None else own.p for own in found.given), found.whole.p]

    whole = played().summary
    track = next(found for found in whole.findings.tracks if found.label == "campaign")
    titles = {stage.name: stage.title for stage in track.stages}
    names = [*(titles[stage] for stage in track.path.stages[1:]), "**all of them**"]
    by_view = [path(view.findings) for view in whole.views]
    reached = [*(share_words(reading(None, f"campaign.{stage}")) for stage in track.path.stages[1:]), ""]
    rows = (
        (name, f"{percent(p)} ({percent(min(own))} to {percent(max(own))})", by_any_way)
        for name, p, own, by_any_way in zip(
            names, path(whole.findings), zip(*by_view, strict=True), reached, strict=True
        )
    )
    return table(("step", "odds given all steps before", "share of futures that reach it by any way"), rows)


def views() -> str:
    """What each view holds of the article's own choices."""
    scenario = playout.load(SCENARIO).scenario
    stages = ("campaign.striking", "campaign.enforcing")
    shares = [reading(AS_WRITTEN, stage) for stage in stages]
    told = [reading(AS_WRITTEN, name, compared=True) for name in PEOPLE]

    def row(title: str, pick: Callable[[Average], Mean]) -> Iterator[str]:
        yield title
        yield from (percent(pick(found).value) for found in shares)
        yield from (mean_words(pick(found).value, pick(found).se, difference=True) for found in told)

    rows = [
        row(f"{heading(view.title, name)} ({view.credence:g})", lambda found, name=name: found.by_view[name])
        for name, view in scenario.views.items()
    ]
    rows.append(row("**all, by credence**", lambda found: found.whole))
    columns = ["view (credence)", "force comes", "deals enforced", *map(_short, PEOPLE)]
    return table(columns, rows) + f"\n\n{SUMMED}"


def questions() -> str:
    """The dated questions, choices left open."""
    scenario = playout.load(SCENARIO).scenario
    rows = (
        (question.ask, question.by.isoformat(), share_words(reading(None, name)))
        for name, question in scenario.questions.items()
    )
    return table(("question", "by", "yes, with the range over views"), rows)


def policies() -> str:
    """Policies against no action in what happens to people."""
    scenario = playout.load(SCENARIO).scenario
    chosen: list[tuple[str, str | None]] = [("choices left open", None)]
    chosen += [(heading(scenario.policies[name].title, name), name) for name in POLICIES]
    rows = (
        (
            title,
            percent(reading(name, "campaign.striking").whole.value),
            *(mean_of(reading(name, told, compared=True), difference=True) for told in PEOPLE),
        )
        for title, name in chosen
    )
    return (
        table(("policy", "force comes", *map(_short, PEOPLE)), rows) + f"\n\n{SUMMED} In brackets the range over views."
    )


def switches() -> str:
    """What each system does: a reading with all systems at work and with this one switched off."""
    scenario = playout.load(SCENARIO).scenario

    def row(switch: str) -> Iterator[str]:
        name = SHOWN_BY[switch]
        asked = outcome(scenario, name, compared=False)
        yield scenario.policies[switch].title
        yield f"{scenario.decisions[name.partition('.')[0]].title}: {asked.title}" if asked.chance else asked.title
        for policy in (None, switch):
            whole = reading(policy, name).whole
            yield percent(whole.value) if asked.chance else quantity(whole.value, 3, 10 * whole.se)

    rows = (row(name) for name in scenario.policies if name.startswith(OFF))
    return table(("switch", "reading", "all systems at work", "switched off"), rows)


def spread() -> str:
    """Where the spread of outcomes comes from, with choices left open and under the article's own."""
    found = [("left open", each) for each in first_screen(None).spreads]
    found += [("as written", each) for each in first_screen(AS_WRITTEN).spreads]
    names = {own.part.name: own.part.title for _, each in found for own in each.shares}

    def cell(each: Spreading, name: str) -> str:
        own = each.share(name)
        return "" if own is None else f"{percent(own.share)} ± {100 * own.se:.0f}"

    rows = ((each.outcome.title, choices, *(cell(each, name) for name in names)) for choices, each in found)
    return table(("outcome", "choices", *names.values()), rows)


def linchpins() -> str:
    """The beliefs on which the outcomes of the article's own choices hang most."""
    rows = (
        (
            f"`{own.belief}`",
            own.outcome.title,
            f"{quantity(own.low.edge, 2)}: {quantity(own.low.mean, 2, 10 * own.low.se)}",
            f"{quantity(own.high.edge, 2)}: {quantity(own.high.mean, 2, 10 * own.high.se)}",
            percent(own.share),
            "yes" if own.flips else "no",
        )
        for own in first_screen(AS_WRITTEN).linchpins
    )
    columns = ("belief", "outcome", "lowest fifth, up to: mean", "highest fifth, from: mean", "share", "flips")
    return table(columns, rows)


def claims() -> str:
    """What each claim of the article became, what the model finds, and who disagrees."""
    scenario = playout.load(SCENARIO).scenario
    written = YAML(typ="safe").load(CLAIMS.read_text(encoding="utf-8"))

    def cited(names: Sequence[str]) -> str:
        for name in names:
            if name not in scenario.evidence:
                raise SystemExit(f"{CLAIMS.name}: there is no evidence {name}")
        return ", ".join(f"`{name}`" for name in names)

    rows = (
        (
            f"{own['claim']} ({cited(own['says'])})",
            ", ".join(scenario.systems[name].title for name in own["part"]),
            re.sub(r"\{([^}]*)\}", lambda found: _figure(found[1]), own["finds"]),
            f"{own['disagree']} ({cited(own['critics'])})" if own.get("critics") else own["disagree"],
        )
        for own in written
    )
    return table(("the article says", "part of the model", "the model finds", "who disagrees"), rows)


def _figure(wanted: str) -> str:
    """The number that a claim's text asks for: ``share OUTCOME``, ``difference MEASURE`` (from no action) or
    ``level MEASURE``, each optionally ``under POLICY``; outcomes as `reading` has them."""
    text, _, policy = wanted.partition(" under ")
    kind, name = text.split()
    found = reading(policy or None, name, compared=kind == "difference")
    return share_words(found) if kind == "share" else mean_of(found, difference=kind == "difference")


def _short(name: str) -> str:
    """A measure at the head of a column."""
    unit = played().runs.measures[name].unit
    return name.replace("_", " ") + ("" if unit in ("", "person") else f", {unit}")


TABLES: Mapping[str, Callable[[], str]] = {
    "steps": steps, "views": views, "questions": questions, "policies": policies, "switches": switches,
    "claims": claims, "spread": spread, "linchpins": linchpins,
}  # fmt: skip

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in TABLES:
        raise SystemExit(__doc__)
    print(TABLES[sys.argv[1]]())
