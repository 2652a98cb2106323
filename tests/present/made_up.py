"""View data made up for tests: the shape of the flagship without running it."""

from __future__ import annotations

import datetime as dt

import numpy as np

from playout.analyse.estimate import share as counted
from playout.analyse.estimate import spread
from playout.analyse.path import fallbacks, path_finding
from playout.errors import Span
from playout.model.expression import Number
from playout.model.scenario import Share as Then
from playout.model.scenario import Stage, Track
from playout.present.origin import Told
from playout.present.views.analyses import (
    Analyses,
    Compared,
    ComparedRow,
    Discovered,
    Estimate,
    Explained,
    Stories,
    StoryView,
    Swing,
)
from playout.present.views.choices import Choice, DecisionView, QuestionView, Watch
from playout.present.views.estimate import Fan, Share, fan
from playout.present.views.ladder import Ladder, Rung
from playout.present.views.measures import MeasureView, Series
from playout.present.views.page import Made, Page, VariantView
from playout.present.views.parting import parted
from playout.present.views.support import BeliefLine, Entry, Ground, Ratio, SourceLine
from playout.present.views.ties import Network, NodeView, TieKind, TieView
from playout.present.words import signed

NOWHERE = Span("scenario.yaml", 1, 1, 2)
START = dt.date(2025, 3, 7)
VIEWS = ("authors", "critics")


def stage(name: str, title: str, *then: str, otherwise: str | None = None) -> Stage:
    """A stage that leads on to ``then`` by shares, and ``otherwise`` elsewhere."""
    share = Number(NOWHERE, 0.5)
    ways = [Then(NOWHERE, destination, share) for destination in then]
    if otherwise:
        ways.append(Then(NOWHERE, otherwise))
    return Stage(NOWHERE, name, title, then=tuple(ways))


CAMPAIGN = Track(
    NOWHERE,
    "campaign",
    binders=(),
    title="Campaign",
    stages=(
        stage("partnering", "Step 1: build relationships and train", "selecting", "talking", otherwise="shelved"),
        stage("selecting", "Step 2: choose the first organisation", "authorising"),
        stage("authorising", "Step 3: authority", "striking", "supporting", "talking", "shelved"),
        stage("striking", "Step 3: campaign", "talking", otherwise="shelved"),
        stage("supporting", "Step 3: consented support", "talking", otherwise="shelved"),
        stage("talking", "Step 4: concession", "enforcing", otherwise="shelved"),
        stage("enforcing", "Step 4: enforcement"),
        stage("shelved", "No action"),
    ),
)

#: Where a future goes from each stage, with what chance, and how many weeks it stays on average.
WAYS = {
    0: (30, {1: 0.6, 2: 0.15, 5: 0.05, 7: 0.2}),
    1: (10, {2: 1.0}),
    2: (8, {3: 0.35, 4: 0.12, 5: 0.2, 7: 0.33}),
    3: (45, {5: 0.7, 7: 0.3}),
    4: (50, {5: 0.6, 7: 0.4}),
    5: (60, {6: 0.45, 7: 0.55}),
    6: (150, {3: 0.4, 7: 0.6}),
    7: (300, {2: 1.0}),
}


def histories(futures: int = 2000, steps: int = 261, seed: int = 1) -> np.ndarray:
    """The stage of each future at each step's start, [steps + 1, futures]."""
    random = np.random.default_rng(seed)
    stages = np.zeros((steps + 1, futures), dtype=int)
    for future in range(futures):
        now, at = 0, 0
        while at <= steps:
            weeks, ways = WAYS[now]
            leaves = at + 1 + int(random.gamma(3, weeks / 3))
            stages[at:leaves, future] = now
            at = leaves
            now = int(random.choice(list(ways), p=list(ways.values())))
    return stages


def made_up_ladder(futures: int = 2000) -> Ladder:
    """A ladder of histories drawn by `WAYS`."""
    stages = histories(futures)
    everybody = np.ones(futures, dtype=bool)
    first = {}
    for number, item in enumerate(CAMPAIGN.stages):
        entered = (stages == number).any(axis=0)
        first[item.name] = np.where(entered, 7.0 * (stages == number).argmax(axis=0), np.nan)
    path = path_finding(CAMPAIGN, first, everybody)
    given = dict(zip(path.stages[1:], path.given, strict=True))
    rungs = []
    for number, item in enumerate(CAMPAIGN.stages):
        reached = counted(np.isfinite(first[item.name]))
        odds = given.get(item.name)
        assert reached is not None
        rungs.append(
            Rung(
                item.name,
                item.title,
                "",
                tuple((stages == number).mean(axis=1).tolist()),
                made_up_share(reached.p),
                START + dt.timedelta(days=float(np.nanmedian(first[item.name]))),
                item.name in fallbacks(CAMPAIGN),
                odds and made_up_share(odds.p),
            )
        )
    dates = tuple(START + dt.timedelta(days=7 * step) for step in range(len(stages)))
    return Ladder("campaign", "Campaign", dates, tuple(rungs), path.stages, made_up_share(path.whole.p, 0.03))


