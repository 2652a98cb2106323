"""What an expert would ask of the flagship, each test named for what it says.

A claim is asserted in the views that make it and reported in the others: `pytest -s` shows each table.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import playout
from paired import FUTURES, SURE, Mean, Row, amount, differences, mean, played, say, scenario
from playout.analyse.games import solve
from playout.analyse.solved import GameFinding, find_games
from playout.simulate.design import Design
from playout.simulate.result import Runs
from playout.simulate.run import play

NAME = "us_mexico_cartels"
LOW, HIGH = 0.05, 0.95
YEARS = range(2025, 2030)


def reading(measure: str, years: range = YEARS):  # type: ignore[no-untyped-def]
    return lambda runs: amount(runs, measure, years)


def against_no_action(measure: str, policy: str, years: range = YEARS) -> dict[str, Mean]:
    """By view, what a policy adds to a measure, under the same draws."""
    what = f"{measure}, {policy} less no_action, {years[0]} to {years[-1]}"
    return differences(reading(measure, years), played(NAME, policy), played(NAME, "no_action"), what)


def high_against_low(measure: str, belief: str, policy: str, years: range = YEARS) -> dict[str, Mean]:
    """By view, what the high end of a belief adds to a measure over its low end."""
    what = f"{measure}, {belief} high less low under {policy}, {years[0]} to {years[-1]}"
    there, here = (played(NAME, policy, {belief: end}) for end in (HIGH, LOW))
    return differences(reading(measure, years), there, here, what)


# --- systems 1 to 6: intent, partners, the first organisation, authority, pressure, law enforcement ---


def test_each_sign_of_intent_raises_the_chance_of_force_but_all_of_them_share_one_cause() -> None:
    apart = high_against_low("chance_of_force", "likelihood_ratio[address]", "no_action", range(2025, 2026))
    assert all(difference.above for difference in apart.values())
    shared = high_against_low("chance_of_force", "one_cause", "no_action", range(2025, 2026))
    assert all(difference.below for difference in shared.values())


def test_force_comes_within_a_year_as_often_as_base_rate_and_intent_say() -> None:
    """The chance at the question is set by arithmetic on delays; what is played agrees with it within a few points."""
    for view, runs in played(NAME, None).items():
        struck = mean((runs.numbers(["campaign.striking"])[0] <= 365.25).astype(float))
        said = mean(runs.numbers(["chance_of_force[2025]"])[0])
        say(f"  {view:<20} played {struck}, said {said}")
        assert abs(struck.value - said.value) < 0.03 + SURE * struck.error


def test_the_delays_before_the_question_are_those_that_the_scenario_states() -> None:
    """`in_time_with_partner` and `in_time_without` are shares of sums of the stages' own durations."""
    rng = np.random.default_rng(1)
    month = 365.25 / 12

    def lasting(low: float, high: float) -> Row:
        spread = np.log(high / low) / 2 / 1.6448536269514722
        return np.asarray(np.sqrt(low * high) * np.exp(spread * rng.standard_normal(400_000)))

    partnering, selecting = lasting(3 * month, 12 * month), lasting(month, 4 * month)
    authorising = lasting(14, 3 * month)
    tables = scenario(NAME).scenario.tables
    (with_partner,), (without,) = (tables[name].values for name in ("in_time_with_partner", "in_time_without"))
    assert with_partner == pytest.approx(np.mean(partnering + selecting + authorising < 365.25), abs=0.004)
    assert without == pytest.approx(np.mean(partnering + authorising < 365.25), abs=0.004)


def test_the_more_people_are_read_in_the_less_surprise_is_left() -> None:
    leaks = high_against_low("leaks", "briefing_pace", "joint_covert_with_navy")
    surprise = high_against_low("surprise_left", "briefing_pace", "joint_covert_with_navy", range(2025, 2027))
    assert all(difference.above for difference in leaks.values())
    assert all(difference.below for difference in surprise.values())


