"""Games: when played, how solved, what is drawn, what stops a future: engine against interpreter."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from conformance import ENGINES, MakeEngine, agree, beliefs, scenario
from games import PUBLISHED, numbers_of, scenario_of, solutions_of_gambit
from playout.analyse.games import solve
from playout.compile.lower import lower
from playout.compile.native.engine import NativeEngine
from playout.compile.rewrite import rewrite

ENTRY = """
actors: {entrant: {title: A newcomer}, incumbent: {title: Who is there}}
beliefs:
  prize: {is: "normal(1, 0.5)", unit: "1", assumed: a test}
  skill: {is: 0.5 to 4, unit: "1", assumed: a test}
stocks:
  x: {unit: "1", starts: 0, plus: {up: "0.2 1/week * (2 if market == shared else 1)"}}
tracks:
  t:
    stages: {a: {lasts: 3 to 8 weeks, then: b}, b: {lasts: 1 to 3 weeks, then: a}}
games:
  market:
    players: {newcomer: entrant, firm: incumbent}
    when: enters(t.b)
    before: out
    rationality: {newcomer: skill, firm: 2}
    begins: arrives
    nodes:
      arrives: {by: newcomer, moves: {stay_out: out, come: answer}}
      answer: {by: firm, moves: {share: shared, fight: luck}}
      luck: {chance: {wins: {odds: "0.5 + 0.1 * x / (1 + x)", to: fought}, loses: {odds: otherwise, to: beaten}}}
    ends:
      out: {newcomer: 0, firm: 2}
      shared: {newcomer: prize, firm: 1}
      fought: {newcomer: -1, firm: x}
      beaten: {newcomer: 1, firm: -1}
measures:
  out: {of: 1 if market == out else 0}
  shared: {of: 1 if market.shared else 0}
  odds_out: {of: odds(market.out)}
  odds_shared: {of: odds(market.shared)}
  odds_fought: {of: odds(market.fought)}
  x: {}
"""


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("every", ["", "    every: 2 weeks"])
def test_a_game_in_which_all_is_seen(make: MakeEngine, every: str) -> None:
    text = ENTRY.replace("    before: out\n", f"    before: out\n{every}\n")
    games = agree(scenario(text), make, futures=30)
    assert len({g.choices["market"][()] for g in games}) >= 3


SIGNALS = """
actors: {sender: {title: S}, receiver: {title: R}}
sets:
  o: {a: {}, b: {}, c: {}}
beliefs:
  strong[o]: {is: 0.2 to 0.8, unit: probability, assumed: a test}
  cost: {is: "uniform(0, 3)", unit: usd, assumed: a test}
stocks:
  seen[i in o]: {unit: "1", starts: 0, plus: {up: "0.1 1/week * odds(signal[i].bluff_called)"}}
games:
  signal[i in o]:
    players: {s: sender, r: receiver}
    every: 3 weeks
    rationality: {s: 1.5 1/usd, r: "2 * (1 + seen[i])"}
    begins: kind
    nodes:
      kind: {chance: {is_strong: {odds: "strong[i]", to: strong_sends}, is_weak: {odds: otherwise, to: weak_sends}}}
      strong_sends: {by: s, moves: {show: after_show_strong, hide: after_hide_strong}}
      weak_sends: {by: s, moves: {show: after_show_weak, hide: after_hide_weak}}
      after_show_strong: {by: r, knows: a_show, moves: {fight: blood, yield_: taken}}
      after_show_weak: {by: r, knows: a_show, moves: {fight: bluff_called, yield_: taken}}
      after_hide_strong: {by: r, knows: no_show, moves: {fight: blood, yield_: peace}}
      after_hide_weak: {by: r, knows: no_show, moves: {fight: easy, yield_: peace}}
    ends:
      blood: {s: "-cost", r: -2}
      bluff_called: {s: "-2 * cost", r: 1}
      easy: {s: "-cost", r: 1.5}
      taken: {s: 2 usd, r: -1}
      peace: {s: 1 usd, r: 0}
measures:
  seen[i in o]: {}
  odds_of[i in o]: {of: "odds(signal[i].taken)"}
  fights: {of: "count(signal[i] == blood or signal[i].bluff_called for i in o)"}
