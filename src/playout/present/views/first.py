"""The first screen in words and rows: each view before any blend, the dated question beside its base rates, what it
does on average and where the stage it hinges on is reached, what all that rests on, and how a text's claims fare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from playout.analyse.average import Average, Mean
from playout.analyse.headline import ClaimAnswered, Effect, FirstScreen
from playout.analyse.linchpins import Linchpin
from playout.analyse.outcome import Outcome
from playout.analyse.rounding import least_said
from playout.analyse.shares import Spreading
from playout.model.scenario import Scenario
from playout.present.origin import Told
from playout.present.views.belief import belief_title, in_own_unit
from playout.present.views.measures import unit_words
from playout.present.views.parting import PartedAmount
from playout.present.views.written import heading, inside
from playout.present.words import day, mean_words, month, odds, percent, quantity, signed, word

SIGNS = {"for": "+", "against": "−", "bears": "·", "": ""}
STANCES = {"for": "speaks for it", "against": "speaks against it", "bears": "bears on a belief it changes", "": ""}


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One view before any blend. cells: odds of the question, odds of the stage, and the first effect over all of its
    futures and over those that reach the stage; empty where there is nothing to say. origin: see `origin.py`."""

    title: str
    cells: tuple[str, ...]
    origin: str

    def sentence(self, columns: tuple[str, ...]) -> str:
        """The same as one sentence: "None of these: force by 7 March 2026 13%, force at all 36%, …"."""
        said = (f"{column} {cell}" for column, cell in zip(columns, self.cells, strict=True) if cell)
        return f"{self.title}: {', '.join(said)}."


@dataclass(frozen=True, slots=True)
class Said:
    """A mean with its range over views and its value with equal weight on every view."""

    mean: str
    over: str
    equal: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """A measure: what it does on average, and given the stage (None where no future reaches it)."""

    name: str
    title: str
    unit: str
    always: Said
    given: Said | None
    parted: PartedAmount


@dataclass(frozen=True, slots=True)
class BaseLine:
    """A base rate: its arithmetic, and what the scenario's own evidence makes of it."""

    name: str
    title: str
    arithmetic: str
    moved: str


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """What the variance of one outcome is due to: a cell a part, in the order of the table's head."""

    name: str
    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hinge:
    """A linchpin: the belief, what it does, and whether that flips a conclusion."""

    title: str
    name: str
    sentence: str
    flips: bool
    assumed: bool


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What a text says, with its hedge, and what the model says, a sentence a result."""

    claim: str
    hedge: str
    model: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class RivalRow:
    """A piece of evidence with its stance toward each view, as a sign and in words."""

    claim: str
    grade: str
    source: str
    stances: tuple[tuple[str, str], ...]
    diagnosticity: int


@dataclass(frozen=True, slots=True)
class First:
    """The first screen. short: what the stage is called ("force"); ask, by: the question, and when it is settled;
    columns: the heads of ``by_view``; stretch: of the whole run; against: the baseline; judged_of: the outcome that
    ``judgement`` is of; futures_again: how many were played again for the variance.
    """

    short: str
    ask: str
    by: str
    by_view: tuple[ViewLine, ...]
    columns: tuple[str, ...]
    odds: Told
    odds_short: str
    base: tuple[BaseLine, ...]
    reached: str
    effects: tuple[EffectRow, ...]
    stretch: str
    against: str
    judgement: str
    judged_of: str
    parts: tuple[str, ...]
    spreads: tuple[SpreadRow, ...]
    futures_again: int
    hinges: tuple[Hinge, ...]
    claims: tuple[ClaimRow, ...]
    views: tuple[str, ...]
    rivals: tuple[RivalRow, ...]
    tallies: tuple[Told, ...]
    held_out: str = ""


def first_view(found: FirstScreen, scenario: Scenario, *, end: str, against: str) -> First:
    """The first screen of a run. end: the month in which it ends; against: the baseline's title, or nothing."""
    return _Words(found, scenario, end, against).first()


