"""Group bargaining: where a group of actors ends on an issue, by the expected utility of challenging each other.

The model is B. Bueno de Mesquita's (The War Trap Revisited, American Political Science Review 79, 1985; A Decision
Making Model, International Interactions 23, 1997), in the re-derivation of J. B. Scholz, G. J. Calbert and G. A. Smith,
*Unravelling Bueno de Mesquita's group decision model*, Journal of Theoretical Politics 23(4), 2011. Actors have a
capability c, a position x and a salience s from 0 to 1; d is a distance over the range of first positions.

    P(i, j) = Σ over k whose argument is positive of c_k s_k (|x_k − x_j| − |x_k − x_i|), over Σ_k |the same|
    E(i, j) = s_j (P U_s + (1 − P) U_f) + (1 − s_j) U_s − U_q     what i expects of challenging j, who resists or not
    U_s = 2 − 4 (½ − ½ d)^r,  U_f = 2 − 4 (½ + ½ d)^r,  U_q = 2 − 4 (½)^r     if i succeeds, fails, or all stays
    R_i = (2 S_i − max S − min S) / (max S − min S),  S_i = Σ_j E(j, i) at r = 1
    r_i = (1 − R_i/3) / (1 + R_i/3)                                           from ½, taking risks, to 2, avoiding them

The group's median is the position that no other beats when all vote by c s (D. Black, Journal of Political Economy 56,
1948). In each round every pair stands in conflict (both expect to gain), compromise or capitulation (one gains, the
other loses less than that, or more), or stalemate; whoever loses gets an offer, takes one, and all move together.

The literature is not of one mind, and its authors did not publish their program. What stands here rests on the formulas
for P, E and R as the paper prints them, and for the rest on where two independent re-derivations agree, D. Masad's
(BDM_DecisionModel_Replication) and J. McKibben's (bdm-scholz-expected-utility-model). Where they part:

- Q, the chance that all stays where nobody challenges, is 1, as in the paper's own example; T then has no part.
- Two readings. ``printed``, the default, is the formulas above as the paper prints them; salience s_j in the second of
  its two expected utilities is taken for a misprint of s_i, and each side of a pair is judged with its own r.
  ``computed`` comes within 0.1 of the weighted means by round that the paper shows for the emission example (7.4, 7.4,
  7.5, 7.6, 7.3, 7.3, 7.4, 7.5, 7.6, 7.3, 7.2), which its formulas do not give: P is over the votes between all pairs of
  actors, which makes it small and P(i, j) + P(j, i) less than 1; each actor judges both sides of a pair with its own r;
  a conflict goes before a compromise and a compromise before a capitulation; and of compromises the one with the
  lowest mean of both positions, weighed by what each side expects, is taken, a rule that depends on which end of the
  scale is called low. It follows what McKibben says of the authors' program.
- Which offer is taken (``printed``): the one that moves the actor least, as McKibben reads the paper. In the article of
  1997 those who can enforce their offer go first; ``offers="strongest"`` takes the one whose maker expects to gain
  most.
- Rounds end when nobody moves, or at the most that were asked for; the stopping rule of the original, which compares
  costs and gains of going on, is in neither re-derivation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from playout.analyse.estimate import Bools, Numbers

Reading = Literal["printed", "computed"]
Offers = Literal["least", "strongest"]
Quadrant = Literal["agreement", "conflict", "compromise", "capitulation", "stalemate"]

READINGS: tuple[Reading, ...] = ("printed", "computed")
OFFERS: tuple[Offers, ...] = ("least", "strongest")
QUADRANTS: tuple[Quadrant, ...] = ("agreement", "conflict", "compromise", "capitulation", "stalemate")

AGREED, CONFLICT, COMPROMISE, CAPITULATION, STALEMATE = range(5)


@dataclass(frozen=True, eq=False)
class Actors:
    """The numbers of futures' actors, [futures, actors] each; salience from 0 to 1. span: range of first positions,
    [futures]."""

    capability: Numbers
    position: Numbers
    salience: Numbers
    span: Numbers

    @property
    def weight(self) -> Numbers:
        """What an actor's vote weighs, [futures, actors]."""
        return self.capability * self.salience

    def at(self, position: Numbers) -> Actors:
        """The same actors elsewhere; distances keep their scale."""
        return Actors(self.capability, position, self.salience, self.span)

    def among(self, futures: NDArray[np.int64] | Bools | slice) -> Actors:
        """The actors of some futures."""
        return Actors(self.capability[futures], self.position[futures], self.salience[futures], self.span[futures])


