"""Games solved outside a run: as pygambit solves them, as theory says at the limits, and what is refused."""

from __future__ import annotations

import math

import pytest

from games import (
    CENTIPEDE,
    ENTRY,
    PRECISIONS,
    PUBLISHED,
    SIGNALLING,
    ULTIMATUM,
    numbers_of,
    scenario_of,
    solutions_of_gambit,
)
from playout.analyse.games import Solution, solve
from playout.errors import UsageError


def solution(text: str, precision: float) -> Solution:
    game, payoffs, chance = numbers_of(scenario_of(text, 1))
    return solve(game, payoffs, {player.name: precision for player in game.players}, chance)


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_published_games_are_solved_as_gambit_solves_them(name: str, precision: float) -> None:
    game, payoffs, chance = numbers_of(scenario_of(PUBLISHED[name], 1))
    expected = solutions_of_gambit(name)[precision]
    found = solve(game, payoffs, {player.name: precision for player in game.players}, chance)
    assert set(found.moves) == set(expected)
    for known, moves in found.moves.items():
        assert moves == pytest.approx(expected[known], abs=1e-6)
    assert math.fsum(found.odds.values()) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_equilibrium_is_the_logit_of_its_own_worths(name: str) -> None:
    """What the moves are worth is counted anew, path by path, from the solution's probabilities."""
    game, payoffs, chance = numbers_of(scenario_of(PUBLISHED[name], 1))
    found = solve(game, payoffs, {player.name: 1.5 for player in game.players}, chance)
    nodes = {node.name: node for node in game.nodes}

    def weigh(place: str, player: str) -> float:
        if place not in nodes:
            return payoffs[place][player]
        node = nodes[place]
        odds = chance[place] if node.by is None else list(found.moves[node.knows or place].values())
        return sum(p * weigh(way.to, player) for p, way in zip(odds, node.ways, strict=True))

    def reach(place: str, goal: str, so_far: float) -> float:
        if place == goal:
            return so_far
        if place not in nodes:
            return 0.0
        node = nodes[place]
        odds = chance[place] if node.by is None else list(found.moves[node.knows or place].values())
        return sum(reach(way.to, goal, so_far * p) for p, way in zip(odds, node.ways, strict=True))

    for known, moves in found.moves.items():
        own = [node for node in game.nodes if node.by is not None and (node.knows or node.name) == known]
        weights = [reach(game.begins, node.name, 1.0) for node in own]
        worths = [
            sum(w * weigh(node.ways[m].to, str(node.by)) for w, node in zip(weights, own, strict=True)) / sum(weights)
            for m in range(len(moves))
        ]
        raised = [math.exp(1.5 * worth) for worth in worths]
        assert list(moves.values()) == pytest.approx([r / sum(raised) for r in raised], abs=1e-9)
        mean = sum(p * worth for p, worth in zip(moves.values(), worths, strict=True))
        assert found.regret[known] == pytest.approx(max(worths) - mean, abs=1e-9)


def test_no_rationality_is_a_toss_up() -> None:
    for text in PUBLISHED.values():
        for moves in solution(text, 0.0).moves.values():
            assert list(moves.values()) == pytest.approx([1 / len(moves)] * len(moves), abs=1e-12)


@pytest.mark.parametrize("precision", [200.0, math.inf])
def test_large_rationality_is_the_subgame_perfect_reply(precision: float) -> None:
    """Selten's chain store shares, so the newcomer enters; the least offer is made and taken; one takes at once."""
    assert solution(ENTRY, precision).odds["shared"] == pytest.approx(1.0, abs=1e-9)
    assert solution(ULTIMATUM, precision).odds["nine_one"] == pytest.approx(1.0, abs=1e-9)
    assert solution(CENTIPEDE, precision).odds["t1"] == pytest.approx(1.0, abs=1e-9)


def test_unequal_matching_pennies_go_to_their_only_equilibrium() -> None:
    """Each makes the other indifferent: rows one half each, columns one tenth and nine; the error falls as 1 / λ."""
    for precision in (1e3, 1e5, 1e7):
        moves = solution(PUBLISHED["matching pennies"], precision).moves
        assert moves["choose_row"]["m0"] == pytest.approx(0.5, abs=2 / precision)
        assert moves["unseen"]["k0"] == pytest.approx(0.1, abs=2 / precision)


def test_in_a_stag_hunt_the_safe_hare_is_hunted_where_stags_are_risky() -> None:
    """The principal branch goes to the risk dominant equilibrium (McKelvey and Palfrey 1995; Turocy 2005)."""
    assert solution(PUBLISHED["stag hunt"], 50.0).odds["e11"] == pytest.approx(1.0, abs=1e-9)


def test_beer_is_drunk_by_all() -> None:
    """Cho and Kreps: the intuitive equilibrium. At large precision both kinds drink beer, and nobody fights over it."""
    moves = solution(SIGNALLING, 60.0).moves
    assert moves["strong_eats"]["beer"] > 0.999
    assert moves["weak_eats"]["beer"] > 0.9
    assert moves["beer"]["retreat"] > 0.999


def test_a_fork_is_passed_straight_on() -> None:
    """In a symmetric battle of the sexes no player is favoured, however large the precision."""
    game, payoffs, chance = numbers_of(scenario_of(PUBLISHED["battle of the sexes"], 1))
    payoffs["e11"]["column"] = 3.0
    for precision in (0.5, 5.0, 50.0):
        moves = solve(game, payoffs, {"row": precision, "column": precision}, chance).moves
        assert moves["choose_row"]["m0"] == pytest.approx(moves["unseen"]["k1"], abs=1e-9)


def test_numbers_that_are_none_are_refused() -> None:
    game, payoffs, chance = numbers_of(scenario_of(PUBLISHED["stag hunt"], 1))
    with pytest.raises(UsageError, match="rationality of `row`"):
        solve(game, payoffs, {"row": -1.0, "column": 1.0}, chance)
    with pytest.raises(UsageError, match="infinite rationality"):
        solve(game, payoffs, {"row": math.inf, "column": 1.0}, chance)
    payoffs["e00"]["row"] = math.nan
    with pytest.raises(UsageError, match="no finite number"):
        solve(game, payoffs, {"row": 1.0, "column": 1.0}, chance)