def made_up_fan(*, difference: bool = False, seed: int = 3) -> Fan:
    """Six years of a series that falls, or of its difference from doing nothing."""
    random = np.random.default_rng(seed)
    futures = 4000
    drift = random.normal(-0.04, 0.05, futures)
    years = np.arange(6)[:, None]
    level = 26700 * np.exp(drift * years + random.normal(0, 0.05, (6, futures)))
    level[0] *= 0.82
    level[5] *= 0.18
    struck = random.random(futures) < 0.4
    gap = np.where(struck, random.normal(900, 1400, (6, futures)) * np.minimum(years, 2) / 2, 0.0)
    values = gap if difference else level
    labels = [str(2025 + number) for number in range(6)]
    at = [2025.5, 2026.5, 2027.5, 2028.5, 2029.5, 2030.5]
    complete = [False, True, True, True, True, False]
    means = {name: tuple(values[:, number::2].mean(axis=1).tolist()) for number, name in enumerate(VIEWS)}
    return fan(spread(values), values, amount=True, labels=labels, at=at, complete=complete, reading=4, by_view=means)


def made_up_share(p: float, spread: float = 0.1) -> Share:
    """A share with two views around it."""
    by_view = {"authors": max(0.0, p - spread), "critics": min(1.0, p + spread)}
    return Share(p, (p * (1 - p) / 2000) ** 0.5, by_view)


def made_up_measure(name: str, title: str, *, people: bool, seed: int = 3) -> MeasureView:
    """A yearly measure with a difference from no action."""
    series = Series("", made_up_fan(seed=seed), made_up_fan(difference=True, seed=seed))
    return MeasureView(name, title, "", "person", "year", people, (series,), "No action")


def made_up_page() -> Page:
    """A page with every section, of a scenario that does not exist."""
    source = SourceLine("paper", "A. Author. A paper & its <appendix>. 2024.", "A. Author", "https://example.org/paper")
    entry = Entry(
        1,
        "finding",
        "Killings rise after a <b>leader</b> is removed",
        "2024-01-01",
        "fact",
        "B2",
        "usually reliable source; probably true",
        "disputed",
        "about",
        source,
        False,
    )
    beliefs = (
        BeliefLine("splitting", "Splitting per leader", "0.7 to 1.4 (90% interval)", "", (entry,), ""),
        BeliefLine("tempo", "Full tempo", "3 to 20 (90% interval)", "event/week", (), "a tenth of another campaign"),
        BeliefLine("word", "The first step leads on", "likely (55–80%)", "", (), ""),
    )
    decision = DecisionView(
        "authority",
        "Authority",
        "",
        "President of the United States",
        made_up_share(0.8),
        (
            Choice("finding", "Presidential finding, Title 50", made_up_share(0.58), "intent - cost", ("+410",)),
            Choice("limited_strikes", "Limited strikes, Article II", made_up_share(0.2)),
            Choice("law_enforcement", "Law enforcement only", made_up_share(0.22)),
        ),
        label="authority",
        measures=(("homicides", "Homicides in Mexico"),),
    )
    by = dt.date(2026, 3, 7)
    questions = (
        QuestionView("force", "Does the US use force on Mexican soil by 7 March 2026?", by, "AP", made_up_share(0.13)),
        QuestionView("first", "Is Sinaloa first?", by, "", None, "reached(campaign.striking)", 0.0),
    )
    watches = (
        Watch("training", "A joint exercise is announced", "month", (("Step 1", "0.35"), ("otherwise", "0.05"))),
    )
    members = tuple(
        Series(title, made_up_fan(seed=seed), made_up_fan(difference=True, seed=seed))
        for seed, title in enumerate(("Sinaloa Cartel", "Jalisco New Generation Cartel", "Gulf Cartel"), start=5)
    )
    return Page(
        title="US action against the Mexican cartels",
        description="In March 2025 two authors set out, in four steps, how military action could unfold.",
        start=START,
        end=dt.date(2030, 3, 7),
        standard="icd203",
        face=("An explorable model of one published scenario and its critics.", "Information date 7 March 2025."),
        ladders=(made_up_ladder(),),
        decisions=(decision,),
        measures=(
            made_up_measure("homicides", "Homicides in Mexico", people=True),
            made_up_measure("civilians", "Civilians killed by the campaign", people=True, seed=4),
            made_up_measure("flow", "Synthetic drugs into the United States", people=False, seed=8),
            MeasureView("members", "Members", "", "person", None, False, members, "No action"),
        ),
        questions=questions,
        watches=watches,
        ground=Ground(beliefs, (entry,), (source,), (Ratio("Beliefs", 1, 0, 1, 1), Ratio("Moves", 1, 1, 0, 1))),
        policies=(VariantView("no_action", "No action", "the US takes no action", ("authority = law_enforcement",)),),
        views=(
            VariantView("authors", "Pressure brings concessions", "the article's own reading", ("x *= 2",), 0.6),
            VariantView("critics", "Decapitation splits groups", "", ("x *= 0.5",), 0.4),
        ),
        baseline=VariantView("no_action", "No action", "the US takes no action", ()),
        made=Made("0.1.0", "numpy", 2000, 1, 3, "3f2a9c0d1e2f", None, None, "made-up"),
        parted=parted((made_up_ladder(),), (decision,), questions),
        network=made_up_network(entry),
        analyses=made_up_analyses(),
    )