@dataclass(frozen=True, eq=False)
class Pairs:
    """What each actor thinks of each other, [futures, actors, actors]: probability that i beats j; gain: what i expects
    of challenging j; threat: what j expects of challenging i, in the eyes of i where the reading says so."""

    probability: Numbers
    gain: Numbers
    threat: Numbers
    risk: Numbers

    def quadrants(self, position: Numbers) -> NDArray[np.int8]:
        """Where each pair stands, by place in QUADRANTS, [futures, actors, actors]."""
        apart = position[:, :, np.newaxis] != position[:, np.newaxis, :]
        gain, threat = self.gain, self.threat
        more, less = np.maximum(gain, threat), np.minimum(gain, threat)
        found = np.full(gain.shape, STALEMATE, np.int8)
        found[(more > 0.0) & (less < 0.0) & (-less < more)] = COMPROMISE
        found[(more > 0.0) & (less < 0.0) & (-less >= more)] = CAPITULATION
        found[less > 0.0] = CONFLICT
        found[~apart] = AGREED
        return found


# --- one moment -------------------------------------------------------------------------------------------------------


def weighted_mean(actors: Actors) -> Numbers:
    """The mean position, each weighing by capability times salience, [futures]."""
    weight = actors.weight
    return np.asarray((weight * actors.position).sum(axis=1) / weight.sum(axis=1))


def median(actors: Actors) -> Numbers:
    """The position that no other beats, [futures]: with half of all weight on either side of it; half way between two
    where both are so."""
    order = np.argsort(actors.position, axis=1, kind="stable")
    position = np.take_along_axis(actors.position, order, axis=1)
    weight = np.take_along_axis(actors.weight, order, axis=1)
    share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    low = np.argmax(share >= 0.5 - 1e-12, axis=1)
    high = np.argmax(share > 0.5 + 1e-12, axis=1)
    rows = np.arange(len(position))
    return np.asarray((position[rows, low] + position[rows, high]) / 2.0)


def probabilities(actors: Actors, reading: Reading = "printed") -> Numbers:
    """P(i, j): the probability that i prevails over j if they meet, [futures, actors, actors]; one half for a pair that
    wants the same, and where nobody minds which of them prevails."""
    x = actors.position
    distance = np.abs(x[:, :, np.newaxis] - x[:, np.newaxis, :])  # [futures, k, actor]
    votes = actors.weight[:, :, np.newaxis, np.newaxis] * (
        distance[:, :, np.newaxis, :] - distance[:, :, :, np.newaxis]
    )
    for_i = np.maximum(votes, 0.0).sum(axis=1)
    cast = np.abs(votes).sum(axis=1)
    if reading == "computed":
        cast = np.broadcast_to(cast.sum(axis=(1, 2), keepdims=True), cast.shape)
    met = (cast > 0.0) & (x[:, :, np.newaxis] != x[:, np.newaxis, :])
    return np.asarray(np.divide(for_i, cast, out=np.full(for_i.shape, 0.5), where=met))