"""


@pytest.mark.parametrize("make", ENGINES)
def test_a_game_in_which_not_all_is_seen_by_member(make: MakeEngine) -> None:
    games = agree(scenario(SIGNALS), make, futures=4)
    assert {g.choices["signal"][i,] for g in games for i in range(3)} >= {0, 3, 4}


@pytest.mark.parametrize("make", ENGINES)
def test_subgames_are_solved_before_what_leads_to_them(make: MakeEngine) -> None:
    """A move in sight of all, then one hidden from each other, then one in sight again: and a best reply above."""
    checked = scenario(
        """
        actors: {a: {title: A}, b: {title: B}}
        beliefs:
          u: {is: "normal(0, 1)", unit: "1", assumed: a test}
        games:
          g:
            players: {a: a, b: b}
            every: 4 weeks
            rationality: {a: 3, b: "2 + u * u"}
            begins: top
            nodes:
              top: {by: b, moves: {leave: left, stay: a_picks}}
              a_picks: {by: a, moves: {up: b_after_up, down: b_after_down, across: late}}
              b_after_up: {by: b, knows: nothing, moves: {l: e1, r: e2}}
              b_after_down: {by: b, knows: nothing, moves: {l: e3, r: end_move}}
              end_move: {by: a, moves: {yes_: e4, no_: e5}}
              late: {chance: {h: {odds: 0.25, to: e2}, t: {odds: 0.75, to: e3}}}
            ends:
              left: {a: 0, b: 0.4}
              e1: {a: 2, b: u}
              e2: {a: u, b: 1}
              e3: {a: 0, b: 1}
              e4: {a: 1, b: 2}
              e5: {a: -1, b: 0}
        measures:
          one: {of: odds(g.e1)}
          two: {of: odds(g.e2)}
          four: {of: odds(g.e4)}
          left: {of: 1 if g == left else 0}
        """
    )
    agree(checked, make, futures=12)


@pytest.mark.parametrize("make", ENGINES)
def test_best_replies_and_ties(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {a: {title: A}}
        beliefs:
          u: {is: "normal(0, 1)", unit: "1", assumed: a test}
        games:
          g:
            players: {a: a}
            every: 2 weeks
            rationality: inf
            begins: top
            nodes: {top: {by: a, moves: {one: e1, two: e2, three: e3}}}
            ends: {e1: {a: u}, e2: {a: u}, e3: {a: 0}}
        measures:
          one: {of: odds(g.e1)}
          three: {of: odds(g.e3)}
        """
    )
    games = agree(checked, make, futures=20)
    assert {g.measures["one"][0][()] for g in games} == {0.0, 0.5}
    assert {g.choices["g"][()] for g in games} == {0, 1, 2}


@pytest.mark.parametrize("make", ENGINES)
def test_what_a_game_rests_on_may_be_no_number(make: MakeEngine) -> None:
    checked = scenario(
        """
        actors: {a: {title: A}}
        beliefs:
          w: {is: "normal(0.6, 0.9)", unit: "1", assumed: a test}
        tracks:
          t: {stages: {a: {lasts: 2 to 30 weeks, then: b}, b: {}}}
        games:
          g:
            players: {a: a}
            when: t.b
            before: none
            rationality: {a: "w + 0.2"}
            begins: top
            nodes:
              top: {by: a, moves: {one: e1, two: chance_}}
              chance_: {chance: {h: {odds: "w * 0.7", to: e1}, t: {odds: otherwise, to: e2}}}
            ends: {e1: {a: "log(w)"}, e2: {a: 0}}
        measures:
          steady: {of: "w"}
        """
    )
    games = agree(checked, make, futures=40)
    stopped = {name for g in games if g.stopped for name, _ in g.stopped[1]}
    assert stopped == {"g.numbers"}


@pytest.mark.parametrize("make", ENGINES)
def test_a_first_stay_may_rest_on_a_game(make: MakeEngine) -> None:
    """What the start rests on is solved before the first step, where information is imperfect too."""
    text = SIGNALS.replace(
        "games:",
        "tracks:\n  t:\n    stages:\n      early: {lasts: 'exponential(5 weeks * odds(signal[a].peace))', then: late}\n"
        "      late: {}\ngames:",
    )
    agree(scenario(text), make, futures=2)


