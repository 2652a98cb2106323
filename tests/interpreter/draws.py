"""Random words by address, and laws at a word."""

from __future__ import annotations

from scipy import special

from playout.model.distribution import SCORE_QUANTILES, UNIFORM_QUANTILES


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox-4x32-10 of Salmon and others (2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return [c0, c1, c2, c3]


def fraction(word: int) -> float:
    """A word in [0, 1), to hold against a chance."""
    return word * 2.0**-32


def open_uniform(word: int) -> float:
    """A word strictly inside (0, 1)."""
    return (word + 0.5) * 2.0**-32


def normal_score(word: int) -> float:
    """A standard normal score: the sign from the top bit, the tail from the other 31."""
    tail = -float(special.ndtri(open_uniform(word & 0x7FFFFFFF)))
    return -tail if word >> 31 else tail


def drawn(kind: str, parameters: list[float], word: int) -> float:
    """The value of a law without parts at a word."""
    if kind in SCORE_QUANTILES:
        return float(SCORE_QUANTILES[kind](normal_score(word), *parameters))
    return float(UNIFORM_QUANTILES[kind](open_uniform(word), *parameters))