def expected_utilities(actors: Actors, probability: Numbers, risk: Numbers) -> tuple[Numbers, Numbers]:
    """What i expects of challenging j, and what it thinks j expects of challenging it, both with i's own risk exponent,
    [futures, actors, actors]. risk: [futures, actors]."""
    x = actors.position
    apart = np.abs(x[:, :, np.newaxis] - x[:, np.newaxis, :]) / actors.span[:, np.newaxis, np.newaxis]
    r = risk[:, :, np.newaxis]
    # Nobody stands further apart than at first, but for what is lost in the last digit of a sum.
    success = 2.0 - 4.0 * np.maximum(0.5 - 0.5 * apart, 0.0) ** r
    failure = 2.0 - 4.0 * (0.5 + 0.5 * apart) ** r
    stays = 2.0 - 4.0 * 0.5**r
    resisted = probability * success + (1.0 - probability) * failure
    other = np.swapaxes(probability, 1, 2)
    resists = other * success + (1.0 - other) * failure
    s_i, s_j = actors.salience[:, :, np.newaxis], actors.salience[:, np.newaxis, :]
    gain = s_j * resisted + (1.0 - s_j) * success - stays
    threat = s_i * resists + (1.0 - s_i) * success - stays
    return gain, threat


def risk_exponents(actors: Actors, probability: Numbers) -> Numbers:
    """r of each actor, [futures, actors]: 2 for the actor whom others expect to gain least by challenging, ½ for the
    one whom they expect to gain most by; 1 where they expect the same of all."""
    neutral = np.ones_like(actors.position)
    gain, _ = expected_utilities(actors, probability, neutral)
    themselves = np.einsum("fii->fi", gain)
    against = gain.sum(axis=1) - themselves
    most, least = against.max(axis=1, keepdims=True), against.min(axis=1, keepdims=True)
    taken = np.divide(
        2.0 * against - most - least, most - least, out=np.zeros_like(against), where=most - least > 1e-12
    )
    return np.asarray((1.0 - taken / 3.0) / (1.0 + taken / 3.0))


def pairs(actors: Actors, reading: Reading = "printed") -> Pairs:
    """How each pair of actors stands, [futures, actors, actors]."""
    probability = probabilities(actors, reading)
    risk = risk_exponents(actors, probability)
    gain, threat = expected_utilities(actors, probability, risk)
    return Pairs(probability, gain, threat if reading == "computed" else np.swapaxes(gain, 1, 2), risk)


# --- a round ----------------------------------------------------------------------------------------------------------


def moved(actors: Actors, standing: Pairs, reading: Reading = "printed", offers: Offers = "least") -> Numbers:
    """Positions after each actor has taken one of the offers made to it, [futures, actors]."""
    x = actors.position
    own, their = x[:, :, np.newaxis], x[:, np.newaxis, :]
    gain, threat = standing.gain, standing.threat
    apart = own != their
    conflict = apart & (threat > gain) & (gain > 0.0)
    compromise = apart & (threat > 0.0) & (gain < 0.0) & (-gain < threat)
    capitulation = apart & (threat > 0.0) & (gain < 0.0) & (-gain >= threat)
    part = np.divide(-gain, threat, out=np.zeros_like(gain), where=compromise)
    offered = np.where(compromise, own + (their - own) * part, their)
    made = conflict | compromise | capitulation
    if reading == "computed":
        made, key = _as_computed(own, their, gain, threat, conflict, compromise, capitulation)
    elif offers == "least":
        key = np.abs(offered - own)
    else:
        key = -threat
    chosen = np.argmin(np.where(made, key, np.inf), axis=2)
    taken = np.take_along_axis(offered, chosen[:, :, np.newaxis], axis=2)[:, :, 0]
    return np.where(made.any(axis=2), taken, x)


def _as_computed(
    own: Numbers,
    their: Numbers,
    gain: Numbers,
    threat: Numbers,
    conflict: Bools,
    compromise: Bools,
    capitulation: Bools,
) -> tuple[Bools, Numbers]:
    """Which offers are looked at, and what the least of is taken: of the first kind that there is."""
    fights = conflict.any(axis=2, keepdims=True)
    meets = compromise.any(axis=2, keepdims=True)
    made = np.where(fights, conflict, np.where(meets, compromise, capitulation))
    weight = np.abs(gain) + np.abs(threat)
    middle = np.divide(np.abs(gain) * own + np.abs(threat) * their, weight, out=np.zeros_like(weight), where=weight > 0)
    return made, np.where(fights | ~meets, np.abs(their - own), middle)