@pytest.mark.parametrize("make", ENGINES)
def test_moves_are_drawn_as_often_as_the_solution_says(make: MakeEngine) -> None:
    checked = scenario(ENTRY.replace("when: enters(t.b)", "every: 1 week"))
    program = rewrite(lower(checked))
    futures = 4096
    block = make(program).play(0, futures, beliefs(checked, None, program.columns, range(futures), 5), 5)
    for end, name in ((0, "odds_out"), (1, "odds_shared"), (2, "odds_fought")):
        played = block.records["choice market"].ravel() == end
        odds = block.totals[name].reshape(-1, futures)[-1]
        error = np.sqrt(np.sum(odds * (1 - odds))) / futures
        assert abs(played.mean() - odds.mean()) < 4 * error


def odds_by(
    make: MakeEngine, name: str, precisions: list[float]
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """The odds of a published game's ends at some precisions: as a run finds them, and as they are found outside."""
    checked = scenario_of(PUBLISHED[name], "lam")
    game, payoffs, chance = numbers_of(checked)
    block = make(rewrite(lower(checked))).play(0, len(precisions), np.array([precisions]), 1)
    assert not block.status.any(), name
    ends = [end.name for end in game.ends]
    found = [{end: float(block.totals[end].ravel()[n]) for end in ends} for n in range(len(precisions))]
    players = [player.name for player in game.players]
    return found, [dict(solve(game, payoffs, dict.fromkeys(players, each), chance).odds) for each in precisions]


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_games_are_solved_in_the_run_as_outside(make: MakeEngine, name: str) -> None:
    """Which is as pygambit solves them: tests/analyse/test_games.py."""
    found, expected = odds_by(make, name, [0.0, 0.3, 2.0, 40.0, 1000.0])
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-8)


@pytest.mark.parametrize("make", ENGINES)
def test_ends_come_as_often_as_pygambit_says(make: MakeEngine) -> None:
    checked = scenario_of(PUBLISHED["beer and quiche"], 1.0)
    moves = solutions_of_gambit("beer and quiche")[1.0]
    kind = np.array([0.9, 0.1])
    eats = np.array([list(moves["strong_eats"].values()), list(moves["weak_eats"].values())])
    duels = np.array([list(moves["beer"].values()), list(moves["quiche"].values())])
    expected = np.transpose(kind[:, None, None] * eats[:, :, None] * duels[None, :, :], (1, 0, 2)).ravel()
    futures = 4096
    block = make(rewrite(lower(checked))).play(0, futures, np.ones((1, futures)), 3)
    shares = np.bincount(block.records["choice g"].ravel().astype(int), minlength=8) / futures
    assert np.all(np.abs(shares - expected) < 4 * np.sqrt(expected * (1 - expected) / futures))


@pytest.mark.parametrize("make", ENGINES)
def test_infinite_rationality_plays_the_subgame_perfect_way(make: MakeEngine) -> None:
    for name, end in (("entry deterrence", 1), ("ultimatum", 0), ("centipede", 0)):
        block = make(rewrite(lower(scenario_of(PUBLISHED[name], "inf")))).play(0, 256, np.ones((1, 256)), 3)
        assert (block.records["choice g"] == end).all()


@pytest.mark.parametrize("name", PUBLISHED)
def test_single_precision_solves_to_its_own_rounding(name: str) -> None:
    found, expected = odds_by(partial(NativeEngine, precision="single"), name, [0.3, 2.0, 40.0, 1000.0])
    for ours, theirs, most in zip(found, expected, [1e-6, 1e-6, 2e-5, 1e-3], strict=True):
        assert ours == pytest.approx(theirs, abs=most)


@pytest.mark.parametrize("make", ENGINES)
def test_a_game_without_a_solution_stops_its_future(make: MakeEngine) -> None:
    """An infinite precision where not all is seen has no point on the branch: never a silent wrong number."""
    checked = scenario(
        """
        beliefs:
          w: {is: "uniform(-1, 1)", unit: "1", assumed: a test}
        games:
          g:
            players: {row: a, column: b}
            rationality: {row: "1 / max(w, 0)", column: 1}
            begins: top
            nodes:
              top: {by: row, moves: {up: left, down: right}}
              left: {by: column, knows: unseen, moves: {l: one, r: two}}
              right: {by: column, knows: unseen, moves: {l: two, r: one}}
            ends: {one: {row: 2, column: 0}, two: {row: 0, column: 1}}
        measures:
          w: {of: w}
        """
    )
    games = agree(checked, make, futures=12)
    stopped = [g.stopped for g in games if g.stopped is not None]
    assert 0 < len(stopped) < 12
    assert {name for _, failed in stopped for name, _ in failed} == {"g.change top"}