@dataclass(frozen=True)
class _Words:
    found: FirstScreen
    scenario: Scenario
    end: str
    against: str

    @property
    def short(self) -> str:
        """What the stage under `given` is called in a sentence."""
        if self.found.headline.short:
            return self.found.headline.short
        return f"“{self.found.reached[0].title}”" if self.found.reached else ""

    def first(self) -> First:
        found = self.found
        group = found.group
        spreads = found.spreads
        return First(
            short=self.short,
            ask="" if found.question is None else self.scenario.questions[found.question[0].name].ask,
            by="" if found.question is None else f"{self.scenario.questions[found.question[0].name].by:%b %Y}",
            by_view=tuple(self._by_view()),
            columns=tuple(self._columns()),
            odds=self._odds(),
            odds_short=self._odds_short(),
            base=tuple(self._base()),
            reached="" if found.reached is None else percent(found.reached[1].whole.value),
            effects=tuple(self._effect(effect) for effect in found.effects),
            stretch=f"{month(self.scenario.start)} to {self.end}",
            against=self.against,
            judgement="" if group is None else self._judgement(group[0]),
            judged_of="" if group is None else self._judged_of(group[0]),
            parts=tuple(own.part.title for own in spreads[0].shares) if spreads else (),
            spreads=tuple(self._spread(spread) for spread in spreads),
            futures_again=spreads[0].futures if spreads else 0,
            hinges=tuple(self._hinge(each) for each in found.linchpins),
            claims=tuple(self._claims()),
            views=tuple(heading(view.title, view.name) for view in self.scenario.views.values()),
            rivals=tuple(self._rivals()),
            tallies=tuple(
                Told(
                    f"{found.rivals.for_[view]} for, {found.rivals.against[view]} against",
                    f"headline/rivals/for/{view}",
                    f"headline/rivals/against/{view}",
                )
                for view in self.scenario.views
            ),
            held_out=self._held_out(),
        )

    # --- each view, before any blend ---

    def _asked(self) -> str:
        """The question in a few words: "force by 7 March 2026"."""
        assert self.found.question is not None
        question = self.scenario.questions[self.found.question[0].name]
        return f"{self.short} by {day(question.by)}" if self.short else question.ask

    def _columns(self) -> Iterator[str]:
        if self.found.question is not None:
            yield self._asked()
        if self.found.reached is not None:
            yield f"{self.short} at all"
        if self.found.effects:
            title = inside(self.found.effects[0].outcome.title)
            yield f"{title}, on average"
            if self.found.reached is not None:
                yield f"given {self.short}"

    def _by_view(self) -> Iterator[ViewLine]:
        for name, view in self.scenario.views.items():
            cells = [*self._odds_in(name), *self._effect_in(name)]
            if not any(cells):
                continue
            yield ViewLine(heading(view.title, name), tuple(cells), self._paths_in(name))

    def _paths_in(self, view: str) -> str:
        """Where the numbers of a view's line stand."""
        paths = ["headline/question", "headline/given"]
        if self.found.effects:
            measure = f"headline/measures/{self.found.effects[0].outcome.name}"
            paths += [f"{measure}/always", f"{measure}/given"]
        return ";".join(f"{path}/views/{view}/mean" for path in paths)

    def _odds_in(self, view: str) -> Iterator[str]:
        for pair in (self.found.question, self.found.reached):
            if pair is not None:
                mean = pair[1].by_view.get(view)
                yield percent(mean.value) if mean is not None else ""

    def _effect_in(self, view: str) -> Iterator[str]:
        if not self.found.effects:
            return
        effect = self.found.effects[0]
        for own in (effect.always, effect.given):
            mean = None if own is None else own.by_view.get(view)
            if own is not None or self.found.reached is not None:
                yield self._mean(effect.outcome, mean) if mean is not None else ""

    # --- the odds ---

    def _odds(self) -> Told:
        if self.found.question is None:
            return Told("")
        asked, average = self.found.question
        ask = self.scenario.questions[asked.name].ask
        said = odds(average.whole.value, self.scenario.words, average.high - average.low)
        words = f"{ask} {said[:1].upper()}{said[1:]}{self._over(asked, average)}."
        return Told(words, *_average_paths("headline/question"))

    def _odds_short(self) -> str:
        """The same in one breath, with base rates, for a terminal."""
        if self.found.question is None:
            return ""
        average = self.found.question[1]
        asked = self._asked()
        rates = [f"{past.rate.happened} of {past.rate.cases} is {percent(past.share)}" for past in self.found.past]
        base = f"; base rates: {', '.join(rates)}" if rates else ""
        over = f" ({percent(average.low)} to {percent(average.high)} over the views)" if average.ranged else ""
        said = odds(average.whole.value, self.scenario.words, average.high - average.low).rpartition(", ")[0]
        colon = "" if asked.endswith("?") else ":"
        return f"{asked[:1].upper()}{asked[1:]}{colon} {said}{over}{base}."

    def _over(self, asked: Outcome, average: Average) -> str:
        """The range over views, and the value with equal weights."""
        if not average.ranged:
            return ""
        low, high = (self._value(asked, value) for value in (average.low, average.high))
        equal = "" if average.equal is None else f", {self._mean(asked, average.equal)} with equal weight on each"
        return f"; {low} to {high} over the views{equal}"

    def _base(self) -> Iterator[BaseLine]:
        for past in self.found.past:
            moved = ""
            if past.moved is not None:
                moved = f"{percent(past.moved.whole.value)} once moved by the evidence of this scenario"
                if past.moved.high - past.moved.low > 0.005:
                    moved += f" ({percent(past.moved.low)} to {percent(past.moved.high)} over the views)"
            rate = past.rate
            yield BaseLine(
                rate.name, rate.title, f"{rate.happened} of {rate.cases}, which is {percent(past.share)}", moved
            )

    # --- what it does ---

    def _value(self, asked: Outcome, value: float) -> str:
        if asked.chance:
            return percent(value)
        return signed(value, 2) if asked.compared else quantity(value, 2)

    def _mean(self, asked: Outcome, mean: Mean) -> str:
        if asked.chance:
            return percent(mean.value)
        return mean_words(mean.value, mean.se, least_said(asked.unit), difference=asked.compared)

    def _said(self, asked: Outcome, average: Average) -> Said:
        over = equal = ""
        if average.ranged:
            over = f"{self._value(asked, average.low)} to {self._value(asked, average.high)}"
            equal = "" if average.equal is None else self._mean(asked, average.equal)
        return Said(self._mean(asked, average.whole), over, equal)

    def _effect(self, effect: Effect) -> EffectRow:
        asked = effect.outcome
        given = None if effect.given is None else self._said(asked, effect.given)
        unit = unit_words(asked.unit)
        return EffectRow(asked.name, asked.title, unit, self._said(asked, effect.always), given, self._parted(effect))

    def _parted(self, effect: Effect) -> PartedAmount:
        asked, always = effect.outcome, effect.always
        return PartedAmount(
            name=asked.name,
            title=asked.title,
            unit=unit_words(asked.unit),
            mean=always.whole.value,
            said=self._mean(asked, always.whole),
            by_view={name: mean.value for name, mean in always.by_view.items()},
            said_by_view={name: self._mean(asked, mean) for name, mean in always.by_view.items()},
        )

    # --- what it rests on ---

    def _judgement(self, spread: Spreading) -> str:
        name = self.found.headline.group
        assert name is not None
        own = spread.share(name[0])
        assert own is not None
        share = percent(min(own.share, 1.0))
        return f"{own.part.title} rest on judgement: {share} of the variance"

    def _judged_of(self, spread: Spreading) -> str:
        against = f" against “{self.against}”" if spread.outcome.compared and self.against else ""
        return f"of {inside(spread.outcome.title)}{against}"

    def _spread(self, spread: Spreading) -> SpreadRow:
        shares = {own.part.name: own for own in spread.shares}
        cells = [
            f"{percent(min(own.share, 1.0))} ± {100 * own.se:.0f}" if (own := shares.get(name.part.name)) else "none"
            for name in self.found.spreads[0].shares
        ]
        title = self.scenario.questions[spread.outcome.name].ask if spread.outcome.kind == "question" else ""
        return SpreadRow(spread.outcome.name, title or spread.outcome.title, tuple(cells))

    def _hinge(self, each: Linchpin) -> Hinge:
        belief = self.scenario.beliefs[each.belief.partition("[")[0]]
        low, high = (
            in_own_unit(self.scenario, each.belief, end.edge) + ("" if end.only else side)
            for end, side in ((each.low, " or below"), (each.high, " or above"))
        )
        asked = each.outcome
        ends = [self._mean(asked, Mean(end.mean, end.se, 0)) for end in (each.low, each.high)]
        what = self._asked() if asked.kind == "question" else inside(asked.title)
        what = f"{what} against “{self.against}”" if asked.compared and self.against else what
        if not each.flips:
            flip = "Its range changes how much, and not " + ("the word for it." if asked.chance else "which way.")
        elif asked.chance:
            names = [word(end.mean, self.scenario.words).name for end in (each.low, each.high)]
            flip = f"That turns “{names[0]}” into “{names[1]}”."
        else:
            flip = "That turns more into less." if each.low.mean > 0 else "That turns less into more."
        assumed = any(entry.support.assumed is not None for entry in belief.entries)
        return Hinge(
            title=belief_title(self.scenario, each.belief),
            name=each.belief,
            sentence=f"At {low}, {what}: {ends[0]}; at {high}: {ends[1]}. {flip}",
            flips=each.flips,
            assumed=assumed,
        )

    def _held_out(self) -> str:
        """How a forecast did on a record that it was not fitted to, against a naive one."""
        record = self.found.headline.held_out
        if record is None:
            return ""
        better = "better" if record.skill >= 0 else "worse"
        covered = ""
        if record.coverage_90 is not None:
            covered = f"; intervals that should hold nine tenths held {percent(record.coverage_90)} of the record"
        return (
            f"Held-out score, {record.what}: {quantity(record.reached)} against {quantity(record.naive)} of a naive "
            f"forecaster ({record.naive_forecaster}), {percent(abs(record.skill))} {better}{covered}. "
            f"{record.score[:1].upper()}{record.score[1:]}. It says nothing on effects of {self.short or 'policies'}."
        )

    # --- what the text says ---

    def _claims(self) -> Iterator[ClaimRow]:
        answers: dict[str, list[Told]] = {}
        for place, claim in enumerate(self.found.claims):
            sentence = Told(self._answered(claim), *_average_paths(f"headline/claims/{place}/answer"))
            answers.setdefault(claim.evidence, []).append(sentence)
        for name, said in answers.items():
            evidence = self.scenario.evidence[name]
            yield ClaimRow(" ".join(evidence.claim.split()), evidence.hedge, tuple(said))

    def _answered(self, claim: ClaimAnswered) -> str:
        asked, answer = claim.outcome, claim.answer
        if answer is None:
            return f"“{asked.title}” comes up in no future."
        over = self._over(asked, answer)
        match asked.kind:
            case "question":
                given = self.scenario.questions[asked.name].given is not None
                return f"{asked.title} {percent(answer.whole.value)}{' of those' if given else ''}{over}."
            case "stage":
                return f"“{asked.title}” is reached in {percent(answer.whole.value)} of futures{over}."
            case "option":
                return f"“{asked.title}” is chosen in {percent(answer.whole.value)} of the choices{over}."
            case _:
                gap = f" against “{self.against}”" if asked.compared else ""
                unit = f" {unit_words(asked.unit)}".rstrip()
                return f"{asked.title}: {self._mean(asked, answer.whole)}{unit}{gap}{over}."

    def _rivals(self) -> Iterator[RivalRow]:
        for row in self.found.rivals.rows:
            evidence = self.scenario.evidence[row.evidence]
            source = self.scenario.sources[evidence.source]
            yield RivalRow(
                claim=" ".join(evidence.claim.split()),
                grade=f"{evidence.reliability}{evidence.credibility}",
                source=source.author or source.title,
                stances=tuple((SIGNS[row.stances[view]], STANCES[row.stances[view]]) for view in self.scenario.views),
                diagnosticity=row.diagnosticity,
            )


def _average_paths(path: str) -> tuple[str, ...]:
    """Where a mean, its range over views and its value with equal weights stand."""
    return tuple(f"{path}/{key}" for key in ("mean", "low", "high", "equal_weights/mean"))