def test_the_criteria_point_to_sinaloa_more_often_than_not_and_not_always() -> None:
    for runs in played(NAME, None).values():
        assert 0.55 < runs.numbers(["sinaloa_first_on_criteria[2025]"]).mean() < 0.95


def test_the_opening_is_as_heavy_under_a_finding_as_under_an_authorization() -> None:
    """Ten weeks after the first strike the tempo is the same, in the futures that both routes take to force."""

    def tempo_in_week_ten(policy: str) -> dict[int, float]:
        runs = play(scenario(NAME), futures=400, seed=1, policy=policy, engine="native", precision="single")
        tempo = runs.paths["campaign_tempo"]
        entered = runs.numbers(["campaign.striking"])[0]
        after = {n: int(entered[n] // 7) + 10 for n in range(tempo.sizes["future"]) if np.isfinite(entered[n])}
        values = tempo.to_numpy()
        return {n: float(values[n, k]) for n, k in after.items() if k < values.shape[1]}

    secret, open_force = tempo_in_week_ten("joint_covert_with_navy"), tempo_in_week_ten("authorization_requested")
    both = sorted(secret.keys() & open_force.keys())
    assert len(both) > 10
    assert np.median([secret[n] for n in both]) == pytest.approx(np.median([open_force[n] for n in both]), rel=0.05)


def test_congress_and_not_the_president_decides_whether_a_request_passes() -> None:
    runs = played(NAME, "authorization_requested")["authors"]
    asked = np.isfinite(runs.numbers(["campaign.asking"])[0])
    struck = np.isfinite(runs.numbers(["campaign.striking"])[0])
    assert 0.15 < struck[asked].mean() < 0.75


def test_force_costs_civilians_and_displaces_people_under_every_view() -> None:
    for measure in ("civilians_killed", "displaced"):
        assert all(difference.above for difference in against_no_action(measure, "unilateral_covert").values())
    assert all(amount(runs, "civilians_killed").max() == 0 for runs in played(NAME, "no_action").values())


def test_more_law_enforcement_arrests_more_and_wears_on_compliance() -> None:
    assert all(d.above for d in against_no_action("arrests", "law_enforcement_only").values())
    assert all(d.below for d in against_no_action("mexican_compliance", "law_enforcement_only").values())


# --- systems 7 to 9: concession, enforcement, the organisations ---


def test_pressure_on_one_business_moves_money_to_others() -> None:
    def trade(business: str):  # type: ignore[no-untyped-def]
        return lambda runs: runs.numbers([f"business_held[{business}, 2026]"])[0]

    there, here = played(NAME, "unilateral_covert"), played(NAME, "no_action")
    for business in ("extortion", "other_drugs", "mining_and_fuel"):
        sought = played(NAME, "unilateral_covert", {"substitution": HIGH})
        unsought = played(NAME, "unilateral_covert", {"substitution": LOW})
        assert all(d.above for d in differences(trade(business), sought, unsought, f"{business} sought").values())
    struck = differences(trade("synthetics"), there, here, "turnover of synthetics, unilateral covert less no action")
    moved = differences(trade("extortion"), there, here, "turnover of extortion, unilateral covert less no action")
    assert all(difference.below for difference in struck.values())
    assert all(difference.above for difference in moved.values())


def test_leaders_lost_raise_splitting_most_where_fragmentation_is_held() -> None:
    added = against_no_action("splits", "unilateral_covert")
    assert added["fragmentation"].above
    for view in ("authors", "recruitment", "conditional_state"):
        assert (added["fragmentation"] - added[view]).above


def test_the_ability_to_deliver_a_deal_falls_as_leaders_are_lost() -> None:
    able = against_no_action("able_to_deliver", "unilateral_covert", range(2025, 2027))
    lost = against_no_action("leaders_recently_lost", "unilateral_covert", range(2025, 2027))
    for view in able:
        assert lost[view].above
        assert able[view].below


def test_pressure_raises_willingness_while_it_lowers_ability() -> None:
    willing = against_no_action("willing", "unilateral_covert", range(2025, 2027))
    assert all(difference.above for difference in willing.values())


def test_deals_gain_most_where_pressure_is_held_to_bring_concessions() -> None:
    gained = against_no_action("members_in_deals", "as_written", range(2025, 2029))
    assert gained["authors"].above
    assert (gained["authors"] - gained["fragmentation"]).above


def test_watching_finds_cheating_and_cries_wolf() -> None:
    """False alarms end deals that were kept, so more of them mean more deals broken."""
    broken = high_against_low("breaches", "review_pace", "talks_first")
    assert broken["authors"].above
    assert all(difference.value > 0 for difference in broken.values())


def test_deals_that_have_held_are_less_likely_to_break() -> None:
    """Deals end more often in their first quarter than in their second year, week by week of those then in force."""
    ends = {"truce_ageing": LOW, "approach": HIGH, "signing": HIGH, "local_pacts": HIGH, "review_pace": LOW}
    design = Design(uniforms={belief: np.full(FUTURES, end) for belief, end in ends.items()})
    runs = play(
        scenario(NAME),
        futures=FUTURES,
        seed=1,
        policy="talks_first",
        engine="native",
        precision="single",
        design=design,
    )
    stages = [stage.name for stage in scenario(NAME).scenario.tracks["posture"].stages]
    kept = runs.paths["posture"].transpose(..., "step").to_numpy().reshape(-1, runs.paths.sizes["step"])
    age = np.zeros(len(kept))
    weeks, ended = np.zeros((2, 2))
    for now, then in zip(kept.T[:-1], kept.T[1:], strict=True):
        holds = now == stages.index("complying")
        age = np.where(holds, age + 1, 0)
        for half, (first, last) in enumerate([(0, 13), (52, 104)]):
            here = holds & (age > first) & (age <= last)
            weeks[half] += here.sum()
            ended[half] += (here & (then != now)).sum()
    early, late = ended / weeks
    say(f"  weekly hazard {early:.2%} in the first quarter, {late:.2%} in the second year")
    assert early > 1.5 * late


@pytest.mark.parametrize("shape", [0.5, 0.68, 0.95])
def test_the_hazard_of_a_deal_carried_in_a_stock_is_that_of_the_weibull_law(shape: float) -> None:
    """The scenario's recursion by hand: set at three weeks of age, then the flow week by week, for five years."""
    hazard = 1.5 ** (shape - 1)
    for week in range(1, 260):
        assert hazard == pytest.approx(((week + 2) / 2) ** (shape - 1), rel=0.045)
        hazard -= (1 - shape) * hazard / (week + 2.5)


def with_policies(folder: Path, text: str) -> Path:
    """A copy of the scenario with more policies."""
    source = Path(playout.__file__).parent / "scenarios" / NAME
    shutil.copytree(source, folder / NAME)
    (folder / NAME / "more.yaml").write_text(text)
    root = folder / NAME / "scenario.yaml"
    root.write_text(root.read_text("utf-8").replace("include:\n", "include:\n  - more.yaml\n"), "utf-8")
    return root


def test_after_five_years_halved_recruitment_has_fewer_killed_than_today_and_doubled_arrests_more(
    tmp_path: Path,
) -> None:
    """The recruitment study's two results: one falls below today, the other below its own path only."""
    policies = """
policies:
  halved_recruitment: [authority = law_enforcement, "recruitment_rate = normal(0.055, 0.004)"]
  doubled_arrests: [authority = law_enforcement, "arrest_rate = normal(0.0652, 0.006)"]
"""
    checked = playout.load(with_policies(tmp_path, policies))
    killed: dict[str, Row] = {}
    for policy in ("no_action", "halved_recruitment", "doubled_arrests"):
        runs = play(checked, futures=FUTURES, seed=1, policy=policy, engine="native", precision="single")
        killed[policy] = amount(runs, "killed_between_groups", range(2029, 2030))
        today = runs.beliefs["conflict_losses_2025"].to_numpy()
    for policy, row in killed.items():
        say(f"  {policy:<20} {mean(row)} killed between groups in 2029, {mean(row - today)} against the start")
    assert mean(killed["no_action"] - today).above
    assert mean(killed["halved_recruitment"] - today).below
    assert mean(killed["doubled_arrests"] - killed["no_action"]).below
    assert mean(killed["halved_recruitment"] - killed["doubled_arrests"]).below
    assert mean(killed["doubled_arrests"] - today).above


# --- systems 10 to 13: third parties, foreign ties, political will, people ---


def test_a_campaign_may_lower_the_risk_from_third_parties_as_well_as_raise_it() -> None:
    there, here = played(NAME, "unilateral_covert")["authors"], played(NAME, "no_action")["authors"]
    below = there.beliefs["distraction"].to_numpy() < 0
    assert 0.2 < below.mean() < 0.6
    plots = amount(there, "plots_foiled") - amount(here, "plots_foiled")
    say(f"  multiplier below one: {mean(plots[below])}; above one: {mean(plots[~below])} plots foiled")
    assert mean(plots[below]).below
    assert mean(plots[~below]).above


def test_unilateral_force_lowers_consent_and_more_than_joint_force() -> None:
    alone = against_no_action("mexican_consent", "unilateral_covert")
    joint = against_no_action("mexican_consent", "joint_covert_with_navy")
    for view in alone:
        assert alone[view].below
        assert (joint[view] - alone[view]).above


def test_tariffs_raise_compliance() -> None:
    applied = high_against_low("tariff_in_force", "tariff_applied", "no_action", range(2025, 2027))
    complied = high_against_low("mexican_compliance", "tariff_applied", "no_action", range(2025, 2027))
    for view in applied:
        assert applied[view].above
        assert complied[view].above


def test_threat_raises_compliance_and_lowers_consent() -> None:
    complied = high_against_low("mexican_compliance", "threat_pull", "no_action", range(2025, 2027))
    consented = high_against_low("mexican_consent", "threat_offence", "no_action", range(2025, 2027))
    for view in complied:
        assert complied[view].above
        assert consented[view].below


def test_hitting_one_for_its_ties_warns_others_off_only_as_far_as_that_is_believed() -> None:
    warned = high_against_low("foreign_ties", "foreign_deterrence", "as_written", range(2025, 2027))
    assert all(difference.below for difference in warned.values())


def test_the_authors_and_the_fragmentation_school_part_ways_on_homicides() -> None:
    added = against_no_action("homicides", "as_written")
    assert added["fragmentation"].above
    assert (added["fragmentation"] - added["authors"]).above


def test_overdose_deaths_differ_from_no_action_by_draws_in_common() -> None:
    """Fewer than one part in a hundred of the spread of overdose deaths is left in the difference between policies."""
    there, here = played(NAME, "unilateral_covert")["authors"], played(NAME, "no_action")["authors"]
    with_force, without = amount(there, "overdose_deaths"), amount(here, "overdose_deaths")
    assert np.var(with_force - without) < 0.1 * np.var(without)
    calm = (amount(there, "campaign_operations") == 0) & (amount(there, "members_in_deals", range(2025, 2027)) == 0)
    assert calm.any()


def test_no_policy_is_best_in_everything_that_happens_to_people() -> None:
    """Nothing that uses force is better than no action in all measures of people, and that is reported."""
    checked = scenario(NAME)
    people = [name for name, measure in checked.scenario.measures.items() if measure.people]
    for policy in ("as_written", "unilateral_covert"):
        differ = {name: mean(_blend(name, policy) - _blend(name, "no_action")) for name in people}
        for name, difference in differ.items():
            say(f"  {policy:<20} {name:<30} {difference}")
        assert any(d.above for d in differ.values())
        assert any(d.below for d in differ.values())


def _blend(measure: str, policy: str) -> Row:
    runs: dict[str, Runs] = played(NAME, policy)
    return np.concatenate([amount(of_view, measure, YEARS) for of_view in runs.values()])


# --- switches: every measure moves when its system is switched off ---

SYSTEMS = {
    "without_context_ledger": [
        "chance_of_force",
        "intent_log_odds",
        "escalating_acts",
        "force_used",
        "force_from_new_theatres",
        "force_from_all_listings",
    ],
    "without_partner_building": ["partner_readiness", "leaks", "surprise_left"],
    "without_criteria": ["sinaloa_ahead", "sinaloa_first_on_criteria"],
    "without_difference_of_authority": ["covert_exposures", "legal_contest_now"],
    "without_pressure": [
        "campaign_operations",
        "campaign_tempo",
        "killed_by_strikes",
        "leaders_recently_lost",
        "enforcers_recently_lost",
        "revenue_denied_now",
        "us_forces_lost",
    ],
    "without_law_enforcement": ["arrests", "prosecutions", "transfers", "bulk_transfers", "leaders_removed"],
    "without_concessions": ["organisations_in_deals", "members_in_deals", "conceded_by_organisations", "breaches"],
    "without_enforcement": ["assurance_now"],
    "without_response": [
        "splits",
        "groups",
        "openly_fighting",
        "feud_deaths",
        "extortion_paid",
        "made_up_elsewhere",
        "income_all",
        "business_held",
        "able_to_deliver",
        "willing",
        "recruits",
        "members_total",
        "killed_between_groups",
    ],
    "without_third_parties": ["attacks_on_us_soil", "plots_foiled", "us_persons_killed_in_mexico"],
    "without_foreign_ties": ["foreign_ties", "paid_to_launderers", "synthetic_flow", "fentanyl_seized"],
    "without_political_will": [
        "mexican_compliance",
        "mexican_consent",
        "consent_ladder",
        "american_support",
        "tariff_in_force",
        "smuggling_flow",
        "trafficking_flow",
    ],
    "without_outcomes": [
        "homicides",
        "disappearances",
        "civilians_killed",
        "civilians_killed_official",
        "displaced",
        "displaced_stock",
        "press_killed",
        "officials_killed",
        "overdose_deaths",
    ],
}
INPUTS = ["base_rate_of_force"]
"""Measures that show a belief as it stands, which no system makes."""


def test_every_measure_belongs_to_a_system_with_a_switch() -> None:
    assert len(SYSTEMS) == 13
    shown = [name for names in SYSTEMS.values() for name in names] + INPUTS
    assert sorted(shown) == sorted(scenario(NAME).scenario.measures)


@pytest.mark.parametrize("switch", SYSTEMS)
def test_every_measure_moves_when_its_system_is_switched_off(switch: str) -> None:
    def as_chosen(policy: str | None) -> Runs:
        return play(scenario(NAME), futures=FUTURES, seed=1, policy=policy, engine="native", precision="single")

    on, off = as_chosen(None), as_chosen(switch)
    for measure in SYSTEMS[switch]:
        moved = mean(amount(off, measure) - amount(on, measure))
        assert moved.above or moved.below, f"{measure} does not move: {moved}"


def test_a_round_of_talks_ends_in_a_deal_more_often_where_complying_is_safer_and_rivals_have_signed() -> None:
    """System 7: at the medians of each group's numbers, what a deal brings a group moves every side's play."""

    def deals(found: GameFinding, brings: float) -> float:
        payoffs = {end.name: dict(end.worth) for end in found.ends}
        for end in payoffs:
            payoffs[end]["group"] += brings if end.endswith("_deal") else 0.0
        odds = solve(found.game, payoffs, found.rationality).odds
        return sum(p for end, p in odds.items() if end.endswith("_deal"))

    for found in find_games(playout.load(NAME), ["bargain"], futures=64):
        odds = [deals(found, brings) for brings in (-1.0, 0.0, 1.0)]
        assert odds[0] < odds[1] < odds[2]
        moves = found.solution.moves
        assert (
            moves["answer_to_both"]["comply"] > moves["answer_to_offer"]["comply"] > moves["answer_to_force"]["comply"]
        )