def made_up_network(entry: Entry) -> Network:
    """A service that trusts one group and two groups at odds."""
    kinds = (
        TieKind("trust", "Trust", "how far one is trusted", "", "a guess", (), "0.7"),
        TieKind("feud", "Feuds & <b>rivalry</b>", "", "person", "", (entry,), "6"),
    )
    nodes = (
        NodeView("service", "The service", ("The service",), 480.0, 2.0, 230.0, (0,)),
        NodeView("north", "Northern group", ("Northern", "group"), 240.0, 130.0, 230.0, (0, 1)),
        NodeView("south", "Southern group", ("Southern", "group"), 720.0, 130.0, 230.0, (1,)),
    )
    ties = (
        TieView(0, 0, "The service", "Northern group", "0.7", "M480,64 240,130", 9.0, "ties/trust/0/strength"),
        TieView(1, 1, "Northern group", "Southern group", "6", "M240,192 720,192", 9.0, "ties/feud/0/strength"),
    )
    return Network(kinds, nodes, ties, 250.0)


def made_up_estimate(value: float, path: str = "compare/x") -> Estimate:
    """A mean with a range around it."""
    return Estimate(value, value - 40.0, value + 60.0, signed(value), "8", signed(value - 40), signed(value + 60), path)


def made_up_analyses() -> Analyses:
    """What other verbs could have made."""
    rows = tuple(
        ComparedRow(name, Told(title), "people", True, -1, False, tuple(made_up_estimate(v) for v in values))
        for name, title, values in (
            ("homicides", "Homicides in Mexico", (410.0, -120.0, 0.0)),
            ("displaced", "Newly displaced", (1300.0, 40.0, -80.0)),
        )
    )
    compared = Compared(
        policies=("As written", "Law enforcement only", "Talks first"),
        against="No action",
        rows=rows,
        sentences=(Told("No policy does at least as well as another in every measure and view."),),
        source=Told("Source: this model, 2,000 futures.", "compare/futures"),
    )
    swings = (
        Swing(
            "Splitting per leader", "0.3 or below", "1.1 or above", made_up_estimate(90), made_up_estimate(820), True
        ),
        Swing("Full tempo", "6 a week", "23 a week", made_up_estimate(260), made_up_estimate(540), False),
    )
    explained = Explained(
        name="homicides",
        title="Homicides in Mexico",
        unit="people",
        chance=False,
        mean=made_up_estimate(410),
        swings=swings,
        sentences=(Told("Splitting per leader swings homicides in Mexico most"),),
        source=Told("Source: this model, 2,000 futures.", "explain/futures"),
    )
    discovered = Discovered(
        what=Told("A tenth of futures end badly: those with the most homicides."),
        rules=(Told("Splitting per leader is above 0.9 and full tempo above 15 a week."),),
        sentences=(Told("Such futures make up 60% of the bad ones.", "discover/coverage"),),
    )
    story = StoryView(
        "It is shelved",
        Told("62% of futures go like this", "stories/share"),
        (Told("In March 2025 it begins."), Told("In June 2026 the president chooses law enforcement & <i>waits</i>.")),
    )
    return Analyses(compared, (explained,), discovered, Stories((story,) * 5, (story,)))
